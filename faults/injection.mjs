// Runs operations of a subject with errors that strace injects into their system calls.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('subject.mjs', import.meta.url));
/** In milliseconds: what takes longer, even on a busy machine, hangs. */
const LONGEST = 60_000;

/** A process under test. */
class Subject {
  #child;
  #lines;
  #tid;

  static async start(face) {
    const subject = new Subject();
    subject.#child = spawn(process.execPath, [PROGRAM, face], { stdio: ['pipe', 'pipe', 'inherit'] });
    subject.#lines = createInterface(subject.#child.stdout)[Symbol.asyncIterator]();
    const first = await subject.hear();
    if (!first) throw new Error(`the process under test (${face}) does not start`);
    subject.#tid = first.tid;
    return subject;
  }

  get tid() {
    return this.#tid;
  }

  tell(order) {
    this.#child.stdin.write(JSON.stringify(order));
  }

  /** What it says next; undefined if it says nothing, or has ended. */
  async hear() {
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, LONGEST, { done: true });
    });
    const { value, done } = await Promise.race([this.#lines.next(), late]);
    clearTimeout(timer);
    return done ? undefined : JSON.parse(value);
  }

  async end() {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

/** Attaches strace to a thread: what ends it again. */
async function attach(tid, log, options) {
  const strace = spawn('strace', ['-p', `${tid}`, '-o', log, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const exited = new Promise((resolve, reject) => strace.once('exit', resolve).once('error', reject));
  await new Promise((resolve, reject) => {
    exited.then(() => reject(new Error(`strace has ended: ${said.trim()}`)), reject);
    strace.stderr.on('data', (text) => {
      said += text;
      if (/attached/.test(said)) resolve();
    });
  });
  return async () => {
    strace.kill('SIGTERM');
    await exited;
  };
}

/** Runs the trials of one face, one after the other, in as few processes as their hanging allows. */
export class Injector {
  #face;
  #subject;
  #folder = mkdtempSync(join(tmpdir(), 'faults-'));

  constructor(face) {
    this.#face = face;
  }

  /**
   * @param order - What the subject is told.
   * @param options - strace's, such as `-e inject=…`.
   * @returns What came of it; `log` is strace's.
   */
  async run(order, options) {
    this.#subject ??= await Subject.start(this.#face);
    const subject = this.#subject;
    const log = join(this.#folder, 'log');
    subject.tell(order);
    if (!(await subject.hear())?.ready) return this.#lost('before the operation');
    const detach = await attach(subject.tid, log, options);
    subject.tell('go');
    const report = await subject.hear();
    if (!report) {
      await this.#lost();
      await detach();
      return { result: { hangs: true }, log: readFileSync(log, 'utf8') };
    }
    await detach();
    subject.tell('on');
    const rest = await subject.hear();
    // What hung may still hold anything.
    if (!rest || report.result.hangs || rest.second?.hangs || this.#face === 'fresh') await this.#lost();
    return { ...report, ...rest, log: readFileSync(log, 'utf8') };
  }

  async #lost(when) {
    await this.#subject.end();
    this.#subject = undefined;
    return { result: { hangs: true, when }, log: '' };
  }

  async end() {
    await this.#subject?.end();
    rmSync(this.#folder, { recursive: true });
  }
}
