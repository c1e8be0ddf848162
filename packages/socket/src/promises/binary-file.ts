import {
  type Abortable,
  type BytesLike,
  bytes,
  isOptions,
  lengthOf,
  native,
  osError,
  rejecting,
  wrongValue,
} from '@bsd-sockets/core-native';
import { type Size, sizeOf } from '../files/io-base';
import type { FileForm } from '../files/makefile';
import { unsupported } from '../files/unsupported-operation';
import { signalOf } from './call';
import { ReceivedBytes } from './received';
import { type FileHost, SocketFile } from './socket-file';

const EFAULT = native.errnos.EFAULT as number;

/**
 * A binary file of a socket for promises.
 *
 * Source: Python's `io.BufferedReader`, `io.BufferedWriter`, `io.BufferedRWPair`, `socket.SocketIO`
 */
export class BinaryFile extends SocketFile<Buffer, BytesLike> {
  protected override readonly received = new ReceivedBytes();

  /** @internal */
  constructor(host: FileHost, form: FileForm) {
    super(host, form, `${form.reading ? 'r' : ''}${form.writing ? 'w' : ''}b`);
  }

  /**
   * Reads as many bytes as are asked for; a file without a buffer, what one receive brings.
   *
   * @param size - How many bytes, 0 or more; -1, null or nothing for all up to the end of the stream.
   * @param options - `signal`: ends the wait.
   * @returns The bytes: fewer at the end of the stream, none after it.
   * @throws As {@link SocketFile.read}; RangeError (`ERR_INVALID_ARG_VALUE`) for a size below -1, if there is a buffer.
   *
   * Source: Python's `io.BufferedReader.read`, `io.RawIOBase.read`
   */
  override read(size?: Size, options?: Abortable): Promise<Buffer>;
  override read(options?: Abortable): Promise<Buffer>;
  override read(size?: any, options?: Abortable): Promise<Buffer> {
    if (isOptions(size) && options === undefined) return this.read(null, size);
    return rejecting(() => {
      const most = sizeOf(size);
      if (this.size === 0) return most < 0 ? super.read(-1, options) : this.read1(most, options);
      if (most < -1) throw wrongValue('size', 'at least 0, or -1 or null for all', size);
      return super.read(most, options);
    });
  }

  /**
   * Reads what is there, and waits only where there is nothing.
   *
   * @param size - At most how many bytes, 0 or more; less, null or nothing for as many as one receive brings.
   * @param options - `signal`: ends the wait.
   * @returns The bytes: none at the end of the stream.
   * @throws As {@link read}, but a size below -1 is allowed.
   *
   * Source: Python's `io.BufferedReader.read1`
   */
  read1(size?: Size, options?: Abortable): Promise<Buffer>;
  read1(options?: Abortable): Promise<Buffer>;
  read1(size?: any, options?: Abortable): Promise<Buffer> {
    if (isOptions(size) && options === undefined) return this.read1(null, size);
    return rejecting(() => {
      const { received } = this;
      const most = sizeOf(size);
      const take = (ended: boolean) => {
        if (received.length === 0 && most !== 0 && !ended) return undefined;
        return received.take(most < 0 ? received.length : Math.min(most, received.length));
      };
      return this.receive('read1', options, take, most < 0 && this.size > 0 ? this.size : most);
    });
  }

  /**
   * Reads into memory of the caller until it is full; a file without a buffer, what one receive brings.
   *
   * @param buffer - Any buffer or view. It is written to only when all has arrived. If it is shorter by then, the call is
   *   rejected with EFAULT and takes nothing out of the file.
   * @param options - `signal`: ends the wait.
   * @returns How many bytes: fewer at the end of the stream.
   * @throws As {@link read}; TypeError (`ERR_INVALID_ARG_TYPE`) if `buffer` is no memory.
   *
   * Source: Python's `io.BufferedReader.readinto`
   */
  readinto(buffer: BytesLike, options?: Abortable): Promise<number> {
    return rejecting(() => this.receiveInto('readinto', buffer, options, this.size > 0));
  }

