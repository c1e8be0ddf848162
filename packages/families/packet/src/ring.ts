import * as core from '@bsd-sockets/core-native';
import { type BaseSocket, codecs, defineOption, type Socket } from '@bsd-sockets/socket';
import type { Abortable, Socket as AsyncSocket } from '@bsd-sockets/socket/promises';
import type { AF_PACKET } from './address';
import { socketOf } from './any-socket';
import { PacketBlock, type PacketFrame } from './block';
import { needPacket } from './platform';

// Names of this module's own: the getter behind an imported one is slow on the path of a receive.
const { integer, native, optionsOf, osError, outOfRange, wrongType, wrongValue } = core;
const { takeBlock, waitForBlock } = native;

/** How large a ring is, and when the kernel hands its blocks over. */
export interface PacketRingOptions {
  /** The bytes of a block: a multiple of the page size, and more than the largest frame; 262,144 by default. */
  blockSize?: number;
  /** How many blocks there are; 16 by default. */
  blockCount?: number;
  /** After how long a block is handed over that is not full, in seconds, 0.001 to 60; 0.01 by default. */
  retireTimeout?: number;
  /** Whether the kernel computes `rxhash` of each frame; false by default. */
  rxhash?: boolean;
}

const RING_OPTIONS: core.KnownKeys<PacketRingOptions> = {
  blockSize: true,
  blockCount: true,
  retireTimeout: true,
  rxhash: true,
};

const UINT32 = 2 ** 32 - 1;

// Of the socket that a ring belongs to, in all copies of this package: these two have no use beside a ring.
const version = defineOption({
  name: 'PACKET_VERSION',
  level: core.SOL_PACKET,
  option: core.PACKET_VERSION,
  codec: codecs.int32,
});
const rxRing = defineOption({
  name: 'PACKET_RX_RING',
  level: core.SOL_PACKET,
  option: core.PACKET_RX_RING,
  codec: codecs.writeOnly(codecs.list(codecs.uint32, 7)),
});

const NO_RING = [0, 0, 0, 0, 0, 0, 0];

/** struct tpacket_req3. */
function request(options: PacketRingOptions | null | undefined): {
  blockSize: number;
  blockCount: number;
  fields: number[];
} {
  const given = optionsOf(options, RING_OPTIONS);
  const { blockSize = 262_144, blockCount = 16, retireTimeout = 0.01, rxhash = false } = given;
  integer('blockSize', blockSize, 1, 2 ** 31 - 1);
  integer('blockCount', blockCount, 1, UINT32);
  if (typeof retireTimeout !== 'number') throw wrongType('retireTimeout', 'seconds', retireTimeout);
  if (!(retireTimeout >= 0.001 && retireTimeout <= 60)) {
    throw outOfRange('retireTimeout', '0.001 to 60 seconds', retireTimeout);
  }
  if (typeof rxhash !== 'boolean') throw wrongType('rxhash', 'true or false', rxhash);
  const milliseconds = Math.round(retireTimeout * 1000);
  // Frames of this version have no fixed size: the kernel only wants the numbers to fit.
  const features = rxhash ? core.TP_FT_REQ_FILL_RXHASH : 0;
  const fields = [blockSize, blockCount, blockSize, blockCount, milliseconds, 0, features];
  return { blockSize, blockCount, fields };
}

const unclosed = new FinalizationRegistry<number>((ring) => native.unmapRing(ring));

/** A ring and its socket: what both faces share. */
abstract class Ring implements Disposable {
  protected readonly socket: BaseSocket<typeof AF_PACKET>;
  /** The bytes of each of its blocks. */
  readonly blockSize: number;
  private readonly blockCount: number;
  private ring: number;
  private block = 0;
  /** What iterators that were given up had taken and not yielded. */
  protected left: PacketFrame[] = [];

  constructor(socket: BaseSocket<typeof AF_PACKET>, options?: PacketRingOptions | null) {
    needPacket('PacketRing');
    const { blockSize, blockCount, fields } = request(options);
    this.socket = socketOf(socket);
    this.blockSize = blockSize;
    this.blockCount = blockCount;
    socket.setOption(version, core.TPACKET_V3);
    socket.setOption(rxRing, fields);
    this.ring = native.mapRing(socket.fileno(), blockSize * blockCount);
    if (this.ring < 0) {
      socket.setOption(rxRing, NO_RING);
      throw osError(this.ring, { syscall: 'mmap' });
    }
    unclosed.register(this, this.ring, this);
  }

