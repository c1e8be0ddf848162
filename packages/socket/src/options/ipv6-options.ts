import { IPPROTO_IPV6 } from '@bsd-sockets/core-native';
import { decodeInet6, encodeInet6, type Inet6Address, type Inet6AddressLike } from '@bsd-sockets/resolver';
import { boolean, bytes, type FixedCodec, int32, networkUint32, readOnly, uint32, writeOnly } from './codecs';
import { in6Addr } from './in-addr';
import { ipv6Mreq } from './membership';
import { optional, struct } from './struct';
import { type Table, table } from './table';

/** `struct ip6_mtuinfo`: the MTU of the path to an address. */
export interface PathMtu {
  address: Inet6Address;
  mtu: number;
}

/** `struct in6_pktinfo`: the source of packets. Source: ipv6(7) */
export interface In6Pktinfo {
  /** An address of this host; `'::'`, the default, for the kernel's choice. */
  addr?: string | undefined;
  /** The index of an interface; 0, the default, for the kernel's choice. */
  ifindex?: number | undefined;
}

const sockaddrIn6: FixedCodec<Inet6Address, Inet6AddressLike> = {
  size: 28,
  alignment: 4,
  encode: encodeInet6,
  decode: (bytes) => decodeInet6(bytes),
};

const rows = {
  /** The address family; AF_INET makes a socket of IPv4 out of one with a mapped peer. */
  IPV6_ADDRFORM: int32,
  /** Which own addresses to prefer: IPV6_PREFER_* numbers of linux/in6.h, joined by `|`. */
  IPV6_ADDR_PREFERENCES: int32,
  /** The same as IPV6_JOIN_GROUP. Write-only. */
  IPV6_ADD_MEMBERSHIP: ipv6Mreq,
  /** Let the kernel choose flow labels. */
  IPV6_AUTOFLOWLABEL: boolean,
  /** Where the checksum lies, in bytes from the beginning; -1 for none (raw sockets). */
  IPV6_CHECKSUM: int32,
  /** Do not fragment packets at the sender. */
  IPV6_DONTFRAG: boolean,
  /** The same as IPV6_LEAVE_GROUP. Write-only. */
  IPV6_DROP_MEMBERSHIP: ipv6Mreq,
  /** The destination options of each packet, as they are on the wire. */
  IPV6_DSTOPTS: bytes(2048),
  /** Receive the flow information, as a control message. */
  IPV6_FLOWINFO: boolean,
  /** Send the flow information of the address. */
  IPV6_FLOWINFO_SEND: boolean,
  /** Bind to an address that this host does not have (yet). */
  IPV6_FREEBIND: boolean,
  /** What is sent has its IP header already (raw sockets). */
  IPV6_HDRINCL: boolean,
  /** The hop-by-hop options of each packet, as they are on the wire. */
  IPV6_HOPOPTS: bytes(2048),
  /** Join an anycast group. Write-only. */
  IPV6_JOIN_ANYCAST: ipv6Mreq,
  /** Join a multicast group. Write-only. */
  IPV6_JOIN_GROUP: ipv6Mreq,
  /** Leave an anycast group. Write-only. */
  IPV6_LEAVE_ANYCAST: ipv6Mreq,
  /** Leave a multicast group. Write-only. */
  IPV6_LEAVE_GROUP: ipv6Mreq,
  /** Drop packets with a hop limit below this, 0 to 255. */
  IPV6_MINHOPCOUNT: int32,
  /** The path's MTU in bytes, of a connected socket; setting it lowers the one in use. */
  IPV6_MTU: int32,
  /** One of IP_PMTUDISC_*: whether packets may be fragmented. */
  IPV6_MTU_DISCOVER: int32,
  /** Receive from all groups that any socket of this host has joined. */
  IPV6_MULTICAST_ALL: boolean,
  /** The hop limit of multicast packets, 0 to 255; -1 for the default, 1. */
  IPV6_MULTICAST_HOPS: int32,
  /** The index of the interface to send multicast by; 0 for any. */
  IPV6_MULTICAST_IF: int32,
  /** Whether this host receives what it sends to its own groups. */
  IPV6_MULTICAST_LOOP: boolean,
  /** The path's MTU in bytes, of a connected socket. Read-only. */
  IPV6_PATHMTU: readOnly(struct<PathMtu>({ address: sockaddrIn6, mtu: uint32 })),
  /** The source address and interface of each packet. Write-only. */
  IPV6_PKTINFO: writeOnly(
    struct<Required<In6Pktinfo>, In6Pktinfo>({ addr: optional(in6Addr), ifindex: optional(int32) }),
  ),
  /** Receive the destination options, as control messages. */
  IPV6_RECVDSTOPTS: boolean,
  /** Queue errors, to be received with MSG_ERRQUEUE. */
  IPV6_RECVERR: boolean,
  /** Queue the ICMP extensions of errors too. */
  IPV6_RECVERR_RFC4884: boolean,
  /** Receive the size of the largest fragment, as a control message. */
  IPV6_RECVFRAGSIZE: boolean,
  /** Receive the hop limit, as a control message. */
  IPV6_RECVHOPLIMIT: boolean,
  /** Receive the hop-by-hop options, as control messages. */
  IPV6_RECVHOPOPTS: boolean,
  /** Receive the original destination, as a control message. */
  IPV6_RECVORIGDSTADDR: boolean,
  /** Receive changes of the path's MTU, as control messages. */
  IPV6_RECVPATHMTU: boolean,
  /** Receive the destination and interface of datagrams, as control messages. */
  IPV6_RECVPKTINFO: boolean,
  /** Receive the routing header, as a control message. */
  IPV6_RECVRTHDR: boolean,
  /** Receive the traffic class, as a control message. */
  IPV6_RECVTCLASS: boolean,
  /** Receive packets with this Router Alert value; -1 for none (raw sockets). Write-only. */
  IPV6_ROUTER_ALERT: writeOnly(int32),
  /** Receive only Router Alert packets of the own namespace. */
  IPV6_ROUTER_ALERT_ISOLATE: boolean,
  /** The routing header of each packet, as it is on the wire. */
  IPV6_RTHDR: bytes(2048),
  /** The destination options before the routing header, as they are on the wire. */
  IPV6_RTHDRDSTOPTS: bytes(2048),
  /** The traffic class of packets sent, 0 to 255; -1 for the default, 0. */
  IPV6_TCLASS: int32,
  /** Use addresses that this host does not have, as a transparent proxy. */
  IPV6_TRANSPARENT: boolean,
  /** The hop limit of packets sent, 0 to 255; -1 for the system's default. */
  IPV6_UNICAST_HOPS: int32,
  /** The index of the interface to send by; 0 for any. */
  IPV6_UNICAST_IF: networkUint32,
  /** Do not take IPv4 connections and datagrams. */
  IPV6_V6ONLY: boolean,
};

/** The options of IPv6. Source: ipv6(7) */
export const ipv6Options: Table<typeof rows> = table(IPPROTO_IPV6, rows);
