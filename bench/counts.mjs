// Counts what an operation of each case costs besides time: its system calls, by strace, or the instructions of its first
// thread outside of the kernel, by qemu-user. bench/README.md says how.
// Usage: node bench/counts.mjs syscalls|instructions [--case NAME]...
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadCases } from './harness/cases.mjs';
import { stopEverythingAtExit, temporaryFolder } from './harness/cleanup.mjs';
import { libraryOf, programOf } from './harness/compile.mjs';
import { readOptions, UsageError } from './harness/options.mjs';
import { LeftOut, Peer, PeerError } from './harness/peer.mjs';
import { quantile } from './harness/quantile.mjs';

/** Calls of an operation that are fewer are not shown: threads of Node's that do something of their own now and then. */
const LEAST_SHOWN = 0.02;
const PEERS = ['ours', 'node-api', 'c', 'c-epoll', 'cpython'];

/** Runs a peer by a command that writes to `file`, for rounds of so many operations. */
async function runRounds(name, command, rounds, file) {
  rmSync(file, { force: true });
  const peer = await Peer.start(name, command);
  try {
    for (const operations of rounds) await peer.run(operations);
  } finally {
    await peer.stop();
  }
  return readFileSync(file, 'utf8');
}

/** What a program does once is left out: the difference is taken of two runs. */
const syscalls = {
  command: (file, program) => ['strace', '-f', '-qq', '-c', '-U', 'name,calls', '-o', file, ...program],

  async perOperation(name, program, file) {
    const [warmUp, few, many] = [500, 500, 2500];
    const count = async (operations) => {
      const output = await runRounds(name, this.command(file, program), [warmUp, operations], file);
      const rows = output.matchAll(/^\s*(\w+)\s+(\d+)$/gm);
      return new Map(Array.from(rows, ([, call, number]) => [call, Number(number)]));
    };
    const [before, after] = [await count(few), await count(many)];
    after.delete('total');
    const counts = Array.from(after, ([call, number]) => [call, (number - (before.get(call) ?? 0)) / (many - few)])
      .filter(([, each]) => each >= LEAST_SHOWN)
      .sort(([, one], [, other]) => other - one);
    const sum = counts.reduce((total, [, each]) => total + each, 0);
    return `${sum.toFixed(2)} (${counts.map(([call, each]) => `${call} ${each.toFixed(2)}`).join(', ')})`;
  },
};

/** qemu looks for no program, and runs no script that stands for one. */
function executableOf(program) {
  if (program === 'node') return process.execPath;
  if (program !== 'python3') return program;
  return (
    spawnSync(program, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout?.trim() || program
  );
}

/** The plugin writes a count with each answer of the peer. In the first rounds V8 compiles. */
const instructions = {
  command(file, words) {
    const qemu = process.arch === 'arm64' ? 'qemu-aarch64' : 'qemu-x86_64';
    // What `env` starts would run outside of it.
    const begin = words[0] === 'env' ? words.findIndex((word, index) => index > 0 && !word.includes('=')) : 0;
    const settings = words.slice(1, Math.max(begin, 1)).flatMap((setting) => ['-E', setting]);
    const [program, ...args] = words.slice(begin);
    const plugin = ['-plugin', `file=${libraryOf('instructions.c')},out=${file}`];
    return [qemu, ...settings, ...plugin, executableOf(program), ...args];
  },

  async perOperation(name, program, file) {
    if (program.some((word) => word.endsWith('/load') || word.endsWith('-load'))) {
      throw new LeftOut('the load would be counted, which starts the server');
    }
    const [operations, warmUps, rounds] = [5000, 60, 5];
    const output = await runRounds(
      name,
      this.command(file, program),
      new Array(warmUps + rounds).fill(operations),
      file,
    );
    const counts = output
      .trim()
      .split('\n')
      .map(Number)
      .slice(-rounds - 1);
    const each = counts.slice(1).map((count, index) => (count - counts[index]) / operations);
    return quantile(each, 0.5).toFixed(0);
  },
};

const counters = { syscalls, instructions };

function checkCounter(kind, folder) {
  const file = join(folder, 'trial');
  const [program, ...args] = counters[kind].command(file, [process.execPath, '--print', '0']);
  const { error, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error) throw new LeftOut(`${program} is not installed`);
  if (!existsSync(file) || readFileSync(file, 'utf8') === '') {
    throw new LeftOut(`this machine cannot count ${kind}: ${stderr.trim()}`);
  }
}

async function main() {
  const [, , kind, ...args] = process.argv;
  if (!Object.hasOwn(counters, kind ?? ''))
    throw new UsageError(`expected syscalls or instructions, got '${kind ?? ''}'`);
  const { cases } = readOptions(args, await loadCases());
  const folder = temporaryFolder();
  checkCounter(kind, folder);
  const file = join(folder, 'counts');
  for (const subject of cases) {
    for (const peer of PEERS.filter((name) => name in subject.peers)) {
      const name = `${subject.name}, ${peer}`;
      try {
        console.log(`${name}: ${await counters[kind].perOperation(name, programOf(subject.peers[peer]), file)}`);
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
