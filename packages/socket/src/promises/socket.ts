import type { Socket as NetSocket, Server } from 'node:net';
import {
  type Abortable,
  audit,
  type BytesLike,
  bytes,
  claim,
  done,
  fillCall,
  int32,
  integer,
  isOptions,
  join,
  lengthOf,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_PEEK,
  MSG_WAITALL,
  native,
  natural,
  OSError,
  optionsOf,
  receiveBuffer,
  refuse,
  rejecting,
  reserve,
  SO_ACCEPTCONN,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  sockaddr,
  totalLength,
} from '@bsd-sockets/core-native';
import type { AcceptedAddressOf, AddressOf } from '@bsd-sockets/resolver';
import { type AfalgOptions, afalgControl } from '../afalg';
import { BaseSocket, surrendered } from '../base-socket';
import type { SocketArguments, SocketOptions } from '../constructor-arguments';
import {
  type AncillaryData,
  type AncillaryDataLike,
  type ControlMemory,
  encodeControl,
} from '../control-messages/cmsg';
import type { AF_INET } from '../families/inet';
import { isTcp } from '../family-rules';
import { type Buffering, type FileMode, type FileOptions, fileOptionsOf } from '../files/makefile';
import type { TextOptions } from '../files/text-io-wrapper';
import { check, closeHandle, type Handle } from '../handle';
import { complete, copyOfFirst, memoryForAll, withPartial } from '../incomplete-read-error';
import { gatherBuffers, gathered, lengthInto, reserveControl, viewsFrom } from '../message';
import { batchToSend, checkBatch, MessageBatch, type MessageToSend, type ReceivedMessage } from '../message-batch';
import type { SendfileSource } from '../sendfile';
import { SocketDuplex, type SocketDuplexOptions, type StreamHost } from '../streams/duplex';
import { netServer, netSocket } from '../streams/net';
import { type Attempt, belongs, type Call, isTimedOut, MORE, nameMethods, signalOf } from './call';
import { Channel } from './channel';
import { connecting, errnoOf } from './connecting';
import {
  CHUNKS_OPTIONS,
  type ChunksOptions,
  DATAGRAMS_OPTIONS,
  type DatagramSender,
  type DatagramsOptions,
  ITERATION_OPTIONS,
  type IterationOptions,
  untilClosed,
} from './iteration';
import { type FileOf, makefile } from './makefile';
import { resolveAddresses } from './resolve-addresses';
import { sendfile } from './sendfile';

const { receive, send } = native;

/** The most that one system call transfers on Linux; more than a `Buffer` can be asked for elsewhere. */
const MOST = 2 ** 31 - 1;
/** How much one attempt of `sendall`, or of a receive of all, transfers before others have their turn. */
const TURN_MOST = 2 ** 20;
/** These flags say "do not wait": a timeout does not apply. */
const NO_WAIT = MSG_DONTWAIT! | (MSG_ERRQUEUE ?? 0);

/** How the bytes that make up one answer are received. */
interface Parts<T> {
  /** Receives more, behind what has come: how many bytes, or a negative errno. */
  receive(done: number): number;
  /** Makes the result of what has come so far. */
  finish(done: number): T;
  /** Whether nothing may be added to a result. */
  ends?(result: T): boolean;
  /** What has come, for an error. */
  partial(done: number): Buffer | undefined;
}

const NO_ANCILLARY: readonly AncillaryDataLike[] = [];

let lastUsual: Call | undefined;

/** Made once: what waits keeps it, and there may be as many waits as sockets. */
const same = <T>(value: T): T => value;

type SendtoTail<F extends number> = [flags: number, address: AcceptedAddressOf<F>, options?: Abortable];

/** What `accept` gives: the socket of the connection, and the peer's address. */
export type AcceptedConnection<F extends number = any> = [connection: Socket<F, Buffer>, address: AddressOf<F>];

// Another name than the blocking class, in the messages of a compiler and in stacks.
class AsyncSocket<F extends number = any, Item = any> extends BaseSocket<F> implements AsyncDisposable {
  private readonly channel: Channel;
  /** Whether a receive that gets less than it asked for has emptied the socket: that is sure only of TCP. */
  private readonly drains: boolean;

  constructor(...args: [SocketOptions<F> | Handle | null] | SocketArguments<F>) {
    super(...args);
    this.channel = new Channel(this.handle);
    this.drains = isTcp(this);
  }

  static from<F extends number>(socket: BaseSocket<F>): AsyncSocket<F> {
    const handle = surrendered(socket);
    try {
      check(native.setNonblocking(handle.fd, 1), 'fcntl');
      return new AsyncSocket<F>(handle);
    } catch (error) {
      closeHandle(handle);
      throw error;
    }
  }

  /**
   * Gives the socket its own address. Unless a host name has to be looked up, this is done when the call returns.
   *
   * @param address - An address of the socket's family, such as `['127.0.0.1', 0]`.
   * @param options - `signal`: ends the wait for the name service.
   * @throws {@link OSError}, such as EADDRINUSE; {@link AbortError}; TypeError or RangeError for an address of another
   *   shape; {@link GaiError} for a host that cannot be found.
   *
   * Source: bind(2)
   */
  override bind(address: AcceptedAddressOf<F>, options?: Abortable): Promise<void> {
    return this.withAddress('bind', address, options, (resolved) => {
      super.bind(resolved);
      return done();
    });
  }

  /**
   * Waits for a connection.
   *
   * @param options - `signal`: ends the wait.
   * @returns The socket of the connection, which has the default timeout, and the peer's address.
   * @throws {@link OSError}; {@link TimeoutError}; {@link BlockingIOError}; {@link AbortError}.
   *
   * Source: accept(2)
   */
  accept(options?: Abortable): Promise<AcceptedConnection<F>> {
    return this.call('accept', options, (call) => this.channel.reads.run(call, () => this.takeConnection()));
  }

  /**
   * The connections of a listening socket, until it is closed. A passing error, such as EMFILE, does not end it: it pauses
   * and goes on.
   *
   * @param options - `signal`: ends the iteration with an {@link AbortError}; `onError`: is told of each passing error.
   * @returns Of each the socket and the peer's address, as from {@link accept}; it throws what else `accept` throws.
   */
  connections(options?: IterationOptions): AsyncIterableIterator<AcceptedConnection<F>> {
    return untilClosed(this.handle, this.channel, optionsOf(options, ITERATION_OPTIONS), (abortable) =>
      this.accept(abortable),
    );
  }

  /**
   * What `for await` goes through: of a stream that is connected its {@link chunks}, of a socket that listens its
   * {@link connections}.
   *
   * @param options - As for the one or the other.
   * @returns As the one or the other.
   */
  [Symbol.asyncIterator](options?: IterationOptions | ChunksOptions): AsyncIterableIterator<Item> {
    return (this.isConnection() ? this.chunks(options) : this.connections(options)) as AsyncIterableIterator<any>;
  }

