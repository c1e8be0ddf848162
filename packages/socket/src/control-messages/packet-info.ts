import {
  IP_PKTINFO,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_PKTINFO,
  int32,
  integer,
  type KnownKeys,
  knownKeys,
  LITTLE_ENDIAN,
  layout,
  structView,
  wrongType,
} from '@bsd-sockets/core-native';
import { formatIpv6, ipv4Text, parseIpv4, parseIpv6 } from '@bsd-sockets/resolver';
import { registerControlMessage } from './control-message';

/** Where an IPv4 packet arrived, or by which way it should leave: `struct in_pktinfo`. */
export interface PacketInfo {
  /** The interface's index. */
  ifindex: number;
  /** The local address of the packet; when sending, the source address. */
  specDst: string;
  /** The destination in the packet's header; without a meaning when sending. */
  addr: string;
}

/** Where an IPv6 packet arrived, or by which way it should leave: `struct in6_pktinfo`. */
export interface Packet6Info {
  /** The destination in the packet's header; when sending, the source address. */
  addr: string;
  /** The interface's index. */
  ifindex: number;
}

const { in_pktinfo } = layout;
const IFINDEX = in_pktinfo.ipi_ifindex.offset;
const ADDR = in_pktinfo.ipi_addr.offset;
// Where there is only one address, it is the header's for who receives, and the source for who sends.
const SPEC_DST = (in_pktinfo.ipi_spec_dst ?? in_pktinfo.ipi_addr).offset;

function bytesOf(data: DataView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function parse(name: string, text: unknown, parser: (text: string) => Uint8Array | undefined): Uint8Array {
  const ip = typeof text === 'string' ? parser(text) : undefined;
  if (!ip) throw wrongType(name, 'an IP address as text', text);
  return ip;
}

function checkRecord<T extends object>(value: T, known: KnownKeys<T>): void {
  if (typeof value !== 'object' || value === null) throw wrongType('packet info', 'an object', value);
  knownKeys('packet info', value, known);
}

/**
 * The interface and the addresses of an IPv4 packet: received with the option IP_PKTINFO, and sent to choose them. What
 * is left out when sending is the kernel's choice.
 *
 * Source: ip(7)
 */
export const IpPktinfo = registerControlMessage({
  name: 'IP_PKTINFO',
  package: '@bsd-sockets/socket',
  level: IPPROTO_IP,
  type: IP_PKTINFO,
  size: in_pktinfo.size,
  decode: (data): PacketInfo => ({
    ifindex: data.getInt32(IFINDEX, LITTLE_ENDIAN),
    specDst: ipv4Text(data.getInt32(SPEC_DST)),
    addr: ipv4Text(data.getInt32(ADDR)),
  }),
  encode(value: Partial<PacketInfo>) {
    checkRecord(value, { ifindex: true, specDst: true, addr: true });
    const { ifindex = 0, specDst = '0.0.0.0', addr = '0.0.0.0' } = value;
    const data = new Uint8Array(in_pktinfo.size);
    structView(data).setInt32(IFINDEX, int32('ifindex', ifindex), LITTLE_ENDIAN);
    data.set(parse('addr', addr, parseIpv4), ADDR);
    data.set(parse('specDst', specDst, parseIpv4), SPEC_DST);
    return data;
  },
});

/**
 * The interface and the address of an IPv6 packet: received with the option IPV6_RECVPKTINFO, and sent to choose them.
 * What is left out when sending is the kernel's choice.
 *
 * Source: ipv6(7), RFC 3542
 */
export const Ipv6Pktinfo = registerControlMessage({
  name: 'IPV6_PKTINFO',
  package: '@bsd-sockets/socket',
  level: IPPROTO_IPV6,
  type: IPV6_PKTINFO,
  size: 20,
  decode: (data): Packet6Info => ({
    addr: formatIpv6(bytesOf(data), 0),
    ifindex: data.getUint32(16, LITTLE_ENDIAN),
  }),
  encode(value: Partial<Packet6Info>) {
    checkRecord(value, { addr: true, ifindex: true });
    const { addr = '::', ifindex = 0 } = value;
    const data = new Uint8Array(20);
    data.set(parse('addr', addr, parseIpv6), 0);
    structView(data).setUint32(16, integer('ifindex', ifindex, 0, 0xffffffff), LITTLE_ENDIAN);
    return data;
  },
});
