import * as core from '@bsd-sockets/core-native';
import {
  addressRows,
  bytes,
  gaiError,
  integer,
  native,
  newSockaddr,
  type OSErrorDetails,
  structBytes,
  structView,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import type { AddressFamily } from './address-family';
import { encodeHost, type Host } from './host';
import { formatIpv4, formatIpv6, ipv4Number, isNumericHost, latin1, parseIpv6 } from './inet-text';
import { ask, type Lookup, type Query, wait } from './lookup';

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
export function textOf(host: unknown): string | undefined {
  if (typeof host === 'string') return host;
  return ArrayBuffer.isView(host) ? latin1(bytes('host', host)) : undefined;
}

/** The first sockaddr of a host, of a family or of any (0). */
export function* findSockaddr(host: Uint8Array, family: number, details: OSErrorDetails): Lookup<Uint8Array> {
  const query: Query<Buffer | number> = (done) => native.getaddrinfo(host, null, family, core.SOCK_DGRAM!, 0, 0, done);
  const found = isNumericHost(latin1(host)) ? query() : yield* ask(query);
  if (typeof found === 'number') throw gaiError(found, details);
  return addressRows(found)[0]![4];
}

/**
 * Whether {@link encodeInet} and {@link encodeInet6} ask a name service for a host: not for an address in text, `''`,
 * `'<broadcast>'`, or what is no host at all.
 *
 * @param host - The first element of an address.
 */
export function isHostName(host: unknown): boolean {
  const text = textOf(host);
  return text !== undefined && text !== '' && text !== BROADCAST && !isNumericHost(text);
}

const BROADCAST = '<broadcast>';

/** A host that needs no lookup, as a number of 32 bits; -1 for all others. */
function knownIpv4(host: unknown): number {
  const text = textOf(host);
  if (text === undefined) return -1;
  if (text === '') return 0;
  return text === BROADCAST ? 0xffffffff : ipv4Number(text);
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
  const [host, port] = inetParts(address);
  const ip = knownIpv4(host);
  return newInet(ip < 0 ? wait(findIpv4(host)) : ip, port);
}

/** What {@link encodeInet} does. */
export function* findInet(address: unknown): Lookup<Buffer> {
  const [host, port] = inetParts(address);
  const ip = knownIpv4(host);
  return newInet(ip < 0 ? yield* findIpv4(host) : ip, port);
}

function inetParts(address: unknown): [host: unknown, port: unknown] {
  if (!Array.isArray(address) || address.length !== 2) {
    throw wrongType('address', 'a pair [host, port] for AF_INET', address);
  }
  return address as [unknown, unknown];
}

function* findIpv4(host: unknown): Lookup<number> {
  const details = { syscall: 'getaddrinfo', address: host };
  const sockaddr = yield* findSockaddr(encodeHost(host), AF_INET, details);
  return structView(sockaddr).getUint32(IN_ADDRESS);
}

function newInet(ip: number, port: unknown): Buffer {
  const sockaddr = newSockaddr(AF_INET, SOCKADDR_IN_SIZE);
  sockaddr.writeUInt32BE(ip, IN_ADDRESS);
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
  const parts = inet6Parts(address);
  return newInet6(knownIpv6(parts[0]) ?? wait(findIpv6(parts[0])), parts);
}

/** What {@link encodeInet6} does. */
export function* findInet6(address: unknown): Lookup<Buffer> {
  const parts = inet6Parts(address);
  return newInet6(knownIpv6(parts[0]) ?? (yield* findIpv6(parts[0])), parts);
}

type Inet6Parts = [host: unknown, port: unknown, flowinfo?: unknown, scopeId?: unknown];

function inet6Parts(address: unknown): Inet6Parts {
  if (!Array.isArray(address) || address.length < 2 || address.length > 4) {
    throw wrongType('address', '[host, port, flowinfo?, scopeId?] for AF_INET6', address);
  }
  return address as Inet6Parts;
}

/** The 16 bytes of a host that needs no lookup; undefined for all others. */
function knownIpv6(host: unknown): Uint8Array | undefined {
  const text = textOf(host);
  if (text === undefined) return undefined;
  if (text === BROADCAST) throw wrongValue('host', 'an IPv6 host: IPv6 has no broadcast', host);
  return text === '' ? new Uint8Array(16) : parseIpv6(text);
}

/** The 16 bytes of a host, and its scope id behind them. */
function* findIpv6(host: unknown): Lookup<Uint8Array> {
  const details = { syscall: 'getaddrinfo', address: host };
  const sockaddr = yield* findSockaddr(encodeHost(host), AF_INET6, details);
  return sockaddr.subarray(IN6_ADDRESS, SOCKADDR_IN6_SIZE);
}

function newInet6(ip: Uint8Array, [, port, flowinfo = 0, scopeId]: Inet6Parts): Buffer {
  const sockaddr = newSockaddr(AF_INET6, SOCKADDR_IN6_SIZE);
  sockaddr.set(ip, IN6_ADDRESS);
  sockaddr.writeUInt16BE(encodePort(port), PORT);
  sockaddr.writeUInt32BE(integer('flowinfo', flowinfo, 0, 0xfffff), IN6_FLOWINFO);
  if (scopeId !== undefined) {
    structView(sockaddr).setUint32(IN6_SCOPE_ID, integer('scopeId', scopeId, 0, 0xffffffff), core.LITTLE_ENDIAN);
  }
  return sockaddr;
}

/**
 * The address in a `struct sockaddr_in6`.
 *
 * @param sockaddr - The structure; bytes past its end count as 0.
 */
export function decodeInet6(sockaddr: Uint8Array): Inet6Address {
  const whole = structBytes(sockaddr, SOCKADDR_IN6_SIZE);
  const view = structView(whole);
  return [
    formatIpv6(whole, IN6_ADDRESS),
    decodePort(whole),
    view.getUint32(IN6_FLOWINFO),
    view.getUint32(IN6_SCOPE_ID, core.LITTLE_ENDIAN),
  ];
}

/** The address in a sockaddr of either family, as getaddrinfo returns it. */
export function decodeInternet(family: number, sockaddr: Uint8Array): InetAddress | Inet6Address {
  return family === AF_INET6 ? decodeInet6(sockaddr) : decodeInet(sockaddr);
}