  /**
   * Connects to an address.
   *
   * @param address - An address of the socket's family.
   * @param options - `signal`: ends the wait. The kernel goes on connecting: close the socket to end that too.
   * @throws {@link OSError}, such as ECONNREFUSED; {@link TimeoutError}; {@link BlockingIOError} (EINPROGRESS) if the
   *   timeout is 0; {@link AbortError}; {@link GaiError} for a host that cannot be found.
   *
   * Source: connect(2)
   */
  connect(address: AcceptedAddressOf<F>, options?: Abortable): Promise<void> {
    return this.withAddress('connect', address, options, (resolved, call) => {
      const encoded = this.encode(resolved);
      audit('socket.connect', this, address);
      return this.channel.writes.run({ ...call, held: this }, connecting(this.handle, this.channel, encoded));
    });
  }

  /**
   * Connects to an address, and resolves to an errno in place of a rejection by the system call.
   *
   * @param address - An address of the socket's family.
   * @param options - As for {@link connect}.
   * @returns 0, or an errno such as ECONNREFUSED or EINPROGRESS; EAGAIN when the timeout is over.
   * @throws {@link GaiError} for a host that cannot be found; {@link AbortError}; TypeError or RangeError for an address
   *   of another shape.
   *
   * Source: connect(2); Python's `socket.connect_ex`
   */
  connectEx(address: AcceptedAddressOf<F>, options?: Abortable): Promise<number> {
    return this.connect(address, options).then(() => 0, errnoOf);
  }

  /**
   * Sends bytes to the connected peer.
   *
   * @param data - Any buffer or view, which must not change until the promise is settled. Its length counts as it is now; if it
   *   is shorter when its turn comes, the call is rejected with EFAULT.
   * @param flags - MSG_* constants, joined by `|`.
   * @param options - `signal`: ends the wait.
   * @returns How many bytes were sent, which may be fewer than there are.
   * @throws {@link OSError}, such as EPIPE; {@link TimeoutError}; {@link BlockingIOError}; {@link AbortError}; TypeError
   *   (`ERR_INVALID_ARG_TYPE`) if `data` is a string.
   *
   * Source: send(2)
   */
  send(data: BytesLike, flags?: number, options?: Abortable): Promise<number>;
  send(data: BytesLike, options?: Abortable): Promise<number>;
  send(data: BytesLike, flags: any = 0, options?: Abortable): Promise<number> {
    if (isOptions(flags) && options === undefined) return this.send(data, 0, flags);
    return this.call('send', options, (call) => {
      const view = bytes('data', data);
      const limits = limited(call, flags);
      return this.channel.writes.run(limits, this.sending(view, flags, null, limits));
    });
  }

  /**
   * Sends all the bytes, within one timeout; no other send comes in between. After an error there is no telling how many
   * were sent.
   *
   * @param data - Any buffer or view, which must not change until the promise is settled. Its length counts as it is now; if it
   *   is shorter when its turn comes, the call is rejected with EFAULT.
   * @param flags - MSG_* constants, joined by `|`.
   * @param options - `signal`: ends the wait.
   * @throws {@link OSError}; {@link TimeoutError}; {@link BlockingIOError}; {@link AbortError}; TypeError
   *   (`ERR_INVALID_ARG_TYPE`).
   *
   * Source: send(2); Python's `socket.sendall`
   */
  sendall(data: BytesLike, flags?: number, options?: Abortable): Promise<void>;
  sendall(data: BytesLike, options?: Abortable): Promise<void>;
  sendall(data: BytesLike, flags: any = 0, options?: Abortable): Promise<void> {
    if (isOptions(flags) && options === undefined) return this.sendall(data, 0, flags);
    return this.writing<void>('sendall', flags, options, () => {
      const view = bytes('data', data);
      const length = lengthOf(view);
      let sent = 0;
      return () => {
        const end = sent + TURN_MOST;
        do {
          this.prepare(sent, length - sent, flags, 0);
          const result = send(view);
          if (result < 0) return result;
          sent += result;
          // A peer that takes as much as there is would hold up everybody else.
          if (sent >= end && sent < length) return -MORE;
        } while (sent < length);
        return undefined;
      };
    });
  }

  /**
   * Sends a datagram to an address.
   *
   * @param data - Any buffer or view, which must not change until the promise is settled. Its length counts as it is now; if it
   *   is shorter when its turn comes, the call is rejected with EFAULT.
   * @param flags - MSG_* constants, joined by `|`; may be left out.
   * @param address - Where to.
   * @param options - `signal`: ends the wait.
   * @returns How many bytes were sent.
   * @throws {@link OSError}, such as EMSGSIZE; {@link TimeoutError}; {@link BlockingIOError}; {@link AbortError};
   *   {@link GaiError}; TypeError or RangeError for a bad argument.
   *
   * Source: sendto(2)
   */
  sendto(data: BytesLike, address: AcceptedAddressOf<F>, options?: Abortable): Promise<number>;
  sendto(data: BytesLike, flags: number, address: AcceptedAddressOf<F>, options?: Abortable): Promise<number>;
  sendto(data: BytesLike, ...tail: unknown[]): Promise<number> {
    const [flags, address, options] = (typeof tail[0] === 'number' ? tail : [0, ...tail]) as SendtoTail<F>;
    return this.withAddress('sendto', address, options, (resolved, call) => {
      const view = bytes('data', data);
      const encoded = this.encode(resolved);
      audit('socket.sendto', this, address);
      const limits = limited(call, flags);
      return this.channel.writes.run(limits, this.sending(view, flags, encoded, limits));
    });
  }

  /**
   * Receives bytes.
   *
   * @param bufsize - At most how many.
   * @param flags - MSG_* constants, joined by `|`; MSG_WAITALL as for {@link recv}.
   * @param options - `signal`: ends the wait.
   * @returns What was received: fewer bytes than asked for as a rule, none at the end of a stream. MSG_WAITALL has a stream
   *   give all that was asked for, less only where it ends, or the time does; an error has what had come as its `partial`.
   * @throws {@link OSError}, such as ECONNRESET; {@link TimeoutError}; {@link BlockingIOError}; {@link AbortError};
   *   RangeError (`ERR_OUT_OF_RANGE`) for a negative size.
   *
   * Source: recv(2)
   */
  recv(bufsize: number, flags?: number, options?: Abortable): Promise<Buffer>;
  recv(bufsize: number, options?: Abortable): Promise<Buffer>;
  recv(bufsize: number, flags: any = 0, options?: Abortable): Promise<Buffer> {
    if (isOptions(flags) && options === undefined) return this.recv(bufsize, 0, flags);
    return this.receiving('recv', bufsize, flags, options, 0, same);
  }

