import {
  type BytesLike,
  bytes,
  CANXL_HDR_SIZE,
  CANXL_MAX_DLEN,
  CANXL_MIN_DLEN,
  CANXL_PRIO_MASK,
  CANXL_SEC,
  CANXL_VCID_OFFSET,
  CANXL_VCID_VAL_MASK,
  CANXL_XLF,
  FastBuffer,
  integer,
  LITTLE_ENDIAN,
  structView,
  wrongValue,
} from '@bsd-sockets/core-native';
import { flag } from './can-id';

/** A CAN XL frame: `struct canxl_frame`. Source: linux/can.h */
export interface XlFrame {
  kind: 'xl';
  /** The priority for arbitration, 11 bits: 0 to 0x7ff. */
  prio: number;
  /** The virtual CAN network, 0 to 255, which the kernel passes only with the option CAN_RAW_XL_VCID_OPTS. */
  vcid: number;
  /** Simple extended content: security or segmentation (CANXL_SEC). */
  sec: boolean;
  /** The SDU type, 0 to 255. */
  sdt: number;
  /** The acceptance field, 0 to 0xffffffff. */
  af: number;
  /** 1 to 2048 bytes. */
  data: Buffer;
}

/** What is taken for one: all but `prio` and `data` may be left out, and are 0 then. */
export interface XlFrameLike {
  kind: 'xl';
  prio: number;
  vcid?: number | undefined;
  sec?: boolean | undefined;
  sdt?: number | undefined;
  af?: number | undefined;
  data: BytesLike;
}

// struct canxl_frame
const FLAGS = 4;
const SDT = 5;
const LEN = 6;
const AF = 8;

/** The bytes of a CAN XL frame: as many as it needs. */
export function encodeXlFrame(frame: XlFrameLike, name: string): Buffer {
  const { prio, vcid = 0, sec, sdt = 0, af = 0 } = frame;
  const data = bytes(`${name}.data`, frame.data);
  if (data.length < CANXL_MIN_DLEN || data.length > CANXL_MAX_DLEN) {
    throw wrongValue(`${name}.data`, '1 to 2048 bytes in a CAN XL frame', data.length);
  }
  const memory = Buffer.alloc(CANXL_HDR_SIZE + data.length);
  const view = structView(memory);
  const network = integer(`${name}.vcid`, vcid, 0, CANXL_VCID_VAL_MASK) << CANXL_VCID_OFFSET;
  view.setUint32(0, integer(`${name}.prio`, prio, 0, CANXL_PRIO_MASK) | network, LITTLE_ENDIAN);
  view.setUint8(FLAGS, CANXL_XLF | (flag(`${name}.sec`, sec) ? CANXL_SEC : 0));
  view.setUint8(SDT, integer(`${name}.sdt`, sdt, 0, 0xff));
  view.setUint16(LEN, data.length, LITTLE_ENDIAN);
  view.setUint32(AF, integer(`${name}.af`, af, 0, 0xffffffff), LITTLE_ENDIAN);
  memory.set(data, CANXL_HDR_SIZE);
  return memory;
}

/** Whether these are the bytes of a CAN XL frame, of which none is missing. */
export function isXlFrame(memory: Uint8Array): boolean {
  if (memory.length < CANXL_HDR_SIZE + CANXL_MIN_DLEN || memory.length > CANXL_HDR_SIZE + CANXL_MAX_DLEN) return false;
  if ((memory[FLAGS]! & CANXL_XLF) === 0) return false;
  return structView(memory).getUint16(LEN, LITTLE_ENDIAN) === memory.length - CANXL_HDR_SIZE;
}

/** What a CAN XL frame says. @param memory - Bytes for which {@link isXlFrame} holds. */
export function decodeXlFrame(memory: Uint8Array): XlFrame {
  const view = structView(memory);
  const prio = view.getUint32(0, LITTLE_ENDIAN);
  return {
    kind: 'xl',
    prio: prio & CANXL_PRIO_MASK,
    vcid: (prio >>> CANXL_VCID_OFFSET) & CANXL_VCID_VAL_MASK,
    sec: (view.getUint8(FLAGS) & CANXL_SEC) !== 0,
    sdt: view.getUint8(SDT),
    af: view.getUint32(AF, LITTLE_ENDIAN),
    data: new FastBuffer(memory.subarray(CANXL_HDR_SIZE)),
  };
}
