import { BlockingIOError, type BytesLike, bytes, native } from '@bsd-sockets/core-native';
import { BufferedIOBase } from './buffered-io-base';
import type { SocketIO } from './socket-io';
import type { Left } from './unclosed';
import { notOpenFor } from './unsupported-operation';

/**
 * A binary file for writing, which sends what was written when its buffer is full, and when it is flushed or closed. What
 * waits in the buffer of a file that is collected is lost, with a `ResourceWarning`.
 *
 * Source: Python's `io.BufferedWriter`
 */
export class BufferedWriter extends BufferedIOBase {
  /** How many bytes of `memory` are still to be sent. */
  private readonly left: Left;

  /** @internal */
  constructor(raw: SocketIO, size: number) {
    super(raw, size);
    this.left = raw.left;
  }

  /**
   * Tells whether the file can be read: this one never can.
   *
   * @returns false, also once the file is closed.
   *
   * Source: Python's `io.IOBase.readable`
   */
  readable(): boolean {
    return false;
  }

  /**
   * Tells whether the file can be written to.
   *
   * @returns true if it was opened for writing.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `io.IOBase.writable`
   */
  writable(): boolean {
    return this.raw.writable();
  }

  /**
   * Writes bytes into the buffer. When they do not fit, what waits there is sent first.
   *
   * @param data - Any buffer or view.
   * @returns How many bytes were written: all of them.
   * @throws {@link OSError}, such as EPIPE; {@link TimeoutError}; {@link BlockingIOError} (EAGAIN) if the socket is
   *   non-blocking and not all fits, with the number of bytes taken as `charactersWritten`;
   *   {@link UnsupportedOperation} (EBADF) if the file is not open for writing; TypeError (`ERR_INVALID_ARG_TYPE`) if
   *   `data` is a string; RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `io.BufferedWriter.write`
   */
  override write(data: BytesLike): number {
    const view = bytes('data', data);
    if (!this.writable()) throw notOpenFor('write');
    let rest = view;
    if (rest.length > this.room && this.send()) {
      while (rest.length > this.memory.length) {
        const sent = this.raw.write(rest);
        if (sent === undefined) break;
        rest = rest.subarray(sent);
      }
    }
    rest = rest.subarray(this.keep(rest));
    if (rest.length > 0) throw wouldBlock(view.length - rest.length);
    return view.length;
  }

  /**
   * Sends what waits in the buffer.
   *
   * @throws {@link OSError}, such as EPIPE; {@link TimeoutError} or, if the socket is non-blocking,
   *   {@link BlockingIOError} (EAGAIN): what was not sent stays in the buffer; RangeError (`ERR_INVALID_ARG_VALUE`)
   *   once the file is closed.
   *
   * Source: Python's `io.BufferedWriter.flush`
   */
  override flush(): void {
    this.checkOpen();
    if (!this.send()) throw wouldBlock(0);
  }

  /**
   * Sends what waits in the buffer, and closes the file; a second time does nothing.
   *
   * @throws As {@link flush}, and the file is closed even so; {@link OSError} if the socket is closed too, this was its
   *   last file, and close(2) fails.
   *
   * Source: Python's `io.BufferedWriter.close`
   */
  close(): void {
    if (this.closed) return;
    try {
      this.flush();
    } finally {
      this.raw.close();
    }
  }

  private get room(): number {
    return this.memory.length - this.left.unsent;
  }

  /** Copies what fits into the buffer. */
  private keep(data: Uint8Array): number {
    const kept = data.subarray(0, this.room);
    this.memory.set(kept, this.left.unsent);
    this.left.unsent += kept.length;
    return kept.length;
  }

  /** Sends the buffer; false if the socket is non-blocking and cannot take all of it. */
  private send(): boolean {
    while (this.left.unsent > 0) {
      const sent = this.raw.write(this.memory.subarray(0, this.left.unsent));
      if (sent === undefined) return false;
      this.memory.copyWithin(0, sent, this.left.unsent);
      this.left.unsent -= sent;
    }
    return true;
  }
}

function wouldBlock(charactersWritten: number): BlockingIOError {
  const error = new BlockingIOError(native.errnos.EAGAIN as number, { syscall: 'write' });
  return Object.assign(error, { charactersWritten });
}
