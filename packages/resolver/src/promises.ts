import { type Abortable, type HostEntry, isOptions, knownKeys, rejecting } from '@bsd-sockets/core-native';
import {
  type AddrInfo,
  findAddresses,
  GETADDRINFO_OPTIONS,
  type GetaddrinfoOptions,
  type Service,
} from './getaddrinfo';
import { findName } from './getnameinfo';
import type { Host } from './host';
import { findFqdn, findHostByAddress, findHostByName, findIpv4Host } from './hosts';
import { findInet, findInet6, type Inet6AddressLike, type InetAddressLike } from './inet-sockaddr';
import { findPort, findProtocol, findService } from './services';
import { lookUp } from './thread-pool';

export { type Abortable, AbortError } from '@bsd-sockets/core-native';
export * from './index';

/**
 * Translates a host and a service into the addresses that a socket can use. Host and service in digits are translated
 * at once; for all others the thread pool asks the name service.
 *
 * @param host - A host name, an IPv4 or IPv6 address, or null for this host (with `AI_PASSIVE`: for all its addresses).
 * @param port - A port from 0 to 65535, a service name such as `'http'`, or null.
 * @param family - AF_INET, AF_INET6, or 0 for both.
 * @param type - A SOCK_* constant, or 0 for all.
 * @param proto - An IPPROTO_* constant, or 0 for all.
 * @param flags - AI_* constants, joined by `|`.
 * @param options - `signal`; and the four, if they are not given by position.
 * @returns A list of [family, type, proto, canonname, address]; `canonname` is empty but for the first entry under
 *   `AI_CANONNAME`.
 * @throws {@link GaiError} with an `EAI_*` code if there is no such host or service; {@link AbortError}.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) for a bad
 *   argument.
 *
 * Source: getaddrinfo(3); Python's `socket.getaddrinfo` and `asyncio.loop.getaddrinfo`
 */
export function getaddrinfo(
  host: Host | null | undefined,
  port: Service | null | undefined,
  options?: GetaddrinfoOptions & Abortable,
): Promise<AddrInfo[]>;
export function getaddrinfo(
  host: Host | null | undefined,
  port: Service | null | undefined,
  family?: number,
  type?: number,
  proto?: number,
  flags?: number,
  options?: Abortable,
): Promise<AddrInfo[]>;
export function getaddrinfo(
  host: Host | null | undefined,
  port: Service | null | undefined,
  family?: number | (GetaddrinfoOptions & Abortable),
  type?: number,
  proto?: number,
  flags?: number,
  options?: Abortable,
): Promise<AddrInfo[]> {
  if (typeof family === 'object' && family !== null) return getaddrinfoBy(host, port, family);
  return lookUp(findAddresses(host, port, family, type, proto, flags), options);
}

function getaddrinfoBy(
  host: Host | null | undefined,
  port: Service | null | undefined,
  options: GetaddrinfoOptions & Abortable,
): Promise<AddrInfo[]> {
  return rejecting(() => {
    knownKeys('options', options, { ...GETADDRINFO_OPTIONS, signal: true });
    const { family, type, proto, flags, signal } = options;
    return lookUp(findAddresses(host, port, family, type, proto, flags), { signal });
  });
}

/**
 * Translates an address into the names of its host and its service: the reverse of getaddrinfo. The thread pool asks the
 * name service, unless `NI_NUMERICHOST` and `NI_NUMERICSERV` are set.
 *
 * @param sockaddr - [host, port] or [host, port, flowinfo, scopeId], as getaddrinfo returns it. The host is an IPv4 or
 *   IPv6 address in text.
 * @param flags - NI_* constants, joined by `|`.
 * @param options - `signal`: ends the wait.
 * @returns `[host, port]`: an IPv6 address with a scope id ends in `%` and the interface's name or number.
 * @throws {@link GaiError} with an `EAI_*` code if the host is no address, a flag is unknown, or there is no name and
 *   `NI_NAMEREQD` is set; {@link AbortError}.
 * @throws {@link OSError} (EINVAL) for an IPv4 address of more than two elements.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) for a bad
 *   argument.
 *
 * Source: getnameinfo(3); Python's `socket.getnameinfo` and `asyncio.loop.getnameinfo`
 */
export function getnameinfo(
  sockaddr: InetAddressLike | Inet6AddressLike,
  flags: number,
  options?: Abortable,
): Promise<[host: string, port: string]> {
  return lookUp(findName(sockaddr, flags), options);
}

/**
 * The IPv4 address of a host, the first if it has several.
 *
 * @param host - A host name or an IPv4 address; `''` for all interfaces, `'<broadcast>'` for all hosts.
 * @param options - `signal`: ends the wait.
 * @returns The address as a dotted quad.
 * @throws {@link GaiError} with an `EAI_*` code if there is no such host; {@link AbortError}.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) if it is no host name.
 *
 * Source: getaddrinfo(3); Python's `socket.gethostbyname`
 */
export function gethostbyname(host: Host, options?: Abortable): Promise<string> {
  return lookUp(findIpv4Host(host), options);
}

/**
 * All that is known of an IPv4 host.
 *
 * @param host - A host name or an IPv4 address.
 * @param options - `signal`: ends the wait.
 * @returns `[hostname, aliaslist, ipaddrlist]`: its primary name, its other names, its addresses.
 * @throws {@link GaiError} with an `EAI_*` code if there is no such host; {@link HError} with an h_errno if the lookup of
 *   the rest fails; {@link AbortError}.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) if it is no host name.
 *
 * Source: gethostbyname(3); Python's `socket.gethostbyname_ex`
 */
