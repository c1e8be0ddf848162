import { EventEmitter } from 'node:events';
import { bytes, callListener, native, OSError, partOf, wrongType, wrongValue } from '@bsd-sockets/core-native';
import {
  AF_UNIX,
  BlockingIOError,
  Socket as Calls,
  isPassingError,
  MessageBatch,
  SOCK_DGRAM,
  type UnixAddress,
} from '@bsd-sockets/socket';
import { select, Socket as Waits } from '@bsd-sockets/socket/promises';
import { congestion, type SendError, systemError } from './error';

export type { SendError } from './error';

/** More than a datagram can have, unless somebody has raised the limits of a buffer. */
const MOST = 262144;
/** How many messages one call receives at most. */
const AT_ONCE = 8;
/** How many sends may wait for room: a receiver that stands still must not have the memory grow for ever. */
const MOST_WAITING = 1000;
/** The receiver's queue has no room. */
const FULL = Symbol('full');

/** Who sent a message. */
export interface RemoteInfo {
  /** The bytes of the message. */
  size: number;
  /** An empty object. */
  address: Record<string, never>;
  /** The sender's path, or abstract name with its leading NUL; undefined if it is not bound. */
  path: string | undefined;
}

/** What the listeners of each event are called with. */
export interface SocketEvents {
  message: [data: Buffer, rinfo: RemoteInfo];
  listening: [];
  connect: [];
  congestion: [data: Uint8Array];
  writable: [];
  error: [error: SendError];
}

/** Is told how a send went. */
export type Callback = (error?: SendError) => void;

/** A unix datagram socket. Its events and callbacks are synchronous, but for those of a send that had to wait. */
export class Socket extends EventEmitter<SocketEvents> {
  /** The descriptor; -1 once it is closed. */
  fd: number;
  /** `unix_dgram` */
  readonly type: 'unix_dgram' = 'unix_dgram';
  /** Whether {@link connect} has succeeded. */
  connected = false;
  // Two objects of one descriptor: what is done at once, and what waits for the event loop.
  private readonly calls: Calls<typeof AF_UNIX>;
  private readonly waits: Waits<typeof AF_UNIX>;
  /** Sends that wait for room. */
  private waiting = 0;
  /** Settled when the last of them is over. */
  private last: Promise<void> | undefined;
  private congested = false;

  /**
   * Opens a socket.
   *
   * @param type - `unix_dgram`
   * @param listener - For the event `message`.
   * @throws As {@link createSocket}.
   */
  constructor(type: string, listener?: (...args: SocketEvents['message']) => void) {
    super();
    if (type !== 'unix_dgram') throw wrongValue('type', 'unix_dgram, udp4 or udp6', type);
    try {
      this.calls = new Calls(AF_UNIX, SOCK_DGRAM);
    } catch (error) {
      throw systemError(error, 'socket');
    }
    this.calls.settimeout(0);
    this.fd = this.calls.fileno();
    this.waits = new Waits(AF_UNIX, SOCK_DGRAM, 0, this.fd);
    if (typeof listener === 'function') this.on('message', listener);
    this.receive();
  }

  /**
   * Gives the socket a path, where others can send to it. Emits `listening`, or `error` if that fails.
   *
   * @param path - A path where there is nothing yet, or an abstract name with its leading NUL.
   * @throws TypeError or RangeError for what is neither.
   *
   * Source: bind(2)
   */
  bind(path: string): void {
    if (this.try('bind', () => this.calls.bind(path))) this.emit('listening');
  }

  /**
   * Lets {@link send} do without a path, and tells of congestion. Emits `connect`, or `error` if that fails.
   *
   * @param path - Of the socket to send to.
   * @throws TypeError or RangeError for what is no path.
   *
   * Source: connect(2)
   */
  connect(path: string): void {
    if (!this.try('connect', () => this.calls.connect(path))) return;
    this.connected = true;
    this.emit('connect');
  }

  /**
   * Sends a message to whom the socket is connected to. While the receiver's queue is full it waits, as do those after it, and the
   * callback tells when it is sent. Without a callback there is the event `congestion` with the message, which is not sent;
   * `writable` follows when there is room and what waited before is sent. So does it when 1000 messages wait: a callback is told
   * `congestion` then.
   *
   * With a path it is {@link sendto}.
   *
   * @param buf - The message, which must not change before it is sent.
   * @param offset - For {@link sendto}: where it begins.
   * @param length - For {@link sendto}: how many bytes it has.
   * @param path - For {@link sendto}: where to.
   * @param callback - Is told how it went; without one there is the event `error` if it fails.
   * @throws TypeError or RangeError for a bad argument.
   *
   * Source: send(2)
   */
  send(buf: Uint8Array, callback?: Callback): void;
  send(buf: Uint8Array, offset: number, length: number, path: string, callback?: Callback): void;
  send(buf: Uint8Array, offset?: Callback | number, length?: number, path?: string, callback?: Callback): void {
    if (typeof offset === 'number') this.sendto(buf, offset, length!, path!, callback);
    else this.transmit(bytes('buf', buf), undefined, offset);
  }

