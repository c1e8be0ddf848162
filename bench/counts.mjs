// Counts what an operation of each case costs besides time: its system calls, by strace, or the instructions outside of
// the kernel, by perf. docs/performance.md says how. Usage: node bench/counts.mjs syscalls|instructions [--case NAME]...
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCases } from './harness/cases.mjs';
import { stopEverythingAtExit, temporaryFolder } from './harness/cleanup.mjs';
import { programOf } from './harness/compile.mjs';
import { readOptions, UsageError } from './harness/options.mjs';
import { LeftOut, Peer, PeerError } from './harness/peer.mjs';

const WARM_UP = 500;
/** Operations of the two runs of which the difference is taken: what a program does once is so left out. */
const FEW = 500;
const MANY = 2500;
/** Calls of an operation that are fewer are not shown: threads of Node's that do something of their own now and then. */
const LEAST_SHOWN = 0.02;
const PEERS = ['ours', 'c', 'c-epoll', 'cpython'];

/** How each is counted: the command that a program is run by, and what that has written to a file. */
const counters = {
  syscalls: {
    command: (file) => ['strace', '-f', '-qq', '-c', '-U', 'name,calls', '-o', file],
    rows: /^\s*(?<what>\w+)\s+(?<count>\d+)$/gm,
  },
  instructions: {
    command: (file) => ['perf', 'stat', '-x', ' ', '-e', 'instructions:u', '-o', file],
    rows: /^(?<count>\d+)\s+(?<what>instructions)/gm,
  },
};

function checkCounter(kind, folder) {
  const [program, ...args] = counters[kind].command(join(folder, 'trial'));
  const { error, stderr } = spawnSync(program, [...args, 'true'], { encoding: 'utf8' });
  if (error) throw new LeftOut(`${program} is not installed`);
  if (rowsOf(kind, join(folder, 'trial')).size === 0) {
    throw new LeftOut(`${program} counts no ${kind} on this machine ${stderr}`.trimEnd());
  }
}

function rowsOf(kind, file) {
  const rows = readFileSync(file, 'utf8').matchAll(counters[kind].rows);
  return new Map(Array.from(rows, ({ groups }) => [groups.what, Number(groups.count)]));
}

async function count(kind, name, program, operations, folder) {
  const file = join(folder, `${operations}`);
  const peer = await Peer.start(name, [...counters[kind].command(file), ...program]);
  try {
    await peer.run(WARM_UP);
    await peer.run(operations);
  } finally {
    await peer.stop();
  }
  const rows = rowsOf(kind, file);
  rows.delete('total');
  return rows;
}

async function perOperation(kind, name, program, folder) {
  const few = await count(kind, name, program, FEW, folder);
  const many = await count(kind, name, program, MANY, folder);
  return Array.from(many, ([what, number]) => [what, (number - (few.get(what) ?? 0)) / (MANY - FEW)])
    .filter(([, each]) => each >= LEAST_SHOWN)
    .sort(([, one], [, other]) => other - one);
}

async function main() {
  const [, , kind, ...args] = process.argv;
  if (!Object.hasOwn(counters, kind ?? ''))
    throw new UsageError(`expected syscalls or instructions, got '${kind ?? ''}'`);
  const { cases } = readOptions(args, await loadCases());
  const folder = temporaryFolder();
  checkCounter(kind, folder);
  for (const subject of cases) {
    for (const peer of PEERS.filter((name) => name in subject.peers)) {
      const name = `${subject.name}, ${peer}`;
      try {
        const counts = await perOperation(kind, name, programOf(subject.peers[peer]), folder);
        const sum = counts.reduce((total, [, each]) => total + each, 0);
        const parts = counts.map(([what, each]) => `${what} ${each.toFixed(2)}`);
        console.log(`${name}: ${sum.toFixed(2)} (${parts.join(', ')})`);
      } catch (error) {
        if (!(error instanceof LeftOut || error instanceof PeerError)) throw error;
        console.log(`${name} is left out: ${error.message.split('\n')[0]}`);
      }
    }
  }
}

stopEverythingAtExit();
try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof LeftOut)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
