import { Duplex } from 'node:stream';
import { wrongType } from '@bsd-sockets/core-native';
import { AF_UNIX, close, dup, MSG_CTRUNC, OSError, SHUT_WR, SOCK_STREAM } from '@bsd-sockets/socket';
import { recvFds, Socket, sendFds } from '@bsd-sockets/socket/promises';

/** Bytes of one receive, and descriptors: as many as Linux sends at once. */
const BUFSIZE = 65536;
const MOST_FDS = 253;

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
export class USocket extends Duplex {
  private socket: Socket<typeof AF_UNIX> | undefined;
  private connected = false;
  private receiving = false;
  private hasEnded = false;
  /** Descriptors that came and nobody has read. */
  private arrived: number[] = [];
  /** Duplicates of descriptors that are still to be sent, by the bytes that they go with. */
  private readonly rights = new Map<Uint8Array, number[]>();
  /** What was written without bytes, which a stream cannot send: it goes with the next ones. */
  private held: { fds: number[]; callbacks: Done[] } = { fds: [], callbacks: [] };

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
    super({ allowHalfOpen: given.allowHalfOpen ?? true });
    if (given.path !== undefined || given.fd !== undefined) this.connect(given, callback);
  }

  /**
   * Connects. Emits `connected`, or `error` if that fails.
   *
   * @param options - A path, or `path` or `fd`.
   * @param callback - For the event `connected`.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`) without a path; an `OSError` for a descriptor that is no socket.
   *
   * Source: connect(2)
   */
  connect(options: string | USocketOptions, callback?: () => void): void {
    const { path, fd } = typeof options === 'string' ? { path: options, fd: undefined } : (options ?? {});
    if (fd === undefined && typeof path !== 'string') throw wrongType('path', 'the path of a socket', path);
    if (typeof callback === 'function') this.once('connected', callback);
    if (fd !== undefined) {
      this.socket = new Socket(AF_UNIX, SOCK_STREAM, 0, fd);
      process.nextTick(() => this.begin());
      return;
    }
    this.socket = new Socket(AF_UNIX, SOCK_STREAM);
    this.socket.connect(path!).then(
      // Out of the promise: what a listener throws is an exception.
      () => process.nextTick(() => this.begin()),
      (error) => this.destroy(error),
    );
  }

  /**
   * Makes the socket of a connection that was accepted this one's.
   *
   * @param socket - The connection.
   *
   * @internal
   */
  adopt(socket: Socket<typeof AF_UNIX>): this {
    this.socket = socket;
    this.connected = true;
    return this;
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
    if ((count ?? 0) > this.arrived.length) {
      // They come with bytes, and nobody else asks for more of these while there are enough.
      if (this.readableLength === 0) super.read(0);
      else if (!this.receiving && !this.hasEnded) this._read();
      return null;
    }
    // Without a size it may be one chunk of several.
    const data = size === 0 ? Buffer.alloc(0) : super.read(size ?? (this.readableLength || undefined));
    return data === null ? null : { data, fds: this.arrived.splice(0, count ?? this.arrived.length) };
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
    if (Array.isArray(fds)) this.arrived.unshift(...fds);
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
    if (bytes.length === 0 && this.held.fds.length > 0) return !this.writableNeedDrain;
    const sent = this.held;
    this.held = { fds: [], callbacks: [] };
    // An object of its own, by which the descriptors are found when its turn has come.
    const own = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (sent.fds.length > 0) this.rights.set(own, sent.fds);
    return super.write(own, (error) => {
      for (const done of sent.callbacks) done(error);
    });
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
  override _read(): void {
    if (this.receiving) return;
    this.receiving = true;
    this.whenConnected(
      (socket) =>
        recvFds(socket, BUFSIZE, MOST_FDS).then(
          ([data, fds, flags]) => process.nextTick(() => this.receive(data, fds, flags)),
          (error) => this.destroy(error),
        ),
      () => {},
    );
  }

  /** @internal */
  override _writev(chunks: { chunk: Uint8Array }[], done: Done): void {
    const all = chunks.map(({ chunk }) => chunk);
    this.whenConnected((socket) => void this.send(socket, all).then(() => done(), done), done);
  }

  /** @internal */
  override _final(done: Done): void {
    this.whenConnected((socket) => {
      try {
        socket.shutdown(SHUT_WR!);
      } catch (error) {
        // The peer has ended the connection as a whole.
        if (!(error instanceof OSError)) throw error;
      }
      done();
    }, done);
  }

  /** @internal */
  override _destroy(error: Error | null, done: Done): void {
    const { held } = this;
    for (const fds of [this.arrived, held.fds, ...this.rights.values()]) fds.splice(0).forEach(close);
    this.socket?.close();
    done(error);
    for (const callback of held.callbacks.splice(0)) callback(error ?? notConnected());
  }

  private begin(): void {
    if (this.destroyed) return;
    this.connected = true;
    this.emit('connected');
  }

  private whenConnected(action: (socket: Socket<typeof AF_UNIX>) => void, failed: Done): void {
    if (this.connected) {
      action(this.socket!);
      return;
    }
    const closed = () => failed(notConnected());
    this.once('close', closed);
    this.once('connected', () => {
      this.off('close', closed);
      action(this.socket!);
    });
  }

  private receive(data: Buffer, fds: number[], flags: number): void {
    this.receiving = false;
    this.hasEnded = data.length === 0;
    this.arrived.push(...fds);
    if (this.destroyed) this.arrived.splice(0).forEach(close);
    else if (flags & MSG_CTRUNC!) this.destroy(new OSError('descriptors came that there was no room for'));
    else this.push(data.length === 0 ? null : data);
  }

  private async send(socket: Socket<typeof AF_UNIX>, chunks: Uint8Array[]): Promise<void> {
    let plain: Uint8Array[] = [];
    for (const chunk of chunks) {
      const fds = this.rights.get(chunk);
      if (fds === undefined) {
        plain.push(chunk);
        continue;
      }
      if (plain.length > 0) await socket.sendall(Buffer.concat(plain));
      const sent = await sendFds(socket, [chunk], fds);
      this.rights.delete(chunk);
      fds.splice(0).forEach(close);
      plain = [chunk.subarray(sent)];
    }
    await socket.sendall(plain.length === 1 ? plain[0]! : Buffer.concat(plain));
  }
}

function notConnected(): Error {
  return Object.assign(new Error('the socket was closed before it was sent'), { code: 'ERR_SOCKET_CLOSED' });
}

function messageOf(chunk: Uint8Array | string | readonly number[] | Message, isBytes: boolean): Message {
  if (isBytes) return { data: chunk as Uint8Array | string };
  if (Array.isArray(chunk)) return { fds: chunk };
  const message = chunk as Message;
  const { data } = message ?? {};
  const isData = data === undefined || data === null || typeof data === 'string' || data instanceof Uint8Array;
  if (typeof message !== 'object' || message === null || !isData) {
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
