import type { BytesLike } from '@bsd-sockets/core-native';
import { BufferedReader } from './buffered-reader';
import { BufferedWriter } from './buffered-writer';
import { IOBase, type Size } from './io-base';
import type { SocketIO } from './socket-io';

/**
 * A binary file for reading and writing, with a buffer for each. Reading does not send what waits to be sent: that takes
 * `flush`.
 *
 * Source: Python's `io.BufferedRWPair`
 */
export class BufferedRWPair extends IOBase<Buffer, BytesLike> {
  private readonly reader: BufferedReader;
  private readonly writer: BufferedWriter;

  /** @internal */
  constructor(raw: SocketIO, size: number) {
    super();
    this.reader = new BufferedReader(raw, size);
    this.writer = new BufferedWriter(raw, size);
  }

  get closed(): boolean {
    return this.writer.closed;
  }

  get mode(): string {
    return this.writer.mode;
  }

  get name(): number {
    return this.writer.name;
  }

  fileno(): number {
    return this.writer.fileno();
  }

  readable(): boolean {
    return this.reader.readable();
  }

  writable(): boolean {
    return this.writer.writable();
  }

  override read(size?: Size): Buffer | undefined {
    return this.reader.read(size);
  }

  /** As {@link BufferedReader.read1}. */
  read1(size?: Size): Buffer {
    return this.reader.read1(size);
  }

  /** As {@link BufferedReader.readinto}. */
  readinto(buffer: BytesLike): number | undefined {
    return this.reader.readinto(buffer);
  }

  override readline(size?: Size): Buffer {
    return this.reader.readline(size);
  }

  override write(data: BytesLike): number {
    return this.writer.write(data);
  }

  override flush(): void {
    this.writer.flush();
  }

  close(): void {
    this.writer.close();
  }
}
