import { AF_INET, AF_INET6, IPPROTO_IP, IPPROTO_IPV6, layout, newSockaddr, wrongType } from '@bsd-sockets/core-native';
import { type FixedCodec, uint32, writeOnly } from './codecs';
import { in6Addr, inAddr } from './in-addr';
import { optional, struct } from './struct';
import { type Table, table } from './table';

/** `struct group_req`: a multicast group, and the interface to join it on. Source: RFC 3678 */
export interface GroupReq {
  /** The group, such as `'239.1.2.3'` or `'ff02::1'`. */
  multiaddr: string;
  /** The interface's index; 0, the default, for the one of the route. */
  ifindex?: number | undefined;
}

/** `struct group_source_req`: a multicast group and the one sender to hear, or not to. Source: RFC 3678 */
export interface GroupSourceReq extends GroupReq {
  /** The sender. */
  sourceaddr: string;
}

/** `struct group_filter`: a multicast group, and whom to hear of it. Source: RFC 3678 */
export interface GroupFilter extends GroupReq {
  /** MCAST_INCLUDE: hear these senders only; MCAST_EXCLUDE: all but these. */
  fmode: number;
  /** The senders. */
  sourceaddrs: readonly string[];
}

const { gr_group } = layout.group_req;

/** A `struct sockaddr_storage` with an IP address at `offset`. */
function storage(family: number, address: FixedCodec<string>, offset: number): FixedCodec<string> {
  return {
    size: gr_group.size,
    // A compiler that packs the structure puts it right behind the interface's index.
    alignment: gr_group.offset,
    encode: (value, name) => {
      const memory = newSockaddr(family, gr_group.size);
      memory.set(address.encode(value, name), offset);
      return memory;
    },
    decode: (bytes) => address.decode(bytes.subarray(offset, offset + address.size)),
  };
}

function rows(address: FixedCodec<string>) {
  const group = { ifindex: optional(uint32), multiaddr: address };
  const groupReq = writeOnly(struct<GroupReq>(group));
  const groupSourceReq = writeOnly(struct<GroupSourceReq>({ ...group, sourceaddr: address }));
  const head = struct<GroupReq & { fmode: number; numsrc: number }>({ ...group, fmode: uint32, numsrc: uint32 });
  const groupFilter = {
    size: head.size,
    encode: (value: GroupFilter, name: string) => {
      if (typeof value !== 'object' || value === null || !Array.isArray(value.sourceaddrs)) {
        throw wrongType(name, 'an object { multiaddr, fmode, sourceaddrs, ifindex? }', value);
      }
      const { sourceaddrs, ...rest } = value;
      const sources = sourceaddrs.map((source, index) => address.encode(source, `${name}.sourceaddrs[${index}]`));
      return Buffer.concat([head.encode({ ...rest, numsrc: sources.length }, name), ...sources]);
    },
  };
  return { groupReq, groupSourceReq, groupFilter };
}

const inet = rows(storage(AF_INET, inAddr, 4));
const inet6 = rows(storage(AF_INET6, in6Addr, 8));

const inetRows = {
  /** Hear a sender of an IPv4 group no longer. Write-only. */
  MCAST_BLOCK_SOURCE: inet.groupSourceReq,
  /** Join an IPv4 multicast group by the interface's index. Write-only. */
  MCAST_JOIN_GROUP: inet.groupReq,
  /** Join an IPv4 multicast group, to hear one sender. Write-only. */
  MCAST_JOIN_SOURCE_GROUP: inet.groupSourceReq,
  /** Leave an IPv4 multicast group. Write-only. */
  MCAST_LEAVE_GROUP: inet.groupReq,
  /** Leave an IPv4 multicast group and its one sender. Write-only. */
  MCAST_LEAVE_SOURCE_GROUP: inet.groupSourceReq,
  /** Set whom to hear of an IPv4 group that was joined. Write-only. */
  MCAST_MSFILTER: inet.groupFilter,
  /** Hear a blocked sender of an IPv4 group again. Write-only. */
  MCAST_UNBLOCK_SOURCE: inet.groupSourceReq,
};

const inet6Rows = {
  /** MCAST_BLOCK_SOURCE of IPPROTO_IPV6: hear a sender of an IPv6 group no longer. Write-only. */
  IPV6_MCAST_BLOCK_SOURCE: inet6.groupSourceReq,
  /** MCAST_JOIN_GROUP of IPPROTO_IPV6: join an IPv6 multicast group. Write-only. */
  IPV6_MCAST_JOIN_GROUP: inet6.groupReq,
  /** MCAST_JOIN_SOURCE_GROUP of IPPROTO_IPV6: join an IPv6 multicast group, to hear one sender. Write-only. */
  IPV6_MCAST_JOIN_SOURCE_GROUP: inet6.groupSourceReq,
  /** MCAST_LEAVE_GROUP of IPPROTO_IPV6: leave an IPv6 multicast group. Write-only. */
  IPV6_MCAST_LEAVE_GROUP: inet6.groupReq,
  /** MCAST_LEAVE_SOURCE_GROUP of IPPROTO_IPV6: leave an IPv6 multicast group and its one sender. Write-only. */
  IPV6_MCAST_LEAVE_SOURCE_GROUP: inet6.groupSourceReq,
  /** MCAST_MSFILTER of IPPROTO_IPV6: set whom to hear of an IPv6 group that was joined. Write-only. */
  IPV6_MCAST_MSFILTER: inet6.groupFilter,
  /** MCAST_UNBLOCK_SOURCE of IPPROTO_IPV6: hear a blocked sender of an IPv6 group again. Write-only. */
  IPV6_MCAST_UNBLOCK_SOURCE: inet6.groupSourceReq,
};

/** The options of multicast groups that IPv4 and IPv6 have in common, for IPv4. Source: RFC 3678 */
export const groupOptions: Table<typeof inetRows> = table(IPPROTO_IP, inetRows);

/** The same for IPv6: the constants have the same names, so that these begin with `IPV6_`. Source: RFC 3678 */
export const ipv6GroupOptions: Table<typeof inet6Rows> = table(IPPROTO_IPV6, inet6Rows, (name) =>
  name.replace('IPV6_', ''),
);
