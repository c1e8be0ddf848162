import { LITTLE_ENDIAN, SOL_LOCAL, structView } from '@bsd-sockets/core-native';
import { groupsAt } from '../groups-at';
import { boolean, int32, readOnly, uint32 } from './codecs';
import { struct } from './struct';
import { type Table, table } from './table';

/** `struct xucred`: who the peer of a unix socket was when it connected. Source: FreeBSD, unix(4); Apple, sys/ucred.h */
export interface Xucred {
  /** The effective user. */
  uid: number;
  /** The groups, the effective one first: 16 at most. */
  groups: number[];
  /** The process; FreeBSD 13 or newer only, and LOCAL_PEERPID on macOS. */
  pid?: number;
}

/** `audit_token_t`: the process of the peer, which no other has. Source: Apple, bsm/libbsm.h */
export interface AuditToken {
  /** The user for the audit, whoever the process became. */
  auid: number;
  euid: number;
  egid: number;
  ruid: number;
  rgid: number;
  pid: number;
  /** The audit session. */
  asid: number;
  /** Tells apart two processes that had the same pid one after the other. */
  pidversion: number;
}

// struct xucred: what FreeBSD has besides begins where that of macOS ends, but for its padding.
const UID = 4;
const NGROUPS = 8;
const GROUPS = 12;
const MOST_GROUPS = 16;
const PID = 80;
const XUCRED_SIZE = 88;

const xucred = {
  size: XUCRED_SIZE,
  decode: (bytes: Buffer): Xucred => {
    const view = structView(bytes, XUCRED_SIZE);
    const groups = groupsAt(view, GROUPS, Math.min(view.getUint16(NGROUPS, LITTLE_ENDIAN), MOST_GROUPS));
    const credentials = { uid: view.getUint32(UID, LITTLE_ENDIAN), groups };
    return bytes.length > PID ? { ...credentials, pid: view.getInt32(PID, LITTLE_ENDIAN) } : credentials;
  },
};

const rows = {
  /** Receive the credentials of who sends next, as a control message. FreeBSD only. */
  LOCAL_CREDS: boolean,
  /** Receive the credentials of senders, as control messages. FreeBSD only. */
  LOCAL_CREDS_PERSISTENT: boolean,
  /** Who the peer was when it connected. Read-only. macOS and FreeBSD only. */
  LOCAL_PEERCRED: xucred,
  /** The process that the peer acts for; its own where that is none. Read-only. macOS only. */
  LOCAL_PEEREPID: readOnly(int32),
  /** The process of the peer. Read-only. macOS only. */
  LOCAL_PEERPID: readOnly(int32),
  /** The process of the peer, which no other has. Read-only. macOS only. */
  LOCAL_PEERTOKEN: readOnly(
    struct<AuditToken>({
      auid: uint32,
      euid: uint32,
      egid: uint32,
      ruid: uint32,
      rgid: uint32,
      pid: int32,
      asid: uint32,
      pidversion: int32,
    }),
  ),
};

/** The options of unix sockets on macOS and FreeBSD. Source: unix(4) */
export const localOptions: Table<typeof rows> = table(SOL_LOCAL as number, rows);
