import { outOfRange, readiness, wrongType } from '@bsd-sockets/core-native';

/**
 * Sets for how long this thread looks for more after something became ready, in place of going to sleep: the next answer
 * comes faster, and the processor is busy meanwhile. For a thread with few connections and a processor of its own.
 *
 * @param seconds - From 0 (the default: not at all) to 1, such as 50e-6. Timers are due every 2 milliseconds even so.
 * @throws {@link OSError} (ENOSYS) where the runtime has no event loop of libuv; TypeError (`ERR_INVALID_ARG_TYPE`) or
 *   RangeError (`ERR_OUT_OF_RANGE`).
 */
export function setBusyPoll(seconds: number): void {
  const expected = 'seconds from 0 to 1';
  if (typeof seconds !== 'number') throw wrongType('seconds', expected, seconds);
  if (!(seconds >= 0 && seconds <= 1)) throw outOfRange('seconds', expected, seconds);
  readiness.setBusyPoll(seconds);
}
