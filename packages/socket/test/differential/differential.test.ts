import { spawnSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { Socket } from '@bsd-sockets/socket';
import { afterAll, describe, expect, test } from 'vitest';
import { corners } from './corners';
import { type Difference, differences } from './differences';
import { messages } from './messages';
import { normalise } from './normalise';
import { cpython, ours, oursInWorker, type Peer } from './peer';
import { product } from './product';
import type { Result, Script } from './script';
import { walk } from './walk';

const python = cpython();
const subjects = [ours(), oursInWorker()];
afterAll(() => {
  for (const peer of [python, ...subjects]) peer.close();
});

const occurred = new Set<Difference>();
let operations = 0;

/** What two processes do not agree on, but for the differences that are meant. */
async function disagreements(script: Script): Promise<string[]> {
  const run = async (peer: Peer): Promise<Result[]> => normalise(script.steps, await peer.run(script), peer.mark);
  const [expected, ...traces] = (await Promise.all([python, ...subjects].map(run))) as [Result[], ...Result[][]];
  operations += expected.length * traces.length;
  return traces.flatMap((trace, index) =>
    script.steps.flatMap((step, at) => {
      const [mine, theirs] = [trace[at]!, expected[at]!];
      if (isDeepStrictEqual(mine, theirs)) return [];
      const difference = differences.find(({ occurs }) => occurs(step, mine, theirs));
      if (difference) occurred.add(difference);
      const show = (value: unknown) => JSON.stringify(value);
      return difference
        ? []
        : [`step ${at} ${show(step)}:\n  ${subjects[index]!.name}: ${show(mine)}\n  CPython: ${show(theirs)}`];
    }),
  );
}

async function agree(script: Script): Promise<void> {
  // On a busy machine the kernel may deliver late, even on loopback: what is no accident happens every time.
  for (let attempt = 1; attempt < 3; attempt++) if ((await disagreements(script)).length === 0) return;
  expect(await disagreements(script)).toEqual([]);
}

const noPython =
  spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']).status === 0
    ? ''
    : ': needs python3 of at least 3.11';
const noMessages = 'recvmsg' in Socket.prototype ? '' : ': needs Socket.prototype.recvmsg';

const walks = Number(process.env.BSD_SOCKETS_WALKS ?? 50);
const seed = Number(process.env.BSD_SOCKETS_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe.skipIf(noPython)(`as CPython does${noPython}`, () => {
  test.each(product)('$title', agree);
  test.each(corners)('$title', agree);
  test.skipIf(noMessages).each(messages)(`$title${noMessages}`, agree);

  describe(`random walks, BSD_SOCKETS_SEED=${seed} BSD_SOCKETS_WALKS=${walks}`, () => {
    test.each(Array.from({ length: walks }, (_, index) => walk(seed + index)))('$title', agree);
  });

  test('each difference that is listed still occurs', () => {
    expect(differences.filter((difference) => !occurred.has(difference))).toEqual([]);
    expect(operations).toBeGreaterThan(500);
  });
});
