export type { AcceptedAddressOf, AddressFamily, AddressOf } from './address-family';
export { type AddrInfo, type GetaddrinfoOptions, getaddrinfo, type Service } from './getaddrinfo';
export type { Host } from './host';
export {
  AF_INET,
  AF_INET6,
  decodeInet,
  decodeInet6,
  encodeInet,
  encodeInet6,
  type Inet6Address,
  type Inet6AddressLike,
  type InetAddress,
  type InetAddressLike,
  type InternetFamily,
} from './inet-sockaddr';
export { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './inet-text';
