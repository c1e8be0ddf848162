import { AbortError, SignalledWaits } from '@bsd-sockets/core-native';

/**
 * One receive for all who wait for something to come: each may have been waiting for what arrives. It is given up when
 * nobody waits any more.
 */
export class SharedReceive {
  private readonly receive: (signal: AbortSignal) => Promise<void>;
  private current: { promise: Promise<void>; controller: AbortController; waiters: number } | undefined;

  /** @param receive - Receives once, and hands out what came. */
  constructor(receive: (signal: AbortSignal) => Promise<void>) {
    this.receive = receive;
  }

  /**
   * Resolves when something has been received, from now on or by the receive that is under way.
   *
   * @param signal - Of the call that waits.
   * @param end - Of what the call belongs to.
   */
  async wait(signal: AbortSignal | undefined, end?: AbortSignal): Promise<void> {
    this.current ??= this.begin();
    const { current } = this;
    current.waiters++;
    try {
      await abortable(abortable(current.promise, signal), end);
    } finally {
      if (--current.waiters === 0 && this.current === current) {
        this.current = undefined;
        current.controller.abort();
      }
    }
  }

  private begin() {
    const controller = new AbortController();
    const promise = this.receive(controller.signal);
    const current = { promise, controller, waiters: 0 };
    const end = () => {
      if (this.current === current) this.current = undefined;
    };
    promise.then(end, end);
    return current;
  }
}

/** A promise that its waiter may give up. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const wait = { abort: () => reject(new AbortError(signal.reason)) };
    if (signal.aborted) wait.abort();
    else SignalledWaits.add(signal, wait);
    promise.then(resolve, reject).finally(() => SignalledWaits.remove(signal, wait));
  });
}
