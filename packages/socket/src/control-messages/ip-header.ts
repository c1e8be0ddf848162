import {
  IP_RECVTOS,
  IP_RECVTTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_TCLASS,
  layout,
} from '@bsd-sockets/core-native';
import { registerControlMessage } from './control-message';
import { integerOf } from './integer';

/** The BSDs tell of a packet of IPv4 under the number of the option that asks for it, and in one byte. */
const BSD = layout.sockaddr.sa_len !== undefined;

/** The type of service of an IPv4 packet, 0 to 255; received with the option IP_RECVTOS. Source: ip(7) */
export const IpTos = registerControlMessage({
  name: 'IP_TOS',
  package: '@bsd-sockets/socket',
  level: IPPROTO_IP,
  type: BSD ? IP_RECVTOS : IP_TOS,
  sentType: IP_TOS,
  ...integerOf('IP_TOS', 'Uint8', 0, 255),
});

/** The time to live of an IPv4 packet, 1 to 255; received with the option IP_RECVTTL. Source: ip(7) */
export const IpTtl = registerControlMessage({
  name: 'IP_TTL',
  package: '@bsd-sockets/socket',
  level: IPPROTO_IP,
  type: BSD ? IP_RECVTTL : IP_TTL,
  sentType: IP_TTL,
  ...integerOf('IP_TTL', BSD ? 'Uint8' : 'Int32', 1, 255),
});

/**
 * The hop limit of an IPv6 packet, 0 to 255; -1 sends the socket's own. Received with the option IPV6_RECVHOPLIMIT.
 *
 * Source: ipv6(7), RFC 3542
 */
export const Ipv6Hoplimit = registerControlMessage({
  name: 'IPV6_HOPLIMIT',
  package: '@bsd-sockets/socket',
  level: IPPROTO_IPV6,
  type: IPV6_HOPLIMIT,
  ...integerOf('IPV6_HOPLIMIT', 'Int32', -1, 255),
});

/**
 * The traffic class of an IPv6 packet, 0 to 255; -1 sends the socket's own. Received with the option IPV6_RECVTCLASS.
 *
 * Source: RFC 3542
 */
export const Ipv6Tclass = registerControlMessage({
  name: 'IPV6_TCLASS',
  package: '@bsd-sockets/socket',
  level: IPPROTO_IPV6,
  type: IPV6_TCLASS,
  ...integerOf('IPV6_TCLASS', 'Int32', -1, 255),
});
