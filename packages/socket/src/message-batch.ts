import {
  audit,
  audited,
  type BytesLike,
  bytes,
  FastBuffer,
  fillCall,
  IOV_MAX,
  int32,
  integer,
  keep,
  native,
  outOfRange,
  type Receiver,
  Slot,
  slots,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import type { AcceptedAddressOf, AddressOf } from '@bsd-sockets/resolver';
import {
  type AncillaryData,
  type AncillaryDataLike,
  ControlMemory,
  decodeControl,
  encodeControl,
  MOST_CONTROL,
} from './control-messages/cmsg';
import { UdpGro } from './control-messages/udp-segments';
import { type Family, familyOf, type SocketInfo } from './family';
import type { Handle } from './handle';
import { itemsOf } from './iterable';
import { closeRights } from './message';

// struct Record of batch.cc: four int32_t, then the sockaddr.
const LENGTH = 0;
const FLAGS = 1;
const ADDRESS_LENGTH = 2;
const CONTROL_LENGTH = 3;
const ADDRESS = 16;
const ADDRESS_SIZE = 128;
const RECORD_SIZE = ADDRESS + ADDRESS_SIZE;
const RECORD_INTS = RECORD_SIZE / 4;

/** The most bytes of data in a batch. */
const MOST_DATA = 2 ** 31 - 1;

/** A message as `recvmsg` returns it, too. */
export type ReceivedMessage<F extends number = number, Data = Buffer> = [
  data: Data,
  ancdata: AncillaryData[],
  msgFlags: number,
  address: AddressOf<F> | undefined,
];

/** A message for `sendmmsg`: its bytes, where to, and control messages; null and undefined stand for none. */
export type MessageToSend<F extends number = number> = readonly [
  data: BytesLike,
  address?: AcceptedAddressOf<F> | null | undefined,
  ancdata?: Iterable<AncillaryDataLike> | null | undefined,
];

/** The socket that a batch is for: of either face. */
export type BatchSocket<F extends number> = SocketInfo & { readonly family: F };

/**
 * Memory for many messages, which `recvmmsg` fills and `sendmmsg` sends in one system call. It is allocated once and may
 * be used any number of times, with any socket of its family. What was received can be sent as it is: an echo needs no
 * copy.
 *
 * @typeParam F - The address family; it tells the types of the addresses.
 */
export class MessageBatch<F extends number = number> {
  /** How many messages it has room for. */
  readonly count: number;
  /** The most bytes of data of each. */
  readonly size: number;
  /** The most bytes of control data of each. */
  readonly ancbufsize: number;
  /** The data of all: those of message `index` begin at `index * size`. */
  readonly buffer: Buffer;
  /**
   * What turns addresses into bytes and back.
   *
   * @internal
   */
  readonly family: Family<AddressOf<F>, AcceptedAddressOf<F>>;
  private readonly socket: SocketInfo;
  private readonly records: Buffer;
  // Kept, since `buffer` of a view is a slow getter.
  private readonly memory: ArrayBufferLike;
  private readonly recordMemory: ArrayBufferLike;
  private readonly numbers: Int32Array;
  private readonly control: ControlMemory | null;
  private used = 0;
  /** The first message that the last send did not send whole, of which a stream took `bytes`. */
  private part: { handle: Handle | null; index: number; bytes: number } = { handle: null, index: 0, bytes: 0 };
  /**
   * The error that left a part of a message behind at the last send, as a negative errno, or 0.
   *
   * @internal
   */
  cutBy = 0;
  /** What received into it last. */
  private receiver: Receiver = { pool: undefined };

  /**
   * @param socket - A socket of the family of the addresses, of either face.
   * @param count - How many messages it has room for, from 1 to IOV_MAX (1024).
   * @param size - The most bytes of data of each, 1 or more.
   * @param ancbufsize - The most bytes of control data of each: the sum of the `CMSG_SPACE` of its control messages; 0
   *   for none.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
   */
  constructor(socket: BatchSocket<F>, count: number, size: number, ancbufsize = 0) {
    if (typeof socket?.family !== 'number') throw wrongType('socket', 'a socket', socket);
    this.count = integer('count', count, 1, IOV_MAX);
    this.size = integer('size', size, 1, Math.floor(MOST_DATA / count));
    this.ancbufsize = integer('ancbufsize', ancbufsize, 0, Math.floor(MOST_CONTROL / count));
    this.socket = socket;
    this.family = familyOf(socket.family);
    // Neither is of a pool: each begins where its memory does.
    this.buffer = Buffer.alloc(count * size);
    this.memory = this.buffer.buffer;
    this.records = Buffer.alloc(count * RECORD_SIZE);
    this.recordMemory = this.records.buffer;
    this.numbers = new Int32Array(this.recordMemory, 0, count * RECORD_INTS);
    this.control = ancbufsize === 0 ? null : new ControlMemory(count * ancbufsize);
  }

  /**
   * A batch of messages, with as much room as they need.
   *
   * @param socket - A socket of the family of the addresses, of either face.
   * @param messages - Up to IOV_MAX (1024) of them: the bytes, where to, and control messages.
   * @throws RangeError (`ERR_OUT_OF_RANGE`) for more of them; TypeError, RangeError or {@link GaiError} for another bad
   *   argument.
   */
  static from<F extends number>(socket: BatchSocket<F>, messages: Iterable<MessageToSend<F>>): MessageBatch<F> {
    const parts = Array.from(itemsOf('messages', messages, 'messages', IOV_MAX), (message, index) => {
      if (!Array.isArray(message) || message.length < 1 || message.length > 3) {
        throw wrongType(`messages[${index}]`, '[data, address?, ancdata?]', message);
      }
      const [data, address, ancdata] = message as unknown as MessageToSend<F>;
      return { data: bytes(`messages[${index}][0]`, data), address, control: controlData(ancdata) };
    });
    const size = Math.max(1, ...parts.map(({ data }) => data.length));
    const ancbufsize = Math.max(0, ...parts.map(({ control }) => control?.length ?? 0));
    const batch = new MessageBatch(socket, Math.max(parts.length, 1), size, ancbufsize);
    for (const { data, address, control } of parts) batch.append(data, address, control);
    return batch;
  }

  /** How many messages it holds: those that were received last, or pushed. */
  get length(): number {
    return this.used;
  }

  /** Makes it hold no messages. Descriptors in their control data stay open: see {@link closeRights}. */
  clear(): void {
    this.used = 0;
    this.part.handle = null;
  }

  /**
   * Adds a message, behind those that it holds.
   *
   * @param data - The bytes, at most `size`. They are copied; but if you write them to where they belong in `buffer`, and
   *   hand in that part of it, nothing is copied.
   * @param address - Where to, for a socket that is not connected. A host name waits for the name service.
   * @param ancdata - Control messages of at most `ancbufsize` bytes, such as `[UdpSegment.encode(1200)]`.
   * @throws RangeError (`ERR_OUT_OF_RANGE`) if the batch is full, or (`ERR_INVALID_ARG_VALUE`) for more bytes than it has
   *   room for; TypeError, RangeError or {@link GaiError} for another bad argument.
   */
  push(data: BytesLike, address?: AcceptedAddressOf<F> | null, ancdata?: Iterable<AncillaryDataLike> | null): void {
    this.append(bytes('data', data), address, controlData(ancdata));
  }

  private append(data: Uint8Array, address: AcceptedAddressOf<F> | null | undefined, control: Uint8Array | null): void {
    // First, because a family's code may itself use the batch.
    const encoded = this.encode(address);
    const index = this.used;
    if (index >= this.count) throw outOfRange('batch', `room for one more than ${this.count} messages`, index);
    if (data.length > this.size)
      throw wrongValue('data', `at most the batch's ${this.size} bytes a message`, data.length);
    if (control !== null && control.length > this.ancbufsize) {
      throw wrongValue('ancdata', `at most the batch's ${this.ancbufsize} bytes of control data`, control.length);
    }
    this.checkMemory();
    this.buffer.set(data, index * this.size);
    if (control !== null) this.control!.bytes.set(control, index * this.ancbufsize);
    this.setNumber(index, LENGTH, data.length);
    this.setNumber(index, FLAGS, 0);
    this.setNumber(index, CONTROL_LENGTH, control?.length ?? 0);
    this.writeAddress(index, encoded);
    this.used = index + 1;
  }

  /**
   * The bytes of a message: a view, which the next message in the same place overwrites.
   *
   * @param index - The message, from 0 on.
   * @throws RangeError (`ERR_OUT_OF_RANGE`) if there is none; TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  data(index: number): Buffer {
    const begin = this.checkIndex(index) * this.size;
    this.checkMemory();
    return new FastBuffer(this.memory, begin, Math.min(this.number(index, LENGTH), this.size));
  }

  /**
   * The length of a message in bytes. When it was received with MSG_TRUNC that is its whole length, of which `data` has
   * the part that there was room for.
   *
   * @param index - The message, from 0 on.
   * @throws As {@link data}.
   */
  nbytes(index: number): number {
    return this.number(this.checkIndex(index), LENGTH);
  }

  /**
   * What the kernel told of a received message: MSG_* constants, such as MSG_TRUNC (it was cut short) and MSG_CTRUNC (its
   * control data were).
   *
   * @param index - The message, from 0 on.
   * @throws As {@link data}.
   */
  msgFlags(index: number): number {
    return this.number(this.checkIndex(index), FLAGS);
  }

  /**
   * Who sent a message, or where it goes; undefined if it has no address. It is decoded at each call.
   *
   * @param index - The message, from 0 on.
   * @throws As {@link data}.
   */
  address(index: number): AddressOf<F> | undefined {
    const length = this.number(this.checkIndex(index), ADDRESS_LENGTH);
    if (length === 0) return undefined;
    const begin = index * RECORD_SIZE + ADDRESS;
    return this.family.decode(new FastBuffer(this.recordMemory, begin, length), this.socket);
  }

  /**
   * Sets where a message goes: to pass on what was received.
   *
   * @param index - The message, from 0 on.
   * @param address - Where to; null for none, which a connected socket wants. A host name waits for the name service.
   * @throws As {@link data}, and as {@link push} for a bad address.
   */
  setAddress(index: number, address: AcceptedAddressOf<F> | null): void {
    const encoded = this.encode(address);
    this.writeAddress(this.checkIndex(index), encoded);
  }

  /**
   * The control messages of a message, which nobody else will write to. Descriptors among them are close-on-exec, and the
   * caller's to close: each call returns the same.
   *
   * @param index - The message, from 0 on.
   * @returns Control messages `[level, type, data]` for `readControl`; none if the batch has no room for any.
   * @throws As {@link data}.
   */
  ancdata(index: number): AncillaryData[] {
    return this.received(index, true);
  }

  /**
   * The datagrams in a message: several where UDP_GRO joined them, else only the message.
   *
   * @param index - The message, from 0 on.
   * @returns Views, as from {@link data}.
   * @throws As {@link data}.
   *
   * Source: udp(7)
   */
  segments(index: number): Buffer[] {
    const data = this.data(index);
    const size = UdpGro.decode(this.received(index, true));
    if (size === undefined || size <= 0 || size >= data.length) return [data];
    return Array.from({ length: Math.ceil(data.length / size) }, (_, at) => data.subarray(at * size, (at + 1) * size));
  }

  /**
   * Copies of all messages, which nobody else will write to.
   *
   * @returns For each what `recvmsg` returns.
   */
  messages(): ReceivedMessage<F>[] {
    const messages: ReceivedMessage<F>[] = [];
    for (let index = 0; index < this.used; index++) {
      const data = keep(this.receiver, this.data(index));
      messages.push([data, this.ancdata(index), this.msgFlags(index), this.address(index)]);
    }
    return messages;
  }

  /**
   * The same for a caller who is the only one to know the batch: if anything fails, received descriptors are closed.
   *
   * @internal
   */
  takeMessages(): ReceivedMessage<F>[] {
    try {
      return this.messages();
    } catch (error) {
      this.closeRights();
      throw error;
    }
  }

  /**
   * Closes the descriptors that all messages brought in their control data, for a program that does not want them, and
   * forgets those control data.
   *
   * Source: unix(7)
   */
  closeRights(): void {
    for (let index = 0; index < this.used; index++) {
      closeRights(this.received(index, false));
      this.setNumber(index, CONTROL_LENGTH, 0);
    }
  }

  /**
   * recvmmsg(2) into the batch.
   *
   * @param handle - Of the socket.
   * @param flags - MSG_* constants, joined by `|`.
   * @param timeout - Seconds; -1 for none, 0 for never to wait.
   * @returns How many messages, or a negative errno.
   *
   * @internal
   */
  receive(handle: Handle, flags: number, timeout: number): number {
    this.checkMemory();
    this.receiver = handle;
    fillCall(handle.fd, int32('flags', flags), 0, this.count, timeout, 0);
    this.clear();
    const received = native.recvmmsg(this.buffer, this.records, this.control?.bytes);
    if (received > 0) this.used = received;
    return received;
  }

  /**
   * sendmmsg(2) of the batch's messages from `start` on: of the first of them the rest, if the last call with the socket
   * stopped in the midst of it.
   *
   * @param handle - The socket.
   * @param start - How many messages to leave out.
   * @param flags - MSG_* constants, joined by `|`.
   * @param timeout - As for {@link receive}.
   * @returns How many messages, or a negative errno.
   *
   * @internal
   */
  send(handle: Handle, start: number, flags: number, timeout: number): number {
    this.checkMemory();
    const { part } = this;
    fillCall(handle.fd, int32('flags', flags), start, this.used - start, timeout, 0);
    slots[Slot.controlLength] = part.handle === handle && part.index === start ? part.bytes : 0;
    const sent = native.sendmmsg(this.buffer, this.records, this.control?.bytes);
    part.bytes = slots[Slot.controlLength]!;
    part.index = start + Math.max(sent, 0);
    part.handle = part.bytes > 0 ? handle : null;
    this.cutBy = part.bytes > 0 ? slots[Slot.result]! : 0;
    return sent;
  }

  private number(index: number, field: number): number {
    return this.numbers[index * RECORD_INTS + field]!;
  }

  private setNumber(index: number, field: number, value: number): void {
    this.numbers[index * RECORD_INTS + field] = value;
  }

  private received(index: number, warn: boolean): AncillaryData[] {
    const begin = this.checkIndex(index) * this.ancbufsize;
    if (this.control === null) return [];
    return decodeControl(this.control, begin, begin + this.number(index, CONTROL_LENGTH), warn);
  }

  private encode(address: AcceptedAddressOf<F> | null | undefined): Uint8Array | null {
    if (address === null || address === undefined) return null;
    const encoded = this.family.encode(address, this.socket);
    if (encoded.length > ADDRESS_SIZE) {
      throw wrongValue('address', `a sockaddr of at most ${ADDRESS_SIZE} bytes`, encoded.length);
    }
    return encoded;
  }

  private writeAddress(index: number, address: Uint8Array | null): void {
    if (address !== null) this.records.set(address, index * RECORD_SIZE + ADDRESS);
    this.setNumber(index, ADDRESS_LENGTH, address?.length ?? 0);
  }

  private checkIndex(index: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.used) return index;
    const expected = `the number of a message (the batch holds ${this.used})`;
    throw (typeof index === 'number' ? outOfRange : wrongType)('index', expected, index);
  }

  private checkMemory(): void {
    if (this.buffer.length > 0) return;
    throw wrongValue('batch', 'a batch with its memory (which was transferred away)', 'batch.buffer, which is empty');
  }
}

