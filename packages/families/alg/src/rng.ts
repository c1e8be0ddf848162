import { bytes, natural } from '@bsd-sockets/core-native';
import type { BytesLike } from '@bsd-sockets/socket';
import { type AlgSocket, explain, openAlgorithm, openOperation, pieces } from './algorithm';

/**
 * A generator of random numbers of the kernel.
 *
 * Source: Linux, Documentation/crypto/userspace-if.rst
 */
export class Rng implements Disposable {
  /** The kernel's name of the algorithm, such as `stdrng`. */
  readonly name: string;
  private readonly operation: AlgSocket;

  /**
   * Opens a generator. It holds a descriptor until it is closed.
   *
   * @param name - The kernel's name of the algorithm, such as `jitterentropy_rng`; `stdrng`, the kernel's best, by default.
   * @param seed - What it begins with, as long as the algorithm asks for (`seedsize` in /proc/crypto); none by default.
   * @throws {@link OSError}: ENOENT if the kernel has no such generator, EINVAL for a seed of a wrong length, EAFNOSUPPORT
   *   if the kernel has no AF_ALG; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`).
   */
  constructor(name = 'stdrng', seed?: BytesLike | null) {
    this.name = name;
    // Without a seed, even one without bytes, most generators do not begin.
    const bytesOfSeed = seed === null || seed === undefined ? new Uint8Array(0) : bytes('seed', seed);
    using algorithm = openAlgorithm('rng', name, bytesOfSeed);
    this.operation = openOperation(algorithm);
  }

  /**
   * Random bytes.
   *
   * @param size - How many.
   * @throws {@link OSError}; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
   */
  read(size: number): Buffer {
    const steps = this.steps(size);
    let step = steps.next();
    while (!step.done) step = steps.next();
    return step.value;
  }

  /** Closes the descriptor; a second time does nothing. */
  close(): void {
    this.operation.close();
  }

  /** Closes the generator at the end of its `using` scope. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * The work for {@link read}, in steps that are short.
   *
   * @internal
   */
  *steps(size: number): Generator<void, Buffer> {
    const memory = Buffer.alloc(natural('size', size));
    const hint = `'${this.name}' has no seed, or is no generator of its own`;
    for (const piece of pieces(memory)) {
      // The kernel gives 128 bytes at once.
      for (let filled = 0; filled < piece.length; ) {
        filled += explain({ EINVAL: hint }, () => this.operation.recvInto(piece.subarray(filled)));
      }
      yield;
    }
    return memory;
  }
}
