import { encodeTimeout, type Timeout } from './default-timeout';
import type { HasFileno } from './pollfd';
import { isAny, Selection } from './selection';

/**
 * Waits, with a call that blocks its thread, until any of several sockets is ready.
 *
 * @param rlist - Which to read from: sockets, other objects with a `fileno()` method or an `fd` (`process.stdin`, a
 *   `FileHandle`), or descriptors, as many as there are. A listening socket is ready when a connection waits to be accepted.
 * @param wlist - Which to write to. A socket that is connecting is ready when that is over, well or not.
 * @param xlist - Which may have an exceptional condition, such as urgent data.
 * @param timeout - Seconds; 0 does not wait; null or undefined waits without limit.
 * @returns What of each list is ready, as it was given; three empty lists when the time is over.
 * @throws {@link OSError}: EBADF for a descriptor that is not open; RangeError (`ERR_INVALID_ARG_VALUE`) for a closed
 *   socket, a negative descriptor or a negative timeout; TypeError (`ERR_INVALID_ARG_TYPE`) for what has no descriptor.
 *
 * Source: select(2); Python's `select.select`
 */
export function select<R extends HasFileno, W extends HasFileno, X extends HasFileno>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  timeout?: Timeout,
): [readable: R[], writable: W[], exceptional: X[]] {
  const selection = new Selection(rlist, wlist, xlist);
  const seconds = encodeTimeout(timeout);
  const end = performance.now() + seconds * 1000;
  for (let left = seconds; ; left = seconds < 0 ? -1 : Math.max(end - performance.now(), 0) / 1000) {
    const ready = selection.poll(left);
    if (isAny(ready) || left === 0) return ready;
    // A hang-up wakes poll, but is no readiness of these sets. It would wake it again and again.
    selection.entries.ignoreReady();
  }
}
