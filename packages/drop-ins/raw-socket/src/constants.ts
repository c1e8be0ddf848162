import * as core from '@bsd-sockets/core-native';

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
export const SocketLevel = {
  SOL_SOCKET: core.SOL_SOCKET,
  IPPROTO_IP: core.IPPROTO_IP,
  IPPROTO_IPV6: core.IPPROTO_IPV6,
};

/** Options for `getOption` and `setOption`; undefined where the platform does not have one. */
export const SocketOption = {
  SO_BROADCAST: core.SO_BROADCAST,
  SO_RCVBUF: core.SO_RCVBUF,
  SO_RCVTIMEO: core.SO_RCVTIMEO,
  SO_SNDBUF: core.SO_SNDBUF,
  SO_SNDTIMEO: core.SO_SNDTIMEO,
  SO_BINDTODEVICE: core.SO_BINDTODEVICE,
  IP_HDRINCL: core.IP_HDRINCL,
  IP_OPTIONS: core.IP_OPTIONS,
  IP_TOS: core.IP_TOS,
  IP_TTL: core.IP_TTL,
  IPV6_TTL: core.IPV6_UNICAST_HOPS,
  IPV6_UNICAST_HOPS: core.IPV6_UNICAST_HOPS,
  IPV6_V6ONLY: core.IPV6_V6ONLY,
};
