import { AsyncResource } from 'node:async_hooks';
import { addAbortSignal, Duplex, type DuplexOptions } from 'node:stream';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import {
  AF_INET6,
  AF_UNIX,
  type BytesLike,
  bytes,
  callListener,
  claim,
  fillCall,
  int32,
  integer,
  type KnownKeys,
  MSG_CTRUNC,
  MSG_PEEK,
  MSG_TRUNC,
  native,
  OSError,
  optionsOf,
  osError,
  outOfRange,
  POLLRDHUP,
  reserve,
  SHUT_WR,
  Slot,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  slots,
  totalLength,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import type { BaseSocket } from '../base-socket';
import { CMSG_SPACE, ControlMemory } from '../control-messages/cmsg';
import { isInternet } from '../family-rules';
import type { Handle } from '../handle';
import { itemsOf } from '../iterable';
import { ancillaryOf, rightsOf } from '../message';
import { linger } from '../options/linger';
import { type Call, MORE } from '../promises/call';
import type { Channel } from '../promises/channel';
import { LONGEST_TIMER } from '../promises/wait';
import { type NodeAddress, nodeAddress } from './node-address';
import { type Outgoing, OutgoingBytes, OutgoingMessages, OutgoingPieces, OutgoingRights } from './outgoing';

/** What a {@link SocketDuplex} has of its socket. */
export interface StreamHost {
  readonly handle: Handle;
  readonly channel: Channel;
  /** A receive of bytes that does not wait: what came, or a negative errno. */
  receive(bufsize: number): Buffer | number;
}

/** The socket of a {@link SocketDuplex}: the `Socket` of promises. */
export interface DuplexSocket<F extends number> extends BaseSocket<F> {
  /** @internal */
  refuseWhileBusy(syscall: string): void;
  /** @internal */
  lend(owner: object): StreamHost;
  ref(): unknown;
  unref(): unknown;
}

/** What opens the connection of a stream; the signal is aborted when the stream is destroyed meanwhile. */
export type Dial<F extends number> = (signal: AbortSignal) => Promise<DuplexSocket<F>>;

/** How {@link SocketDuplex} is made. */
export interface SocketDuplexOptions {
  /** Whether the writable side stays open after the peer has ended its side; false by default, as for `net.Socket`. */
  allowHalfOpen?: boolean | undefined;
  /** The most bytes of one receive: 65536 by default, 262144 of a seqpacket socket, where a longer message is an error. */
  bufsize?: number | undefined;
  /**
   * Of a unix socket: whether descriptors come and go with the bytes. Each receive that brings some emits `fds`, with an array
   * of numbers, before the bytes that they came with; if you listen, close them, and they are closed if nobody
   * does. {@link SocketDuplex.writeWithFds} sends some.
   */
  fds?: boolean | undefined;
  /** Have the kernel look after the idle connection. */
  keepAlive?: boolean | undefined;
  /** After how many milliseconds of idleness, for TCP. */
  keepAliveInitialDelay?: number | undefined;
  /** Switch Nagle's algorithm off, where the socket has one. */
  noDelay?: boolean | undefined;
  /**
   * Of a seqpacket socket: whether each chunk is a message, as by default, or the stream is one of bytes, which cuts and
   * joins them.
   */
  objectMode?: boolean | undefined;
  /** Bytes, or messages, that may wait to be read before the peer is held up. */
  readableHighWaterMark?: number | undefined;
  /** Destroys the stream with an `AbortError`. */
  signal?: AbortSignal | undefined;
  /** Bytes, or messages, that may wait to be sent before `write` returns false. */
  writableHighWaterMark?: number | undefined;
}

/** All of them, for those who pass them on. */
export const DUPLEX_OPTIONS: KnownKeys<SocketDuplexOptions> = {
  allowHalfOpen: true,
  bufsize: true,
  fds: true,
  keepAlive: true,
  keepAliveInitialDelay: true,
  noDelay: true,
  objectMode: true,
  readableHighWaterMark: true,
  signal: true,
  writableHighWaterMark: true,
};

const BUFSIZE = 65536;
/** As much as comes of the memory that many receives share. More is asked for while that much is there at once. */
const SMALL_BUFSIZE = 16384;
/** More than a message of a unix socket can have, unless somebody has raised the limits of its buffer. */
const MESSAGE_BUFSIZE = 262144;
/** How many bytes one attempt sends before others have their turn. */
const TURN_MOST = 2 ** 20;

const EMFILE = native.errnos.EMFILE as number;
const EMSGSIZE = native.errnos.EMSGSIZE as number;
const CLOSED_ALREADY = new Set<string | undefined>(['ENOTCONN', 'EPIPE', 'ECONNRESET']);

/** The option of a family of the internet that has the type of service. */
function typeOfService(family: number): [level: number, option: number] {
  const { IPPROTO_IP, IP_TOS, IPPROTO_IPV6, IPV6_TCLASS } = native.constants;
  return family === AF_INET6 ? [IPPROTO_IPV6!, IPV6_TCLASS!] : [IPPROTO_IP!, IP_TOS!];
}

/** The value of an option. */
const number = new Int32Array(1);
const numberBytes = new Uint8Array(number.buffer);
/** The event for what the stream itself does then. Classes that extend it choose what their users are told. */
const CONNECTED = Symbol('connected');
/** The event when its users have been told: data come after that. */
const READING = Symbol('reading');
/** What a look at the next message may write to. */
const peeked = Buffer.alloc(1);
/** Where descriptors are received: as many as Linux sends at once, and the credentials that a socket may ask for. */
const control = new ControlMemory(CMSG_SPACE(253 * 4) + CMSG_SPACE(12));

/** An error of Node's, whose own class it keeps to itself. */
function nodeError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/**
 * A socket as a stream of Node's: `http`, `http2`, `tls` and others run over it. Of a stream socket it is a stream of bytes;
 * of a seqpacket socket it is in object mode, and each chunk is one message, unless it is told to carry bytes.
 *
 * It behaves as `net.Socket`, whose methods, properties and events it has; `docs/streams.md` has the differences.
 *
 * @typeParam F - The address family.
 */
export class SocketDuplex<F extends number = any> extends Duplex {
  /** Bytes that were received. */
  bytesRead = 0;
  /** Whether it is connecting: `connect` is emitted at the end. */
  connecting = false;
  /**
   * Sends bytes and descriptors with them; undefined unless the option `fds` is on. The stream makes duplicates of the
   * descriptors: the caller may close them at once.
   *
   * @param buffer - The bytes: 1 or more, since a stream takes no descriptors without one.
   * @param fds - Descriptors; Linux takes up to 253 at once.
   * @param callback - Called when they are sent, or with an error.
   * @returns As of `write`: whether there is room for more.
   * @throws {@link OSError} EBADF for a descriptor that is not open; TypeError or RangeError for a bad argument.
   *
   * Source: unix(7)
   */
  writeWithFds?: (buffer: BytesLike, fds: Iterable<number>, callback?: (error?: Error | null) => void) => boolean;
  /** The timeout of {@link setTimeout} in milliseconds; undefined before it is set. */
  timeout: number | undefined;
  private readonly bufsize: number | undefined;
  private readonly fds: boolean;
  /** Descriptors that the next bytes came with. */
  private arrived: number[] = [];
  /** Descriptors that are still to be sent, by the bytes that they go with. */
  private rights: Map<Uint8Array, number[]> | undefined;
  private receiveSize: number;
  private readonly dial: Dial<F> | undefined;
  private dialling: AbortController | undefined;
  private connected: DuplexSocket<F> | undefined;
  private host!: StreamHost;
  private receiving!: Call;
  private sending!: Call;
  /** Of all writes that have begun. */
  private bytesBegun = 0;
  /** Of the one that is not done yet. */
  private bytesUnderWay = 0;
  /** Tells Node that it is done. */
  private written!: Done;
  private idleTimer: NodeJS.Timeout | undefined;
  private tos = 0;
  private peer: NodeAddress | undefined;
  private own: NodeAddress | undefined;

  /**
   * Makes a stream of a socket, which nobody else may receive from any more.
   *
   * @param origin - A connected stream or seqpacket socket; or what opens one when {@link connect} is called.
   * @param options - Whether it may be half open, how much it buffers, and so on.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for a socket of another type; {@link OSError}: ENOTCONN, EBADF, or EBUSY
   *   while calls wait, a file is open, or another stream has the socket; TypeError for options of another shape.
   *
   * @internal
   */
  constructor(origin: DuplexSocket<F> | Dial<F>, options?: SocketDuplexOptions | null) {
    const given = optionsOf(options, DUPLEX_OPTIONS);
    const { bufsize, fds = false, keepAlive, keepAliveInitialDelay, noDelay } = given;
    const socket = typeof origin === 'function' ? undefined : origin;
    const objectMode = given.objectMode ?? socket?.type === SOCK_SEQPACKET;
    if (bufsize !== undefined) integer('bufsize', bufsize, 1, 2 ** 31 - 1);
    if (socket !== undefined) checkSocket(socket, objectMode, fds);
    const settings: DuplexOptions = {
      allowHalfOpen: given.allowHalfOpen ?? false,
      objectMode,
      // As `net.Socket` it emits `close` itself, and says whether there was an error.
      emitClose: false,
    };
    if (given.readableHighWaterMark !== undefined) settings.readableHighWaterMark = given.readableHighWaterMark;
    if (given.writableHighWaterMark !== undefined) settings.writableHighWaterMark = given.writableHighWaterMark;
    super(settings);
    this.bufsize = bufsize;
    this.receiveSize = Math.min(bufsize ?? BUFSIZE, SMALL_BUFSIZE);
    this.fds = fds;
    if (fds) this.writeWithFds = this.sendWithFds;
    this.dial = typeof origin === 'function' ? origin : undefined;
    this.on('end', this.refuseWrites);
    this.connected = socket;
    // Not by `super`: one that is aborted already destroys the stream at once, and its socket with it.
    if (given.signal) addAbortSignal(given.signal, this);
    if (socket !== undefined && !this.destroyed) this.adopt(socket);
    if (noDelay) this.setNoDelay();
    if (keepAlive) this.setKeepAlive(true, keepAliveInitialDelay);
    // The end and the reset of a connection are noticed even if nobody reads.
    if (socket !== undefined) this.read(0);
  }

  /**
   * The socket underneath, which belongs to the stream: the stream closes it.
   *
   * @throws {@link OSError} ENOTCONN before there is a connection.
   */
  get socket(): DuplexSocket<F> {
    if (this.connected === undefined) {
      throw new OSError(native.errnos.ENOTCONN as number, { hint: 'the stream is not connected yet' });
    }
    return this.connected;
  }

  /** Whether there is no connection: not yet, or no longer. */
  get pending(): boolean {
    return this.connected === undefined || this.destroyed;
  }

  /** `opening`, `open`, `readOnly`, `writeOnly` or `closed`. */
  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** Bytes that were written: sent, or about to be. */
  get bytesWritten(): number {
    return this.bytesBegun + (this.writableObjectMode ? 0 : this.writableLength - this.bytesUnderWay);
  }

  /** The peer's host or path, or the first part of its address; undefined if it has none. */
  get remoteAddress(): string | undefined {
    return this.remote().address;
  }

  /** The peer's port, or the second part of its address. */
  get remotePort(): number | undefined {
    return this.remote().port;
  }

  /** `IPv4` or `IPv6`; undefined for other families. */
  get remoteFamily(): string | undefined {
    return this.remote().family;
  }

  /** The own host or path, or the first part of the own address; undefined if it has none. */
  get localAddress(): string | undefined {
    return this.address().address;
  }

  /** The own port, or the second part of the own address. */
  get localPort(): number | undefined {
    return this.address().port;
  }

  /** `IPv4` or `IPv6`; undefined for other families. */
  get localFamily(): string | undefined {
    return this.address().family;
  }

  /**
   * The own address, as Node tells it; `socket.getsockname()` has it in the form of the family.
   *
   * @returns `address`, `family` and `port`, as far as there are such.
   *
   * Source: Node's `net.Socket.address`
   */
  address(): NodeAddress {
    this.own ??= this.ask((socket) => socket.getsockname());
    return this.own ?? {};
  }

  /**
   * The peer's address, as {@link address} tells the own one.
   *
   * @internal
   */
  remote(): NodeAddress {
    this.peer ??= this.ask((socket) => socket.getpeername());
    return this.peer ?? {};
  }

  /**
   * Connects, if the stream is one that connects by itself and has not begun; a stream that is connected has no use for it.
   *
   * @param args - What `net.Socket` takes, which is ignored, since the stream knows whom it connects to. The last one may be
   *   a listener for `connect`.
   *
   * Source: Node's `net.Socket.connect`
   */
  connect(...args: unknown[]): this {
    const listener = args.at(-1);
    if (typeof listener === 'function') this.once('connect', listener as () => void);
    if (this.dial === undefined || this.dialling !== undefined || this.destroyed) return this;
    this.dialling = new AbortController();
    this.connecting = true;
    this.active();
    const { dial, dialling } = this;
    new Promise<DuplexSocket<F>>((resolve) => resolve(dial(dialling.signal))).then(
      (socket) => this.dialled(socket),
      (error) => this.destroy(error),
    );
    return this;
  }

  /**
   * Has the event `timeout` emitted when nothing was sent or received for some time. The stream stays open.
   *
   * @param milliseconds - The time; 0 for none. More than 2³¹ - 1 is cut to that, with a `TimeoutOverflowWarning`.
   * @param listener - Called once, at the next `timeout`.
   * @throws RangeError (`ERR_OUT_OF_RANGE`); TypeError (`ERR_INVALID_ARG_TYPE`).
   *
   * Source: Node's `net.Socket.setTimeout`
   */
  setTimeout(milliseconds: number, listener?: () => void): this {
    if (typeof milliseconds !== 'number') throw wrongType('milliseconds', 'a number of at least 0', milliseconds);
    if (!(milliseconds >= 0 && milliseconds < Number.POSITIVE_INFINITY)) {
      throw outOfRange('milliseconds', 'a finite number of at least 0', milliseconds);
    }
    const delay = Math.min(milliseconds, LONGEST_TIMER);
    if (delay < milliseconds) {
      process.emitWarning(`${milliseconds} ms is too long: cut to ${delay} ms`, 'TimeoutOverflowWarning');
    }
    this.timeout = milliseconds;
    if (listener !== undefined) {
      if (milliseconds === 0) this.removeListener('timeout', listener);
      else this.once('timeout', listener);
    }
    clearTimeout(this.idleTimer);
    this.idleTimer = delay > 0 && !this.destroyed ? setTimeout(() => this.emit('timeout'), delay).unref() : undefined;
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
    const { IPPROTO_TCP, TCP_NODELAY } = native.constants;
    return this.onceConnected(() => this.trySetting(IPPROTO_TCP, TCP_NODELAY, noDelay ? 1 : 0));
  }

  /**
   * Has the kernel look after an idle connection, where the family can.
   *
   * @param enable - Whether it should.
   * @param initialDelay - After how many milliseconds of idleness, for TCP; 0 leaves it as it is.
   *
   * Source: Node's `net.Socket.setKeepAlive`
   */
  setKeepAlive(enable = false, initialDelay = 0): this {
    const { IPPROTO_TCP, SOL_SOCKET, SO_KEEPALIVE, TCP_KEEPIDLE } = native.constants;
    const seconds = Math.floor(initialDelay / 1000);
    return this.onceConnected(() => {
      this.trySetting(SOL_SOCKET, SO_KEEPALIVE, enable ? 1 : 0);
      if (enable && seconds > 0) this.trySetting(IPPROTO_TCP, TCP_KEEPIDLE, seconds);
    });
  }

  /**
   * Sets the type of service of what is sent (of IPv6 the traffic class), where the family has one; elsewhere it is only
   * remembered, as by `net.Socket`.
   *
   * @param tos - From 0 to 255.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`); RangeError (`ERR_OUT_OF_RANGE`).
   *
   * Source: Node's `net.Socket.setTypeOfService`; ip(7)
   */
  setTypeOfService(tos: number): this {
    this.tos = integer('tos', tos, 0, 255);
    return this.onceConnected(() => {
      if (isInternet(this.socket.family)) this.trySetting(...typeOfService(this.socket.family), this.tos);
    });
  }

  /**
   * The type of service of what is sent: the kernel's while there is a connection of IPv4 or IPv6, otherwise what was set.
   *
   * Source: Node's `net.Socket.getTypeOfService`
   */
  getTypeOfService(): number {
    if (this.connected === undefined || this.destroyed || !isInternet(this.connected.family)) return this.tos;
    return this.connected.getsockopt(...typeOfService(this.connected.family));
  }

  /** Lets a receive that waits keep the process alive again. */
  ref(): this {
    return this.onceConnected(() => this.connected?.ref());
  }

  /** Lets the process end while the stream waits for its peer. */
  unref(): this {
    return this.onceConnected(() => this.connected?.unref());
  }

  /** Ends both directions as soon as what was written is sent. Source: Node's `net.Socket.destroySoon` */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  /**
   * Ends a TCP connection by a reset, and destroys the stream.
   *
   * @throws TypeError (`ERR_INVALID_HANDLE_TYPE`) if the socket is not one of TCP.
   *
   * Source: Node's `net.Socket.resetAndDestroy`
   */
  resetAndDestroy(): this {
    if (this.connecting) return this.onceConnected(() => this.resetAndDestroy());
    if (this.pending) return this.destroy(nodeError('ERR_SOCKET_CLOSED', 'Socket is closed'));
    const { socket } = this;
    if (socket.type !== SOCK_STREAM || !isInternet(socket.family)) {
      throw Object.assign(new TypeError('Only a TCP connection can be reset'), { code: 'ERR_INVALID_HANDLE_TYPE' });
    }
    const { SOL_SOCKET, SO_LINGER } = native.constants;
    socket.setsockopt(SOL_SOCKET!, SO_LINGER!, linger.encode(0, 'linger'));
    return this.destroy();
  }

  /**
   * Tells that there is a connection.
   *
   * @internal
   */
  protected tellConnected(): void {
    this.emit('connect');
    this.emit('ready');
  }

  /** @internal */
  override _read(): void {
    if (this.connected === undefined) {
      this.once(READING, this._read);
      return;
    }
    this.host.channel.reads.call(this.receiving, this.receive, this.received, this.failed);
  }

  /** @internal */
  override _write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    this.transmit([{ chunk, encoding }], done);
  }

  /** @internal */
  override _writev = (chunks: Chunk[], done: Done): void => this.transmit(chunks, done);

  /** @internal */
  override _final(done: Done): void {
    if (this.connected === undefined) {
      this.afterConnect(() => this._final(done), done);
      return;
    }
    try {
      this.connected.shutdown(SHUT_WR!);
      done();
    } catch (error) {
      // The peer has ended the connection as a whole already.
      done(error instanceof OSError && CLOSED_ALREADY.has(error.code) ? null : (error as Error));
    }
  }

  /** @internal */
  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.idleTimer);
    this.connecting = false;
    this.dialling?.abort();
    closeAll(this.arrived);
    this.arrived = [];
    let failure = error;
    try {
      this.connected?.close();
    } catch (closing) {
      failure ??= closing as Error;
    }
    done(failure);
    // As of `net.Socket`, whose handle is closed by the loop: what was sent last has arrived on this machine by then.
    setImmediate(() => this.emit('close', failure !== null));
  }

  /** An address of the socket; undefined while there is none to be had. */
  private ask(question: (socket: DuplexSocket<F>) => unknown): NodeAddress | undefined {
    const { connected } = this;
    if (connected === undefined || this.destroyed) return undefined;
    try {
      return nodeAddress(connected.family, question(connected));
    } catch (error) {
      if (error instanceof OSError) return undefined;
      throw error;
    }
  }

  private dialled(socket: DuplexSocket<F>): void {
    if (typeof socket?.lend !== 'function') {
      this.destroy(wrongType('dial', 'a function that opens a socket of promises', socket));
      return;
    }
    if (this.destroyed) {
      socket.close();
      return;
    }
    try {
      checkSocket(socket, this.readableObjectMode, this.fds);
      this.adopt(socket);
    } catch (error) {
      socket.close();
      this.destroy(error as Error);
      return;
    }
    this.connecting = false;
    this.active();
    this.emit(CONNECTED);
    callListener(() => this.tellConnected());
    // Data may be there already, for a listener that throws.
    callListener(() => {
      this.emit(READING);
      if (!this.destroyed && !this.isPaused()) this.read(0);
    });
  }

  private adopt(socket: DuplexSocket<F>): void {
    this.host = socket.lend(this);
    this.connected = socket;
    // A stream waits as long as its peer does; `setTimeout` is its timeout.
    socket.settimeout(null);
    const shared = { timeout: -1, signal: undefined, owner: this, scope: new AsyncResource('SocketDuplex') };
    this.receiving = { ...shared, syscall: 'recv' };
    this.sending = { ...shared, syscall: 'send' };
  }

  /** One try to receive: null at the end, or a negative errno. */
  private readonly receive = (): Buffer | null | number => {
    if (this.fds || this.connected!.type === SOCK_SEQPACKET) return this.receiveMessage();
    const data = this.host.receive(this.receiveSize);
    if (typeof data === 'number') return data;
    const more = data.length === this.receiveSize;
    this.receiveSize = Math.min(this.bufsize ?? BUFSIZE, more ? Number.POSITIVE_INFINITY : SMALL_BUFSIZE);
    return data.length === 0 ? null : data;
  };

  private receiveMessage(): Buffer | null | number {
    const { handle } = this.host;
    const whole = this.connected!.type === SOCK_SEQPACKET;
    const { bufsize = whole ? MESSAGE_BUFSIZE : BUFSIZE } = this;
    for (;;) {
      const memory = reserve(handle, bufsize, 0);
      fillCall(handle.fd, 0, memory.used, bufsize, 0, 0);
      const received = native.recvmsg(memory.bytes, this.fds ? control.bytes : undefined);
      if (received < 0) return received;
      const flags = slots[Slot.messageFlags]!;
      if (this.fds) this.takeRights(flags);
      if (flags & MSG_TRUNC!) {
        throw new OSError(EMSGSIZE, {
          syscall: 'recv',
          hint: `a message has more than the ${bufsize} bytes of bufsize`,
        });
      }
      if (received === 0 && (!whole || this.hasEnded(handle.fd))) return null;
      // An empty message is nothing in a stream of bytes.
      if (received > 0 || this.readableObjectMode) return claim(handle, memory, bufsize, received);
    }
  }

  /** Keeps the descriptors of a receive until its bytes are told. */
  private takeRights(flags: number): void {
    this.arrived.push(...rightsOf(ancillaryOf(control, false)));
    if (flags & MSG_CTRUNC!) {
      throw new OSError(EMFILE, { syscall: 'recv', hint: 'descriptors came that there was no room for' });
    }
  }

  /** Whether a receive of nothing was the end, and not an empty message. */
  private hasEnded(fd: number): boolean {
    if (POLLRDHUP !== undefined && this.host.channel.poll(POLLRDHUP) === 0) return false;
    // The peer may have sent more before it ended.
    fillCall(fd, MSG_PEEK!, 0, 1, 0, 0);
    return native.receive(peeked) <= 0;
  }

  private readonly received = (data: Buffer | null): void => {
    if (this.destroyed) return;
    this.active();
    if (this.arrived.length > 0) this.tellRights();
    if (data !== null) this.bytesRead += data.length;
    // `end` is due although nobody reads, and so is the next receive after a listener that throws.
    let due = true;
    try {
      this.push(data);
      due = data === null;
    } finally {
      if (due) this.read(0);
    }
  };

  private tellRights(): void {
    const fds = this.arrived;
    this.arrived = [];
    // The bytes are told even if the listener throws.
    callListener(() => {
      if (!this.emit('fds', fds)) closeAll(fds);
    });
  }

  private readonly failed = (error: unknown): void => {
    // The connection has ended as a whole.
    if (error instanceof OSError && error.code === 'ENOTCONN') this.received(null);
    else this.destroy(error as Error);
  };

  private transmit(chunks: Chunk[], done: Done): void {
    if (this.connected === undefined) {
      this.afterConnect(() => this.transmit(chunks, done), done);
      return;
    }
    this.active();
    const { handle, channel } = this.host;
    let outgoing: Outgoing;
    try {
      const buffers = chunks.map(bytesOf);
      this.bytesUnderWay = totalLength(buffers);
      outgoing = this.outgoing(buffers);
    } catch (error) {
      done(error as Error);
      return;
    }
    this.bytesBegun += this.bytesUnderWay;
    this.written = done;
    const attempt = () => {
      for (let most = TURN_MOST; !outgoing.done; ) {
        if (most <= 0) return -MORE;
        const sent = outgoing.send(handle.fd);
        if (sent < 0) return sent;
        this.active();
        most -= sent;
      }
      return undefined;
    };
    channel.writes.call(this.sending, attempt, this.sent, this.unsent);
  }

  private readonly sent = (): void => {
    this.bytesUnderWay = 0;
    this.written();
  };

  private readonly unsent = (error: Error): void => {
    this.bytesUnderWay = 0;
    if (!this.destroyed) this.written(error);
    else this.written(this.errored ?? nodeError('ERR_STREAM_DESTROYED', 'The stream was destroyed before it was sent'));
  };

  private sendWithFds(buffer: BytesLike, fds: Iterable<number>, callback?: Done): boolean {
    const view = bytes('buffer', buffer);
    if (view.length === 0) throw wrongValue('buffer', 'at least one byte for the descriptors to go with', buffer);
    const copies = duplicates(fds);
    // An object of its own, by which the descriptors are found when its turn has come.
    const chunk = Buffer.from(view.buffer, view.byteOffset, view.length);
    this.rights ??= new Map();
    this.rights.set(chunk, copies);
    return this.write(chunk, (error?: Error | null) => {
      this.rights?.delete(chunk);
      closeAll(copies);
      callback?.(error);
    });
  }

  private outgoing(buffers: Uint8Array[]): Outgoing {
    if (this.rights?.size) return new OutgoingRights(buffers, this.rights);
    if (this.connected!.type !== SOCK_SEQPACKET) return new OutgoingBytes(buffers);
    return this.writableObjectMode ? new OutgoingMessages(buffers) : new OutgoingPieces(buffers);
  }

  private active(): void {
    this.idleTimer?.refresh();
  }

  /** What was written before there was a connection is sent then, or fails. */
  private afterConnect(action: () => void, done: Done): void {
    const closed = () => {
      done(nodeError('ERR_SOCKET_CLOSED_BEFORE_CONNECTION', 'Socket closed before the connection was established'));
    };
    this.once('close', closed);
    this.once(CONNECTED, () => {
      this.off('close', closed);
      // What was written may call back at once.
      callListener(action);
    });
  }

  private onceConnected(action: () => void): this {
    if (this.connected === undefined) return this.once(CONNECTED, () => callListener(action));
    action();
    return this;
  }

  private refuseWrites(): void {
    if (!this.allowHalfOpen) this.write = writeAfterEnd as typeof this.write;
  }

  /** Sets an option, unless the family has no such thing, which does not matter to a caller that asks for it of any stream. */
  private trySetting(level: number | undefined, option: number | undefined, value: number): void {
    if (this.destroyed || level === undefined || option === undefined) return;
    number[0] = value;
    native.setsockopt(this.host.handle.fd, level, option, numberBytes, 0);
  }
}

