import {
  audit,
  type BytesLike,
  bytes,
  claim,
  descriptors,
  fillCall,
  int32,
  KNOWN_MOST,
  lengthOf,
  native,
  natural,
  osError,
  receiveBuffer,
  receiveKeeping,
  reserve,
  Slot,
  slots,
  sockaddr,
  TIMED_OUT,
  totalLength,
} from '@bsd-sockets/core-native';
import type { AcceptedAddressOf, AddressOf } from '@bsd-sockets/resolver';
import { type AfalgOptions, afalgControl } from './afalg';
import { BaseSocket, methodIn, surrendered } from './base-socket';
import type { SocketArguments, SocketOptions } from './constructor-arguments';
import { type AncillaryData, type AncillaryDataLike, encodeControl } from './control-messages/cmsg';
import { defaultTimeout } from './default-timeout';
import type { AF_INET } from './families/inet';
import {
  type Buffering,
  type FileMode,
  type FileOf,
  type FileOptions,
  fileOptionsOf,
  makefile,
} from './files/makefile';
import type { TextOptions } from './files/text-io-wrapper';
import { check, closeHandle, type Handle, kernelNonblocking } from './handle';
import { complete, copyOfFirst, memoryForAll, withPartial } from './incomplete-read-error';
import { gatherBuffers, gathered, lengthInto, reserveControl } from './message';
import { batchToSend, checkBatch, MessageBatch, type MessageToSend, type ReceivedMessage } from './message-batch';
import { type SendfileSource, sendfile } from './sendfile';

const { receive, recvRights, send, sendall, sendRights } = native;

const NO_ANCILLARY: readonly AncillaryDataLike[] = [];

class Socket<F extends number = any> extends BaseSocket<F> {
  constructor(...args: [SocketOptions<F> | Handle | null] | SocketArguments<F>) {
    super(...args);
  }

  static from<F extends number>(socket: BaseSocket<F>): Socket<F> {
    const handle = surrendered(socket);
    try {
      check(native.setNonblocking(handle.fd, kernelNonblocking(handle.timeout) ? 1 : 0), 'fcntl');
      return new Socket<F>(handle);
    } catch (error) {
      closeHandle(handle);
      throw error;
    }
  }

  /**
   * Waits for a connection.
   *
   * @returns The socket of the connection, which has the default timeout, and the peer's address.
   * @throws {@link OSError}; {@link TimeoutError}; {@link BlockingIOError} if the socket is non-blocking and none waits.
   *
   * Source: accept(2)
   */
  accept(): [connection: Socket<F>, address: AddressOf<F>] {
    const { fd, timeout } = this.handle;
    const nonblocking = kernelNonblocking(defaultTimeout()) ? 1 : 0;
    return this.accepted(this.check(native.accept(fd, nonblocking, timeout), 'accept'), ofHandle) as [
      Socket<F>,
      AddressOf<F>,
    ];
  }

  /**
   * Connects to an address.
   *
   * @param address - An address of the socket's family.
   * @throws {@link OSError}, such as ECONNREFUSED; {@link TimeoutError}; {@link BlockingIOError} (EINPROGRESS) if the
   *   socket is non-blocking; {@link GaiError} for a host that cannot be found.
   *
   * Source: connect(2)
   */
  connect(address: AcceptedAddressOf<F>): void {
    this.check(this.startConnect(address), 'connect', address);
  }

  /**
   * Connects to an address, and returns an errno in place of an exception of the system call.
   *
   * @param address - An address of the socket's family.
   * @returns 0, or an errno such as ECONNREFUSED or EINPROGRESS; EAGAIN when the timeout is over; EINTR when a signal ended
   *   it (see {@link siginterrupt}).
   * @throws {@link GaiError} for a host that cannot be found; TypeError or RangeError for an address of another shape.
   *
   * Source: connect(2); Python's `socket.connect_ex`
   */
  connectEx(address: AcceptedAddressOf<F>): number {
    const result = this.startConnect(address);
    if (result === -(native.errnos.EINTR as number)) native.takeSignal();
    // Not -result, which is -0 for 0.
    return result === -TIMED_OUT ? (native.errnos.EAGAIN as number) : Math.abs(result);
  }

