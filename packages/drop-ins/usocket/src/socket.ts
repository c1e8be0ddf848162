import { isOptions, native, OSError, wrongType } from '@bsd-sockets/core-native';
import { AF_UNIX, close, dup, SOCK_STREAM } from '@bsd-sockets/socket';
import { type Dial, Socket, SocketDuplex } from '@bsd-sockets/socket/promises';

/** What a socket is made of. */
export interface USocketOptions {
  /** Where to connect to: a path, or an abstract name with its leading NUL. */
  path?: string;
  /** In its place: the descriptor of a connected unix stream socket, which belongs to the `USocket` from then on. */
  fd?: number;
  /** Whether the writable side stays open after the peer has ended its side; true by default. */
  allowHalfOpen?: boolean;
}

/** What {@link USocket.write} takes besides bytes. */
export interface Message {
  /** The bytes. */
  data?: Uint8Array | string;
  /** Descriptors; they may be closed as soon as `write` returns. */
  fds?: readonly number[];
  /** Called when it is sent, or with an error. */
  callback?: (error?: Error | null) => void;
}

/** What {@link USocket.read} returns where it was asked for descriptors. */
export interface Received {
  /** The bytes. */
  data: Buffer;
  /** The descriptors, which are the reader's to close. */
  fds: number[];
}

type Done = (error?: Error | null) => void;

/** A stream over a unix socket, which takes and brings descriptors. */
export class USocket extends SocketDuplex<typeof AF_UNIX> {
  private open!: Dial<typeof AF_UNIX>;
  private opened: Socket<typeof AF_UNIX> | undefined;
  /** Descriptors that came and nobody has read. */
  private readonly unread: number[] = [];
  /** What was written without bytes, which a stream cannot send: it goes with the next ones. */
  private held: { fds: number[]; callbacks: Done[] } = { fds: [], callbacks: [] };
  /** Whether more bytes are asked for than a stream would, for the descriptors that come with them. */
  private asked = false;

  /**
   * Makes a socket, and connects it if it is told where to.
   *
   * @param options - Where to, or a descriptor.
   * @param callback - For the event `connected`.
   * @throws As {@link connect}.
   *
   * Source: the README of usocket 1.1.0
   */
  constructor(options?: string | USocketOptions | null, callback?: () => void) {
    const given = typeof options === 'string' ? { path: options } : (options ?? {});
    super((signal) => this.open(signal), { fds: true, allowHalfOpen: given.allowHalfOpen ?? true });
    this.on('fds', (fds) => void this.unread.push(...fds));
    if (!isOptions(given) || given.path !== undefined || given.fd !== undefined) this.connect(given, callback);
  }

  /** The descriptor; undefined before {@link connect}, -1 once it is closed. */
  get fd(): number | undefined {
    return this.opened?.fileno();
  }

  /**
   * Connects. Emits `connected`, or `error` if that fails.
   *
   * @param options - A path, or `path` or `fd`.
   * @param callback - For the event `connected`.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`) without a path; an `OSError` for a descriptor that is no socket, EISCONN a second
   *   time, or EBADF if it is destroyed.
   *
   * Source: connect(2)
   */
  override connect(options: string | USocketOptions, callback?: () => void): this {
    const { path, fd }: USocketOptions = isOptions(options) ? options : { path: options };
    if (fd === undefined && typeof path !== 'string') throw wrongType('path', 'the path of a socket', path);
    const errno = native.errnos[this.destroyed ? 'EBADF' : 'EISCONN'] as number;
    if (this.destroyed || this.opened !== undefined) throw new OSError(errno, { syscall: 'connect' });
    const socket = new Socket(AF_UNIX, SOCK_STREAM, 0, fd ?? null);
    this.opened = socket;
    if (typeof callback === 'function') this.once('connected', callback);
    this.open = async (signal) => {
      // A descriptor's connection is there.
      if (fd !== undefined) return socket;
      return socket.connect(path!, { signal }).then(
        () => socket,
        (error) => {
          socket.close();
          throw error;
        },
      );
    };
    return super.connect();
  }

  /**
   * Reads bytes, and descriptors if it is asked for them.
   *
   * @param size - How many bytes; null for all that are there.
   * @param count - How many descriptors, 0 too; null for all that are there.
   * @returns Without `count` what `read` of a stream returns; with it null while any of both are missing.
   *
   * Source: the README of usocket 1.1.0
   */
  override read(size?: number | null): any;
  override read(size: number | null, count: number | null): Received | null;
  override read(size?: number | null, count?: number | null): any {
    if (count === undefined) return super.read(size ?? undefined);
    if ((count ?? 0) > this.unread.length) {
      // They come with bytes, and nobody else asks for more of these while there are enough.
      if (this.readableLength === 0) super.read(0);
      else if (!this.asked) this._read();
      this.asked = true;
      return null;
    }
    // Without a size it may be one chunk of several.
    const data = size === 0 ? Buffer.alloc(0) : super.read(size ?? (this.readableLength || undefined));
    return data === null ? null : { data, fds: this.unread.splice(0, count ?? this.unread.length) };
  }

