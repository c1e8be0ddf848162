// Skips the tests of what cannot run in qemu-user, and says why (vitest.config.ts, runtimes.mjs). A name that ends with * stands
// for all that begin so.
import { readFileSync } from 'node:fs';
import { beforeEach } from 'vitest';

const [, ...rows] = readFileSync(new URL('emulator-limits.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const limits = rows.map((row) => row.split('\t'));

function reasonFor(name) {
  const matches = ([pattern]) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern);
  return limits.find(matches)?.[1];
}

beforeEach(({ task, skip }) => {
  const reason = reasonFor(task.name);
  if (reason !== undefined) skip(`qemu-user: ${reason}`);
});
