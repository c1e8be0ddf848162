import { SOL_MPTCP } from '@bsd-sockets/core-native';
import { count64, type FixedCodec, readOnly, uint8, uint32, uint64 } from './codecs';
import { type Fields, struct } from './struct';
import { type Table, table } from './table';

/** `struct mptcp_info`: a connection of MPTCP. An older kernel leaves the last fields out. Source: linux/mptcp.h */
export interface MptcpInfo {
  /** Subflows besides the first. */
  subflows: number;
  addAddrSignal: number;
  addAddrAccepted: number;
  subflowsMax: number;
  addAddrSignalMax: number;
  addAddrAcceptedMax: number;
  /** 1: the connection fell back to TCP; 2: the peer's key has arrived. */
  flags: number;
  token: number;
  writeSeq: bigint;
  sndUna: bigint;
  rcvNxt: bigint;
  localAddrUsed?: number;
  localAddrMax?: number;
  csumEnabled?: number;
  retransmits?: number;
  bytesRetrans?: number;
  bytesSent?: number;
  bytesReceived?: number;
  bytesAcked?: number;
  subflowsTotal?: number;
  /** Milliseconds since data were last sent. */
  lastDataSent?: number;
  /** Milliseconds since data last arrived. */
  lastDataRecv?: number;
  /** Milliseconds since the last acknowledgement. */
  lastAckRecv?: number;
}

const fields: { [Name in keyof MptcpInfo]-?: FixedCodec<any> } = {
  subflows: uint8,
  addAddrSignal: uint8,
  addAddrAccepted: uint8,
  subflowsMax: uint8,
  addAddrSignalMax: uint8,
  addAddrAcceptedMax: uint8,
  flags: uint32,
  token: uint32,
  writeSeq: uint64,
  sndUna: uint64,
  rcvNxt: uint64,
  localAddrUsed: uint8,
  localAddrMax: uint8,
  csumEnabled: uint8,
  retransmits: uint32,
  bytesRetrans: count64,
  bytesSent: count64,
  bytesReceived: count64,
  bytesAcked: count64,
  subflowsTotal: uint8,
  lastDataSent: uint32,
  lastDataRecv: uint32,
  lastAckRecv: uint32,
};

const rows = {
  /** What the kernel knows of a connection of IPPROTO_MPTCP. Read-only. */
  MPTCP_INFO: readOnly(struct<MptcpInfo>(fields as Fields<MptcpInfo, MptcpInfo>)),
};

/** The options of MPTCP. Source: linux/mptcp.h */
export const mptcpOptions: Table<typeof rows> = table(SOL_MPTCP, rows);
