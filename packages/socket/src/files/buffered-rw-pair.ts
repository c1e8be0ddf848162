import type { BytesLike } from '@bsd-sockets/core-native';
import { BufferedReader } from './buffered-reader';
import { BufferedWriter } from './buffered-writer';
import { IOBase, type Size } from './io-base';
import type { SocketIO } from './socket-io';
import { unsupported } from './unsupported-operation';

/**
 * A binary file for reading and writing, with a buffer for each. Reading does not send what waits to be sent: that takes
 * `flush`.
 *
 * Source: Python's `io.BufferedRWPair`
 */
export class BufferedRWPair extends IOBase<Buffer, BytesLike> {
  private readonly reader: BufferedReader;
  private readonly writer: BufferedWriter;

  /** @internal */
  constructor(raw: SocketIO, size: number) {
    super();
    this.reader = new BufferedReader(raw, size);
    this.writer = new BufferedWriter(raw, size);
  }

  /**
   * Whether the file is closed.
   *
   * Source: Python's `io.IOBase.closed`
   */
  get closed(): boolean {
    return this.writer.closed;
  }

  /**
   * The mode of the file: `rwb`.
   *
   * Source: Python's `socket.SocketIO.mode`
   */
  get mode(): string {
    return this.writer.mode;
  }

  /**
   * The descriptor of the socket; -1 once the file is closed.
   *
   * Source: Python's `socket.SocketIO.name`
   */
  get name(): number {
    return this.writer.name;
  }

  /**
   * Tells the descriptor of the socket.
   *
   * @returns The descriptor, 0 or more; -1 if it was detached from the socket.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `io.IOBase.fileno`
   */
  fileno(): number {
    return this.writer.fileno();
  }

  /**
   * Tells whether the file can be read.
   *
   * @returns true if it was opened for reading.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `io.IOBase.readable`
   */
  readable(): boolean {
    return this.reader.readable();
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
    return this.writer.writable();
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
   * Source: Python's `io.BufferedRWPair.read`
   */
  override read(size?: Size): Buffer | undefined {
    return this.reader.read(size);
  }

  /**
   * Reads with at most one `recv`, and with none where the buffer has something.
   *
   * @param size - At most how many bytes, 0 or more; less, null or nothing for as many as the buffer can take.
   * @returns The bytes: none at the end of the stream, or if the socket is non-blocking and there are none.
   * @throws As {@link read}, but a size below -1 is allowed.
   *
   * Source: Python's `io.BufferedRWPair.read1`
   */
  read1(size?: Size): Buffer {
    return this.reader.read1(size);
  }

  /**
   * Reads into memory of the caller until it is full.
   *
   * @param buffer - Any buffer or view.
   * @returns How many bytes: fewer at the end of the stream, or if the socket is non-blocking and there are no more;
   *   undefined if it is non-blocking and there are none.
   * @throws As {@link read}; TypeError (`ERR_INVALID_ARG_TYPE`) if `buffer` is no memory.
   *
   * Source: Python's `io.BufferedRWPair.readinto`
   */
  readinto(buffer: BytesLike): number | undefined {
    return this.reader.readinto(buffer);
  }

  /**
   * Reads into memory of the caller with at most one `recv`, and with none where the buffer has something.
   *
   * @param buffer - Any buffer or view.
   * @returns How many bytes: 0 at the end of the stream, undefined if the socket is non-blocking and there are none.
   * @throws As {@link read}; TypeError (`ERR_INVALID_ARG_TYPE`) if `buffer` is no memory.
   *
   * Source: Python's `io.BufferedRWPair.readinto1`
   */
  readinto1(buffer: BytesLike): number | undefined {
    return this.reader.readinto1(buffer);
  }

  /**
   * Shows what is in the buffer, and receives once if there is nothing. It stays there for the next read.
   *
   * @param size - Of no effect, as in CPython.
   * @returns All bytes of the buffer: none at the end of the stream, or if the socket is non-blocking and there are none.
   * @throws As {@link read}.
   *
   * Source: Python's `io.BufferedRWPair.peek`
   */
  peek(size?: Size): Buffer {
    return this.reader.peek(size);
  }

  /**
   * Separates the file under this one, which Python does not do for a file of both directions.
   *
   * @throws {@link UnsupportedOperation} (EOPNOTSUPP).
   *
   * Source: Python's `io.BufferedRWPair.detach`
   */
  detach(): never {
    throw unsupported('EOPNOTSUPP', 'detach');
  }

  /**
   * Reads up to the next `\n`, and that too.
   *
   * @param size - At most how many bytes, 0 or more; less, null or nothing for no limit.
   * @returns The line; without `\n` at the limit, at the end of the stream, or if the socket is non-blocking and there
   *   is no more; empty if there is nothing.
   * @throws As {@link read}, but a size below -1 is allowed.
   *
   * Source: Python's `io.BufferedRWPair.readline`
   */
  override readline(size?: Size): Buffer {
    return this.reader.readline(size);
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
   * Source: Python's `io.BufferedRWPair.write`
   */
  override write(data: BytesLike): number {
    return this.writer.write(data);
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
    this.writer.flush();
  }

  /**
   * Sends what waits in the buffer, and closes the file; a second time does nothing.
   *
   * @throws As {@link flush}, and the file is closed even so; {@link OSError} if the socket is closed too, this was its
   *   last file, and close(2) fails.
   *
   * Source: Python's `io.BufferedRWPair.close`
   */
  close(): void {
    this.writer.close();
  }
}
