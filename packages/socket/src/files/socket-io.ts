import {
  BlockingIOError,
  type BytesLike,
  bytes,
  FastBuffer,
  InterruptedError,
  join,
  native,
  OSError,
  type Receiver,
  shorten,
  TimeoutError,
  wrongValue,
} from '@bsd-sockets/core-native';
import { withPartial } from '../incomplete-read-error';
import { IOBase, type Size, sizeOf } from './io-base';
import { type Left, unclosed } from './unclosed';
import { notOpenFor } from './unsupported-operation';

/** What a file needs of its socket. */
export interface FileSocket {
  fileno(): number;
  recvInto(buffer: Uint8Array): number;
  send(data: Uint8Array): number;
  /** One more file needs the descriptor. */
  retain(): void;
  /** One file fewer needs it. */
  release(): void;
}

/** How much {@link SocketIO.readall} asks for at once. */
const READALL_SIZE = 64 * 1024;

/** What a call on a non-blocking socket returns, or undefined where it would have to wait. */
function unlessBlocking(call: () => number): number | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof BlockingIOError && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}

/**
 * A socket as a binary file without a buffer: one `recv` a read, one `send` a write. `socket.makefile` makes it.
 *
 * Source: Python's `socket.SocketIO`
 */
export class SocketIO extends IOBase<Buffer, BytesLike> {
  // Not the file, which may be forgotten while its answers are kept.
  private readonly receiver: Receiver = { pool: undefined };
  /**
   * The mode of the file: what it is for, with a `b`.
   *
   * Source: Python's `socket.SocketIO.mode`
   */
  readonly mode: 'rb' | 'wb' | 'rwb';
  private socket: FileSocket | undefined;
  /** @internal */
  readonly left: Left;
  private timedOut = false;

  /**
   * @param socket - The socket, whose descriptor stays open until the file is closed.
   * @param mode - What the file is for.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for another mode.
   */
  constructor(socket: FileSocket, mode: 'r' | 'w' | 'rw' | 'rb' | 'wb' | 'rwb') {
    super();
    if (!/^(r|w|rw)b?$/.test(mode)) throw wrongValue('mode', "'r', 'w' or 'rw', with or without a 'b' behind", mode);
    this.mode = `${mode.replace('b', '') as 'r' | 'w' | 'rw'}b`;
    this.socket = socket;
    socket.retain();
    this.left = { socket, unsent: 0 };
    unclosed.register(this, this.left, this);
  }

  /**
   * Whether the file is closed.
   *
   * Source: Python's `io.IOBase.closed`
   */
  get closed(): boolean {
    return this.socket === undefined;
  }

  /**
   * The descriptor of the socket; -1 once the file is closed.
   *
   * Source: Python's `socket.SocketIO.name`
   */
  get name(): number {
    return this.socket?.fileno() ?? -1;
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
    return this.open().fileno();
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
    this.checkOpen();
    return this.mode.includes('r');
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
    this.checkOpen();
    return this.mode.includes('w');
  }

  /**
   * Reads what one `recv` brings.
   *
   * @param size - At most how many bytes, 0 or more; less, null or nothing for all up to the end, as {@link readall}.
   * @returns The bytes: none at the end of the stream; undefined if the socket is non-blocking and there are none.
   * @throws {@link OSError}, such as ECONNRESET, and EIO after a read that timed out; {@link TimeoutError};
   *   {@link UnsupportedOperation} (EBADF) if the file is not open for reading; RangeError (`ERR_INVALID_ARG_VALUE`)
   *   once it is closed; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`)
   *   for a size that is no integer or is too large.
   *
   * Source: Python's `io.RawIOBase.read`
   */
  override read(size?: Size): Buffer | undefined {
    const most = sizeOf(size);
    if (most < 0) return this.readall();
    const memory = Buffer.allocUnsafeSlow(most);
    const received = this.readinto(memory);
    return received === undefined ? undefined : shorten(this.receiver, memory, received);
  }

