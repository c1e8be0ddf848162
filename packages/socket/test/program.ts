import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createRequire } from 'node:module';

// In an emulator (scripts/runtimes.mjs) all takes longer, and a process begins slowly in Wine.
const TIMEOUT = process.env.BSD_SOCKETS_EXECPATH ? 200_000 : process.platform === 'win32' ? 100_000 : 25_000;
const library = createRequire(import.meta.url).resolve('@bsd-sockets/socket');

// What every program finds: the package, its arguments, and ways to wait and to speak that need no event loop.
const PRELUDE = `
if ('Deno' in globalThis) {
  // The name of the evaluation.
  process.argv.splice(1, 1);
  // It opens two sockets at its first listener of a signal, and keeps them.
  process.once('SIGUSR2', String).off('SIGUSR2', String);
}
const sockets = require(process.argv[1]);
const args = process.argv.slice(2);
const sleep = (seconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
// Node itself may close a descriptor that it started with.
const onWindows = process.platform === 'win32';
// The number of descriptors, or handles: see windows-handles.test.ts.
const descriptors = () => {
  if (!onWindows) return require('node:fs').readdirSync('/proc/self/fd').length;
  const counter = process.env.BSD_SOCKETS_HANDLE_COUNT;
  const [program, ...line] = counter
    ? [counter, String(process.pid)]
    : ['powershell', '-NoProfile', '-Command', '(Get-Process -Id ' + process.pid + ').HandleCount'];
  return Number(require('node:child_process').execFileSync(program, line));
};
// How many there are more than before, but for the few that Node itself opens on Windows.
const opened = (before) => {
  const more = descriptors() - before;
  return onWindows && Math.abs(more) < 20 ? 0 : more;
};
const openSockets = () => {
  if (onWindows) return 0;
  const { readdirSync, readlinkSync } = require('node:fs');
  const targetOf = (fd) => { try { return readlinkSync('/proc/self/fd/' + fd); } catch { return ''; } };
  return readdirSync('/proc/self/fd').filter((fd) => targetOf(fd).startsWith('socket:')).length;
};
// The family of a pair, and an address in it that is free.
const [LOCAL, FREE] = onWindows ? [sockets.AF_INET, ['127.0.0.1', 0]] : [sockets.AF_UNIX, ''];
const say = (value) => require('node:fs').writeSync(1, JSON.stringify(value) + '\\n');
const seconds = (call) => { const start = performance.now(); call(); return (performance.now() - start) / 1000; };
const outcome = (call) => { try { return call(); } catch (error) { return error.code ?? error.message; } };
`;

export interface Outcome {
  /** What the program said, line for line. */
  said: any[];
  stderr: string;
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ProgramOptions {
  args?: (string | number)[];
  /** Descriptors that the program has as 3, 4, … */
  descriptors?: number[];
  /** Flags of Node. */
  flags?: string[];
  env?: NodeJS.ProcessEnv;
  /** How many descriptors the program may have open. */
  openFiles?: number;
}

function commandLine(body: string, options: ProgramOptions): [command: string, args: string[]] {
  const { args = [], flags = [], openFiles } = options;
  const line = [...flags, '-e', PRELUDE + body, library, ...args.map(String)];
  if (openFiles === undefined || process.platform === 'win32') return [process.execPath, line];
  return ['sh', ['-c', `ulimit -n ${openFiles} && exec "$0" "$@"`, process.execPath, ...line]];
}

function spawnOptions({ descriptors = [], env = {} }: ProgramOptions): SpawnOptions {
  return { stdio: ['ignore', 'pipe', 'pipe', ...descriptors], env: { ...process.env, ...env } };
}

function read(stdout: string): any[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

export interface RunningProgram extends Disposable {
  process: ChildProcess;
  /** Resolves when the program has said something for the first time. */
  ready: Promise<void>;
  ended: Promise<Outcome>;
}

/** Starts JavaScript in another process, and ends it at the end of the scope if it still runs. */
export function startProgram(body: string, options: ProgramOptions = {}): RunningProgram {
  const child = spawn(...commandLine(body, options), spawnOptions(options));
  let stdout = '';
  let stderr = '';
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (data) => {
      stdout += data;
      resolve();
    });
    child.on('close', () => reject(new Error(`the program said nothing: ${stderr}`)));
  });
  const ended = new Promise<Outcome>((resolve) => {
    child.on('close', (code, signal) => resolve({ said: read(stdout), stderr, code, signal }));
  });
  // Not everybody waits for it.
  ready.catch(() => {});
  return { process: child, ready, ended, [Symbol.dispose]: () => child.kill('SIGKILL') };
}

/** Runs JavaScript in another process to its end. What blocks, crashes or leaks there leaves this one alone. */
export async function runProgram(body: string, options: ProgramOptions = {}): Promise<Outcome> {
  using program = startProgram(body, options);
  const timer = setTimeout(() => program.process.kill(), TIMEOUT);
  try {
    return await program.ended;
  } finally {
    clearTimeout(timer);
  }
}
