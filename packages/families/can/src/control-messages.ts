import {
  AF_CAN,
  J1939_NLA_BYTES_ACKED,
  J1939_NLA_DEST_ADDR,
  J1939_NLA_DEST_NAME,
  J1939_NLA_PGN,
  J1939_NLA_SRC_ADDR,
  J1939_NLA_SRC_NAME,
  J1939_NLA_TOTAL_SIZE,
  LITTLE_ENDIAN,
  SCM_CAN_RAW_ERRQUEUE,
  SCM_J1939_DEST_ADDR,
  SCM_J1939_DEST_NAME,
  SCM_J1939_ERRQUEUE,
  SCM_J1939_PRIO,
  SCM_TIMESTAMPING_OPT_STATS,
  SOL_CAN_J1939,
  SOL_CAN_RAW,
  SOL_SOCKET,
} from '@bsd-sockets/core-native';
import { extendedError, registerControlMessage } from '@bsd-sockets/socket';

const shared = { package: '@bsd-sockets/can', family: AF_CAN };

/** The address that a J1939 message was sent to, 0 to 0xfd; a broadcast comes without. Source: Linux, j1939.rst */
export const ScmJ1939DestAddr = registerControlMessage({
  ...shared,
  name: 'SCM_J1939_DEST_ADDR',
  level: SOL_CAN_J1939,
  type: SCM_J1939_DEST_ADDR,
  size: 1,
  decode: (data): number => data.getUint8(0),
});

/** The NAME that a J1939 message was sent to, if it was sent to one. Source: Linux, j1939.rst */
export const ScmJ1939DestName = registerControlMessage({
  ...shared,
  name: 'SCM_J1939_DEST_NAME',
  level: SOL_CAN_J1939,
  type: SCM_J1939_DEST_NAME,
  size: 8,
  decode: (data): bigint => data.getBigUint64(0, LITTLE_ENDIAN),
});

/** The priority of a J1939 message, 0 (the highest) to 7. Source: Linux, j1939.rst */
export const ScmJ1939Prio = registerControlMessage({
  ...shared,
  name: 'SCM_J1939_PRIO',
  level: SOL_CAN_J1939,
  type: SCM_J1939_PRIO,
  size: 1,
  decode: (data): number => data.getUint8(0),
});

/**
 * How a J1939 transfer goes, from the error queue, with the option SO_J1939_ERRQUEUE: `info` is a J1939_EE_INFO_* constant
 * if `origin` is SO_EE_ORIGIN_LOCAL, and a SCM_TSTAMP_* constant if it is SO_EE_ORIGIN_TIMESTAMPING.
 *
 * Source: Linux, j1939.rst
 */
export const ScmJ1939Errqueue = registerControlMessage({
  ...extendedError,
  ...shared,
  name: 'SCM_J1939_ERRQUEUE',
  level: SOL_CAN_J1939,
  type: SCM_J1939_ERRQUEUE,
});

/**
 * What became of a frame that was sent, from the error queue of a CAN_RAW socket: with SO_TIMESTAMPING `info` is a
 * SCM_TSTAMP_* constant.
 *
 * Source: linux/can/raw.h; Linux, Documentation/networking/timestamping.rst
 */
export const ScmCanRawErrqueue = registerControlMessage({
  ...extendedError,
  ...shared,
  name: 'SCM_CAN_RAW_ERRQUEUE',
  level: SOL_CAN_RAW,
  type: SCM_CAN_RAW_ERRQUEUE,
});

/** How far a J1939 transfer is. A field is undefined where the kernel does not tell. */
export interface J1939Stats {
  /** The bytes that the receiver acknowledged. */
  bytesAcked: number | undefined;
  /** The bytes of the whole message. */
  totalSize: number | undefined;
  pgn: number | undefined;
  srcName: bigint | undefined;
  destName: bigint | undefined;
  srcAddr: number | undefined;
  destAddr: number | undefined;
}

// struct nlattr
const NLA_HEADER = 4;
const NLA_ALIGNMENT = 4;

/** The data of each netlink attribute by its type. What reaches beyond the end is left out. */
function attributes(data: DataView): Map<number, DataView> {
  const found = new Map<number, DataView>();
  let offset = 0;
  while (data.byteLength - offset >= NLA_HEADER) {
    const length = data.getUint16(offset, LITTLE_ENDIAN);
    if (length < NLA_HEADER || offset + length > data.byteLength) break;
    const type = data.getUint16(offset + 2, LITTLE_ENDIAN);
    found.set(type, new DataView(data.buffer, data.byteOffset + offset + NLA_HEADER, length - NLA_HEADER));
    offset += Math.ceil(length / NLA_ALIGNMENT) * NLA_ALIGNMENT;
  }
  return found;
}

/**
 * How far a J1939 transfer is: beside {@link ScmJ1939Errqueue}, with SOF_TIMESTAMPING_SOFTWARE in SO_TIMESTAMPING.
 *
 * Source: Linux, j1939.rst; linux/can/j1939.h
 */
export const ScmJ1939Stats = registerControlMessage({
  ...shared,
  name: 'SCM_TIMESTAMPING_OPT_STATS',
  level: SOL_SOCKET,
  type: SCM_TIMESTAMPING_OPT_STATS,
  decode(data): J1939Stats {
    const found = attributes(data);
    const field = <Value>(type: number, size: number, read: (value: DataView) => Value) => {
      const value = found.get(type);
      return value && value.byteLength >= size ? read(value) : undefined;
    };
    const uint8 = (type: number) => field(type, 1, (value) => value.getUint8(0));
    const uint32 = (type: number) => field(type, 4, (value) => value.getUint32(0, LITTLE_ENDIAN));
    const uint64 = (type: number) => field(type, 8, (value) => value.getBigUint64(0, LITTLE_ENDIAN));
    return {
      bytesAcked: uint32(J1939_NLA_BYTES_ACKED),
      totalSize: uint32(J1939_NLA_TOTAL_SIZE),
      pgn: uint32(J1939_NLA_PGN),
      srcName: uint64(J1939_NLA_SRC_NAME),
      destName: uint64(J1939_NLA_DEST_NAME),
      srcAddr: uint8(J1939_NLA_SRC_ADDR),
      destAddr: uint8(J1939_NLA_DEST_ADDR),
    };
  },
});
