import type { Result } from './bindings';
import { fillCall } from './call-block';
import { native, receiveKeeping } from './native';
import { nodeModule } from './node-module';
import { totalLength } from './view-length';

const MSG_TRUNC = native.constants.MSG_TRUNC ?? 0;

interface BufferClass {
  new (memory: ArrayBufferLike, offset: number, length: number): Buffer;
  new (bytes: ArrayLike<number>): Buffer;
  new (length: number): Buffer;
}
/**
 * Node's own class of buffers. Its constructor takes a third of the time of Buffer.from and subarray, and copies into
 * memory of its own, not into Node's pool.
 */
export const FastBuffer = (Buffer as unknown as Record<symbol, BufferClass>)[Symbol.species]!;

/** V8 has the bytes of so short an array beside it: memory of its own costs it nothing. */
const SHORT = 64;
/** A slice of a pool keeps no more than this alive, or than so many times its length. */
const POOL_LEAST = 8 * 1024;
const POOL_TIMES = 16;
const POOL_MOST = 64 * 1024;
/** What is longer has memory of its own: a pool would waste more than it saves. */
const POOLED_MOST = POOL_MOST / 4;
/** How many bytes all pools have: the oldest is given up, since an idle connection is to keep no memory. */
const POOLS_MOST = 8 * 1024 * 1024;
/** Where so many receive that their pools are given up before they are full, most answers have memory of their own. */
const RESTS_MOST = 63;

/** More than one call receives. */
const NONE_SO_SHORT = 2 ** 31 - 1;

const NOTHING: Buffer = new FastBuffer(0);

/** Memory to receive into. */
export class Block {
  /** Where the next bytes belong. */
  used = 0;
  bytes = NOTHING;
  /** Kept, since `bytes.buffer` is a slow getter. */
  memory: ArrayBufferLike = NOTHING.buffer;
  /** The fewest bytes that a slice may have: it keeps all of this alive. Of what all sockets share there is none. */
  shortest = NONE_SO_SHORT;
  /** For how many answers a pool does without memory, and does still, once it was given up before it was full. */
  rests = 0;
  resting = 0;

  renew(bytes: Buffer): void {
    this.bytes = bytes;
    this.memory = bytes.buffer;
    this.used = 0;
  }

  /** Whether so many bytes fit in. The length is 0 once somebody has taken the memory away. */
  fits(size: number): boolean {
    return this.bytes.length - this.used >= size;
  }
}

/** A receiver: its answers lie in a pool, where nobody else's do. */
export interface Receiver {
  pool: Block | undefined;
}

/** The most bytes of memory that all sockets share. */
const SHARED_MOST = 2 ** 20;

/** By the logarithm of their size. Nobody sees what is in them: answers are copied out, for all sockets use the same. */
const blocks: (Block | undefined)[] = [];

/** Those that have memory, the oldest first. */
const pools = new Set<Block>();
let poolsLength = 0;
/** `markAsUntransferable`, since there was a pool. */
let untransferable: ((memory: object) => void) | undefined;
/** The last receiver. */
let last: Receiver | undefined;

function blockOf(size: number): Block {
  const block = new Block();
  block.renew(Buffer.allocUnsafeSlow(size));
  return block;
}

function renew(pool: Block, length: number): void {
  // It was there until it was full.
  if (pools.has(pool)) pool.rests = 0;
  giveUp(pool);
  // What a pool shows beside a slice of it is nothing but zeros, and other bytes of the same receiver.
  pool.renew(new FastBuffer(Math.min(Math.max(POOL_LEAST, POOL_TIMES * length), POOL_MOST)));
  pool.shortest = pool.bytes.length > POOL_LEAST ? pool.bytes.length / POOL_TIMES : 0;
  try {
    // To transfer one slice would take all others away.
    untransferable ??= nodeModule('node:worker_threads').markAsUntransferable;
    untransferable(pool.memory);
  } catch {
    // Bun has no such thing.
  }
  pools.add(pool);
  poolsLength += pool.bytes.length;
  for (const oldest of pools) {
    if (poolsLength <= POOLS_MOST) break;
    giveUp(oldest);
    oldest.rests = Math.min(2 * oldest.rests + 1, RESTS_MOST);
    oldest.resting = oldest.rests;
  }
}

function giveUp(pool: Block): void {
  if (!pools.delete(pool)) return;
  poolsLength -= pool.bytes.length;
  pool.renew(NOTHING);
}

function slice(pool: Block, length: number): Buffer {
  const { memory, used } = pool;
  // They begin at multiples of 8, so that typed arrays of any element can view them.
  pool.used = (used + length + 7) & ~7;
  return new FastBuffer(memory, used, length);
}

/**
 * Memory for the next receive, whose bytes belong at `used`.
 *
 * @param receiver - Whose bytes they are.
 * @param size - At most how many bytes.
 * @param flags - Those of the receive: MSG_* constants, joined by `|`.
 */
export function reserve(receiver: Receiver, size: number, flags: number): Block {
  if (flags & MSG_TRUNC) return cleared(size);
  const { pool } = receiver;
  // The addon knows the memory of the last receive: a pool that is not that is no gain.
  if (receiver === last && pool !== undefined) return pool.fits(size) ? pool : renewedOrShared(pool, size);
  return shared(size);
}

// Functions of the usual path are short, and what is rare is apart: V8 puts no more than some 900 bytecodes into a caller.

