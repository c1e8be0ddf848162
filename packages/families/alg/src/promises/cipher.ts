import { type Abortable, isOptions, join } from '@bsd-sockets/core-native';
import { ALG_OP_DECRYPT, ALG_OP_ENCRYPT, type BytesLike } from '@bsd-sockets/socket';
import { Cipher as BlockingCipher } from '../cipher';
import { inTurns, turn } from './turn';

/**
 * A symmetric cipher of the kernel that leaves turns to the event loop. It keeps a message secret and does not protect it
 * against changes.
 *
 * Source: Linux, Documentation/crypto/userspace-if.rst
 */
export class Cipher implements Disposable {
  private readonly cipher: BlockingCipher;

  /**
   * Opens a cipher. It holds a descriptor until it is closed.
   *
   * @param name - The kernel's name of the algorithm, such as `cbc(aes)` or `ctr(aes)`; /proc/crypto lists those that are
   *   loaded, as `skcipher`.
   * @param key - The key; its length is the algorithm's.
   * @throws As the `Cipher` of `@bsd-sockets/alg`.
   */
  constructor(name: string, key: BytesLike) {
    this.cipher = new BlockingCipher(name, key);
  }

  /** The kernel's name of the algorithm, such as `cbc(aes)`. */
  get name(): string {
    return this.cipher.name;
  }

  /**
   * Encrypts a message. Nothing is padded.
   *
   * @param data - The message, which must not change until the promise is settled; of block modes such as cbc a multiple of
   *   the block size.
   * @param iv - The initialization vector, of the length that the algorithm has; none for those without, such as `ecb(aes)`.
   * @param options - `signal`: gives up.
   * @returns As many bytes.
   * @throws {@link OSError}: EINVAL for an `iv` or a message of a wrong length, EMSGSIZE for a message that the kernel must
   *   have as a whole (in modes such as xts) and has no room for; {@link AbortError}; TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  encrypt(data: BytesLike, iv?: BytesLike | null, options?: Abortable): Promise<Buffer>;
  encrypt(data: BytesLike, options?: Abortable): Promise<Buffer>;
  encrypt(data: BytesLike, iv?: any, options?: Abortable): Promise<Buffer> {
    if (isOptions(iv) && options === undefined) return this.encrypt(data, null, iv);
    return this.transform(ALG_OP_ENCRYPT, data, iv, options);
  }

  /**
   * Decrypts a message.
   *
   * @param data - What {@link encrypt} made of it, which must not change until the promise is settled.
   * @param iv - The initialization vector that it was encrypted with.
   * @param options - `signal`: gives up.
   * @returns As many bytes.
   * @throws As {@link encrypt}.
   */
  decrypt(data: BytesLike, iv?: BytesLike | null, options?: Abortable): Promise<Buffer>;
  decrypt(data: BytesLike, options?: Abortable): Promise<Buffer>;
  decrypt(data: BytesLike, iv?: any, options?: Abortable): Promise<Buffer> {
    if (isOptions(iv) && options === undefined) return this.decrypt(data, null, iv);
    return this.transform(ALG_OP_DECRYPT, data, iv, options);
  }

  /**
   * Encrypts a message of any length that comes in pieces.
   *
   * @param source - The pieces, of any length each: a stream, for instance.
   * @param iv - As for {@link encrypt}.
   * @param options - `signal`: gives up before the next piece.
   * @returns The pieces of the encrypted message, of up to 64 KiB each.
   * @throws As {@link encrypt}; RangeError (`ERR_INVALID_ARG_VALUE`) for a mode that needs the message as a whole.
   */
  encryptPieces(
    source: AsyncIterable<BytesLike> | Iterable<BytesLike>,
    iv?: BytesLike | null,
    options?: Abortable,
  ): AsyncGenerator<Buffer, void> {
    return this.transformPieces(ALG_OP_ENCRYPT, source, iv, options);
  }

  /**
   * Decrypts a message of any length that comes in pieces.
   *
   * @param source - The pieces, of any length each: a stream, for instance.
   * @param iv - As for {@link decrypt}.
   * @param options - `signal`: gives up before the next piece.
   * @returns The pieces of the message, of up to 64 KiB each.
   * @throws As {@link encryptPieces}.
   */
  decryptPieces(
    source: AsyncIterable<BytesLike> | Iterable<BytesLike>,
    iv?: BytesLike | null,
    options?: Abortable,
  ): AsyncGenerator<Buffer, void> {
    return this.transformPieces(ALG_OP_DECRYPT, source, iv, options);
  }

  /** Closes the descriptor; a second time does nothing. */
  close(): void {
    this.cipher.close();
  }

  /** Closes the cipher at the end of its `using` scope. */
  [Symbol.dispose](): void {
    this.close();
  }

  private async transform(
    op: number,
    data: BytesLike,
    iv: BytesLike | null | undefined,
    options: Abortable | undefined,
  ): Promise<Buffer> {
    const results: Buffer[] = [];
    const steps = this.cipher.steps(op, data, iv);
    try {
      await inTurns(steps, options, (result) => results.push(result));
    } finally {
      // After an abort the operation is still open.
      steps.return();
    }
    return join(results);
  }

  private async *transformPieces(
    op: number,
    source: AsyncIterable<BytesLike> | Iterable<BytesLike>,
    iv: BytesLike | null | undefined,
    options: Abortable | undefined,
  ): AsyncGenerator<Buffer, void> {
    using message = this.cipher.begin(op, iv);
    for await (const piece of source) {
      await turn(options);
      for (const result of message.update(piece)) {
        yield result;
        await turn(options);
      }
    }
    yield* message.finish();
  }
}
