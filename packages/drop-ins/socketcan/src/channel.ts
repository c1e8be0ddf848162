import {
  AF_CAN,
  CAN_ERR_FLAG,
  CAN_ERR_MASK,
  CAN_RAW,
  CANFD_MTU,
  canOptions,
  decodeCanId,
  encodeFrame,
} from '@bsd-sockets/can';
import {
  bytes,
  callListener,
  closeOnFailure,
  FastBuffer,
  integer,
  LITTLE_ENDIAN,
  structView,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import {
  CMSG_SPACE,
  MessageBatch,
  type Option,
  type OSError,
  options,
  SOCK_RAW,
  Socket,
  SoTimestamp,
} from '@bsd-sockets/socket';
import { Socket as Receiver } from '@bsd-sockets/socket/promises';

/** A CAN message. */
export interface Message {
  /** The identifier, of 11 bits or of 29. */
  id: number;
  /** Whether the identifier has 29 bits. */
  ext?: boolean;
  /** Whether it asks for data, and has none. */
  rtr?: boolean;
  /** Whether it tells of an error of the bus. */
  err?: boolean;
  /** The data: up to 8 bytes, or 64 of CAN FD. */
  data: Buffer;
  /** When it was received or sent: the seconds since 1970. */
  ts_sec?: number;
  /** And the microseconds of that second. */
  ts_usec?: number;
  /** Whether the data of a CAN FD message are sent at the higher bit rate. */
  fd_brs?: boolean;
}

/** Which messages to receive: those where `id & mask` is the same as that of the message; or with `invert` the others. */
export interface RxFilter {
  id: number;
  mask: number;
  invert?: boolean;
}

/** What listeners are called with, by the names of their events. */
export interface ChannelEvents {
  /** A message has come. */
  onMessage: [message: Message];
  /** The channel does not receive any more: it was stopped, or its interface is down or gone. */
  onStopped: [];
  /** Sending or receiving has failed. */
  onError: [error: OSError];
}

/** Seconds: as long as a program lives. */
const FOR_EVER = 2 ** 31;
/** Messages of one system call. */
const BATCH = 64;
const FD_LENGTHS = [12, 16, 20, 24, 32, 48, 64];
// struct canfd_frame
const [LEN, DATA] = [4, 8];

type Listener = (...args: any[]) => void;

/** A channel to a CAN bus. `createRawChannel` makes one. */
export class RawChannel {
  private readonly name: string;
  private readonly protocol: number;
  private readonly timeout: number;
  private readonly listeners: { [event: string]: Listener[] } = { onMessage: [], onStopped: [], onError: [] };
  /** What was set, for the next socket too. */
  private readonly options = new Map<Option<any, any>, unknown>([
    [canOptions.CAN_RAW_FD_FRAMES, true],
    [canOptions.CAN_RAW_ERR_FILTER, CAN_ERR_MASK],
  ]);
  private socket: Socket<typeof AF_CAN> | undefined;
  private receiver: Receiver<typeof AF_CAN> | undefined;

  /**
   * @param name - The interface, such as `'can0'`.
   * @param timestamps - Whether messages tell when they came; false by default.
   * @param protocol - CAN_RAW by default.
   * @param nonBlockSend - Whether `send` fails where it would have to wait; false by default.
   * @throws {@link OSError}, such as ENODEV if there is no such interface; TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  constructor(name: string, timestamps?: boolean, protocol = CAN_RAW as number, nonBlockSend?: boolean) {
    if (typeof name !== 'string') throw wrongType('name', 'the name of an interface', name);
    if (name === '') throw wrongValue('name', 'the name of an interface', name);
    this.name = name;
    this.protocol = protocol;
    this.timeout = nonBlockSend === true ? 0 : FOR_EVER;
    if (timestamps === true) this.options.set(options.SO_TIMESTAMP, true);
    this.open();
  }

  /**
   * Has a function called.
   *
   * @param event - `'onMessage'`, `'onStopped'` or `'onError'`.
   * @param callback - The function.
   * @param instance - Its `this`.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) for a function or an event that is none.
   */
  addListener<E extends keyof ChannelEvents>(
    event: E,
    callback: (...args: ChannelEvents[E]) => void,
    instance?: object,
  ): this;
  addListener(event: string, callback: Listener, instance?: object): this {
    if (typeof callback !== 'function') throw wrongType('callback', 'a function', callback);
    const listeners = Object.hasOwn(this.listeners, event) ? this.listeners[event] : undefined;
    if (listeners === undefined) throw wrongValue('event', Object.keys(this.listeners).join(', '), event);
    listeners.push((...args) => callback.apply(instance, args));
    return this;
  }

  /**
   * Begins to receive, which keeps the process alive. A second time does nothing.
   *
   * @throws {@link OSError}, such as ENODEV.
   */
  start(): this {
    if (this.receiver !== undefined) return this;
    this.receiver = Receiver.from(this.open().dup());
    this.receiver.settimeout(null);
    this.receive(this.receiver);
    return this;
  }

  /**
   * Ends receiving, and closes the socket. A later `start` or `send` opens another.
   *
   * @throws Error (`ERR_INVALID_STATE`) if the channel was not started.
   */
  stop(): this {
    if (this.receiver === undefined) {
      throw Object.assign(new Error('the channel is not started'), { code: 'ERR_INVALID_STATE' });
    }
    this.close();
    return this;
  }

  /**
   * Sends a message. While the send buffer is full it waits, which blocks the event loop, unless `non_block_send` was asked for.
   * A queue of the interface that is full is not waited for: it is the error ENOBUFS.
   *
   * @param message - The message, which gets the time as `ts_sec` and `ts_usec`.
   * @returns How many bytes the kernel took; -1 if it took none, of which `'onError'` tells why.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError for a message that is none.
   *
   * Source: send(2); Linux, Documentation/networking/can.rst
   */
  send(message: Message): number {
    const { id, ext, rtr, data } = messageOf(message);
    const [extended, view] = [Boolean(ext), bytes('message.data', data)];
    const frame = rtr ? { id, extended, rtr: true, dlc: view.length } : { id, extended, data: view };
    return this.sendBytes(encodeFrame(frame, 'message'), message);
  }

  /**
   * Sends a CAN FD message, as {@link send}. The data are filled up with zeros to a length that CAN FD has.
   *
   * @param message - The message.
   * @returns As {@link send}.
   * @throws As {@link send}.
   */
  sendFD(message: Message): number {
    const { id, ext, fd_brs, data } = messageOf(message);
    const view = bytes('message.data', data);
    const length = view.length > 8 ? FD_LENGTHS.find((length) => length >= view.length) : undefined;
    const whole = length === undefined ? view : Buffer.concat([view], length);
    const frame = { kind: 'fd', id, extended: Boolean(ext), brs: Boolean(fd_brs), fdf: false, data: whole } as const;
    return this.sendBytes(encodeFrame(frame, 'message'), message);
  }

  /**
   * Receives only messages that pass any of some filters.
   *
   * @param filters - One filter or several.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`) for a bad filter; {@link OSError}.
   */
  setRxFilters(filters: RxFilter | RxFilter[]): this {
    const filterOf = (filter: RxFilter, index: number) => {
      if (typeof filter !== 'object' || filter === null) throw wrongType(`filters[${index}]`, '{ id, mask }', filter);
      const canId = integer(`filters[${index}].id`, filter.id, 0, 2 ** 32 - 1);
      const canMask = integer(`filters[${index}].mask`, filter.mask, 0, 2 ** 32 - 1);
      return { canId, canMask: (canMask & ~CAN_ERR_FLAG) >>> 0, inverted: Boolean(filter.invert) };
    };
    return this.set(canOptions.CAN_RAW_FILTER, [filters].flat().map(filterOf));
  }

  /**
   * Receives errors of the bus only of some classes; of all by default.
   *
   * @param errorMask - CAN_ERR_* constants, joined by `|`.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
   */
  setErrorFilters(errorMask: number): this {
    return this.set(canOptions.CAN_RAW_ERR_FILTER, errorMask);
  }

  /** Has other sockets of this host not receive what is sent. */
  disableLoopback(): this {
    return this.set(canOptions.CAN_RAW_LOOPBACK, false);
  }

  private set(option: Option<any, any>, value: unknown): this {
    this.open().setOption(option, value);
    this.options.set(option, value);
    return this;
  }

  private open(): Socket<typeof AF_CAN> {
    if (this.socket !== undefined) return this.socket;
    this.socket = closeOnFailure(new Socket(AF_CAN, SOCK_RAW, this.protocol), (socket) => {
      for (const [option, value] of this.options) socket.setOption(option, value);
      socket.bind([this.name]);
      // Its duplicate for the event loop does not block: with a timeout this one waits by itself.
      socket.settimeout(this.timeout);
      return socket;
    });
    return this.socket;
  }

  private close(): void {
    this.receiver?.close();
    this.socket?.close();
    this.receiver = undefined;
    this.socket = undefined;
    this.emit('onStopped');
  }

  private sendBytes(frame: Buffer, message: Message): number {
    const now = Date.now();
    // Not of an object that is frozen.
    Reflect.set(message, 'ts_sec', Math.floor(now / 1000));
    Reflect.set(message, 'ts_usec', (now % 1000) * 1000);
    try {
      return this.open().send(frame);
    } catch (error) {
      this.emit('onError', error as OSError);
      return -1;
    }
  }

  private async receive(receiver: Receiver<typeof AF_CAN>): Promise<void> {
    const ancbufsize = this.options.has(options.SO_TIMESTAMP) ? CMSG_SPACE(16) : 0;
    const batch = new MessageBatch(receiver, BATCH, CANFD_MTU, ancbufsize);
    try {
      for (;;) {
        await receiver.recvmmsg(batch);
        for (let index = 0; index < batch.length; index++) {
          this.emit('onMessage', received(batch, index));
          // What its listeners have promised is done before the next one.
          await undefined;
          if (this.receiver !== receiver) return;
        }
      }
    } catch (error) {
      if (this.receiver !== receiver) return;
      this.emit('onError', error as OSError);
      this.close();
    }
  }

  private emit<E extends keyof ChannelEvents>(event: E, ...args: ChannelEvents[E]): void {
    for (const listener of [...this.listeners[event]!]) callListener(() => listener(...args));
  }
}

function messageOf(message: Message): Message {
  if (typeof message !== 'object' || message === null) throw wrongType('message', 'an object { id, data }', message);
  return message;
}

function received(batch: MessageBatch<typeof AF_CAN>, index: number): Message {
  const frame = batch.data(index);
  const canId = structView(frame).getUint32(0, LITTLE_ENDIAN);
  const { id, extended, rtr } = decodeCanId(canId);
  const message: Partial<Message> = {};
  const time = SoTimestamp.decode(batch.ancdata(index));
  if (time !== undefined) {
    message.ts_sec = Number(time / 1_000_000_000n);
    message.ts_usec = Number((time / 1000n) % 1_000_000n);
  }
  message.id = id;
  if (extended) message.ext = true;
  if (rtr) message.rtr = true;
  if (canId & CAN_ERR_FLAG) message.err = true;
  message.data = new FastBuffer(frame.subarray(DATA, DATA + frame[LEN]!));
  return message as Message;
}
