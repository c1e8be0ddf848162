import {
  type BytesLike,
  bytes,
  CAN_BCM_CAN_FD_FRAME,
  CAN_MTU,
  CANFD_MTU,
  type KnownKeys,
  knownKeys,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { codecs, struct, timeval } from '@bsd-sockets/socket';
import { type CanId, type CanIdLike, canIdOf, decodeCanId } from './can-id';
import type { ErrorFrame } from './error-frame';
import {
  type CanFrameLike,
  type ClassicFrame,
  type ClassicFrameLike,
  decodeFrame,
  encodeFrame,
  type FdFrame,
  type FdFrameLike,
} from './frame';
import { needCan } from './platform';

/** A message to or from the broadcast manager: `struct bcm_msg_head` and its frames. Source: linux/can/bcm.h */
export interface BcmMessage extends CanId {
  /** What to do, CAN_BCM_TX_SETUP to CAN_BCM_RX_DELETE, or what happened, CAN_BCM_TX_STATUS to CAN_BCM_RX_CHANGED. */
  opcode: number;
  /** CAN_BCM_SETTIMER, CAN_BCM_STARTTIMER, …, joined by `|`. */
  flags: number;
  /** How many frames to send with the first interval. */
  count: number;
  /** Seconds, to the microsecond: the first interval for sending, or the timeout of a reception; 0 for none. */
  ival1: number;
  /** Seconds, to the microsecond: the following interval for sending, or the least between two notifications; 0 for none. */
  ival2: number;
  /** The frames, all of one kind: CAN FD frames with the flag CAN_BCM_CAN_FD_FRAME, else classic ones. */
  frames: (ClassicFrame | FdFrame | ErrorFrame)[];
}

/** A frame to the broadcast manager: its identifier is the message's own by default. */
export type BcmFrameLike = (Omit<ClassicFrameLike, 'id' | 'kind'> | Omit<FdFrameLike, 'id' | 'kind'>) & {
  kind?: 'classic' | 'fd' | undefined;
  id?: number | undefined;
};

/** What is taken for a message: all but `opcode` and `id` may be left out, and is 0, false or empty then. */
export interface BcmMessageLike extends CanIdLike {
  opcode: number;
  flags?: number | undefined;
  count?: number | undefined;
  ival1?: number | undefined;
  ival2?: number | undefined;
  frames?: readonly BcmFrameLike[] | undefined;
}

const MESSAGE: KnownKeys<BcmMessage> = {
  opcode: true,
  flags: true,
  count: true,
  ival1: true,
  ival2: true,
  id: true,
  extended: true,
  rtr: true,
  frames: true,
};

const { uint32 } = codecs;

// The frames begin where the compiler aligns their data: at a multiple of 8, which the head's size is.
const head = struct({
  opcode: uint32,
  flags: uint32,
  count: uint32,
  ival1: timeval,
  ival2: timeval,
  canId: uint32,
  nframes: uint32,
});

/**
 * The bytes of a message for a CAN_BCM socket.
 *
 * @param message - What to do, with which frames and how often.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) that names the
 *   field.
 *
 * Source: Linux, Documentation/networking/can.rst; linux/can/bcm.h
 */
export function encodeBcmMessage(message: BcmMessageLike): Buffer {
  needCan('encodeBcmMessage');
  if (typeof message !== 'object' || message === null)
    throw wrongType('message', 'an object { opcode, id, … }', message);
  knownKeys('message', message, MESSAGE);
  const canId = canIdOf(message, 'message');
  const { opcode, flags = 0, count = 0, ival1 = 0, ival2 = 0, frames = [] } = message;
  if (!Array.isArray(frames)) throw wrongType('message.frames', 'an array of frames', frames);
  const memory = head.encode({ opcode, flags, count, ival1, ival2, canId, nframes: frames.length }, 'message');
  const kind = flags & CAN_BCM_CAN_FD_FRAME ? 'fd' : 'classic';
  const { id, extended } = message;
  const encoded = frames.map((frame, index) => {
    const name = `message.frames[${index}]`;
    if (typeof frame !== 'object' || frame === null) throw wrongType(name, 'an object { data }', frame);
    if (frame.kind !== undefined && frame.kind !== kind) {
      throw wrongValue(`${name}.kind`, `'${kind}', as the flag CAN_BCM_CAN_FD_FRAME says`, frame.kind);
    }
    const inherited = frame.id === undefined && { id, extended };
    return encodeFrame({ ...frame, ...inherited, kind } as CanFrameLike, name);
  });
  return Buffer.concat([memory, ...encoded]);
}

/**
 * The message in the bytes that a CAN_BCM socket received.
 *
 * @param data - A whole message.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for bytes that are no message, or are too few for its frames; TypeError
 *   (`ERR_INVALID_ARG_TYPE`).
 *
 * Source: Linux, Documentation/networking/can.rst; linux/can/bcm.h
 */
export function decodeBcmMessage(data: BytesLike): BcmMessage {
  needCan('decodeBcmMessage');
  const view = bytes('data', data);
  const memory = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  if (memory.length < head.size) throw wrongValue('data', `a message of at least ${head.size} bytes`, memory.length);
  const { canId, nframes, ...message } = head.decode(memory.subarray(0, head.size));
  const size = message.flags & CAN_BCM_CAN_FD_FRAME ? CANFD_MTU : CAN_MTU;
  if (memory.length < head.size + nframes * size) {
    throw wrongValue('data', `a message with its frames, ${nframes} of ${size} bytes each`, memory.length);
  }
  const frames = Array.from({ length: nframes }, (_, index) => {
    const offset = head.size + index * size;
    return decodeFrame(memory.subarray(offset, offset + size)) as BcmMessage['frames'][number];
  });
  return { ...decodeCanId(canId), ...message, frames };
}
