import { clearTimeout, setTimeout } from 'node:timers';
import {
  AbortError,
  callListener,
  native,
  POLLIN,
  POLLOUT,
  readiness,
  refuse,
  rejection,
  Slot,
  slots,
} from '@bsd-sockets/core-native';
import { type Attempt, belongs, type Call, ELSEWHERE, ended, fromCaller, MORE } from './call';
import { discard } from './discard';
import { type Keeper, type Place, type Told, Wait } from './wait';

const EAGAIN = native.errnos.EAGAIN as number;
const EINPROGRESS = native.errnos.EINPROGRESS as number;
const EINTR = native.errnos.EINTR as number;

/** For how long, in milliseconds, to leave alone what cannot be waited for: at first, and at most. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 16;

const DONE = Promise.resolve();

function isFailure(result: unknown): result is number {
  return typeof result === 'number' && result < 0;
}

/**
 * What calls back when no code of ours runs, as it may throw. It is a microtask, as code that awaits the last call of it goes on
 * before the next one then; ticks would all come first.
 */
function later<T>({ scope }: Call, callback: (value: T) => void): (value: any) => void {
  return (value) => {
    DONE.then(() => {
      callListener(() => {
        if (scope === undefined) callback(value);
        else scope.runInAsyncScope(callback, undefined, value);
      });
    });
  };
}

/** What a direction asks of its descriptor: a channel. */
export interface Watched extends Keeper {
  /** The descriptor will be watched from now on. */
  watch(): void;
  /** Of such events and of errors, those that poll(2) finds at this moment. */
  poll(events: number): number;
  /** Whether nothing can be received any more. */
  isShutDown(): boolean;
}

/** Whether a call is to be tried again when the descriptor is ready. */
function mustWait(result: number): boolean {
  return result === -EAGAIN || result === -EINPROGRESS || result === -EINTR;
}

class Operation<T> extends Wait<T> {
  readonly attempt: Attempt<T>;
  previous: Operation<any> | undefined;
  next: Operation<any> | undefined;

  constructor(channel: Watched, call: Call, attempt: Attempt<T>, place: Place, told?: Told<T>) {
    super(channel, call, place, told);
    this.attempt = attempt;
  }
}

/**
 * One direction of a socket: the operations that wait for it, in the order in which they were called. This is the one place
 * that judges whether a call has to wait.
 */
export class Direction implements Place {
  /** Whether a try may succeed: not between an EAGAIN and the next event. */
  private ready = true;
  private first: Operation<any> | undefined;
  private last: Operation<any> | undefined;
  private readonly channel: Watched;
  private readonly events: number;
  private draining = false;
  private postponed = false;
  /** Runs while the clock has to tell when to try again, since no event does. */
  private clock: NodeJS.Timeout | undefined;
  private pause = 0;
  /** The stream that the direction belongs to: calls of others are refused. */
  owner: object | undefined;

  /** @param events - What poll(2) calls it: POLLIN or POLLOUT. */
  constructor(channel: Watched, events: number) {
    this.channel = channel;
    this.events = events;
  }

  /** Whether nothing waits. */
  get idle(): boolean {
    return this.first === undefined;
  }

  /**
   * Runs an operation: at once if it can be done, or when those before it are done and the descriptor is ready.
   *
   * @param attempt - One try, which does not wait.
   */
  run<T>(call: Call, attempt: Attempt<T>): Promise<T> {
    const { timeout, signal } = call;
    if (this.owner !== undefined && this.owner !== call.owner) return refuse(belongs(call.syscall));
    if (signal?.aborted) return refuse(new AbortError(signal.reason));
    if (timeout === 0) {
      if (this.first !== undefined) return refuse(fromCaller(this.channel.error(-EAGAIN, call), call));
      // The kernel is asked in any case.
      this.ready = true;
    }
    if (this.ready && this.first === undefined && readiness.takeTurn()) {
      const result = this.try(call, attempt);
      if (!isFailure(result)) {
        this.pause = 0;
        return result === undefined ? (DONE as Promise<T>) : Promise.resolve(result);
      }
      if (mustWait(result) && timeout !== 0) this.block();
      else if (result > -MORE) return this.rejected(result, call);
    }
    return this.wait(call, attempt).promise;
  }

  /**
   * Runs an operation as {@link run}, and calls back: for streams, which do not need a promise for each chunk.
   *
   * @param done - Called with the result: at once if there is one, else when no code of ours runs.
   * @param failed - Called with the error, likewise.
   */
  call<T>(call: Call, attempt: Attempt<T>, done: (result: T) => void, failed: (error: any) => void): void {
    let result: T | number = -EAGAIN;
    try {
      if (this.ready && this.first === undefined && readiness.takeTurn()) {
        result = this.try(call, attempt);
        if (!isFailure(result)) this.pause = 0;
        else if (mustWait(result)) this.block();
      }
      if (isFailure(result) && (mustWait(result) || result === -MORE)) {
        this.wait(call, attempt, { settle: later(call, done), refuse: later(call, failed) });
        return;
      }
    } catch (error) {
      failed(error);
      return;
    }
    if (isFailure(result)) failed(this.channel.error(result, call));
    else done(result);
  }