  /** Whether the ring is closed. */
  get closed(): boolean {
    return this.ring < 0;
  }

  /**
   * Unmaps the ring, and takes it from the socket, which receives in the ordinary way again. Frames that were taken stay
   * valid. A second time does nothing. A socket that is closed before its ring goes on receiving until then.
   *
   * @throws {@link OSError}
   *
   * Source: munmap(2)
   */
  close(): void {
    if (this.closed) return;
    native.unmapRing(this.ring);
    unclosed.unregister(this);
    this.ring = -1;
    if (this.socket.fileno() >= 0) this.socket.setOption(rxRing, NO_RING);
  }

  /** Closes the ring at the end of its `using` scope. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The descriptor of the socket. */
  protected checkOpen(): number {
    const fd = this.socket.fileno();
    if (!this.closed && fd >= 0) return fd;
    const hint = this.closed ? 'the ring is closed' : 'the socket is closed';
    throw osError(-(native.errnos.EBADF as number), { syscall: 'recv', hint });
  }

  /** The frames of the next block, one or more, or a negative errno. */
  protected take(timeout: number): PacketFrame[] | number {
    const block = this.fill(timeout, (length) => new PacketBlock(Buffer.allocUnsafeSlow(length)));
    return typeof block === 'number' ? block : block.frames();
  }

  /** Yields frames; those that nobody takes are left for the next iterator. */
  protected *each(frames: readonly PacketFrame[]): Generator<PacketFrame, void, undefined> {
    let taken = 0;
    try {
      while (taken < frames.length) yield frames[taken++]!;
    } finally {
      this.left = this.left.concat(frames.slice(taken));
    }
  }

  /** How many frames of the next block are in the memory of `block` now, or a negative errno. */
  protected takeInto(block: PacketBlock, timeout: number): number {
    this.check(block);
    const filled = this.fill(timeout, () => block);
    return typeof filled === 'number' ? filled : filled.count;
  }

  /** Refuses what is no memory for the ring's blocks, at each try: it may be taken away while a promise waits. */
  protected check(block: PacketBlock): void {
    if (!(block instanceof PacketBlock)) throw wrongType('block', 'a PacketBlock', block);
    if (block.buffer.length < this.blockSize) {
      throw wrongValue('block', `memory of at least the ring's ${this.blockSize} bytes`, block.buffer.length);
    }
  }

  private fill(timeout: number, memoryFor: (length: number) => PacketBlock): PacketBlock | number {
    const fd = this.checkOpen();
    for (;;) {
      const offset = this.block * this.blockSize;
      const length = waitForBlock(fd, this.ring, offset, timeout);
      if (length < 0) return length;
      const block = memoryFor(Math.min(length, this.blockSize));
      const taken = takeBlock(this.ring, offset, block.buffer);
      if (taken < 0) return taken;
      this.block = (this.block + 1) % this.blockCount;
      if (block.read(taken) > 0) return block;
    }
  }
}

/**
 * A receive ring (TPACKET_V3) of a packet socket: memory into which the kernel writes frames without a system call for
 * each, block by block. From now on the frames of the socket come only by the ring. Memory shared with the kernel never
 * gets to JavaScript: a block is copied whole, in one go, and given back.
 *
 * ```ts
 * using ring = new PacketRing(socket);
 * for (const frame of ring) console.log(frame.timestamp, frame.data);
 * ```
 *
 * Source: packet(7); Linux, Documentation/networking/packet_mmap.rst
 */
export class PacketRing extends Ring implements Iterable<PacketFrame> {
  /**
   * Gives a socket a ring.
   *
   * @param socket - A packet socket without a ring. To lose no frame, make the ring before the socket is bound.
   * @param options - Its size. Too small a ring loses frames under load: see PACKET_STATISTICS.
   * @throws {@link OSError}: EINVAL for a block size that is no multiple of the page size, ENOMEM, EBUSY if the socket
   *   has a ring; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
   */
  constructor(socket: Socket<typeof AF_PACKET>, options?: PacketRingOptions | null) {
    super(socket, options);
  }

