import {
  native,
  OSError,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
  wrongType,
} from '@bsd-sockets/core-native';
import { encodeTimeout, type Timeout } from './default-timeout';
import { filenoOf, type HasFileno, PollFds } from './pollfd';

/** The events that select(2) takes for ready, in each of its three sets: those asked for, and those that come unasked. */
const sets = [
  {
    name: 'rlist',
    wanted: POLLIN | POLLRDNORM | POLLRDBAND,
    ready: POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR,
  },
  { name: 'wlist', wanted: POLLOUT | POLLWRNORM | POLLWRBAND, ready: POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR },
  { name: 'xlist', wanted: POLLPRI, ready: POLLPRI },
] as const;

function listOf(name: string, value: unknown): HasFileno[] {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) {
    throw wrongType(name, 'an array of sockets or descriptors', value);
  }
  return [...(value as Iterable<HasFileno>)];
}

/**
 * Waits, with a call that blocks its thread, until any of several sockets is ready.
 *
 * @param rlist - Which to read from: sockets, other objects with a `fileno()` method, or descriptors, as many as there
 *   are. A listening socket is ready when a connection waits to be accepted.
 * @param wlist - Which to write to. A socket that is connecting is ready when that is over, well or not.
 * @param xlist - Which may have an exceptional condition, such as urgent data.
 * @param timeout - Seconds; 0 does not wait; null or undefined waits without limit.
 * @returns What of each list is ready, as it was given; three empty lists when the time is over.
 * @throws {@link OSError}: EBADF for a descriptor that is not open; RangeError (`ERR_INVALID_ARG_VALUE`) for a closed
 *   socket, a negative descriptor or a negative time-out; TypeError (`ERR_INVALID_ARG_TYPE`) for what has no descriptor.
 *
 * Source: select(2); Python's `select.select`
 */
export function select<R extends HasFileno, W extends HasFileno, X extends HasFileno>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  timeout?: Timeout,
): [readable: R[], writable: W[], exceptional: X[]] {
  const lists = [listOf('rlist', rlist), listOf('wlist', wlist), listOf('xlist', xlist)];
  const seconds = encodeTimeout(timeout);
  const end = performance.now() + seconds * 1000;
  const entries = new PollFds(lists.reduce((sum, list) => sum + list.length, 0));
  let next = 0;
  for (const [kind, { name, wanted }] of sets.entries()) {
    for (const [index, value] of lists[kind]!.entries()) {
      entries.set(next++, filenoOf(`${name}[${index}]`, value), wanted);
    }
  }
  for (let left = seconds; ; left = Math.max(end - performance.now(), 0) / 1000) {
    const awake = entries.wait(seconds < 0 ? -1 : left);
    const result = lists.map((): HasFileno[] => []);
    let offset = 0;
    for (const [kind, { ready }] of sets.entries()) {
      for (const [index, value] of lists[kind]!.entries()) {
        const events = entries.revents(offset + index);
        if (events & POLLNVAL) throw notOpen(entries.fd(offset + index));
        if (events & ready) result[kind]!.push(value);
        // A hang-up wakes poll, but is no readiness of this set. It would wake it again and again.
        else if (events !== 0) entries.set(offset + index, -1, 0);
      }
      offset += lists[kind]!.length;
    }
    if (awake === 0 || result.some((list) => list.length > 0)) return result as [R[], W[], X[]];
  }
}

function notOpen(fd: number): OSError {
  return new OSError(native.errnos.EBADF as number, { syscall: 'select', hint: `descriptor ${fd} is not open` });
}
