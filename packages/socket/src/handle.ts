import {
  int32,
  native,
  natural,
  osError,
  type Receiver,
  readiness,
  Slot,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  slots,
} from '@bsd-sockets/core-native';
import { defaultTimeout } from './default-timeout';
import { codecOf, type Family } from './family';
import { checkOption } from './options/option';

/** What a socket object stands for: its descriptor and how to use it. */
export class Handle implements Receiver {
  /** -1 once it is closed or detached. */
  fd: number;
  readonly family: Family<any, any>;
  readonly type: number;
  readonly proto: number;
  /** Seconds; -1 for none, 0 for non-blocking. */
  timeout: number;
  /** How many files of `makefile` need the descriptor: as long as one does, it stays open. */
  files = 0;
  /** Whether the descriptor should be closed with the last file. */
  closed = false;
  /** What has to let go of the descriptor before it is closed or given away: the channel of the promises that wait for it. */
  holder: { release(fd: number): void } | undefined;
  pool: Receiver['pool'];

  constructor(fd: number, family: number, type: number, proto: number, timeout: number) {
    this.fd = fd;
    this.family = codecOf(family);
    this.type = type;
    this.proto = proto;
    this.timeout = timeout;
  }
}

/** Throws the error of a failed binding, or returns its result. */
export function check(result: number, syscall: string, address?: unknown): number {
  if (result < 0) throw osError(result, { syscall, address });
  return result;
}

/** Whether the kernel is told not to wait, because this project does: see `interruptible` of the addon. */
export function kernelNonblocking(timeout: number): boolean {
  return timeout >= 0 || native.interruptible;
}

/** A SOCK_* number without the flags that it may carry. */
function plainType(type: number): number {
  return type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
}

function timeoutOf(type: number): number {
  return type & SOCK_NONBLOCK ? 0 : defaultTimeout();
}

/** Whether the kernel should not wait for a descriptor that has a timeout of so many seconds, or with -1 none. */
export type Nonblocking = (timeout: number) => boolean;

function opened(result: number, syscall: string, [family, type, proto]: [number, number, number]): number {
  if (result < 0) throw osError(result, { syscall, hint: `family ${family}, type ${type}, proto ${proto}` });
  return result;
}

export function openHandle(family: number, type: number, proto: number, nonblocking: Nonblocking): Handle {
  const timeout = timeoutOf(type);
  const opening = native.socket(family, type, proto, Number(nonblocking(timeout)));
  const fd = opened(opening, 'socket', [family, type, proto]);
  return new Handle(fd, family, plainType(type), proto, timeout);
}

export function openHandlePair(
  family: number,
  type: number,
  proto: number,
  nonblocking: Nonblocking,
): [Handle, Handle] {
  const pair = native.socketpair(family, type, proto, Number(nonblocking(timeoutOf(type))));
  const fd = opened(pair, 'socketpair', [family, type, proto]);
  const handleOf = (fd: number) => new Handle(fd, family, plainType(type), proto, timeoutOf(type));
  return [handleOf(fd), handleOf(slots[Slot.secondFd]!)];
}

/** How getsockname(2) says that a descriptor is none of a socket. */
const NO_SOCKET: ReadonlySet<number> = new Set([-(native.errnos.EBADF as number), -(native.errnos.ENOTSOCK as number)]);

/** An integer option of a descriptor. */
export function getIntegerOption(fd: number, level: number, option: number): number {
  const value = new Int32Array(1);
  checkOption(native.getsockopt(fd, level, option, new Uint8Array(value.buffer)), 'getsockopt', level, option);
  return value[0] as number;
}

/** The descriptors that {@link madeOf} is making something of, with the handles that have taken them over. */
const adopting = new Map<number, Handle | undefined>();

/**
 * What is made of a descriptor. If it cannot be made, the descriptor is closed, and so is the handle that has it by then: that
 * of a subclass, whose constructor has thrown after `super()`, would close the number once more when it is collected.
 */
export function madeOf<S>(fd: number, make: (fd: number) => S): S {
  adopting.set(fd, undefined);
  try {
    return make(fd);
  } catch (error) {
    const handle = adopting.get(fd);
    if (handle === undefined) native.close(fd);
    else closeHandle(handle);
    throw error;
  } finally {
    adopting.delete(fd);
  }
}

/**
 * Takes over a descriptor that is open already. What is not given is asked of the kernel. If anything fails, the
 * descriptor stays the caller's.
 */
export function adoptHandle(
  fileno: unknown,
  nonblocking: Nonblocking,
  family?: number,
  type?: number,
  proto?: number,
): Handle {
  const fd = natural('fileno', fileno);
  // Of any kind of descriptor but a socket this is an error, as in Python.
  const named = native.getsockname(fd);
  // Sockets without a name are sockets all the same: those of AF_ALG, and of Bluetooth's HCI before they are bound.
  if (NO_SOCKET.has(named)) check(named, 'getsockname');
  const actual = family ?? check(native.getFamily(fd), 'getsockopt');
  const flaggedType = type ?? getIntegerOption(fd, SOL_SOCKET, SO_TYPE);
  const protocol = proto ?? check(native.getProtocol(fd), 'getsockopt');
  const timeout = timeoutOf(flaggedType);
  const handle = new Handle(fd, int32('family', actual), plainType(flaggedType), protocol, timeout);
  if (nonblocking(timeout)) check(native.setNonblocking(fd, 1), 'fcntl');
  check(native.own(fd), 'fcntl');
  if (adopting.has(fd)) adopting.set(fd, handle);
  return handle;
}

/**
 * Takes the descriptor of a handle, which is about to be closed or given away, and ends what waits for it.
 *
 * @returns The descriptor; below 0 if the handle has none any more.
 */
export function takeDescriptor(handle: Handle): number {
  const { fd } = handle;
  if (fd < 0) return fd;
  // First of all, since a listener of the end may close or give away the same socket.
  handle.fd = -1;
  handle.holder?.release(fd);
  readiness.abandon(fd);
  return fd;
}

/** The descriptors of the selectors of this thread. */
export const selectors = new Set<number>();

/** Closes a descriptor, and takes it out of the selectors before: a duplicate that is open would keep it there. */
export function closeDescriptor(fd: number): number {
  for (const selector of selectors) native.changeSelector(selector, fd, 0, 0);
  return native.close(fd);
}

/** Closes a handle's descriptor; a second time does nothing. */
export function closeHandle(handle: Handle): void {
  const fd = takeDescriptor(handle);
  if (fd < 0) return;
  const result = closeDescriptor(fd);
  // The peer's reset says nothing of the descriptor, which is gone.
  if (result < 0 && result !== -(native.errnos.ECONNRESET as number)) throw osError(result, { syscall: 'close' });
}
