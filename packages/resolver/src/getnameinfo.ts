import { constants } from 'node:os';
import {
  AI_NUMERICHOST,
  addressRows,
  audit,
  gaiError,
  int32,
  integer,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
  native,
  OSError,
  SOCK_DGRAM,
  wrongType,
} from '@bsd-sockets/core-native';
import { AF_INET, decodeInet6, encodeInet6, type Inet6AddressLike, type InetAddressLike } from './inet-sockaddr';
import { ask, type Lookup, type Query, wait } from './lookup';
import { text } from './text';

/**
 * Translates an address into the names of its host and its service: the reverse of getaddrinfo. It waits for the name
 * service, unless `NI_NUMERICHOST` is set.
 *
 * @param sockaddr - [host, port] or [host, port, flowinfo, scopeId], as getaddrinfo returns it. The host is an IPv4 or
 *   IPv6 address in text.
 * @param flags - NI_* constants, joined by `|`: numbers in place of names (`NI_NUMERICHOST`, `NI_NUMERICSERV`), no number
 *   in place of a host name (`NI_NAMEREQD`), no domain for a host of this one (`NI_NOFQDN`), the service of UDP
 *   (`NI_DGRAM`), host names in Unicode (`NI_IDN`).
 * @returns [host, port]: an IPv6 address with a scope id ends in `%` and the interface's name or number.
 * @throws {@link GaiError} with an `EAI_*` code if the host is no address, a flag is unknown, or there is no name and
 *   `NI_NAMEREQD` is set.
 * @throws {@link OSError} (EINVAL) for an IPv4 address of more than two elements.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) for a bad
 *   argument.
 *
 * Source: getnameinfo(3); Python's `socket.getnameinfo`
 */
export function getnameinfo(sockaddr: InetAddressLike | Inet6AddressLike, flags: number): [host: string, port: string] {
  return wait(findName(sockaddr, flags));
}

/** What {@link getnameinfo} does. */
export function* findName(
  sockaddr: InetAddressLike | Inet6AddressLike,
  flags: number,
): Lookup<[host: string, port: string]> {
  const details = { syscall: 'getnameinfo', address: sockaddr };
  int32('flags', flags);
  const encoded = encode(sockaddr, details);
  const query: Query<[string, string] | number> = (done) => native.getnameinfo(encoded, flags, done);
  const found = (flags & NUMERIC) === NUMERIC ? query() : yield* ask(query);
  if (typeof found === 'number') throw gaiError(found, details);
  return found;
}

// With these flags no name service is asked.
const NUMERIC = NI_NUMERICHOST! | NI_NUMERICSERV!;

function encode(sockaddr: unknown, details: { syscall: string; address: unknown }): Uint8Array {
  if (!Array.isArray(sockaddr) || sockaddr.length < 2 || sockaddr.length > 4) {
    throw wrongType('sockaddr', '[host, port, flowinfo?, scopeId?]', sockaddr);
  }
  const [host, port, flowinfo, scopeId] = sockaddr as [unknown, unknown, number?, number?];
  const service = `${integer('port', port, 0, 65535)}`;
  const name = Buffer.from(text('host', host));
  audit('socket.getnameinfo', sockaddr);
  const found = native.getaddrinfo(name, Buffer.from(service), 0, SOCK_DGRAM, 0, AI_NUMERICHOST);
  if (typeof found === 'number') throw gaiError(found, details);
  const [family, , , , numeric] = addressRows(found)[0]!;
  if (family !== AF_INET) {
    const [address, port6, , zone] = decodeInet6(numeric);
    return encodeInet6([address, port6, flowinfo, scopeId ?? zone]);
  }
  if (sockaddr.length > 2) {
    throw new OSError(constants.errno.EINVAL, { ...details, hint: 'an IPv4 address is a pair [host, port]' });
  }
  return numeric;
}