type Done = (error?: Error | null) => void;

interface Chunk {
  chunk: unknown;
  encoding: BufferEncoding;
}

function bytesOf({ chunk, encoding }: Chunk): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : bytes('chunk', chunk);
}

/** What `write` is after the peer's end, which has ended this side too: nobody has called `end`, as the usual error says. */
function writeAfterEnd(this: Duplex, chunk: unknown, encoding: BufferEncoding | Done, done?: Done): boolean {
  if (!this.writableEnded) return Duplex.prototype.write.call(this, chunk, encoding as BufferEncoding, done);
  const error = nodeError('EPIPE', 'This socket has been ended by the other party');
  const callback = typeof encoding === 'function' ? encoding : done;
  if (callback !== undefined) process.nextTick(callback, error);
  this.destroy(error);
  return false;
}

function closeAll(fds: readonly number[]): void {
  for (const fd of fds) native.close(fd);
}

/** Descriptors of the same files; none if one of them fails. */
function duplicates(fds: Iterable<number>): number[] {
  const copies: number[] = [];
  for (const fd of itemsOf('fds', fds, 'descriptors')) {
    const copy = native.dup(int32(`fds[${copies.length}]`, fd));
    if (copy < 0) {
      closeAll(copies);
      throw osError(copy, { syscall: 'dup', hint: `descriptor ${fd}` });
    }
    copies.push(copy);
  }
  return copies;
}

function checkSocket(socket: DuplexSocket<any>, objectMode: boolean, fds: boolean): void {
  if (socket.type !== SOCK_SEQPACKET) {
    if (socket.type !== SOCK_STREAM) {
      throw wrongValue('socket', 'a socket of type SOCK_STREAM or SOCK_SEQPACKET', socket.type);
    }
    if (objectMode) throw wrongValue('objectMode', 'false for a stream socket, which has no messages', objectMode);
  }
  if (fds && socket.family !== AF_UNIX) throw wrongValue('fds', 'false for a socket that is not of AF_UNIX', fds);
  socket.refuseWhileBusy('toDuplex');
  socket.getpeername();
}
