import { BlockingIOError, type BytesLike, bytes, native } from '@bsd-sockets/core-native';
import { IOBase } from './io-base';
import type { SocketIO } from './socket-io';
import { UnsupportedOperation } from './unsupported-operation';

/**
 * A binary file for writing, which sends what was written when its buffer is full, and when it is flushed or closed. What
 * waits in the buffer of a file that is collected is lost.
 *
 * Source: Python's `io.BufferedWriter`
 */
export class BufferedWriter extends IOBase<Buffer, BytesLike> {
  /** The file under this one. */
  readonly raw: SocketIO;
  private readonly memory: Buffer;
  /** How many bytes of `memory` are still to be sent. */
  private waiting = 0;

  /** @internal */
  constructor(raw: SocketIO, size: number) {
    super();
    this.raw = raw;
    this.memory = Buffer.allocUnsafeSlow(size);
  }

  get closed(): boolean {
    return this.raw.closed;
  }

  get mode(): string {
    return this.raw.mode;
  }

  get name(): number {
    return this.raw.name;
  }

  fileno(): number {
    return this.raw.fileno();
  }

  readable(): boolean {
    return false;
  }

  writable(): boolean {
    return this.raw.writable();
  }

  override write(data: BytesLike): number {
    const view = bytes('data', data);
    if (!this.writable()) throw new UnsupportedOperation('write');
    let rest = view;
    if (rest.length > this.room && this.send()) {
      while (rest.length > this.memory.length) {
        const sent = this.raw.write(rest);
        if (sent === undefined) break;
        rest = rest.subarray(sent);
      }
    }
    rest = rest.subarray(this.keep(rest));
    if (rest.length > 0) throw wouldBlock(view.length - rest.length);
    return view.length;
  }

  override flush(): void {
    this.checkOpen();
    if (!this.send()) throw wouldBlock(0);
  }

  close(): void {
    if (this.closed) return;
    try {
      this.flush();
    } finally {
      this.raw.close();
    }
  }

  private get room(): number {
    return this.memory.length - this.waiting;
  }

  /** Copies what fits into the buffer. */
  private keep(data: Uint8Array): number {
    const kept = data.subarray(0, this.room);
    this.memory.set(kept, this.waiting);
    this.waiting += kept.length;
    return kept.length;
  }

  /** Sends the buffer; false if the socket is non-blocking and cannot take all of it. */
  private send(): boolean {
    while (this.waiting > 0) {
      const sent = this.raw.write(this.memory.subarray(0, this.waiting));
      if (sent === undefined) return false;
      this.memory.copyWithin(0, sent, this.waiting);
      this.waiting -= sent;
    }
    return true;
  }
}

function wouldBlock(charactersWritten: number): BlockingIOError {
  const error = new BlockingIOError(native.errnos.EAGAIN as number, { syscall: 'write' });
  return Object.assign(error, { charactersWritten });
}
