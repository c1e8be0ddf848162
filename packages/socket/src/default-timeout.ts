import { outOfRange, wrongType, wrongValue } from '@bsd-sockets/core-native';

/** A timeout in seconds: null or undefined waits without limit, 0 never waits. */
export type Timeout = number | null | undefined;

// The most that fits into 64 bits of nanoseconds, as in Python.
const MAX_SECONDS = 9_223_372_036;

/** A timeout as the addon takes it: in seconds, or -1 for none. */
export function encodeTimeout(timeout: unknown): number {
  if (timeout === null || timeout === undefined) return -1;
  const expected = 'seconds of at least 0, or null for no timeout';
  if (typeof timeout !== 'number') throw wrongType('timeout', expected, timeout);
  if (!(timeout >= 0)) throw wrongValue('timeout', expected, timeout);
  if (timeout > MAX_SECONDS) throw outOfRange('timeout', `at most ${MAX_SECONDS} seconds`, timeout);
  return timeout;
}

export function decodeTimeout(timeout: number): number | undefined {
  return timeout < 0 ? undefined : timeout;
}

let current = -1;

/** The default as the addon takes it. */
export function defaultTimeout(): number {
  return current;
}

/**
 * The timeout of new sockets, in seconds; undefined for none.
 *
 * Source: Python's `socket.getdefaulttimeout`
 */
export function getdefaulttimeout(): number | undefined {
  return decodeTimeout(current);
}

/**
 * Sets the timeout of new sockets of this thread.
 *
 * @param timeout - Seconds; null for none; 0 for non-blocking sockets.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) if it is no number, RangeError if it is negative or NaN
 *   (`ERR_INVALID_ARG_VALUE`), or more than 9223372036 (`ERR_OUT_OF_RANGE`).
 *
 * Source: Python's `socket.setdefaulttimeout`
 */
export function setdefaulttimeout(timeout: Timeout): void {
  current = encodeTimeout(timeout);
}