  /**
   * Reads into memory of the caller with at most one receive, and with none where the buffer has something.
   *
   * @param buffer - As for {@link readinto}.
   * @param options - `signal`: ends the wait.
   * @returns How many bytes: 0 at the end of the stream.
   * @throws As {@link read1}; TypeError (`ERR_INVALID_ARG_TYPE`) if `buffer` is no memory.
   *
   * Source: Python's `io.BufferedIOBase.readinto1`
   */
  readinto1(buffer: BytesLike, options?: Abortable): Promise<number> {
    return rejecting(() => this.receiveInto('readinto1', buffer, options, false));
  }

  /** @param whole - Whether to wait until the memory is full. */
  private receiveInto(
    syscall: string,
    buffer: BytesLike,
    options: Abortable | undefined,
    whole: boolean,
  ): Promise<number> {
    const { received } = this;
    const view = bytes('buffer', buffer);
    const wanted = lengthOf(view);
    const take = (ended: boolean) => {
      const enough = whole ? received.length >= wanted : received.length > 0 || wanted === 0;
      if (!enough && !ended) return undefined;
      // Nothing leaves the buffer for memory that was taken away.
      if (lengthOf(view) !== wanted) throw osError(-EFAULT, { syscall });
      const data = received.take(Math.min(wanted, received.length));
      view.set(data);
      return data.length;
    };
    return this.receive(syscall, options, take, wanted);
  }

  /**
   * Shows what is in the buffer, and receives once if there is nothing. It stays there for the next read.
   *
   * @param size - Of no effect, as in CPython.
   * @param options - `signal`: ends the wait.
   * @returns All bytes of the buffer: none at the end of the stream.
   * @throws As {@link read1}; {@link UnsupportedOperation} (EOPNOTSUPP) for a file without a buffer.
   *
   * Source: Python's `io.BufferedReader.peek`
   */
  peek(size?: Size, options?: Abortable): Promise<Buffer>;
  peek(options?: Abortable): Promise<Buffer>;
  peek(size?: any, options?: Abortable): Promise<Buffer> {
    if (isOptions(size) && options === undefined) return this.peek(null, size);
    return rejecting(() => {
      sizeOf(size);
      if (this.size === 0) throw unsupported('EOPNOTSUPP', 'peek');
      const { received } = this;
      const take = (ended: boolean) => (received.length > 0 || ended ? received.peek() : undefined);
      return this.receive('peek', options, take, this.size);
    });
  }

  /**
   * Separates a file without a buffer of this one, after sending what waits in the buffer. This one is closed then; what it
   * had received and nobody has read is lost, as in Python.
   *
   * @param options - `signal`: ends the wait.
   * @returns The file without a buffer.
   * @throws As {@link flush}, and this file is closed even so; {@link UnsupportedOperation} (EOPNOTSUPP) for a file of both
   *   directions, or without a buffer.
   *
   * Source: Python's `io.BufferedIOBase.detach`
   */
  detach(options?: Abortable): Promise<BinaryFile> {
    return rejecting(() => {
      signalOf(options);
      if (this.size === 0 || (this.form.reading && this.form.writing)) throw unsupported('EOPNOTSUPP', 'detach');
      return this.handOver(new BinaryFile(this.host, { ...this.form, size: 0 }), options);
    });
  }

  /**
   * Writes bytes into the buffer. When they do not fit, what waits there is sent first.
   *
   * @param data - Any buffer or view, which may change as soon as the call has returned its promise.
   * @param options - `signal`: ends the wait.
   * @returns How many bytes were written: all.
   * @throws As {@link SocketFile.write}; TypeError (`ERR_INVALID_ARG_TYPE`) if `data` is a string.
   *
   * Source: Python's `io.BufferedWriter.write`
   */
  override write(data: BytesLike, options?: Abortable): Promise<number> {
    return rejecting(() => {
      const view = bytes('data', data);
      this.checkWritable();
      const { length } = view;
      return this.put(Buffer.from(view), options).then(() => length);
    });
  }
}
