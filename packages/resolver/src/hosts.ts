import { constants } from 'node:os';
import { audit, type HostEntry, hError, native, OSError } from '@bsd-sockets/core-native';
import { encodeHost, type Host } from './host';
import { gethostname } from './hostname';
import { decodeInet, encodeInet, findInet, findSockaddr } from './inet-sockaddr';
import { ask, type Lookup, wait } from './lookup';
import { text } from './text';

/**
 * The IPv4 address of a host, the first if it has several. It waits for the name service.
 *
 * @param host - A host name or an IPv4 address; `''` for all interfaces, `'<broadcast>'` for all hosts.
 * @returns The address as a dotted quad.
 * @throws {@link GaiError} with an `EAI_*` code if there is no such host.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) if it is no host name.
 *
 * Source: getaddrinfo(3); Python's `socket.gethostbyname`
 */
export function gethostbyname(host: Host): string {
  return wait(findIpv4Host(host));
}

/** What {@link gethostbyname} does. */
export function* findIpv4Host(host: Host): Lookup<string> {
  encodeHost(host);
  audit('socket.gethostbyname', host);
  return decodeInet(yield* findInet([host, 0]))[0];
}

/**
 * All that is known of an IPv4 host. It waits for the name service.
 *
 * @param host - A host name or an IPv4 address.
 * @returns `[hostname, aliaslist, ipaddrlist]`: its primary name, its other names, its addresses.
 * @throws {@link GaiError} with an `EAI_*` code if there is no such host; {@link HError} with an h_errno if the lookup of
 *   the rest fails.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) if it is no host name.
 *
 * Source: gethostbyname(3); Python's `socket.gethostbyname_ex`
 */
export function gethostbynameEx(host: Host): HostEntry {
  return wait(findHostByName(host));
}

/** What {@link gethostbynameEx} does. */
export function* findHostByName(host: Host): Lookup<HostEntry> {
  // Python's own first step: it is what tells a host that does not exist, by a GaiError.
  yield* findIpv4Host(host);
  const name = encodeHost(host);
  return entry('gethostbyname', host, yield* ask((done) => native.gethostbyname(name, done)));
}

/**
 * The names of the host with an address. It waits for the name service.
 *
 * @param ipAddress - An IPv4 or IPv6 address; or a host name, whose first address counts.
 * @returns `[hostname, aliaslist, ipaddrlist]`: its primary name, its other names, its addresses.
 * @throws {@link HError} with an h_errno if no host has the address; {@link GaiError} if there is no such host.
 * @throws {@link OSError} (EINVAL) for `''`, which stands for more than one address.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) if it is no host name.
 *
 * Source: gethostbyaddr(3); Python's `socket.gethostbyaddr`
 */
export function gethostbyaddr(ipAddress: Host): HostEntry {
  return wait(findHostByAddress(ipAddress));
}

/** What {@link gethostbyaddr} does. */
export function* findHostByAddress(ipAddress: Host): Lookup<HostEntry> {
  const sockaddr = yield* findFirst(ipAddress);
  return entry('gethostbyaddr', ipAddress, yield* ask((done) => native.gethostbyaddr(sockaddr, done)));
}

/** The first sockaddr of a host, of any family. */
function* findFirst(host: Host): Lookup<Uint8Array> {
  const encoded = encodeHost(host);
  audit('socket.gethostbyaddr', host);
  if (host === '<broadcast>') return encodeInet([host, 0]);
  if (encoded.length === 0) {
    const strerror = 'the empty host stands for more than one address';
    throw new OSError(constants.errno.EINVAL, { syscall: 'gethostbyaddr', strerror });
  }
  return yield* findSockaddr(encoded, 0, { syscall: 'gethostbyaddr', address: host });
}

function entry(syscall: string, host: Host, found: HostEntry | number): HostEntry {
  if (typeof found === 'number') throw hError(found, { syscall, address: host });
  return found;
}

/**
 * The fully qualified name of a host: the first of its names that has a dot. It waits for the name service.
 *
 * @param name - A host name or address; this host by default, and for `''`, `'0.0.0.0'` and `'::'`.
 * @returns Its primary name if none of them has a dot; `name` itself if there is no such host.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) if it is no host name.
 *
 * Source: gethostbyaddr(3); Python's `socket.getfqdn`
 */
export function getfqdn(name?: string | null): string {
  return wait(findFqdn(name));
}

/** What {@link getfqdn} does. */
export function* findFqdn(name?: string | null): Lookup<string> {
  const given = text('name', name ?? '').trim();
  const host = ['', '0.0.0.0', '::'].includes(given) ? gethostname() : given;
  try {
    const [hostname, aliases] = yield* findHostByAddress(host);
    return [hostname, ...aliases].find((alias) => alias.includes('.')) ?? hostname;
  } catch (error) {
    if (error instanceof OSError) return host;
    throw error;
  }
}
