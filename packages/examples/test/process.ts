import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A process of a test, and the lines that it has printed so far. */
export class Program {
  readonly lines: string[] = [];
  private readonly child: ChildProcess;
  private readonly output;

  constructor(command: string[]) {
    this.child = spawn(command[0]!, command.slice(1), {
      // Programs that have no file find the packages from here.
      cwd: folder('..'),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.output = createInterface({ input: this.child.stdout! });
    this.output.on('line', (line) => this.lines.push(line));
    this.child.stderr!.on('data', (text) => this.lines.push(`stderr: ${text}`));
  }

  /** The next line, or an error with all that was printed if the process ends first. */
  async firstLine(): Promise<string> {
    const ended = once(this.child, 'close').then(() => {
      if (this.lines.length === 0) throw new Error('the process ended without a line');
    });
    if (this.lines.length === 0) await Promise.race([once(this.output, 'line'), ended]);
    return this.lines[0]!;
  }

  /** Waits for a good end, and returns all the lines. */
  async finish(): Promise<string[]> {
    if (this.child.exitCode === null) await once(this.child, 'close');
    if (this.child.exitCode !== 0) throw new Error(`exit code ${this.child.exitCode}:\n${this.lines.join('\n')}`);
    return this.lines;
  }

  /** Ends the process, if it still runs. */
  kill(): void {
    this.child.kill('SIGKILL');
  }
}

/** One of the examples, as a process. */
export function example(name: string, ...args: string[]): Program {
  return new Program([process.execPath, folder(`../dist/${name}.js`), ...args]);
}

/** The same in CPython. */
export function cpython(role: 'server' | 'client', kind: string, ...args: string[]): Program {
  return new Program(['python3', folder('echo_peer.py'), role, kind, ...args]);
}

export const hasPython = spawnSync('python3', ['--version']).status === 0;
