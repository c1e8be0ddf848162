import { IP_ORIGDSTADDR, IPPROTO_IP, IPPROTO_IPV6, IPV6_ORIGDSTADDR } from '@bsd-sockets/core-native';
import { decodeInet, decodeInet6, type Inet6Address, type InetAddress } from '@bsd-sockets/resolver';
import { registerControlMessage } from './control-message';

function bytesOf(data: DataView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Where an IPv4 datagram was going before it was redirected, as by TPROXY; received with the option IP_RECVORIGDSTADDR.
 *
 * Source: ip(7)
 */
export const IpOrigdstaddr = registerControlMessage({
  name: 'IP_ORIGDSTADDR',
  package: '@bsd-sockets/socket',
  level: IPPROTO_IP,
  type: IP_ORIGDSTADDR,
  size: 16,
  decode: (data): InetAddress => decodeInet(bytesOf(data)),
});

/**
 * Where an IPv6 datagram was going before it was redirected; received with the option IPV6_RECVORIGDSTADDR.
 *
 * Source: linux/in6.h
 */
export const Ipv6Origdstaddr = registerControlMessage({
  name: 'IPV6_ORIGDSTADDR',
  package: '@bsd-sockets/socket',
  level: IPPROTO_IPV6,
  type: IPV6_ORIGDSTADDR,
  size: 28,
  decode: (data): Inet6Address => decodeInet6(bytesOf(data)),
});
