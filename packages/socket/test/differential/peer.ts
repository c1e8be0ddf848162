import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Result, Script } from './script';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** How long a script may take. */
const GUARD_SECONDS = 20;

/** A process that runs scripts, one after the other. One that hangs is ended, and the next script has a new one. */
export class Peer {
  /** How the abstract names of this process begin. */
  readonly mark = randomBytes(4).toString('hex');
  private folder = '';
  private child: ChildProcess | undefined;
  private lines: AsyncIterator<string> | undefined;

  constructor(
    readonly name: string,
    private readonly command: string[],
  ) {}

  /** The results of a script's steps. */
  async run(script: Script): Promise<Result[]> {
    if (!this.child) this.start();
    const guard = new AbortController();
    this.child!.stdin!.write(`${JSON.stringify(script.steps)}\n`);
    const answer = await Promise.race([
      this.lines!.next(),
      setTimeout(GUARD_SECONDS * 1000, undefined, guard).catch(() => undefined),
    ]);
    guard.abort();
    if (answer?.value !== undefined) return JSON.parse(answer.value);
    this.close();
    throw new Error(`${this.name} ${answer ? 'ended' : 'hangs'} in the script: ${script.title}`);
  }

  /** Ends the process, if there is one. */
  close(): void {
    if (!this.child) return;
    this.child.kill('SIGKILL');
    this.child = undefined;
    rmSync(this.folder, { recursive: true });
  }

  private start(): void {
    this.folder = mkdtempSync(join(tmpdir(), 'differential-'));
    this.child = spawn(this.command[0]!, [...this.command.slice(1), this.mark], {
      cwd: this.folder,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // That it is gone shows in the missing answer.
    this.child.stdin!.on('error', () => {});
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }
}

export function cpython(): Peer {
  return new Peer('CPython', ['python3', here('interpreter.py')]);
}

/** This project, on the main thread of a process. */
export function ours(): Peer {
  return new Peer('bsd-sockets', [process.execPath, '-e', interpreter()]);
}

/** The same in a worker thread, where a blocking socket is non-blocking underneath. */
export function oursInWorker(): Peer {
  const code = `new (require('node:worker_threads').Worker)(${JSON.stringify(interpreter())}, {
    eval: true,
    argv: process.argv.slice(-1),
  })`;
  return new Peer('bsd-sockets in a worker', [process.execPath, '-e', code]);
}

/** Our interpreter as a program of its own, which imports what this file would. */
function interpreter(): string {
  const file = here('interpreter.ts');
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions });
  return `((require, exports) => {${outputText}})(require('node:module').createRequire(${JSON.stringify(file)}), {})`;
}
