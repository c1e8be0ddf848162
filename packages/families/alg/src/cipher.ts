import { bytes, join, wrongValue } from '@bsd-sockets/core-native';
import { ALG_OP_DECRYPT, ALG_OP_ENCRYPT, BlockingIOError, type BytesLike, MSG_MORE } from '@bsd-sockets/socket';
import { type AlgSocket, explain, openAlgorithm, openOperation, PIECE, pieces, transform } from './algorithm';

const EMPTY = new Uint8Array(0);

/** The modes whose iv carries over from one request to the next; others (xts, cts, …) need the message as a whole. */
const CHAINING = /^(ecb|cbc|pcbc|ctr|cfb|ofb)[(-]/;

/**
 * A symmetric cipher of the kernel, which keeps a message secret and does not protect it against changes.
 *
 * Source: Linux, Documentation/crypto/userspace-if.rst
 */
export class Cipher implements Disposable {
  /** The kernel's name of the algorithm, such as `cbc(aes)`. */
  readonly name: string;
  private readonly algorithm: AlgSocket;

  /**
   * Opens a cipher. It holds a descriptor until it is closed.
   *
   * @param name - The kernel's name of the algorithm, such as `cbc(aes)` or `ctr(aes)`; /proc/crypto lists those that are
   *   loaded, as `skcipher`.
   * @param key - The key; its length is the algorithm's.
   * @throws {@link OSError}: ENOENT if the kernel has no such cipher, EINVAL for a key of a wrong length, EAFNOSUPPORT if
   *   the kernel has no AF_ALG; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`).
   */
  constructor(name: string, key: BytesLike) {
    this.name = name;
    this.algorithm = openAlgorithm('skcipher', name, bytes('key', key));
  }

  /**
   * Encrypts a message. Nothing is padded.
   *
   * @param data - The message; of block modes such as cbc a multiple of the block size.
   * @param iv - The initialization vector, of the length that the algorithm has; none for those without, such as `ecb(aes)`.
   * @returns As many bytes.
   * @throws {@link OSError}: EINVAL for an `iv` or a message of a wrong length, EMSGSIZE for a message that the kernel must
   *   have as a whole (in modes such as xts) and has no room for; TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  encrypt(data: BytesLike, iv?: BytesLike | null): Buffer {
    return join([...this.steps(ALG_OP_ENCRYPT, data, iv)]);
  }

  /**
   * Decrypts a message.
   *
   * @param data - What {@link encrypt} made of it.
   * @param iv - The initialization vector that it was encrypted with.
   * @returns As many bytes.
   * @throws As {@link encrypt}.
   */
  decrypt(data: BytesLike, iv?: BytesLike | null): Buffer {
    return join([...this.steps(ALG_OP_DECRYPT, data, iv)]);
  }

  /**
   * Encrypts a message of any length that comes in pieces.
   *
   * @param source - The pieces, of any length each.
   * @param iv - As for {@link encrypt}.
   * @returns The pieces of the encrypted message, of up to 64 KiB each.
   * @throws As {@link encrypt}; RangeError (`ERR_INVALID_ARG_VALUE`) for a mode that needs the message as a whole.
   */
  encryptPieces(source: Iterable<BytesLike>, iv?: BytesLike | null): Generator<Buffer, void> {
    return this.transformPieces(ALG_OP_ENCRYPT, source, iv);
  }

  /**
   * Decrypts a message of any length that comes in pieces.
   *
   * @param source - The pieces, of any length each.
   * @param iv - As for {@link decrypt}.
   * @returns The pieces of the message, of up to 64 KiB each.
   * @throws As {@link encryptPieces}.
   */
  decryptPieces(source: Iterable<BytesLike>, iv?: BytesLike | null): Generator<Buffer, void> {
    return this.transformPieces(ALG_OP_DECRYPT, source, iv);
  }

  /** Closes the descriptor; a second time does nothing. */
  close(): void {
    this.algorithm.close();
  }

  /** Closes the cipher at the end of its `using` scope. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * The work for one message, in steps that are short.
   *
   * @internal
   */
  *steps(op: number, data: BytesLike, iv: BytesLike | null | undefined): Generator<Buffer, void> {
    const view = bytes('data', data);
    if (view.length > PIECE && CHAINING.test(this.name)) {
      yield* this.transformPieces(op, [view], iv);
      return;
    }
    using operation = openOperation(this.algorithm);
    yield transform(operation, this.name, [view], { op, iv: ivOf(iv) }, view.length);
  }

  /**
   * Begins a message that comes in pieces.
   *
   * @internal
   */
  begin(op: number, iv: BytesLike | null | undefined): CipherMessage {
    if (!CHAINING.test(this.name)) throw wrongValue('name', 'a mode that takes pieces, such as cbc or ctr', this.name);
    return new CipherMessage(this.algorithm, this.name, op, ivOf(iv));
  }

  private *transformPieces(
    op: number,
    source: Iterable<BytesLike>,
    iv: BytesLike | null | undefined,
  ): Generator<Buffer, void> {
    using message = this.begin(op, iv);
    for (const piece of source) yield* message.update(piece);
    yield* message.finish();
  }
}

// Without one the kernel would take zeros; one without bytes it refuses, unless the algorithm has none.
function ivOf(iv: BytesLike | null | undefined): Uint8Array {
  return iv === null || iv === undefined ? EMPTY : bytes('iv', iv);
}

/** A message that comes in pieces. */
export class CipherMessage implements Disposable {
  private readonly operation: AlgSocket;
  private readonly name: string;

  constructor(algorithm: AlgSocket, name: string, op: number, iv: Uint8Array) {
    this.operation = openOperation(algorithm);
    this.name = name;
    try {
      explain({ EINVAL: `'${name}' takes no iv of ${iv.length} bytes` }, () =>
        this.operation.sendmsgAfalg([], { op, iv, flags: MSG_MORE }),
      );
    } catch (error) {
      this.operation.close();
      throw error;
    }
  }

  /** What comes out for a piece: whole blocks. */
  *update(piece: BytesLike): Generator<Buffer, void> {
    for (const part of pieces(bytes('piece', piece))) {
      this.operation.sendall(part, MSG_MORE);
      const blocks = this.blocks();
      if (blocks !== undefined) yield blocks;
    }
  }

  /** What comes out at the end. */
  *finish(): Generator<Buffer, void> {
    this.operation.send(EMPTY);
    const hint = `the message is no multiple of the block size of '${this.name}'`;
    const rest = explain({ EINVAL: hint }, () => this.operation.recv(PIECE));
    if (rest.length > 0) yield rest;
  }

  [Symbol.dispose](): void {
    this.operation.close();
  }

  private blocks(): Buffer | undefined {
    try {
      // What was left of the piece before may be among them.
      return this.operation.recv(2 * PIECE);
    } catch (error) {
      if (error instanceof BlockingIOError) return undefined;
      throw error;
    }
  }
}
