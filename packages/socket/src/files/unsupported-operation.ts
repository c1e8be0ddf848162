import { native, OSError } from '@bsd-sockets/core-native';

/**
 * A file was read that is open for writing alone, or the other way round: EBADF, as read(2) and write(2) have it. Python's
 * `io.UnsupportedOperation`.
 */
export class UnsupportedOperation extends OSError {
  /**
   * Makes the error; its `errno` is EBADF.
   *
   * @param operation - What the file is not open for: `read` or `write`. It becomes `syscall`.
   *
   * Source: read(2), write(2); Python's `io.UnsupportedOperation`
   */
  constructor(operation: 'read' | 'write') {
    super(native.errnos.EBADF as number, { syscall: operation, hint: 'the file is not open for that' });
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: this.name, configurable: true, writable: true });
  }
}