  private startConnect(address: AcceptedAddressOf<F>): number {
    const encoded = this.encode(address);
    audit('socket.connect', this, address);
    return native.connect(this.handle.fd, encoded, this.handle.timeout);
  }

  /**
   * Sends bytes to the connected peer.
   *
   * @param data - Any buffer or view.
   * @param flags - MSG_* constants, joined by `|`.
   * @returns How many bytes were sent, which may be fewer than there are.
   * @throws {@link OSError}, such as EPIPE; {@link TimeoutError}; {@link BlockingIOError}; TypeError
   *   (`ERR_INVALID_ARG_TYPE`) if `data` is a string.
   *
   * Source: send(2)
   */
  send(data: BytesLike, flags = 0): number {
    const view = bytes('data', data);
    this.prepare(0, lengthOf(view), flags, 0);
    return this.check(send(view), 'send');
  }

  /**
   * Sends all the bytes, within one timeout. After an error there is no telling how many were sent.
   *
   * @param data - Any buffer or view.
   * @param flags - MSG_* constants, joined by `|`.
   * @throws {@link OSError}; {@link TimeoutError}; {@link BlockingIOError}; TypeError (`ERR_INVALID_ARG_TYPE`).
   *
   * Source: send(2); Python's `socket.sendall`
   */
  sendall(data: BytesLike, flags = 0): void {
    const view = bytes('data', data);
    this.prepare(0, lengthOf(view), flags, 0);
    this.check(sendall(view), 'sendall');
  }

  /**
   * Sends a datagram to an address.
   *
   * @param data - Any buffer or view.
   * @param flags - MSG_* constants, joined by `|`; may be left out.
   * @param address - Where to.
   * @returns How many bytes were sent.
   * @throws {@link OSError}, such as EMSGSIZE; {@link TimeoutError}; {@link BlockingIOError}; {@link GaiError};
   *   TypeError or RangeError for a bad argument.
   *
   * Source: sendto(2)
   */
  sendto(data: BytesLike, address: AcceptedAddressOf<F>): number;
  sendto(data: BytesLike, flags: number, address: AcceptedAddressOf<F>): number;
  sendto(data: BytesLike, ...rest: [AcceptedAddressOf<F>] | [number, AcceptedAddressOf<F>]): number {
    const view = bytes('data', data);
    const length = lengthOf(view);
    // Not by `at`, which is many times as slow.
    const address = rest[rest.length - 1] as AcceptedAddressOf<F>;
    // Before the call block is filled: a family's code, or a hook, may itself use a socket.
    const encoded = this.encode(address);
    audit('socket.sendto', this, address);
    sockaddr.set(encoded);
    this.prepare(0, length, rest.length > 1 ? (rest[0] as number) : 0, encoded.length);
    return this.check(send(view), 'sendto', address);
  }

  /**
   * Receives bytes.
   *
   * @param bufsize - At most how many.
   * @param flags - MSG_* constants, joined by `|`.
   * @returns What was received: fewer bytes than asked for as a rule, none at the end of a stream.
   * @throws {@link OSError}, such as ECONNRESET; {@link TimeoutError}; {@link BlockingIOError}; RangeError
   *   (`ERR_OUT_OF_RANGE`) for a negative size.
   *
   * Source: recv(2)
   */
  recv(bufsize: number, flags = 0): Buffer {
    return this.receive(bufsize, flags, 0, 'recv');
  }

