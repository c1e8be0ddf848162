import type { AsyncResource } from 'node:async_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import {
  type Abortable,
  AbortError,
  GaiError,
  signalOf as givenSignal,
  native,
  OSError,
  osError,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  readiness,
  rejection,
  Slot,
  slots,
  TIMED_OUT,
} from '@bsd-sockets/core-native';
import { methodIn } from '../base-socket';
import type { Handle } from '../handle';

const EAGAIN = native.errnos.EAGAIN as number;
const EINPROGRESS = native.errnos.EINPROGRESS as number;
const EINTR = native.errnos.EINTR as number;

/** What an attempt returns, negated, that has done a part and lets others go first. Larger than every errno. */
export const MORE = 4097;
/** What an attempt returns, negated, that waits for something else, which will call {@link Direction.drain}. */
export const ELSEWHERE = 4098;

/** The longest that a timer of Node's can take, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** For how long, in milliseconds, to leave alone what cannot be waited for: at first, and at most. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 16;

const DONE = Promise.resolve();

/** One try of an operation: what it results in, or a negative errno. */
export type Attempt<T> = () => T | number;

/** What all waits of a call share. */
export interface Call {
  /** Its name, for errors. */
  readonly syscall: string;
  /** The address that it was given, for errors. */
  readonly address?: unknown;
  /** Seconds; below 0 without limit; 0: the call is not to wait. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** Whether the timeout begins anew whenever a part is done. */
  readonly renewed?: boolean;
  /** The file or the stream that made it, if one did. */
  readonly owner?: object | undefined;
  /** Whether it is made when the caller's method has returned, after a lookup for example. */
  readonly deferred?: boolean;
  /** What those who are called back after a wait belong to, for `AsyncLocalStorage` and the like. */
  readonly scope?: AsyncResource;
}

/** What is told how a wait ends, in place of a promise. */
interface Told<T> {
  settle(value: T | PromiseLike<T>): void;
  refuse(error: unknown): void;
}

/** The signal of a call, which is not aborted yet. */
export function signalOf(options: Abortable | null | undefined): AbortSignal | undefined {
  return options === undefined ? undefined : givenSignal(options);
}

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
      try {
        if (scope === undefined) callback(value);
        else scope.runInAsyncScope(callback, undefined, value);
      } catch (error) {
        // An exception, as of any listener, and not a rejection.
        process.nextTick(() => {
          throw error;
        });
      }
    });
  };
}

/** Whether a call is to be tried again when the descriptor is ready. */
function mustWait(result: number): boolean {
  return result === -EAGAIN || result === -EINPROGRESS || result === -EINTR;
}

/** What counts the waits, and knows their errors: a channel, as a rule. */
interface Keeper {
  /** Whether its waits keep the process alive. */
  readonly keepsAlive: boolean;
  begin(): void;
  end(): void;
  error(result: number, call: Call): Error;
}

/** The error of a call that waited when the socket was closed. */
export function ended({ syscall, address }: Call, hint = 'the socket was closed or given away'): Error {
  return new OSError(native.errnos.ECANCELED as number, { syscall, address, hint });
}

/** The error of a call on a socket that a stream reads. */
export function belongs(syscall: string | undefined): Error {
  return new OSError(native.errnos.EBUSY as number, { syscall, hint: 'the socket belongs to a stream' });
}

/** Leaves out of an error's frames those of the socket's method that runs. */
function fromCaller(error: Error, { syscall, owner, deferred }: Call): Error {
  const method = owner === undefined && !deferred ? methodIn(Channel.methods, syscall) : undefined;
  if (method !== undefined) Error.captureStackTrace(error, method);
  return error;
}

/** A promise that is rejected: at once, or where the turn of others has come in the next turn of the event loop. */
export function refuse(error: unknown): Promise<never> {
  return new Promise((_resolve, reject) => readiness.settle(() => reject(error)));
}

/** A promise that is fulfilled as {@link refuse} rejects one. */
export function done(): Promise<void> {
  return new Promise((resolve) => readiness.settle(resolve));
}

/** Where a wait is as long as it lasts. */
interface Place {
  /** The wait is over. */
  remove(wait: Wait<any>): void;
}

/** What a signal ends: with one listener for all, since a signal looks through its listeners whenever one is added. */
class SignalledWaits {
  private static readonly all = new WeakMap<AbortSignal, SignalledWaits>();
  private readonly waits = new Set<Wait<any>>();

  static add(signal: AbortSignal, wait: Wait<any>): void {
    let signalled = SignalledWaits.all.get(signal);
    if (signalled === undefined) {
      signalled = new SignalledWaits();
      signal.addEventListener('abort', signalled);
      SignalledWaits.all.set(signal, signalled);
    }
    signalled.waits.add(wait);
  }

  static remove(signal: AbortSignal, wait: Wait<any>): void {
    const signalled = SignalledWaits.all.get(signal);
    if (!signalled?.waits.delete(wait) || signalled.waits.size > 0) return;
    SignalledWaits.all.delete(signal);
    signal.removeEventListener('abort', signalled);
  }

  handleEvent(): void {
    for (const wait of this.waits) wait.abort();
  }
}

/** A promise that is settled by what comes first: its work, its deadline, its signal, or the end of the socket. */
export class Wait<T> {
  /** Undefined if somebody else is told. */
  readonly promise!: Promise<T>;
  readonly call: Call;
  private settle!: (value: T | PromiseLike<T>) => void;
  private refuse!: (error: unknown) => void;
  private readonly keeper: Keeper;
  private readonly place: Place;
  private timer: NodeJS.Timeout | undefined;
  private deadline = 0;
  protected waiting = true;

