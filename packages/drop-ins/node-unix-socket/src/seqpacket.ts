import { EventEmitter } from 'node:events';
import { integer, native, OSError, wrongType } from '@bsd-sockets/core-native';
import { AF_UNIX, BlockingIOError, Socket as Calls, SHUT_WR, SOCK_SEQPACKET } from '@bsd-sockets/socket';
import { Socket } from '@bsd-sockets/socket/promises';

/** As many connections as Node lets wait, where the kernel's own limit is not lower. */
const BACKLOG = 511;
const READ_BUFFER_SIZE = 262144;

/** Is called when something is done. */
export type NotifyCb = () => void;

function closedError(what: string): OSError {
  return new OSError(native.errnos.EBADF as number, { hint: `the ${what} is closed` });
}

/** What is emitted goes out of the promise: what a listener throws is an exception. */
function later(call: () => void): void {
  process.nextTick(call);
}

/** A server of seqpacket sockets: it emits `connection` with a {@link SeqpacketSocket} and the own path, `error` and `close`. */
export class SeqpacketServer extends EventEmitter {
  private calls: Calls<typeof AF_UNIX> | undefined = new Calls(AF_UNIX, SOCK_SEQPACKET);
  private socket: Socket<typeof AF_UNIX> | undefined;
  private closed = false;
  private kept = true;

  /**
   * The own path.
   *
   * @returns The path or abstract name; empty before {@link listen}.
   *
   * Source: getsockname(2)
   */
  address(): string {
    return ((this.socket ?? this.calls)?.getsockname() ?? '').toString();
  }

  /** Accepts no more connections, and emits `close`. A second time does nothing. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.calls?.close();
    this.socket?.close();
    later(() => this.emit('close'));
  }

  /**
   * Listens.
   *
   * @param path - A path where there is nothing yet, or an abstract name with its leading NUL.
   * @param backlog - How many connections may wait.
   * @throws An `OSError`, such as EADDRINUSE; TypeError or RangeError for a bad argument.
   *
   * Source: listen(2)
   */
  listen(path: string, backlog = BACKLOG): void {
    if (this.closed) throw closedError('SeqpacketServer');
    if (this.calls === undefined) throw new OSError(native.errnos.EINVAL as number, { hint: 'it listens already' });
    this.calls.bind(path);
    this.calls.listen(backlog);
    this.socket = Socket.from(this.calls);
    this.calls = undefined;
    if (!this.kept) this.socket.unref();
    this.accept(this.socket);
  }

  /** Lets it keep the process alive, as it does from the beginning. */
  ref(): void {
    this.kept = true;
    this.socket?.ref();
  }

  /** Lets the process end although it listens. */
  unref(): void {
    this.kept = false;
    this.socket?.unref();
  }

  private async accept(socket: Socket<typeof AF_UNIX>): Promise<void> {
    const path = this.address();
    try {
      for await (const [connection] of socket.connections()) {
        const accepted = new SeqpacketSocket(connection.detach());
        later(() => this.emit('connection', accepted, path));
      }
    } catch (error) {
      later(() => this.emit('error', error));
    }
  }
}

/**
 * A connection that keeps the boundaries of messages: it emits `connect`, `data` with a message, `end` when the peer has ended its
 * side, `error` and `close`.
 */
export class SeqpacketSocket extends EventEmitter {
  /** Before it connects. */
  private calls: Calls<typeof AF_UNIX> | undefined;
  private socket: Socket<typeof AF_UNIX> | undefined;
  private isConnected = false;
  private readonly connection: Promise<Socket<typeof AF_UNIX>>;
  private connected!: (socket: Socket<typeof AF_UNIX>) => void;
  private size = READ_BUFFER_SIZE;
  private destroyed = false;
  private kept = true;
  private ending = false;
  private readonly over = { peer: false, own: false };
  /** Is settled when all that was written is sent. */
  private sent: Promise<void> = Promise.resolve();

  /**
   * Opens a socket, or takes one that is connected.
   *
   * @param fd - The descriptor of a connected seqpacket socket.
   * @throws An `OSError`, such as EMFILE.
   *
   * Source: the documentation of node-unix-socket 0.2.7
   */
  constructor(fd?: number) {
    super();
    this.connection = new Promise((resolve) => {
      this.connected = resolve;
    });
    if (fd === undefined) this.calls = new Calls(AF_UNIX, SOCK_SEQPACKET);
    else this.socket = new Socket(AF_UNIX, SOCK_SEQPACKET, 0, fd);
    this.calls?.settimeout(0);
    if (this.socket !== undefined) this.begin(this.socket);
  }