  /**
   * Receives exactly so many bytes of a stream, within one timeout; no other receive takes any in between.
   *
   * @param nbytes - How many, 0 or more. Memory for all of them is taken at once.
   * @param options - `signal`: ends the wait.
   * @returns The bytes, none missing.
   * @throws {@link IncompleteReadError} if the stream ends before; {@link OSError}, such as ECONNRESET;
   *   {@link TimeoutError}; {@link BlockingIOError}; {@link AbortError}. What had come by then is the error's `partial`.
   *   RangeError: `ERR_INVALID_ARG_VALUE` for a socket that is no stream, `ERR_OUT_OF_RANGE` for a number out of range.
   *
   * Source: recv(2); Python's `asyncio.StreamReader.readexactly`
   */
  recvExactly(nbytes: number, options?: Abortable): Promise<Buffer> {
    return this.call('recvExactly', options, (call) => {
      const memory = memoryForAll(this.handle, nbytes);
      const parts = this.partsOf(memory, nbytes, 0, 0, same);
      return this.collecting(call, nbytes, parts, false).then((done) => complete(memory, done));
    });
  }

  /**
   * Receives bytes and tells who sent them.
   *
   * @param bufsize - At most how many.
   * @param flags - MSG_* constants, joined by `|`; MSG_WAITALL as for {@link recv}.
   * @param options - `signal`: ends the wait.
   * @returns The bytes and the sender's address: undefined if it has none, or the protocol tells none.
   * @throws As {@link recv}.
   *
   * Source: recvfrom(2)
   */
  recvfrom(
    bufsize: number,
    flags?: number,
    options?: Abortable,
  ): Promise<[data: Buffer, address: AddressOf<F> | undefined]>;
  recvfrom(bufsize: number, options?: Abortable): Promise<[data: Buffer, address: AddressOf<F> | undefined]>;
  recvfrom(
    bufsize: number,
    flags: any = 0,
    options?: Abortable,
  ): Promise<[data: Buffer, address: AddressOf<F> | undefined]> {
    if (isOptions(flags) && options === undefined) return this.recvfrom(bufsize, 0, flags);
    return this.receiving('recvfrom', bufsize, flags, options, sockaddr.length, (data) => [data, this.decode()]);
  }

  /**
   * Receives bytes into memory of the caller.
   *
   * @param buffer - Where to put them, from its beginning on. It is written to before the promise is settled. If it is shorter
   *   by then, the call is rejected with EFAULT and takes nothing from the socket.
   * @param nbytes - At most how many; 0 for as many as fit.
   * @param flags - MSG_* constants, joined by `|`; MSG_WAITALL as for {@link recv}.
   * @param options - `signal`: ends the wait.
   * @returns How many bytes were received; with MSG_TRUNC the length of the whole datagram, which may be more.
   * @throws As {@link recv}; RangeError (`ERR_INVALID_ARG_VALUE`) if `nbytes` is more than the buffer holds.
   *
   * Source: recv(2); Python's `socket.recv_into`
   */
  recvInto(buffer: BytesLike, nbytes?: number, flags?: number, options?: Abortable): Promise<number>;
  recvInto(buffer: BytesLike, options?: Abortable): Promise<number>;
  recvInto(buffer: BytesLike, nbytes: any = 0, flags = 0, options?: Abortable): Promise<number> {
    if (isOptions(nbytes) && flags === 0 && options === undefined) return this.recvInto(buffer, 0, 0, nbytes);
    return this.receivingInto('recvInto', buffer, nbytes, flags, options, 0, same);
  }

  /**
   * Receives bytes into memory of the caller and tells who sent them.
   *
   * @param buffer - Where to put them, from its beginning on. It is written to before the promise is settled. If it is shorter
   *   by then, the call is rejected with EFAULT and takes nothing from the socket.
   * @param nbytes - At most how many; 0 for as many as fit.
   * @param flags - MSG_* constants, joined by `|`; MSG_WAITALL as for {@link recv}.
   * @param options - `signal`: ends the wait.
   * @returns How many bytes were received, and the sender's address as from {@link recvfrom}.
   * @throws As {@link recvInto}.
   *
   * Source: recvfrom(2); Python's `socket.recvfrom_into`
   */
  recvfromInto(
    buffer: BytesLike,
    nbytes?: number,
    flags?: number,
    options?: Abortable,
  ): Promise<[nbytes: number, address: AddressOf<F> | undefined]>;
  recvfromInto(buffer: BytesLike, options?: Abortable): Promise<[nbytes: number, address: AddressOf<F> | undefined]>;
  recvfromInto(
    buffer: BytesLike,
    nbytes: any = 0,
    flags = 0,
    options?: Abortable,
  ): Promise<[nbytes: number, address: AddressOf<F> | undefined]> {
    if (isOptions(nbytes) && flags === 0 && options === undefined) return this.recvfromInto(buffer, 0, 0, nbytes);
    return this.receivingInto('recvfromInto', buffer, nbytes, flags, options, sockaddr.length, (received) => [
      received,
      this.decode(),
    ]);
  }

  /**
   * The datagrams that come, until the socket is closed. A passing error, such as ECONNREFUSED, does not end it: it pauses
   * and goes on.
   *
   * @param options - `bufsize`: the most bytes of one, 65536 by default; `flags`: MSG_* constants; `signal`: ends the
   *   iteration with an {@link AbortError}; `onError`: is told of each passing error.
   * @returns Of each the bytes and the sender's address, as from {@link recvfrom}; it throws what else `recvfrom` throws.
   */
  datagrams(options?: DatagramsOptions | null): AsyncIterableIterator<[data: Buffer, address: DatagramSender<F>]> {
    const { bufsize = 65536, flags = 0, ...iteration } = optionsOf<DatagramsOptions>(options, DATAGRAMS_OPTIONS);
    integer('bufsize', bufsize, 1, MOST);
    int32('flags', flags);
    const receive = (abortable: Abortable) => this.recvfrom(bufsize, flags, abortable);
    return untilClosed(
      this.handle,
      this.channel,
      iteration,
      receive as (abortable: Abortable) => Promise<[Buffer, DatagramSender<F>]>,
    );
  }