  /**
   * Sends a message to a path. While the receiver's queue is full it waits, as do those after it, and the callback tells when it
   * is sent. When 1000 messages wait it is an error, `congestion`.
   *
   * @param buf - Where the message is, which must not change before it is sent.
   * @param offset - Where it begins.
   * @param length - How many bytes it has.
   * @param path - Of the socket to send to, or its abstract name.
   * @param callback - Is told how it went; without one there is the event `error` if it fails.
   * @throws TypeError or RangeError for a bad argument.
   *
   * Source: sendto(2)
   */
  sendto(buf: Uint8Array, offset: number, length: number, path: string, callback?: Callback): void {
    const data = partOf(bytes('buf', buf), offset, length);
    if (typeof path !== 'string') throw wrongType('path', 'the path of a socket', path);
    // Now, and not when its turn comes.
    if (path.indexOf('\0') > 0) throw wrongValue('path', 'a path without NUL', path);
    this.transmit(data, path, callback);
  }

  /**
   * The name by which the README of `unix-dgram` has {@link sendto}.
   *
   * @param args - Those of {@link sendto}.
   */
  send_to(...args: Parameters<Socket['sendto']>): void {
    this.sendto(...args);
  }

  /**
   * Closes the socket. What waits to be sent is not sent, as its callbacks are told. The file of its path stays.
   *
   * @throws An error with `syscall` `close` if it is closed already.
   *
   * Source: close(2)
   */
  close(): void {
    if (this.fd < 0) throw systemError(new OSError(native.errnos.EBADF as number), 'close');
    this.fd = -1;
    this.calls.detach();
    this.waits.close();
  }

  /** Does what is done at once; whether it succeeded. */
  private try(syscall: string, call: () => void): boolean {
    try {
      call();
      return true;
    } catch (error) {
      this.emit('error', systemError(error, syscall));
      return false;
    }
  }

  private transmit(data: Uint8Array, path: string | undefined, callback: Callback | null | undefined): void {
    if (callback && typeof callback !== 'function') throw wrongType('callback', 'a function', callback);
    // Not before those that wait.
    const error = this.waiting > 0 ? FULL : this.attempt(data, path);
    const mayWait = Boolean(callback) || path !== undefined;
    if (error !== FULL) {
      this.tell(error, callback);
    } else if (mayWait && this.waiting < MOST_WAITING) {
      const sending = path === undefined ? this.waits.send(data) : this.waits.sendto(data, path);
      this.last = this.tellLater(sending, callback);
    } else {
      this.tellRoom();
      if (mayWait) this.tell(congestion(), callback);
      else this.emit('congestion', data);
    }
  }

  private attempt(data: Uint8Array, path: string | undefined): SendError | typeof FULL | undefined {
    try {
      if (path === undefined) this.calls.send(data);
      else this.calls.sendto(data, path);
      return undefined;
    } catch (error) {
      return error instanceof BlockingIOError ? FULL : systemError(error, 'send');
    }
  }

  private async tellLater(sending: Promise<unknown>, callback: Callback | null | undefined): Promise<void> {
    this.waiting++;
    const error = await sending.then(
      () => undefined,
      (failure) => (failure instanceof OSError ? systemError(failure, 'send') : (failure as SendError)),
    );
    this.waiting--;
    // An error of a send that the close has ended is for a callback only.
    if (callback || this.fd >= 0) callListener(() => this.tell(error, callback));
  }

  private tell(error: SendError | undefined, callback: Callback | null | undefined): void {
    if (callback) callback(error);
    else if (error !== undefined) this.emit('error', error);
  }

  /** Emits `writable` when there is room for a message again. */
  private async tellRoom(): Promise<void> {
    if (this.congested) return;
    this.congested = true;
    // A socket that is not connected always has room for poll(2). What fails: it was closed meanwhile.
    await (this.waiting > 0 ? this.last : select([], [this.waits], []).catch(() => {}));
    this.congested = false;
    if (this.fd >= 0) callListener(() => this.emit('writable'));
  }

  private async receive(): Promise<void> {
    let batch: MessageBatch<typeof AF_UNIX> | undefined;
    while (this.fd >= 0) {
      try {
        // Most sockets only send. One that has received has memory for several, which come by one call then.
        if (batch === undefined) {
          const [data, path] = await this.waits.recvfrom(MOST);
          this.deliver(data, path);
          batch = new MessageBatch(this.waits, AT_ONCE, MOST);
        } else {
          await this.waits.recvmmsg(batch);
          for (const [data, , , path] of batch.messages()) this.deliver(data, path);
        }
      } catch (error) {
        if (this.fd < 0) return;
        callListener(() => this.emit('error', systemError(error, 'recv')));
        if (!isPassingError(error)) return;
      }
    }
  }

  private deliver(data: Buffer, path: UnixAddress | undefined): void {
    // A listener may have closed the socket.
    if (this.fd < 0) return;
    const rinfo = { size: data.length, address: {}, path: path?.toString() };
    callListener(() => this.emit('message', data, rinfo));
  }
}
