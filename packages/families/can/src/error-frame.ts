import {
  type BytesLike,
  bytes,
  CAN_ERR_ACK,
  CAN_ERR_BUSERROR,
  CAN_ERR_BUSOFF,
  CAN_ERR_CNT,
  CAN_ERR_CRTL,
  CAN_ERR_CRTL_ACTIVE,
  CAN_ERR_CRTL_RX_OVERFLOW,
  CAN_ERR_CRTL_RX_PASSIVE,
  CAN_ERR_CRTL_RX_WARNING,
  CAN_ERR_CRTL_TX_OVERFLOW,
  CAN_ERR_CRTL_TX_PASSIVE,
  CAN_ERR_CRTL_TX_WARNING,
  CAN_ERR_CRTL_UNSPEC,
  CAN_ERR_DLC,
  CAN_ERR_FLAG,
  CAN_ERR_LOSTARB,
  CAN_ERR_MASK,
  CAN_ERR_PROT,
  CAN_ERR_PROT_ACTIVE,
  CAN_ERR_PROT_BIT,
  CAN_ERR_PROT_BIT0,
  CAN_ERR_PROT_BIT1,
  CAN_ERR_PROT_FORM,
  CAN_ERR_PROT_LOC_ACK,
  CAN_ERR_PROT_LOC_ACK_DEL,
  CAN_ERR_PROT_LOC_CRC_DEL,
  CAN_ERR_PROT_LOC_CRC_SEQ,
  CAN_ERR_PROT_LOC_DATA,
  CAN_ERR_PROT_LOC_DLC,
  CAN_ERR_PROT_LOC_EOF,
  CAN_ERR_PROT_LOC_ID04_00,
  CAN_ERR_PROT_LOC_ID12_05,
  CAN_ERR_PROT_LOC_ID17_13,
  CAN_ERR_PROT_LOC_ID20_18,
  CAN_ERR_PROT_LOC_ID28_21,
  CAN_ERR_PROT_LOC_IDE,
  CAN_ERR_PROT_LOC_INTERM,
  CAN_ERR_PROT_LOC_RES0,
  CAN_ERR_PROT_LOC_RES1,
  CAN_ERR_PROT_LOC_RTR,
  CAN_ERR_PROT_LOC_SOF,
  CAN_ERR_PROT_LOC_SRTR,
  CAN_ERR_PROT_LOC_UNSPEC,
  CAN_ERR_PROT_OVERLOAD,
  CAN_ERR_PROT_STUFF,
  CAN_ERR_PROT_TX,
  CAN_ERR_PROT_UNSPEC,
  CAN_ERR_RESTARTED,
  CAN_ERR_TRX,
  CAN_ERR_TRX_CANH_NO_WIRE,
  CAN_ERR_TRX_CANH_SHORT_TO_BAT,
  CAN_ERR_TRX_CANH_SHORT_TO_GND,
  CAN_ERR_TRX_CANH_SHORT_TO_VCC,
  CAN_ERR_TRX_CANL_NO_WIRE,
  CAN_ERR_TRX_CANL_SHORT_TO_BAT,
  CAN_ERR_TRX_CANL_SHORT_TO_CANH,
  CAN_ERR_TRX_CANL_SHORT_TO_GND,
  CAN_ERR_TRX_CANL_SHORT_TO_VCC,
  CAN_ERR_TRX_UNSPEC,
  CAN_ERR_TX_TIMEOUT,
  CAN_MTU,
  integer,
  LITTLE_ENDIAN,
  structView,
  wrongValue,
} from '@bsd-sockets/core-native';

/** What a controller reports of the bus: a frame with CAN_ERR_FLAG. Source: linux/can/error.h */
export interface ErrorFrame {
  kind: 'error';
  /** CAN_ERR_TX_TIMEOUT, CAN_ERR_LOSTARB, …, joined by `|`. */
  errorClass: number;
  /** The names of the constants that say what happened: each class, and after it what its data tell. */
  reasons: ErrorReason[];
  /** Of CAN_ERR_LOSTARB: the bit in which arbitration was lost; 0 if it is not known. */
  lostArbitrationBit: number | undefined;
  /** Of CAN_ERR_CNT: the controller's counter of errors when sending, 0 to 255. */
  txErrors: number | undefined;
  /** Of CAN_ERR_CNT: the controller's counter of errors when receiving, 0 to 255. */
  rxErrors: number | undefined;
  /** The 8 bytes with the details. */
  data: Buffer;
}

/** What is taken for one: the class, 1 to 0x1fffffff, and up to 8 bytes of details (the rest are 0). */
export interface ErrorFrameLike {
  kind: 'error';
  errorClass: number;
  data?: BytesLike | undefined;
}