function controlData(ancdata: Iterable<AncillaryDataLike> | null | undefined): Uint8Array | null {
  return ancdata === null || ancdata === undefined ? null : encodeControl(ancdata);
}

/**
 * The batch of a `sendmmsg`, of whose messages the audit hooks have heard.
 *
 * @param start - How many of them will not be sent.
 */
export function batchToSend<F extends number>(
  socket: BatchSocket<F>,
  messages: MessageBatch<F> | Iterable<MessageToSend<F>>,
  start: number,
): MessageBatch<F> {
  const batch = messages instanceof MessageBatch ? checkBatch(messages, socket) : MessageBatch.from(socket, messages);
  integer('start', start, 0, batch.length);
  if (audited('socket.sendmsg')) {
    for (let index = start; index < batch.length; index++) audit('socket.sendmsg', socket, batch.address(index));
  }
  return batch;
}

/** Checks the batch of a call on a socket. */
export function checkBatch<F extends number>(batch: MessageBatch<F>, socket: BatchSocket<F>): MessageBatch<F> {
  if (!(batch instanceof MessageBatch)) throw wrongType('batch', 'a MessageBatch', batch);
  if (batch.family.number !== socket.family) {
    throw wrongValue('batch', `a batch for the family ${familyOf(socket.family).name}`, batch.family.name);
  }
  return batch;
}