  /**
   * Receives exactly so many bytes of a stream, within one timeout.
   *
   * @param nbytes - How many, 0 or more. Memory for all of them is taken at once.
   * @returns The bytes, none missing.
   * @throws {@link IncompleteReadError} if the stream ends before; {@link OSError}, such as ECONNRESET;
   *   {@link TimeoutError}; {@link BlockingIOError}. What had come by then is the error's `partial`. RangeError:
   *   `ERR_INVALID_ARG_VALUE` for a socket that is no stream, `ERR_OUT_OF_RANGE` for a number out of range.
   *
   * Source: recv(2); Python's `asyncio.StreamReader.readexactly`
   */
  recvExactly(nbytes: number): Buffer {
    const memory = memoryForAll(this.handle, nbytes);
    const { fd, timeout } = this.handle;
    const end = performance.now() + timeout * 1000;
    let done = 0;
    for (let left = timeout; done < nbytes; left = Math.max((end - performance.now()) / 1000, 1e-9)) {
      fillCall(fd, 0, done, nbytes - done, timeout > 0 ? left : timeout, 0);
      const received = receive(memory);
      if (received < 0) {
        throw withPartial(
          osError(received, { syscall: 'recvExactly', hint: fd < 0 ? 'the socket is closed' : undefined }),
          copyOfFirst(memory, done),
        );
      }
      if (received === 0) break;
      done += received;
    }
    return complete(memory, done);
  }

  /**
   * Receives bytes and tells who sent them.
   *
   * @param bufsize - At most how many.
   * @param flags - MSG_* constants, joined by `|`.
   * @returns The bytes and the sender's address: undefined if it has none, or the protocol tells none.
   * @throws As {@link recv}.
   *
   * Source: recvfrom(2)
   */
  recvfrom(bufsize: number, flags = 0): [data: Buffer, address: AddressOf<F> | undefined] {
    const data = this.receive(bufsize, flags, sockaddr.length, 'recvfrom');
    return [data, this.decode()];
  }

  /**
   * Receives bytes into memory of the caller.
   *
   * @param buffer - Where to put them, from its beginning on.
   * @param nbytes - At most how many; 0 for as many as fit.
   * @param flags - MSG_* constants, joined by `|`.
   * @returns How many bytes were received; with MSG_TRUNC the length of the whole datagram, which may be more.
   * @throws As {@link recv}; RangeError (`ERR_INVALID_ARG_VALUE`) if `nbytes` is more than the buffer holds.
   *
   * Source: recv(2); Python's `socket.recv_into`
   */
  recvInto(buffer: BytesLike, nbytes = 0, flags = 0): number {
    return this.receiveInto(buffer, nbytes, flags, 0, 'recvInto');
  }

  /**
   * Receives bytes into memory of the caller and tells who sent them.
   *
   * @param buffer - Where to put them, from its beginning on.
   * @param nbytes - At most how many; 0 for as many as fit.
   * @param flags - MSG_* constants, joined by `|`.
   * @returns How many bytes were received, and the sender's address as from {@link recvfrom}.
   * @throws As {@link recvInto}.
   *
   * Source: recvfrom(2); Python's `socket.recvfrom_into`
   */
  recvfromInto(buffer: BytesLike, nbytes = 0, flags = 0): [nbytes: number, address: AddressOf<F> | undefined] {
    const received = this.receiveInto(buffer, nbytes, flags, sockaddr.length, 'recvfromInto');
    return [received, this.decode()];
  }

  /**
   * Sends a message from several buffers, with control messages.
   *
   * @param buffers - The bytes, in any number of buffers up to IOV_MAX.
   * @param ancdata - Any number of control messages `[level, type, data]`, such as `ScmRights.encode([fd])`.
   * @param flags - MSG_* constants, joined by `|`.
   * @param address - Where to, for a socket that is not connected; null for none.
   * @returns How many bytes were sent, which for a stream may be fewer than there are.
   * @throws {@link OSError}, such as EMSGSIZE, or EINVAL for a control message that the kernel refuses;
   *   {@link TimeoutError}; {@link BlockingIOError}; {@link GaiError}; TypeError or RangeError for a bad argument.
   *
   * Source: sendmsg(2)
   */
  sendmsg(
    buffers: Iterable<BytesLike>,
    ancdata: Iterable<AncillaryDataLike> = NO_ANCILLARY,
    flags = 0,
    address?: AcceptedAddressOf<F> | null,
  ): number {
    const views = gatherBuffers(buffers);
    const control = ancdata === NO_ANCILLARY ? null : encodeControl(ancdata);
    this.prepareMessage(views, flags, address);
    return this.check(native.sendmsg(gathered(views), control), 'sendmsg', address ?? undefined);
  }

