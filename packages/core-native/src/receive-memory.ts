import { markAsUntransferable } from 'node:worker_threads';
import { fillCall } from './call-block';
import { native, OWN_KNOWN_MOST, type Result, receiveOwn } from './native';

const MSG_TRUNC = native.constants.MSG_TRUNC ?? 0;

interface BufferClass {
  new (memory: ArrayBufferLike, offset: number, length: number): Buffer;
  new (bytes: ArrayLike<number>): Buffer;
  new (length: number): Buffer;
}
/** Node's own class of buffers. Its constructor takes a third of the time of Buffer.from and subarray. */
export const FastBuffer = (Buffer as unknown as Record<symbol, BufferClass>)[Symbol.species]!;

/** V8 has the bytes of so short an array beside it: memory of its own costs it nothing. */
const SHORT = 64;
/** A slice of a pool keeps no more than this alive, or than so many times its length. */
const POOL_LEAST = 8 * 1024;
const POOL_TIMES = 16;
const POOL_MOST = 64 * 1024;
/** What is longer has memory of its own: a pool would waste more than it saves. */
const POOLED_MOST = POOL_MOST / 4;

/** Memory to receive into. */
export class Block {
  /** Where the next bytes belong. */
  used = 0;
  /** Kept, since `bytes.buffer` is a slow getter. */
  readonly memory: ArrayBufferLike;

  constructor(readonly bytes: Buffer) {
    this.memory = bytes.buffer;
  }
}

/** By the logarithm of their size. Nobody sees what is in them: answers are copied out, for all sockets use the same. */
const blocks: (Block | undefined)[] = [];

const NO_POOL = new Block(Buffer.alloc(0));
/** The last whose answers were neither short nor long: they lie in one pool, and nobody else's do. */
let owner: object | undefined;
let pool = NO_POOL;

function renewPool(length: number): void {
  // What a pool shows beside a slice of it is nothing but zeros, and other bytes of the same owner.
  pool = new Block(new FastBuffer(Math.min(Math.max(POOL_LEAST, POOL_TIMES * length), POOL_MOST)));
  try {
    // To transfer one slice would take all others away.
    markAsUntransferable(pool.memory);
  } catch {
    // Bun has no such thing.
  }
}

/** Whether a slice of the pool may be so short. */
function suits(length: number): boolean {
  return pool.bytes.length <= Math.max(POOL_LEAST, POOL_TIMES * length);
}

function slice(length: number): Buffer {
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
 */
export function reserve(receiver: object, size: number): Block {
  // The length is 0 once somebody has taken the memory of the pool away.
  if (receiver === owner && pool.bytes.length - pool.used >= size) return pool;
  if (size > OWN_KNOWN_MOST) return new Block(Buffer.allocUnsafeSlow(size));
  // The next power of 2, from 4096 on.
  const logarithm = 32 - Math.clz32(((size || 1) - 1) | 4095);
  blocks[logarithm] ??= new Block(Buffer.allocUnsafeSlow(2 ** logarithm));
  return blocks[logarithm];
}

/**
 * The buffer of what was received, which nobody else will write to, and which lies beside no other socket's bytes.
 *
 * @param receiver - Whose bytes they are.
 * @param block - What {@link reserve} returned for this `size`.
 * @param size - At most how many bytes.
 * @param received - What the system call returned: with MSG_TRUNC it may be more than `size`.
 */
export function claim(receiver: object, block: Block, size: number, received: number): Buffer {
  const length = Math.min(received, size);
  if (block === pool) {
    if (length > SHORT && suits(length)) return slice(length);
  } else if (deservesAll(block.bytes, length)) {
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
export function shorten(receiver: object, memory: Buffer, length: number): Buffer {
  const answer = memory.subarray(0, length);
  if (!deservesAll(memory, length)) return keep(receiver, answer);
  // What others have had there before.
  memory.fill(0, length);
  return answer;
}

/**
 * Joins bytes in memory of their own, where `Buffer.concat` may take a part of Node's pool.
 *
 * @param pieces - The bytes.
 */
export function join(pieces: readonly Uint8Array[]): Buffer {
  const whole = new FastBuffer(pieces.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const piece of pieces) {
    whole.set(piece, end);
    end += piece.length;
  }
  return whole;
}

/**
 * Copies bytes to where nobody else will write to, and where no other socket's bytes lie: Node's own pool, which
 * `Buffer.from` uses, has all of them in one place.
 *
 * @param receiver - Whose bytes they are.
 * @param bytes - The bytes.
 */
export function keep(receiver: object, bytes: Uint8Array): Buffer {
  const { length } = bytes;
  if (length <= SHORT || length > POOLED_MOST) return new FastBuffer(bytes);
  if (receiver !== owner) {
    // A pool is worth while for the next.
    owner = receiver;
    pool = NO_POOL;
    return new FastBuffer(bytes);
  }
  if (pool.bytes.length - pool.used < length || !suits(length)) renewPool(length);
  const kept = slice(length);
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
  receiver: object,
  fd: number,
  flags: number,
  size: number,
  timeout: number,
  addressLength: number,
): Buffer | Result {
  const block = reserve(receiver, size);
  const { bytes, used } = block;
  // A TCP socket throws these bytes away: nobody may see what the memory held before.
  if (flags & MSG_TRUNC) bytes.fill(0, used, used + size);
  fillCall(fd, flags, used, size, timeout, addressLength);
  const received = receiveOwn(bytes);
  return received < 0 ? received : claim(receiver, block, size, received);
}
