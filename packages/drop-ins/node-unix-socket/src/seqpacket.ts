import { bytes, callListener, integer, native, OSError, partOf, wrongType } from '@bsd-sockets/core-native';
import { BlockingIOError, SHUT_WR, SOCK_SEQPACKET } from '@bsd-sockets/socket';
import { UnixSocket } from './unix-socket';

/** As many connections as Node lets wait, where the kernel's own limit is not lower. */
const BACKLOG = 511;
const READ_BUFFER_SIZE = 262144;

/** Is called when something is done. */
export type NotifyCb = () => void;

/** A server of seqpacket sockets: it emits `connection` with a {@link SeqpacketSocket} and the own path, `error` and `close`. */
export class SeqpacketServer extends UnixSocket {
  /**
   * Opens a socket.
   *
   * @throws An `OSError`, such as EMFILE.
   *
   * Source: the documentation of node-unix-socket 0.2.7
   */
  constructor() {
    super(SOCK_SEQPACKET);
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
    this.checkOpen();
    this.calls.bind(path);
    this.calls.listen(backlog);
    this.accept(path);
  }

  private async accept(path: string): Promise<void> {
    try {
      for await (const [connection] of this.waits.connections()) {
        const accepted = new SeqpacketSocket(connection.detach());
        callListener(() => this.emit('connection', accepted, path));
      }
    } catch (error) {
      this.tell('error', error);
    }
  }
}

/**
 * A connection that keeps the boundaries of messages: it emits `connect`, `data` with a message, `end` when the peer has ended its
 * side, `error` and `close`.
 */
export class SeqpacketSocket extends UnixSocket {
  /** What is to be sent once there is a connection; undefined when there is one. */
  private early: (() => void)[] | undefined = [];
  private size = READ_BUFFER_SIZE;
  private ending = false;
  /** The sides that have not ended. */
  private sides = 2;
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
    super(SOCK_SEQPACKET, fd);
    if (fd !== undefined) this.begin();
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
    let connecting = Promise.resolve();
    try {
      this.calls.connect(serverPath);
    } catch (error) {
      if (!(error instanceof BlockingIOError)) throw error;
      connecting = this.waits.connect(serverPath);
    }
    if (connectCb !== undefined) this.once('connect', connectCb);
    const connected = () => {
      if (this.closed) return;
      this.begin();
      callListener(() => this.emit('connect'));
    };
    connecting.then(connected, (error) => this.fail(error));
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
    const view = bytes('buf', buf);
    const data = partOf(view, offset, length ?? view.length - offset);
    this.whenConnected(() => this.waits.send(data), cb);
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
    const shutdown = async () => {
      await this.sent;
      this.calls.shutdown(SHUT_WR as number);
      this.sideEnded();
    };
    this.whenConnected(shutdown, cb);
    this.ending = true;
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

  /** The same as {@link close}. */
  destroy(): void {
    this.close();
  }

  private begin(): void {
    const { early = [] } = this;
    this.early = undefined;
    for (const send of early) send();
    this.receive();
  }

  /** Sends, after all that was to be sent before. */
  private whenConnected(action: () => Promise<unknown>, cb: NotifyCb | undefined): void {
    if (cb && typeof cb !== 'function') throw wrongType('cb', 'a function', cb);
    const send = () => {
      this.sent = action().then(
        () => cb && callListener(cb),
        (error) => this.fail(error),
      );
    };
    if (this.early === undefined) send();
    else this.early.push(send);
  }

  private async receive(): Promise<void> {
    try {
      for (;;) {
        // The size counts when a message comes, not when the wait for it began.
        const data = await this.waits.recv(Math.max(this.size, READ_BUFFER_SIZE));
        if (this.closed) return;
        if (data.length === 0) break;
        callListener(() => this.emit('data', data.subarray(0, this.size)));
      }
      callListener(() => this.emit('end'));
      this.sideEnded();
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private sideEnded(): void {
    if (--this.sides === 0) this.close();
  }

  private fail(error: Error): void {
    if (this.closed) return;
    this.tell('error', error);
    this.close();
  }
}
