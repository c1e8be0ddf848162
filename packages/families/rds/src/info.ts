import {
  native,
  OSError,
  RDS_INFO_CONNECTION_FLAG_CONNECTED,
  RDS_INFO_CONNECTION_FLAG_CONNECTING,
  RDS_INFO_CONNECTION_FLAG_SENDING,
  SOL_RDS,
  wrongType,
} from '@bsd-sockets/core-native';
import { AF_INET, type BaseSocket, codecs, type FixedCodec, inetNtop, struct } from '@bsd-sockets/socket';

/** A counter of the kernel's: what it counts, and how many there were since the start. */
export interface RdsCounter {
  name: string;
  value: bigint;
}

/** A connection between two hosts. All sockets of these share it. */
export interface RdsConnection {
  nextTxSeq: bigint;
  nextRxSeq: bigint;
  localHost: string;
  peerHost: string;
  /** What carries it, such as `tcp` or `loop`. */
  transport: string;
  sending: boolean;
  connecting: boolean;
  connected: boolean;
  /** The type of service. */
  tos: number;
}

/** A message in a queue. The local host is the one of the queue: the receiver's, if it waits to be received. */
export interface RdsMessage {
  seq: bigint;
  /** Bytes. */
  length: number;
  localHost: string;
  peerHost: string;
  localPort: number;
  peerPort: number;
  /** RDS_INFO_MESSAGE_FLAG_ACK and RDS_INFO_MESSAGE_FLAG_FAST_ACK. */
  flags: number;
  /** The type of service. */
  tos: number;
}

/** A socket of this host. */
export interface RdsSocketInfo {
  /** Bytes that may wait to be sent. */
  sendBuffer: number;
  localHost: string;
  /** `0.0.0.0` if it is not connected. */
  peerHost: string;
  localPort: number;
  peerPort: number;
  /** Bytes that may wait to be received. */
  receiveBuffer: number;
  inode: bigint;
}

/** A table of the kernel's: what {@link getRdsInfo} reads. */
export interface RdsInfoTable<Row> {
  readonly name: string;
  readonly row: FixedCodec<Row, any>;
}

/** The structures are packed: a field may lie anywhere. */
function packed<Value>(codec: { size: number; decode: (bytes: Buffer) => Value }): FixedCodec<Value, any> {
  const encode = (): never => {
    throw new Error('the kernel takes none');
  };
  return { size: codec.size, alignment: 1, decode: codec.decode, encode };
}

const uint8 = packed(codecs.uint8);
const uint32 = packed(codecs.uint32);
const uint64 = packed(codecs.uint64);
const port = packed({ size: 2, decode: (bytes) => bytes.readUInt16BE() });
const host = packed({ size: 4, decode: (bytes) => inetNtop(AF_INET, bytes) });
const text = (size: number) => packed(codecs.text(size));

const connectionFlags = {
  ...uint8,
  decode: (bytes: Buffer) => ({
    sending: Boolean(bytes[0]! & RDS_INFO_CONNECTION_FLAG_SENDING),
    connecting: Boolean(bytes[0]! & RDS_INFO_CONNECTION_FLAG_CONNECTING),
    connected: Boolean(bytes[0]! & RDS_INFO_CONNECTION_FLAG_CONNECTED),
  }),
};

const flatConnection = struct({
  nextTxSeq: uint64,
  nextRxSeq: uint64,
  localHost: host,
  peerHost: host,
  transport: text(16),
  flags: connectionFlags,
  tos: uint8,
});

const connection: FixedCodec<RdsConnection, any> = {
  ...flatConnection,
  decode: (bytes) => {
    const { flags, ...rest } = flatConnection.decode(bytes);
    return { ...rest, ...flags };
  },
};

const message = struct<RdsMessage, any>({
  seq: uint64,
  length: uint32,
  localHost: host,
  peerHost: host,
  localPort: port,
  peerPort: port,
  flags: uint8,
  tos: uint8,
});

/** The tables of the kernel's that {@link getRdsInfo} reads: those of IPv4. Source: linux/rds.h, rds-info(1) */
export const rdsInfo = {
  /** The connections to other hosts, or of this one to itself. */
  RDS_INFO_CONNECTIONS: { name: 'RDS_INFO_CONNECTIONS', row: connection } as RdsInfoTable<RdsConnection>,
  /** The counters. */
  RDS_INFO_COUNTERS: {
    name: 'RDS_INFO_COUNTERS',
    row: struct<RdsCounter, any>({ name: text(32), value: uint64 }),
  } as RdsInfoTable<RdsCounter>,
  /** What waits to be received. */
  RDS_INFO_RECV_MESSAGES: { name: 'RDS_INFO_RECV_MESSAGES', row: message } as RdsInfoTable<RdsMessage>,
  /** What was sent, and is not acknowledged. */
  RDS_INFO_RETRANS_MESSAGES: { name: 'RDS_INFO_RETRANS_MESSAGES', row: message } as RdsInfoTable<RdsMessage>,
  /** What waits to be sent. */
  RDS_INFO_SEND_MESSAGES: { name: 'RDS_INFO_SEND_MESSAGES', row: message } as RdsInfoTable<RdsMessage>,
  /** The sockets. */
  RDS_INFO_SOCKETS: {
    name: 'RDS_INFO_SOCKETS',
    row: struct<RdsSocketInfo, any>({
      sendBuffer: uint32,
      localHost: host,
      peerHost: host,
      localPort: port,
      peerPort: port,
      receiveBuffer: uint32,
      inode: uint64,
    }),
  } as RdsInfoTable<RdsSocketInfo>,
};

const FIRST_SIZE = 4096;

/**
 * Reads a table of the kernel's, as rds-info(1) does.
 *
 * @param socket - Any RDS socket.
 * @param table - A member of {@link rdsInfo}.
 * @returns Its rows.
 * @throws {@link OSError}; TypeError (`ERR_INVALID_ARG_TYPE`) for what is no table, or on a platform without RDS.
 *
 * Source: linux/rds.h; rds-info(1)
 */
export function getRdsInfo<Row>(socket: BaseSocket<any>, table: RdsInfoTable<Row>): Row[] {
  if (typeof table?.row?.decode !== 'function') throw wrongType('table', 'a member of rdsInfo', table);
  const { name, row } = table;
  // The kernel says only whether the memory has room for all.
  for (let size = FIRST_SIZE; ; size *= 2) {
    try {
      const codec = { size, decode: codecs.list(row, Math.floor(size / row.size)).decode };
      return socket.getOption({ name, level: SOL_RDS, option: native.constants[name] as number, codec });
    } catch (error) {
      if (!(error instanceof OSError && error.code === 'ENOSPC')) throw error;
    }
  }
}
