import { type Abortable, done, isOptions, native, receiveBuffer, refuse, rejecting } from '@bsd-sockets/core-native';
import { FileBase } from '../files/file-base';
import { type Size, sizeOf } from '../files/io-base';
import type { FileForm } from '../files/makefile';
import { type Left, unclosed } from '../files/unclosed';
import { notOpenFor } from '../files/unsupported-operation';
import type { Handle } from '../handle';
import { type Call, MORE, signalOf } from './call';
import type { Channel } from './channel';
import type { Received } from './received';
import { sendNow } from './send-now';

const EAGAIN = native.errnos.EAGAIN as number;

/** How many bytes one attempt transfers before others have their turn. */
const TURN_MOST = 2 ** 20;

/** How many bytes are received at once where all are wanted. */
const LARGE = 64 * 1024;

/** The socket of a file. */
export interface FileHost {
  readonly socket: { retain(): void; release(): void };
  readonly handle: Handle;
  readonly channel: Channel;
}

/**
 * A file of a socket for promises: `makefile` makes it. The files of the blocking face do the same, but:
 *
 * - A read that times out, is aborted or fails to receive takes nothing: what had arrived is there for the next read.
 *   (Bytes that the encoding does not allow are gone with the error that tells of them.)
 * - Data that were given to a `write` that times out, is aborted or fails to send are in the buffer all the same: do not
 *   write them again. `flush` goes on behind the last byte that was sent.
 * - With a timeout of 0 a call that would wait rejects with {@link BlockingIOError}, and the same holds.
 * - The timeout is for each wait for the peer, not for the whole call.
 *
 * @typeParam Line - What reading returns.
 * @typeParam Data - What writing takes.
 *
 * Source: Python's `io.IOBase`
 */