// A row's key is the constant's name.
const controller = {
  CAN_ERR_CRTL_RX_OVERFLOW,
  CAN_ERR_CRTL_TX_OVERFLOW,
  CAN_ERR_CRTL_RX_WARNING,
  CAN_ERR_CRTL_TX_WARNING,
  CAN_ERR_CRTL_RX_PASSIVE,
  CAN_ERR_CRTL_TX_PASSIVE,
  CAN_ERR_CRTL_ACTIVE,
};
const protocol = {
  CAN_ERR_PROT_BIT,
  CAN_ERR_PROT_FORM,
  CAN_ERR_PROT_STUFF,
  CAN_ERR_PROT_BIT0,
  CAN_ERR_PROT_BIT1,
  CAN_ERR_PROT_OVERLOAD,
  CAN_ERR_PROT_ACTIVE,
  CAN_ERR_PROT_TX,
};
const location = {
  CAN_ERR_PROT_LOC_UNSPEC,
  CAN_ERR_PROT_LOC_SOF,
  CAN_ERR_PROT_LOC_ID28_21,
  CAN_ERR_PROT_LOC_ID20_18,
  CAN_ERR_PROT_LOC_SRTR,
  CAN_ERR_PROT_LOC_IDE,
  CAN_ERR_PROT_LOC_ID17_13,
  CAN_ERR_PROT_LOC_ID12_05,
  CAN_ERR_PROT_LOC_ID04_00,
  CAN_ERR_PROT_LOC_RTR,
  CAN_ERR_PROT_LOC_RES1,
  CAN_ERR_PROT_LOC_RES0,
  CAN_ERR_PROT_LOC_DLC,
  CAN_ERR_PROT_LOC_DATA,
  CAN_ERR_PROT_LOC_CRC_SEQ,
  CAN_ERR_PROT_LOC_CRC_DEL,
  CAN_ERR_PROT_LOC_ACK,
  CAN_ERR_PROT_LOC_ACK_DEL,
  CAN_ERR_PROT_LOC_EOF,
  CAN_ERR_PROT_LOC_INTERM,
};
const canHigh = {
  CAN_ERR_TRX_CANH_NO_WIRE,
  CAN_ERR_TRX_CANH_SHORT_TO_BAT,
  CAN_ERR_TRX_CANH_SHORT_TO_VCC,
  CAN_ERR_TRX_CANH_SHORT_TO_GND,
};
const canLow = {
  CAN_ERR_TRX_CANL_NO_WIRE,
  CAN_ERR_TRX_CANL_SHORT_TO_BAT,
  CAN_ERR_TRX_CANL_SHORT_TO_VCC,
  CAN_ERR_TRX_CANL_SHORT_TO_GND,
  CAN_ERR_TRX_CANL_SHORT_TO_CANH,
};
const classes = {
  CAN_ERR_TX_TIMEOUT,
  CAN_ERR_LOSTARB,
  CAN_ERR_CRTL,
  CAN_ERR_PROT,
  CAN_ERR_TRX,
  CAN_ERR_ACK,
  CAN_ERR_BUSOFF,
  CAN_ERR_BUSERROR,
  CAN_ERR_RESTARTED,
  CAN_ERR_CNT,
};
const unspecified = { CAN_ERR_CRTL_UNSPEC, CAN_ERR_PROT_UNSPEC, CAN_ERR_TRX_UNSPEC };

/** The name of a constant of linux/can/error.h that says what happened. */
export type ErrorReason =
  | keyof typeof controller
  | keyof typeof protocol
  | keyof typeof location
  | keyof typeof canHigh
  | keyof typeof canLow
  | keyof typeof classes
  | keyof typeof unspecified;

function namesOf<Names extends Record<string, number>>(names: Names, holds: (value: number) => boolean) {
  return Object.keys(names).filter((name) => holds(names[name]!)) as (keyof Names)[];
}

function isSet(bits: number) {
  return (flag: number) => (bits & flag) !== 0;
}

function isEqual(value: number) {
  return (other: number) => value === other;
}

/** What the data tell of each class. */
const details: { [Name in keyof typeof classes]?: (data: Buffer) => ErrorReason[] } = {
  CAN_ERR_CRTL: (data) => (data[1] === 0 ? ['CAN_ERR_CRTL_UNSPEC'] : namesOf(controller, isSet(data[1]!))),
  CAN_ERR_PROT: (data) => [
    ...(data[2] === 0 ? (['CAN_ERR_PROT_UNSPEC'] as const) : namesOf(protocol, isSet(data[2]!))),
    ...namesOf(location, isEqual(data[3]!)),
  ],
  CAN_ERR_TRX: (data) =>
    data[4] === 0
      ? ['CAN_ERR_TRX_UNSPEC']
      : [...namesOf(canHigh, isEqual(data[4]! & 0x0f)), ...namesOf(canLow, isEqual(data[4]! & 0xf0))],
};

/** The bytes of an error frame. */
export function encodeErrorFrame({ errorClass, data = new Uint8Array() }: ErrorFrameLike, name: string): Buffer {
  const mask = integer(`${name}.errorClass`, errorClass, 1, CAN_ERR_MASK);
  const payload = bytes(`${name}.data`, data);
  if (payload.length > CAN_ERR_DLC) throw wrongValue(`${name}.data`, 'at most 8 bytes', payload.length);
  const memory = Buffer.alloc(CAN_MTU);
  structView(memory).setUint32(0, mask | CAN_ERR_FLAG, LITTLE_ENDIAN);
  memory[4] = CAN_ERR_DLC;
  memory.set(payload, CAN_MTU - CAN_ERR_DLC);
  return memory;
}

/** What an error frame says. @param data - Its 8 bytes, which stay the record's. */
export function decodeErrorFrame(canId: number, data: Buffer): ErrorFrame {
  const errorClass = canId & CAN_ERR_MASK;
  const present = isSet(errorClass);
  const count = (index: number) => (present(CAN_ERR_CNT) ? data[index] : undefined);
  return {
    kind: 'error',
    errorClass,
    reasons: namesOf(classes, present).flatMap((name) => [name, ...(details[name]?.(data) ?? [])]),
    lostArbitrationBit: present(CAN_ERR_LOSTARB) ? data[0] : undefined,
    txErrors: count(6),
    rxErrors: count(7),
    data,
  };
}
