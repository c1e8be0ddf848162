import { EventEmitter } from 'node:events';
import { isIP } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import {
  type BytesLike,
  bytes,
  callListener,
  integer,
  native,
  OSError,
  partOf,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { AF_INET, AF_INET6, Socket as RawSocket, SOCK_RAW } from '@bsd-sockets/socket/promises';
import { AddressFamily } from './constants';

/** What {@link createSocket} takes. */
export interface SocketOptions {
  /** `AddressFamily.IPv4`, which is the default, or `AddressFamily.IPv6`. */
  addressFamily?: AddressFamily;
  /** One of `Protocol`, or another protocol number, 0 to 255; 0 by default, which Linux refuses. */
  protocol?: number;
  /** The most bytes of a message that are received, 1 or more; 4096 by default. What is more is cut off. */
  bufferSize?: number;
}

/** Is called right before a message is sent. */
export type BeforeCallback = () => void;
/** Is called when a message was sent, or not. */
export type AfterCallback = (this: Socket, error: Error | null, bytes: number) => void;

/** What a {@link Socket} emits. */
export interface SocketEvents {
  /** A message: its bytes, which of IPv4 begin with the IP header, and who sent it. */
  message: [buffer: Buffer, source: string];
  /** Receiving has failed. */
  error: [error: Error];
  /** The socket is closed. */
  close: [];
}

type Callbacks =
  | [afterCallback: AfterCallback, none?: undefined]
  | [beforeCallback: BeforeCallback | null | undefined, afterCallback: AfterCallback];

interface Request {
  readonly data: Uint8Array;
  readonly address: string;
  readonly before: BeforeCallback | null;
  readonly after: AfterCallback;
}

/** A raw socket. {@link createSocket} makes one. */
export class Socket extends EventEmitter<SocketEvents> {
  /** Whether no messages are received. */
  recvPaused = false;
  /** Whether nothing is sent: so it is while there is nothing to send. */
  sendPaused = true;
  private readonly version: 4 | 6;
  private readonly socket: RawSocket;
  /** The first of them is being sent. */
  private readonly requests: Request[] = [];
  private sending = false;
  private resume: (() => void) | undefined;

  /** @param options - As for {@link createSocket}. */
  constructor(options?: SocketOptions | null) {
    super();
    const { addressFamily = AddressFamily.IPv4, protocol = 0, bufferSize = 4096 } = options ?? {};
    if (AddressFamily[addressFamily] === undefined) {
      throw wrongValue('addressFamily', 'AddressFamily.IPv4 or AddressFamily.IPv6', addressFamily);
    }
    integer('protocol', protocol, 0, 255);
    integer('bufferSize', bufferSize, 1, 2 ** 31 - 1);
    this.version = addressFamily === AddressFamily.IPv6 ? 6 : 4;
    this.socket = new RawSocket<any>(this.version === 6 ? AF_INET6 : AF_INET, SOCK_RAW, protocol);
    this.receive(bufferSize);
  }

  /**
   * Sends a message, after those that were given before.
   *
   * @param buffer - Its bytes are in here; they must not change until it is sent.
   * @param offset - Where they begin.
   * @param length - How many they are.
   * @param address - Where to: an IP address of the socket's version.
   * @param callbacks - `beforeCallback`, which is called right before, to set an option for example, and may be left out;
   *   `afterCallback`, which is called with an error or null, and with the number of bytes that were sent. For what is not
   *   sent when the socket is closed the error is ECANCELED.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`) for a buffer or a callback that is none.
   *
   * Source: sendto(2), raw(7)
   */
  send(buffer: BytesLike, offset: number, length: number, address: string, ...callbacks: Callbacks): this {
    const view = bytes('buffer', buffer);
    const [first, second] = callbacks;
    const [before, after] =
      second === undefined ? [null, first as AfterCallback] : [(first as BeforeCallback) ?? null, second];
    if (typeof after !== 'function') throw wrongType('afterCallback', 'a function', after);
    if (before !== null && typeof before !== 'function') throw wrongType('beforeCallback', 'a function', before);
    try {
      const data = partOf(view, offset, length);
      if (isIP(address) !== this.version) throw wrongValue('address', `an IPv${this.version} address`, address);
      if (this.isClosed) throw closed('EBADF');
      this.requests.push({ data, address, before, after });
    } catch (error) {
      after.call(this, error as Error, 0);
      return this;
    }
    return this.resumeSend();
  }

  /**
   * Reads a socket option into a buffer.
   *
   * @param level - One of `SocketLevel`.
   * @param option - One of `SocketOption`.
   * @param buffer - Where the value is written.
   * @param length - How many bytes of it may be written, 1 to 1024.
   * @returns How many were written.
   * @throws {@link OSError}, such as ENOPROTOOPT; RangeError (`ERR_OUT_OF_RANGE`) for more than the buffer holds.
   *
   * Source: getsockopt(2)
   */
  getOption(level: number, option: number, buffer: BytesLike, length: number): number {
    const view = bytes('buffer', buffer);
    const value = this.socket.getsockopt(level, option, integer('length', length, 1, Math.min(view.length, 1024)));
    view.set(value);
    return value.length;
  }

  /**
   * Sets a socket option.
   *
   * @param level - One of `SocketLevel`.
   * @param option - One of `SocketOption`.
   * @param value - An integer of 32 bits, or a buffer with the value.
   * @param length - How many bytes of the buffer the value has; all by default.
   * @throws {@link OSError}, such as EPERM; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
   *
   * Source: setsockopt(2)
   */
  setOption(level: number, option: number, value: number | BytesLike, length?: number): void {
    if (typeof value === 'number') {
      this.socket.setsockopt(level, option, value);
      return;
    }
    const view = bytes('value', value);
    const end = integer('length', length ?? view.length, 0, view.length);
    this.socket.setsockopt(level, option, view.subarray(0, end));
  }

  /** Receives no more messages: they stay in the kernel's queue. While sending is paused too, the process may end. */
  pauseRecv(): this {
    return this.pause(true, this.sendPaused);
  }

  /** Sends nothing until {@link resumeSend} or the next {@link send}. */
  pauseSend(): this {
    return this.pause(this.recvPaused, true);
  }

  /** Receives messages again. */
  resumeRecv(): this {
    this.resume?.();
    return this.pause(false, this.sendPaused);
  }

  /** Sends what waits to be sent. */
  resumeSend(): this {
    this.pause(this.recvPaused, false);
    if (!this.sending) this.sendAll();
    return this;
  }

  /** Closes the socket. A second time does nothing. */
  close(): this {
    if (this.isClosed) return this;
    this.socket.close();
    this.resume?.();
    for (const { after } of this.requests.splice(0)) callListener(() => after.call(this, closed('ECANCELED'), 0));
    this.emit('close');
    return this;
  }

  private get isClosed(): boolean {
    return this.socket.fileno() < 0;
  }

  private pause(receiving: boolean, sending: boolean): this {
    this.recvPaused = receiving;
    this.sendPaused = sending;
    this.socket[receiving && sending ? 'unref' : 'ref']();
    return this;
  }

  private async receive(bufsize: number): Promise<void> {
    const onError = (error: unknown) => callListener(() => this.emit('error', error as Error));
    try {
      for await (const [data, [source]] of this.socket.datagrams({ bufsize, onError })) {
        while (this.recvPaused && !this.isClosed) {
          await new Promise<void>((resolve) => {
            this.resume = resolve;
          });
        }
        if (!this.isClosed) callListener(() => this.emit('message', data, source));
      }
    } catch (error) {
      onError(error);
      this.close();
    }
  }

  /** Sends as soon as the send buffer has room. Of one that is full Linux says ENOBUFS, or EAGAIN where a message has its own header. */
  private async transmit(data: Uint8Array, address: string): Promise<number> {
    for (;;) {
      try {
        return await this.socket.sendto(data, [address, 0]);
      } catch (error) {
        if ((error as OSError).code !== 'ENOBUFS') throw error;
        await setTimeout(1);
      }
    }
  }

  private async sendAll(): Promise<void> {
    this.sending = true;
    // The caller may do more before the first is sent, such as to pause.
    await undefined;
    for (let request = this.requests[0]; request !== undefined && !this.sendPaused; request = this.requests[0]) {
      const { data, address, before, after } = request;
      let error: Error | null = null;
      let sent = 0;
      try {
        before?.();
        sent = await this.transmit(data, address);
      } catch (failure) {
        error = failure as Error;
      }
      // Otherwise it was told of the close.
      if (this.requests[0] === request) this.requests.shift();
      else break;
      callListener(() => after.call(this, error, sent));
    }
    this.sending = false;
    if (this.requests.length === 0) this.pauseSend();
  }
}

function closed(code: 'EBADF' | 'ECANCELED'): OSError {
  return new OSError(native.errnos[code] as number, { syscall: 'sendto', hint: 'the socket is closed' });
}

/**
 * Makes a raw socket, which receives at once.
 *
 * @param options - `addressFamily`, `protocol`, `bufferSize`.
 * @throws {@link OSError}, such as EPERM without the capability CAP_NET_RAW, or EPROTONOSUPPORT for the protocol 0; TypeError
 *   (`ERR_INVALID_ARG_TYPE`) or RangeError for a bad option.
 *
 * Source: socket(2), raw(7)
 */
export function createSocket(options?: SocketOptions | null): Socket {
  return new Socket(options);
}
