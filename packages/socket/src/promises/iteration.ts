import { type Abortable, type KnownKeys, type OSError, wrongType } from '@bsd-sockets/core-native';
import type { AddressOf, InternetFamily } from '@bsd-sockets/resolver';
import type { Handle } from '../handle';
import { isPassingError } from '../passing-error';
import type { Channel } from './channel';

/** How long, in seconds, an iteration pauses at a passing error: at first, and at most. */
const FIRST_PAUSE = 0.001;
const LONGEST_PAUSE = 0.05;

/** What an iteration over connections or datagrams takes. */
export interface IterationOptions extends Abortable {
  /**
   * Is called with each passing error (see {@link isPassingError}), such as EMFILE, after which the iteration pauses for 1 to
   * 50 ms and goes on. What it throws ends the iteration.
   */
  onError?: ((error: OSError) => void) | null;
}

/** How {@link Socket.datagrams} receives. */
export interface DatagramsOptions extends IterationOptions {
  /** The most bytes of a datagram, what is more is cut off; 65536 by default. */
  bufsize?: number;
  /** MSG_* constants, joined by `|`. */
  flags?: number;
}

/** How {@link Socket.chunks} receives. */
export interface ChunksOptions extends Abortable {
  /** The most bytes of a chunk; 65536 by default. */
  bufsize?: number;
  /** MSG_* constants, joined by `|`. */
  flags?: number;
}

/** The sender of a datagram: of inet and inet6 each has an address, elsewhere it may have none. */
export type DatagramSender<F extends number> = F extends InternetFamily ? AddressOf<F> : AddressOf<F> | undefined;

export const ITERATION_OPTIONS: KnownKeys<IterationOptions> = { onError: true, signal: true };
export const CHUNKS_OPTIONS: KnownKeys<ChunksOptions> = { bufsize: true, flags: true, signal: true };
export const DATAGRAMS_OPTIONS: KnownKeys<DatagramsOptions> = { ...ITERATION_OPTIONS, bufsize: true, flags: true };

/** What a call gives each time that it is made, until the socket is closed. */
export function untilClosed<T>(
  handle: Handle,
  channel: Channel,
  { signal, onError }: Partial<IterationOptions>,
  take: (options: Abortable) => Promise<T>,
): AsyncIterableIterator<T> {
  if (onError !== undefined && onError !== null && typeof onError !== 'function') {
    throw wrongType('onError', 'a function', onError);
  }
  const end: IteratorReturnResult<undefined> = { done: true, value: undefined };
  let ended = false;
  let pause = 0;
  const step = (taken: Promise<T>): Promise<IteratorResult<T>> =>
    taken.then(
      (value) => {
        pause = 0;
        return { done: false, value };
      },
      (error) => {
        ended = true;
        if (handle.fd < 0) return end;
        if (!isPassingError(error)) throw error;
        onError?.(error);
        ended = false;
        pause = Math.min(pause * 2 || FIRST_PAUSE, LONGEST_PAUSE);
        return step(channel.pause(pause, signal ?? undefined).then(() => take({ signal })));
      },
    );
  return {
    next: () => (ended ? Promise.resolve(end) : step(take({ signal }))),
    return: () => {
      ended = true;
      return Promise.resolve(end);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
