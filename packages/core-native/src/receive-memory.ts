import { native, type Result } from './native';

const { receive, receivePooled, registerPool } = native;

type BufferClass = new (memory: ArrayBufferLike, offset: number, length: number) => Buffer;
/** Node's own class of buffers. Its constructor takes a third of the time of Buffer.from and subarray. */
export const FastBuffer = (Buffer as unknown as Record<symbol, BufferClass>)[Symbol.species]!;

const POOL_SIZE = 64 * 1024;
/** Larger receives have memory of their own: a pool that two of them fill would waste more than it saves. */
const POOLED_MOST = POOL_SIZE / 4;

// None at first, which is too small for any receive.
let pool = Buffer.alloc(0);
// Kept apart, since `pool.buffer` is a slow getter.
let poolMemory = pool.buffer;
let used = 1;

/**
 * Memory for the next receive: the bytes belong at {@link offsetIn}.
 *
 * @param size - At most how many bytes.
 */
export function reserve(size: number): Buffer {
  if (size > POOLED_MOST) return Buffer.allocUnsafeSlow(size);
  // The length is 0 once somebody has transferred the memory of a slice.
  if (pool.length - used < size) {
    pool = Buffer.allocUnsafeSlow(POOL_SIZE);
    registerPool(pool);
    poolMemory = pool.buffer;
    used = 0;
  }
  return pool;
}

/**
 * Where the bytes of the next receive belong.
 *
 * @param memory - What {@link reserve} returned.
 */
export function offsetIn(memory: Buffer): number {
  return memory === pool ? used : 0;
}

/**
 * Receives as the call block says.
 *
 * @param memory - What {@link reserve} returned.
 *
 * Source: recvfrom(2)
 */
export function receiveReserved(memory: Buffer): Result {
  return memory === pool ? receivePooled() : receive(memory);
}

/**
 * The buffer of what was received, which nobody else will write to.
 *
 * @param memory - What {@link reserve} returned for this `size`.
 * @param size - At most how many bytes.
 * @param received - What the system call returned: with MSG_TRUNC it may be more than `size`.
 */
export function claim(memory: Buffer, size: number, received: number): Buffer {
  const length = Math.min(received, size);
  if (memory === pool) {
    const offset = used;
    // Slices begin at multiples of 8, so that typed arrays of any element can view them.
    used = (offset + length + 7) & ~7;
    return new FastBuffer(poolMemory, offset, length);
  }
  // A small answer does not keep a large allocation alive.
  return length < size / 2 ? Buffer.from(memory.subarray(0, length)) : memory.subarray(0, length);
}
