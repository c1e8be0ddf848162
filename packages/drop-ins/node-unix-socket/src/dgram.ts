import { bytes, callListener, OSError, partOf, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { BlockingIOError, options, SOCK_DGRAM } from '@bsd-sockets/socket';
import { UnixSocket } from './unix-socket';

/** More than a datagram can have, unless somebody has raised the limits of a buffer. */
const MOST = 262144;

/** Is told how a send went. */
export type SendCb = (error: undefined | Error) => void;

/** A unix datagram socket: it emits `data` with a datagram and its sender's path, `error` and `close`. */
export class DgramSocket extends UnixSocket {
  /** Sends that wait for room. */
  private waiting = 0;

  /**
   * Opens a socket.
   *
   * @throws An `OSError`, such as EMFILE.
   *
   * Source: the documentation of node-unix-socket 0.2.7
   */
  constructor() {
    super(SOCK_DGRAM);
  }

  /**
   * Gives the socket a path, and lets it receive.
   *
   * @param socketPath - A path where there is nothing yet, or an abstract name with its leading NUL.
   * @throws An `OSError`, such as EADDRINUSE; TypeError or RangeError for what is neither.
   *
   * Source: bind(2)
   */
  bind(socketPath: string): void {
    this.checkOpen();
    this.calls.bind(socketPath);
    this.receive();
  }

  /**
   * Sends a datagram. While the receiver's queue is full it waits, and those after it.
   *
   * @param buf - Where it is; it must not change before it is sent.
   * @param offset - Where it begins.
   * @param length - How many bytes it has.
   * @param destPath - The receiver's path, or abstract name.
   * @param onWrite - Is told how it went. Without one there is the event `error` if it fails, for those who listen.
   * @throws TypeError or RangeError for a bad argument; an error if the socket is closed.
   *
   * Source: sendto(2)
   */
  sendTo(buf: Uint8Array, offset: number, length: number, destPath: string, onWrite?: SendCb): void {
    this.checkOpen();
    const data = partOf(bytes('buf', buf), offset, length);
    if (typeof destPath !== 'string') throw wrongType('destPath', 'the path of a socket', destPath);
    if (destPath.indexOf('\0') > 0) throw wrongValue('destPath', 'a path without NUL', destPath);
    if (onWrite && typeof onWrite !== 'function') throw wrongType('onWrite', 'a function', onWrite);
    // Not before those that wait.
    const failure = this.waiting > 0 ? undefined : this.sendNow(data, destPath);
    if (this.waiting > 0 || failure instanceof BlockingIOError) this.sendLater(data, destPath, onWrite);
    else this.tellSent(failure, onWrite);
  }

  /**
   * The bytes of the receive buffer (SO_RCVBUF).
   *
   * Source: socket(7)
   */
  getRecvBufferSize(): number {
    return this.calls.getOption(options.SO_RCVBUF);
  }

  /**
   * Sets the receive buffer (SO_RCVBUF), which Linux doubles.
   *
   * @param size - Bytes.
   *
   * Source: socket(7)
   */
  setRecvBufferSize(size: number): void {
    this.calls.setOption(options.SO_RCVBUF, size);
  }

  /**
   * The bytes of the send buffer (SO_SNDBUF).
   *
   * Source: socket(7)
   */
  getSendBufferSize(): number {
    return this.calls.getOption(options.SO_SNDBUF);
  }

  /**
   * Sets the send buffer (SO_SNDBUF), which Linux doubles.
   *
   * @param size - Bytes.
   *
   * Source: socket(7)
   */
  setSendBufferSize(size: number): void {
    this.calls.setOption(options.SO_SNDBUF, size);
  }

  private sendNow(data: Uint8Array, path: string): OSError | undefined {
    try {
      this.calls.sendto(data, path);
      return undefined;
    } catch (error) {
      if (error instanceof OSError) return error;
      throw error;
    }
  }

  private sendLater(data: Uint8Array, path: string, onWrite: SendCb | undefined): void {
    this.waiting++;
    const done = (error?: Error) => {
      this.waiting--;
      callListener(() => this.tellSent(error, onWrite));
    };
    this.waits.sendto(data, path).then(() => done(), done);
  }

  private tellSent(error: Error | undefined, onWrite: SendCb | undefined): void {
    if (onWrite) onWrite(error);
    else if (error !== undefined && this.listenerCount('error') > 0) this.emit('error', error);
  }

  private async receive(): Promise<void> {
    const onError = (error: unknown) => this.tell('error', error);
    try {
      for await (const [data, path] of this.waits.datagrams({ bufsize: MOST, onError })) {
        if (!this.closed) callListener(() => this.emit('data', data, path?.toString() ?? ''));
      }
    } catch (error) {
      onError(error);
    }
  }
}
