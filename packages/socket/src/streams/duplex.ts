import { Duplex, type DuplexOptions } from 'node:stream';
import {
  bytes,
  integer,
  native,
  OSError,
  SHUT_WR,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  wrongValue,
} from '@bsd-sockets/core-native';
import type { AddressOf, AF_INET } from '@bsd-sockets/resolver';

/** What {@link SocketDuplex} needs of a socket: the `Socket` of promises has it. */
export interface DuplexSocket<F extends number> {
  readonly type: number;
  getpeername(): AddressOf<F>;
  getsockname(): AddressOf<F>;
  setsockopt(level: number, optname: number, value: number): void;
  settimeout(timeout: null): void;
  recv(bufsize: number): Promise<Buffer>;
  sendall(data: Uint8Array): Promise<void>;
  sendmsg(buffers: Iterable<Uint8Array>): Promise<number>;
  shutdown(how: number): void;
  close(): void;
  ref(): unknown;
  unref(): unknown;
}

/** How {@link SocketDuplex} is made. */
export interface SocketDuplexOptions {
  /** Whether the writable side stays open after the peer has ended its side; true by default. */
  allowHalfOpen?: boolean;
  /** The most bytes of one receive, 65536 by default; a longer message of a seqpacket socket is cut off. */
  bufsize?: number;
  /** Bytes, or messages of a seqpacket socket, that may wait to be read before the peer is held up. */
  readableHighWaterMark?: number;
  /** Bytes, or messages of a seqpacket socket, that may wait to be sent before `write` returns false. */
  writableHighWaterMark?: number;
}

const BUFSIZE = 65536;
const CLOSED_ALREADY = new Set(['ENOTCONN', 'EPIPE', 'ECONNRESET']);

/** The parts of an address that `net.Socket` has names for. */
function hostAndPort(address: unknown): [host: string | undefined, port: number | undefined] {
  if (!Array.isArray(address)) return [typeof address === 'string' ? address : undefined, undefined];
  const [host, port] = address;
  return [host === undefined ? undefined : `${host}`, typeof port === 'number' ? port : undefined];
}

/**
 * A connected socket as a stream of Node's: `http`, `http2`, `tls` and others run over it. Of a stream socket it is a stream
 * of bytes; of a seqpacket socket it is in object mode, and each chunk is one message.
 *
 * It has the methods of `net.Socket` that such users call: `setTimeout`, `ref`, `unref`, `setNoDelay`, `setKeepAlive`,
 * `remoteAddress` and so on.
 *
 * @typeParam F - The address family.
 */
export class SocketDuplex<F extends number = typeof AF_INET> extends Duplex {
  /** The socket underneath: it belongs to the stream, which closes it. */
  readonly socket: DuplexSocket<F>;
  /** Bytes that were received. */
  bytesRead = 0;
  /** Bytes that were sent. */
  bytesWritten = 0;
  /** The time-out of {@link setTimeout} in milliseconds; undefined before it is set. */
  timeout: number | undefined;
  private readonly bufsize: number;
  private readonly messages: boolean;
  private idleTimer: NodeJS.Timeout | undefined;

  /**
   * Makes a stream of a socket, which nobody else may use from now on.
   *
   * @param socket - A connected stream or seqpacket socket.
   * @param options - Whether it may be half open, and how much it buffers.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for a socket of another type; {@link OSError} (ENOTCONN, EBADF) for one
   *   that is not connected, or closed.
   */
  constructor(socket: DuplexSocket<F>, options: SocketDuplexOptions = {}) {
    const messages = socket.type === SOCK_SEQPACKET;
    if (!messages && socket.type !== SOCK_STREAM) {
      throw wrongValue('socket', 'a socket of type SOCK_STREAM or SOCK_SEQPACKET', socket.type);
    }
    const { allowHalfOpen = true, bufsize = BUFSIZE, readableHighWaterMark, writableHighWaterMark } = options;
    integer('bufsize', bufsize, 1, 2 ** 31 - 1);
    socket.getpeername();
    const settings: DuplexOptions = { allowHalfOpen, objectMode: messages, autoDestroy: true, emitClose: true };
    if (readableHighWaterMark !== undefined) settings.readableHighWaterMark = readableHighWaterMark;
    if (writableHighWaterMark !== undefined) settings.writableHighWaterMark = writableHighWaterMark;
    super(settings);
    this.socket = socket;
    this.bufsize = bufsize;
    this.messages = messages;
    // A stream waits as long as its peer does; `setTimeout` is its time-out.
    socket.settimeout(null);
  }

  /** False: it is connected from the beginning. */
  get connecting(): boolean {
    return false;
  }

  /** The peer's host, or the first part of its address. */
  get remoteAddress(): string | undefined {
    return hostAndPort(this.peer())[0];
  }

  /** The peer's port, or the second part of its address. */
  get remotePort(): number | undefined {
    return hostAndPort(this.peer())[1];
  }

  /** The own host, or the first part of the own address. */
  get localAddress(): string | undefined {
    return hostAndPort(this.own())[0];
  }

  /** The own port, or the second part of the own address. */
  get localPort(): number | undefined {
    return hostAndPort(this.own())[1];
  }

  /**
   * The own address, in the form of the socket's family.
   *
   * @returns The address; undefined once the stream is destroyed.
   */
  address(): AddressOf<F> | undefined {
    return this.own();
  }

