import { integer, POLLIN, POLLOUT, POLLPRI, wrongValue } from '@bsd-sockets/core-native';
import { encodeTimeout } from './default-timeout';
import { filenoOf, type HasFileno, PollFds } from './pollfd';

/** Descriptors to wait for together: what the two classes of that name have in common, all but the wait. */
export class BasePoll {
  private readonly masks = new Map<number, number>();
  private current: PollFds | undefined;

  /**
   * Adds a descriptor. If it is there already, its events are replaced.
   *
   * @param fd - A socket, another object with a `fileno()` method or an `fd` (`process.stdin`, a `FileHandle`), or a
   *   descriptor. What is kept is the number: take it out before the descriptor is closed.
   * @param eventmask - POLLIN, POLLPRI, POLLOUT, …, joined by `|`; these three by default. POLLERR, POLLHUP and POLLNVAL
   *   are always reported.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`), RangeError (`ERR_INVALID_ARG_VALUE` for a closed socket,
   *   `ERR_OUT_OF_RANGE`).
   *
   * Source: poll(2); Python's `poll.register`
   */
  register(fd: HasFileno, eventmask: number = POLLIN | POLLPRI | POLLOUT): void {
    this.masks.set(filenoOf('fd', fd), integer('eventmask', eventmask, 0, 0xffff));
    this.current = undefined;
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
    this.current = undefined;
  }

  private registered(fd: HasFileno): number {
    const number = filenoOf('fd', fd);
    if (!this.masks.has(number)) throw wrongValue('fd', 'a descriptor that is registered', number);
    return number;
  }

  /** What to give to poll(2). A later change of the events makes another. */
  protected entries(): PollFds {
    if (this.current !== undefined) return this.current;
    const entries = new PollFds(this.masks.size);
    let index = 0;
    for (const [fd, events] of this.masks) entries.set(index++, fd, events);
    this.current = entries;
    return entries;
  }
}

/** The timeout of a wait, in seconds; -1 without limit. */
export function pollTimeout(timeout: number | null | undefined): number {
  return typeof timeout === 'number' && timeout < 0 ? -1 : encodeTimeout(timeout);
}

/** Waits for no longer than `seconds`, and returns the descriptors that are ready with their events. */
export function pollFor(entries: PollFds, seconds: number): [fd: number, event: number][] {
  const ready: [fd: number, event: number][] = [];
  if (entries.wait(seconds) === 0) return ready;
  for (let index = 0; index < entries.length; index++) {
    const event = entries.revents(index);
    if (event !== 0) ready.push([entries.fd(index), event]);
  }
  return ready;
}