  /**
   * Puts back what was read.
   *
   * @param chunk - The bytes.
   * @param fds - The descriptors.
   *
   * Source: the README of usocket 1.1.0
   */
  override unshift(chunk: any, fds?: readonly number[] | BufferEncoding): void {
    if (Array.isArray(fds)) this.unread.unshift(...fds);
    if (chunk?.length > 0) super.unshift(chunk, typeof fds === 'string' ? fds : undefined);
  }

  /**
   * Sends bytes, descriptors, or both. Descriptors without bytes go with the next bytes.
   *
   * @param chunk - Bytes; descriptors, as an array; or a {@link Message}.
   * @param args - Of bytes: their encoding, and what to call when they are sent.
   * @returns Whether there is room for more.
   * @throws An `OSError` EBADF for a descriptor that is not open; TypeError for a chunk of another type.
   *
   * Source: the README of usocket 1.1.0
   */
  override write(chunk: Uint8Array | string | readonly number[] | Message, ...args: any[]): boolean {
    const isBytes = typeof chunk === 'string' || chunk instanceof Uint8Array;
    if (isBytes && this.held.fds.length === 0) return super.write(chunk, ...(args as [BufferEncoding]));
    const encoding = typeof args[0] === 'string' ? (args[0] as BufferEncoding) : undefined;
    const { data = '', fds = [], callback = args.find((arg) => typeof arg === 'function') } = messageOf(chunk, isBytes);
    const bytes = typeof data === 'string' ? Buffer.from(data, encoding) : data;
    this.held.fds.push(...duplicates(fds));
    if (callback) this.held.callbacks.push(callback);
    if (bytes.length === 0 && this.held.fds.length > 0 && this.writable) return !this.writableNeedDrain;
    const { fds: copies, callbacks } = this.held;
    this.held = { fds: [], callbacks: [] };
    const done: Done = (error) => callbacks.forEach((tell) => void tell(error));
    try {
      // Without bytes the side has ended, or the socket is destroyed: the error is that of any write.
      const isWrite = copies.length === 0 || bytes.length === 0;
      return isWrite ? super.write(bytes, done) : this.writeWithFds!(bytes, copies, done);
    } finally {
      copies.forEach(close);
    }
  }

  /**
   * Ends this side when all that was written is sent.
   *
   * @param chunk - What to send before, as for {@link write}.
   * @param args - As for {@link write}.
   *
   * Source: the README of usocket 1.1.0
   */
  override end(chunk?: any, ...args: any[]): this {
    if (chunk === undefined || chunk === null || typeof chunk === 'function') return super.end(chunk);
    this.write(chunk, ...args);
    return super.end();
  }

  /** @internal */
  protected override tellConnected(): void {
    this.emit('connected');
  }

  /** @internal */
  override push(chunk: any, encoding?: BufferEncoding): boolean {
    this.asked = false;
    return super.push(chunk, encoding);
  }

  /** @internal */
  override _destroy(error: Error | null, done: Done): void {
    const { fds, callbacks } = this.held;
    for (const open of [this.unread, fds]) open.splice(0).forEach(close);
    super._destroy(error, done);
    const closed = () =>
      Object.assign(new Error('the socket was closed before it was sent'), { code: 'ERR_SOCKET_CLOSED' });
    for (const callback of callbacks.splice(0)) callback(error ?? closed());
  }
}

function messageOf(chunk: Uint8Array | string | readonly number[] | Message, isBytes: boolean): Message {
  if (isBytes) return { data: chunk as Uint8Array | string };
  if (Array.isArray(chunk)) return { fds: chunk };
  const message = chunk as Message;
  const { data, fds = [], callback } = message ?? {};
  const isData = typeof (data ?? '') === 'string' || data instanceof Uint8Array;
  const isRest = Array.isArray(fds) && (!callback || typeof callback === 'function');
  if (typeof message !== 'object' || message === null || !isData || !isRest) {
    throw wrongType('chunk', 'bytes, an array of descriptors, or { data, fds, callback }', chunk);
  }
  return message;
}

/** Duplicates of all descriptors; none if one of them is not open. */
function duplicates(fds: readonly number[]): number[] {
  const copies: number[] = [];
  try {
    for (const fd of fds) copies.push(dup(fd));
    return copies;
  } catch (error) {
    copies.forEach(close);
    throw error;
  }
}
