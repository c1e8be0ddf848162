import * as core from '@bsd-sockets/core-native';
import {
  type BytesLike,
  bytes,
  CAN_ERR_FLAG,
  CAN_MAX_DLEN,
  CAN_MAX_RAW_DLC,
  CAN_MTU,
  CANFD_BRS,
  CANFD_ESI,
  CANFD_FDF,
  CANFD_MAX_DLEN,
  CANFD_MTU,
  integer,
  type KnownKeys,
  knownKeys,
  LITTLE_ENDIAN,
  structView,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { type CanId, type CanIdLike, canIdOf, decodeCanId, encodeCanId, flag } from './can-id';
import { decodeErrorFrame, type ErrorFrame, type ErrorFrameLike, encodeErrorFrame } from './error-frame';
import { needCan } from './platform';
import { decodeXlFrame, encodeXlFrame, isXlFrame, type XlFrame, type XlFrameLike } from './xl-frame';

// A name of this module's own: the getter behind an imported one is slow on the path of a receive.
const { FastBuffer } = core;

/** A classic CAN frame: `struct can_frame`. Source: linux/can.h */
export interface ClassicFrame extends CanId {
  kind: 'classic';
  /**
   * The data length code, 0 to 15. Of a remote frame: how many bytes it asks for. Of a data frame the length of the data,
   * or 9 to 15 beside 8 bytes.
   */
  dlc: number;
  /** 0 to 8 bytes; none in a remote frame. */
  data: Buffer;
}

/** What is taken for one. `dlc` is the length of the data by default. */
export interface ClassicFrameLike extends CanIdLike {
  kind?: 'classic' | undefined;
  dlc?: number | undefined;
  data?: BytesLike | undefined;
}

/** A CAN FD frame: `struct canfd_frame`. Source: linux/can.h */
export interface FdFrame {
  kind: 'fd';
  /** The identifier, as in {@link CanId}. */
  id: number;
  /** Whether the identifier has 29 bits. */
  extended: boolean;
  /** Bit rate switch: whether the data have a bit rate of their own (CANFD_BRS). */
  brs: boolean;
  /** Error state indicator: whether the sender is error passive (CANFD_ESI). */
  esi: boolean;
  /** Whether the frame is marked as one of CAN FD (CANFD_FDF): always, by kernels from 6.1 on. */
  fdf: boolean;
  /** 0 to 8, 12, 16, 20, 24, 32, 48 or 64 bytes. */
  data: Buffer;
}

/** What is taken for one: `fdf` is true by default, the other flags false. */
export interface FdFrameLike {
  kind: 'fd';
  id: number;
  extended?: boolean | undefined;
  brs?: boolean | undefined;
  esi?: boolean | undefined;
  fdf?: boolean | undefined;
  data?: BytesLike | undefined;
}

/** A frame of a CAN_RAW socket; `kind` tells which. */
export type CanFrame = ClassicFrame | FdFrame | XlFrame | ErrorFrame;

/** What is taken for a frame: a classic one without `kind`. */
export type CanFrameLike = ClassicFrameLike | FdFrameLike | XlFrameLike | ErrorFrameLike;

// struct can_frame and canfd_frame
const LEN = 4;
const FLAGS = 5;
const LEN8_DLC = 7;
const DATA = 8;

/** The fields of each kind. */
const FIELDS: { readonly [Kind in CanFrame['kind']]: KnownKeys<Extract<CanFrame, { kind: Kind }>> } = {
  classic: { kind: true, id: true, extended: true, rtr: true, dlc: true, data: true },
  fd: { kind: true, id: true, extended: true, brs: true, esi: true, fdf: true, data: true },
  xl: { kind: true, prio: true, vcid: true, sec: true, sdt: true, af: true, data: true },
  error: {
    kind: true,
    errorClass: true,
    reasons: true,
    lostArbitrationBit: true,
    txErrors: true,
    rxErrors: true,
    data: true,
  },
};

const NO_DATA = new Uint8Array();
const FD_LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

function dataLengthCode(name: string, dlc: number | undefined, rtr: boolean, data: Uint8Array): number {
  if (rtr && data.length > 0) throw wrongValue(`${name}.data`, 'no data in a remote frame', data.length);
  if (data.length > CAN_MAX_DLEN) {
    throw wrongValue(`${name}.data`, "at most 8 bytes (64 in a frame with kind: 'fd')", data.length);
  }
  const code = integer(`${name}.dlc`, dlc ?? data.length, 0, CAN_MAX_RAW_DLC);
  if (!rtr && Math.min(code, CAN_MAX_DLEN) !== data.length) {
    throw wrongValue(`${name}.dlc`, `the length of the data, ${data.length}`, code);
  }
  return code;
}

function encodeClassic(frame: ClassicFrameLike, name: string): Buffer {
  const canId = canIdOf(frame, name);
  const data = bytes(`${name}.data`, frame.data ?? NO_DATA);
  const dlc = dataLengthCode(name, frame.dlc, frame.rtr === true, data);
  const memory = Buffer.alloc(CAN_MTU);
  structView(memory).setUint32(0, canId, LITTLE_ENDIAN);
  memory[LEN] = Math.min(dlc, CAN_MAX_DLEN);
  if (dlc > CAN_MAX_DLEN) memory[LEN8_DLC] = dlc;
  memory.set(data, DATA);
  return memory;
}

function encodeFd(frame: FdFrameLike, name: string): Buffer {
  const canId = encodeCanId({ id: frame.id, extended: frame.extended }, name);
  const data = bytes(`${name}.data`, frame.data ?? NO_DATA);
  if (!FD_LENGTHS.includes(data.length)) {
    throw wrongValue(`${name}.data`, '0 to 8, 12, 16, 20, 24, 32, 48 or 64 bytes in a CAN FD frame', data.length);
  }
  const memory = Buffer.alloc(CANFD_MTU);
  structView(memory).setUint32(0, canId, LITTLE_ENDIAN);
  memory[LEN] = data.length;
  memory[FLAGS] =
    (flag(`${name}.brs`, frame.brs) ? CANFD_BRS : 0) |
    (flag(`${name}.esi`, frame.esi) ? CANFD_ESI : 0) |
    (flag(`${name}.fdf`, frame.fdf ?? true) ? CANFD_FDF : 0);
  memory.set(data, DATA);
  return memory;
}

/**
 * The bytes of a frame, for a CAN_RAW socket: 16 of a classic or an error frame, 72 of a CAN FD frame (which needs the
 * option CAN_RAW_FD_FRAMES), 13 to 2060 of a CAN XL frame (CAN_RAW_XL_FRAMES).
 *
 * @param frame - `{ id, data }` with `kind: 'classic'` by default, `'fd'`, `'xl'` or `'error'`.
 * @param name - What to call the frame in an error.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) that names the
 *   field.
 *
 * Source: linux/can.h
 */
export function encodeFrame(frame: CanFrameLike, name = 'frame'): Buffer {
  needCan('encodeFrame');
  if (typeof frame !== 'object' || frame === null) throw wrongType(name, 'an object { id, data }', frame);
  const fields = FIELDS[frame.kind ?? 'classic'];
  if (fields !== undefined) knownKeys<object>(name, frame, fields);
  switch (frame.kind) {
    case undefined:
    case 'classic':
      return encodeClassic(frame, name);
    case 'fd':
      return encodeFd(frame, name);
    case 'xl':
      return encodeXlFrame(frame, name);
    case 'error':
      return encodeErrorFrame(frame, name);
    default:
      throw wrongValue(`${name}.kind`, "'classic', 'fd', 'xl' or 'error'", (frame as { kind: unknown }).kind);
  }
}

/**
 * The frame in the bytes that a CAN_RAW socket received.
 *
 * @param data - 16 bytes of a classic or an error frame, 72 of a CAN FD frame, or a whole CAN XL frame.
 * @returns A record of its own: nobody else writes to its data.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for bytes that are no frame: of another length, or with a length inside
 *   that they do not have; TypeError (`ERR_INVALID_ARG_TYPE`).
 *
 * Source: linux/can.h
 */
export function decodeFrame(data: BytesLike): CanFrame {
  needCan('decodeFrame');
  const memory = bytes('data', data);
  if (isXlFrame(memory)) return decodeXlFrame(memory);
  const { length } = memory;
  if (length !== CAN_MTU && length !== CANFD_MTU) {
    throw wrongValue('data', `a CAN frame: ${CAN_MTU}, ${CANFD_MTU} or (CAN XL) 13 to 2060 bytes`, length);
  }
  const canId = structView(memory).getUint32(0, LITTLE_ENDIAN);
  const most = length === CAN_MTU ? CAN_MAX_DLEN : CANFD_MAX_DLEN;
  const len = memory[LEN]!;
  if (len > most) throw wrongValue('data', `a CAN frame of at most ${most} bytes`, len);
  // A copy, because the memory is the caller's.
  const payload = (size: number) => new FastBuffer(memory.subarray(DATA, DATA + size));
  if (canId & CAN_ERR_FLAG) return decodeErrorFrame(canId, payload(CAN_MAX_DLEN));
  const { id, extended, rtr } = decodeCanId(canId);
  if (length === CAN_MTU) {
    const code = memory[LEN8_DLC]!;
    const dlc = len === CAN_MAX_DLEN && code > CAN_MAX_DLEN && code <= CAN_MAX_RAW_DLC ? code : len;
    return { kind: 'classic', id, extended, rtr, dlc, data: payload(rtr ? 0 : len) };
  }
  const flags = memory[FLAGS]!;
  return {
    kind: 'fd',
    id,
    extended,
    brs: (flags & CANFD_BRS) !== 0,
    esi: (flags & CANFD_ESI) !== 0,
    fdf: (flags & CANFD_FDF) !== 0,
    data: payload(len),
  };
}