  /**
   * As {@link sendmsg} with SCM_RIGHTS alone.
   *
   * @param buffers - As for {@link sendmsg}.
   * @param fds - The descriptors, no more than `descriptors` has room for.
   * @param flags - As for {@link sendmsg}.
   * @param address - As for {@link sendmsg}.
   * @returns How many bytes were sent.
   * @throws As {@link sendmsg}.
   *
   * Source: sendmsg(2); unix(7)
   *
   * @internal
   */
  sendRights(
    buffers: Iterable<BytesLike>,
    fds: readonly number[],
    flags: number,
    address: AcceptedAddressOf<F> | null | undefined,
  ): number {
    const views = gatherBuffers(buffers);
    this.prepareMessage(views, flags, address);
    for (let index = 0; index < fds.length; index++) descriptors[index] = fds[index]!;
    slots[Slot.controlLength] = fds.length;
    return this.check(sendRights(gathered(views)), 'sendmsg', address ?? undefined, this.sendRights);
  }

  private prepareMessage(views: readonly Uint8Array[], flags: number, address?: AcceptedAddressOf<F> | null): void {
    const length = totalLength(views);
    // Before the call block is filled: a family's code, or a hook, may itself use a socket.
    const encoded = address === undefined || address === null ? undefined : this.encode(address);
    int32('flags', flags);
    audit('socket.sendmsg', this, address);
    if (encoded !== undefined) sockaddr.set(encoded);
    this.prepare(0, length, flags, encoded?.length ?? 0);
  }

  /**
   * Sends bytes to a cipher or hash of the kernel, with its parameters.
   *
   * @param msg - The bytes, in any number of buffers up to IOV_MAX.
   * @param options - `op`: ALG_OP_ENCRYPT or ALG_OP_DECRYPT; `iv`: the initialization vector; `assoclen`: bytes of
   *   associated data, 0 to 2³² - 1; `flags`: MSG_* constants, joined by `|`.
   * @returns How many bytes were sent.
   * @throws {@link OSError}: EOPNOTSUPP for a socket of another family; as {@link sendmsg}.
   *
   * Source: Python's `socket.sendmsg_afalg`; Linux, Documentation/crypto/userspace-if.rst
   */
  sendmsgAfalg(msg: Iterable<BytesLike> | null | undefined, options: AfalgOptions): number {
    return this.sendmsg(msg ?? [], afalgControl(this.family, options), options.flags);
  }

  /**
   * Receives bytes and control messages.
   *
   * @param bufsize - At most how many bytes.
   * @param ancbufsize - The bytes of memory for control messages: the sum of the `CMSG_SPACE` of each; 0 for none.
   * @param flags - MSG_* constants, joined by `|`.
   * @returns The bytes; the control messages `[level, type, data]` (see `readControl`); MSG_* constants that tell of the
   *   message, such as MSG_TRUNC (the bytes were cut short) and MSG_CTRUNC (the control messages were); and the sender's
   *   address as from {@link recvfrom}. Descriptors among them are close-on-exec, and the caller's to close.
   * @throws As {@link recv}; received descriptors are closed then.
   *
   * Source: recvmsg(2)
   */
  recvmsg(
    bufsize: number,
    ancbufsize = 0,
    flags = 0,
  ): [data: Buffer, ancdata: AncillaryData[], msgFlags: number, address: AddressOf<F> | undefined] {
    const memory = reserve(this.handle, natural('bufsize', bufsize), int32('flags', flags));
    const control = reserveControl(ancbufsize);
    this.prepare(memory.used, bufsize, flags, 0);
    const received = this.check(native.recvmsg(memory.bytes, control?.bytes), 'recvmsg');
    return this.received(() => claim(this.handle, memory, bufsize, received), control);
  }

