import * as core from '@bsd-sockets/core-native';
import {
  addressRows,
  audit,
  bytes,
  EAI_SERVICE,
  GaiError,
  gaiError,
  int32,
  integer,
  type KnownKeys,
  knownKeys,
  native,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { encodeHost, type Host } from './host';
import {
  AF_INET,
  AF_INET6,
  decodeInternet,
  type Inet6Address,
  type InetAddress,
  type InternetFamily,
  textOf,
} from './inet-sockaddr';
import { formatIpv6, ipv4Number, isNumericHost, latin1, parseIpv6 } from './inet-text';
import { ask, type Lookup, type Query, wait } from './lookup';
import { text } from './text';

/** A service: a port number, its name in the services database or its digits, as text or bytes. */
export type Service = number | string | Uint8Array;

/** One way to reach a host: what `new Socket(family, type, proto)` and its `connect(address)` take. */
export type AddrInfo = [
  family: InternetFamily,
  type: number,
  proto: number,
  canonname: string,
  address: InetAddress | Inet6Address,
];

/** What {@link getaddrinfo} takes in place of its optional positional parameters. */
export interface GetaddrinfoOptions {
  /** AF_INET, AF_INET6, or 0 for both. */
  family?: number;
  /** A SOCK_* constant, or 0 for all. */
  type?: number;
  /** An IPPROTO_* constant, or 0 for all. */
  proto?: number;
  /** AI_* constants, joined by `|`. */
  flags?: number;
}

function encodeService(port: unknown): Uint8Array | null {
  if (port === null || port === undefined) return null;
  if (typeof port === 'number') return Buffer.from(`${integer('port', port, 0, 65535)}`);
  if (typeof port !== 'string' && !ArrayBuffer.isView(port)) {
    throw wrongType('port', 'an integer from 0 to 65535, a service name, or null', port);
  }
  const encoded = typeof port === 'string' ? Buffer.from(text('port', port)) : bytes('port', port);
  if (encoded.includes(0)) throw wrongValue('port', 'a service name without NUL', port);
  const digits = latin1(encoded);
  // The C library skips blanks, takes a sign and counts modulo 65536.
  if (/^\s*[+-]?\d+$/.test(digits) && !(Number(digits) >= 0 && Number(digits) <= 65535)) {
    throw new GaiError(EAI_SERVICE, { syscall: 'getaddrinfo', address: [null, port], hint: 'a port is at most 65535' });
  }
  return encoded;
}

/**
 * Translates a host and a service into the addresses that a socket can use. It waits for the name service.
 *
 * @param host - A host name, an IPv4 or IPv6 address, or null for this host (with `AI_PASSIVE`: for all its addresses).
 * @param port - A port from 0 to 65535, a service name such as `'http'`, or null.
 * @param family - AF_INET, AF_INET6, or 0 for both.
 * @param type - A SOCK_* constant, or 0 for all.
 * @param proto - An IPPROTO_* constant, or 0 for all.
 * @param flags - AI_* constants, joined by `|`.
 * @param options - The four as an object, in place of their positions.
 * @returns A list of [family, type, proto, canonname, address]; `canonname` is empty but for the first entry under
 *   `AI_CANONNAME`.
 * @throws {@link GaiError} with an `EAI_*` code if there is no such host or service.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) for a bad
 *   argument.
 *
 * Source: getaddrinfo(3); Python's `socket.getaddrinfo`
 */
export function getaddrinfo(
  host: Host | null | undefined,
  port: Service | null | undefined,
  options?: GetaddrinfoOptions,
): AddrInfo[];
export function getaddrinfo(
  host: Host | null | undefined,
  port: Service | null | undefined,
  family?: number,
  type?: number,
  proto?: number,
  flags?: number,
): AddrInfo[];
export function getaddrinfo(
  host: Host | null | undefined,
  port: Service | null | undefined,
  family: number | GetaddrinfoOptions = 0,
  type = 0,
  proto = 0,
  flags = 0,
): AddrInfo[] {
  return wait(findAddresses(host, port, family, type, proto, flags));
}

export const GETADDRINFO_OPTIONS: KnownKeys<GetaddrinfoOptions> = {
  family: true,
  type: true,
  proto: true,
  flags: true,
};

/** What {@link getaddrinfo} does. */
export function* findAddresses(
  host: Host | null | undefined,
  port: Service | null | undefined,
  family: number | GetaddrinfoOptions = 0,
  type = 0,
  proto = 0,
  flags = 0,
): Lookup<AddrInfo[]> {
  if (typeof family === 'object' && family !== null) {
    knownKeys('options', family, GETADDRINFO_OPTIONS);
    return yield* findAddresses(host, port, family.family, family.type, family.proto, family.flags);
  }
  int32('family', family);
  int32('type', type);
  int32('proto', proto);
  int32('flags', flags);
  const literal = (flags & ~PLAIN) === 0 ? literalAddress(host, port, family) : undefined;
  const question = literal && `${literal.length} ${family} ${type} ${proto} ${flags}`;
  const answer = question && answers.get(question);
  if (answer) {
    audit('socket.getaddrinfo', host, port, family, type, proto);
    return answer.map(([family, type, proto]) => [family, type, proto, '', [...literal]]);
  }
  const encodedHost = host === null || host === undefined ? null : encodeHost(host);
  const service = encodeService(port);
  audit('socket.getaddrinfo', host, port, family, type, proto);
  const query: Query<Buffer | number> = (done) =>
    native.getaddrinfo(encodedHost, service, family, type, proto, flags, done);
  const found = isKnown(host, port) ? query() : yield* ask(query);
  if (typeof found === 'number') throw gaiError(found, { syscall: 'getaddrinfo', address: [host, port] });
  const rows = addressRows(found).map(
    ([family, type, proto, canonname, sockaddr]): AddrInfo => [
      family as InternetFamily,
      type,
      proto,
      canonname,
      decodeInternet(family, sockaddr),
    ],
  );
  if (question)
    answers.set(
      question,
      rows.map(([family, type, proto]) => [family, type, proto]),
    );
  return rows;
}

/** Flags that change nothing for an address in text. */
const PLAIN = core.AI_NUMERICHOST! | core.AI_NUMERICSERV! | core.AI_PASSIVE!;

/** What the C library gave for addresses in text. It is the same for all of a family, and not in each library. */
const answers = new Map<string, [family: InternetFamily, type: number, proto: number][]>();

/** An address in text, of the family that is wanted, with a port, as a sockaddr has them; undefined for all else. */
function literalAddress(host: unknown, port: unknown, family: number): InetAddress | Inet6Address | undefined {
  if (typeof host !== 'string' || typeof port !== 'number') return undefined;
  if (!Number.isInteger(port) || port < 0 || port > 65535) return undefined;
  if (ipv4Number(host) >= 0) return family === AF_INET6 ? undefined : [host, port];
  const ip = family === AF_INET ? undefined : parseIpv6(host);
  return ip && [formatIpv6(ip), port, 0, 0];
}

/** Whether host and service are numbers: then no name service is asked. */
function isKnown(host: Host | null | undefined, port: Service | null | undefined): boolean {
  const isNumber =
    typeof port === 'number' || port === null || port === undefined || /^\d+$/.test(textOf(port) as string);
  return isNumber && (host === null || host === undefined || isNumericHost(textOf(host) as string));
}