  /**
   * What a stream brings, as it comes, until its end or until the socket is closed.
   *
   * @param options - `bufsize`: the most bytes of a chunk, 65536 by default; `flags`: MSG_* constants; `signal`: ends the
   *   iteration with an {@link AbortError}.
   * @returns The chunks, each of 1 byte or more; it throws what {@link recv} throws.
   */
  async *chunks(options?: ChunksOptions | null): AsyncGenerator<Buffer, void, undefined> {
    const { handle } = this;
    let begun = false;
    try {
      const { bufsize = 65536, flags = 0, signal } = optionsOf<ChunksOptions>(options, CHUNKS_OPTIONS);
      integer('bufsize', bufsize, 1, MOST);
      int32('flags', flags);
      begun = true;
      for (let data = await this.recv(bufsize, flags, { signal }); data.length > 0; ) {
        yield data;
        data = await this.recv(bufsize, flags, { signal });
      }
    } catch (error) {
      // As of connections and datagrams, who closes the socket has ended it.
      if (!begun || handle.fd >= 0) return refuse(error);
    }
  }

  /**
   * Sends a message from several buffers, with control messages.
   *
   * @param buffers - The bytes, in any number of buffers up to IOV_MAX, which must not change until the promise is settled.
   * @param ancdata - Any number of control messages `[level, type, data]`, such as `ScmRights.encode([fd])`.
   * @param flags - MSG_* constants, joined by `|`.
   * @param address - Where to, for a socket that is not connected; null for none.
   * @param options - `signal`: ends the wait.
   * @returns How many bytes were sent, which for a stream may be fewer than there are.
   * @throws {@link OSError}, such as EMSGSIZE, or EINVAL for a control message that the kernel refuses;
   *   {@link TimeoutError}; {@link BlockingIOError}; {@link AbortError}; {@link GaiError}; TypeError or RangeError for a
   *   bad argument.
   *
   * Source: sendmsg(2)
   */
  sendmsg(
    buffers: Iterable<BytesLike>,
    ancdata?: Iterable<AncillaryDataLike>,
    flags?: number,
    address?: AcceptedAddressOf<F> | null,
    options?: Abortable,
  ): Promise<number>;
  sendmsg(buffers: Iterable<BytesLike>, options?: Abortable): Promise<number>;
  sendmsg(
    buffers: Iterable<BytesLike>,
    ancdata: any = NO_ANCILLARY,
    flags = 0,
    address?: AcceptedAddressOf<F> | null,
    options?: Abortable,
  ): Promise<number> {
    if (isOptions(ancdata) && flags === 0 && address === undefined && options === undefined) {
      return this.sendmsg(buffers, NO_ANCILLARY, 0, null, ancdata);
    }
    const begin = (resolved: AcceptedAddressOf<F> | undefined, call: Call) => {
      const views = gatherBuffers(buffers);
      const length = totalLength(views);
      const control = ancdata === NO_ANCILLARY ? null : encodeControl(ancdata);
      const encoded = resolved === undefined ? undefined : this.encode(resolved);
      audit('socket.sendmsg', this, address);
      return this.channel.writes.run(limited(call, flags), () => {
        if (encoded !== undefined) sockaddr.set(encoded);
        this.prepare(0, length, flags, encoded?.length ?? 0);
        return native.sendmsg(gathered(views), control);
      });
    };
    if (address !== undefined && address !== null) return this.withAddress('sendmsg', address, options, begin);
    return this.call('sendmsg', options, (call) => begin(undefined, call));
  }

  /**
   * Sends bytes to a cipher or hash of the kernel, with its parameters.
   *
   * @param msg - The bytes, in any number of buffers up to IOV_MAX, which must not change until the promise is settled.
   * @param options - `op`: ALG_OP_ENCRYPT or ALG_OP_DECRYPT; `iv`: the initialization vector; `assoclen`: bytes of
   *   associated data, 0 to 2³² - 1; `flags`: MSG_* constants, joined by `|`; `signal`: ends the wait.
   * @returns How many bytes were sent.
   * @throws {@link OSError}: EOPNOTSUPP for a socket of another family; as {@link sendmsg}.
   *
   * Source: Python's `socket.sendmsg_afalg`; Linux, Documentation/crypto/userspace-if.rst
   */
  sendmsgAfalg(msg: Iterable<BytesLike> | null | undefined, options: AfalgOptions & Abortable): Promise<number> {
    return rejecting(() => {
      const ancdata = afalgControl(this.family, options, { signal: true });
      return this.sendmsg(msg ?? [], ancdata, options.flags, null, { signal: options.signal });
    });
  }

  /**
   * Receives bytes and control messages.
   *
   * @param bufsize - At most how many bytes.
   * @param ancbufsize - The bytes of memory for control messages: the sum of the `CMSG_SPACE` of each; 0 for none.
   * @param flags - MSG_* constants, joined by `|`; MSG_WAITALL as for {@link recv}, up to bytes that control messages
   *   come with.
   * @param options - `signal`: ends the wait.
   * @returns The bytes; the control messages `[level, type, data]` (see `readControl`); MSG_* constants that tell of the
   *   message, such as MSG_TRUNC (the bytes were cut short) and MSG_CTRUNC (the control messages were); and the sender's
   *   address as from {@link recvfrom}. Descriptors among them are close-on-exec, and the caller's to close.
   * @throws As {@link recv}; received descriptors are closed then.
   *
   * Source: recvmsg(2)
   */
  recvmsg(
    bufsize: number,
    ancbufsize?: number,
    flags?: number,
    options?: Abortable,
  ): Promise<[data: Buffer, ancdata: AncillaryData[], msgFlags: number, address: AddressOf<F> | undefined]>;
  recvmsg(
    bufsize: number,
    options?: Abortable,
  ): Promise<[data: Buffer, ancdata: AncillaryData[], msgFlags: number, address: AddressOf<F> | undefined]>;
  recvmsg(
    bufsize: number,
    ancbufsize: any = 0,
    flags = 0,
    options?: Abortable,
  ): Promise<[data: Buffer, ancdata: AncillaryData[], msgFlags: number, address: AddressOf<F> | undefined]> {
    if (isOptions(ancbufsize) && flags === 0 && options === undefined) return this.recvmsg(bufsize, 0, 0, ancbufsize);
    return this.call('recvmsg', options, (call) => {
      natural('bufsize', bufsize);
      const control = reserveControl(ancbufsize);
      if (this.collects(flags)) {
        // What does not come stays zero.
        const memory = Buffer.alloc(bufsize);
        return this.receivingMessage(call, [memory], control, flags, (done) => memory.subarray(0, done));
      }
      return this.channel.reads.run(limited(call, flags), () => {
        const { handle } = this;
        const memory = reserve(handle, bufsize, flags);
        this.prepare(memory.used, bufsize, flags, 0);
        const received = native.recvmsg(memory.bytes, control?.bytes);
        return received < 0 ? received : this.received(() => claim(handle, memory, bufsize, received), control);
      });
    });
  }

