import { setTimeout } from 'node:timers/promises';
import { type Abortable, CAN_RAW, CANFD_MTU, CANXL_MTU, native, OSError, wrongType } from '@bsd-sockets/core-native';
import { MessageBatch, type Socket } from '@bsd-sockets/socket';
import { Socket as AsyncSocket } from '@bsd-sockets/socket/promises';
import type { AF_CAN } from './address';
import { type CanFrame, type CanFrameLike, decodeFrame, encodeFrame } from './frame';
import { canOptions } from './options';

type BlockingCanSocket = Socket<typeof AF_CAN>;
type AsyncCanSocket = AsyncSocket<typeof AF_CAN>;
type AnyCanSocket = BlockingCanSocket | AsyncCanSocket;
type Batch = MessageBatch<typeof AF_CAN>;

const ENOBUFS = native.errnos.ENOBUFS as number;

/** As many frames as the kernel keeps for a socket by default, or a little less. */
const MOST_FRAMES = 256;
/** For how long, in milliseconds, to leave a full queue of a controller alone: at first, and at most. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 16;

interface Received {
  readonly batch: Batch;
  /** The first frame that nobody has taken. */
  next: number;
  /** Whether an iterator waits for frames in this batch: nobody else may use it meanwhile. */
  receiving: boolean;
}

/** What a socket has received and nobody has taken: the rest stays for the next iterator if one ends early. */
const received = new WeakMap<AnyCanSocket, Received[]>();

function isAsync(socket: AnyCanSocket): socket is AsyncCanSocket {
  return socket instanceof AsyncSocket;
}

function checkRaw(socket: AnyCanSocket): void {
  if (socket?.proto !== CAN_RAW) throw wrongType('socket', 'a socket with the protocol CAN_RAW', socket);
}

function takesXl(socket: AnyCanSocket): boolean {
  try {
    return socket.getOption(canOptions.CAN_RAW_XL_FRAMES);
  } catch {
    // The kernel is older than CAN XL.
    return false;
  }
}

function receivedOf(socket: AnyCanSocket): Received {
  const size = takesXl(socket) ? CANXL_MTU : CANFD_MTU;
  const all = (received.get(socket) ?? []).filter(
    (state) => state.receiving || hasFrames(state) || state.batch.size >= size,
  );
  const idle = all.filter(({ receiving }) => !receiving);
  let state = idle.find(hasFrames) ?? idle[0];
  if (state === undefined) {
    state = { batch: new MessageBatch(socket, MOST_FRAMES, size), next: 0, receiving: false };
    all.push(state);
  }
  received.set(socket, all);
  return state;
}

function hasFrames({ next, batch }: Received): boolean {
  return next < batch.length;
}

function* blockingFrames(socket: BlockingCanSocket): Generator<CanFrame, void, undefined> {
  const state = receivedOf(socket);
  const { batch } = state;
  while (socket.fileno() >= 0) {
    while (state.next < batch.length) yield decodeFrame(batch.data(state.next++));
    if (socket.fileno() < 0) return;
    socket.recvmmsg(batch);
    state.next = 0;
  }
}

async function* asyncFrames(
  socket: AsyncCanSocket,
  options: Abortable | undefined,
): AsyncGenerator<CanFrame, void, undefined> {
  let state = receivedOf(socket);
  while (socket.fileno() >= 0) {
    if (state.receiving) state = receivedOf(socket);
    const { batch } = state;
    if (hasFrames(state)) {
      yield decodeFrame(batch.data(state.next++));
      continue;
    }
    state.receiving = true;
    try {
      await socket.recvmmsg(batch, 0, options);
      state.next = 0;
    } catch (error) {
      // Closed meanwhile.
      if (socket.fileno() < 0) return;
      throw error;
    } finally {
      state.receiving = false;
    }
  }
}

/**
 * The frames that a CAN_RAW socket receives, one after the other, until it is closed. They come from the kernel in batches
 * of up to 256, by one system call each. What an iterator that ends early has received and not yielded is kept for the next
 * one of the same socket; `recv` does not see it. Of several iterators that wait at once each frame comes to one.
 *
 * ```ts
 * for (const { id, data } of frames(socket)) console.log(id, data);
 * ```
 *
 * @param socket - A socket of either face. It waits as its timeout says.
 * @param options - `signal`: ends a wait; of the promise face only.
 * @returns An iterator of the frames; of the promise face, an asynchronous one.
 * @throws {@link OSError}, such as ENETDOWN; {@link TimeoutError}; {@link BlockingIOError} if the socket is non-blocking
 *   and has no frame; {@link AbortError}; TypeError (`ERR_INVALID_ARG_TYPE`) for another socket.
 *
 * Source: recvmmsg(2); Linux, Documentation/networking/can.rst
 */
