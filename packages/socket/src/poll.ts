import { integer, POLLIN, POLLOUT, POLLPRI, wrongValue } from '@bsd-sockets/core-native';
import { encodeTimeout } from './default-timeout';
import { filenoOf, type HasFileno, PollFds } from './pollfd';

/**
 * Descriptors to wait for together, with a call that blocks its thread: Python's `select.poll` objects. {@link poll}
 * makes one.
 */
export class Poll {
  private readonly masks = new Map<number, number>();
  private entries: PollFds | undefined;

  /**
   * Adds a descriptor. If it is there already, its events are replaced.
   *
   * @param fd - A socket, another object with a `fileno()` method, or a descriptor. What is kept is the number: take it
   *   out before the descriptor is closed.
   * @param eventmask - POLLIN, POLLPRI, POLLOUT, …, joined by `|`; these three by default. POLLERR, POLLHUP and POLLNVAL
   *   are always reported.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`), RangeError (`ERR_INVALID_ARG_VALUE` for a closed socket,
   *   `ERR_OUT_OF_RANGE`).
   *
   * Source: poll(2); Python's `poll.register`
   */
  register(fd: HasFileno, eventmask: number = POLLIN | POLLPRI | POLLOUT): void {
    this.masks.set(filenoOf('fd', fd), integer('eventmask', eventmask, 0, 0xffff));
    this.entries = undefined;
  }

  /**
   * Changes the events of a descriptor that is there.
   *
   * @param fd - A socket or a descriptor.
   * @param eventmask - POLLIN, POLLPRI and POLLOUT, joined by `|`.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) if it is not there; otherwise as {@link register}.
   *
   * Source: Python's `poll.modify`
   */
  modify(fd: HasFileno, eventmask: number): void {
    this.registered(fd);
    this.register(fd, eventmask);
  }

  /**
   * Takes a descriptor out.
   *
   * @param fd - A socket or a descriptor.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) if it is not there.
   *
   * Source: Python's `poll.unregister`
   */
  unregister(fd: HasFileno): void {
    this.masks.delete(this.registered(fd));
    this.entries = undefined;
  }

  /**
   * Waits until any of the descriptors is ready.
   *
   * @param timeout - SECONDS, as everywhere here; Python's `poll` takes milliseconds. 0 does not wait; null, undefined
   *   or less than 0 waits without limit.
   * @returns The descriptors that are ready with their events, in the order of their registration; none when the time is
   *   over. A descriptor that is not open has POLLNVAL.
   * @throws {@link OSError}, such as EINVAL for more descriptors than the process may have open; TypeError
   *   (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) for a bad time-out.
   *
   * Source: poll(2); Python's `poll.poll`
   */
  poll(timeout?: number | null): [fd: number, event: number][] {
    const seconds = typeof timeout === 'number' && timeout < 0 ? -1 : encodeTimeout(timeout);
    this.entries ??= this.collect();
    const { entries } = this;
    const ready: [fd: number, event: number][] = [];
    if (entries.wait(seconds) === 0) return ready;
    for (let index = 0; index < entries.length; index++) {
      const event = entries.revents(index);
      if (event !== 0) ready.push([entries.fd(index), event]);
    }
    return ready;
  }

  private registered(fd: HasFileno): number {
    const number = filenoOf('fd', fd);
    if (!this.masks.has(number)) throw wrongValue('fd', 'a descriptor that is registered', number);
    return number;
  }

  private collect(): PollFds {
    const entries = new PollFds(this.masks.size);
    let index = 0;
    for (const [fd, events] of this.masks) entries.set(index++, fd, events);
    return entries;
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
