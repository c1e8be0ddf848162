import { loadAddon } from './loader';
import { Part, Slot } from './slot';
import { lengthOf as trueLength } from './view-length';

/** What a binding returns: a result of at least 0, or a negative errno. */
export type Result = number;

/** What gethostbyname(3) and gethostbyaddr(3) tell of a host. */
export type HostEntry = [hostname: string, aliaslist: string[], ipaddrlist: string[]];

type BatchBinding = (data: Uint8Array, records: Uint8Array, control: Uint8Array | null) => Result;

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
  gaiStrerror(code: number): string;
  getInheritable(fd: number): Result;
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
  recvmsg(buffers: Uint8Array | readonly Uint8Array[], control: Uint8Array | null): Result;
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
  shutdown(fd: number, how: number): Result;
  socket(family: number, type: number, proto: number): Result;
  /** The first descriptor; the second is in the call block. */
  socketpair(family: number, type: number, proto: number): Result;
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

  /** The names of `constants` whose number is the Linux kernel's, because they are not in the headers of the build. */
  readonly abiConstants: readonly string[];
  /** Of the engine's own memory, and shared, where it allows no other. */
  readonly callBlock: ArrayBufferLike;
  readonly constants: Readonly<Record<string, number | undefined>>;
  readonly errnos: Readonly<Record<string, number>>;
  /** Whether blocking sockets are non-blocking underneath, so that worker.terminate() can end their waits. */
  readonly interruptible: boolean;
}

/** What a binding returns, negated, when its timeout is over: larger than every errno. */
export const TIMED_OUT = 4096;

/** Stands in for an addon that cannot be loaded: packages still import, and the first call says what is wrong. */
function missing(error: unknown): Native {
  const data: Partial<Native> = {
    abiConstants: [],
    callBlock: new ArrayBuffer(2048),
    constants: {},
    errnos: {},
    interruptible: false,
  };
  const call = () => {
    throw error;
  };
  return new Proxy(data, { get: (target, name: keyof Native) => target[name] ?? call }) as Native;
}

/** Why there is no addon, if there is none. */
export let loadFailure: Error | undefined;

/** The addon as it is. */
interface Addon extends Native {
  /** `receive` into the memory of the last `receive`. */
  receiveKnown(): void;
  /** `send` and `sendall` of the message in the call block; if it has none, from the memory of the last call. */
  sendKnown(): void;
  sendallKnown(): void;
  /** What {@link withKnownMemory} has made of it: one for all copies of this package, which share the call block. */
  wrapped?: Loaded;
}

interface Loaded {
  readonly native: Native;
  /** `receive` into memory of this package's own, which has no length but its true one, and is kept in any case. */
  receiveOwn(memory: Uint8Array): Result;
}

/** The most bytes of memory that is kept for another call with it: more take so long that nothing is gained. */
const KNOWN_MOST = 64 * 1024;
/** The most bytes of memory to receive into that is this package's own, and is kept for the next receive. */
export const OWN_KNOWN_MOST = 2 ** 20;

/**
 * Makes the bindings of sending and receiving cheaper. Node-API takes more time to tell the address of a typed array than to
 * call the addon, so that memory is handed over once as long as it stays the same, and a short message is copied into the
 * call block. The results are left there too.
 */
function withKnownMemory(addon: Addon): Loaded {
  const { close, receive, receiveKnown, send, sendKnown, sendall, sendallKnown, ...others } = addon;
  const slots = new Int32Array(addon.callBlock, Part.integers);
  const message = new Uint8Array(addon.callBlock, Part.message);
  const { set } = Uint8Array.prototype;
  // The addon itself refuses what is no such view.
  const lengthOf = (view: Uint8Array): number =>
    ArrayBuffer.isView(view) && view instanceof Uint8Array ? trueLength(view) : 0;

  const none: Uint8Array = new Uint8Array(0);
  /**
   * What the addon knows, by the views. It holds as long as a view has its length: one whose buffer was detached has none.
   * And the last short message that was copied, since a program that sends from it again may do so many times.
   */
  const known = { sent: none, sentLength: 0, received: none, receivedLength: 0, copied: none };

  const receiveInto = (buffer: Uint8Array, length: number, most: number): Result => {
    if (buffer === known.received && length === known.receivedLength && length > 0) {
      receiveKnown();
    } else {
      receive(buffer);
      known.received = length > most ? none : buffer;
      known.receivedLength = length;
    }
    return slots[Slot.result]!;
  };
  const isKnown = (data: Uint8Array) => {
    const length = lengthOf(data);
    if (length === 0) return false;
    if (data === known.sent && length === known.sentLength) {
      slots[Slot.messageLength] = 0;
      return true;
    }
    // With flags a message may have to stay where it is (MSG_ZEROCOPY).
    if (length > message.length || data === known.copied || slots[Slot.flags] !== 0) return false;
    known.copied = data;
    set.call(message, data);
    slots[Slot.messageLength] = length;
    return true;
  };
  const keepSent = (data: Uint8Array) => {
    known.sentLength = lengthOf(data);
    known.sent = known.sentLength > KNOWN_MOST ? none : data;
  };

  const native: Native = {
    ...others,
    close(fd) {
      // A program that needs the memory no more has no other way to say so.
      known.sent = known.received = known.copied = none;
      return close(fd);
    },
    receive: (buffer) => receiveInto(buffer, lengthOf(buffer), KNOWN_MOST),
    send(data) {
      if (isKnown(data)) {
        sendKnown();
      } else {
        send(data);
        keepSent(data);
      }
      return slots[Slot.result]!;
    },
    sendall(data) {
      if (isKnown(data)) {
        sendallKnown();
      } else {
        sendall(data);
        keepSent(data);
      }
      return slots[Slot.result]!;
    },
  };
  return { native, receiveOwn: (memory) => receiveInto(memory, memory.length, OWN_KNOWN_MOST) };
}

function load(): Loaded {
  try {
    const addon = loadAddon() as Addon;
    addon.wrapped ??= withKnownMemory(addon);
    return addon.wrapped;
  } catch (error) {
    loadFailure = error as Error;
    const native = missing(error);
    return { native, receiveOwn: native.receive };
  }
}

const loaded = load();

/** The addon of this process. */
export const { native } = loaded;

export const { receiveOwn } = loaded;
