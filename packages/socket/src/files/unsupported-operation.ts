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

/** The error of an operation that no file of a socket has. */
export function unsupported(code: 'EINVAL' | 'EOPNOTSUPP' | 'ESPIPE', operation: string): UnsupportedOperation {
  return new UnsupportedOperation(native.errnos[code] as number, { syscall: operation });
}

/** The error of a file that is not open for reading, or for writing. */
export function notOpenFor(operation: 'read' | 'write'): UnsupportedOperation {
  return new UnsupportedOperation(native.errnos.EBADF as number, {
    syscall: operation,
    hint: 'the file is not open for that',
  });
}