  /**
   * Waits for the next block, as the timeout of the socket says, and takes it.
   *
   * @returns Its frames, one or more.
   * @throws {@link OSError}, such as ENETDOWN, or EBADF if the ring or the socket is closed; {@link TimeoutError};
   *   {@link BlockingIOError} if the socket is non-blocking and no block is ready.
   *
   * Source: Linux, Documentation/networking/packet_mmap.rst
   */
  recv(): PacketFrame[] {
    const frames = this.take(this.socket.gettimeout() ?? -1);
    if (typeof frames === 'number') throw osError(frames, { syscall: 'recv' });
    return frames;
  }

  /**
   * As {@link recv}, into memory of the caller, without an object for each frame.
   *
   * @param block - Memory for a block of the ring's `blockSize`. What it had is overwritten.
   * @returns How many frames it has now, one or more.
   * @throws As {@link recv}; TypeError (`ERR_INVALID_ARG_TYPE`), or RangeError (`ERR_INVALID_ARG_VALUE`) for too little
   *   memory.
   *
   * Source: Linux, Documentation/networking/packet_mmap.rst
   */
  recvInto(block: PacketBlock): number {
    const frames = this.takeInto(block, this.socket.gettimeout() ?? -1);
    if (frames < 0) throw osError(frames, { syscall: 'recv' });
    return frames;
  }

  /**
   * The frames, one after the other, each block as by {@link recv}, until the ring is closed. What an iterator that ends early has
   * received and not yielded is kept for the next one; `recv` and `recvInto` do not see it.
   */
  *[Symbol.iterator](): Generator<PacketFrame, void, undefined> {
    while (!this.closed) yield* this.each(this.left.length > 0 ? this.left.splice(0) : this.recv());
  }
}

/**
 * A receive ring of a socket of `@bsd-sockets/socket/promises`: as {@link PacketRing}, for the event loop.
 *
 * ```ts
 * using ring = new AsyncPacketRing(socket);
 * for await (const frame of ring) console.log(frame.timestamp, frame.data);
 * ```
 *
 * Source: packet(7); Linux, Documentation/networking/packet_mmap.rst
 */
export class AsyncPacketRing extends Ring implements AsyncIterable<PacketFrame> {
  declare protected readonly socket: AsyncSocket<typeof AF_PACKET>;

  /**
   * Gives a socket a ring.
   *
   * @param socket - A packet socket of the promise face, without a ring.
   * @param options - As for {@link PacketRing}.
   * @throws As {@link PacketRing}.
   */
  constructor(socket: AsyncSocket<typeof AF_PACKET>, options?: PacketRingOptions | null) {
    super(socket, options);
  }

  /**
   * Waits for the next block, and takes it. The event loop goes on meanwhile.
   *
   * @param options - `signal`: ends the wait.
   * @returns Its frames, one or more.
   * @throws As {@link PacketRing.recv}; {@link AbortError}.
   *
   * Source: Linux, Documentation/networking/packet_mmap.rst
   */
  async recv(options?: Abortable): Promise<PacketFrame[]> {
    this.checkOpen();
    return this.socket.receiveBy('recv', () => this.take(0), options, this);
  }

  /**
   * As {@link PacketRing.recvInto}, for the event loop.
   *
   * @param block - Memory for a block of the ring's `blockSize`. What it had is overwritten at some time before the promise
   *   is settled.
   * @param options - `signal`: ends the wait.
   * @returns How many frames it has now, one or more.
   * @throws As {@link PacketRing.recvInto}; {@link AbortError}.
   *
   * Source: Linux, Documentation/networking/packet_mmap.rst
   */
  async recvInto(block: PacketBlock, options?: Abortable): Promise<number> {
    this.checkOpen();
    this.check(block);
    return this.socket.receiveBy('recv', () => this.takeInto(block, 0), options, this);
  }

  /**
   * As {@link PacketRing.close}; receives that wait are rejected with ECANCELED.
   *
   * @throws {@link OSError}
   *
   * Source: munmap(2)
   */
  override close(): void {
    super.close();
    this.socket.endReceives(this, 'ring');
  }

  /**
   * The frames, one after the other, each block as by {@link recv}, until the ring is closed. What an iterator that ends early has
   * received and not yielded is kept for the next one; `recv` and `recvInto` do not see it.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<PacketFrame, void, undefined> {
    while (!this.closed) {
      const next = this.left.length > 0 ? Promise.resolve(this.left.splice(0)) : this.recv();
      const frames = await next.catch((error) => {
        if (this.closed) return [];
        throw error;
      });
      yield* this.each(frames);
    }
  }
}
