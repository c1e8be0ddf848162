// Skips the tests of what cannot run where they run, and says why: in qemu-user, Bun or Deno, or where coverage is counted
// (vitest.config.ts, runtimes.mjs, coverage.mjs).
// A name that ends with * stands for all that begin so; the name of its group, and ` > `, may stand before it.
import { readFileSync } from 'node:fs';
import { beforeEach } from 'vitest';

// biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo runs no tests
const place = process.env.BSD_SOCKETS_LIMITS;
const [, ...rows] = readFileSync(new URL(`${place}-limits.tsv`, import.meta.url), 'utf8')
  .trim()
  .split('\n');
const limits = rows.map((row) => row.split('\t'));

function reasonFor({ name, suite }) {
  const names = [name, `${suite?.name} > ${name}`];
  const matches = ([pattern]) =>
    pattern.endsWith('*') ? names.some((one) => one.startsWith(pattern.slice(0, -1))) : names.includes(pattern);
  return limits.find(matches)?.[1];
}

// Deno opens two sockets at its first listener of a signal, and keeps them: no test should find them.
process.once('SIGUSR2', String).off('SIGUSR2', String);

// Bun duplicates these two when they are first used.
for (const stream of [process.stdout, process.stderr]) stream.write('');

beforeEach(({ task, skip }) => {
  const reason = reasonFor(task);
  if (reason !== undefined) skip(`${place}: ${reason}`);
});
