import { IPPROTO_IP } from '@bsd-sockets/core-native';
import { decodeInet, type InetAddress } from '@bsd-sockets/resolver';
import { boolean, bytes, int32, networkUint32, readOnly, uint16, writeOnly } from './codecs';
import { ipMreqn, ipMreqSource, multicastInterface } from './membership';
import { struct } from './struct';
import { type Table, table } from './table';

/** The ports from `low` to `high`. */
export interface PortRange {
  low: number;
  high: number;
}

const sockaddrIn = { size: 16, decode: (bytes: Buffer): InetAddress => decodeInet(bytes) };

const rows = {
  /** Join a multicast group. Write-only. */
  IP_ADD_MEMBERSHIP: ipMreqn,
  /** Join a multicast group, to hear one sender. Write-only. */
  IP_ADD_SOURCE_MEMBERSHIP: ipMreqSource,
  /** Choose the port at connect, not at bind. */
  IP_BIND_ADDRESS_NO_PORT: boolean,
  /** Hear a sender of a group no longer. Write-only. */
  IP_BLOCK_SOURCE: ipMreqSource,
  /** Receive the checksum of a datagram's data, as a control message. */
  IP_CHECKSUM: boolean,
  /** Leave a multicast group. Write-only. */
  IP_DROP_MEMBERSHIP: ipMreqn,
  /** Leave a multicast group and its one sender. Write-only. */
  IP_DROP_SOURCE_MEMBERSHIP: ipMreqSource,
  /** Bind to an address that this host does not have (yet). */
  IP_FREEBIND: boolean,
  /** What is sent has its IP header already (raw sockets). */
  IP_HDRINCL: boolean,
  /** The ports to choose from where none is given; 0 and 0 for the system's. */
  IP_LOCAL_PORT_RANGE: struct<PortRange>({ low: uint16, high: uint16 }),
  /** Drop packets with a TTL below this, 0 to 255. */
  IP_MINTTL: int32,
  /** The path's MTU in bytes, of a connected socket. Read-only. */
  IP_MTU: readOnly(int32),
  /** One of IP_PMTUDISC_*: whether packets may be fragmented. */
  IP_MTU_DISCOVER: int32,
  /** Receive from all groups that any socket of this host has joined. */
  IP_MULTICAST_ALL: boolean,
  /** The interface to send multicast by: an address of it, or its index; the address is read. */
  IP_MULTICAST_IF: multicastInterface,
  /** Whether this host receives what it sends to its own groups. */
  IP_MULTICAST_LOOP: boolean,
  /** The TTL of multicast packets, 0 to 255; -1 for the default, 1. */
  IP_MULTICAST_TTL: int32,
  /** Do not put fragments together (raw sockets). */
  IP_NODEFRAG: boolean,
  /** The IP options of each packet, as they are on the wire. */
  IP_OPTIONS: bytes(40),
  /** Receive the security context of senders, as control messages. */
  IP_PASSSEC: boolean,
  /** Receive the destination and interface of datagrams, as control messages. */
  IP_PKTINFO: boolean,
  /** The protocol. Read-only. */
  IP_PROTOCOL: readOnly(int32),
  /** Queue errors, to be received with MSG_ERRQUEUE. */
  IP_RECVERR: boolean,
  /** Queue the ICMP extensions of errors too. */
  IP_RECVERR_RFC4884: boolean,
  /** Receive the destination of datagrams, as a control message. macOS, FreeBSD and Windows only. */
  IP_RECVDSTADDR: boolean,
  /** Receive the size of the largest fragment, as a control message. */
  IP_RECVFRAGSIZE: boolean,
  /** Receive the interface that datagrams came in by, as a control message. macOS and FreeBSD only. */
  IP_RECVIF: boolean,
  /** Receive the IP options, as control messages. */
  IP_RECVOPTS: boolean,
  /** Receive the original destination, as a control message. */
  IP_RECVORIGDSTADDR: boolean,
  /** Receive the TOS byte, as a control message. */
  IP_RECVTOS: boolean,
  /** Receive the TTL, as a control message. */
  IP_RECVTTL: boolean,
  /** Receive the IP options as they would go back, as control messages. */
  IP_RETOPTS: boolean,
  /** Receive packets with the Router Alert option (raw sockets). Write-only. */
  IP_ROUTER_ALERT: writeOnly(boolean),
  /** The TOS byte of packets sent, 0 to 255. */
  IP_TOS: int32,
  /** Use addresses that this host does not have, as a transparent proxy. */
  IP_TRANSPARENT: boolean,
  /** The TTL of packets sent, 1 to 255; -1 for the system's default. */
  IP_TTL: int32,
  /** Hear a blocked sender of a group again. Write-only. */
  IP_UNBLOCK_SOURCE: ipMreqSource,
  /** The index of the interface to send by; 0 for any. */
  IP_UNICAST_IF: networkUint32,
  /** Where a redirected connection was going. Read-only. */
  SO_ORIGINAL_DST: sockaddrIn,
};

/** The options of IPv4. Source: ip(7) */
export const ipOptions: Table<typeof rows> = table(IPPROTO_IP, rows);