export function gethostbynameEx(host: Host, options?: Abortable): Promise<HostEntry> {
  return lookUp(findHostByName(host), options);
}

/**
 * The names of the host with an address.
 *
 * @param ipAddress - An IPv4 or IPv6 address; or a host name, whose first address counts.
 * @param options - `signal`: ends the wait.
 * @returns `[hostname, aliaslist, ipaddrlist]`: its primary name, its other names, its addresses.
 * @throws {@link HError} with an h_errno if no host has the address; {@link GaiError} if there is no such host;
 *   {@link AbortError}.
 * @throws {@link OSError} (EINVAL) for `''`, which stands for more than one address.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) if it is no host name.
 *
 * Source: gethostbyaddr(3); Python's `socket.gethostbyaddr`
 */
export function gethostbyaddr(ipAddress: Host, options?: Abortable): Promise<HostEntry> {
  return lookUp(findHostByAddress(ipAddress), options);
}

/**
 * The fully qualified name of a host: the first of its names that has a dot.
 *
 * @param name - A host name or address; this host by default, and for `''`, `'0.0.0.0'` and `'::'`.
 * @param options - `signal`: ends the wait.
 * @returns Its primary name if none of them has a dot; `name` itself if there is no such host.
 * @throws {@link AbortError}; TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) if it is no host
 *   name.
 *
 * Source: gethostbyaddr(3); Python's `socket.getfqdn`
 */
export function getfqdn(name?: string | null, options?: Abortable): Promise<string>;
export function getfqdn(options?: Abortable): Promise<string>;
export function getfqdn(name?: any, options?: Abortable): Promise<string> {
  if (isOptions(name) && options === undefined) return getfqdn(null, name);
  return lookUp(findFqdn(name), options);
}

/**
 * The port of a service. The services database may be a name service, so the thread pool asks it.
 *
 * @param servicename - Its name in the services database, such as `'http'`.
 * @param protocolname - `'tcp'` or `'udp'`; any protocol by default.
 * @param options - `signal`: ends the wait.
 * @returns A number from 0 to 65535.
 * @throws {@link OSError} (ENOENT) if there is no such service; {@link AbortError}.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) for a bad argument.
 *
 * Source: getservbyname(3); Python's `socket.getservbyname`
 */
export function getservbyname(servicename: string, protocolname?: string | null, options?: Abortable): Promise<number>;
export function getservbyname(servicename: string, options?: Abortable): Promise<number>;
export function getservbyname(servicename: string, protocolname?: any, options?: Abortable): Promise<number> {
  if (isOptions(protocolname) && options === undefined) return getservbyname(servicename, null, protocolname);
  return lookUp(findPort(servicename, protocolname), options);
}

/**
 * The name of the service at a port.
 *
 * @param port - From 0 to 65535.
 * @param protocolname - `'tcp'` or `'udp'`; any protocol by default.
 * @param options - `signal`: ends the wait.
 * @throws {@link OSError} (ENOENT) if the services database has none; {@link AbortError}.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) for a bad
 *   argument.
 *
 * Source: getservbyport(3); Python's `socket.getservbyport`
 */
export function getservbyport(port: number, protocolname?: string | null, options?: Abortable): Promise<string>;
export function getservbyport(port: number, options?: Abortable): Promise<string>;
export function getservbyport(port: number, protocolname?: any, options?: Abortable): Promise<string> {
  if (isOptions(protocolname) && options === undefined) return getservbyport(port, null, protocolname);
  return lookUp(findService(port, protocolname), options);
}

/**
 * The number of a protocol: the third argument of `new Socket(family, type, proto)`.
 *
 * @param protocolname - Its name in the protocols database, such as `'icmp'`.
 * @param options - `signal`: ends the wait.
 * @throws {@link OSError} (ENOENT) if there is no such protocol; {@link AbortError}.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) for a bad argument.
 *
 * Source: getprotobyname(3); Python's `socket.getprotobyname`
 */
export function getprotobyname(protocolname: string, options?: Abortable): Promise<number> {
  return lookUp(findProtocol(protocolname), options);
}

/**
 * The `struct sockaddr_in` of `[host, port]`.
 *
 * @param address - `[host, port]`; the port from 0 to 65535.
 * @param options - `signal`: ends the wait for the name service.
 * @throws {@link GaiError} if there is no such host; {@link AbortError}.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) for an address
 *   of another shape.
 *
 * Source: ip(7)
 */
export function encodeInet(address: unknown, options?: Abortable): Promise<Buffer> {
  return lookUp(findInet(address), options);
}

/**
 * The `struct sockaddr_in6` of `[host, port, flowinfo?, scopeId?]`. A zone in the host (`fe80::1%eth0`) counts unless a
 * scope id is given.
 *
 * @param address - `[host, port, flowinfo?, scopeId?]`; the port from 0 to 65535, the flow label of 20 bits.
 * @param options - `signal`: ends the wait for the name service.
 * @throws {@link GaiError} if there is no such host; {@link AbortError}.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) for an address
 *   of another shape.
 *
 * Source: ipv6(7)
 */
export function encodeInet6(address: unknown, options?: Abortable): Promise<Buffer> {
  return lookUp(findInet6(address), options);
}
