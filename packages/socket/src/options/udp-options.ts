import { IPPROTO_UDP, IPPROTO_UDPLITE } from '@bsd-sockets/core-native';
import { boolean, int32 } from './codecs';
import { type Table, table } from './table';

const rows = {
  /** Gather what is sent into one datagram, until it is turned off. */
  UDP_CORK: boolean,
  /** The kind of packets that the datagrams hold: an UDP_ENCAP_* number of linux/udp.h. */
  UDP_ENCAP: int32,
  /** Receive several datagrams at once, their size as a control message. */
  UDP_GRO: boolean,
  /** Take datagrams over IPv6 that have no checksum. */
  UDP_NO_CHECK6_RX: boolean,
  /** Send datagrams over IPv6 without a checksum. */
  UDP_NO_CHECK6_TX: boolean,
  /** Cut what is sent into datagrams of so many bytes; 0 to send it whole. */
  UDP_SEGMENT: int32,
};

/** The options of UDP. Source: udp(7) */
export const udpOptions: Table<typeof rows> = table(IPPROTO_UDP, rows);

const udpliteRows = {
  /** The fewest bytes that the checksum of a datagram must cover; 0 for all. */
  UDPLITE_RECV_CSCOV: int32,
  /** How many bytes the checksum covers; 0 for all. */
  UDPLITE_SEND_CSCOV: int32,
};

/** The options of UDP-Lite. Source: udplite(7) */
export const udpliteOptions: Table<typeof udpliteRows> = table(IPPROTO_UDPLITE, udpliteRows);