  /**
   * Receives bytes into buffers of the caller, one after the other, and control messages.
   *
   * @param buffers - Where to put the bytes: any number of buffers up to IOV_MAX. They are written to before the promise
   *   is settled.
   * @param ancbufsize - As for {@link recvmsg}.
   * @param flags - As for {@link recvmsg}.
   * @param options - `signal`: ends the wait.
   * @returns How many bytes were received, which with MSG_TRUNC may be more than there is room for; the rest as from
   *   {@link recvmsg}.
   * @throws As {@link recvmsg}.
   *
   * Source: recvmsg(2); Python's `socket.recvmsg_into`
   */
  recvmsgInto(
    buffers: Iterable<BytesLike>,
    ancbufsize?: number,
    flags?: number,
    options?: Abortable,
  ): Promise<[nbytes: number, ancdata: AncillaryData[], msgFlags: number, address: AddressOf<F> | undefined]>;
  recvmsgInto(
    buffers: Iterable<BytesLike>,
    options?: Abortable,
  ): Promise<[nbytes: number, ancdata: AncillaryData[], msgFlags: number, address: AddressOf<F> | undefined]>;
  recvmsgInto(
    buffers: Iterable<BytesLike>,
    ancbufsize: any = 0,
    flags = 0,
    options?: Abortable,
  ): Promise<[nbytes: number, ancdata: AncillaryData[], msgFlags: number, address: AddressOf<F> | undefined]> {
    if (isOptions(ancbufsize) && flags === 0 && options === undefined)
      return this.recvmsgInto(buffers, 0, 0, ancbufsize);
    return this.call('recvmsgInto', options, (call) => {
      const views = gatherBuffers(buffers);
      return this.receivingMessage(call, views, reserveControl(ancbufsize), flags, same);
    });
  }

  /**
   * Receives messages, as many as there are, with one system call. It waits only for the first.
   *
   * @param batch - Where to put them: it holds these messages afterwards, and no others; until the promise is settled it
   *   must not be used otherwise. Descriptors in control data are close-on-exec, and the caller's to close (see
   *   {@link MessageBatch.closeRights}).
   * @param count - In place of a batch: at most how many messages, from 1 to IOV_MAX (1024).
   * @param size - The most bytes of each, 1 or more.
   * @param ancbufsize - The most bytes of control data of each; 0 for none.
   * @param flags - MSG_* constants, joined by `|`.
   * @param options - `signal`: ends the wait.
   * @returns How many messages, 1 or more; without a batch, the messages, which nobody else will write to. Received
   *   descriptors are closed if there is an error instead.
   * @throws {@link OSError}; {@link TimeoutError}; {@link BlockingIOError}; {@link AbortError}. An error behind the first
   *   message is that of the next call. TypeError (`ERR_INVALID_ARG_TYPE`); RangeError (`ERR_OUT_OF_RANGE`, or
   *   `ERR_INVALID_ARG_VALUE` for a batch of another family).
   *
   * Source: recvmmsg(2)
   */
  recvmmsg(batch: MessageBatch<F>, flags?: number, options?: Abortable): Promise<number>;
  recvmmsg(batch: MessageBatch<F>, options?: Abortable): Promise<number>;
  recvmmsg(
    count: number,
    size: number,
    ancbufsize?: number,
    flags?: number,
    options?: Abortable,
  ): Promise<ReceivedMessage<F>[]>;
  recvmmsg(count: number, size: number, options?: Abortable): Promise<ReceivedMessage<F>[]>;
  recvmmsg(first: MessageBatch<F> | number, ...rest: unknown[]): Promise<number> | Promise<ReceivedMessage<F>[]> {
    if (typeof first !== 'number') {
      const [flags, options] = (isLastOptions(rest, 0) ? [0, ...rest] : rest) as [flags?: number, options?: Abortable];
      return this.receivingBatch(
        flags,
        options,
        () => checkBatch(first, this),
        (batch) => batch.length,
      );
    }
    const given = isLastOptions(rest, 1) ? [rest[0], 0, 0, rest[1]] : rest;
    const [size, ancbufsize, flags, options] = given as [number, number?, number?, Abortable?];
    return this.receivingBatch(
      flags,
      options,
      () => new MessageBatch<F>(this, first, size, ancbufsize),
      (batch) => batch.takeMessages(),
    );
  }

  /**
   * Sends messages with one system call, if there is room for all of them.
   *
   * @param batch - The messages, which must not change until the promise is settled.
   * @param messages - In place of a batch: up to IOV_MAX (1024) messages `[data, address?, ancdata?]`. Host names in their
   *   addresses are looked up first.
   * @param flags - MSG_* constants, joined by `|`.
   * @param start - How many messages of the batch to leave out: those that were sent already.
   * @param options - `signal`: ends the wait.
   * @returns How many messages were sent whole: 1 or more unless there are none. An error behind the first is that of the
   *   next call, with the rest. A stream may have taken a part of the next message: the batch keeps how much, also when
   *   the promise is rejected, and the next call of this socket with that message as `start` sends the rest. Without a
   *   batch the rest of such a message is sent before the promise is settled; if an error or the end of the wait prevents
   *   that, there is no telling what was sent, as after a `sendall` that fails.
   * @throws {@link OSError}; {@link TimeoutError}; {@link BlockingIOError}; {@link AbortError}; TypeError
   *   (`ERR_INVALID_ARG_TYPE`); RangeError (`ERR_OUT_OF_RANGE`, or `ERR_INVALID_ARG_VALUE` for a batch of another family).
   *
   * Source: sendmmsg(2)
   */
  sendmmsg(batch: MessageBatch<F>, flags?: number, start?: number, options?: Abortable): Promise<number>;
  sendmmsg(messages: Iterable<MessageToSend<F>>, flags?: number, options?: Abortable): Promise<number>;
  sendmmsg(messages: MessageBatch<F> | Iterable<MessageToSend<F>>, options?: Abortable): Promise<number>;
  sendmmsg(messages: any, flags: any = 0, ...rest: unknown[]): Promise<number> {
    const isBatch = messages instanceof MessageBatch;
    if (isLastOptions([flags, ...rest], 0)) {
      return isBatch ? this.sendmmsg(messages, 0, 0, flags) : this.sendmmsg(messages, 0, flags);
    }
    const [start = 0, options] = (isBatch ? rest : [0, ...rest]) as [start?: number, options?: Abortable];
    return this.call('sendmmsg', options, (call) => {
      const send = (known: MessageBatch<F> | MessageToSend<F>[], limits: Call) => {
        const batch = batchToSend(this, known, start);
        let done = 0;
        return this.channel.writes.run(limited(limits, flags), () => {
          const sent = batch.send(this.handle, start + done, flags, 0);
          if (sent > 0) done += sent;
          // Without a batch nobody else could go on in the midst of a message.
          return (batch !== known && batch.cutBy) || (done > 0 ? done : sent);
        });
      };
      if (isBatch) return send(messages, call);
      const found = resolveAddresses(this, messages, call.signal);
      return found instanceof Promise ? this.channel.after(call, found, send) : send(found, call);
    });
  }