  /**
   * @param place - Told once, when the wait is over.
   */
  constructor(keeper: Keeper, call: Call, place: Place, told?: Told<T>) {
    if (told === undefined) {
      this.promise = new Promise((resolve, reject) => {
        this.settle = resolve;
        this.refuse = reject;
      });
    } else {
      this.settle = told.settle;
      this.refuse = told.refuse;
    }
    this.keeper = keeper;
    this.call = call;
    this.place = place;
    const { timeout, signal } = call;
    // First, since it may throw.
    if (signal !== undefined) SignalledWaits.add(signal, this);
    keeper.begin();
    if (timeout > 0) this.restart();
  }

  /** The timeout begins anew. */
  restart(): void {
    const { timeout } = this.call;
    if (timeout <= 0) return;
    this.deadline = performance.now() + timeout * 1000;
    this.sleep(timeout * 1000);
  }

  /** The seconds that are left; below 0 without limit. */
  get left(): number {
    // Not 0, which would mean that the call does not wait at all.
    return this.timer === undefined ? this.call.timeout : Math.max((this.deadline - performance.now()) / 1000, 1e-9);
  }

  resolve(value: T | PromiseLike<T>): void {
    if (this.end()) this.settle(value);
  }

  reject(error: unknown): void {
    if (this.end()) this.refuse(error);
  }

  /** Rejects with what a negative errno stands for. */
  fail(result: number): void {
    this.raise(this.keeper.error(result, this.call));
  }

  /** Rejects with an error of ours, whose frames are those of the functions that await it: `at async …`. */
  raise(error: Error): void {
    if (this.promise === undefined) {
      this.reject(error);
      return;
    }
    if (this.end()) this.settle(rejection(error));
  }

  /** Whether its timer keeps the process alive. */
  keepAlive(on: boolean): void {
    if (on) this.timer?.ref();
    else this.timer?.unref();
  }

  /** The signal is aborted. */
  abort(): void {
    this.raise(new AbortError(this.call.signal?.reason));
  }

  private sleep(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.expire(), Math.min(Math.ceil(milliseconds), LONGEST_TIMER));
    if (!this.keeper.keepsAlive) this.timer.unref();
  }

  private expire(): void {
    // A timer of Node's may be early by a part of a millisecond, and cannot be as long as a timeout.
    const left = this.deadline - performance.now();
    if (left <= 0) this.timedOut();
    else this.sleep(left);
  }

  /** The time is over. */
  protected timedOut(): void {
    this.fail(-TIMED_OUT);
  }

  private end(): boolean {
    if (!this.waiting) return false;
    this.waiting = false;
    this.keeper.end();
    clearTimeout(this.timer);
    if (this.call.signal !== undefined) SignalledWaits.remove(this.call.signal, this);
    this.place.remove(this);
    return true;
  }
}

/** A wait for nothing but the clock. */
class Pause extends Wait<void> {
  protected override timedOut(): void {
    this.resolve();
  }
}

class Operation<T> extends Wait<T> {
  readonly attempt: Attempt<T>;
  previous: Operation<any> | undefined;
  next: Operation<any> | undefined;

  constructor(channel: Channel, call: Call, attempt: Attempt<T>, place: Place, told?: Told<T>) {
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
  private readonly channel: Channel;
  private readonly events: number;
  private draining = false;
  private postponed = false;
  /** Runs while the clock has to tell when to try again, since no event does. */
  private clock: NodeJS.Timeout | undefined;
  private pause = 0;
  /** The stream that the direction belongs to: calls of others are refused. */
  owner: object | undefined;

  /** @param events - What poll(2) calls it: POLLIN or POLLOUT. */
  constructor(channel: Channel, events: number) {
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
        operation.resolve(result);
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

const pollfd = new Int32Array(2);
const pollEvents = new Int16Array(pollfd.buffer);
const pollfdBytes = new Uint8Array(pollfd.buffer);

/** What waits for a descriptor: its two directions, and what awaits something else before it goes on, such as a lookup. */
export class Channel implements Place {
  /** The methods of sockets, by the names of their calls. */
  static methods: object = {};
  readonly reads = new Direction(this, POLLIN);
  readonly writes = new Direction(this, POLLOUT);
  /** Whether the descriptor is in a state that no event tells again: a short receive then proves nothing. */
  lasting = false;
  /** Made when it is needed: most sockets never look anything up. */
  private others: Set<Wait<any>> | undefined;
  private readonly handle: Handle;
  private watched = false;
  private waits = 0;
  keepsAlive = true;

  constructor(handle: Handle) {
    this.handle = handle;
    handle.release = (fd) => this.release(fd);
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
    pollfd[0] = this.handle.fd;
    pollEvents[2] = events;
    pollEvents[3] = 0;
    native.poll(pollfdBytes, 0);
    return pollEvents[3] as number;
  }

  /** Whether nothing can be received any more. */
  isShutDown(): boolean {
    return this.lasting && POLLRDHUP !== undefined && (this.poll(POLLRDHUP) & POLLRDHUP) !== 0;
  }

  /** The error of a failed call. */
  error(result: number, { syscall, address }: Call): Error {
    return osError(result, { syscall, address, hint: this.handle.fd < 0 ? 'the socket is closed' : undefined });
  }

  private release(fd: number): void {
    if (this.watched) readiness.unwatch(fd);
    this.watched = false;
    this.reads.cancel();
    this.writes.cancel();
    for (const wait of this.others ?? []) wait.raise(ended(wait.call));
  }
}