  /**
   * As {@link recvmsg}, of whose control messages the descriptors count.
   *
   * @param bufsize - As for {@link recvmsg}.
   * @param maxfds - At most how many descriptors, no more than `descriptors` has room for.
   * @param flags - As for {@link recvmsg}.
   * @returns As {@link recvmsg}, with the descriptors in place of the control messages.
   * @throws As {@link recvmsg}.
   *
   * Source: recvmsg(2); unix(7)
   *
   * @internal
   */
  recvRights(
    bufsize: number,
    maxfds: number,
    flags: number,
  ): [data: Buffer, fds: number[], msgFlags: number, address: AddressOf<F> | undefined] {
    const memory = reserve(this.handle, natural('bufsize', bufsize), int32('flags', flags));
    this.prepare(memory.used, bufsize, flags, 0);
    slots[Slot.controlLength] = maxfds;
    const received = this.check(recvRights(memory.bytes), 'recvmsg', undefined, this.recvRights);
    const fds: number[] = [];
    for (let index = 0; index < slots[Slot.controlLength]!; index++) fds.push(descriptors[index]!);
    try {
      const data = claim(this.handle, memory, bufsize, received);
      const msgFlags = slots[Slot.messageFlags] as number;
      return [data, fds, msgFlags, this.decode()];
    } catch (error) {
      for (const fd of fds) native.close(fd);
      throw error;
    }
  }

  /**
   * Receives bytes into buffers of the caller, one after the other, and control messages.
   *
   * @param buffers - Where to put the bytes: any number of buffers up to IOV_MAX.
   * @param ancbufsize - As for {@link recvmsg}.
   * @param flags - MSG_* constants, joined by `|`.
   * @returns How many bytes were received, which with MSG_TRUNC may be more than there is room for; the rest as from
   *   {@link recvmsg}.
   * @throws As {@link recvmsg}.
   *
   * Source: recvmsg(2); Python's `socket.recvmsg_into`
   */
  recvmsgInto(
    buffers: Iterable<BytesLike>,
    ancbufsize = 0,
    flags = 0,
  ): [nbytes: number, ancdata: AncillaryData[], msgFlags: number, address: AddressOf<F> | undefined] {
    const views = gatherBuffers(buffers);
    const control = reserveControl(ancbufsize);
    this.prepare(0, totalLength(views), flags, 0);
    const received = this.check(native.recvmsg(gathered(views), control?.bytes), 'recvmsgInto');
    return this.received(() => received, control);
  }

  /**
   * Receives messages, as many as there are, with one system call. It waits only for the first.
   *
   * @param batch - Where to put them: it holds these messages afterwards, and no others. Descriptors in control data are
   *   close-on-exec, and the caller's to close (see {@link MessageBatch.closeRights}).
   * @param count - In place of a batch: at most how many messages, from 1 to IOV_MAX (1024).
   * @param size - The most bytes of each, 1 or more.
   * @param ancbufsize - The most bytes of control data of each; 0 for none.
   * @param flags - MSG_* constants, joined by `|`.
   * @returns How many messages, 1 or more; without a batch, the messages, which nobody else will write to. Received
   *   descriptors are closed if there is an error instead.
   * @throws {@link OSError}; {@link TimeoutError}; {@link BlockingIOError}. An error behind the first message is that of
   *   the next call. TypeError (`ERR_INVALID_ARG_TYPE`); RangeError (`ERR_OUT_OF_RANGE`, or `ERR_INVALID_ARG_VALUE` for a
   *   batch of another family).
   *
   * Source: recvmmsg(2)
   */
  recvmmsg(batch: MessageBatch<F>, flags?: number): number;
  recvmmsg(count: number, size: number, ancbufsize?: number, flags?: number): ReceivedMessage<F>[];
  recvmmsg(
    first: MessageBatch<F> | number,
    second?: number,
    ancbufsize = 0,
    lastFlags = 0,
  ): number | ReceivedMessage<F>[] {
    if (typeof first !== 'number') return this.receiveBatch(checkBatch(first, this), second);
    const batch = new MessageBatch(this, first, second as number, ancbufsize);
    this.receiveBatch(batch, lastFlags);
    return batch.takeMessages();
  }

