// The examples of the drop-ins' pages where the engine forbids memory of others, as Electron's does.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FORBID, forbiddingAddon, withoutForbidding } from '../../core-native/test/forbidding-addon';

const folder = mkdtempSync(join(tmpdir(), 'drop-ins-'));
afterAll(() => rmSync(folder, { recursive: true }));
const before = join(folder, 'before.cjs');
writeFileSync(before, FORBID);
const addon = withoutForbidding ? '' : forbiddingAddon(folder);

test.skipIf(withoutForbidding).each(['abstract-socket', 'node-unix-socket', 'unix-dgram', 'usocket'])(
  `%s does without memory that the engine forbids${withoutForbidding}`,
  (name) => {
    const page = readFileSync(join(import.meta.dirname, '../../drop-ins', name, 'README.md'), 'utf8');
    const [, program, output] = /^```js\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```$/m.exec(page)!;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--require', before, '--input-type=module', '--eval', program!],
      { cwd: import.meta.dirname, encoding: 'utf8', env: { ...process.env, BSD_SOCKETS_ADDON: addon } },
    );
    expect({ stdout, stderr }).toEqual({ stdout: output, stderr: '' });
  },
);
