import * as core from '@bsd-sockets/core-native';
import { bytes, gaiError, integer, native, newSockaddr, wrongType, wrongValue } from '@bsd-sockets/core-native';
import type { AddressFamily } from './address-family';
import { encodeHost, type Host } from './host';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './inet-text';

/** An IPv4 address: `['127.0.0.1', 80]`. */
export type InetAddress = [host: string, port: number];

/** What is taken for one: also a host name; `''` for all interfaces; `'<broadcast>'`. */
export type InetAddressLike = readonly [host: Host, port: number];

/** An IPv6 address: `['::1', 80, 0, 0]`. */
export type Inet6Address = [host: string, port: number, flowinfo: number, scopeId: number];

/** What is taken for one: also a host name, `''` for all interfaces, and without its last elements. */
export type Inet6AddressLike = readonly [host: Host, port: number, flowinfo?: number, scopeId?: number];

/** IPv4, with the type of its addresses. Source: ip(7) */
export const AF_INET = core.AF_INET as AddressFamily<InetAddress, InetAddressLike>;
/** IPv6, with the type of its addresses. Source: ipv6(7) */
export const AF_INET6 = core.AF_INET6 as AddressFamily<Inet6Address, Inet6AddressLike>;

/** A family that getaddrinfo returns: its sockets take the address beside it. */
export type InternetFamily = AddressFamily<InetAddress | Inet6Address, InetAddressLike | Inet6AddressLike>;

const SOCKADDR_IN_SIZE = 16;
const SOCKADDR_IN6_SIZE = 28;
const PORT = 2;
const IN_ADDRESS = 4;
const IN6_FLOWINFO = 4;
const IN6_ADDRESS = 8;
const IN6_SCOPE_ID = 24;

function encodePort(port: unknown): number {
  return integer('port', port, 0, 65535);
}

/** The text of a host, of bytes too; undefined for what is neither. */
function textOf(host: unknown): string | undefined {
  if (typeof host === 'string') return host;
  return ArrayBuffer.isView(host) ? Buffer.from(bytes('host', host)).toString('latin1') : undefined;
}

/** The first sockaddr of `family` that the name service has for a host. */
function lookUp(host: Host, family: number): Uint8Array {
  const found = native.getaddrinfo(encodeHost(host), null, family, core.SOCK_DGRAM, 0, 0);
  if (typeof found === 'number') throw gaiError(found, { syscall: 'getaddrinfo', address: host });
  return found[0]![4];
}

/**
 * The `struct sockaddr_in` of `[host, port]`. A host name waits for the name service.
 *
 * @param address - `[host, port]`; the port from 0 to 65535.
 * @throws {@link GaiError} if there is no such host.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) for an address
 *   of another shape.
 *
 * Source: ip(7)
 */
export function encodeInet(address: unknown): Buffer {
  if (!Array.isArray(address) || address.length !== 2) {
    throw wrongType('address', 'a pair [host, port] for AF_INET', address);
  }
  const [host, port] = address as [unknown, unknown];
  const sockaddr = newSockaddr(AF_INET, SOCKADDR_IN_SIZE);
  const text = textOf(host);
  const ip = text === undefined ? undefined : parseIpv4(text);
  if (ip) sockaddr.set(ip, IN_ADDRESS);
  else if (text === '<broadcast>') sockaddr.fill(0xff, IN_ADDRESS, IN_ADDRESS + 4);
  // The empty name is INADDR_ANY: zeros.
  else if (text !== '') sockaddr.set(lookUp(host as Host, AF_INET).subarray(0, SOCKADDR_IN_SIZE));
  sockaddr.writeUInt16BE(encodePort(port), PORT);
  return sockaddr;
}

/**
 * The address in a `struct sockaddr_in`.
 *
 * @param sockaddr - The structure; bytes past its end count as 0.
 */
export function decodeInet(sockaddr: Uint8Array): InetAddress {
  return [formatIpv4(sockaddr, IN_ADDRESS), decodePort(sockaddr)];
}

function decodePort(sockaddr: Uint8Array): number {
  return ((sockaddr[PORT] ?? 0) << 8) | (sockaddr[PORT + 1] ?? 0);
}

/**
 * The `struct sockaddr_in6` of `[host, port, flowinfo?, scopeId?]`. A host name waits for the name service. A zone in
 * the host (`fe80::1%eth0`) counts unless a scope id is given.
 *
 * @param address - `[host, port, flowinfo?, scopeId?]`; the port from 0 to 65535, the flow label of 20 bits.
 * @throws {@link GaiError} if there is no such host.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) for an address
 *   of another shape.
 *
 * Source: ipv6(7)
 */
export function encodeInet6(address: unknown): Buffer {
  if (!Array.isArray(address) || address.length < 2 || address.length > 4) {
    throw wrongType('address', '[host, port, flowinfo?, scopeId?] for AF_INET6', address);
  }
  const [host, port, flowinfo = 0, scopeId] = address as [unknown, unknown, unknown?, unknown?];
  const sockaddr = newSockaddr(AF_INET6, SOCKADDR_IN6_SIZE);
  const text = textOf(host);
  const ip = text === undefined ? undefined : parseIpv6(text);
  if (ip) sockaddr.set(ip, IN6_ADDRESS);
  else if (text === '<broadcast>') throw wrongValue('host', 'an IPv6 host: IPv6 has no broadcast', host);
  else if (text !== '') sockaddr.set(lookUp(host as Host, AF_INET6).subarray(0, SOCKADDR_IN6_SIZE));
  sockaddr.writeUInt16BE(encodePort(port), PORT);
  sockaddr.writeUInt32BE(integer('flowinfo', flowinfo, 0, 0xfffff), IN6_FLOWINFO);
  if (scopeId !== undefined) {
    nativeView(sockaddr).setUint32(IN6_SCOPE_ID, integer('scopeId', scopeId, 0, 0xffffffff), core.LITTLE_ENDIAN);
  }
  return sockaddr;
}

/**
 * The address in a `struct sockaddr_in6`.
 *
 * @param sockaddr - The structure; bytes past its end count as 0.
 */
export function decodeInet6(sockaddr: Uint8Array): Inet6Address {
  const whole = sockaddr.length < SOCKADDR_IN6_SIZE ? Buffer.concat([sockaddr], SOCKADDR_IN6_SIZE) : sockaddr;
  const view = nativeView(whole);
  return [
    formatIpv6(whole, IN6_ADDRESS),
    decodePort(whole),
    view.getUint32(IN6_FLOWINFO),
    view.getUint32(IN6_SCOPE_ID, core.LITTLE_ENDIAN),
  ];
}

function nativeView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The address in a sockaddr of either family, as getaddrinfo returns it. */
export function decodeInternet(family: number, sockaddr: Uint8Array): InetAddress | Inet6Address {
  return family === AF_INET6 ? decodeInet6(sockaddr) : decodeInet(sockaddr);
}