  /**
   * Sends messages with one system call.
   *
   * @param batch - The messages.
   * @param messages - In place of a batch: up to IOV_MAX (1024) messages `[data, address?, ancdata?]`.
   * @param flags - MSG_* constants, joined by `|`.
   * @param start - How many messages of the batch to leave out: those that were sent already.
   * @returns How many messages were sent whole, 1 or more unless there are none. A blocking socket without a timeout sends
   *   all, unless there is an error behind the first: the next call, with the rest, meets it. A stream may have taken a
   *   part of the next message, if it is non-blocking, its timeout is over or there is an error: the batch keeps how much,
   *   also when this throws, and the next call of this socket with that message as `start` sends the rest. Without a batch
   *   such a part throws, and as after a `sendall` that fails there is no telling what was sent.
   * @throws {@link OSError}; {@link TimeoutError}; {@link BlockingIOError}; TypeError (`ERR_INVALID_ARG_TYPE`); RangeError
   *   (`ERR_OUT_OF_RANGE`, or `ERR_INVALID_ARG_VALUE` for a batch of another family).
   *
   * Source: sendmmsg(2)
   */
  sendmmsg(batch: MessageBatch<F>, flags?: number, start?: number): number;
  sendmmsg(messages: Iterable<MessageToSend<F>>, flags?: number): number;
  sendmmsg(messages: MessageBatch<F> | Iterable<MessageToSend<F>>, flags = 0, start = 0): number {
    const batch = batchToSend(this, messages, start);
    const sent = batch.send(this.handle, start, flags, this.handle.timeout);
    // Without a batch nobody could go on in the midst of a message.
    return this.check(batch === messages ? sent : batch.cutBy || sent, 'sendmmsg');
  }

  /**
   * Sends a file, or a part of it, without its bytes coming into this process: with sendfile(2), and with `send` where
   * that refuses (pipes, some files of the kernel's own).
   *
   * @param file - An open file: a descriptor, or an object with one as its `fd`, such as a `FileHandle` of
   *   node:fs/promises. Or the path of a file, which is opened and closed here.
   * @param offset - Where to begin, in bytes; 0 by default.
   * @param count - At most how many bytes, 1 or more; up to the end of the file by default.
   * @returns How many bytes were sent. The position of an open file is then behind the last one of them, also after an
   *   error, unless none was sent.
   * @throws {@link OSError}; {@link TimeoutError} if the socket takes nothing for as long as its timeout; RangeError
   *   (`ERR_INVALID_ARG_VALUE`) for a socket that is no stream or is non-blocking, or a `count` below 1; RangeError
   *   (`ERR_OUT_OF_RANGE`); TypeError (`ERR_INVALID_ARG_TYPE`).
   *
   * Source: sendfile(2); Python's `socket.sendfile`
   */
  sendfile(file: SendfileSource, offset = 0, count: number | null = null): number {
    return this.closedHint(() => sendfile(this, this.handle, file, offset, count));
  }

  /**
   * A file of the socket, which must be blocking or have a timeout: the files of a non-blocking one return less than was
   * asked for, or undefined. The descriptor stays open until the socket and all its files are closed.
   *
   * @param mode - `r`, `w`, `b` or a combination: for reading (also where there is no `w`), for writing, for bytes instead
   *   of text.
   * @param buffering - The size of the buffer in bytes. 1: text is sent line by line. 0, only for bytes: no buffer. Less,
   *   or null: 8192.
   * @param options - How text goes into bytes, only for text files; without the second parameter also `buffering`.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`); RangeError (`ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`).
   *
   * Source: Python's `socket.makefile`
   */
  makefile<M extends FileMode = 'r', B extends Buffering = undefined>(
    mode?: M | null,
    options?: FileOptions<B>,
  ): FileOf<M, B>;
  makefile<M extends FileMode, B extends Buffering>(
    mode: M | null | undefined,
    buffering: B,
    options?: TextOptions,
  ): FileOf<M, B>;
  makefile(mode?: string | null, second?: Buffering | FileOptions, third?: TextOptions | null): unknown {
    const options = fileOptionsOf(second, third);
    return makefile(this, mode ?? 'r', options.buffering, options);
  }

