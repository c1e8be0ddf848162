import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { atExit } from './cleanup.mjs';

/** The folder of the peers' programs, which is where they run. */
export const PEERS = fileURLToPath(new URL('../peers/', import.meta.url));

const ANSWER_MOST_MS = 60_000;
const STOP_MOST_MS = 2_000;
/** What shells, and the wrappers that version managers put before a program, say of one that is not there. */
const NOT_RUNNABLE = [126, 127];

/** A peer failed: the run is over. */
export class PeerError extends Error {}

/** A peer cannot run on this machine: the run goes on without it. */
export class LeftOut extends Error {}

/**
 * A program that does rounds of a case's work: for each line `run N` of its standard input it does N operations and
 * answers with the nanoseconds that they took, and whatever else the case measures, on a line of its own. It ends with its
 * standard input. Lines of its standard error that begin with `note: ` are for the reader of the table.
 */
export class Peer {
  #name;
  #child;
  #answers;
  #stderr = '';
  #answered = false;
  #forget;

  constructor(name, [program, ...args], cwd) {
    this.#name = name;
    // A process group of its own, which ends with the peer: a peer may have started servers.
    this.#child = spawn(program === 'node' ? process.execPath : program, args, { cwd, detached: true });
    this.#forget = atExit(() => this.#kill());
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr += text;
    });
    // A peer that has ended says so by itself.
    this.#child.stdin.on('error', () => {});
    this.#child.on('error', () => {});
    this.#child.on('exit', () => this.#kill());
  }

  /** Starts a peer in a folder of peers; throws {@link LeftOut} if there is no such program, or it does not start. */
  static async start(name, command, folder = PEERS) {
    const peer = new Peer(name, command, folder);
    try {
      await once(peer.#child, 'spawn');
    } catch (error) {
      peer.#forget();
      throw new LeftOut(`${command[0]}: ${error.code}`);
    }
    return peer;
  }

  /** Does a round of `count` operations and returns its nanoseconds, and what else is measured. */
  async run(count) {
    this.#child.stdin.write(`run ${count}\n`);
    const line = await this.#answer();
    if (!/^[1-9]\d*( [1-9]\d*)*$/.test(line)) {
      throw new PeerError(`${this.#name} answered '${line}', not a number of nanoseconds`);
    }
    this.#answered = true;
    return line.split(' ').map(Number);
  }

  /** What the peer has noted, each with the peer's name. */
  get notes() {
    const notes = this.#stderr.matchAll(/^note: (.*)$/gm);
    return Array.from(notes, ([, note]) => `${this.#name}: ${note}`);
  }

  /** Ends the peer and all that it started. */
  async stop() {
    const timer = setTimeout(() => this.#kill(), STOP_MOST_MS);
    this.#child.stdin.end();
    await this.#ended();
    clearTimeout(timer);
    this.#forget();
  }

  async #answer() {
    let timer;
    const tooLate = new Promise((_resolve, reject) => {
      const error = new PeerError(`${this.#name} gave no answer for ${ANSWER_MOST_MS / 1000} s`);
      timer = setTimeout(() => reject(error), ANSWER_MOST_MS);
    });
    const { done, value } = await Promise.race([this.#answers.next(), tooLate]);
    clearTimeout(timer);
    if (!done) return value;
    throw await this.#failure();
  }

  async #failure() {
    this.#child.stdin.end();
    await this.#ended();
    const { exitCode, signalCode } = this.#child;
    if (!this.#answered && NOT_RUNNABLE.includes(exitCode)) {
      return new LeftOut(this.#stderr.trim().split('\n')[0] || `exit code ${exitCode}`);
    }
    return new PeerError(
      `${this.#name} ended with ${signalCode ?? `exit code ${exitCode}`}\n${this.#stderr.trimEnd()}`,
    );
  }

  /** Waits for the end of the program and of its output. */
  async #ended() {
    const { stderr } = this.#child;
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    if (!stderr.closed) await once(stderr, 'close');
  }

  #kill() {
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
  }
}
