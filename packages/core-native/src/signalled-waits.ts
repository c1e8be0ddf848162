/** What a signal ends. */
export interface SignalledWait {
  /** The signal is aborted. It must not throw. */
  abort(): void;
}

/** What a signal ends: with one listener for all, since a signal looks through its listeners whenever one is added. */
export class SignalledWaits {
  private static readonly all = new WeakMap<AbortSignal, SignalledWaits>();
  private readonly waits = new Set<SignalledWait>();

  /**
   * Has a signal end a wait.
   *
   * @param signal - The signal, which is not aborted yet.
   * @param wait - What to end.
   * @throws TypeError, of Node's, for a signal that is none.
   */
  static add(signal: AbortSignal, wait: SignalledWait): void {
    let signalled = SignalledWaits.all.get(signal);
    if (signalled === undefined) {
      signalled = new SignalledWaits();
      signal.addEventListener('abort', signalled);
      SignalledWaits.all.set(signal, signalled);
    }
    signalled.waits.add(wait);
  }

  /**
   * The wait is over.
   *
   * @param signal - The signal.
   * @param wait - What it does not end any more.
   */
  static remove(signal: AbortSignal, wait: SignalledWait): void {
    const signalled = SignalledWaits.all.get(signal);
    if (!signalled?.waits.delete(wait) || signalled.waits.size > 0) return;
    SignalledWaits.all.delete(signal);
    signal.removeEventListener('abort', signalled);
  }

  /** The signal is aborted. */
  handleEvent(): void {
    for (const wait of this.waits) wait.abort();
  }
}
