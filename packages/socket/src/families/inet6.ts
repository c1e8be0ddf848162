import * as resolver from '@bsd-sockets/resolver';
import { decodeInet6, encodeInet6, type Inet6Address, type Inet6AddressLike, isHostName } from '@bsd-sockets/resolver';
import * as promises from '@bsd-sockets/resolver/promises';
import { registerFamily } from '../family';

/** IPv6: `[host, port, flowinfo, scopeId]`. Source: ipv6(7) */
export const AF_INET6 = registerFamily<Inet6Address, Inet6AddressLike>({
  number: resolver.AF_INET6,
  name: 'AF_INET6',
  package: '@bsd-sockets/socket',
  encode: encodeInet6,
  decode: decodeInet6,
  resolve: (address, _socket, signal) =>
    isHostName(address?.[0]) ? promises.encodeInet6(address, { signal }).then(decodeInet6) : undefined,
});
