import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

interface Surroundings {
  env?: NodeJS.ProcessEnv;
  /** Descriptors that it gets as 3, 4, … */
  descriptors?: number[];
}

/** A process of a test, and the lines that it has printed so far. */
export class Program {
  readonly lines: string[] = [];
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;
  private readonly output;

  constructor(command: string[], { env = {}, descriptors = [] }: Surroundings = {}) {
    this.child = spawn(command[0]!, command.slice(1), {
      // Programs that have no file find the packages from here.
      cwd: folder('..'),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
    });
    this.closed = once(this.child, 'close');
    this.output = createInterface({ input: this.child.stdout! });
    this.output.on('line', (line) => this.lines.push(line));
    this.child.stderr!.on('data', (text) => this.lines.push(`stderr: ${text}`));
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** The first line, or an error if the process ends without one. */
  async firstLine(): Promise<string> {
    const ended = this.closed.then(() => {
      if (this.lines.length === 0) throw new Error('the process ended without a line');
    });
    if (this.lines.length === 0) await Promise.race([once(this.output, 'line'), ended]);
    return this.lines[0]!;
  }

  /** Waits for a good end, and returns all the lines. */
  async finish(): Promise<string[]> {
    await this.closed;
    if (this.child.exitCode !== 0) throw new Error(`exit code ${this.child.exitCode}:\n${this.lines.join('\n')}`);
    return this.lines;
  }

  /** Ends the process, if it still runs, or asks it to. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.child.kill(signal);
  }
}

/** The command that runs one of the examples. */
export function commandOf(name: string, ...args: string[]): string[] {
  return [process.execPath, folder(`../dist/${name}.js`), ...args];
}

/** One of the examples, as a process. */
export function example(name: string, ...args: string[]): Program {
  return new Program(commandOf(name, ...args));
}

/** A process that ends with the test, if it still runs. */
export function start(command: string[], surroundings?: Surroundings): Program {
  const program = new Program(command, surroundings);
  onTestFinished(() => program.kill());
  return program;
}

/** The same in CPython. */
export function cpython(role: 'server' | 'client', kind: string, ...args: string[]): Program {
  return new Program(['python3', folder('echo_peer.py'), role, kind, ...args]);
}

export const hasProgram = (name: string) => spawnSync(name, ['--version']).status === 0;

export const hasPython = hasProgram('python3');
