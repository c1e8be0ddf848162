import {
  BlockingIOError,
  type BytesLike,
  bytes,
  native,
  OSError,
  TimeoutError,
  wrongValue,
} from '@bsd-sockets/core-native';
import { claim } from '../receive-memory';
import { IOBase, type Size, sizeOf } from './io-base';
import { UnsupportedOperation } from './unsupported-operation';

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

// A file that is collected lets go of its socket.
const unclosed = new FinalizationRegistry<FileSocket>((socket) => {
  try {
    socket.release();
  } catch {
    // Nobody is left to hear of it, and the descriptor is gone all the same.
  }
});

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
  readonly mode: 'rb' | 'wb' | 'rwb';
  private socket: FileSocket | undefined;
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
    unclosed.register(this, socket, this);
  }

  get closed(): boolean {
    return this.socket === undefined;
  }

  get name(): number {
    return this.socket?.fileno() ?? -1;
  }

  fileno(): number {
    return this.open().fileno();
  }

  readable(): boolean {
    this.checkOpen();
    return this.mode.includes('r');
  }

  writable(): boolean {
    this.checkOpen();
    return this.mode.includes('w');
  }

  /** Reads what one `recv` brings. */
  override read(size?: Size): Buffer | undefined {
    const most = sizeOf(size);
    if (most < 0) return this.readall();
    const memory = Buffer.allocUnsafeSlow(most);
    const received = this.readinto(memory);
    return received === undefined ? undefined : claim(memory, most, received);
  }

  /**
   * Reads up to the end.
   *
   * @returns The bytes; of a non-blocking socket those that there are, or undefined.
   * @throws As {@link read}.
   */
  readall(): Buffer | undefined {
    const chunks: Buffer[] = [];
    for (;;) {
      const chunk = this.read(READALL_SIZE);
      if (!chunk?.length) return chunks.length > 0 ? Buffer.concat(chunks) : chunk;
      chunks.push(chunk);
    }
  }

  /**
   * Receives into memory of the caller.
   *
   * @returns How many bytes: 0 at the end of the stream, undefined if the socket is non-blocking and there are none.
   * @throws As {@link read}.
   */
  readinto(buffer: BytesLike): number | undefined {
    const socket = this.open();
    const view = bytes('buffer', buffer);
    if (!this.readable()) throw new UnsupportedOperation('read');
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

  /** Reads a line, byte by byte: nothing that follows it is taken from the socket. */
  override readline(size?: Size): Buffer {
    const most = sizeOf(size);
    const line: number[] = [];
    while (line.length !== most) {
      const byte = this.read(1);
      if (byte === undefined) throw new BlockingIOError(native.errnos.EAGAIN as number, { syscall: 'readline' });
      if (byte.length > 0) line.push(byte[0]!);
      if (byte.length === 0 || byte[0] === 0x0a) break;
    }
    return Buffer.from(line);
  }

  override write(data: BytesLike): number | undefined {
    const socket = this.open();
    const view = bytes('data', data);
    if (!this.writable()) throw new UnsupportedOperation('write');
    return unlessBlocking(() => socket.send(view));
  }

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
