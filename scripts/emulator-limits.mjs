// Skips the tests of what qemu-user does not emulate, and says what that is (vitest.config.ts, runtimes.mjs).
import { readFileSync } from 'node:fs';
import { beforeEach } from 'vitest';

const [, ...rows] = readFileSync(new URL('emulator-limits.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const limits = new Map(rows.map((row) => row.split('\t')));

beforeEach(({ task, skip }) => {
  const lacking = limits.get(task.name);
  if (lacking !== undefined) skip(`qemu-user lacks ${lacking}`);
});
