import type { Abortable } from '@bsd-sockets/core-native';
import type { BytesLike } from '@bsd-sockets/socket';
import { Rng as BlockingRng } from '../rng';
import { inTurns } from './turn';

/**
 * A generator of random numbers of the kernel that leaves turns to the event loop.
 *
 * Source: Linux, Documentation/crypto/userspace-if.rst
 */
export class Rng implements Disposable {
  private readonly rng: BlockingRng;

  /**
   * Opens a generator. It holds a descriptor until it is closed.
   *
   * @param name - The kernel's name of the algorithm, such as `jitterentropy_rng`; `stdrng`, the kernel's best, by default.
   * @param seed - What it begins with, as long as the algorithm asks for (`seedsize` in /proc/crypto); none by default.
   * @throws As the `Rng` of `@bsd-sockets/alg`.
   */
  constructor(name?: string, seed?: BytesLike | null) {
    this.rng = new BlockingRng(name, seed);
  }

  /** The kernel's name of the algorithm, such as `stdrng`. */
  get name(): string {
    return this.rng.name;
  }

  /**
   * Random bytes.
   *
   * @param size - How many.
   * @param options - `signal`: gives up.
   * @throws {@link OSError}; {@link AbortError}; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
   */
  async read(size: number, options?: Abortable): Promise<Buffer> {
    return inTurns(this.rng.steps(size), options);
  }

  /** Closes the descriptor; a second time does nothing. */
  close(): void {
    this.rng.close();
  }

  /** Closes the generator at the end of its `using` scope. */
  [Symbol.dispose](): void {
    this.close();
  }
}
