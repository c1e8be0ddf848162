import * as resolver from '@bsd-sockets/resolver';
import { decodeInet, encodeInet, type InetAddress, type InetAddressLike } from '@bsd-sockets/resolver';
import { registerFamily } from '../family';

/** IPv4: `[host, port]`. Source: ip(7) */
export const AF_INET = registerFamily<InetAddress, InetAddressLike>({
  number: resolver.AF_INET,
  name: 'AF_INET',
  package: '@bsd-sockets/socket',
  encode: encodeInet,
  decode: decodeInet,
});
