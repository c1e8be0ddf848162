import { constants } from 'node:os';
import {
  nameOfSignal,
  native,
  type Observer,
  OSError,
  readiness,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { check } from './handle';
import { onWindows } from './windows-only';

/** By number of a signal, how many ask for it. */
const requests = new Map<number, number>();
/** What becomes readable when one of the signals comes. */
let descriptor = -1;

/** A turn of Node's event loop: the handlers run, so that what has ended no call until now ends none any more. */
const turn: Observer = {
  stir() {
    for (let signum = native.takeSignal(); signum > 0; signum = native.takeSignal()) leave(signum);
  },
  abandon() {},
};

function start(signum: number): void {
  descriptor = check(native.watchSignal(signum), 'sigaction');
  readiness.observe(descriptor, turn);
}

/** Whether the signal has come and has ended no call. */
function stop(signum: number): boolean {
  // The descriptor is closed with the last signal.
  if (requests.size === 0) readiness.unobserve(descriptor, turn);
  return native.unwatchSignal(signum) === 1;
}

const hasHandler = (signum: number) => process.listenerCount(nameOfSignal(signum) as NodeJS.Signals) > 0;

/** Leaves a signal to its handlers, or lets it do what it does without any. */
function leave(signum: number): void {
  if (hasHandler(signum)) return;
  const count = requests.get(signum) as number;
  requests.delete(signum);
  stop(signum);
  process.kill(process.pid, signum);
  // It has not ended the process, as SIGCHLD does not.
  requests.set(signum, count);
  start(signum);
}

/** What {@link siginterrupt} has asked for. */
export interface SignalInterrupt extends Disposable {
  /** Takes the request back: the signals do what they did before. A second time does nothing. */
  close(): void;
}

class Request implements SignalInterrupt {
  private readonly signums = new Set<number>();

  add(signum: number): void {
    if (this.signums.has(signum)) return;
    const others = requests.get(signum) ?? 0;
    requests.set(signum, others + 1);
    this.signums.add(signum);
    if (others === 0) start(signum);
  }

  close(): void {
    for (const signum of this.signums) {
      this.signums.delete(signum);
      const others = requests.get(signum)! - 1;
      if (others > 0) {
        requests.set(signum, others);
        continue;
      }
      requests.delete(signum);
      if (stop(signum) && !hasHandler(signum)) process.kill(process.pid, signum);
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function refusal(): string | undefined {
  const { bun, deno } = process.versions;
  // Their functions of libuv end the process.
  if (bun || deno) return "signals need Node's event loop (libuv)";
  if (onWindows) return 'Windows has no signal that ends a call: wait in a worker, or with promises';
  return native.interruptible ? 'signals come only to the main thread' : undefined;
}

function signumOf(signal: unknown): number {
  const expected = "a signal, such as 'SIGTERM'";
  if (typeof signal !== 'string') throw wrongType('signals', expected, signal);
  if (!Object.hasOwn(constants.signals, signal)) throw wrongValue('signals', expected, signal);
  return constants.signals[signal as NodeJS.Signals];
}

/**
 * Lets signals end the blocking calls of the main thread: `accept`, `recv`, `connect`, `sendall`, `select`, … throw an
 * {@link InterruptedError} with the `signal`. Without it they go on waiting, as in Python since 3.5, and Node's handlers
 * have to wait too, since they are JavaScript.
 *
 * A signal ends one call: the one that waits, or the next that may have to wait, before it does anything. What was received
 * is not lost; of a `sendall` there is no telling how much was sent; a connect goes on by itself. Then, in the next turn of
 * the event loop, Node's own handlers run. A signal without a handler does nothing more if it has ended a call; otherwise
 * that turn lets it do what it does by default. Lookups of names are not ended.
 *
 * Descriptors that are blocking are made non-blocking by the calls, underneath; the sockets stay what they are.
 *
 * ```ts
 * using interrupts = siginterrupt(['SIGINT', 'SIGTERM']);
 * ```
 *
 * @param signals - Which: one name or several, such as `SIGTERM`.
 * @returns The request, which `close` takes back, or the end of a scope with `using`.
 * @throws {@link OSError}: EINVAL for SIGKILL and SIGSTOP, EOPNOTSUPP in a worker thread, in other runtimes than Node and
 *   on Windows;
 *   TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) for what is no name of a signal.
 *
 * Source: siginterrupt(3); the exceptions of Python's signal handlers, such as `KeyboardInterrupt`
 */
export function siginterrupt(signals: NodeJS.Signals | Iterable<NodeJS.Signals>): SignalInterrupt {
  if (
    typeof signals !== 'string' &&
    (typeof signals !== 'object' || signals === null || !(Symbol.iterator in signals))
  ) {
    throw wrongType('signals', "a signal, such as 'SIGTERM', or several", signals);
  }
  const signums = (typeof signals === 'string' ? [signals] : [...signals]).map(signumOf);
  const hint = refusal();
  if (hint !== undefined) throw new OSError(native.errnos.EOPNOTSUPP as number, { syscall: 'siginterrupt', hint });
  const request = new Request();
  try {
    for (const signum of signums) request.add(signum);
    return request;
  } catch (error) {
    request.close();
    throw error;
  }
}
