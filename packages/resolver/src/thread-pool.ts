import {
  type Abortable,
  AbortError,
  done,
  native,
  nodeModule,
  OSError,
  rejecting,
  rejection,
  SignalledWaits,
  signalOf,
} from '@bsd-sockets/core-native';
import type { Lookup, Query } from './lookup';

// No more than half of the threads, as libuv keeps it with its own lookups: a name server that does not answer should
// not hold up files and ciphers. An end of the thread or the process waits only for those that run.
const MOST = Math.ceil((Number(process.env.UV_THREADPOOL_SIZE) || 4) / 2);
let running = 0;
const waiting = new Set<() => void>();

// A worker of Bun that ends before its answer comes ends the process.
const REFUSED = process.versions.bun !== undefined && !nodeModule('node:worker_threads').isMainThread;

/** Lets the thread pool wait for an answer. What it returns gives the answer up. */
function askThreadPool(query: Query<unknown>, tell: (answer: unknown) => void): () => void {
  let number = 0;
  let wanted = true;
  const begin = () => {
    running++;
    number = query(end) as number;
  };
  const end = (answer: unknown) => {
    if (wanted) tell(answer);
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
  return rejecting(() => {
    const signal = signalOf(options);
    const step = lookup.next();
    // A hook that the lookup told of itself may have aborted it.
    if (signal?.aborted) throw new AbortError(signal.reason);
    // Most addresses need no answer of others.
    if (step.done) return done(step.value);
    if (REFUSED) {
      const hint = 'not in a worker of Bun; blocking lookups work there';
      throw new OSError(native.errnos.ENOSYS!, { syscall: 'lookup', hint });
    }
    return answered(lookup, step.value, signal);
  });
}

/** What comes of a lookup, from its first question on. */
function answered<Result>(
  lookup: Lookup<Result>,
  question: Query<unknown>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let giveUp: () => void;
    const end = () => signal && SignalledWaits.remove(signal, wait);
    const wait = {
      abort: () => {
        giveUp();
        end();
        resolve(rejection(new AbortError(signal!.reason)));
      },
    };
    const ask = (query: Query<unknown>) => {
      giveUp = askThreadPool(query, go);
    };
    // The errno of an answer is in the call block: no promise may come between the answer and its use.
    const go = (answer: unknown) => {
      try {
        const step = lookup.next(answer);
        if (!step.done) return ask(step.value);
        resolve(step.value);
      } catch (error) {
        if (error instanceof OSError) resolve(rejection(error));
        else reject(error);
      }
      end();
    };
    if (signal) SignalledWaits.add(signal, wait);
    ask(question);
  });
}