export abstract class SocketFile<Line extends string | Buffer, Data>
  extends FileBase
  implements AsyncIterable<Line>, AsyncDisposable
{
  /** The mode: that of a text file as it was given, that of a binary one `rb`, `wb` or `rwb`. */
  readonly mode: string;
  protected readonly size: number;
  protected abstract readonly received: Received<Line>;
  protected readonly host: FileHost;
  protected readonly form: FileForm;
  private closing: Promise<void> | undefined;
  /** What is still to be sent. */
  private waiting: Uint8Array[] = [];
  private readonly left: Left;

  /** @internal */
  constructor(host: FileHost, form: FileForm, mode: string) {
    super();
    this.mode = mode;
    this.size = form.size;
    this.host = host;
    this.form = form;
    host.socket.retain();
    this.left = { socket: host.socket, unsent: 0 };
    unclosed.register(this, this.left, this);
  }

  /**
   * Whether the file is closed, or about to be.
   *
   * Source: Python's `io.IOBase.closed`
   */
  get closed(): boolean {
    return this.closing !== undefined;
  }

  /**
   * The descriptor of the socket; -1 once the file is closed.
   *
   * Source: Python's `socket.SocketIO.name`
   */
  get name(): number {
    return this.closed ? -1 : this.host.handle.fd;
  }

  /**
   * Tells the descriptor of the socket.
   *
   * @returns The descriptor, 0 or more; -1 if it was detached from the socket.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `io.IOBase.fileno`
   */
  fileno(): number {
    this.checkOpen();
    return this.host.handle.fd;
  }

  /**
   * Tells whether the file can be read.
   *
   * @returns true if it was opened for reading.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once a file that was opened for reading is closed.
   *
   * Source: Python's `io.IOBase.readable`
   */
  readable(): boolean {
    if (this.form.reading) this.checkOpen();
    return this.form.reading;
  }

  /**
   * Tells whether the file can be written to.
   *
   * @returns true if it was opened for writing.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once a file that was opened for writing is closed.
   *
   * Source: Python's `io.IOBase.writable`
   */
  writable(): boolean {
    if (this.form.writing) this.checkOpen();
    return this.form.writing;
  }

  /**
   * Reads.
   *
   * @param size - How many bytes or characters, 0 or more; -1, null or nothing for all up to the end of the stream.
   * @param options - `signal`: ends the wait.
   * @returns What was read: less at the end of the stream, nothing after it. A binary file without a buffer returns what
   *   one receive brings.
   * @throws {@link OSError}, such as ECONNRESET, or ECANCELED when the file is closed meanwhile; {@link TimeoutError};
   *   {@link BlockingIOError}; {@link AbortError}; {@link UnsupportedOperation} (EBADF) if the file is not open for
   *   reading; RangeError (`ERR_INVALID_ARG_VALUE`) once it is closed, or for bytes that the encoding does not allow;
   *   TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`) for a size that is no integer or is too large.
   *
   * Source: Python's `io.BufferedReader.read`, `io.TextIOWrapper.read`
   */
  read(size?: Size, options?: Abortable): Promise<Line>;
  read(options?: Abortable): Promise<Line>;
  read(size?: any, options?: Abortable): Promise<Line> {
    if (isOptions(size) && options === undefined) return this.read(null, size);
    return rejecting(() => {
      const most = sizeOf(size);
      const count = most < 0 ? Number.POSITIVE_INFINITY : most;
      return this.receive('read', options, (ended) => this.takeFirst(count, ended), most);
    });
  }

  /**
   * Reads a line.
   *
   * @param size - At most how many bytes or characters, 0 or more; less, null or nothing for no limit.
   * @param options - `signal`: ends the wait.
   * @returns The line with its end, which is missing at the limit and may be at the end of the stream; nothing after that.
   * @throws As {@link read}.
   *
   * Source: Python's `io.IOBase.readline`
   */
  readline(size?: Size, options?: Abortable): Promise<Line>;
  readline(options?: Abortable): Promise<Line>;
  readline(size?: any, options?: Abortable): Promise<Line> {
    if (isOptions(size) && options === undefined) return this.readline(null, size);
    return rejecting(() => {
      const most = sizeOf(size);
      const limit = most < 0 ? Number.POSITIVE_INFINITY : most;
      const take = (ended: boolean) => {
        const end = this.received.lineEnd();
        if (end < 0) return this.takeFirst(limit, ended);
        const stop = limit < end ? this.received.endOf(limit) : -1;
        return this.received.take(stop < 0 ? end : Math.min(end, stop));
      };
      return this.receive('readline', options, take, 1);
    });
  }

  /**
   * Reads lines up to the end.
   *
   * @param hint - Stop after the line with which they are more bytes or characters than this; 0 or less, null or nothing
   *   for no limit.
   * @param options - `signal`: ends the wait.
   * @returns The lines, as {@link readline} returns them.
   * @throws As {@link read}.
   *
   * Source: Python's `io.IOBase.readlines`
   */
  readlines(hint?: Size, options?: Abortable): Promise<Line[]>;
  readlines(options?: Abortable): Promise<Line[]>;
  readlines(hint?: any, options?: Abortable): Promise<Line[]> {
    if (isOptions(hint) && options === undefined) return this.readlines(null, hint);
    return rejecting(() => {
      const most = sizeOf(hint);
      // Where the last line ends that was looked at.
      let seen = 0;
      const take = (ended: boolean) => {
        if (!ended) {
          seen = this.endOfLines(most, seen);
          if (most <= 0 || seen <= most || this.received.countTo(seen) <= most) return undefined;
        }
        return this.takeLines(most);
      };
      // One operation for all, so that no line is lost when it fails.
      return this.receive('readlines', options, take, most > 0 ? 1 : -1);
    });
  }

  /**
   * The lines that are still to be read, each with its end. To leave the loop early does not close the file.
   *
   * @param options - `signal`: ends the iteration with an {@link AbortError}.
   * @returns The lines; it throws what {@link readline} throws.
   *
   * Source: Python's `io.IOBase`
   */
  async *[Symbol.asyncIterator](options?: Abortable): AsyncIterableIterator<Line> {
    for (;;) {
      const line = await this.readline(-1, options);
      if (line.length === 0) return;
      yield line;
    }
  }

  /**
   * Writes into the buffer, which is sent when it is full, and by {@link flush} and {@link close}. A file without a buffer
   * sends at once.
   *
   * @param data - What to write, which may change as soon as the call has returned its promise.
   * @param options - `signal`: ends the wait.
   * @returns How many bytes or characters were written: all.
   * @throws {@link OSError}, such as EPIPE; {@link TimeoutError}; {@link BlockingIOError}; {@link AbortError}: the data are
   *   in the buffer then. {@link UnsupportedOperation} (EBADF) if the file is not open for writing; TypeError
   *   (`ERR_INVALID_ARG_TYPE`); RangeError (`ERR_INVALID_ARG_VALUE`) once it is closed, or for characters that the encoding
   *   does not have.
   *
   * Source: Python's `io.BufferedWriter.write`, `io.TextIOWrapper.write`
   */
  abstract write(data: Data, options?: Abortable): Promise<number>;

  /**
   * Writes each of the lines, which carry their own ends.
   *
   * @param lines - What to write.
   * @param options - `signal`: ends the wait.
   * @throws As {@link write}; the lines after the one that fails are not taken.
   *
   * Source: Python's `io.IOBase.writelines`
   */
  async writelines(lines: Iterable<Data>, options?: Abortable): Promise<void> {
    try {
      this.checkOpen();
      for (const line of lines) await this.write(line, options);
      return done();
    } catch (error) {
      return refuse(error);
    }
  }

  /**
   * Sends what waits in the buffer; nothing for a file that is open only for reading.
   *
   * @param options - `signal`: ends the wait.
   * @throws {@link OSError}, such as EPIPE, or ECANCELED when the file is closed meanwhile; {@link TimeoutError};
   *   {@link BlockingIOError}; {@link AbortError}: what was not sent stays in the buffer; RangeError
   *   (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `io.IOBase.flush`
   */
  flush(options?: Abortable): Promise<void> {
    return rejecting(() => {
      this.checkOpen();
      return this.send('flush', 0, options);
    });
  }

  /**
   * Closes the file: reads that wait are rejected with ECANCELED, and what waits in the buffer is sent first. A second time
   * does nothing but wait for the first. The descriptor is closed with the last file if the socket is closed too.
   *
   * @param options - `signal`: ends the wait for the peer.
   * @throws As {@link flush}, and the file is closed even so: what was not sent is lost; {@link OSError} if close(2) fails.
   *
   * Source: Python's `io.IOBase.close`
   */
  close(options?: Abortable): Promise<void> {
    if (this.closing !== undefined) return this.closing;
    let finished!: (end: Promise<void>) => void;
    // First of all, since a listener of the end of a read may close the same file.
    this.closing = new Promise((resolve) => {
      finished = resolve;
    });
    finished(this.finish(options));
    return this.closing;
  }

  /**
   * Closes the file at the end of its `await using` scope.
   *
   * @returns A promise for the end of {@link close}.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Closes the file, and lets another of the same socket take its place. */
  protected async handOver<T extends SocketFile<any, any>>(file: T, options: Abortable | undefined): Promise<T> {
    try {
      await this.flush(options);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    } finally {
      await this.close();
    }
  }

  protected checkWritable(): void {
    if (!this.writable()) throw notOpenFor('write');
  }

  /**
   * Receives until a result can be taken out of what there is.
   *
   * @param take - Takes it, or returns undefined while it has not arrived; `ended`: nothing follows.
   * @param wanted - How many bytes an unbuffered file asks for; less than 0 for as many as it can.
   */
  protected receive<T>(
    syscall: string,
    options: Abortable | undefined,
    take: (ended: boolean) => T | undefined,
    wanted: number,
  ): Promise<T> {
    if (!this.readable()) throw notOpenFor('read');
    const { handle, channel } = this.host;
    const { reads } = channel;
    // What the file has already needs no event of the descriptor.
    if (reads.idle) reads.wake();
    const received = reads.run<T>(this.call(syscall, options), () => {
      for (let most = TURN_MOST; ; ) {
        const result = take(false);
        if (result !== undefined) return result;
        if (most <= 0) return -MORE;
        const data = receiveBuffer(handle, handle.fd, 0, this.receiveSize(wanted), 0, 0);
        // Whatever came begins the timeout anew.
        if (typeof data === 'number') return data === -EAGAIN && most < TURN_MOST ? -MORE : data;
        this.received.add(data, data.length === 0);
        if (data.length === 0) return take(true) as T;
        most -= data.length;
      }
    });
    return received.catch((error) => {
      // What this call leaves may be enough for the next.
      reads.wake();
      throw error;
    });
  }

  private receiveSize(wanted: number): number {
    if (this.size === 0) return wanted < 0 ? LARGE : wanted;
    return Math.max(this.size, wanted < 0 ? LARGE : Math.min(wanted, LARGE));
  }

  /** Takes bytes, which it may keep, into the buffer, and sends what does not fit there. */
  protected put(data: Uint8Array, options: Abortable | undefined): Promise<void> {
    this.waiting.push(data);
    this.left.unsent += data.length;
    // What is larger than the buffer does not stay there.
    const kept = data.length > this.size ? 0 : data.length;
    return this.send('write', this.left.unsent > this.size ? kept : this.left.unsent, options);
  }

  /** Sends all but the last `kept` bytes. */
  protected send(syscall: string, kept: number, options: Abortable | undefined): Promise<void> {
    return rejecting(() => {
      const call = this.call(syscall, options);
      if (this.left.unsent <= kept) return done();
      return this.host.channel.writes.run<void>(call, () => {
        for (let most = TURN_MOST; this.left.unsent > kept; ) {
          if (most <= 0) return -MORE;
          const data = this.waiting.length === 1 ? this.waiting[0]! : Buffer.concat(this.waiting);
          const sent = sendNow(this.host.handle.fd, data.subarray(0, data.length - kept));
          this.waiting = [sent > 0 ? data.subarray(sent) : data];
          if (sent < 0) return sent === -EAGAIN && most < TURN_MOST ? -MORE : sent;
          this.left.unsent -= sent;
          most -= sent;
        }
        return undefined;
      });
    });
  }

  private takeLines(most: number): Line[] {
    const { received } = this;
    const lines: Line[] = [];
    for (let count = 0; received.length > 0 && (most <= 0 || count <= most); ) {
      const end = received.lineEnd();
      const stop = end < 0 ? received.length : end;
      count += received.countTo(stop);
      lines.push(received.take(stop));
    }
    return lines;
  }

  /** Where whole lines end that are more than so many bytes or characters, or all that have arrived. */
  private endOfLines(most: number, from: number): number {
    const { received } = this;
    if (most <= 0) return 0;
    let seen = from;
    for (let end = seen; end >= 0; end = received.lineEnd(seen)) {
      seen = end;
      if (seen > most && received.countTo(seen) > most) break;
    }
    return seen;
  }

  private takeFirst(count: number, ended: boolean): Line | undefined {
    const end = this.received.endOf(count);
    return end >= 0 ? this.received.take(end) : ended ? this.received.take() : undefined;
  }

  private call(syscall: string, options: Abortable | undefined): Call {
    const { timeout } = this.host.handle;
    return { syscall, timeout, signal: signalOf(options), renewed: true, owner: this };
  }

  private async finish(options: Abortable | undefined): Promise<void> {
    const { socket, channel } = this.host;
    channel.reads.cancelOwner(this, 'file');
    try {
      await this.send('close', 0, options);
    } finally {
      channel.writes.cancelOwner(this, 'file');
      unclosed.unregister(this);
      socket.release();
    }
  }
}
