import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The ratios in the laboratory book, by case and peer. */
const measured = new Map(
  Array.from(read('../README.md').matchAll(/^\| `([\w-]+)` \| ([\w-]+) \| ([\d.]+) \|/gm), ([, name, peer, ratio]) => [
    `${name} ${peer}`,
    ratio,
  ]),
);
const peers: Record<string, string> = {
  C: 'c',
  CPython: 'cpython',
  '`node:dns`': 'node-dns',
  '`node:dgram`': 'node-dgram',
  '`node:net`': 'node-net',
  '`unix-dgram`': 'unix-dgram',
};

test('the rows for users are those of the laboratory book', () => {
  const rows = [...read('../../docs/performance.md').matchAll(/^\| [^|]+\? \| ([^|]+) \| ([\d.]+) \| `([\w-]+)` \|/gm)];
  expect(rows).toHaveLength(10);
  for (const [, peer, ratio, name] of rows) {
    const row = `${name} ${peers[peer!]}`;
    expect([row, ratio]).toEqual([row, measured.get(row)]);
  }
});