/** With MSG_TRUNC a TCP socket throws the bytes away that it counts: nobody may see what the memory held before. */
function cleared(size: number): Block {
  const block = shared(size);
  block.bytes.fill(0, 0, size);
  return block;
}

function renewedOrShared(pool: Block, size: number): Block {
  // Its bytes may all be needed: they were, mostly, when the pool became so large.
  if (pool.resting > 0 || POOL_TIMES * size > Math.max(POOL_LEAST, pool.bytes.length)) return shared(size);
  renew(pool, size);
  return pool;
}

function shared(size: number): Block {
  if (size > SHARED_MOST) return blockOf(size);
  // The next power of 2, from 4096 on.
  const logarithm = 32 - Math.clz32(((size || 1) - 1) | 4095);
  blocks[logarithm] ??= blockOf(2 ** logarithm);
  return blocks[logarithm];
}

/**
 * The buffer of what was received, which nobody else will write to, and which lies beside no other receiver's bytes.
 *
 * @param receiver - Whose bytes they are.
 * @param block - What {@link reserve} returned for this `size`.
 * @param size - At most how many bytes.
 * @param received - What the system call returned: with MSG_TRUNC it may be more than `size`.
 */
export function claim(receiver: Receiver, block: Block, size: number, received: number): Buffer {
  // More than `size` comes with MSG_TRUNC alone, and then never into a pool.
  return received >= block.shortest ? slice(block, received) : claimOther(receiver, block, Math.min(received, size));
}

function claimOther(receiver: Receiver, block: Block, length: number): Buffer {
  if (block !== receiver.pool && deservesAll(block.bytes, length)) {
    const logarithm = blocks.indexOf(block);
    if (logarithm >= 0) blocks[logarithm] = undefined;
    return shorten(receiver, block.bytes, length);
  }
  return keep(receiver, new FastBuffer(block.memory, block.used, length));
}

/** Whether an answer fills so much of the memory that it may keep it all. */
function deservesAll(memory: Buffer, length: number): boolean {
  return length > POOLED_MOST && length >= memory.length / 2;
}

/**
 * The first bytes of memory, which nobody else will use. A short answer does not keep a large allocation alive.
 *
 * @param receiver - Whose bytes they are.
 * @param memory - The memory.
 * @param length - How many bytes there are.
 */
export function shorten(receiver: Receiver, memory: Buffer, length: number): Buffer {
  if (!deservesAll(memory, length)) return keep(receiver, memory.subarray(0, length));
  if (length === memory.length) return memory;
  // What others have had there before.
  memory.fill(0, length);
  return memory.subarray(0, length);
}

/**
 * Joins bytes in memory of their own, where `Buffer.concat` may take a part of Node's pool.
 *
 * @param pieces - The bytes.
 */
export function join(pieces: readonly Uint8Array[]): Buffer {
  return gather(new FastBuffer(totalLength(pieces)), pieces);
}

/**
 * Copies bytes one behind the other.
 *
 * @param memory - Where to: at least as long as they all are.
 * @param pieces - The bytes.
 * @returns The memory.
 */
export function gather(memory: Buffer, pieces: readonly Uint8Array[]): Buffer {
  let end = 0;
  for (const piece of pieces) {
    memory.set(piece, end);
    end += piece.length;
  }
  return memory;
}

/**
 * Copies bytes to where nobody else will write to, and where no other receiver's bytes lie: Node's own pool, which
 * `Buffer.from` uses, has all of them in one place.
 *
 * @param receiver - Whose bytes they are.
 * @param bytes - The bytes.
 */
export function keep(receiver: Receiver, bytes: Uint8Array): Buffer {
  const { length } = bytes;
  const again = receiver === last;
  last = receiver;
  if (length <= POOLED_MOST && (again || length > SHORT)) {
    if (receiver.pool?.resting) receiver.pool.resting--;
    else if (receiver.pool !== undefined && length > SHORT) return pooled(receiver.pool, bytes);
    // A pool is worth while for the next.
    receiver.pool ??= new Block();
  }
  return new FastBuffer(bytes);
}

function pooled(pool: Block, bytes: Uint8Array): Buffer {
  const { length } = bytes;
  if (!pool.fits(length) || length < pool.shortest) renew(pool, length);
  const kept = slice(pool, length);
  kept.set(bytes);
  return kept;
}

/**
 * Receives into memory that nobody else will write to.
 *
 * @param receiver - Whose bytes they are: the same object for all receives of a socket.
 * @param fd - The descriptor.
 * @param flags - MSG_* constants, joined by `|`.
 * @param size - At most how many bytes.
 * @param timeout - Seconds; below 0: no limit, 0: never wait.
 * @param addressLength - The bytes to make room for the sender's address in the call block; 0 for none.
 * @returns The bytes, or a negative errno.
 *
 * Source: recvfrom(2)
 */
export function receiveBuffer(
  receiver: Receiver,
  fd: number,
  flags: number,
  size: number,
  timeout: number,
  addressLength: number,
): Buffer | Result {
  const block = reserve(receiver, size, flags);
  const { bytes, used } = block;
  fillCall(fd, flags, used, size, timeout, addressLength);
  const received = receiveKeeping(bytes, bytes.length, SHARED_MOST);
  return received < 0 ? received : claim(receiver, block, size, received);
}
