import type { AsyncResource } from 'node:async_hooks';
import {
  type Abortable,
  signalOf as givenSignal,
  native,
  OSError,
  TIMED_OUT,
  TimeoutError,
} from '@bsd-sockets/core-native';
import { methodIn } from '../base-socket';

/** What an attempt returns, negated, that has done a part and lets others go first. Larger than every errno. */
export const MORE = TIMED_OUT + 1;
/** What an attempt returns, negated, that waits for something else, which will call {@link Direction.drain}. */
export const ELSEWHERE = TIMED_OUT + 2;

/** One try of an operation: what it results in, or a negative errno. */
export type Attempt<T> = () => T | number;

/** What all waits of a call share. */
export interface Call {
  /** Its name, for errors. */
  readonly syscall: string;
  /** The address that it was given, for errors. */
  readonly address?: unknown;
  /** Seconds; below 0 without limit; 0: the call is not to wait. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** Whether the timeout begins anew whenever a part is done. */
  readonly renewed?: boolean;
  /** The file or the stream that made it, if one did. */
  readonly owner?: object | undefined;
  /** The socket, which would be closed if it were collected meanwhile: for attempts that do not hold it themselves. */
  readonly held?: object;
  /** Whether it is made when the caller's method has returned, after a lookup for example. */
  readonly deferred?: boolean;
  /** What those who are called back after a wait belong to, for `AsyncLocalStorage` and the like. */
  readonly scope?: AsyncResource;
}

/** The signal of a call, which is not aborted yet. */
export function signalOf(options: Abortable | null | undefined): AbortSignal | undefined {
  return options === undefined ? undefined : givenSignal(options);
}

/** The error of a call that waited when the socket was closed. */
export function ended({ syscall, address }: Call, hint = 'the socket was closed or given away'): Error {
  return new OSError(native.errnos.ECANCELED as number, { syscall, address, hint });
}

/** The error of a call on a socket that a stream reads. */
export function belongs(syscall: string | undefined): Error {
  return new OSError(native.errnos.EBUSY as number, { syscall, hint: 'the socket belongs to a stream' });
}

/** The methods of sockets, by the names of their calls. */
let methods: object = {};

/** Names the methods from which errors lead to their callers. */
export function nameMethods(prototype: object): void {
  methods = prototype;
}

/** Leaves out of an error's frames those of the socket's method that runs. */
export function fromCaller(error: Error, { syscall, owner, deferred }: Call): Error {
  const method = owner === undefined && !deferred ? methodIn(methods, syscall) : undefined;
  if (method !== undefined) Error.captureStackTrace(error, method);
  return error;
}

/** Whether the time of a call was over; the kernel may say ETIMEDOUT for reasons of its own. */
export function isTimedOut(error: unknown): boolean {
  return error instanceof TimeoutError && error.strerror === 'timed out';
}
