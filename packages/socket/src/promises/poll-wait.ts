import { type Observer, osError, readiness } from '@bsd-sockets/core-native';
import type { PollFds } from '../pollfd';
import { type Call, ended } from './call';
import { Wait } from './wait';

/**
 * Looks at descriptors with poll(2).
 *
 * @param last - The time is over: there is a result in any case.
 * @returns The result; undefined to go on waiting.
 */
type Look<T> = (last: boolean) => T | undefined;

const keeper = {
  keepsAlive: true,
  begin: () => readiness.begin(),
  end: () => readiness.end(),
  error: (result: number, { syscall }: Call) => osError(result, { syscall }),
};

/** The wait for a look that has a result. */
class PollWait<T> extends Wait<T> implements Observer {
  private readonly entries: PollFds;
  private readonly look: Look<T>;
  private stirred = false;

  constructor(call: Call, entries: PollFds, look: Look<T>) {
    super(keeper, call, { remove: () => this.unobserve() });
    this.entries = entries;
    this.look = look;
  }

  /** Looks, and if there is nothing observes the descriptors. */
  begin(): void {
    this.tryLook(this.call.timeout === 0);
    if (this.waiting) this.observe();
  }

  /** Looks again whenever anything happens to one of the descriptors. */
  observe(): void {
    try {
      for (let index = 0; index < this.entries.length; index++) this.observeOne(this.entries.fd(index));
    } catch (error) {
      this.reject(error);
    }
  }

  stir(): void {
    if (this.stirred) return;
    this.stirred = true;
    // One look for all that happened.
    queueMicrotask(() => {
      this.stirred = false;
      if (this.waiting) this.tryLook(false);
    });
  }

  abandon(): void {
    this.raise(ended(this.call));
  }

  protected override timedOut(): void {
    this.tryLook(true);
  }

  private tryLook(last: boolean): void {
    try {
      const found = this.look(last);
      if (found !== undefined) this.resolve(found);
    } catch (error) {
      this.reject(error);
    }
  }

  private observeOne(fd: number): void {
    try {
      readiness.observe(fd, this);
    } catch (error) {
      // A file on a disk, which never changes from not ready to ready.
      if ((error as { code?: unknown }).code !== 'EPERM') throw error;
    }
  }

  private unobserve(): void {
    for (let index = 0; index < this.entries.length; index++) readiness.unobserve(this.entries.fd(index), this);
  }
}

/**
 * Waits, for the event loop, until a look at descriptors has a result. The descriptors stay as they are meanwhile.
 *
 * @param look - Is called at once, and again when there may be something new.
 */
export async function pollUntil<T>(call: Call, entries: PollFds, look: Look<T>): Promise<T> {
  if (!readiness.takeTurn()) {
    const wait = new PollWait(call, entries, look);
    readiness.postpone(() => wait.begin());
    return wait.promise;
  }
  const found = look(call.timeout === 0);
  if (found !== undefined) return found;
  const wait = new PollWait(call, entries, look);
  wait.observe();
  return wait.promise;
}
