import { inspect } from 'node:util';
import { int32, wrongType } from './arguments';
import { TIMED_OUT } from './bindings';
import { slots } from './call-block';
import { type KnownKeys, knownKeys } from './known-keys';
import { native } from './native';
import { nameOfSignal } from './signal-names';
import { Slot } from './slot';

/** What is known of a failed call. */
export interface OSErrorDetails extends ErrorOptions {
  /** The call that failed, such as `connect`. */
  syscall?: string | undefined;
  /** The address that the call was given. */
  address?: unknown;
  /** The error's name; the platform's name of the number by default. */
  code?: string | undefined;
  /** What the platform calls the error; its own text by default. */
  strerror?: string | undefined;
  /** The file that the call was given. */
  filename?: string | undefined;
  /** What else helps, such as `the socket is closed`. */
  hint?: string | undefined;
}

/**
 * A failed system call: Python's `OSError`. What `instanceof` says holds across duplicate copies of this package.
 *
 * Source: https://docs.python.org/3/library/exceptions.html#OSError
 */
export class OSError extends Error {
  /**
   * The platform's number of the error; positive, but for the `EAI_*` codes of {@link GaiError}. As in Python, an error that a
   * program makes of a message only has none.
   */
  declare readonly errno?: number;
  /** The error's name, such as `ECONNREFUSED`; undefined without an `errno`. */
  declare readonly code?: string;
  /** The text for the error, the platform's or the program's own; undefined without an `errno`. */
  declare readonly strerror?: string;
  /** Winsock's number of the error, on Windows only; `errno` is the same, or 10000 less where C has the error too. */
  declare readonly winerror?: number;
  /** The call that failed, such as `connect`. */
  declare readonly syscall?: string;
  /** The address that the call was given. */
  declare readonly address?: unknown;
  /** The file that the call was given. */
  declare readonly filename?: string;

  /**
   * Makes the error. As in Python, `new OSError(errno)` is of the subclass that the number asks for, such as
   * {@link ConnectionResetError} for ECONNRESET.
   *
   * @param errno - The platform's number of the error, or an `EAI_*` code.
   * @param strerror - The text for the error; the platform's own by default.
   * @param filename - The file that the call was given.
   * @param details - What else is known of the call, in place of the text. With a `code` in them, an OSError is no subclass.
   * @param message - The whole message of an error without a number; empty by default.
   * @param options - `cause`: the error behind this one.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
   *
   * Source: https://docs.python.org/3/library/exceptions.html#OSError
   */
  constructor(message?: string | null, options?: ErrorOptions);
  constructor(errno: number, strerror?: string | null, filename?: string | null);
  constructor(errno: number, details?: OSErrorDetails);
  // biome-ignore lint/correctness/noUnreachableSuper: the one way without it returns an object
  constructor(first?: number | string | null, second?: string | OSErrorDetails | null, third?: string | null) {
    const details = detailsOf(typeof first === 'number' ? 'details' : 'options', second, third);
    const { cause, syscall, address, filename } = details;
    const options = cause === undefined ? undefined : { cause };
    if (typeof first !== 'number') {
      super(messageOf(first), options);
      return;
    }
    const errno = int32('errno', first);
    const { code = new.target.codeOf(errno), strerror = new.target.strerrorOf(errno) } = details;
    const subclass = new.target === OSError && details.code === undefined ? classes.get(code) : undefined;
    if (subclass) {
      const error = new subclass(errno, details);
      Error.captureStackTrace(error, OSError);
      // biome-ignore lint/correctness/noConstructorReturn: Python's OSError makes its subclasses too
      return error;
    }
    super(describe(code, strerror, details), options);
    this.errno = errno;
    this.code = code;
    this.strerror = strerror;
    const winerror = new.target.winerrorOf(errno);
    if (winerror !== undefined) this.winerror = winerror;
    if (syscall !== undefined) this.syscall = syscall;
    if (address !== undefined) this.address = address;
    if (filename !== undefined) this.filename = filename;
  }

  /** The name of a number. */
  protected static codeOf(errno: number): string {
    return errnoName(errno);
  }

  /** Winsock's number for one, where the platform has Winsock. */
  protected static winerrorOf(errno: number): number | undefined {
    return winsockErrors.get(errno);
  }

  /** The platform's text for a number. A non-blocking program meets EAGAIN at every turn: the platform is asked once. */
  protected static strerrorOf(errno: number): string {
    let message = messages.get(errno);
    if (message === undefined) {
      message = errno < 0 ? native.gaiStrerror(errno) : native.strerror(errno);
      messages.set(errno, message);
    }
    return message;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class of a user that extends one of these has no brand of its own.
    if (!Object.hasOwn(this, 'prototype') || !Object.hasOwn(this.prototype, brandOf(this))) {
      return Function.prototype[Symbol.hasInstance].call(this, value);
    }
    return typeof value === 'object' && value !== null && brandOf(this) in value;
  }
}

