import type { BytesLike } from '@bsd-sockets/core-native';
import * as core from '@bsd-sockets/core-native';
import type { AcceptedAddressOf, AddressOf, AF_INET } from '@bsd-sockets/resolver';
import { BaseSocket, type SocketArguments, type SocketOptions } from './base-socket';
import { defaultTimeout } from './default-timeout';
import { check, closeHandle, Handle, kernelNonblocking } from './handle';
import { claim, offsetIn, reserve } from './receive-memory';

// Names of this module's own: the getter behind an imported one is slow on the path of a send and a receive.
const { audit, bytes, int32, integer, native, osError, Slot, slots, sockaddr, TIMED_OUT, wrongValue } = core;

/** The most that one system call transfers on Linux; more than a `Buffer` can be asked for elsewhere. */
const MOST = 2 ** 31 - 1;

/**
 * A socket whose calls block their thread until they are done, unless it has a time-out or is non-blocking: Python's
 * `socket.socket`.
 *
 * @typeParam F - The address family; it tells the types of the addresses.
 */
export class Socket<F extends number = typeof AF_INET> extends BaseSocket<F> {
  /**
   * Opens a socket, or takes over a descriptor. Child processes do not inherit it.
   *
   * @param family - An AF_* constant; AF_INET by default, as null stands for each default. Or an object with this and the
   *   following.
   * @param type - A SOCK_* constant, with `| SOCK_NONBLOCK` for a non-blocking socket; SOCK_STREAM by default.
   * @param proto - An IPPROTO_* constant, or what the family calls a protocol; 0 by default.
   * @param fileno - A descriptor to take over. Of family, type and protocol the kernel is asked what is not given.
   * @throws {@link OSError}, such as EAFNOSUPPORT for a family that the kernel lacks; TypeError
   *   (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
   *
   * Source: socket(2)
   */
  constructor(options?: SocketOptions<F> | null);
  constructor(...args: SocketArguments<F>);
  /** @internal */
  constructor(handle: Handle);
  constructor(...args: [SocketOptions<F> | Handle | null] | SocketArguments<F>) {
    super(...args);
  }

  /**
   * Waits for a connection.
   *
   * @returns The socket of the connection, which has the default time-out, and the peer's address.
   * @throws {@link OSError}; {@link TimeoutError}; {@link BlockingIOError} if the socket is non-blocking and none waits.
   *
   * Source: accept(2)
   */
  accept(): [connection: Socket<F>, address: AddressOf<F>] {
    const { family, type, proto, timeout } = this.handle;
    const nonblocking = kernelNonblocking(defaultTimeout()) ? 1 : 0;
    const fd = this.check(native.accept(this.handle.fd, nonblocking, timeout), 'accept');
    const handle = new Handle(fd, family.number, type, proto, defaultTimeout());
    try {
      const address = this.decode();
      return [new Socket<F>(handle), address];
    } catch (error) {
      closeHandle(handle);
      throw error;
    }
  }

  /**
   * Connects to an address.
   *
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
   * @returns 0, or an errno such as ECONNREFUSED or EINPROGRESS; EAGAIN when the time-out is over.
   * @throws {@link GaiError} for a host that cannot be found; TypeError or RangeError for an address of another shape.
   *
   * Source: connect(2); Python's `socket.connect_ex`
   */
  connectEx(address: AcceptedAddressOf<F>): number {
    const result = this.startConnect(address);
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
    this.prepare(0, view.length, flags, 0);
    return this.check(native.send(view), 'send');
  }