  private wait<T>(call: Call, attempt: Attempt<T>, told?: Told<T>): Operation<T> {
    if (!this.ready) this.channel.watch();
    const operation = new Operation<T>(this.channel, call, attempt, this, told);
    this.add(operation);
    if (this.ready) this.postpone();
    return operation;
  }

  private rejected(result: number, call: Call): Promise<never> {
    const error = this.channel.error(result, call);
    return call.deferred ? rejection(error) : Promise.reject(fromCaller(error, call));
  }

  /** A receive has got less than it asked for: there is no more. */
  clear(): void {
    this.ready = false;
  }

  /** The descriptor became ready. */
  wake(): void {
    // Such an event may come of nothing but the last try, which failed.
    if (this.clock !== undefined) return;
    this.ready = true;
    if (this.first !== undefined) this.drain();
  }

  /** Does what can be done of what waits. */
  drain(): void {
    this.draining = true;
    while (this.ready && this.first !== undefined) {
      if (!this.advance(this.first)) break;
    }
    this.draining = false;
    if (this.ready || this.first === undefined) return;
    try {
      this.channel.watch();
    } catch (error) {
      // None of them would ever be told of an event.
      while (this.first !== undefined) this.first.reject(error);
    }
  }

  /** Tries the first operation once more; whether the next one may follow. */
  private advance(operation: Operation<any>): boolean {
    try {
      const result = this.try(operation.call, operation.attempt);
      if (!isFailure(result)) {
        this.pause = 0;
        // A hook, or the code of a family, may have closed the socket meanwhile.
        if (!operation.resolve(result)) discard(operation.call, result);
      } else if (result === -ELSEWHERE) {
        return false;
      } else if (result === -MORE) {
        if (operation.call.renewed) operation.restart();
        this.postpone();
        return false;
      } else if (mustWait(result) && operation.call.timeout !== 0) {
        this.block();
      } else {
        operation.fail(result);
      }
    } catch (error) {
      operation.reject(error);
    }
    return true;
  }

  private try<T>(call: Call, attempt: Attempt<T>): T | number {
    const result = attempt();
    if (result !== -EAGAIN || call.timeout === 0 || this.events !== POLLIN || !this.channel.isShutDown()) return result;
    // Nothing can come any more, which the kernel tells only a call that waits: UDP says EAGAIN to others for ever.
    slots[Slot.shutDown] = 1;
    try {
      return attempt();
    } finally {
      slots[Slot.shutDown] = 0;
    }
  }

  /** Ends everything that waits. */
  cancel(): void {
    clearTimeout(this.clock);
    this.clock = undefined;
    // A closed descriptor makes nobody wait: it fails.
    this.ready = true;
    this.owner = undefined;
    while (this.first !== undefined) this.first.raise(ended(this.first.call));
  }

  /** Ends what waits for a file, or another owner, which is closed. */
  cancelOwner(owner: object, name: string): void {
    for (const operation of this.operations()) {
      if (operation.call.owner === owner) operation.raise(ended(operation.call, `the ${name} was closed`));
    }
  }

  /** Whether timers keep the process alive. */
  keepAlive(on: boolean): void {
    for (const operation of this.operations()) operation.keepAlive(on);
    if (on) this.clock?.ref();
    else this.clock?.unref();
  }

  /** An operation is over. */
  remove(operation: Operation<any>): void {
    const { previous, next } = operation;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    // It may have stood before others that can go on.
    if (this.ready && !this.draining && this.first !== undefined) this.postpone();
  }

  private add(operation: Operation<any>): void {
    operation.previous = this.last;
    if (this.last === undefined) this.first = operation;
    else this.last.next = operation;
    this.last = operation;
  }

  private *operations(): Generator<Operation<any>, void> {
    for (let operation = this.first; operation !== undefined; ) {
      const { next } = operation;
      yield operation;
      operation = next;
    }
  }

  private block(): void {
    this.ready = false;
    // A unix socket whose peer's queue is full passes for writable, so that no event ever tells when there is room.
    if (this.events !== POLLOUT || this.clock !== undefined || !(this.channel.poll(POLLOUT) & POLLOUT)) return;
    this.pause = Math.min(this.pause * 2 || FIRST_PAUSE, LONGEST_PAUSE);
    this.clock = setTimeout(() => {
      this.clock = undefined;
      this.wake();
    }, this.pause);
    if (!this.channel.keepsAlive) this.clock.unref();
  }

  private postpone(): void {
    if (this.postponed) return;
    this.postponed = true;
    readiness.postpone(() => {
      this.postponed = false;
      this.drain();
    });
  }
}
