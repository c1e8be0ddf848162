import type { BytesLike } from '@bsd-sockets/core-native';
import { IOBase } from './io-base';
import type { SocketIO } from './socket-io';

/**
 * What the binary files for one direction have in common: a buffer over the file that receives and sends.
 *
 * Source: Python's `io.BufferedIOBase`
 */
export abstract class BufferedIOBase extends IOBase<Buffer, BytesLike> {
  /** The file under this one. */
  readonly raw: SocketIO;
  protected readonly memory: Buffer;

  /** @internal */
  constructor(raw: SocketIO, size: number) {
    super();
    this.raw = raw;
    this.memory = Buffer.allocUnsafeSlow(size);
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