/** A call that would block, on a socket that must not: EAGAIN, EALREADY, EINPROGRESS. */
export class BlockingIOError extends OSError {}
/** What the errors of a connection have in common. */
export class ConnectionError extends OSError {}
/** A send on a connection that is shut down: EPIPE, ESHUTDOWN. */
export class BrokenPipeError extends ConnectionError {}
/** A connection that was given up: ECONNABORTED. */
export class ConnectionAbortedError extends ConnectionError {}
/** Nobody listens at the address: ECONNREFUSED. */
export class ConnectionRefusedError extends ConnectionError {}
/** The peer ended the connection hard: ECONNRESET. */
export class ConnectionResetError extends ConnectionError {}
/** A path that is there already: EEXIST. */
export class FileExistsError extends OSError {}
/** A path that is not there: ENOENT. */
export class FileNotFoundError extends OSError {}
/** A call that a signal ended: EINTR. */
export class InterruptedError extends OSError {
  /** The signal, such as `SIGTERM`, if it is one that `siginterrupt` was given. */
  declare readonly signal?: NodeJS.Signals;
}
/** A path that is a directory: EISDIR. */
export class IsADirectoryError extends OSError {}
/** A part of a path that is no directory: ENOTDIR. */
export class NotADirectoryError extends OSError {}
/** A call that this process may not make: EACCES, EPERM. */
export class PermissionError extends OSError {}
/** A process that is not there: ESRCH. */
export class ProcessLookupError extends OSError {}
/** A timeout of the socket (`strerror` is `timed out`), or one of the kernel's own. Python's `TimeoutError`. */
export class TimeoutError extends OSError {}

/**
 * A name or service that could not be resolved: `errno` is one of the `EAI_*` constants. Python's `gaierror`.
 *
 * Source: getaddrinfo(3)
 */
export class GaiError extends OSError {
  // On Windows the numbers are those of other errors too.
  protected static override codeOf(errno: number): string {
    return gaiName(errno) ?? super.codeOf(errno);
  }

  protected static override strerrorOf(errno: number): string {
    return native.gaiStrerror(errno);
  }

  protected static override winerrorOf(): undefined {}
}

/**
 * A host that gethostbyname or gethostbyaddr could not find: `errno` is an h_errno, `code` its name: `HOST_NOT_FOUND`,
 * `TRY_AGAIN`, `NO_RECOVERY` or `NO_DATA`. Python's `herror`.
 *
 * Source: gethostbyname(3)
 */
export class HError extends OSError {
  protected static override codeOf(errno: number): string {
    return hErrnoNames.get(errno) ?? super.codeOf(errno);
  }

  protected static override strerrorOf(errno: number): string {
    return native.hstrerror(errno);
  }

  protected static override winerrorOf(): undefined {}
}

const hErrnoNames = new Map(
  ['HOST_NOT_FOUND', 'NETDB_INTERNAL', 'NO_DATA', 'NO_RECOVERY', 'TRY_AGAIN'].map((name) => [
    native.constants[name],
    name,
  ]),
);

type ErrorClass = typeof OSError;

/** The one table from errno to class: what Python's documentation says of each (the rest is OSError itself). */
const classes = new Map<string, ErrorClass>([
  ['EAGAIN', BlockingIOError],
  ['EALREADY', BlockingIOError],
  ['EINPROGRESS', BlockingIOError],
  ['EPIPE', BrokenPipeError],
  ['ESHUTDOWN', BrokenPipeError],
  ['ECONNABORTED', ConnectionAbortedError],
  ['ECONNREFUSED', ConnectionRefusedError],
  ['ECONNRESET', ConnectionResetError],
  ['EEXIST', FileExistsError],
  ['ENOENT', FileNotFoundError],
  ['EINTR', InterruptedError],
  ['EISDIR', IsADirectoryError],
  ['ENOTDIR', NotADirectoryError],
  ['EACCES', PermissionError],
  ['EPERM', PermissionError],
  ['ESRCH', ProcessLookupError],
  ['ETIMEDOUT', TimeoutError],
]);

function brandOf(errorClass: { name: string }): symbol {
  return Symbol.for(`@bsd-sockets/${errorClass.name}`);
}

for (const errorClass of [OSError, ConnectionError, GaiError, HError, ...classes.values()]) {
  Object.defineProperty(errorClass.prototype, brandOf(errorClass), { value: true, configurable: true });
  Object.defineProperty(errorClass.prototype, 'name', { value: errorClass.name, configurable: true, writable: true });
}

