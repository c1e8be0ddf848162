import { type Abortable, isOptions, rejecting } from '@bsd-sockets/core-native';
import { BasePoll, pollFor, pollTimeout } from '../base-poll';
import { signalOf } from './call';
import { pollUntil } from './poll-wait';

/** Descriptors to wait for together: Python's `select.poll` objects, for the event loop. {@link poll} makes one. */
export class AsyncPoll extends BasePoll {
  /**
   * Waits until any of the descriptors is ready. What is registered, changed or taken out meanwhile is for the next call.
   *
   * @param timeout - SECONDS, as everywhere here; Python's `poll` takes milliseconds. 0 does not wait; null, undefined
   *   or less than 0 waits without limit.
   * @param options - `signal`: ends the wait.
   * @returns The descriptors that are ready with their events, in the order of their registration; none when the time is
   *   over. A descriptor that is not open has POLLNVAL.
   * @throws {@link OSError}: ECANCELED if a socket is closed or given away meanwhile; EINVAL for more descriptors than the
   *   process may have open; {@link AbortError}; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError
   *   (`ERR_INVALID_ARG_VALUE`) for a bad timeout.
   *
   * Source: poll(2); Python's `poll.poll`
   */
  poll(timeout?: number | null, options?: Abortable): Promise<[fd: number, event: number][]>;
  poll(options?: Abortable): Promise<[fd: number, event: number][]>;
  poll(timeout?: any, options?: Abortable): Promise<[fd: number, event: number][]> {
    if (isOptions(timeout) && options === undefined) return this.poll(null, timeout);
    return rejecting(() => {
      const entries = this.entries();
      const call = { syscall: 'poll', timeout: pollTimeout(timeout), signal: signalOf(options) };
      return pollUntil(call, entries, (last) => {
        const ready = pollFor(entries, 0);
        return last || ready.length > 0 ? ready : undefined;
      });
    });
  }
}

/**
 * An object that waits for many descriptors at once, without a limit to their number.
 *
 * Source: poll(2); Python's `select.poll`
 */
export function poll(): AsyncPoll {
  return new AsyncPoll();
}

// Another name than the blocking class, in the messages of a compiler and in stacks.
export { AsyncPoll as Poll };