  /**
   * Connects.
   *
   * @param serverPath - The path of a server, or its abstract name.
   * @param connectCb - Called once, with the event `connect`.
   * @throws An `OSError`, such as ECONNREFUSED, ENOENT or EISCONN; TypeError or RangeError for what is no path.
   *
   * Source: connect(2)
   */
  connect(serverPath: string, connectCb?: NotifyCb): void {
    this.checkOpen();
    const { calls } = this;
    if (calls === undefined) throw new OSError(native.errnos.EISCONN as number, { syscall: 'connect' });
    let isFull = false;
    try {
      calls.connect(serverPath);
    } catch (error) {
      if (!(error instanceof BlockingIOError)) throw error;
      isFull = true;
    }
    if (connectCb !== undefined) this.once('connect', connectCb);
    this.calls = undefined;
    const socket = Socket.from(calls);
    socket.settimeout(null);
    this.socket = socket;
    const connecting = isFull ? socket.connect(serverPath) : Promise.resolve();
    connecting.then(
      () =>
        later(() => {
          if (this.destroyed) return;
          this.begin(socket);
          this.emit('connect');
        }),
      (error) => this.fail(error),
    );
  }

  /**
   * Sends a message; before there is a connection it waits for that.
   *
   * @param buf - Where it is; it must not change before it is sent.
   * @param offset - Where it begins; 0 by default.
   * @param length - How many bytes it has; all of them by default.
   * @param cb - Called when it is sent.
   * @throws TypeError or RangeError for a bad argument; an error if the socket is closed or its side ended.
   *
   * Source: send(2)
   */
  write(buf: Uint8Array, offset = 0, length?: number, cb?: NotifyCb): void {
    this.checkOpen();
    if (this.ending) throw new OSError(native.errnos.EPIPE as number, { hint: 'the socket has ended its side' });
    if (!(buf instanceof Uint8Array)) throw wrongType('buf', 'a Buffer or Uint8Array', buf);
    const begin = integer('offset', offset, 0, buf.length);
    const most = buf.length - begin;
    const data = buf.subarray(begin, begin + integer('length', length ?? most, 0, most));
    this.inOrder((socket) => socket.send(data), cb);
  }

  /**
   * Ends this side when all that was written is sent.
   *
   * @param cb - Called then.
   *
   * Source: shutdown(2)
   */
  end(cb?: NotifyCb): void {
    this.checkOpen();
    if (this.ending) return;
    this.ending = true;
    const before = this.sent;
    this.inOrder(async (socket) => {
      await before;
      socket.shutdown(SHUT_WR!);
      this.isOver('own');
    }, cb);
  }

  /**
   * The most bytes of a message that are received; the rest is cut off.
   *
   * @returns Bytes; 262144 by default.
   *
   * Source: the documentation of node-unix-socket 0.2.7
   */
  getInternalReadBufferSize(): number {
    return this.size;
  }

  /**
   * Sets how many bytes of a message are received at most.
   *
   * @param size - Bytes, 1 or more.
   * @throws RangeError (`ERR_OUT_OF_RANGE`).
   *
   * Source: the documentation of node-unix-socket 0.2.7
   */
  setInternalReadBufferSize(size: number): void {
    this.size = integer('size', size, 1, 2 ** 30);
  }

  /** Lets it keep the process alive, as it does from the beginning. */
  ref(): void {
    this.kept = true;
    this.socket?.ref();
  }

  /** Lets the process end although it waits. */
  unref(): void {
    this.kept = false;
    this.socket?.unref();
  }

  /** Closes the socket, and emits `close`. A second time does nothing. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.calls?.close();
    this.socket?.close();
    later(() => this.emit('close'));
  }

  /** The same as {@link destroy}. */
  close(): void {
    this.destroy();
  }

  private checkOpen(): void {
    if (this.destroyed) throw closedError('SeqpacketSocket');
  }

  private begin(socket: Socket<typeof AF_UNIX>): void {
    this.isConnected = true;
    if (!this.kept) socket.unref();
    this.connected(socket);
    this.receive(socket);
  }

  /** Does something when all that was written before is on its way. */
  private inOrder(action: (socket: Socket<typeof AF_UNIX>) => Promise<unknown>, cb: NotifyCb | undefined): void {
    const done = this.isConnected ? action(this.socket!) : this.connection.then(action);
    this.sent = done.then(
      () => {
        if (cb !== undefined) later(cb);
      },
      (error) => this.fail(error),
    );
  }

  private async receive(socket: Socket<typeof AF_UNIX>): Promise<void> {
    try {
      for (;;) {
        // The size counts when a message comes, not when the wait for it began.
        const data = await socket.recv(Math.max(this.size, READ_BUFFER_SIZE));
        if (data.length === 0) break;
        later(() => this.destroyed || this.emit('data', data.subarray(0, this.size)));
      }
      later(() => this.destroyed || this.emit('end'));
      this.isOver('peer');
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private isOver(side: 'own' | 'peer'): void {
    this.over[side] = true;
    if (this.over.own && this.over.peer) later(() => this.destroy());
  }

  private fail(error: Error): void {
    if (this.destroyed) return;
    later(() => this.emit('error', error));
    this.destroy();
  }
}
