import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { capability, program } from '@bsd-sockets/family-testkit';
import { expect, test } from 'vitest';

const BURST = fileURLToPath(new URL('../can-burst.mjs', import.meta.url));
const raw = capability('AF_CAN', 'SOCK_RAW', 'CAN_RAW');
const canUtils = program('candump', 'can-utils');
// biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo runs no tests
const outside = process.env.BSD_SOCKETS_LAB ? '' : '(its virtual bus is only for the kernel lab)';
const reason = raw.reason || canUtils.reason || outside;

test.skipIf(reason !== '')(
  `an unpaced burst of CAN frames comes and goes as fast as by can-utils ${reason}`,
  { timeout: 240_000 },
  () => {
    // One round tells little of how fast it is, and enough of whether it is as slow as frame by frame.
    const output = execFileSync(process.execPath, [BURST, '1'], { encoding: 'utf8' });
    for (const name of ['frames, blocking', 'sendFrames, blocking']) {
      const ratio = Number(new RegExp(`^ {2}${name}: .* ([\\d.]+) of can`, 'm').exec(output)?.[1]);
      expect(ratio, output).toBeGreaterThanOrEqual(0.9);
    }
    for (const name of ['frames, promises', 'sendFrames, promises']) expect(output).toContain(`  ${name}: `);
  },
);
