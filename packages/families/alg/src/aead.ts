import { bytes, integer, optionsOf, wrongValue } from '@bsd-sockets/core-native';
import { ALG_OP_DECRYPT, ALG_OP_ENCRYPT, ALG_SET_AEAD_AUTHSIZE, type BytesLike, SOL_ALG } from '@bsd-sockets/socket';
import { type AlgSocket, explain, openAlgorithm, openOperation, transform } from './algorithm';

/** How an {@link Aead} is opened. */
export interface AeadOptions {
  /** Bytes of the tag; 16 by default. */
  authsize?: number;
}

/**
 * A cipher of the kernel that keeps a message secret and protects it, and associated data with it, against changes. The
 * kernel must have a message as a whole: it takes about 280 KB, unless `net.core.wmem_max` and `net.core.rmem_max` are raised.
 *
 * Source: Linux, Documentation/crypto/userspace-if.rst
 */
export class Aead implements Disposable {
  /** The kernel's name of the algorithm, such as `gcm(aes)`. */
  readonly name: string;
  /** Bytes of the tag. */
  readonly authsize: number;
  private readonly algorithm: AlgSocket;

  /**
   * Opens a cipher. It holds a descriptor until it is closed.
   *
   * @param name - The kernel's name of the algorithm, such as `gcm(aes)`; /proc/crypto lists those that are loaded, as `aead`.
   * @param key - The key; its length is the algorithm's.
   * @param options - `authsize`: the bytes of the tag, 16 by default.
   * @throws {@link OSError}: ENOENT if the kernel has no such cipher, EINVAL for a key or a tag of a wrong length,
   *   EAFNOSUPPORT if the kernel has no AF_ALG; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError.
   */
  constructor(name: string, key: BytesLike, options?: AeadOptions | null) {
    this.name = name;
    this.authsize = integer('authsize', optionsOf(options, { authsize: true }).authsize ?? 16, 0, 1024);
    this.algorithm = openAlgorithm('aead', name, bytes('key', key));
    try {
      explain({ EINVAL: `'${name}' has no tag of ${this.authsize} bytes` }, () =>
        this.algorithm.setsockopt(SOL_ALG, ALG_SET_AEAD_AUTHSIZE, null, this.authsize),
      );
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Encrypts a message.
   *
   * @param data - The message.
   * @param iv - The initialization vector, of the length that the algorithm has, which must never be used twice with one
   *   key.
   * @param aad - Associated data: what the tag protects too, and the receiver knows by other means; none by default.
   * @returns The encrypted message, then the tag.
   * @throws {@link OSError}: EINVAL for an `iv` of a wrong length, EMSGSIZE for a message that the kernel has no room for;
   *   TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  encrypt(data: BytesLike, iv: BytesLike, aad?: BytesLike | null): Buffer {
    return this.transform(ALG_OP_ENCRYPT, bytes('data', data), iv, aad, this.authsize);
  }

  /**
   * Decrypts a message, if it is what was encrypted.
   *
   * @param data - What {@link encrypt} returned, the tag at its end.
   * @param iv - The initialization vector that it was encrypted with.
   * @param aad - The associated data that it was encrypted with.
   * @returns The message.
   * @throws {@link OSError}: EBADMSG if anything of it was changed; as {@link encrypt}; RangeError
   *   (`ERR_INVALID_ARG_VALUE`) if `data` is shorter than the tag.
   */
  decrypt(data: BytesLike, iv: BytesLike, aad?: BytesLike | null): Buffer {
    const view = bytes('data', data);
    if (view.length < this.authsize) throw wrongValue('data', `at least the ${this.authsize} bytes of the tag`, view);
    return this.transform(ALG_OP_DECRYPT, view, iv, aad, -this.authsize);
  }

  /** Closes the descriptor; a second time does nothing. */
  close(): void {
    this.algorithm.close();
  }

  /** Closes the cipher at the end of its `using` scope. */
  [Symbol.dispose](): void {
    this.close();
  }

  private transform(
    op: number,
    data: Uint8Array,
    iv: BytesLike,
    aad: BytesLike | null | undefined,
    growth: number,
  ): Buffer {
    const associated = aad === null || aad === undefined ? new Uint8Array(0) : bytes('aad', aad);
    const options = { op, iv: bytes('iv', iv), assoclen: associated.length };
    using operation = openOperation(this.algorithm);
    const size = associated.length + data.length + growth;
    // The kernel returns the associated data too.
    return transform(operation, this.name, [associated, data], options, size).subarray(associated.length);
  }
}
