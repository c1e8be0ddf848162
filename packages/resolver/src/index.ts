export {
  AI_ADDRCONFIG,
  AI_ALL,
  AI_CANONNAME,
  AI_DEFAULT,
  AI_MASK,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  AI_V4MAPPED,
  AI_V4MAPPED_CFG,
  EAI_ADDRFAMILY,
  EAI_AGAIN,
  EAI_BADFLAGS,
  EAI_BADHINTS,
  EAI_FAIL,
  EAI_FAMILY,
  EAI_MAX,
  EAI_MEMORY,
  EAI_NODATA,
  EAI_NONAME,
  EAI_OVERFLOW,
  EAI_PROTOCOL,
  EAI_SERVICE,
  EAI_SOCKTYPE,
  EAI_SYSTEM,
  GaiError,
  GaiError as gaierror,
  HError,
  HError as herror,
  HOST_NOT_FOUND,
  type HostEntry,
  IPPROTO_TCP,
  IPPROTO_UDP,
  NI_DGRAM,
  NI_IDN,
  NI_MAXHOST,
  NI_MAXSERV,
  NI_NAMEREQD,
  NI_NOFQDN,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
  NO_DATA,
  NO_RECOVERY,
  OSError,
  OSError as error,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  TRY_AGAIN,
} from '@bsd-sockets/core-native';
export type { AcceptedAddressOf, AddressFamily, AddressOf } from './address-family';
export { htonl, htons, ntohl, ntohs } from './byte-order';
export { type AddrInfo, type GetaddrinfoOptions, getaddrinfo, type Service } from './getaddrinfo';
export { getnameinfo } from './getnameinfo';
export type { Host } from './host';
export { gethostname, sethostname } from './hostname';
export { getfqdn, gethostbyaddr, gethostbyname, gethostbynameEx } from './hosts';
export { inetAton, inetNtoa, inetNtop, inetPton } from './inet-conversion';
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
  isHostName,
} from './inet-sockaddr';
export { formatIpv4, formatIpv6, ipv4Text, parseIpv4, parseIpv6 } from './inet-text';
export { ifIndextoname, ifNameindex, ifNametoindex } from './interfaces';
export { getprotobyname, getservbyname, getservbyport } from './services';
