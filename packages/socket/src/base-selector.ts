import {
  native,
  osError,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  readiness,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { pollFor } from './base-poll';
import { encodeTimeout } from './default-timeout';
import { check, closeDescriptor, selectors } from './handle';
import { filenoOf, type HasFileno, PollFds } from './pollfd';

/** Ready to be read from: Python's `selectors.EVENT_READ`. A listening socket has a connection then. */
export const EVENT_READ = 1;
/** Ready to be written to: Python's `selectors.EVENT_WRITE`. A socket that was connecting is done then, well or not. */
export const EVENT_WRITE = 2;
/** Beside these, for the addon. */
const EXCLUSIVE = 4;

/**
 * What a selector knows of one that is registered.
 *
 * @typeParam D - The data.
 *
 * Source: Python's `selectors.SelectorKey`
 */
export interface SelectorKey<D = unknown> {
  /** What was registered: a socket, another object with a descriptor, or the descriptor itself. */
  readonly fileobj: HasFileno;
  /** Its descriptor. */
  readonly fd: number;
  /** EVENT_READ and EVENT_WRITE, joined by `|`. */
  readonly events: number;
  /** What was given with it. */
  readonly data: D;
}

/** Data may be left out where there need be none. */
export type Data<D> = undefined extends D ? [data?: D] : [data: D];

/** What of a selector is ready, and for what. */
export type SelectorEvents<D> = [key: SelectorKey<D>, events: number][];

const ENOSYS = -(native.errnos.ENOSYS as number);
const BROKEN = POLLERR | POLLHUP;

/** Whose selector nobody can reach any more. */
const unclosed = new FinalizationRegistry<number>(closeSelector);

/**
 * Descriptors to wait for together, with data for each: what the two classes of selectors have in common, all but the wait.
 *
 * @typeParam D - The data of each.
 */
export class BaseSelector<D = undefined> {
  private readonly keys = new Map<number, SelectorKey<D>>();
  private readonly exclusive = new Set<number>();
  /** Room for what is ready. */
  private ready = new Int32Array(2);
  private descriptor: number;
  /** Whether each wait has to ask of all, since the kernel has no set: on Windows, as Python's `SelectSelector` there. */
  protected readonly asksAll: boolean;
  protected closed = false;

  /**
   * Opens the selector, without any descriptor in it.
   *
   * @throws {@link OSError}: EMFILE, ENOMEM.
   *
   * Source: epoll_create1(2); Python's `selectors.DefaultSelector`
   */
  constructor() {
    const descriptor = native.openSelector();
    this.asksAll = descriptor === ENOSYS;
    this.descriptor = this.asksAll ? -1 : check(descriptor, 'selector');
    if (this.asksAll) return;
    selectors.add(descriptor);
    unclosed.register(this, descriptor, this);
  }

  /**
   * Adds a descriptor, which is watched until it is taken out.
   *
   * @param fileobj - A socket, another object with a `fileno()` method or an `fd`, or a descriptor. Take it out before it is
   *   closed.
   * @param events - EVENT_READ, EVENT_WRITE, or both joined by `|`.
   * @param data - What `select` gives back with it, such as a function to call.
   * @returns What the selector knows of it.
   * @throws {@link OSError}: EPERM for a file that is always ready, EBADF for what is not open, ENOSPC beyond
   *   /proc/sys/fs/epoll/max_user_watches; RangeError (`ERR_INVALID_ARG_VALUE`) if it is registered already, is closed, or
   *   for other events; TypeError (`ERR_INVALID_ARG_TYPE`).
   *
   * Source: epoll_ctl(2); Python's `selectors.BaseSelector.register`
   */
  register(fileobj: HasFileno, events: number, ...data: Data<D>): SelectorKey<D> {
    if (data.length > 1) {
      // The kernel heeds EPOLLEXCLUSIVE only for a wait in epoll_wait(2) itself.
      throw wrongValue('options', 'none (only the blocking face has exclusive waits)', data.at(1));
    }
    return this.add(fileobj, events, data[0] as D, false);
  }

  /**
   * Takes a descriptor out. It may be closed already, if it is named by the object that was registered.
   *
   * @param fileobj - What was registered, or its descriptor.
   * @returns What the selector knew of it.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) if it is not registered; TypeError (`ERR_INVALID_ARG_TYPE`).
   *
   * Source: epoll_ctl(2); Python's `selectors.BaseSelector.unregister`
   */
  unregister(fileobj: HasFileno): SelectorKey<D> {
    const key = this.getKey(fileobj);
    this.keys.delete(key.fd);
    this.exclusive.delete(key.fd);
    // Closing it has taken it out of the kernel's set already.
    if (!this.asksAll) native.changeSelector(this.descriptor, key.fd, 0, 0);
    this.changed();
    return key;
  }

  /**
   * Changes the events and the data of a descriptor.
   *
   * @param fileobj - What was registered, or its descriptor.
   * @param events - EVENT_READ, EVENT_WRITE, or both joined by `|`.
   * @param data - As for {@link register}.
   * @returns What the selector knows of it now.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) if it is not registered; otherwise as {@link register}.
   *
   * Source: epoll_ctl(2); Python's `selectors.BaseSelector.modify`
   */
  modify(fileobj: HasFileno, events: number, ...data: Data<D>): SelectorKey<D> {
    const old = this.getKey(fileobj);
    const { fd } = old;
    const exclusive = this.exclusive.has(fd);
    const key = { ...old, events: eventsOf(events), data: data[0] as D };
    // The kernel changes no exclusive one.
    if (exclusive && !this.asksAll) native.changeSelector(this.descriptor, fd, 0, 0);
    this.put(key, exclusive, exclusive);
    return key;
  }

  /**
   * What the selector knows of a descriptor.
   *
   * @param fileobj - What was registered, or its descriptor.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) if it is not registered; TypeError (`ERR_INVALID_ARG_TYPE`).
   *
   * Source: Python's `selectors.BaseSelector.get_key`
   */
  getKey(fileobj: HasFileno): SelectorKey<D> {
    const key = this.find(fileobj);
    if (key === undefined) throw wrongValue('fileobj', 'one that is registered', fileobj);
    return key;
  }

  /**
   * What the selector knows of all.
   *
   * @returns A copy, by what was registered; empty once the selector is closed.
   *
   * Source: Python's `selectors.BaseSelector.get_map`
   */
  getMap(): Map<HasFileno, SelectorKey<D>> {
    return new Map([...this.keys.values()].map((key) => [key.fileobj, key]));
  }

  /**
   * The selector's own descriptor, which is readable when any of the others is ready: -1 once it is closed, and on
   * Windows, where it has none.
   *
   * Source: Python's `selectors.EpollSelector.fileno`
   */
  fileno(): number {
    return this.descriptor;
  }

  /**
   * Closes the selector; the descriptors in it stay open. A second time does nothing.
   *
   * Source: Python's `selectors.BaseSelector.close`
   */
  close(): void {
    const { descriptor } = this;
    if (this.closed) return;
    this.closed = true;
    this.descriptor = -1;
    this.keys.clear();
    this.changed();
    if (descriptor < 0) return;
    unclosed.unregister(this);
    readiness.abandon(descriptor);
    closeSelector(descriptor);
  }

  /** Closes the selector at the end of its `using` scope. */
  [Symbol.dispose](): void {
    this.close();
  }

  protected add(fileobj: HasFileno, events: number, data: D, exclusive: boolean): SelectorKey<D> {
    const key = { fileobj, fd: filenoOf('fileobj', fileobj), events: eventsOf(events), data };
    if (this.keys.has(key.fd)) throw wrongValue('fileobj', 'one that is not registered already', fileobj);
    this.put(key, true, exclusive);
    if (exclusive) this.exclusive.add(key.fd);
    return key;
  }

  private put(key: SelectorKey<D>, isNew: boolean, exclusive: boolean): void {
    const events = key.events | (exclusive ? EXCLUSIVE : 0);
    const changed = this.asksAll
      ? this.ifOpen()
      : native.changeSelector(this.descriptor, key.fd, events, isNew ? 1 : 0);
    this.check(changed, 'selector');
    this.keys.set(key.fd, key);
    this.changed();
  }

  /** What is waited for has changed. */
  protected changed(): void {}

  private ifOpen(): number {
    return this.closed ? -(native.errnos.EBADF as number) : 0;
  }

  /** What to ask poll(2) of all that is registered. */
  protected entries(): PollFds {
    const entries = new PollFds(this.keys.size);
    let index = 0;
    for (const { fd, events } of this.keys.values()) {
      entries.set(index++, fd, (events & EVENT_READ ? POLLIN : 0) | (events & EVENT_WRITE ? POLLOUT : 0));
    }
    return entries;
  }

  private ask(seconds: number): SelectorEvents<D> {
    this.check(this.ifOpen(), 'selector');
    const found: SelectorEvents<D> = [];
    for (const [fd, revents] of pollFor(this.entries(), seconds)) {
      if (revents & POLLNVAL) throw osError(-(native.errnos.ENOTSOCK as number), { syscall: 'poll' });
      const ready = (revents & (POLLIN | BROKEN) ? EVENT_READ : 0) | (revents & (POLLOUT | BROKEN) ? EVENT_WRITE : 0);
      const key = this.keys.get(fd) as SelectorKey<D>;
      found.push([key, ready & key.events]);
    }
    return found;
  }

  /** Waits for no longer than `seconds`; -1: without limit. */
  protected wait(seconds: number): SelectorEvents<D> {
    if (this.asksAll) return this.ask(seconds);
    const { size } = this.keys;
    if (this.ready.length < 2 * size) this.ready = new Int32Array(2 * size);
    const { ready } = this;
    const count = this.check(native.waitSelector(this.descriptor, new Uint8Array(ready.buffer), seconds), 'selector');
    const found: SelectorEvents<D> = [];
    for (let index = 0; index < count; index++) {
      const key = this.keys.get(ready[2 * index] as number);
      // An open duplicate keeps a descriptor in the kernel's set that was closed by other means than ours.
      if (key !== undefined) found.push([key, (ready[2 * index + 1] as number) & key.events]);
    }
    return found;
  }

  private check(result: number, syscall: string): number {
    if (result < 0) throw osError(result, { syscall, hint: this.closed ? 'the selector is closed' : undefined });
    return result;
  }

  private find(fileobj: HasFileno): SelectorKey<D> | undefined {
    try {
      return this.keys.get(filenoOf('fileobj', fileobj));
    } catch (error) {
      // It may be closed by now.
      for (const key of this.keys.values()) if (key.fileobj === fileobj) return key;
      throw error;
    }
  }
}

function closeSelector(fd: number): void {
  selectors.delete(fd);
  closeDescriptor(fd);
}

function eventsOf(events: number): number {
  const expected = 'EVENT_READ (1), EVENT_WRITE (2), or both (3)';
  if (typeof events !== 'number') throw wrongType('events', expected, events);
  if (events !== 1 && events !== 2 && events !== 3) throw wrongValue('events', expected, events);
  return events;
}

/** The timeout of a wait, in seconds; -1 without limit. As in Python, less than 0 does not wait. */
export function selectorTimeout(timeout: number | null | undefined): number {
  return typeof timeout === 'number' && timeout < 0 ? 0 : encodeTimeout(timeout);
}
