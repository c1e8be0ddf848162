import { inspect } from 'node:util';
import {
  AF_UNSPEC,
  audit,
  audited,
  type BytesLike,
  bytes,
  int32,
  integer,
  native,
  natural,
  newSockaddr,
  OSError,
  osError,
  SIOCATMARK,
  Slot,
  SOCK_STREAM,
  SOMAXCONN,
  slots,
  sockaddr,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { type AcceptedAddressOf, type AddressOf, AF_INET } from '@bsd-sockets/resolver';
import { constructorArguments, type SocketArguments, type SocketOptions } from './constructor-arguments';
import type { ControlMemory } from './control-messages/cmsg';
import { decodeTimeout, defaultTimeout, encodeTimeout, type Timeout } from './default-timeout';
import { describe } from './describe';
import { duplicated } from './descriptor';
import type { Family, SocketInfo } from './family';
import { hasWideOptions } from './family-rules';
import {
  adoptHandle,
  closeHandle,
  getIntegerOption,
  Handle,
  kernelNonblocking,
  type Nonblocking,
  openHandle,
  takeDescriptor,
} from './handle';
import { ancillaryOf, closeRights } from './message';
import type { ReceivedMessage } from './message-batch';
import { count64 } from './options/codecs';
import {
  type AcceptedOptionValue,
  checkOption,
  type Option,
  type OptionValue,
  readOption,
  writeOption,
} from './options/option';
import { closeWhenCollected } from './unclosed-socket';
import { controlBytes, onWindows, windowsOnly } from './windows-only';

/** A class of sockets, with a constructor as {@link BaseSocket} has it. */
type SocketClass = new (...args: SocketArguments) => any;

const GETSOCKOPT_MOST = 1024;
const DEFAULT_BACKLOG = Math.min(SOMAXCONN ?? 128, 128);

/** The views of the call block's address by their length: making one takes longer than to read it. */
const addresses: Uint8Array[] = [];

/**
 * The part of a socket object that never waits: what the blocking face and the promise face share.
 *
 * @typeParam F - The address family; `bind`, `getsockname` and the like take and return its addresses.
 */
export abstract class BaseSocket<F extends number = any> implements SocketInfo, Disposable {
  protected handle: Handle;

  constructor(...args: [SocketOptions<F> | Handle | null] | SocketArguments<F>) {
    const [first] = args;
    const announce: Announce = (handle, ...whose) => {
      this.handle = handle;
      audit('socket.__new__', this, ...whose);
    };
    const nonblocking = (timeout: number) => this.nonblockingBelow(timeout);
    this.handle =
      first instanceof Handle
        ? adopt(first, announce)
        : open(args as SocketArguments, announce, nonblocking, new.target);
    closeWhenCollected(this, this.handle);
  }

  /** The address family, an AF_* constant. */
  get family(): F {
    return this.handle.family.number as F;
  }

  /** The socket type, a SOCK_* constant, without the flags that it was opened with. */
  get type(): number {
    return this.handle.type;
  }

  /** The protocol number. */
  get proto(): number {
    return this.handle.proto;
  }

  /** The timeout in seconds; undefined for none. The same as {@link gettimeout}. */
  get timeout(): number | undefined {
    return this.gettimeout();
  }

  /**
   * The descriptor, or -1 once the socket is closed or detached.
   *
   * Source: Python's `socket.fileno`
   */
  fileno(): number {
    return this.handle.fd;
  }

  /**
   * Gives the socket its own address.
   *
   * @param address - An address of the socket's family, such as `['127.0.0.1', 0]`.
   * @throws {@link OSError}, such as EADDRINUSE; TypeError or RangeError for an address of another shape;
   *   {@link GaiError} for a host that cannot be found.
   *
   * Source: bind(2)
   */
  bind(address: AcceptedAddressOf<F>): void {
    const encoded = this.encode(address);
    audit('socket.bind', this, address);
    this.check(native.bind(this.handle.fd, encoded), 'bind', address);
  }

  /**
   * Lets the socket accept connections.
   *
   * @param backlog - How many connections may wait to be accepted; less than 0 counts as 0. The platform's most by
   *   default, but no more than 128.
   * @throws {@link OSError}, such as EOPNOTSUPP.
   *
   * Source: listen(2)
   */
  listen(backlog?: number): void {
    const wanted = backlog === undefined ? DEFAULT_BACKLOG : Math.max(int32('backlog', backlog), 0);
    this.check(native.listen(this.handle.fd, wanted), 'listen');
  }

  /**
   * The socket's own address; undefined if the kernel gives none, where the family's type of addresses says so.
   *
   * @throws {@link OSError}
   *
   * Source: getsockname(2)
   */
  getsockname(): AddressOf<F> {
    this.check(native.getsockname(this.handle.fd), 'getsockname');
    return this.decode() as AddressOf<F>;
  }

  /**
   * The address that the socket is connected to.
   *
   * @throws {@link OSError}: ENOTCONN if there is none.
   *
   * Source: getpeername(2)
   */
  getpeername(): AddressOf<F> {
    this.check(native.getpeername(this.handle.fd), 'getpeername');
    return this.decode() as AddressOf<F>;
  }

  /**
   * Ends one direction of a connection, or both.
   *
   * @param how - SHUT_RD, SHUT_WR or SHUT_RDWR.
   * @throws {@link OSError}, such as ENOTCONN.
   *
   * Source: shutdown(2)
   */
  shutdown(how: number): void {
    this.check(native.shutdown(this.handle.fd, int32('how', how)), 'shutdown');
  }

  /**
   * Takes the peer's address from a datagram socket that is connected: it receives from everybody again, and sends by an
   * address with each datagram. On Linux a connection of TCP is given up by it, and the socket can connect again.
   *
   * @throws {@link OSError}, such as EBADF.
   *
   * Source: connect(2) with an address of the family AF_UNSPEC; Node's `dgram.Socket.disconnect`
   */
  disconnect(): void {
    this.check(native.connect(this.handle.fd, newSockaddr(AF_UNSPEC, 16), 0), 'disconnect');
  }

  /**
   * Tells whether the next byte to receive comes right behind the urgent one.
   *
   * @returns true at the mark; false before it, and where there is none.
   * @throws {@link OSError}, such as ENOTTY for a socket without urgent data.
   *
   * Source: sockatmark(3)
   */
  sockatmark(): boolean {
    const mark = new Int32Array(1);
    this.check(native.ioctl(this.handle.fd, SIOCATMARK, new Uint8Array(mark.buffer)), 'sockatmark');
    return mark[0] !== 0;
  }

  /**
   * Reads a socket option.
   *
   * @param level - SOL_SOCKET, IPPROTO_TCP, …
   * @param optname - SO_REUSEADDR, TCP_NODELAY, …
   * @param buflen - For an option that is not an integer: the bytes to make room for, at most 1024.
   * @returns The integer (of AF_VSOCK: of 64 bits without a sign), or with `buflen` the bytes that the kernel wrote.
   * @throws {@link OSError}, such as ENOPROTOOPT, or EINVAL for a `buflen` out of range.
   *
   * Source: getsockopt(2)
   */
  getsockopt(level: number, optname: number): number;
  getsockopt(level: number, optname: number, buflen: number): Buffer;
  getsockopt(level: number, optname: number, buflen = 0): number | Buffer {
    const { fd } = this.handle;
    int32('level', level);
    int32('optname', optname);
    int32('buflen', buflen);
    if (buflen < 0 || buflen > GETSOCKOPT_MOST) {
      const hint = `buflen is from 0 to ${GETSOCKOPT_MOST}, got ${buflen}`;
      throw new OSError(native.errnos.EINVAL as number, { syscall: 'getsockopt', hint });
    }
    if (buflen === 0) {
      if (hasWideOptions(this.family)) return count64.decode(this.getsockopt(level, optname, count64.size));
      return this.closedHint(() => getIntegerOption(fd, level, optname));
    }
    const value = Buffer.alloc(buflen);
    const length = native.getsockopt(fd, level, optname, value);
    return this.closedHint(() => value.subarray(0, checkOption(length, 'getsockopt', level, optname)));
  }

  /**
   * Sets a socket option.
   *
   * @param level - SOL_SOCKET, IPPROTO_TCP, …
   * @param optname - SO_REUSEADDR, TCP_NODELAY, …
   * @param value - An integer of 32 bits, with or without a sign (of AF_VSOCK: of 64 bits), a boolean for 0 or 1, the bytes
   *   of a structure, or null with `optlen`.
   * @param optlen - The length to give the kernel where `value` is null.
   * @throws {@link OSError}, such as EINVAL; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
   *
   * Source: setsockopt(2)
   */
  setsockopt(level: number, optname: number, value: number | boolean | BytesLike): void;
  setsockopt(level: number, optname: number, value: null | undefined, optlen: number): void;
  setsockopt(
    level: number,
    optname: number,
    value: number | boolean | BytesLike | null | undefined,
    optlen?: number,
  ): void {
    const { fd } = this.handle;
    int32('level', level);
    int32('optname', optname);
    const option = encodeOption(value, optlen, hasWideOptions(this.family));
    const length = option === null ? natural('optlen', optlen) : 0;
    const result = native.setsockopt(fd, level, optname, option, length);
    this.closedHint(() => checkOption(result, 'setsockopt', level, optname));
  }

  /**
   * Reads a typed socket option.
   *
   * @param option - An entry of `options`, such as `options.TCP_INFO`, or one made by `defineOption`.
   * @throws {@link OSError}, such as ENOPROTOOPT; RangeError (`ERR_INVALID_ARG_VALUE`) for a write-only option; TypeError
   *   (`ERR_INVALID_ARG_TYPE`) for what is no option, such as the number of one, or one that the platform does not have.
   *
   * Source: getsockopt(2)
   */
  getOption<O extends Option<any, never>>(option: O): OptionValue<O> {
    return this.closedHint(() => readOption(this.handle.fd, option));
  }

  /**
   * Sets a typed socket option.
   *
   * @param option - An entry of `options`, such as `options.TCP_NODELAY`, or one made by `defineOption`.
   * @param value - What the option takes.
   * @throws {@link OSError}, such as EPERM; RangeError (`ERR_INVALID_ARG_VALUE`) for a read-only option; TypeError or
   *   RangeError for what is no option, or a value of another kind.
   *
   * Source: setsockopt(2)
   */
  setOption<O extends Option<any, never>>(option: O, value: AcceptedOptionValue<O>): void {
    this.closedHint(() => writeOption(this.handle.fd, option, value));
  }

  /**
   * Makes the socket blocking (no timeout) or non-blocking (a timeout of 0).
   *
   * @param flag - true or false, or an integer of up to 64 bits, of which 0 is false.
   * @throws {@link OSError}; TypeError (`ERR_INVALID_ARG_TYPE`); RangeError (`ERR_OUT_OF_RANGE`).
   *
   * Source: Python's `socket.setblocking`
   */
  setblocking(flag: boolean | number): void {
    if (typeof flag === 'number') integer('flag', flag, -(2 ** 63), 2 ** 63 - 1024);
    else if (typeof flag !== 'boolean') throw wrongType('flag', 'true or false', flag);
    this.settimeout(flag === false || flag === 0 ? 0 : null);
  }

  /** Whether the socket is not non-blocking. Source: Python's `socket.getblocking` */
  getblocking(): boolean {
    return this.handle.timeout !== 0;
  }

  /**
   * Sets how long each operation may take.
   *
   * @param timeout - Seconds; 0 makes the socket non-blocking, null makes it blocking without limit.
   * @throws {@link OSError}; TypeError (`ERR_INVALID_ARG_TYPE`) if it is no number, RangeError if it is negative or NaN
   *   (`ERR_INVALID_ARG_VALUE`), or more than 9223372036 (`ERR_OUT_OF_RANGE`).
   *
   * Source: Python's `socket.settimeout`
   */
  settimeout(timeout: Timeout): void {
    const seconds = encodeTimeout(timeout);
    // As in Python, a closed socket keeps it too.
    this.handle.timeout = seconds;
    this.check(native.setNonblocking(this.handle.fd, this.nonblockingBelow(seconds) ? 1 : 0), 'fcntl');
  }

  /** The timeout in seconds; undefined for none. Source: Python's `socket.gettimeout` */
  gettimeout(): number | undefined {
    return decodeTimeout(this.handle.timeout);
  }

  /**
   * Whether child processes inherit the descriptor.
   *
   * @throws {@link OSError}
   *
   * Source: Python's `socket.get_inheritable`
   */
  getInheritable(): boolean {
    return this.check(native.getInheritable(this.handle.fd), 'fcntl') === 1;
  }

  /**
   * Sets whether child processes inherit the descriptor. New sockets are not inherited.
   *
   * @param inheritable - true or false, or an integer, of which 0 is false.
   * @throws {@link OSError}; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
   *
   * Source: Python's `socket.set_inheritable`
   */
  setInheritable(inheritable: boolean | number): void {
    const flag = int32('inheritable', typeof inheritable === 'boolean' ? Number(inheritable) : inheritable);
    this.check(native.setInheritable(this.handle.fd, flag === 0 ? 0 : 1), 'fcntl');
  }

  /**
   * Duplicates the socket: another descriptor for the same connection, with the same timeout.
   *
   * @returns A socket of the same class, whose constructor is given the family, the type, the protocol and the descriptor.
   * @throws {@link OSError}
   *
   * Source: dup(2); Python's `socket.dup`
   */
  dup(): this {
    const { family, type, proto, timeout } = this.handle;
    return this.closedHint(() =>
      duplicated(this.handle.fd, (fd) => {
        const copy: this = new (this.constructor as SocketClass)(family.number, type, proto, fd);
        copy.settimeout(decodeTimeout(timeout));
        return copy;
      }),
    );
  }

  /**
   * Gives the descriptor away: the object is closed, the descriptor stays open and is the caller's.
   *
   * @returns The descriptor, or -1 if the socket was closed already.
   *
   * Source: Python's `socket.detach`
   */
  detach(): number {
    const { handle } = this;
    const fd = takeDescriptor(handle);
    if (fd < 0) return fd;
    native.disown(fd);
    // What was done to a socket that passes for a blocking one, here or by `siginterrupt`, is not the new owner's business.
    if (handle.timeout < 0) native.setNonblocking(fd, 0);
    return fd;
  }

  /**
   * Closes the socket. A second time does nothing. The descriptor stays open, and the socket can still be used, until
   * the last of its files is closed too.
   *
   * @throws {@link OSError} if close(2) fails; the descriptor is gone even so.
   *
   * Source: close(2); Python's `socket.close`
   */
  close(): void {
    this.handle.closed = true;
    if (this.handle.files === 0) closeHandle(this.handle);
  }

  /**
   * WSAIoctl, which only Windows has. What Python calls `fcntl.ioctl` is the function `ioctl`.
   *
   * @param control - SIO_RCVALL, SIO_KEEPALIVE_VALS or SIO_LOOPBACK_FAST_PATH.
   * @param option - What the control takes: a number, 0 to 4294967295, such as RCVALL_ON; for SIO_KEEPALIVE_VALS
   *   [on, milliseconds of idleness, milliseconds between probes].
   * @throws {@link OSError}, such as EACCES for SIO_RCVALL of a user who is no administrator; RangeError
   *   (`ERR_INVALID_ARG_VALUE`) for another control; Error (`ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`) on every other platform.
   *
   * Source: Python's `socket.ioctl`
   */
  ioctl(control: number, option: number | readonly [onoff: number, timeout: number, interval: number]): void;
  ioctl(control: number, option: unknown): void {
    if (!onWindows) throw windowsOnly('ioctl', ' (the function ioctl(socket, request, argument) is ioctl(2))');
    this.check(
      native.ioctl(this.handle.fd, integer('control', control, 0, 2 ** 32 - 1), controlBytes(control, option)),
      'ioctl',
    );
  }

  /**
   * Shares the socket with another process, which only Windows can.
   *
   * @param processId - The process that may call `fromshare`, once: 0 to 4294967295.
   * @returns The bytes to give to it.
   * @throws {@link OSError}, such as EINVAL for a process that is missing; Error (`ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`) on every other platform.
   *
   * Source: Python's `socket.share`
   */
  share(processId: number): Buffer;
  share(processId: unknown): Buffer {
    if (!onWindows) throw windowsOnly('share');
    const info = native.share(this.handle.fd, integer('processId', processId, 0, 2 ** 32 - 1));
    if (typeof info === 'number') throw osError(info, { syscall: 'share' });
    return info;
  }

  /**
   * Counts one more file that needs the descriptor: it stays open until {@link release}.
   *
   * Source: Python's `socket.makefile`
   *
   * @internal
   */
  retain(): void {
    this.handle.files++;
  }

  /**
   * Counts one file fewer that needs the descriptor, and closes it after the last if the socket is closed.
   *
   * @throws {@link OSError} if close(2) fails; the descriptor is gone even so.
   *
   * Source: Python's `socket.makefile`
   *
   * @internal
   */
  release(): void {
    this.handle.files--;
    if (this.handle.closed) this.close();
  }

  /**
   * Gives the descriptor to a socket object of the other face, with all that is known of it: this object is closed.
   *
   * @throws {@link OSError}: EBADF if it is closed already; EBUSY while files of `makefile` are open.
   *
   * @internal
   */
  surrender(): Handle {
    const { handle } = this;
    const { fd, family, type, proto, timeout } = handle;
    const refusal = fd < 0 ? 'EBADF' : handle.files > 0 ? 'EBUSY' : undefined;
    if (refusal !== undefined) {
      const hint = fd < 0 ? 'the socket is closed' : 'files of the socket are open';
      throw new OSError(native.errnos[refusal] as number, { hint });
    }
    return new Handle(takeDescriptor(handle), family.number, type, proto, timeout);
  }

  /** Closes the socket at the end of its `using` scope. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** What `console.log` prints: what Python's `repr` says of a socket. */
  [inspect.custom](_depth?: number, _options?: unknown, print: typeof inspect = inspect): string {
    return describe(this.handle, print, this.constructor.name);
  }

  /**
   * The socket as text.
   *
   * @returns What Python's `repr` says of it, such as `<Socket fd=3, family=AF_INET, type=SOCK_STREAM, proto=0>`.
   *
   * Source: Python's `repr`
   */
  toString(): string {
    return this[inspect.custom]();
  }

  /**
   * What JSON has of a socket: nothing but its text.
   *
   * @returns The same as {@link toString}.
   *
   * Source: JSON.stringify
   */
  toJSON(): string {
    return this.toString();
  }

  /** Whether the descriptor of a socket with this timeout, in seconds, is non-blocking: the wait is ours then. */
  protected nonblockingBelow(timeout: number): boolean {
    return kernelNonblocking(timeout);
  }

  /** The family's own object: what turns addresses into bytes and back. */
  protected get codec(): Family<AddressOf<F>, AcceptedAddressOf<F>> {
    return this.handle.family;
  }

  /** The `struct sockaddr` of an address, of a size that the call block can hold. */
  protected encode(address: AcceptedAddressOf<F>): Uint8Array {
    const encoded = this.codec.encode(address, this);
    if (encoded.length > sockaddr.length) {
      throw wrongValue('address', `a sockaddr of at most ${sockaddr.length} bytes`, encoded.length);
    }
    return encoded;
  }

  /** The address that the last call left in the call block; undefined if it left none. */
  protected decode(): AddressOf<F> | undefined {
    const length = slots[Slot.addressLength]!;
    if (length <= 0) return undefined;
    addresses[length] ??= sockaddr.subarray(0, length);
    return this.codec.decode(addresses[length], this);
  }

  /** The socket of an accepted connection, which has the default timeout, and the peer's address. */
  protected accepted<S>(fd: number, make: (handle: Handle) => S): [connection: S, address: AddressOf<F>] {
    const { family, type, proto } = this.handle;
    const handle = new Handle(fd, family.number, type, proto, defaultTimeout());
    try {
      const address = this.decode() as AddressOf<F>;
      return [make(handle), address];
    } catch (error) {
      closeHandle(handle);
      throw error;
    }
  }

  /** A received message: what a family's code may overwrite comes first. */
  protected received<Data>(claimed: () => Data, control: ControlMemory | null): ReceivedMessage<F, Data> {
    const ancdata = ancillaryOf(control, true);
    try {
      const data = claimed();
      const msgFlags = slots[Slot.messageFlags] as number;
      const address = this.decode();
      return [data, ancdata, msgFlags, address];
    } catch (error) {
      closeRights(ancdata);
      throw error;
    }
  }

  /** Returns a binding's result, or throws the error that it stands for. */
  protected check(result: number, syscall: string, address?: unknown, method?: Callable): number {
    if (result < 0) this.fail(result, syscall, address, method);
    return result;
  }

  /** Throws the error that a binding's result stands for. Its frames begin at the caller of `method`. */
  protected fail(result: number, syscall: string, address?: unknown, method = this.methodOf(syscall)): never {
    const hint = this.handle.fd < 0 ? 'the socket is closed' : undefined;
    const error = osError(result, { syscall, address, hint });
    Error.captureStackTrace(error, method ?? this.fail);
    throw error;
  }

  /** The public method that makes a call: the frames of an error begin at its caller. */
  protected methodOf(syscall: string): Callable | undefined {
    return methodIn(BaseSocket.prototype, syscall);
  }

  // Only a failure pays for finding out that the socket is closed.
  protected closedHint<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      // The number has it anew.
      const { errno, winerror: _, ...details } = error;
      const told =
        this.handle.fd >= 0 ? error : new OSError(errno as number, { ...details, hint: 'the socket is closed' });
      Error.captureStackTrace(told, this.closedHint);
      throw told;
    }
  }
}

