import { int32, native, readiness } from '@bsd-sockets/core-native';
import { check, closeDescriptor, madeOf } from './handle';

/**
 * Closes a descriptor that no socket object holds.
 *
 * @param fd - The descriptor.
 * @throws {@link OSError}, such as EBADF; RangeError (`ERR_OUT_OF_RANGE`).
 *
 * Source: close(2); Python's `socket.close`
 */
export function close(fd: number): void {
  readiness.abandon(int32('fd', fd));
  check(closeDescriptor(fd), 'close');
}

/**
 * Duplicates a descriptor. Child processes do not inherit the duplicate.
 *
 * @param fd - The descriptor of a socket, which stays open.
 * @returns The new descriptor, which is the caller's to close.
 * @throws {@link OSError}, such as EBADF; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
 *
 * Source: dup(2); Python's `socket.dup`
 */
export function dup(fd: number): number {
  const copy = check(native.dup(int32('fd', fd)), 'dup');
  // It has no socket object whose end could close it.
  native.disown(copy);
  return copy;
}

/** What is made of a duplicate of a descriptor; if it cannot be made, the duplicate is closed. */
export function duplicated<S>(fd: number, make: (copy: number) => S): S {
  return madeOf(check(native.dup(fd), 'dup'), make);
}
