import { type Abortable, isOptions, rejecting } from '@bsd-sockets/core-native';
import { encodeTimeout, type Timeout } from '../default-timeout';
import type { HasFileno } from '../pollfd';
import { isAny, Selection } from '../selection';
import { signalOf } from './call';
import { pollUntil } from './poll-wait';

/**
 * Waits until any of several sockets is ready. The sockets may be those of either module, and may be used meanwhile.
 *
 * @param rlist - Which to read from: sockets, other objects with a `fileno()` method or an `fd` (`process.stdin`, a
 *   `FileHandle`), or descriptors, as many as there are. A listening socket is ready when a connection waits to be accepted.
 * @param wlist - Which to write to. A socket that is connecting is ready when that is over, well or not.
 * @param xlist - Which may have an exceptional condition, such as urgent data.
 * @param timeout - Seconds; 0 does not wait; null or undefined waits without limit.
 * @param options - `signal`: ends the wait.
 * @returns What of each list is ready, as it was given; three empty lists when the time is over.
 * @throws {@link OSError}: EBADF for a descriptor that is not open, ECANCELED if a socket is closed or given away
 *   meanwhile; {@link AbortError}; RangeError (`ERR_INVALID_ARG_VALUE`) for a closed socket, a negative descriptor or a
 *   negative timeout; TypeError (`ERR_INVALID_ARG_TYPE`) for what has no descriptor.
 *
 * Source: select(2); Python's `select.select`
 */
export function select<R extends HasFileno, W extends HasFileno, X extends HasFileno>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  timeout?: Timeout,
  options?: Abortable,
): Promise<[readable: R[], writable: W[], exceptional: X[]]>;
export function select<R extends HasFileno, W extends HasFileno, X extends HasFileno>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  options?: Abortable,
): Promise<[readable: R[], writable: W[], exceptional: X[]]>;
export function select<R extends HasFileno, W extends HasFileno, X extends HasFileno>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  timeout?: any,
  options?: Abortable,
): Promise<[readable: R[], writable: W[], exceptional: X[]]> {
  if (isOptions(timeout) && options === undefined) return select(rlist, wlist, xlist, null, timeout);
  return rejecting(() => {
    const selection = new Selection(rlist, wlist, xlist);
    const call = { syscall: 'select', timeout: encodeTimeout(timeout), signal: signalOf(options) };
    return pollUntil(call, selection.entries, (last) => {
      const ready = selection.poll(0);
      return last || isAny(ready) ? ready : undefined;
    });
  });
}
