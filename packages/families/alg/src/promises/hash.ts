import { close, open, read } from 'node:fs';
import { promisify } from 'node:util';
import { type Abortable, bytes } from '@bsd-sockets/core-native';
import type { BytesLike, SendfileSource } from '@bsd-sockets/socket';
import { PIECE } from '../algorithm';
import { descriptorOf, fileError } from '../file';
import { Hash as BlockingHash } from '../hash';
import { inTurns, turn } from './turn';

const readFile = promisify(read);
const closeFile = promisify(close);
/** That of node:fs/promises leaves the file open where a worker ends meanwhile. */
const openFile = promisify(open);

/**
 * A hash of the kernel, or with a key a message authentication code, that leaves turns to the event loop. What is asked of
 * it is done in the order of the calls.
 *
 * Source: Linux, Documentation/crypto/userspace-if.rst
 */
export class Hash implements Disposable {
  private readonly hash: BlockingHash;
  private last: Promise<unknown> = Promise.resolve();

  /**
   * Opens a hash. It holds a descriptor until it is closed.
   *
   * @param name - The kernel's name of the algorithm, such as `sha256` or `hmac(sha256)`; /proc/crypto lists those that are
   *   loaded.
   * @param key - The key, for an algorithm that has one.
   * @throws As the `Hash` of `@bsd-sockets/alg`.
   */
  constructor(name: string, key?: BytesLike | null);
  /** @internal */
  constructor(copied: BlockingHash);
  constructor(from: string | BlockingHash, key?: BytesLike | null) {
    this.hash = from instanceof BlockingHash ? from : new BlockingHash(from, key);
  }

  /** The kernel's name of the algorithm, such as `sha256`. */
  get name(): string {
    return this.hash.name;
  }

  /**
   * Goes on with more bytes.
   *
   * @param data - Any buffer or view, which must not change until the promise is settled.
   * @param options - `signal`: gives up, with a part of the bytes taken.
   * @throws {@link OSError}: ENOKEY if the algorithm needs a key; {@link AbortError}; TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  update(data: BytesLike, options?: Abortable): Promise<void> {
    return this.next(() => inTurns(this.steps(data), options));
  }

  /**
   * Goes on with the bytes of a file, which are read without holding up the event loop.
   *
   * @param file - An open file: a descriptor, or an object with one as its `fd`, such as a `FileHandle`. It is read from
   *   its beginning, and its position does not change. Or the path of a file.
   * @param options - `signal`: gives up, with a part of the bytes taken.
   * @returns How many bytes that were.
   * @throws {@link OSError}, such as ENOENT, or ESPIPE for what has no position, such as a pipe; as {@link update}.
   */
  updateFile(file: SendfileSource, options?: Abortable): Promise<number> {
    return this.next(async () => {
      try {
        if (typeof file !== 'string') return await this.updateFrom(descriptorOf(file), options);
        const opened = await openFile(file, 'r');
        try {
          return await this.updateFrom(opened, options);
        } finally {
          await closeFile(opened);
        }
      } catch (error) {
        throw fileError(error);
      }
    });
  }

  /**
   * Ends the message.
   *
   * @param options - `signal`: gives up.
   * @returns The digest of all that was given. After it the hash is as new.
   * @throws {@link OSError}: ENOKEY if the algorithm needs a key; {@link AbortError}.
   */
  digest(options?: Abortable): Promise<Buffer> {
    return this.next(async () => {
      await turn(options);
      return this.hash.digest();
    });
  }

  /**
   * Another hash with the same state: of messages that begin alike, the beginning is computed once.
   *
   * @param options - `signal`: gives up.
   * @throws {@link OSError}, such as EMFILE; {@link AbortError}.
   */
  copy(options?: Abortable): Promise<Hash> {
    return this.next(async () => {
      await turn(options);
      return new Hash(this.hash.copy());
    });
  }

  /** Closes the descriptor; a second time does nothing. What is not done yet is rejected. */
  close(): void {
    this.hash.close();
  }

  /** Closes the hash at the end of its `using` scope. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Does some work after what was asked for before. */
  private next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => {});
    return result;
  }

  private *steps(data: BytesLike): Generator<void, void> {
    let left = bytes('data', data);
    for (; left.length > PIECE; left = left.subarray(PIECE)) {
      this.hash.update(left.subarray(0, PIECE));
      yield;
    }
    this.hash.update(left);
  }

  private async updateFrom(fd: number, options: Abortable | undefined): Promise<number> {
    const memory = Buffer.allocUnsafeSlow(PIECE);
    for (let position = 0; ; ) {
      await turn(options);
      const { bytesRead } = await readFile(fd, memory, 0, PIECE, position);
      if (bytesRead === 0) return position;
      this.hash.update(memory.subarray(0, bytesRead));
      position += bytesRead;
    }
  }
}
