import {
  AF_UNSPEC,
  integer,
  NETLINK_NETFILTER,
  NFNETLINK_V0,
  NFNL_MSG_BATCH_BEGIN,
  NFNL_MSG_BATCH_END,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import type { NetlinkError } from './extended-ack';
import type { NetlinkRequest } from './request';

/** Requests that go to the kernel in one datagram: for `execute`. */
export interface NetlinkBatch<Reply = unknown> {
  /** The protocol of the socket that it is for, such as NETLINK_NETFILTER. */
  readonly protocol: number;
  /** The requests, in their order. */
  readonly requests: readonly NetlinkRequest<Reply>[];
  /** The message before them, which the kernel acknowledges only by an error. */
  readonly begin?: NetlinkRequest;
  /** The message behind them. */
  readonly end?: NetlinkRequest;
}

/** The error of the first request of a batch that was refused. */
export type BatchError = NetlinkError & {
  /** One for each request: its error, or undefined if it was not refused. */
  readonly errors: readonly (NetlinkError | undefined)[];
};

/**
 * Requests in one datagram: for `execute`. The kernel does each, whatever comes of the others.
 *
 * @param requests - One or more, of one protocol, such as those of `newRoute`.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) for what cannot be a batch.
 *
 * Source: netlink(7)
 */
export function batch<Reply>(requests: readonly NetlinkRequest<Reply>[]): NetlinkBatch<Reply> {
  if (!Array.isArray(requests)) throw wrongType('requests', 'an array of requests', requests);
  const [first] = requests;
  if (!first) throw wrongValue('requests', 'one request or more', requests);
  const several = requests.findIndex((request) => request?.next !== undefined);
  if (several >= 0) throw wrongValue(`requests[${several}]`, 'a request of one message', requests[several]);
  return { protocol: first.protocol, requests };
}

function frame(type: number, subsystem: number): NetlinkRequest<never> {
  // struct nfgenmsg
  const data = Buffer.of(AF_UNSPEC, NFNETLINK_V0, 0, 0);
  data.writeUInt16BE(subsystem, 2);
  return { protocol: NETLINK_NETFILTER, type, data, decode: () => undefined };
}

/**
 * Requests to a subsystem of netfilter which are done all together or not at all: for `execute`, which throws a
 * {@link BatchError} if the kernel refuses any of them.
 *
 * @param subsystem - A NFNL_SUBSYS_* constant, such as NFNL_SUBSYS_NFTABLES.
 * @param requests - One or more.
 * @throws TypeError or RangeError for what cannot be a batch.
 *
 * Source: Linux, Documentation/userspace-api/netlink/intro.rst; linux/netfilter/nfnetlink.h
 */
export function nfnetlinkBatch<Reply>(
  subsystem: number,
  requests: readonly NetlinkRequest<Reply>[],
): NetlinkBatch<Reply> {
  integer('subsystem', subsystem, 0, 0xff);
  return {
    ...batch(requests),
    begin: frame(NFNL_MSG_BATCH_BEGIN, subsystem),
    end: frame(NFNL_MSG_BATCH_END, subsystem),
  };
}