  /**
   * A file of the socket. The descriptor stays open, and close() rejects nothing, until the socket and all its files are
   * closed.
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
  makefile<M extends FileMode = 'r'>(mode?: M | null, options?: FileOptions): FileOf<M>;
  makefile<M extends FileMode>(mode: M | null | undefined, buffering: Buffering, options?: TextOptions): FileOf<M>;
  makefile(mode?: string | null, second?: Buffering | FileOptions, third?: TextOptions | null): unknown {
    const options = fileOptionsOf(second, third);
    if (this.channel.reads.owner !== undefined) throw belongs('makefile');
    return makefile({ socket: this, handle: this.handle, channel: this.channel }, mode ?? 'r', options);
  }

  /** Lets calls that wait keep the process alive, as they do from the beginning. */
  ref(): this {
    this.channel.keepAlive(true);
    return this;
  }

  /** Lets the process end although calls wait. */
  unref(): this {
    this.channel.keepAlive(false);
    return this;
  }

  /**
   * Makes a stream of Node's of the socket, which belongs to the stream from now on: receives and files of the socket's own
   * are refused (EBUSY).
   *
   * @param options - Whether it may be half open, how much it buffers, and so on.
   * @returns The stream: of bytes, or of a seqpacket socket of messages.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for a socket that is neither; TypeError for options of another shape;
   *   {@link OSError}: ENOTCONN, EBADF, or EBUSY while calls wait, a file is open, or another stream has the socket.
   */
  toDuplex(options?: SocketDuplexOptions | null): SocketDuplex<F> {
    return new SocketDuplex<F>(this, options);
  }

  /**
   * Gives a stream all that it needs; the reading belongs to it from then on.
   *
   * @param owner - The stream.
   *
   * @internal
   */
  lend(owner: object): StreamHost {
    const { handle, channel } = this;
    channel.reads.owner = owner;
    return { handle, channel, receive: (bufsize) => this.receive(bufsize, 0, 0) };
  }

  /**
   * Fails while calls wait, a file is open or a stream has the socket.
   *
   * @param syscall - What asks.
   *
   * @internal
   */
  refuseWhileBusy(syscall?: string): void {
    const { channel, handle } = this;
    const waits = channel.idle ? undefined : 'operations of the socket wait';
    const hint = waits ?? (handle.files > 0 ? 'files of the socket are open' : undefined);
    if (channel.reads.owner !== undefined) throw belongs(syscall);
    if (hint !== undefined) throw new OSError(native.errnos.EBUSY as number, { syscall, hint });
  }

  /**
   * Gives the connection of an inet, inet6 or unix stream socket to a `net.Socket` of Node's. This object is closed then.
   *
   * @param options - `allowHalfOpen`: whether the writable side stays open after the peer has ended its side.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for another kind of socket; {@link OSError}: ENOTCONN, EBADF, or EBUSY
   *   while calls wait, a file is open, or a stream has the socket; Error (`ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`) on Windows.
   *
   * Source: Node's `net.Socket`
   */
  toNetSocket(options?: { allowHalfOpen?: boolean } | null): NetSocket {
    const { allowHalfOpen = false } = optionsOf(options, { allowHalfOpen: true });
    this.refuseWhileBusy('toNetSocket');
    this.getpeername();
    return netSocket(this, allowHalfOpen);
  }

  /**
   * Gives a listening inet, inet6 or unix stream socket to a server of Node's (`net`, `http`, `https`, `http2`), which accepts
   * the connections itself. This object is closed then, and the descriptor too if the server fails to listen. Not for a
   * worker of `node:cluster`, where Node listens with what the primary has under the same number.
   *
   * @param server - A server that does not listen yet.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for another kind of socket; {@link OSError}, such as EBUSY while calls wait;
   *   what the server reports; Error (`ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`) on Windows.
   *
   * Source: Node's `server.listen`
   */
  toNetServer<S extends Server>(server: S): Promise<S> {
    return rejecting(() => {
      this.refuseWhileBusy('toNetServer');
      return netServer(this, server);
    });
  }

  /**
   * Sends a file, or a part of it, without its bytes coming into this process: with sendfile(2), and by reading it in the
   * thread pool where that refuses (pipes, some files of the kernel's own). No other send comes in between.
   *
   * @param file - An open file: a descriptor, or an object with one as its `fd`, such as a `FileHandle` of
   *   node:fs/promises, which must stay open until the promise is settled. Or the path of a file, which is opened and
   *   closed here.
   * @param offset - Where to begin, in bytes; 0 by default.
   * @param count - At most how many bytes, 1 or more; up to the end of the file by default.
   * @param options - `signal`: ends the wait.
   * @returns How many bytes were sent. The position of an open file is then behind the last one of them, also after an
   *   error, unless none was sent.
   * @throws {@link OSError}; {@link TimeoutError} if the socket takes nothing for as long as its timeout;
   *   {@link AbortError}; RangeError (`ERR_INVALID_ARG_VALUE`) for a socket that is no stream or has a timeout of 0, or a
   *   `count` below 1; RangeError (`ERR_OUT_OF_RANGE`); TypeError (`ERR_INVALID_ARG_TYPE`).
   *
   * Source: sendfile(2); Python's `socket.sendfile`
   */
  sendfile(file: SendfileSource, offset?: number, count?: number | null, options?: Abortable): Promise<number>;
  sendfile(file: SendfileSource, options?: Abortable): Promise<number>;
  sendfile(file: SendfileSource, offset: any = 0, count: number | null = null, options?: Abortable): Promise<number> {
    if (isOptions(offset) && count === null && options === undefined) return this.sendfile(file, 0, null, offset);
    return this.call('sendfile', options, (call) =>
      sendfile(this.channel, this.handle, { ...call, held: this }, file, offset, count),
    );
  }

  /**
   * Closes the socket at the end of its `await using` scope.
   *
   * @returns A promise that is settled already.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.call('close', undefined, () => {
      this.close();
      return done();
    });
  }

  /**
   * As of the base; EBUSY also while operations wait.
   *
   * @internal
   */
  override surrender(): Handle {
    this.refuseWhileBusy();
    return super.surrender();
  }

  // The loop must never block, whatever the timeout is.
  protected override nonblockingBelow(): boolean {
    return true;
  }