  /**
   * Sends all the bytes, within one time-out. After an error there is no telling how many were sent.
   *
   * @param data - Any buffer or view.
   * @param flags - MSG_* constants, joined by `|`.
   * @throws {@link OSError}; {@link TimeoutError}; {@link BlockingIOError}; TypeError (`ERR_INVALID_ARG_TYPE`).
   *
   * Source: send(2); Python's `socket.sendall`
   */
  sendall(data: BytesLike, flags = 0): void {
    const view = bytes('data', data);
    this.prepare(0, view.length, flags, 0);
    this.check(native.sendall(view), 'sendall');
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
    const address = rest.at(-1) as AcceptedAddressOf<F>;
    // Before the call block is filled: a family's code, or a hook, may itself use a socket.
    const encoded = this.encode(address);
    audit('socket.sendto', this, address);
    sockaddr.set(encoded);
    this.prepare(0, view.length, rest.length > 1 ? (rest[0] as number) : 0, encoded.length);
    return this.check(native.send(view), 'sendto', address);
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
   * Receives bytes and tells who sent them.
   *
   * @param bufsize - At most how many.
   * @param flags - MSG_* constants, joined by `|`.
   * @returns The bytes and the sender's address: undefined if it has none, or the protocol tells none.
   * @throws As {@link recv}.
   *
   * Source: recvfrom(2)
   */
  recvfrom(bufsize: number, flags = 0): [data: Buffer, address: AddressOf<F>] {
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
  recvfromInto(buffer: BytesLike, nbytes = 0, flags = 0): [nbytes: number, address: AddressOf<F>] {
    const received = this.receiveInto(buffer, nbytes, flags, sockaddr.length, 'recvfromInto');
    return [received, this.decode()];
  }

  /**
   * Duplicates the socket: another descriptor for the same connection, with the same time-out.
   *
   * @throws {@link OSError}
   *
   * Source: dup(2); Python's `socket.dup`
   */
  dup(): Socket<F> {
    const { family, type, proto, timeout } = this.handle;
    const fd = this.check(native.dup(this.handle.fd), 'dup');
    return new Socket<F>(new Handle(fd, family.number, type, proto, timeout));
  }

  private receive(bufsize: number, flags: number, addressLength: number, syscall: string): Buffer {
    const memory = reserve(integer('bufsize', bufsize, 0, MOST));
    this.prepare(offsetIn(memory), bufsize, flags, addressLength);
    const received = this.check(native.receive(memory), syscall);
    return claim(memory, bufsize, received);
  }

  private receiveInto(
    buffer: BytesLike,
    nbytes: number,
    flags: number,
    addressLength: number,
    syscall: string,
  ): number {
    const view = bytes('buffer', buffer);
    if (integer('nbytes', nbytes, 0, MOST) > view.length) {
      throw wrongValue('nbytes', `at most the ${view.length} bytes of the buffer`, nbytes);
    }
    this.prepare(0, nbytes || view.length, flags, addressLength);
    return this.check(native.receive(view), syscall);
  }

  /** Fills the call block for a send or a receive. */
  private prepare(offset: number, length: number, flags: number, addressLength: number): void {
    const { fd, timeout } = this.handle;
    slots[Slot.fd] = fd;
    slots[Slot.flags] = int32('flags', flags);
    slots[Slot.offset] = offset;
    slots[Slot.length] = length;
    slots[Slot.timeout] = timeout;
    slots[Slot.addressLength] = addressLength;
  }
}

/**
 * Closes a descriptor that no socket object holds.
 *
 * @throws {@link OSError}, such as EBADF; RangeError (`ERR_OUT_OF_RANGE`).
 *
 * Source: close(2); Python's `socket.close`
 */
export function close(fd: number): void {
  const result = native.close(int32('fd', fd));
  if (result < 0) throw osError(result, { syscall: 'close' });
}

/**
 * Duplicates a descriptor and makes a socket of the duplicate. That it is a socket is not checked.
 *
 * @param fd - The descriptor, which stays open.
 * @param family - An AF_* constant.
 * @param type - A SOCK_* constant.
 * @param proto - The protocol number.
 * @throws {@link OSError}, such as EBADF.
 *
 * Source: Python's `socket.fromfd`
 */
export function fromfd<F extends number>(fd: number, family: F, type: number, proto = 0): Socket<F> {
  const copy = check(native.dup(integer('fd', fd, 0, MOST)), 'dup');
  try {
    return new Socket<F>(family, type, proto, copy);
  } catch (error) {
    native.close(copy);
    throw error;
  }
}
