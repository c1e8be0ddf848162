import type { Layouts } from './struct-layout';

/** What a binding returns: a result of at least 0, or a negative errno. */
export type Result = number;

/** What gethostbyname(3) and gethostbyaddr(3) tell of a host. */
export type HostEntry = [hostname: string, aliaslist: string[], ipaddrlist: string[]];

type BatchBinding = (data: Uint8Array, records: Uint8Array, control: Uint8Array | null | undefined) => Result;

/**
 * The addon: one binding a system call, on descriptors. A blocking call takes a timeout in seconds (below 0: no
 * limit, 0: never wait) and returns `-TIMED_OUT` when it is over. Addresses come and go in the call block.
 *
 * A lookup in a name service takes a last argument `done`: with it the thread pool looks up, the binding returns the
 * lookup's number, of at least 1, and `done` gets the answer.
 */
export interface Native {
  /** accept4(2): the new descriptor, its peer's address in the call block. */
  accept(fd: number, nonblocking: number, timeout: number): Result;
  bind(fd: number, sockaddr: Uint8Array): Result;
  /** Keeps a lookup of the thread pool from running: its `done` gets undefined. -EBUSY once it runs, then -ENOENT. */
  cancelLookup(number: number): Result;
  /** Adds a descriptor to a selector, changes its events (1: readable, 2: writable, 4: exclusive), or takes it out: 0. */
  changeSelector(fd: number, member: number, events: number, isNew: number): Result;
  close(fd: number): Result;
  /** Tells the thread that watches a readiness set that the turn of the event loop is over in which it told of events. */
  acknowledgeReadiness(set: number): Result;
  /** Closes a readiness set whose JavaScript was forgotten. */
  closeReadiness(set: number): Result;
  connect(fd: number, sockaddr: Uint8Array, timeout: number): Result;
  /** Takes `fd` from the descriptors that are closed when this thread ends. */
  disown(fd: number): Result;
  dup(fd: number): Result;
  /** After SO_ERROR of a connect that has ended: lets go of what the kernel still keeps for another call that asks. 0. */
  finishConnect(fd: number, sockaddr: Uint8Array): Result;
  /** The descriptor of what {@link share} returned; -EINVAL for bytes of another length. */
  fromShare(info: Uint8Array): Result;
  gaiStrerror(code: number): string;
  /** The family that a socket was opened with. */
  getFamily(fd: number): Result;
  getInheritable(fd: number): Result;
  /** The protocol that a socket was opened with. */
  getProtocol(fd: number): Result;
  /** What `addressRows` reads, or an EAI_* code (its errno in the call block). */
  getaddrinfo(
    host: Uint8Array | null,
    service: Uint8Array | null,
    family: number,
    type: number,
    proto: number,
    flags: number,
    done?: (answer: Buffer | number) => void,
  ): Buffer | number;
  /** [hostname, aliaslist, ipaddrlist] of the host of a sockaddr, or an h_errno (its errno in the call block). */
  gethostbyaddr(sockaddr: Uint8Array, done?: (answer: HostEntry | number) => void): HostEntry | number;
  /** The same of the IPv4 host with a name. */
  gethostbyname(host: Uint8Array, done?: (answer: HostEntry | number) => void): HostEntry | number;
  gethostname(): Buffer | Result;
  /** [host, service], or an EAI_* code (its errno in the call block). */
  getnameinfo(
    sockaddr: Uint8Array,
    flags: number,
    done?: (answer: [host: string, service: string] | number) => void,
  ): [host: string, service: string] | number;
  getpeername(fd: number): Result;
  /** The number of a protocol; -ENOENT if there is none. */
  getprotobyname(name: Uint8Array, done?: (answer: Result) => void): Result;
  /** The port of a service; -ENOENT if there is none. */
  getservbyname(name: Uint8Array, protocol: Uint8Array | null, done?: (answer: Result) => void): Result;
  /** The name of a service; -ENOENT if there is none. */
  getservbyport(port: number, protocol: Uint8Array | null, done?: (answer: string | Result) => void): string | Result;
  getsockname(fd: number): Result;
  /** The bytes that were written into `value`. */
  getsockopt(fd: number, level: number, option: number, value: Uint8Array): Result;
  hstrerror(code: number): string;
  ifIndextoname(index: number): Buffer | Result;
  ifNameindex(): [index: number, name: Buffer][] | Result;
  ifNametoindex(name: Uint8Array): Result;
  /** ioctl(2) with a structure that holds no pointers: at most 16 KiB, which the kernel may change in place. */
  ioctl(fd: number, request: number, argument: Uint8Array): Result;
  /** ioctl(2) with a number; -EFAULT for a request that is known to take an address. */
  ioctlNumber(fd: number, request: number, argument: number): Result;
  /** The fewest bytes of a request's argument: what it takes, as far as the addon or its own bits tell; 0 otherwise. */
  ioctlSize(request: number): Result;
  /** Whether the event loop goes on while there is nothing but the readiness set. */
  keepAlive(set: number, on: number): Result;
  listen(fd: number, backlog: number): Result;
  /** mmap(2) of the receive ring of a packet socket: a number for it. */
  mapRing(fd: number, size: number): Result;
  /**
   * Opens a readiness set, and returns its number: see `readiness.ts`. It is watched by a thread, or by the event loop:
   * -ENOSYS if the runtime has no libuv.
   */
  openReadiness(listener: () => void, shared: Int32Array, byThread: number): Result;
  /** What keeps the JavaScript of readiness sets alive, and what closes the set of one that is forgotten. */
  realms?: { readonly held: Set<object>; readonly forgotten: FinalizationRegistry<number> };
  /** Opens a set of descriptors to wait for: its own descriptor, readable when one of them is ready. */
  openSelector(): Result;
  /** The clock of deadlines in microseconds: CLOCK_MONOTONIC, which `process.hrtime` is in Node only. */
  monotonicTime(): Result;
  /** Adds `fd` to the descriptors that are closed when this thread ends. */
  own(fd: number): Result;
  /** poll(2) on an array of `struct pollfd`: how many are ready, 0 when the time is over. */
  poll(entries: Uint8Array, timeout: number): Result;
  /** recvfrom(2) as the call block says; -EFAULT, as of all such calls, if `buffer` is shorter than it says. */
  receive(buffer: Uint8Array): Result;
  /**
   * recvmmsg(2) as the call block says, whose offset and length count messages: how many were received. It waits for the
   only for the first. `data` and `control` have equal parts for each message, `records` has what batch.cc calls a `Record`.
   */
  recvmmsg: BatchBinding;
  /** The same by a call for each message, as on a platform without the system call: for tests. */
  recvmmsgByOnes: BatchBinding;
  /**
   * recvmsg(2) as the call block says, into a list of buffers, of which it tells the length, or into the part of a single one
   * that it tells. The caller closes the descriptors that come in `control`.
   */
  recvmsg(buffers: Uint8Array | readonly Uint8Array[], control: Uint8Array | null | undefined): Result;
  /**
   * recvmsg(2) of descriptors: at most `Slot.controlLength` of them, which tells then how many have come to `descriptors`. The
   * caller closes them. `buffers` as for `recvmsg`.
   */
  recvRights(buffers: Uint8Array | readonly Uint8Array[]): Result;
  /** lseek(2), from the beginning: 0. */
  seek(fd: number, offset: number): Result;
  /** sendto(2) as the call block says. */
  send(data: Uint8Array): Result;
  /** send(2) until all is sent, as the call block says: 0. */
  sendall(data: Uint8Array): Result;
  /** sendmmsg(2) as the call block says: how many messages were sent; the memory as for `recvmmsg`. */
  sendmmsg: BatchBinding;
  /** The same by a call for each message, as on a platform without the system call: for tests. */
  sendmmsgByOnes: BatchBinding;
  /** sendmsg(2) as the call block says; `buffers` as for `recvmsg`. */
  sendmsg(buffers: Uint8Array | readonly Uint8Array[], control: Uint8Array | null): Result;
  /** sendmsg(2) of the first `Slot.controlLength` of `descriptors`; `buffers` as for `recvmsg`. */
  sendRights(buffers: Uint8Array | readonly Uint8Array[]): Result;
  /** sendfile(2): how many bytes, 0 at the end of the file. The position of `file` stays. */
  sendfile(fd: number, file: number, offset: number, count: number, timeout: number): Result;
  /** setsockopt(2) of an option that takes a `struct sock_fprog`; `program` is its instructions. */
  setFilter(fd: number, level: number, option: number, program: Uint8Array): Result;
  /** For how many seconds to look for more after a batch of events; -ENOSYS if a thread watches the set. */
  setBusyPoll(set: number, seconds: number): Result;
  setInheritable(fd: number, on: number): Result;
  setNonblocking(fd: number, on: number): Result;
  sethostname(name: Uint8Array): Result;
  /** `length` counts where `value` is null. */
  setsockopt(fd: number, level: number, option: number, value: Uint8Array | null, length: number): Result;
  /** WSADuplicateSocket: the WSAPROTOCOL_INFOW that the process makes a socket of, once. */
  share(fd: number, process: number): Buffer | Result;
  shutdown(fd: number, how: number): Result;
  socket(family: number, type: number, proto: number, nonblocking: number): Result;
  /** The first descriptor; the second is in the call block. */
  socketpair(family: number, type: number, proto: number, nonblocking: number): Result;
  strerror(errno: number): string;
  /** The first signal that has come of those that {@link watchSignal} was given, and was not taken; 0 if there is none. */
  takeSignal(): Result;
  /** Copies the block at `offset` of a ring, as much as there is room for, and gives it back to the kernel. */
  takeBlock(ring: number, offset: number, memory: Uint8Array): Result;
  /** munmap(2) of a ring. */
  unmapRing(ring: number): Result;
  /** Takes a descriptor from the readiness set, before it is closed. */
  unwatch(set: number, fd: number): Result;
  /** Gives a signal back its action, unless Node has a handler: 1 if it has come and was not taken, else 0. */
  unwatchSignal(signum: number): Result;
  /** Waits until the kernel hands over the block at `offset` of a ring: the bytes that it has. */
  waitForBlock(fd: number, ring: number, offset: number, timeout: number): Result;
  /** Waits for a selector: how many pairs of descriptor and events, of 32 bits each, are in `ready`; 0 when the time is over. */
  waitSelector(fd: number, ready: Uint8Array, timeout: number): Result;
  /** Adds a descriptor to the readiness set, which hands the generation back with each event. */
  watch(set: number, fd: number, generation: number): Result;
  /** Lets a signal end the waits of the main thread: a descriptor, readable when one comes. -EOPNOTSUPP in a worker. */
  watchSignal(signum: number): Result;

  /** The names of `constants` whose number is of a table, because they are not in the headers of the build. */
  readonly abiConstants: readonly string[];
  /** Of the engine's own memory, and shared, where it allows no other. */
  readonly callBlock: ArrayBufferLike;
  /** The errno of a connect that goes on by itself. */
  readonly connecting: number;
  readonly constants: Readonly<Record<string, number | undefined>>;
  readonly errnos: Readonly<Record<string, number>>;
  /** Whether blocking sockets are non-blocking underneath, so that worker.terminate() can end their waits. */
  readonly interruptible: boolean;
  /** Those of the structures of `struct-layout.ts` that the platform has. */
  readonly layout: Partial<Layouts>;
}

/** What a binding returns, negated, when its timeout is over: larger than every errno. */
export const TIMED_OUT = 2 ** 20;
