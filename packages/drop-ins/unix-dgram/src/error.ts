import { OSError } from '@bsd-sockets/core-native';

/** An error as programs that were written for `unix-dgram` look at it: numbers in place of names. */
export interface SendError extends Error {
  /** The negative number of the error, such as -111 for ECONNREFUSED; 1 for congestion. */
  code: number;
  /** The negative number of the error; undefined for congestion. */
  errno?: number;
  /** `socket`, `bind`, `connect`, `send`, `recv` or `close`; undefined for congestion. */
  syscall?: string;
  /** The error with its name: its `code` is `ECONNREFUSED`. */
  cause?: OSError;
}

/** The error of a call that failed. What is no error of the system is thrown: a mistake of the program. */
export function systemError(error: unknown, syscall: string): SendError {
  if (!(error instanceof OSError)) throw error;
  const errno = -(error.errno as number);
  const message = `${syscall} ${errno} (${error.code}: ${error.strerror})`;
  return Object.assign(new Error(message, { cause: error }) as SendError, { code: errno, errno, syscall });
}

/** The receiver's queue is full. */
export function congestion(): SendError {
  return Object.assign(new Error('congestion') as SendError, { code: 1 });
}
