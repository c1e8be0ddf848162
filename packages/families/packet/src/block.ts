import * as core from '@bsd-sockets/core-native';
import { structView } from '@bsd-sockets/core-native';
import { decodeAddress, type PacketAddress } from './address';
import { decodeVlanTag, type VlanTag } from './ethernet';

// Names of this module's own: the getter behind an imported one is slow on the path of a receive.
const {
  bytes,
  FastBuffer,
  LITTLE_ENDIAN,
  outOfRange,
  TP_STATUS_LOSING,
  TP_STATUS_VLAN_TPID_VALID,
  TP_STATUS_VLAN_VALID,
  wrongType,
  wrongValue,
} = core;

// struct tpacket_block_desc and struct tpacket3_hdr. Source: linux/if_packet.h
const NUM_PKTS = 12;
const OFFSET_TO_FIRST_PKT = 16;
const BLOCK_HEADER = 48;
const NEXT_OFFSET = 0;
const SEC = 4;
const NSEC = 8;
const SNAPLEN = 12;
const LEN = 16;
const STATUS = 20;
const MAC = 24;
const RXHASH = 28;
const VLAN_TCI = 32;
const VLAN_TPID = 36;
const SOCKADDR = 48;
const FRAME_HEADER = SOCKADDR + 20;

const SECOND = 1_000_000_000n;

/**
 * Memory for the frames of a ring, which its `recvInto` fills: the way to look at many frames without an object for each.
 * It is allocated once and may be used any number of times, with any ring whose blocks fit.
 *
 * ```ts
 * const block = new PacketBlock(Buffer.alloc(ring.blockSize));
 * for (;;) {
 *   ring.recvInto(block);
 *   for (let index = 0; index < block.count; index++) console.log(block.buffer[block.offset(index)]);
 * }
 * ```
 *
 * Source: Linux, Documentation/networking/packet_mmap.rst
 */
export class PacketBlock {
  /** The memory. Nobody but `recvInto` writes to it. */
  readonly buffer: Buffer;
  /** Kept, since `buffer.buffer` and `buffer.byteOffset` are slow getters. */
  private readonly memory: ArrayBufferLike;
  private readonly begin: number;
  private readonly view: DataView;
  /** Where the header of each frame is. */
  private headers = new Uint32Array();
  private used = 0;
  /** How many bytes were written: none behind them is read. */
  private filled = 0;

  /**
   * @param memory - Where the frames go: at least the ring's `blockSize`, in bytes.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  constructor(memory: core.BytesLike) {
    const { buffer, byteOffset, byteLength } = bytes('memory', memory);
    this.buffer = new FastBuffer(buffer, byteOffset, byteLength);
    this.memory = buffer;
    this.begin = byteOffset;
    this.view = structView(this.buffer);
  }

  /** How many frames it holds: those of the last `recvInto`. */
  get count(): number {
    return this.used;
  }

  /**
   * Where the bytes of a frame begin in `buffer`.
   *
   * @param index - The frame, from 0 on.
   * @throws RangeError (`ERR_OUT_OF_RANGE`) if there is none; TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  offset(index: number): number {
    const header = this.header(index);
    return Math.min(header + this.view.getUint16(header + MAC, LITTLE_ENDIAN), this.filled);
  }

  /**
   * How many bytes of a frame there are.
   *
   * @param index - The frame, from 0 on.
   * @throws As {@link offset}.
   */
  nbytes(index: number): number {
    return Math.min(this.field(index, SNAPLEN), this.filled - this.offset(index));
  }

  /**
   * The bytes of a frame: a view, which the next `recvInto` overwrites.
   *
   * @param index - The frame, from 0 on.
   * @throws As {@link offset}.
   */
  data(index: number): Buffer {
    return this.part(this.offset(index), this.nbytes(index));
  }

  /**
   * The bytes that a frame had on the link: more than `nbytes` if a filter cut it.
   *
   * @param index - The frame, from 0 on.
   * @throws As {@link offset}.
   */
  length(index: number): number {
    return this.field(index, LEN);
  }

  /**
   * When a frame was received or sent: nanoseconds since 1970.
   *
   * @param index - The frame, from 0 on.
   * @throws As {@link offset}.
   */
  timestamp(index: number): bigint {
    return BigInt(this.field(index, SEC)) * SECOND + BigInt(this.field(index, NSEC));
  }

  /**
   * The status of a frame: TP_STATUS_* constants, joined by `|`.
   *
   * @param index - The frame, from 0 on.
   * @throws As {@link offset}.
   */
  status(index: number): number {
    return this.field(index, STATUS);
  }