export function frames(socket: BlockingCanSocket): Generator<CanFrame, void, undefined>;
export function frames(socket: AsyncCanSocket, options?: Abortable): AsyncGenerator<CanFrame, void, undefined>;
export function frames(
  socket: AnyCanSocket,
  options?: Abortable,
): Generator<CanFrame, void, undefined> | AsyncGenerator<CanFrame, void, undefined> {
  checkRaw(socket);
  return isAsync(socket) ? asyncFrames(socket, options) : blockingFrames(socket);
}

/** Frames in batches. A bad one is told after those before it are sent. */
function* batchesOf(socket: AnyCanSocket, frames: Iterable<CanFrameLike>): Generator<Batch, void, undefined> {
  const batch: Batch = new MessageBatch(socket, MOST_FRAMES, takesXl(socket) ? CANXL_MTU : CANFD_MTU);
  let index = 0;
  try {
    for (const frame of frames) {
      batch.push(encodeFrame(frame, `frames[${index++}]`));
      if (batch.length < batch.count) continue;
      yield batch;
      batch.clear();
    }
  } catch (error) {
    if (batch.length > 0) yield batch;
    throw error;
  }
  if (batch.length > 0) yield batch;
}

/** How far a batch has been sent, and how long to wait for a controller whose queue is full. */
class Progress {
  start = 0;
  private pause = FIRST_PAUSE;
  private deadline = 0;
  private readonly socket: AnyCanSocket;

  constructor(socket: AnyCanSocket) {
    this.socket = socket;
    this.restart();
  }

  took(count: number): void {
    this.start += count;
    this.restart();
  }

  /** For how many milliseconds to wait. No poll(2) tells of the end of ENOBUFS; another failure is thrown. */
  pauseAfter(failure: unknown): number {
    const isFull = failure instanceof OSError && failure.errno === ENOBUFS && this.socket.gettimeout() !== 0;
    if (!isFull || performance.now() >= this.deadline) throw failure;
    const { pause } = this;
    this.pause = Math.min(pause * 2, LONGEST_PAUSE);
    return pause;
  }

  private restart(): void {
    this.pause = FIRST_PAUSE;
    this.deadline = performance.now() + (this.socket.gettimeout() ?? Number.POSITIVE_INFINITY) * 1000;
  }
}

function sendBlocking(socket: BlockingCanSocket, frames: Iterable<CanFrameLike>): number {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  let sent = 0;
  for (const batch of batchesOf(socket, frames)) {
    const progress = new Progress(socket);
    while (progress.start < batch.length) {
      try {
        progress.took(socket.sendmmsg(batch, 0, progress.start));
      } catch (failure) {
        Atomics.wait(clock, 0, 0, progress.pauseAfter(failure));
      }
    }
    sent += batch.length;
  }
  return sent;
}

async function sendAsync(
  socket: AsyncCanSocket,
  frames: Iterable<CanFrameLike>,
  options: Abortable | undefined,
): Promise<number> {
  let sent = 0;
  for (const batch of batchesOf(socket, frames)) {
    const progress = new Progress(socket);
    while (progress.start < batch.length) {
      try {
        progress.took(await socket.sendmmsg(batch, 0, progress.start, options));
      } catch (failure) {
        await setTimeout(progress.pauseAfter(failure));
      }
    }
    sent += batch.length;
  }
  return sent;
}

/**
 * Sends many frames by a CAN_RAW socket, up to 256 by one system call. While the queue of a controller is full (ENOBUFS) it
 * waits, as the timeout of the socket says.
 *
 * @param socket - A bound socket of either face.
 * @param frames - Frames as for `encodeFrame`, in their order. A generator may make them as they are needed.
 * @param options - `signal`: ends a wait; of the promise face only.
 * @returns How many there were, all of which are sent; of the promise face, a promise of it.
 * @throws {@link OSError}, such as ENETDOWN, or ENOBUFS when the queue was full for as long as the timeout; as
 *   `encodeFrame` for a bad frame, after those before it are sent; {@link TimeoutError}; {@link AbortError}; TypeError
 *   (`ERR_INVALID_ARG_TYPE`) for another socket, or for what is not iterable.
 *
 * Source: sendmmsg(2); Linux, Documentation/networking/can.rst
 */
export function sendFrames(socket: BlockingCanSocket, frames: Iterable<CanFrameLike>): number;
export function sendFrames(
  socket: AsyncCanSocket,
  frames: Iterable<CanFrameLike>,
  options?: Abortable,
): Promise<number>;
export function sendFrames(
  socket: AnyCanSocket,
  frames: Iterable<CanFrameLike>,
  options?: Abortable,
): number | Promise<number> {
  checkRaw(socket);
  if (typeof frames?.[Symbol.iterator] !== 'function') throw wrongType('frames', 'an iterable of frames', frames);
  return isAsync(socket) ? sendAsync(socket, frames, options) : sendBlocking(socket, frames);
}
