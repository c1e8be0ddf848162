import { FastBuffer, natural, SOCK_STREAM, wrongValue } from '@bsd-sockets/core-native';
import type { Handle } from './handle';

/**
 * The stream has ended before as many bytes had come as `recvExactly` was asked for.
 *
 * Source: Python's `asyncio.IncompleteReadError`
 */
export class IncompleteReadError extends Error {
  /** The same for all. */
  readonly code = 'ERR_INCOMPLETE_READ';
  /** What had come. */
  readonly partial: Buffer;
  /** How many bytes were asked for. */
  readonly expected: number;

  /**
   * Makes the error.
   *
   * @param partial - What had come.
   * @param expected - How many bytes were asked for.
   */
  constructor(partial: Buffer, expected: number) {
    super(`the stream ended after ${partial.length} of ${expected} bytes`);
    this.name = 'IncompleteReadError';
    this.partial = partial;
    this.expected = expected;
  }
}

/** The error of a read that had got a part, which it carries: the part is not in the socket any more. */
export function withPartial(error: unknown, partial: Buffer): unknown {
  return typeof error === 'object' && error !== null ? Object.assign(error, { partial }) : error;
}

/** Memory for so many bytes of a stream. */
export function memoryForAll({ type }: Handle, nbytes: number): Buffer {
  if (type !== SOCK_STREAM) throw wrongValue('socket', 'a SOCK_STREAM socket for recvExactly', type);
  return Buffer.allocUnsafeSlow(natural('nbytes', nbytes));
}

/** The memory, if it was filled. */
export function complete(memory: Buffer, done: number): Buffer {
  if (done < memory.length) throw new IncompleteReadError(copyOfFirst(memory, done), memory.length);
  return memory;
}

/** The first bytes of memory, for an error: a copy, since what was there before lies behind them. */
export function copyOfFirst(memory: Uint8Array, done: number): Buffer {
  return new FastBuffer(memory.subarray(0, done));
}