  /**
   * Whether frames were dropped before a frame.
   *
   * @param index - The frame, from 0 on.
   * @throws As {@link offset}.
   */
  losing(index: number): boolean {
    return (this.status(index) & TP_STATUS_LOSING) !== 0;
  }

  /**
   * The tag that the kernel took off a frame; undefined if there was none.
   *
   * @param index - The frame, from 0 on.
   * @throws As {@link offset}.
   */
  vlan(index: number): VlanTag | undefined {
    const status = this.status(index);
    if (!(status & TP_STATUS_VLAN_VALID)) return undefined;
    const tpid = status & TP_STATUS_VLAN_TPID_VALID ? this.field(index, VLAN_TPID) & 0xffff : 0x8100;
    return decodeVlanTag(this.field(index, VLAN_TCI) & 0xffff, tpid);
  }

  /**
   * A number that the frames of one flow share, if the ring was made with `rxhash`; else 0.
   *
   * @param index - The frame, from 0 on.
   * @throws As {@link offset}.
   */
  rxhash(index: number): number {
    return this.field(index, RXHASH);
  }

  /**
   * What `recvfrom` would have told of the sender of a frame. It is decoded at each call.
   *
   * @param index - The frame, from 0 on.
   * @throws As {@link offset}.
   */
  address(index: number): PacketAddress {
    return decodeAddress(this.part(this.header(index) + SOCKADDR, FRAME_HEADER - SOCKADDR));
  }

  /**
   * The frames, an object for each.
   *
   * @internal
   */
  frames(): PacketFrame[] {
    const frames: PacketFrame[] = [];
    for (let index = 0; index < this.used; index++) frames.push(new PacketFrame(this, index));
    return frames;
  }

  /**
   * Looks for the frames in what was written to the memory.
   *
   * @param length - How many bytes were. Whatever they are, nothing outside of them is read.
   * @returns How many frames there are.
   * @internal
   */
  read(length: number): number {
    this.used = 0;
    this.filled = length;
    if (length < BLOCK_HEADER) return 0;
    const { view } = this;
    const most = Math.min(view.getUint32(NUM_PKTS, LITTLE_ENDIAN), Math.ceil(length / FRAME_HEADER));
    if (this.headers.length < most) this.headers = new Uint32Array(most);
    const { headers } = this;
    let count = 0;
    let header = view.getUint32(OFFSET_TO_FIRST_PKT, LITTLE_ENDIAN);
    while (count < most && header + FRAME_HEADER <= length) {
      headers[count++] = header;
      const next = view.getUint32(header + NEXT_OFFSET, LITTLE_ENDIAN);
      if (next === 0) break;
      header += next;
    }
    this.used = count;
    return count;
  }

  private part(offset: number, length: number): Buffer {
    return new FastBuffer(this.memory, this.begin + offset, length);
  }

  private field(index: number, field: number): number {
    return this.view.getUint32(this.header(index) + field, LITTLE_ENDIAN);
  }

  /** Where the header of a frame is. */
  private header(index: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.used && this.buffer.length > 0)
      return this.headers[index]!;
    if (this.buffer.length === 0) {
      throw wrongValue('block', 'a block with its memory (which was transferred away)', 'block.buffer, which is empty');
    }
    const expected = `the number of a frame (the block holds ${this.used})`;
    throw (typeof index === 'number' ? outOfRange : wrongType)('index', expected, index);
  }
}

/** A frame that came by a ring. */
export class PacketFrame {
  /** The bytes of the frame, which nobody else writes to. A kept frame keeps all frames of its block. */
  readonly data: Buffer;
  private readonly block: PacketBlock;
  private readonly index: number;

  /** @internal */
  constructor(block: PacketBlock, index: number) {
    this.data = block.data(index);
    this.block = block;
    this.index = index;
  }

  /** The bytes that the frame had on the link: more than `data` if a filter cut it. */
  get length(): number {
    return this.block.length(this.index);
  }

  /** When the frame was received or sent: nanoseconds since 1970. */
  get timestamp(): bigint {
    return this.block.timestamp(this.index);
  }

  /** TP_STATUS_* constants, joined by `|`. */
  get status(): number {
    return this.block.status(this.index);
  }

  /** Whether frames were dropped before this one. */
  get losing(): boolean {
    return this.block.losing(this.index);
  }

  /** The tag that the kernel took off the frame; undefined if there was none. */
  get vlan(): VlanTag | undefined {
    return this.block.vlan(this.index);
  }

  /** A number that the frames of one flow share, if the ring was made with `rxhash`; else 0. */
  get rxhash(): number {
    return this.block.rxhash(this.index);
  }

  /** What `recvfrom` would have told of the sender. */
  get address(): PacketAddress {
    return this.block.address(this.index);
  }
}
