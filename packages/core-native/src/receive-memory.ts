import { fillCall } from './call-block';
import { native, type Result, receiveOwn } from './native';

const MSG_TRUNC = native.constants.MSG_TRUNC ?? 0;

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
  if (pool.length - used < size) renewPool();
  return pool;
}

function renewPool(): void {
  pool = Buffer.allocUnsafeSlow(POOL_SIZE);
  poolMemory = pool.buffer;
  used = 0;
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
 * Receives into memory that nobody else will write to.
 *
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
  fd: number,
  flags: number,
  size: number,
  timeout: number,
  addressLength: number,
): Buffer | Result {
  const memory = reserve(size);
  const offset = offsetIn(memory);
  // A TCP socket throws these bytes away: nobody shall see what the memory held before.
  if (flags & MSG_TRUNC) memory.fill(0, offset, offset + size);
  fillCall(fd, flags, offset, size, timeout, addressLength);
  const received = receiveOwn(memory);
  return received < 0 ? received : claim(memory, size, received);
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
