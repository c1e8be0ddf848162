import { type Abortable, isOptions, POLLIN, rejecting, SignalledWaits } from '@bsd-sockets/core-native';
import { BaseSelector, type SelectorEvents, selectorTimeout } from '../base-selector';
import { PollFds } from '../pollfd';
import { type Call, ended, signalOf } from './call';
import { pollUntil } from './poll-wait';

/**
 * Descriptors to wait for together, with data for each: Python's `selectors.DefaultSelector`, for the event loop. Mostly an
 * asynchronous function for each socket is less to write.
 *
 * @typeParam D - The data of each.
 */
export class AsyncSelector<D = undefined> extends BaseSelector<D> {
  /** Those that a change ends, of {@link selectOfAll}. */
  private readonly waits = new Set<AbortController>();

  /**
   * Waits until any descriptor is ready. What is registered, changed or taken out meanwhile counts at once.
   *
   * @param timeout - Seconds; 0 or less does not wait; null or undefined waits without limit.
   * @param options - `signal`: ends the wait.
   * @returns What is ready, with EVENT_READ, EVENT_WRITE or both of what was asked for: both, where there is an error or the
   *   peer has hung up. Nothing when the time is over.
   * @throws {@link OSError}: EBADF if the selector is closed, ECANCELED if that happens meanwhile; {@link AbortError};
   *   TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError for a bad timeout.
   *
   * Source: epoll_wait(2); Python's `selectors.BaseSelector.select`
   */
  select(timeout?: number | null, options?: Abortable): Promise<SelectorEvents<D>>;
  select(options?: Abortable): Promise<SelectorEvents<D>>;
  select(timeout?: any, options?: Abortable): Promise<SelectorEvents<D>> {
    if (isOptions(timeout) && options === undefined) return this.select(null, timeout);
    return rejecting(() => {
      const call = { syscall: 'select', timeout: selectorTimeout(timeout), signal: signalOf(options) };
      if (this.asksAll) return this.selectOfAll(call);
      const entries = new PollFds(1);
      entries.set(0, this.fileno(), POLLIN);
      return this.until(call, entries);
    });
  }

  private until(call: Call, entries: PollFds): Promise<SelectorEvents<D>> {
    return pollUntil(call, entries, (last) => {
      const ready = this.wait(0);
      return last || ready.length > 0 ? ready : undefined;
    });
  }

  /** Waits for what is registered, anew whenever that changes. */
  private async selectOfAll({ syscall, timeout, signal }: Call): Promise<SelectorEvents<D>> {
    const end = performance.now() + timeout * 1000;
    for (let left = timeout; ; left = timeout < 0 ? -1 : Math.max(end - performance.now(), 0) / 1000) {
      const wait = new AbortController();
      const signalled = { abort: () => wait.abort(signal?.reason) };
      this.waits.add(wait);
      if (signal !== undefined) SignalledWaits.add(signal, signalled);
      const call = { syscall, timeout: left, signal: wait.signal };
      try {
        return await this.until(call, this.entries());
      } catch (error) {
        if (!wait.signal.aborted || signal?.aborted) throw error;
        if (this.closed) throw ended(call, 'the selector was closed');
      } finally {
        this.waits.delete(wait);
        if (signal !== undefined) SignalledWaits.remove(signal, signalled);
      }
    }
  }

  protected override changed(): void {
    for (const wait of this.waits) wait.abort();
  }
}

// Another name than the blocking class, in the messages of a compiler and in stacks.
export { AsyncSelector as DefaultSelector };