  /**
   * Receives in a way of a family's own, as {@link recv} does by recv(2).
   *
   * @param syscall - The call's name, for errors.
   * @param attempt - One try, which does not wait: what was received, or a negative errno; -EAGAIN to be called again when
   *   the socket is readable.
   * @param options - `signal`: ends the wait.
   * @param owner - Whose {@link endReceives} ends it too.
   * @returns What was received.
   * @throws As {@link recv}.
   *
   * Source: linux/if_packet.h, for the ring of a packet socket
   *
   * @internal
   */
  receiveBy<T>(syscall: string, attempt: () => T | number, options?: Abortable, owner?: object): Promise<T> {
    return this.call(syscall, options, (call) => this.channel.reads.run({ ...call, owner }, attempt));
  }

  /**
   * Rejects with ECANCELED what waits by {@link receiveBy} for an owner.
   *
   * @param owner - What is closed.
   * @param name - What it is, for the message.
   *
   * Source: linux/if_packet.h, for the ring of a packet socket
   *
   * @internal
   */
  endReceives(owner: object, name: string): void {
    this.channel.reads.cancelOwner(owner, name);
  }

  /** Begins a call; what it throws rejects. */
  private call<T>(
    syscall: string,
    options: Abortable | undefined,
    begin: (call: Call) => Promise<T>,
    address?: unknown,
  ): Promise<T> {
    try {
      return begin(this.begun(syscall, options, address));
    } catch (error) {
      return refuse(error);
    }
  }

  private begun(syscall: string, options: Abortable | undefined, address?: unknown): Call {
    const { timeout } = this.handle;
    return { syscall, address, timeout, signal: signalOf(options) };
  }

  /** A call without options: most are like the one before, and thousands may wait at once. */
  private usual(syscall: string): Call {
    const { timeout } = this.handle;
    if (lastUsual?.syscall !== syscall || lastUsual.timeout !== timeout) {
      lastUsual = this.begun(syscall, undefined);
    }
    return lastUsual;
  }

  /** Whether it is a stream that does not listen. Of one that is closed, the calls themselves tell. */
  private isConnection(): boolean {
    if (this.type !== SOCK_STREAM) return false;
    const listens = new Int32Array(1);
    const length = native.getsockopt(this.handle.fd, SOL_SOCKET, SO_ACCEPTCONN, new Uint8Array(listens.buffer));
    return length > 0 && listens[0] === 0;
  }

  private writing<T>(
    syscall: string,
    flags: number,
    options: Abortable | undefined,
    begin: () => Attempt<T>,
  ): Promise<T> {
    return this.call(syscall, options, (call) => this.channel.writes.run(limited(call, flags), begin()));
  }

  private receivingBatch<T>(
    flags = 0,
    options: Abortable | undefined,
    begin: () => MessageBatch<F>,
    finish: (batch: MessageBatch<F>) => T,
  ): Promise<T> {
    return this.call('recvmmsg', options, (call) => {
      const batch = begin();
      return this.channel.reads.run(limited(call, flags), () => {
        const received = batch.receive(this.handle, flags, 0);
        return received < 0 ? received : finish(batch);
      });
    });
  }

  private receiving<T>(
    syscall: string,
    bufsize: number,
    flags: number,
    options: Abortable | undefined,
    addressLength: number,
    finish: (data: Buffer) => T,
  ): Promise<T> {
    // Not by `call`, whose closure each receive would pay for.
    try {
      const call = options === undefined ? this.usual(syscall) : this.begun(syscall, options);
      natural('bufsize', bufsize);
      if (this.collects(flags)) {
        // What does not come stays zero.
        const memory = Buffer.alloc(bufsize);
        const finishPart = (done: number) => finish(memory.subarray(0, done));
        return this.collecting(call, bufsize, this.partsOf(memory, bufsize, flags, addressLength, finishPart), true);
      }
      return this.channel.reads.run(limited(call, flags), () => {
        const data = this.receive(bufsize, flags, addressLength);
        return typeof data === 'number' ? data : finish(data);
      });
    } catch (error) {
      return refuse(error);
    }
  }

  private receivingInto<T>(
    syscall: string,
    buffer: BytesLike,
    nbytes: number,
    flags: number,
    options: Abortable | undefined,
    addressLength: number,
    finish: (received: number) => T,
  ): Promise<T> {
    return this.call(syscall, options, (call) => {
      const view = bytes('buffer', buffer);
      const length = lengthInto(lengthOf(view), nbytes);
      if (this.collects(flags)) {
        return this.collecting(call, length, this.partsOf(view, length, flags, addressLength, finish), true);
      }
      return this.channel.reads.run(limited(call, flags), () => {
        this.prepare(0, length, flags, addressLength);
        const received = receive(view);
        if (received < 0) return received;
        this.noteShort(received, length, flags);
        return finish(received);
      });
    });
  }

  /** Whether a receive goes on until it has all that was asked for. */
  private collects(flags: number): boolean {
    if (!(flags & MSG_WAITALL!) || flags & (MSG_PEEK! | NO_WAIT)) return false;
    return this.handle.type === SOCK_STREAM && this.handle.timeout !== 0;
  }

  /**
   * Receives until so many bytes of a stream have come, or it ends.
   *
   * @param partly - Whether a part that has come when the time is over is no error, as to the kernel.
   */
  private collecting<T>(call: Call, length: number, parts: Parts<T>, partly: boolean): Promise<T> {
    let done = 0;
    let result: T;
    const collected = this.channel.reads.run<T>(call, () => {
      for (const end = done + TURN_MOST; ; ) {
        const received = parts.receive(done);
        if (received < 0) return received;
        done += received;
        if (received > 0 || done === 0) result = parts.finish(done);
        if (received === 0 || done === length || parts.ends?.(result)) return result;
        // A peer that sends as fast as this receives would hold up everybody else.
        if (done >= end) return -MORE;
      }
    });
    return collected.catch((error) => {
      if (partly && done > 0 && isTimedOut(error)) return result;
      const partial = parts.partial(done);
      throw partial === undefined ? error : withPartial(error, partial);
    });
  }

  private partsOf<T>(
    view: Uint8Array,
    length: number,
    flags: number,
    addressLength: number,
    finish: (done: number) => T,
  ): Parts<T> {
    int32('flags', flags);
    return {
      receive: (done) => {
        this.prepare(done, length - done, flags, addressLength);
        return receive(view);
      },
      finish,
      // Of memory that was taken away nothing is left to tell.
      partial: (done) => (lengthOf(view) < done ? undefined : copyOfFirst(view, done)),
    };
  }

