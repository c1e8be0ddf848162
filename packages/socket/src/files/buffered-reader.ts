import {
  type BytesLike,
  bytes,
  InterruptedError,
  join,
  keep,
  type Receiver,
  shorten,
  wrongValue,
} from '@bsd-sockets/core-native';
import { BufferedIOBase } from './buffered-io-base';
import { type Size, sizeOf } from './io-base';
import { notOpenFor } from './unsupported-operation';

/**
 * A binary file for reading, which receives as much at once as its buffer can take.
 *
 * Source: Python's `io.BufferedReader`
 */
export class BufferedReader extends BufferedIOBase {
  // Not the file, which may be forgotten while its answers are kept.
  private readonly receiver: Receiver = { pool: undefined };
  // What was received and not yet read lies from `start` to `end`.
  private start = 0;
  private end = 0;

  /**
   * Tells whether the file can be read.
   *
   * @returns true if it was opened for reading.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `io.IOBase.readable`
   */
  readable(): boolean {
    return this.raw.readable();
  }

  /**
   * Tells whether the file can be written to: this one never can.
   *
   * @returns false, also once the file is closed.
   *
   * Source: Python's `io.IOBase.writable`
   */
  writable(): boolean {
    return false;
  }

  /**
   * Reads as many bytes as are asked for, with as many `recv` as that takes.
   *
   * @param size - How many bytes, 0 or more; -1, null or nothing for all up to the end of the stream.
   * @returns The bytes: fewer at the end of the stream, none after it. If the socket is non-blocking, what there is, or
   *   undefined for none.
   * @throws {@link OSError}, such as ECONNRESET, and EIO after a read that timed out; {@link TimeoutError};
   *   {@link UnsupportedOperation} (EBADF) if the file is not open for reading; RangeError (`ERR_INVALID_ARG_VALUE`)
   *   once it is closed, or for a size below -1; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`)
   *   for a size that is no integer or is too large.
   *
   * Source: Python's `io.BufferedReader.read`
   */
  override read(size?: Size): Buffer | undefined {
    const most = sizeOf(size);
    if (most < -1) throw wrongValue('size', 'at least 0, or -1 or null for all', size);
    this.checkReadable();
    if (most === -1) return this.readall();
    if (most <= this.end - this.start) return this.take(most);
    const memory = Buffer.allocUnsafeSlow(most);
    const received = this.readinto(memory);
    return received === undefined ? undefined : shorten(this.receiver, memory, received);
  }

  /**
   * Reads with at most one `recv`, and with none where the buffer has something.
   *
   * @param size - At most how many bytes, 0 or more; less, null or nothing for as many as the buffer can take.
   * @returns The bytes: none at the end of the stream, or if the socket is non-blocking and there are none.
   * @throws As {@link read}, but a size below -1 is allowed.
   *
   * Source: Python's `io.BufferedReader.read1`
   */
  read1(size?: Size): Buffer {
    const given = sizeOf(size);
    const most = given < 0 ? this.memory.length : given;
    this.checkReadable();
    if (most > 0 && this.start === this.end) return this.raw.read(most) ?? Buffer.alloc(0);
    return this.take(most);
  }

  /**
   * Reads into memory of the caller until it is full.
   *
   * @param buffer - Any buffer or view.
   * @returns How many bytes: fewer at the end of the stream, or if the socket is non-blocking and there are no more;
   *   undefined if it is non-blocking and there are none.
   * @throws As {@link read}; TypeError (`ERR_INVALID_ARG_TYPE`) if `buffer` is no memory.
   *
   * Source: Python's `io.BufferedReader.readinto`
   */
  readinto(buffer: BytesLike): number | undefined {
    const view = bytes('buffer', buffer);
    this.checkReadable();
    let filled = 0;
    try {
      while (filled < view.length) {
        const count = this.readSome(view.subarray(filled));
        if (!count) return filled || count;
        filled += count;
      }
      return filled;
    } catch (error) {
      throw this.restore(error, [view.subarray(0, filled)]);
    }
  }

