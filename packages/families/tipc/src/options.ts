import { SOL_TIPC } from '@bsd-sockets/core-native';
import { codecs, defineOptions, type OptionTable, optional, struct } from '@bsd-sockets/socket';
import { milliseconds } from './milliseconds';

const { boolean, readOnly, uint32, writeOnly } = codecs;

/** `struct tipc_group_req`: a group to join. Source: linux/tipc.h */
export interface TipcGroupRequest {
  /** The group: 64 (TIPC_RESERVED_TYPES) or more. */
  type: number;
  /** What the member is known as; several members may be the same. */
  instance: number;
  /** TIPC_CLUSTER_SCOPE (the default) or TIPC_NODE_SCOPE, which keeps the group within this node. */
  scope?: number | undefined;
  /** TIPC_GROUP_LOOPBACK, TIPC_GROUP_MEMBER_EVTS, joined by `|`; 0 by default. */
  flags?: number | undefined;
}

const groupRequest = struct<Required<TipcGroupRequest>, TipcGroupRequest>({
  type: uint32,
  instance: uint32,
  scope: optional(uint32),
  flags: optional(uint32),
});

const rows = {
  /** Seconds after which a connect is over. 8 by default; `settimeout` is the usual way. */
  TIPC_CONN_TIMEOUT: milliseconds,
  /** Whether a message that cannot be delivered is dropped, rather than sent back. By default of SOCK_DGRAM and SOCK_RDM. */
  TIPC_DEST_DROPPABLE: boolean,
  /** Joins a group; reads the group that the socket is in, 0 for none. To leave: `setsockopt(SOL_TIPC, TIPC_GROUP_LEAVE, null, 0)`. */
  TIPC_GROUP_JOIN: { size: uint32.size, encode: groupRequest.encode, decode: uint32.decode },
  /** The importance of what is sent: TIPC_LOW_IMPORTANCE (the default) to TIPC_CRITICAL_IMPORTANCE. */
  TIPC_IMPORTANCE: uint32,
  /** Whether a stream sends small messages at once. Write-only. */
  TIPC_NODELAY: writeOnly(boolean),
  /** Always 0 in kernels of today. Read-only. */
  TIPC_NODE_RECVQ_DEPTH: readOnly(uint32),
  /** How many messages wait to be received. Read-only. */
  TIPC_SOCK_RECVQ_DEPTH: readOnly(uint32),
  /** How many bytes of memory they take. Read-only. */
  TIPC_SOCK_RECVQ_USED: readOnly(uint32),
  /** Whether what is sent may be dropped on a congested link. By default of SOCK_DGRAM; streams have no such option. */
  TIPC_SRC_DROPPABLE: boolean,
};

/**
 * The typed options of TIPC sockets, for `getOption` and `setOption`. Those without a value have only a number:
 * TIPC_GROUP_LEAVE, TIPC_MCAST_BROADCAST and TIPC_MCAST_REPLICAST, as in `setsockopt(SOL_TIPC, TIPC_GROUP_LEAVE, null, 0)`.
 *
 * Source: linux/tipc.h
 */
export const tipcOptions: OptionTable<typeof rows> = defineOptions(SOL_TIPC, rows);
