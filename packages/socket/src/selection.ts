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

/** What a `select` asks for, and what of it is ready. */
export class Selection<R extends HasFileno, W extends HasFileno, X extends HasFileno> {
  readonly entries: PollFds;
  private readonly lists: HasFileno[][];

  constructor(rlist: Iterable<R>, wlist: Iterable<W>, xlist: Iterable<X>) {
    this.lists = [listOf('rlist', rlist), listOf('wlist', wlist), listOf('xlist', xlist)];
    this.entries = new PollFds(this.lists.reduce((sum, list) => sum + list.length, 0));
    let next = 0;
    for (const [kind, { name, wanted }] of sets.entries()) {
      for (const [index, value] of this.lists[kind]!.entries()) {
        this.entries.set(next++, filenoOf(name, value, index), wanted);
      }
    }
  }

  /** Waits for no longer than `seconds` for any event: what of each list is ready, which may be nothing all the same. */
  poll(seconds: number): [readable: R[], writable: W[], exceptional: X[]] {
    const { entries } = this;
    entries.wait(seconds);
    let next = 0;
    const ready = sets.map((set, kind) =>
      this.lists[kind]!.filter(() => {
        const events = entries.revents(next++);
        if (events & POLLNVAL) throw notOpen(entries.fd(next - 1));
        return (events & set.ready) !== 0;
      }),
    );
    return ready as [R[], W[], X[]];
  }
}

/** Whether anything is ready. */
export function isAny(lists: readonly unknown[][]): boolean {
  return lists.some((list) => list.length > 0);
}

function notOpen(fd: number): OSError {
  return new OSError(native.errnos.EBADF as number, { syscall: 'select', hint: `descriptor ${fd} is not open` });
}