  /**
   * Reads into memory of the caller with at most one `recv`, and with none where the buffer has something.
   *
   * @param buffer - Any buffer or view.
   * @returns How many bytes: 0 at the end of the stream, undefined if the socket is non-blocking and there are none.
   * @throws As {@link read}; TypeError (`ERR_INVALID_ARG_TYPE`) if `buffer` is no memory.
   *
   * Source: Python's `io.BufferedIOBase.readinto1`
   */
  readinto1(buffer: BytesLike): number | undefined {
    const view = bytes('buffer', buffer);
    this.checkReadable();
    return view.length === 0 ? 0 : this.readSome(view);
  }

  /**
   * Shows what is in the buffer, and receives once if there is nothing. It stays there for the next read.
   *
   * @param size - Of no effect, as in CPython.
   * @returns All bytes of the buffer: none at the end of the stream, or if the socket is non-blocking and there are none.
   * @throws As {@link read}.
   *
   * Source: Python's `io.BufferedReader.peek`
   */
  peek(size?: Size): Buffer {
    sizeOf(size);
    this.checkReadable();
    if (this.start === this.end) this.fill();
    return keep(this.receiver, this.memory.subarray(this.start, this.end));
  }

  /**
   * Reads up to the next `\n`, and that too.
   *
   * @param size - At most how many bytes, 0 or more; less, null or nothing for no limit.
   * @returns The line; without `\n` at the limit, at the end of the stream, or if the socket is non-blocking and there
   *   is no more; empty if there is nothing.
   * @throws As {@link read}, but a size below -1 is allowed.
   *
   * Source: Python's `io.BufferedReader.readline`
   */
  override readline(size?: Size): Buffer {
    const most = sizeOf(size);
    let left = most < 0 ? Number.POSITIVE_INFINITY : most;
    this.checkReadable();
    const parts: Buffer[] = [];
    try {
      while (left > 0 && (this.start < this.end || this.fill())) {
        const received = this.memory.subarray(this.start, Math.min(this.end, this.start + left));
        const newline = received.indexOf(0x0a);
        const part = this.take(newline < 0 ? received.length : newline + 1);
        parts.push(part);
        left = newline < 0 ? left - part.length : 0;
      }
    } catch (error) {
      throw this.restore(error, parts);
    }
    return parts.length === 1 ? parts[0]! : join(parts);
  }

  /**
   * Closes the file; a second time does nothing. What was received and not read is lost.
   *
   * @throws {@link OSError} if the socket is closed too, this was its last file, and close(2) fails.
   *
   * Source: Python's `io.BufferedReader.close`
   */
  close(): void {
    this.raw.close();
  }

  private checkReadable(): void {
    if (!this.readable()) throw notOpenFor('read');
  }

  private readall(): Buffer | undefined {
    let rest: Buffer | undefined;
    try {
      rest = this.raw.readall();
    } catch (error) {
      const { partial } = error as { partial?: Buffer };
      throw partial ? this.restore(error, [this.take(this.end - this.start), partial]) : error;
    }
    const received = this.take(this.end - this.start);
    return received.length > 0 ? join([received, rest ?? received.subarray(0, 0)]) : rest;
  }

  /** Moves what the buffer has, or what one receive brings; as {@link fill}. */
  private readSome(view: Uint8Array): number | undefined {
    if (this.start === this.end) {
      // What is as large as the buffer needs no detour.
      if (view.length >= this.memory.length) return this.raw.readinto(view);
      const received = this.fill();
      if (!received) return received;
    }
    const copied = this.memory.copy(view, 0, this.start, this.end);
    this.start += copied;
    return copied;
  }

  /** Fills the buffer, which must be empty: 0 at the end of the stream, undefined where there is nothing yet. */
  private fill(): number | undefined {
    const received = this.raw.readinto(this.memory);
    this.start = 0;
    this.end = received ?? 0;
    return received;
  }

  /** Gives what was taken back to the buffer, which is empty, where a signal ends a read: the next has it. */
  private restore(error: unknown, parts: readonly Uint8Array[]): unknown {
    if (!(error instanceof InterruptedError)) return error;
    const bytes = Buffer.concat(parts);
    if (bytes.length > this.memory.length) this.memory = Buffer.allocUnsafeSlow(bytes.length);
    this.memory.set(bytes);
    this.start = 0;
    this.end = bytes.length;
    return error;
  }

  private take(most: number): Buffer {
    const taken = keep(this.receiver, this.memory.subarray(this.start, Math.min(this.end, this.start + most)));
    this.start += taken.length;
    return taken;
  }
}
