import * as core from '@bsd-sockets/core-native';
import { bytes, sockaddrFamily, wrongType } from '@bsd-sockets/core-native';
import {
  type AddressFamily,
  AF_INET,
  AF_INET6,
  type Family,
  familyOf,
  type Inet6Address,
  type Inet6AddressLike,
  type InetAddress,
  type InetAddressLike,
  registerFamily,
  type SocketInfo,
} from '@bsd-sockets/socket';

/** An address of AF_RDS: that of IPv4 or of IPv6. `['0.0.0.0', 0]` is the name of a socket that is not bound. */
export type RdsAddress = InetAddress | Inet6Address;

/** What is taken for one. A host with a colon, or more than two elements, make it one of IPv6; a host name is one of IPv4. */
export type RdsAddressLike = InetAddressLike | Inet6AddressLike;

/** The IP family of an address that a caller hands in. */
function familyIn(address: unknown): Family<RdsAddress, any> {
  if (!Array.isArray(address) || address.length < 2 || address.length > 4) {
    throw wrongType('address', '[host, port] or [host, port, flowinfo, scopeId] for AF_RDS', address);
  }
  const host = address[0];
  const hasColon = ArrayBuffer.isView(host)
    ? bytes('host', host).includes(0x3a)
    : typeof host === 'string' && host.includes(':');
  return familyOf(address.length > 2 || hasColon ? AF_INET6 : AF_INET);
}

/** The IP family of a `struct sockaddr`. */
function familyFrom(sockaddr: Uint8Array): Family<RdsAddress, any> {
  return familyOf(sockaddrFamily(sockaddr) === AF_INET6 ? AF_INET6 : AF_INET);
}

/** Reliable datagrams: the addresses of IPv4 and IPv6, whose sockaddrs these are. */
const family: Family<RdsAddress, RdsAddressLike> = {
  number: core.AF_RDS,
  name: 'AF_RDS',
  package: '@bsd-sockets/rds',
  encode: (address, socket) => familyIn(address).encode(address, socket),
  decode: (sockaddr, socket) => familyFrom(sockaddr).decode(sockaddr, socket),
  resolve: (address, socket, signal) => familyIn(address).resolve?.(address, socket, signal),
};

/** The `struct sockaddr` of an address that is for no call of a socket. */
export function sockaddrOf(address: RdsAddressLike): Uint8Array {
  const socket: SocketInfo = { family: core.AF_RDS, type: core.SOCK_SEQPACKET!, proto: 0, fileno: () => -1 };
  return family.encode(address, socket);
}

/**
 * Reliable datagram sockets: `[host, port]`, or `[host, port, flowinfo, scopeId]` of IPv6. `undefined` on a platform that
 * does not have them, which `new Socket` refuses.
 *
 * Source: rds(7)
 */
export const AF_RDS: AddressFamily<RdsAddress, RdsAddressLike> = registerFamily(family);
