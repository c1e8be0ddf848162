import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A CPython process that has imported `socket` and `struct`: a peer that is not ours. Its disposal ends it. */
export class Python implements Disposable {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  /**
   * @param program - The statements that it runs.
   * @param prefix - A command that runs it, such as `unshare -n`; none by default.
   */
  constructor(program: string, ...prefix: string[]) {
    const [command, ...args] = [...prefix, 'python3', '-u', '-c', `import socket, struct\n${program}`];
    this.child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /**
   * The next line that it prints.
   *
   * @throws Error if it has ended.
   */
  async line(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the peer ended without a line');
    return value;
  }

  /**
   * Waits for its good end.
   *
   * @throws Error if its exit code is not 0.
   */
  async finish(): Promise<void> {
    if (this.child.exitCode === null) await once(this.child, 'close');
    if (this.child.exitCode !== 0) throw new Error(`the peer's exit code is ${this.child.exitCode}`);
  }

  /** Ends it at once. */
  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}
