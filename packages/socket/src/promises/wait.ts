import { clearTimeout, setTimeout } from 'node:timers';
import { AbortError, rejection, type SignalledWait, SignalledWaits, TIMED_OUT } from '@bsd-sockets/core-native';
import type { Call } from './call';

/** The longest that a timer of Node's can take, in milliseconds. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** What is told how a wait ends, in place of a promise. */
export interface Told<T> {
  settle(value: T | PromiseLike<T>): void;
  refuse(error: unknown): void;
}

/** What counts the waits, and knows their errors: a channel, as a rule. */
export interface Keeper {
  /** Whether its waits keep the process alive. */
  readonly keepsAlive: boolean;
  begin(): void;
  end(): void;
  error(result: number, call: Call): Error;
}

/** Where a wait is as long as it lasts. */
export interface Place {
  /** The wait is over. */
  remove(wait: Wait<any>): void;
}

/** A promise that is settled by what comes first: its work, its deadline, its signal, or the end of the socket. */
export class Wait<T> implements SignalledWait {
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

  /** @returns Whether anybody gets the value: not if the wait was over. */
  resolve(value: T | PromiseLike<T>): boolean {
    if (!this.end()) return false;
    this.settle(value);
    return true;
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
export class Pause extends Wait<void> {
  protected override timedOut(): void {
    this.resolve();
  }
}