  private receive(bufsize: number, flags: number, addressLength: number, syscall: string): Buffer {
    const { handle } = this;
    const size = natural('bufsize', bufsize);
    const received = receiveBuffer(handle, handle.fd, int32('flags', flags), size, handle.timeout, addressLength);
    return typeof received === 'number' ? this.fail(received, syscall) : received;
  }

  private receiveInto(
    buffer: BytesLike,
    nbytes: number,
    flags: number,
    addressLength: number,
    syscall: string,
  ): number {
    const view = bytes('buffer', buffer);
    const whole = lengthOf(view);
    this.prepare(0, lengthInto(whole, nbytes), flags, addressLength);
    return this.check(receiveKeeping(view, whole, KNOWN_MOST), syscall);
  }

  private receiveBatch(batch: MessageBatch<F>, flags = 0): number {
    return this.check(batch.receive(this.handle, flags, this.handle.timeout), 'recvmmsg');
  }

  protected override methodOf(syscall: string): ReturnType<typeof methodIn> {
    return methodIn(Socket.prototype, syscall);
  }

  /** Fills the call block for a send or a receive. */
  private prepare(offset: number, length: number, flags: number, addressLength: number): void {
    const { fd, timeout } = this.handle;
    fillCall(fd, int32('flags', flags), offset, length, timeout, addressLength);
  }
}

const ofHandle = (handle: Handle) => new Socket(handle);

/**
 * A socket whose calls block their thread until they are done, unless it has a timeout or is non-blocking: Python's
 * `socket.socket`.
 *
 * As a type, `Socket` is any socket, and `Socket<typeof AF_INET>` one of that family.
 *
 * @typeParam F - The address family; it tells the types of the addresses.
 * @class
 */
const SocketClass: {
  /**
   * Opens a socket, or takes over a descriptor. Child processes do not inherit it.
   *
   * @param family - An AF_* constant; AF_INET by default, as null stands for each default.
   * @param type - A SOCK_* constant, with `| SOCK_NONBLOCK` for a non-blocking socket; SOCK_STREAM by default.
   * @param proto - An IPPROTO_* constant, or what the family calls a protocol; 0 by default.
   * @param fileno - A descriptor to take over. Of family, type and protocol the kernel is asked what is not given. It is the
   *   socket's to close then, even if the constructor of a subclass throws after `super()`.
   * @param options - The four as an object, in place of their positions.
   * @throws {@link OSError}, such as EAFNOSUPPORT for a family that the kernel does not have; TypeError
   *   (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
   *
   * Source: socket(2)
   */
  new <F extends number = typeof AF_INET>(options?: SocketOptions<F> | null): SocketClass<F>;
  new <F extends number = typeof AF_INET>(...args: SocketArguments<F>): SocketClass<F>;
  /** @internal */
  new <F extends number>(handle: Handle): SocketClass<F>;
  readonly prototype: SocketClass;
  /**
   * Makes a blocking socket of a socket of `@bsd-sockets/socket/promises`, which is closed by it; the descriptor stays.
   *
   * @param socket - A socket without operations that wait, and without open files.
   * @returns The socket, with the same timeout.
   * @throws {@link OSError}: EBADF if it is closed; EBUSY while anything waits or is open.
   */
  from<F extends number>(socket: BaseSocket<F>): SocketClass<F>;
} = Socket;
type SocketClass<F extends number = any> = Socket<F>;

export { SocketClass as Socket };