type Callable = (...args: never) => unknown;

/** The method of a name, of which it is certain that it runs: not a child's own, which may be called by another name. */
export function methodIn(prototype: object, name: string): Callable | undefined {
  return (prototype as Record<string, Callable>)[name];
}

/** Tells the audit hooks of a socket, which any of them may look at. */
type Announce = (handle: Handle, family: number, type: number, proto: number) => void;

/** Makes an open handle the socket's, unless a hook forbids it: then it is closed. */
function adopt(handle: Handle, announce: Announce): Handle {
  if (!audited('socket.__new__')) return handle;
  try {
    announce(handle, handle.family.number, handle.type, handle.proto);
    return handle;
  } catch (error) {
    closeHandle(handle);
    throw error;
  }
}

/** @param caller - The constructor, whose frames no error shows. */
function open(
  args: SocketArguments | [SocketOptions],
  announce: Announce,
  nonblocking: Nonblocking,
  caller: typeof BaseSocket,
): Handle {
  const { family, type, proto, fileno } = constructorArguments(args);
  const [defaultFamily, defaultType, defaultProto] = fileno === undefined ? [AF_INET, SOCK_STREAM, 0] : [-1, -1, -1];
  const wanted = [family ?? defaultFamily, type ?? defaultType, proto ?? defaultProto] as const;
  if (audited('socket.__new__')) announce(new Handle(-1, ...wanted, 0), ...wanted);
  try {
    if (fileno === undefined) return openHandle(...wanted, nonblocking);
    return adoptHandle(fileno, nonblocking, family, type, proto);
  } catch (error) {
    Error.captureStackTrace(error as Error, caller);
    throw error;
  }
}

/** The handle of a socket of either module, which gives it up. By its method: another copy of the package has other classes. */
export function surrendered(socket: BaseSocket): Handle {
  if (typeof socket?.surrender !== 'function') throw wrongType('socket', 'a Socket of either module', socket);
  return socket.surrender();
}

function encodeOption(
  value: number | boolean | BytesLike | null | undefined,
  optlen: number | undefined,
  wide: boolean,
): Uint8Array | null {
  if (optlen !== undefined) {
    if (value !== null && value !== undefined) {
      throw wrongType('optlen', 'nothing: it goes with the value null', optlen);
    }
    return null;
  }
  if (value === null) throw wrongType('optlen', 'a length beside the value null', optlen);
  if (typeof value === 'object') return bytes('value', value);
  if (typeof value !== 'number' && typeof value !== 'boolean')
    throw wrongType('value', "an integer or bytes, such as Buffer.from('eth0')", value);
  const number = Number(value);
  const array = wide
    ? BigInt64Array.of(BigInt(integer('value', number, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)))
    : Int32Array.of(integer('value', number, -(2 ** 31), 2 ** 32 - 1));
  return new Uint8Array(array.buffer);
}
