import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A CPython process that has imported `socket`. */
export class Python implements Disposable {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(program: string, ...prefix: string[]) {
    const [command, ...args] = [...prefix, 'python3', '-u', '-c', `import socket, struct\n${program}`];
    this.child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the peer ended without a line');
    return value;
  }

  /** Waits for its good end. */
  async finish(): Promise<void> {
    if (this.child.exitCode === null) await once(this.child, 'close');
    if (this.child.exitCode !== 0) throw new Error(`the peer's exit code is ${this.child.exitCode}`);
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}
