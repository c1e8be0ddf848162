import {
  IP_HDRINCL,
  IP_OPTIONS,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_RCVBUF,
  SO_RCVTIMEO,
  SO_SNDBUF,
  SO_SNDTIMEO,
  SOL_SOCKET,
} from '@bsd-sockets/core-native';

/** The version of IP. */
export enum AddressFamily {
  IPv4 = 1,
  IPv6 = 2,
}

/** Protocol numbers. */
export enum Protocol {
  None = 0,
  ICMP = 1,
  TCP = 6,
  UDP = 17,
  ICMPv6 = 58,
}

/** Levels for `getOption` and `setOption`. */
export const SocketLevel = { SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6 };

/** Options for `getOption` and `setOption`; undefined where the platform does not have one. */
export const SocketOption = {
  SO_BROADCAST,
  SO_RCVBUF,
  SO_RCVTIMEO,
  SO_SNDBUF,
  SO_SNDTIMEO,
  SO_BINDTODEVICE,
  IP_HDRINCL,
  IP_OPTIONS,
  IP_TOS,
  IP_TTL,
  IPV6_TTL: IPV6_UNICAST_HOPS,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
};
