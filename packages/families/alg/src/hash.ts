import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { bytes, native, osError } from '@bsd-sockets/core-native';
import { type BytesLike, MSG_MORE, type SendfileSource } from '@bsd-sockets/socket';
import { type AlgSocket, explain, openAlgorithm, openOperation, PIECE } from './algorithm';
import { descriptorOf, fileError } from './file';

/** More than any digest has, in bytes. */
const MOST_DIGEST = 1024;
/** What sendfile(2) is asked for: more than what is left of a file. */
const MOST_LEFT = 2 ** 30;
/** How sendfile(2) says that it cannot send this file, such as one of a device. */
const REFUSED = -(native.errnos.EINVAL as number);

/**
 * A hash of the kernel, or with a key a message authentication code, of what it is given in any number of pieces.
 *
 * Source: Linux, Documentation/crypto/userspace-if.rst
 */
export class Hash implements Disposable {
  /** The kernel's name of the algorithm, such as `sha256`. */
  readonly name: string;
  private readonly operation: AlgSocket;

  /**
   * Opens a hash. It holds a descriptor until it is closed.
   *
   * @param name - The kernel's name of the algorithm, such as `sha256` or `hmac(sha256)`; /proc/crypto lists those that are
   *   loaded.
   * @param key - The key, for an algorithm that has one.
   * @throws {@link OSError}: ENOENT if the kernel has no such hash, EINVAL for a key of a wrong length, ENOSYS for a key
   *   where none is due, EAFNOSUPPORT if the kernel has no AF_ALG; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError
   *   (`ERR_INVALID_ARG_VALUE`).
   */
  constructor(name: string, key?: BytesLike | null);
  /** @internal */
  constructor(copied: Hash);
  constructor(from: string | Hash, key: BytesLike | null = null) {
    if (from instanceof Hash) {
      this.name = from.name;
      this.operation = openOperation(from.operation);
      return;
    }
    this.name = from;
    using algorithm = openAlgorithm('hash', from, key === null ? null : bytes('key', key));
    this.operation = openOperation(algorithm);
  }

  /**
   * Goes on with more bytes.
   *
   * @param data - Any buffer or view.
   * @returns The hash itself.
   * @throws {@link OSError}: ENOKEY if the algorithm needs a key; TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  update(data: BytesLike): this {
    const view = bytes('data', data);
    this.explain(() => this.operation.sendall(view, MSG_MORE));
    return this;
  }

  /**
   * Goes on with the bytes of a file, which do not come into this process but for those before its last gibibyte.
   *
   * @param file - An open file: a descriptor, or an object with one as its `fd`. It is read from its beginning, and its
   *   position does not change. Or the path of a file.
   * @returns How many bytes that were.
   * @throws {@link OSError}, such as ENOENT, or ESPIPE for what has no position, such as a pipe; as {@link update}.
   *
   * Source: sendfile(2)
   */
  updateFile(file: SendfileSource): number {
    try {
      if (typeof file !== 'string') return this.sendFile(descriptorOf(file));
      const fd = openSync(file, 'r');
      try {
        return this.sendFile(fd);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      throw fileError(error);
    }
  }

  /**
   * Ends the message.
   *
   * @returns The digest of all that was given. After it the hash is as new.
   * @throws {@link OSError}: ENOKEY if the algorithm needs a key.
   */
  digest(): Buffer {
    return this.explain(() => this.operation.recv(MOST_DIGEST));
  }

  /**
   * Another hash with the same state: of messages that begin alike, the beginning is computed once.
   *
   * @throws {@link OSError}, such as EMFILE.
   */
  copy(): Hash {
    return new Hash(this);
  }

  /** Closes the descriptor; a second time does nothing. */
  close(): void {
    this.operation.close();
  }

  /** Closes the hash at the end of its `using` scope. */
  [Symbol.dispose](): void {
    this.close();
  }

  private sendFile(fd: number): number {
    // The end of what sendfile(2) is asked for would be the end of the message, so it is asked for more than there is.
    let position = this.readFile(fd, 0, fstatSync(fd).size - MOST_LEFT + 1);
    for (;;) {
      const sent = native.sendfile(this.operation.fileno(), fd, position, MOST_LEFT, 0);
      if (sent === REFUSED) return this.readFile(fd, position, Number.POSITIVE_INFINITY);
      this.explain(() => {
        if (sent < 0) throw osError(sent, { syscall: 'sendfile' });
      });
      if (sent === 0) return position;
      position += sent;
    }
  }

  /** Goes on with the bytes of a file from a position to another one, or to its end; returns where that was. */
  private readFile(fd: number, start: number, end: number): number {
    let position = start;
    const memory = Buffer.allocUnsafe(start < end ? PIECE : 0);
    while (position < end) {
      const read = readSync(fd, memory, 0, PIECE, position);
      if (read === 0) break;
      this.update(memory.subarray(0, read));
      position += read;
    }
    return position;
  }

  private explain<T>(call: () => T): T {
    return explain({ ENOKEY: `'${this.name}' needs a key` }, call);
  }
}
