import type { BytesLike } from '@bsd-sockets/core-native';
import { detachedError, IOBase } from './io-base';
import type { SocketIO } from './socket-io';

/**
 * What the binary files for one direction have in common: a buffer over the file that receives and sends.
 *
 * Source: Python's `io.BufferedIOBase`
 */
export abstract class BufferedIOBase extends IOBase<Buffer, BytesLike> {
  private under: SocketIO | undefined;
  protected memory: Buffer;

  /** @internal */
  constructor(raw: SocketIO, size: number) {
    super();
    this.under = raw;
    this.memory = Buffer.allocUnsafeSlow(size);
  }

  /**
   * The file under this one.
   *
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once it was detached.
   *
   * Source: Python's `io.BufferedIOBase.raw`
   */
  get raw(): SocketIO {
    if (this.under === undefined) throw detachedError();
    return this.under;
  }

  /**
   * Separates the file under this one, which stays open, after sending what waits in the buffer. This one cannot be used any
   * more; what it had received and nobody has read is lost, as in Python.
   *
   * @returns The file without a buffer.
   * @throws {@link OSError}, as from {@link flush}; RangeError (`ERR_INVALID_ARG_VALUE`) once it is closed, or detached.
   *
   * Source: Python's `io.BufferedIOBase.detach`
   */
  detach(): SocketIO {
    this.flush();
    const { raw } = this;
    this.under = undefined;
    return raw;
  }

  /**
   * Whether the file is closed.
   *
   * Source: Python's `io.IOBase.closed`
   */
  get closed(): boolean {
    return this.raw.closed;
  }

  /**
   * The mode of the file: `rb` or `wb`.
   *
   * Source: Python's `socket.SocketIO.mode`
   */
  get mode(): string {
    return this.raw.mode;
  }

  /**
   * The descriptor of the socket; -1 once the file is closed.
   *
   * Source: Python's `socket.SocketIO.name`
   */
  get name(): number {
    return this.raw.name;
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
    return this.raw.fileno();
  }
}