  /**
   * Reads up to the end.
   *
   * @returns The bytes; of a non-blocking socket those that there are, or undefined.
   * @throws As {@link read}; {@link InterruptedError}, with what had come as `partial`.
   *
   * Source: Python's `io.RawIOBase.readall`
   */
  readall(): Buffer | undefined {
    const chunks: Buffer[] = [];
    try {
      for (;;) {
        const chunk = this.read(READALL_SIZE);
        if (!chunk?.length) return chunks.length > 0 ? join(chunks) : chunk;
        chunks.push(chunk);
      }
    } catch (error) {
      throw error instanceof InterruptedError ? withPartial(error, join(chunks)) : error;
    }
  }

  /**
   * Receives into memory of the caller.
   *
   * @param buffer - Any buffer or view.
   * @returns How many bytes: 0 at the end of the stream, undefined if the socket is non-blocking and there are none.
   * @throws As {@link read}; TypeError (`ERR_INVALID_ARG_TYPE`) if `buffer` is no memory.
   *
   * Source: Python's `socket.SocketIO.readinto`
   */
  readinto(buffer: BytesLike): number | undefined {
    const socket = this.open();
    const view = bytes('buffer', buffer);
    if (!this.readable()) throw notOpenFor('read');
    if (this.timedOut) {
      throw new OSError(native.errnos.EIO as number, { syscall: 'read', hint: 'an earlier read has timed out' });
    }
    if (view.length === 0) return 0;
    try {
      return unlessBlocking(() => socket.recvInto(view));
    } catch (error) {
      this.timedOut = error instanceof TimeoutError;
      throw error;
    }
  }

  /**
   * Reads a line, byte by byte: nothing that follows it is taken from the socket.
   *
   * @param size - At most how many bytes, 0 or more; less, null or nothing for no limit.
   * @returns The line with its `\n`, which is missing at the limit and at the end of the stream; empty after that.
   * @throws As {@link read}; {@link BlockingIOError} (EAGAIN) if the socket is non-blocking and the line has not
   *   arrived: its first part is lost; {@link InterruptedError}, with that part as `partial`.
   *
   * Source: Python's `io.IOBase.readline`
   */
  override readline(size?: Size): Buffer {
    const most = sizeOf(size);
    const line: number[] = [];
    try {
      while (line.length !== most) {
        const byte = this.read(1);
        if (byte === undefined) throw new BlockingIOError(native.errnos.EAGAIN as number, { syscall: 'readline' });
        if (byte.length > 0) line.push(byte[0]!);
        if (byte.length === 0 || byte[0] === 0x0a) break;
      }
    } catch (error) {
      throw error instanceof InterruptedError ? withPartial(error, new FastBuffer(line)) : error;
    }
    return new FastBuffer(line);
  }

  /**
   * Sends bytes with one `send`.
   *
   * @param data - Any buffer or view.
   * @returns How many bytes were sent, which may be fewer than there are; undefined if the socket is non-blocking and
   *   takes none.
   * @throws {@link OSError}, such as EPIPE; {@link TimeoutError}; {@link UnsupportedOperation} (EBADF) if the file is
   *   not open for writing; TypeError (`ERR_INVALID_ARG_TYPE`) if `data` is a string; RangeError
   *   (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `socket.SocketIO.write`
   */
  override write(data: BytesLike): number | undefined {
    const socket = this.open();
    const view = bytes('data', data);
    if (!this.writable()) throw notOpenFor('write');
    return unlessBlocking(() => socket.send(view));
  }

  /**
   * Closes the file; a second time does nothing. The socket stays open unless it is closed too.
   *
   * @throws {@link OSError} if the socket is closed too, this was its last file, and close(2) fails.
   *
   * Source: Python's `socket.SocketIO.close`
   */
  close(): void {
    const { socket } = this;
    if (socket === undefined) return;
    this.socket = undefined;
    unclosed.unregister(this);
    socket.release();
  }

  private open(): FileSocket {
    this.checkOpen();
    return this.socket!;
  }
}
