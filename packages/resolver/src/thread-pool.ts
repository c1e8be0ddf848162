import { type Abortable, AbortError, native, nodeModule, OSError, rejection, signalOf } from '@bsd-sockets/core-native';
import type { Lookup, Query } from './lookup';

// No more than half of the threads, as libuv keeps it with its own lookups: a name server that does not answer should
// not hold up files and ciphers. An end of the thread or the process waits only for those that run.
const MOST = Math.ceil((Number(process.env.UV_THREADPOOL_SIZE) || 4) / 2);
let running = 0;
const waiting = new Set<() => void>();

// A worker of Bun that ends before its answer comes ends the process.
const REFUSED = process.versions.bun !== undefined && !nodeModule('node:worker_threads').isMainThread;

/** Lets the thread pool wait for an answer. What it returns gives the answer up. */
function askThreadPool(query: Query<unknown>, done: (answer: unknown) => void): () => void {
  if (REFUSED) {
    const hint = 'not in a worker of Bun; blocking lookups work there';
    throw new OSError(native.errnos.ENOSYS!, { syscall: 'lookup', hint });
  }
  let number = 0;
  let wanted = true;
  const begin = () => {
    running++;
    number = query(end) as number;
  };
  const end = (answer: unknown) => {
    if (wanted) done(answer);
    running--;
    const [next] = waiting;
    if (next && waiting.delete(next)) next();
  };
  if (running < MOST) begin();
  else waiting.add(begin);
  return () => {
    wanted = false;
    if (!waiting.delete(begin)) native.cancelLookup(number);
  };
}

/** Does a lookup, and leaves the waiting to the thread pool. */
export function lookUp<Result>(lookup: Lookup<Result>, options: Abortable | null | undefined): Promise<Result> {
  if (options) return lookUpUntil(lookup, options);
  try {
    const step = lookup.next();
    // Most addresses need no answer of others.
    return step.done ? Promise.resolve(step.value) : lookUpUntil(lookup, options, step);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** The same, until a signal aborts it; of a lookup that has begun, from a step on. */
function lookUpUntil<Result>(
  lookup: Lookup<Result>,
  options: Abortable | null | undefined,
  begun?: IteratorYieldResult<Query<unknown>>,
): Promise<Result> {
  let first = begun;
  return new Promise((resolve, reject) => {
    const signal = signalOf(options);
    let giveUp: (() => void) | undefined;
    const abort = () => {
      giveUp?.();
      resolve(rejection(new AbortError(signal!.reason)));
    };
    // The errno of an answer is in the call block: no promise may come between the answer and its use.
    const go = (answer?: unknown) => {
      try {
        const step = first ?? lookup.next(answer);
        first = undefined;
        if (!step.done) {
          giveUp = askThreadPool(step.value, go);
          return;
        }
        resolve(step.value);
      } catch (error) {
        if (error instanceof OSError && answer !== undefined) resolve(rejection(error));
        else reject(error);
      }
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort, { once: true });
    go();
    // A hook that the lookup told of itself may have aborted it.
    if (signal?.aborted) giveUp?.();
  });
}