  /**
   * Has the event `timeout` emitted when nothing was sent or received for some time. The stream stays open.
   *
   * @param milliseconds - The time, as `net.Socket` counts it; 0 for none.
   * @param listener - Called once, at the next `timeout`.
   * @throws RangeError (`ERR_OUT_OF_RANGE`); TypeError (`ERR_INVALID_ARG_TYPE`).
   *
   * Source: Node's `net.Socket.setTimeout`
   */
  setTimeout(milliseconds: number, listener?: () => void): this {
    this.timeout = integer('milliseconds', Math.trunc(milliseconds), 0, 2 ** 31 - 1);
    if (listener !== undefined) {
      if (milliseconds === 0) this.removeListener('timeout', listener);
      else this.once('timeout', listener);
    }
    clearTimeout(this.idleTimer);
    this.idleTimer =
      milliseconds > 0 && !this.destroyed ? setTimeout(() => this.emit('timeout'), milliseconds).unref() : undefined;
    return this;
  }

  /**
   * Switches Nagle's algorithm off where the socket has one; elsewhere it does nothing.
   *
   * @param noDelay - Whether to switch it off.
   *
   * Source: Node's `net.Socket.setNoDelay`
   */
  setNoDelay(noDelay = true): this {
    return this.trySetting(native.constants.IPPROTO_TCP, native.constants.TCP_NODELAY, noDelay ? 1 : 0);
  }

  /**
   * Has the kernel look after an idle connection, where the family can.
   *
   * @param enable - Whether it shall.
   * @param initialDelay - After how many milliseconds of idleness, for TCP; 0 leaves it as it is.
   *
   * Source: Node's `net.Socket.setKeepAlive`
   */
  setKeepAlive(enable = false, initialDelay = 0): this {
    const { IPPROTO_TCP, SOL_SOCKET, SO_KEEPALIVE, TCP_KEEPIDLE } = native.constants;
    this.trySetting(SOL_SOCKET, SO_KEEPALIVE, enable ? 1 : 0);
    const seconds = Math.floor(initialDelay / 1000);
    return enable && seconds > 0 ? this.trySetting(IPPROTO_TCP, TCP_KEEPIDLE, seconds) : this;
  }

  /** Lets a receive that waits keep the process alive again. */
  ref(): this {
    this.socket.ref();
    return this;
  }

  /** Lets the process end while the stream waits for its peer. */
  unref(): this {
    this.socket.unref();
    return this;
  }

  /** Ends both directions as soon as what was written is sent. Source: Node's `net.Socket.destroySoon` */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  /** @internal */
  override _read(): void {
    this.socket.recv(this.bufsize).then(
      (data) => {
        this.active();
        this.bytesRead += data.length;
        this.push(data.length === 0 ? null : data);
      },
      (error) => this.destroy(error),
    );
  }

  /** @internal */
  override _write(chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    try {
      const data = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : bytes('chunk', chunk);
      this.finishWrite(this.socket.sendall(data), data.length, done);
    } catch (error) {
      done(error as Error);
    }
  }

  /** @internal */
  override _writev = (
    chunks: { chunk: unknown; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void => {
    try {
      const buffers = chunks.map(({ chunk, encoding }) =>
        typeof chunk === 'string' ? Buffer.from(chunk, encoding) : bytes('chunk', chunk),
      );
      const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
      this.finishWrite(this.messages ? this.sendMessages(buffers) : this.sendBytes(buffers, length), length, done);
    } catch (error) {
      done(error as Error);
    }
  };

  /** @internal */
  override _final(done: (error?: Error | null) => void): void {
    try {
      this.socket.shutdown(SHUT_WR!);
      done();
    } catch (error) {
      // The peer has ended the connection as a whole already.
      done(error instanceof OSError && CLOSED_ALREADY.has(error.code) ? null : (error as Error));
    }
  }

  /** @internal */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.idleTimer);
    try {
      this.socket.close();
      done(error);
    } catch (failure) {
      done(error ?? (failure as Error));
    }
  }

  private async sendMessages(messages: Uint8Array[]): Promise<void> {
    for (const message of messages) await this.socket.sendall(message);
  }

  /** In one system call as a rule, without joining the buffers. */
  private async sendBytes(buffers: Uint8Array[], length: number): Promise<void> {
    const most = native.constants.IOV_MAX ?? 1024;
    let rest = buffers;
    let missing = length;
    while (missing > 0) {
      let sent = await this.socket.sendmsg(rest.length > most ? rest.slice(0, most) : rest);
      missing -= sent;
      let first = 0;
      while (first < rest.length && sent >= rest[first]!.length) sent -= rest[first++]!.length;
      rest = rest.slice(first);
      if (sent > 0) rest[0] = rest[0]!.subarray(sent);
    }
  }

  private finishWrite(sending: Promise<void>, length: number, done: (error?: Error | null) => void): void {
    sending.then(() => {
      this.active();
      this.bytesWritten += length;
      done();
    }, done);
  }

  private active(): void {
    this.idleTimer?.refresh();
  }

  private peer(): AddressOf<F> | undefined {
    return addressFrom(() => this.socket.getpeername());
  }

  private own(): AddressOf<F> | undefined {
    return addressFrom(() => this.socket.getsockname());
  }

  private trySetting(level: number | undefined, option: number | undefined, value: number): this {
    try {
      if (!this.destroyed) this.socket.setsockopt(level!, option!, value);
    } catch (error) {
      // The family has no such thing, which does not matter to who asks for it of any stream.
      if (!(error instanceof OSError)) throw error;
    }
    return this;
  }
}

function addressFrom<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof OSError) return undefined;
    throw error;
  }
}
