import { type KnownKeys, optionsOf } from '@bsd-sockets/core-native';
import { BaseSelector, type SelectorEvents, type SelectorKey, selectorTimeout } from './base-selector';
import type { HasFileno } from './pollfd';

/** How {@link DefaultSelector.register} watches a descriptor. */
export interface RegisterOptions {
  /** Whether one waiting selector is told, of several that have the descriptor: not all that wait, but one or a few. */
  exclusive?: boolean | undefined;
}

const REGISTER_OPTIONS: KnownKeys<RegisterOptions> = { exclusive: true };

/**
 * Descriptors to wait for together, with data for each, by a call that blocks its thread: Python's
 * `selectors.DefaultSelector`. The kernel keeps the set, so that a wait costs what is ready, not what is registered.
 *
 * ```ts
 * using selector = new DefaultSelector<() => void>();
 * selector.register(server, EVENT_READ, () => accept(server));
 * for (const [key] of selector.select()) key.data();
 * ```
 *
 * @typeParam D - The data of each.
 */
export class DefaultSelector<D = undefined> extends BaseSelector<D> {
  /**
   * Adds a descriptor, which is watched until it is taken out.
   *
   * @param fileobj - A socket, another object with a `fileno()` method or an `fd`, or a descriptor. Take it out before it is
   *   closed.
   * @param events - EVENT_READ, EVENT_WRITE, or both joined by `|`.
   * @param rest - `data`: what `select` gives back with it, such as a function to call. And `options`: with `exclusive` one
   *   of several selectors that wait for the same socket is told of an event, as a rule: those of the processes or workers of
   *   a pre-forking server, that share a listening socket.
   * @returns What the selector knows of it.
   * @throws {@link OSError}: EPERM for a file that is always ready, EBADF for what is not open, ENOSPC beyond
   *   /proc/sys/fs/epoll/max_user_watches; RangeError (`ERR_INVALID_ARG_VALUE`) if it is registered already, is closed, or
   *   for other events; TypeError (`ERR_INVALID_ARG_TYPE`).
   *
   * Source: epoll_ctl(2), EPOLLEXCLUSIVE; Python's `selectors.BaseSelector.register`
   */
  override register(
    fileobj: HasFileno,
    events: number,
    ...rest: undefined extends D ? [data?: D, options?: RegisterOptions] : [data: D, options?: RegisterOptions]
  ): SelectorKey<D> {
    const [data, options] = rest;
    const { exclusive = false } = optionsOf(options, REGISTER_OPTIONS);
    return this.add(fileobj, events, data as D, exclusive);
  }

  /**
   * Waits until any descriptor is ready.
   *
   * @param timeout - Seconds; 0 or less does not wait; null or undefined waits without limit.
   * @returns What is ready, with EVENT_READ, EVENT_WRITE or both of what was asked for: both, where there is an error or the
   *   peer has hung up. Nothing when the time is over.
   * @throws {@link OSError}: EBADF if the selector is closed; {@link InterruptedError}; TypeError (`ERR_INVALID_ARG_TYPE`)
   *   or RangeError for a bad timeout.
   *
   * Source: epoll_wait(2); Python's `selectors.BaseSelector.select`
   */
  select(timeout?: number | null): SelectorEvents<D> {
    return this.wait(selectorTimeout(timeout));
  }
}
