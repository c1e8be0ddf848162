import { BasePoll, pollFor, pollTimeout } from './base-poll';

/**
 * Descriptors to wait for together, with a call that blocks its thread: Python's `select.poll` objects. {@link poll}
 * makes one.
 */
export class Poll extends BasePoll {
  /**
   * Waits until any of the descriptors is ready.
   *
   * @param timeout - SECONDS, as everywhere here; Python's `poll` takes milliseconds. 0 does not wait; null, undefined
   *   or less than 0 waits without limit.
   * @returns The descriptors that are ready with their events, in the order of their registration; none when the time is
   *   over. A descriptor that is not open has POLLNVAL.
   * @throws {@link OSError}, such as EINVAL for more descriptors than the process may have open; TypeError
   *   (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) for a bad timeout.
   *
   * Source: poll(2); Python's `poll.poll`
   */
  poll(timeout?: number | null): [fd: number, event: number][] {
    return pollFor(this.entries(), pollTimeout(timeout));
  }
}

/**
 * An object that waits for many descriptors at once, without a limit to their number.
 *
 * Source: poll(2); Python's `select.poll`
 */
export function poll(): Poll {
  return new Poll();
}