/** errno to name. Where two names share a number, the table's first one counts (EAGAIN, not EWOULDBLOCK). */
const names = new Map<number, string>();
/** What Winsock says, by errno: those below 10000 are C's as well. */
const winsockErrors = new Map<number, number>();
// Not by Object.entries: the pairs took most of the time in which this module loads.
for (const name in native.errnos) {
  const error = native.errnos[name]!;
  if (!names.has(error)) names.set(error, name);
  if (!name.startsWith('WSA')) continue;
  winsockErrors.set(native.errnos[name.slice(3)] === error - 10_000 ? error - 10_000 : error, error);
}

/** Looked for when there is such an error: there are two thousand constants. */
let gaiNames: Map<number, string> | undefined;

function gaiName(error: number): string | undefined {
  if (gaiNames === undefined) {
    gaiNames = new Map();
    for (const name in native.constants) if (name.startsWith('EAI_')) gaiNames.set(native.constants[name]!, name);
  }
  return gaiNames.get(error);
}

function errnoName(errno: number): string {
  return names.get(errno) ?? gaiName(errno) ?? `E${errno}`;
}

const messages = new Map<number, string>();

function messageOf(message: unknown): string {
  if (message === undefined || message === null) return '';
  if (typeof message !== 'string') throw wrongType('errno', "an integer, or the error's message", message);
  return message;
}

const DETAILS: KnownKeys<OSErrorDetails> = {
  syscall: true,
  address: true,
  code: true,
  strerror: true,
  filename: true,
  hint: true,
  cause: true,
};

function detailsOf(name: string, second: unknown, filename: string | null | undefined): OSErrorDetails {
  if (typeof second === 'object' && second !== null) {
    knownKeys<OSErrorDetails>(name, second, DETAILS);
    return second;
  }
  if (second !== undefined && second !== null && typeof second !== 'string') {
    throw wrongType('strerror', 'a text, or an object of details', second);
  }
  return { strerror: second ?? undefined, filename: filename ?? undefined };
}

const print = (value: unknown) => inspect(value, { breakLength: Number.POSITIVE_INFINITY });

function describe(code: string, strerror: string, { syscall, address, filename, hint }: OSErrorDetails): string {
  let message = `${code}: ${strerror}`;
  if (hint !== undefined) message += ` (${hint})`;
  if (syscall !== undefined) message += `, ${syscall}`;
  if (address !== undefined) message += ` ${print(address)}`;
  if (filename !== undefined) message += `: ${print(filename)}`;
  return message;
}

/**
 * The error of a failed binding, of the class that its errno asks for.
 *
 * @param result - What the binding returned: a negative errno, or `-TIMED_OUT`.
 * @param details - What else is known of the call.
 */
export function osError(result: number, details: OSErrorDetails = {}): OSError {
  if (result === -TIMED_OUT) {
    return new TimeoutError(native.errnos.ETIMEDOUT as number, { ...details, strerror: 'timed out' });
  }
  const errno = -result;
  if (errno === native.errnos.EINTR) return interrupted(errno, details);
  const errorClass = classes.get(errnoName(errno)) ?? OSError;
  return new errorClass(errno, { ...details, hint: details.hint ?? hintOf(errno, details.syscall) });
}

function interrupted(errno: number, details: OSErrorDetails): OSError {
  // The call with this error has taken the signal: it ends no other call.
  const signum = native.takeSignal();
  const signal = nameOfSignal(signum);
  const hint = details.hint ?? (signal && `${signal} came`);
  return Object.assign(new InterruptedError(errno, { ...details, hint }), signal && { signal });
}

function hintOf(errno: number, syscall = ''): string | undefined {
  // The addresses that the kernel gets are right in any case: that is how the addon says so.
  const isMemory = errno === native.errnos.EFAULT && /^(send|recv)/.test(syscall);
  return isMemory ? 'the memory became shorter, or was transferred, before the call was done' : undefined;
}

/**
 * The error of a failed lookup: a {@link GaiError}, or the OSError behind `EAI_SYSTEM`.
 *
 * @param code - The `EAI_*` code that the binding returned.
 * @param details - What else is known of the call.
 */
export function gaiError(code: number, details: OSErrorDetails = {}): OSError {
  const errno = slots[Slot.error] as number;
  if (code === native.constants.EAI_SYSTEM && errno !== 0) return osError(-errno, details);
  return new GaiError(code, details);
}

/**
 * The error of a failed lookup of a host: an {@link HError}, or the OSError behind `NETDB_INTERNAL`.
 *
 * @param code - The h_errno that the binding returned.
 * @param details - What else is known of the call.
 * @returns The error, which the caller throws.
 *
 * Source: gethostbyname(3)
 */
export function hError(code: number, details: OSErrorDetails = {}): OSError {
  const errno = slots[Slot.error] as number;
  if (code === native.constants.NETDB_INTERNAL && errno !== 0) return osError(-errno, details);
  return new HError(code, details);
}
