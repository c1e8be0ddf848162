import { type Abortable, isOptions } from '@bsd-sockets/core-native';
import type { BytesLike } from '@bsd-sockets/socket';
import { type AeadOptions, Aead as BlockingAead } from '../aead';
import { turn } from './turn';

/**
 * A cipher of the kernel that keeps a message secret and protects it, and associated data with it, against changes, and
 * leaves turns to the event loop between messages. The kernel must have a message as a whole: it takes about 280 KB, unless
 * `net.core.wmem_max` and `net.core.rmem_max` are raised.
 *
 * Source: Linux, Documentation/crypto/userspace-if.rst
 */
export class Aead implements Disposable {
  private readonly aead: BlockingAead;

  /**
   * Opens a cipher. It holds a descriptor until it is closed.
   *
   * @param name - The kernel's name of the algorithm, such as `gcm(aes)`; /proc/crypto lists those that are loaded, as `aead`.
   * @param key - The key; its length is the algorithm's.
   * @param options - `authsize`: the bytes of the tag, 16 by default.
   * @throws As the `Aead` of `@bsd-sockets/alg`.
   */
  constructor(name: string, key: BytesLike, options?: AeadOptions | null) {
    this.aead = new BlockingAead(name, key, options);
  }

  /** The kernel's name of the algorithm, such as `gcm(aes)`. */
  get name(): string {
    return this.aead.name;
  }

  /** Bytes of the tag. */
  get authsize(): number {
    return this.aead.authsize;
  }

  /**
   * Encrypts a message.
   *
   * @param data - The message, which must not change until the promise is settled.
   * @param iv - The initialization vector, of the length that the algorithm has, which must never be used twice with one
   *   key.
   * @param aad - Associated data: what the tag protects too, and the receiver knows by other means; none by default.
   * @param options - `signal`: gives up.
   * @returns The encrypted message, then the tag.
   * @throws {@link OSError}: EINVAL for an `iv` of a wrong length, EMSGSIZE for a message that the kernel has no room for;
   *   {@link AbortError}; TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  encrypt(data: BytesLike, iv: BytesLike, aad?: BytesLike | null, options?: Abortable): Promise<Buffer>;
  encrypt(data: BytesLike, iv: BytesLike, options?: Abortable): Promise<Buffer>;
  async encrypt(data: BytesLike, iv: BytesLike, aad?: any, options?: Abortable): Promise<Buffer> {
    if (isOptions(aad) && options === undefined) return this.encrypt(data, iv, null, aad);
    await turn(options);
    return this.aead.encrypt(data, iv, aad);
  }

  /**
   * Decrypts a message, if it is what was encrypted.
   *
   * @param data - What {@link encrypt} made of it, the tag at its end, which must not change until the promise is settled.
   * @param iv - The initialization vector that it was encrypted with.
   * @param aad - The associated data that it was encrypted with.
   * @param options - `signal`: gives up.
   * @returns The message.
   * @throws {@link OSError}: EBADMSG if anything of it was changed; as {@link encrypt}; RangeError
   *   (`ERR_INVALID_ARG_VALUE`) if `data` is shorter than the tag.
   */
  decrypt(data: BytesLike, iv: BytesLike, aad?: BytesLike | null, options?: Abortable): Promise<Buffer>;
  decrypt(data: BytesLike, iv: BytesLike, options?: Abortable): Promise<Buffer>;
  async decrypt(data: BytesLike, iv: BytesLike, aad?: any, options?: Abortable): Promise<Buffer> {
    if (isOptions(aad) && options === undefined) return this.decrypt(data, iv, null, aad);
    await turn(options);
    return this.aead.decrypt(data, iv, aad);
  }

  /** Closes the descriptor; a second time does nothing. */
  close(): void {
    this.aead.close();
  }

  /** Closes the cipher at the end of its `using` scope. */
  [Symbol.dispose](): void {
    this.close();
  }
}
