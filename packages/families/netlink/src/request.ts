import type { NetlinkMessage } from './message';

/**
 * What a connection can ask of the kernel: a message without the parts that the connection adds. The functions of this
 * package make such objects, such as `getLinks()`; a program can make its own.
 *
 * @typeParam Reply - What an answer is decoded to.
 */
export interface NetlinkRequest<Reply = unknown> {
  /** The protocol of the socket that it is for, such as NETLINK_ROUTE. */
  readonly protocol: number;
  /** RTM_GETLINK, the number of a generic netlink family, …: 0 to 65535. */
  readonly type: number;
  /** NLM_F_* constants besides those that `execute` and `dump` set, such as NLM_F_CREATE; 0 by default. */
  readonly flags?: number;
  /** All after the header. */
  readonly data: Uint8Array;
  /** What `execute` asks after it, once it is done: of a request that takes several messages. */
  readonly next?: NetlinkRequest<never> | undefined;
  /**
   * The value of an answer; undefined for one that does not count.
   *
   * @throws OSError (EBADMSG) if the answer is cut short.
   */
  decode(message: NetlinkMessage): Reply | undefined;
}

/**
 * What a connection can watch.
 *
 * @typeParam Event - What a message is decoded to.
 */
export interface NetlinkEvents<Event = unknown> {
  /** The protocol of the socket that they come to, such as NETLINK_ROUTE. */
  readonly protocol: number;
  /** The multicast groups, such as RTNLGRP_LINK: 1 or more. */
  readonly groups: readonly number[];
  /** The value of a message; undefined for one that does not count. */
  decode(message: NetlinkMessage): Event | undefined;
}
