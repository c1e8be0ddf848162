import { type Abortable, AbortError, native, signalOf } from '@bsd-sockets/core-native';
import type { Lookup } from './lookup';

/** Does a look-up, and leaves the waiting to the thread pool. */
export function lookUp<Result>(lookup: Lookup<Result>, options: Abortable | null | undefined): Promise<Result> {
  return new Promise((resolve, reject) => {
    const signal = signalOf(options);
    let number = 0;
    const abort = () => {
      native.cancelLookup(number);
      reject(new AbortError(signal!.reason));
    };
    // The errno of an answer is in the call block: no promise may come between the answer and its use.
    const go = (answer?: unknown) => {
      try {
        const step = lookup.next(answer);
        if (!step.done) {
          number = step.value(go) as number;
          return;
        }
        resolve(step.value);
      } catch (error) {
        reject(error);
      }
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort);
    go();
    // An audit hook may have aborted it.
    if (signal?.aborted) native.cancelLookup(number);
  });
}
