import { native, OSError } from '@bsd-sockets/core-native';

/**
 * A file was asked for what it cannot do. Of one that is open for reading only, or for writing only, it has the number EBADF,
 * as read(2) and write(2) have it. Python's `io.UnsupportedOperation`.
 */
export class UnsupportedOperation extends OSError {
  static {
    Object.defineProperty(this.prototype, 'name', { value: this.name, configurable: true, writable: true });
  }
}

/** The error of a file that is not open for reading, or for writing. */
export function notOpenFor(operation: 'read' | 'write'): UnsupportedOperation {
  return new UnsupportedOperation(native.errnos.EBADF as number, {
    syscall: operation,
    hint: 'the file is not open for that',
  });
}
