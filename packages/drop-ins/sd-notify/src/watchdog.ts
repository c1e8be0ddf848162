import { env, pid } from 'node:process';
import { wrongValue } from '@bsd-sockets/core-native';
import { watchdog } from './notify';

/** Milliseconds: the longest that Node's timers take. */
const LONGEST = 2 ** 31 - 1;

let timer: NodeJS.Timeout | undefined;

/**
 * Within how many milliseconds the service manager wants to hear of the service; 0 if it does not.
 *
 * Source: sd_watchdog_enabled(3)
 */
export function watchdogInterval(): number {
  const { WATCHDOG_USEC = '', WATCHDOG_PID = `${pid}` } = env;
  return WATCHDOG_PID === `${pid}` && /^\d+$/.test(WATCHDOG_USEC) ? Math.floor(Number(WATCHDOG_USEC) / 1000) : 0;
}

/**
 * Has the service tell in a cycle that it is alive, as long as its event loop turns. Like any interval, that keeps the process alive.
 *
 * @param interval - Milliseconds; by default half of what the manager wants, or 3000 if it wants nothing.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`).
 */
export function startWatchdogMode(interval: number = watchdogInterval() / 2 || 3000): void {
  if (!(Number(interval) > 0)) throw wrongValue('interval', 'more than 0 milliseconds', interval);
  stopWatchdogMode();
  timer = setInterval(watchdog, Math.min(interval, LONGEST));
}

/** Ends what {@link startWatchdogMode} has begun. */
export function stopWatchdogMode(): void {
  clearInterval(timer);
  timer = undefined;
}
