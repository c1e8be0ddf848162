import * as resolver from '@bsd-sockets/resolver';
import { decodeInet, encodeInet, type InetAddress, type InetAddressLike, isHostName } from '@bsd-sockets/resolver';
import * as promises from '@bsd-sockets/resolver/promises';
import { registerFamily } from '../family';

/** IPv4: `[host, port]`. Source: ip(7) */
export const AF_INET = registerFamily<InetAddress, InetAddressLike>({
  number: resolver.AF_INET,
  name: 'AF_INET',
  package: '@bsd-sockets/socket',
  encode: encodeInet,
  decode: decodeInet,
  resolve: (address, _socket, signal) =>
    isHostName(address?.[0]) ? promises.encodeInet(address, { signal }).then(decodeInet) : undefined,
});
