import { join } from 'node:path';
import { loadAddon } from './loader';

/** What a binding returns: a result of at least 0, or a negative errno. */
export type Result = number;

/**
 * The addon: one binding a system call, on descriptors. A blocking call takes a time-out in seconds (below 0: no
 * limit, 0: never wait) and returns `-TIMED_OUT` when it is over. Addresses come and go in the call block.
 */
export interface Native {
  /** accept4(2): the new descriptor, its peer's address in the call block. */
  accept(fd: number, nonblocking: number, timeout: number): Result;
  bind(fd: number, sockaddr: Uint8Array): Result;
  close(fd: number): Result;
  connect(fd: number, sockaddr: Uint8Array, timeout: number): Result;
  /** Takes `fd` from the descriptors that are closed when this thread ends. */
  disown(fd: number): Result;
  dup(fd: number): Result;
  gaiStrerror(code: number): string;
  getInheritable(fd: number): Result;
  /** Rows of [family, type, proto, canonname, sockaddr], or an EAI_* code (its errno in the call block). */
  getaddrinfo(
    host: Uint8Array | null,
    service: Uint8Array | null,
    family: number,
    type: number,
    proto: number,
    flags: number,
  ): [family: number, type: number, proto: number, canonname: string, sockaddr: Buffer][] | number;
  getpeername(fd: number): Result;
  getsockname(fd: number): Result;
  /** The bytes that were written into `value`. */
  getsockopt(fd: number, level: number, option: number, value: Uint8Array): Result;
  listen(fd: number, backlog: number): Result;
  /** Adds `fd` to the descriptors that are closed when this thread ends. */
  own(fd: number): Result;
  /** poll(2) on an array of `struct pollfd`: how many are ready, 0 when the time is over. */
  poll(entries: Uint8Array, timeout: number): Result;
  /** recvfrom(2) as the call block says. */
  receive(buffer: Uint8Array): Result;
  /** sendto(2) as the call block says. */
  send(data: Uint8Array): Result;
  /** send(2) until all is sent, as the call block says: 0. */
  sendall(data: Uint8Array): Result;
  setInheritable(fd: number, on: number): Result;
  setNonblocking(fd: number, on: number): Result;
  /** `length` counts where `value` is null. */
  setsockopt(fd: number, level: number, option: number, value: Uint8Array | null, length: number): Result;
  shutdown(fd: number, how: number): Result;
  socket(family: number, type: number, proto: number): Result;
  /** The first descriptor; the second is in the call block. */
  socketpair(family: number, type: number, proto: number): Result;
  strerror(errno: number): string;

  /** The names of `constants` whose number is the Linux kernel's, because the headers of the build lack them. */
  readonly abiConstants: readonly string[];
  readonly callBlock: ArrayBuffer;
  readonly constants: Readonly<Record<string, number | undefined>>;
  readonly errnos: Readonly<Record<string, number>>;
  /** Whether blocking sockets are non-blocking underneath, so that worker.terminate() can end their waits. */
  readonly interruptible: boolean;
}

/** What a binding returns, negated, when its time-out is over: larger than every errno. */
export const TIMED_OUT = 4096;

/** Stands in for an addon that cannot be loaded: packages still import, and the first call says what is wrong. */
function missing(error: unknown): Native {
  const data: Partial<Native> = {
    abiConstants: [],
    callBlock: new ArrayBuffer(512),
    constants: {},
    errnos: {},
    interruptible: false,
  };
  const call = () => {
    throw error;
  };
  return new Proxy(data, { get: (target, name: keyof Native) => target[name] ?? call }) as Native;
}

function load(): Native {
  try {
    return loadAddon(join(__dirname, '..')) as Native;
  } catch (error) {
    return missing(error);
  }
}

export const native = load();
