import { native, SOL_NETLINK } from '@bsd-sockets/core-native';
import { codecs, defineOption, type Option } from '@bsd-sockets/socket';

const { boolean, int32, list, uint32, writeOnly } = codecs;

/** The number of a constant; undefined where the platform does not have it: using the option says so. */
function numberOf(name: string): number {
  return native.constants[name] as number;
}

function onOff(name: string): Option<boolean> {
  return defineOption<boolean, boolean>({ name, level: SOL_NETLINK, option: numberOf(name), codec: boolean });
}

function group(name: string): Option<never, number> {
  return defineOption<never, number>({ name, level: SOL_NETLINK, option: numberOf(name), codec: writeOnly(int32) });
}

/** A bit for each group, so many that no kernel has more. */
const GROUP_WORDS = 256;
const words = list(uint32, GROUP_WORDS);

/**
 * The typed options of netlink sockets, under the names of their constants: what `getOption` and `setOption` take.
 *
 * Source: netlink(7); linux/netlink.h
 */
export const netlinkOptions = {
  /** Receive what is sent to a multicast group, such as RTNLGRP_LINK. Write-only. */
  NETLINK_ADD_MEMBERSHIP: group('NETLINK_ADD_MEMBERSHIP'),
  /** Tell the sender of a multicast message when a receiver has lost it. */
  NETLINK_BROADCAST_ERROR: onOff('NETLINK_BROADCAST_ERROR'),
  /** Leave the request out of the error message that answers it. */
  NETLINK_CAP_ACK: onOff('NETLINK_CAP_ACK'),
  /** Leave a multicast group. Write-only. */
  NETLINK_DROP_MEMBERSHIP: group('NETLINK_DROP_MEMBERSHIP'),
  /** Have errors say in words, and by offset, what is wrong. */
  NETLINK_EXT_ACK: onOff('NETLINK_EXT_ACK'),
  /** Have the kernel check all fields of a dump's request, and filter by them. */
  NETLINK_GET_STRICT_CHK: onOff('NETLINK_GET_STRICT_CHK'),
  /** Receive from all network namespaces that have an id here. */
  NETLINK_LISTEN_ALL_NSID: onOff('NETLINK_LISTEN_ALL_NSID'),
  /** The multicast groups that the socket is in, smallest first. Read-only. */
  NETLINK_LIST_MEMBERSHIPS: defineOption<number[]>({
    name: 'NETLINK_LIST_MEMBERSHIPS',
    level: SOL_NETLINK,
    option: numberOf('NETLINK_LIST_MEMBERSHIPS'),
    codec: {
      size: words.size,
      decode: (bytes) =>
        words.decode(bytes).flatMap((word, index) =>
          Array.from({ length: 32 }, (_, bit) => bit)
            .filter((bit) => (word >>> bit) & 1)
            .map((bit) => 32 * index + bit + 1),
        ),
    },
  }),
  /** Lose multicast messages without the error ENOBUFS. */
  NETLINK_NO_ENOBUFS: onOff('NETLINK_NO_ENOBUFS'),
  /** Receive the group of each message, as the control message {@link NetlinkPktinfo}. */
  NETLINK_PKTINFO: onOff('NETLINK_PKTINFO'),
};