  /** Receives a message; with MSG_WAITALL as many bytes of a stream as there is room for, up to those with control data. */
  private receivingMessage<Data>(
    call: Call,
    views: Uint8Array[],
    control: ControlMemory | null,
    flags: number,
    dataOf: (received: number) => Data,
  ): Promise<ReceivedMessage<F, Data>> {
    const length = totalLength(views);
    const finish = (done: number) => this.received(() => dataOf(done), control);
    const receive = (done: number) => {
      this.prepare(0, length - done, flags, 0);
      return native.recvmsg(gathered(done === 0 ? views : viewsFrom(views, done)), control?.bytes);
    };
    if (!this.collects(flags)) {
      return this.channel.reads.run(limited(call, flags), () => {
        const received = receive(0);
        return received < 0 ? received : finish(received);
      });
    }
    const ends = ([, ancdata, msgFlags]: ReceivedMessage<F, Data>) =>
      ancdata.length > 0 || (msgFlags & MSG_CTRUNC!) !== 0;
    const partial = (done: number) => (totalLength(views) < length ? undefined : copyOfFirst(join(views), done));
    return this.collecting(call, length, { receive, finish, ends, partial }, true);
  }

  /** One try to receive: the bytes, or a negative errno. */
  private receive(bufsize: number, flags: number, addressLength: number): Buffer | number {
    const { handle } = this;
    const received = receiveBuffer(handle, handle.fd, flags, bufsize, 0, addressLength);
    if (typeof received !== 'number') this.noteShort(received.length, bufsize, flags);
    return received;
  }

  /** Saves the next receive a system call, if this one has emptied the socket. */
  private noteShort(received: number, asked: number, flags: number): void {
    if (received > 0 && received < asked && flags === 0 && this.drains && !this.channel.lasting) {
      this.channel.reads.clear();
    }
  }

  private takeConnection(): AcceptedConnection<F> | number {
    const fd = native.accept(this.handle.fd, 1, 0);
    return fd < 0 ? fd : (this.accepted(fd, ofHandle) as AcceptedConnection<F>);
  }

  /** Begins a call with an address, which the family may have to look up elsewhere before. */
  private withAddress<T>(
    syscall: string,
    address: AcceptedAddressOf<F>,
    options: Abortable | undefined,
    begin: (resolved: AcceptedAddressOf<F>, call: Call) => Promise<T>,
  ): Promise<T> {
    return this.call(
      syscall,
      options,
      (call) => {
        const { codec } = this;
        const found = codec.resolve?.(address, this, call.signal);
        if (found === undefined) return begin(address, call);
        return this.channel.after(call, found, begin);
      },
      address,
    );
  }

  /** Sends a message. Of a datagram the kernel may take a part, as J1939 does: the rest follows. */
  private sending(view: Uint8Array, flags: number, address: Uint8Array | null, { timeout }: Call): Attempt<number> {
    const length = lengthOf(view);
    const isWhole = this.handle.type === SOCK_DGRAM && timeout !== 0;
    let sent = 0;
    return () => {
      if (address !== null) sockaddr.set(address);
      this.prepare(sent, length - sent, flags, address === null ? 0 : address.length);
      const result = send(view);
      if (result < 0) return result;
      sent += result;
      return isWhole && sent < length && result > 0 ? -MORE : sent;
    };
  }

  /** Fills the call block for a send or a receive that does not wait. */
  private prepare(offset: number, length: number, flags: number, addressLength: number): void {
    fillCall(this.handle.fd, flags, offset, length, 0, addressLength);
  }
}

nameMethods(AsyncSocket.prototype);

const ofHandle = (handle: Handle) => new AsyncSocket(handle);

/** Whether the last of some arguments is options, in the place of one that is optional. */
function isLastOptions(args: readonly unknown[], index: number): boolean {
  return args.length === index + 1 && isOptions(args[index]);
}

/** A call whose flags are known to be right, and may say that it should not wait. */
function limited(call: Call, flags: number): Call {
  return int32('flags', flags) & NO_WAIT ? { ...call, timeout: 0 } : call;
}

/**
 * A socket for the event loop: Python's `socket.socket`, with a promise wherever a call may wait. The methods that never
 * wait are those of the blocking face.
 *
 * - A call is tried at once. If it would block, it waits only for its direction: a send never holds up a receive.
 * - Calls of one direction are done in the order in which they were made.
 * - `signal`, in the trailing options object of each waiting call, ends the wait with an {@link AbortError}. The object may
 *   stand where the optional arguments begin: `recv(100, { signal })`.
 * - The timeout ({@link settimeout}, in seconds) is for the whole of each call; 0 makes a call that would wait fail at
 *   once with {@link BlockingIOError}.
 * - {@link close} rejects what waits with {@link OSError} ECANCELED. On a closed socket every call fails with EBADF.
 * - Bad arguments reject too.
 * - A call that waits keeps the process alive. A socket that is only open does not.
 *
 * `for await` goes through the chunks of a stream that is connected, and through the connections of a socket that listens.
 *
 * As a type, `Socket` is any socket, and `Socket<typeof AF_INET>` one of that family.
 *
 * @typeParam F - The address family; it tells the types of the addresses.
 * @typeParam Item - What `for await` goes through: chunks, or connections with their addresses.
 * @class
 */
export const Socket: {
  /**
   * Opens a socket, or takes over a descriptor. Child processes do not inherit it. The descriptor is non-blocking,
   * whatever the timeout.
   *
   * @param family - An AF_* constant; AF_INET by default, as null stands for each default.
   * @param type - A SOCK_* constant, with `| SOCK_NONBLOCK` for a timeout of 0; SOCK_STREAM by default.
   * @param proto - An IPPROTO_* constant, or what the family calls a protocol; 0 by default.
   * @param fileno - A descriptor to take over. Of family, type and protocol the kernel is asked what is not given. It is the
   *   socket's to close then, even if the constructor of a subclass throws after `super()`.
   * @param options - The four as an object, in place of their positions.
   * @throws {@link OSError}, such as EAFNOSUPPORT for a family that the kernel does not have; TypeError
   *   (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
   *
   * Source: socket(2)
   */
  new <F extends number = typeof AF_INET>(options?: SocketOptions<F> | null): Socket<F>;
  new <F extends number = typeof AF_INET>(...args: SocketArguments<F>): Socket<F>;
  /** @internal */
  new <F extends number>(handle: Handle): Socket<F>;
  readonly prototype: Socket;
  /**
   * Makes a socket for promises of a blocking one, which is closed by it; the descriptor stays.
   *
   * @param socket - A socket without open files.
   * @returns The socket, with the same timeout.
   * @throws {@link OSError}: EBADF if it is closed; EBUSY while files of it are open, or anything waits for it.
   */
  from<F extends number>(socket: BaseSocket<F>): Socket<F>;
} = AsyncSocket;
export type Socket<F extends number = any, Item = any> = AsyncSocket<F, Item>;
