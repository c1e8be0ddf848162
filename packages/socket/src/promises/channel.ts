import {
  AbortError,
  GaiError,
  osError,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  readiness,
  refuse,
  TIMED_OUT,
  type Watcher,
} from '@bsd-sockets/core-native';
import type { Handle } from '../handle';
import { PollFds } from '../pollfd';
import { type Call, ended } from './call';
import { Direction, type Watched } from './direction';
import { Pause, type Place, Wait } from './wait';

const entry = new PollFds(1);

/** What waits for a descriptor: its two directions, and what awaits something else before it goes on, such as a lookup. */
export class Channel implements Place, Watched, Watcher {
  readonly reads = new Direction(this, POLLIN);
  readonly writes = new Direction(this, POLLOUT);
  /** Whether the descriptor is in a state that no event tells again: a short receive then proves nothing. */
  lasting = false;
  /** What a call has failed with last. */
  lastErrno = 0;
  /** Made when it is needed: most sockets never look anything up. */
  private others: Set<Wait<any>> | undefined;
  private readonly handle: Handle;
  private watched = false;
  private waits = 0;
  generation = 0;
  keepsAlive = true;

  constructor(handle: Handle) {
    this.handle = handle;
    handle.holder = this;
  }

  /** Whether nothing waits. */
  get idle(): boolean {
    return this.reads.idle && this.writes.idle && !this.others?.size;
  }

  /** Counts one more call that waits. */
  begin(): void {
    this.waits++;
    if (this.keepsAlive) readiness.begin();
  }

  /** Counts one fewer. */
  end(): void {
    this.waits--;
    if (this.keepsAlive) readiness.end();
  }

  /** Whether the calls that wait, now and later, keep the process alive. */
  keepAlive(on: boolean): void {
    if (this.keepsAlive === on) return;
    this.keepsAlive = on;
    for (let count = 0; count < this.waits; count++) on ? readiness.begin() : readiness.end();
    this.reads.keepAlive(on);
    this.writes.keepAlive(on);
    for (const wait of this.others ?? []) wait.keepAlive(on);
  }

  /** The descriptor will be watched from now on. */
  watch(): void {
    if (this.watched) return;
    this.watched = true;
    try {
      readiness.watch(this.handle.fd, this);
    } catch (error) {
      this.watched = false;
      throw error;
    }
  }

  wake(readable: boolean, writable: boolean, lasting: boolean): void {
    if (lasting) this.lasting = true;
    if (readable) this.reads.wake();
    if (writable) this.writes.wake();
  }

  /**
   * Awaits something else on behalf of a call.
   *
   * @param found - What is awaited.
   * @param then - What follows, in the time that is left.
   */
  after<A, T>(call: Call, found: Promise<A>, then: (value: A, call: Call) => Promise<T>): Promise<T> {
    const wait = this.add(new Wait<T>(this, call, this));
    found.then(
      (value) => {
        if (!this.others?.has(wait)) return;
        try {
          wait.resolve(then(value, { ...call, timeout: wait.left, deferred: true }));
        } catch (error) {
          wait.reject(error);
        }
      },
      (error) => readiness.settle(() => (error instanceof GaiError ? wait.raise(error) : wait.reject(error))),
    );
    return wait.promise;
  }

  /** Lets so many seconds pass, unless the signal or the end of the socket comes first. */
  pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return refuse(new AbortError(signal.reason));
    const wait = this.add(new Pause(this, { syscall: 'pause', timeout: seconds, signal }, this));
    return wait.promise;
  }

  remove(wait: Wait<any>): void {
    this.others?.delete(wait);
  }

  private add<W extends Wait<any>>(wait: W): W {
    this.others ??= new Set();
    this.others.add(wait);
    return wait;
  }

  /** Of such events and of errors, those that poll(2) finds at this moment. */
  poll(events: number): number {
    entry.set(0, this.handle.fd, events);
    entry.wait(0);
    return entry.revents(0);
  }

  /** Whether nothing can be received any more. */
  isShutDown(): boolean {
    return this.lasting && POLLRDHUP !== undefined && (this.poll(POLLRDHUP) & POLLRDHUP) !== 0;
  }

  /** The error of a failed call. */
  error(result: number, { syscall, address }: Call): Error {
    if (result > -TIMED_OUT) this.lastErrno = -result;
    return osError(result, { syscall, address, hint: this.handle.fd < 0 ? 'the socket is closed' : undefined });
  }

  /** The descriptor is about to be closed or given away: nothing waits for it any more. */
  release(fd: number): void {
    if (this.watched) readiness.unwatch(fd);
    this.watched = false;
    this.reads.cancel();
    this.writes.cancel();
    for (const wait of this.others ?? []) wait.raise(ended(wait.call));
  }
}
