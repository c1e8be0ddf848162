import {
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  LITTLE_ENDIAN,
  sockaddrFamily,
} from '@bsd-sockets/core-native';
import { AF_INET, AF_INET6, decodeInet, decodeInet6, type Inet6Address, type InetAddress } from '@bsd-sockets/resolver';
import { registerControlMessage } from './control-message';

/** An error, or another event of a message that was sent: `struct sock_extended_err` and the address after it. */
export interface ExtendedError {
  /** The errno, such as that of ECONNREFUSED. */
  errno: number;
  /** Where it comes from: a SO_EE_ORIGIN_* constant. */
  origin: number;
  /** The type of the ICMP message. */
  type: number;
  /** The code of the ICMP message. */
  code: number;
  /** What the origin adds: the MTU that was found (EMSGSIZE), a SCM_TSTAMP_* constant, … */
  info: number;
  /** What else it adds. */
  data: number;
  /** The host that sent the ICMP message; undefined if none did. */
  offender: InetAddress | Inet6Address | undefined;
}

const SOCK_EXTENDED_ERR = 16;

function decodeOffender(data: DataView): InetAddress | Inet6Address | undefined {
  const sockaddr = new Uint8Array(
    data.buffer,
    data.byteOffset + SOCK_EXTENDED_ERR,
    data.byteLength - SOCK_EXTENDED_ERR,
  );
  const family = sockaddrFamily(sockaddr);
  if (family === AF_INET) return decodeInet(sockaddr);
  return family === AF_INET6 ? decodeInet6(sockaddr) : undefined;
}

/** The part of a definition for an entry of an error queue. */
export const extendedError = {
  size: SOCK_EXTENDED_ERR,
  decode: (data: DataView): ExtendedError => ({
    errno: data.getUint32(0, LITTLE_ENDIAN),
    origin: data.getUint8(4),
    type: data.getUint8(5),
    code: data.getUint8(6),
    info: data.getUint32(8, LITTLE_ENDIAN),
    data: data.getUint32(12, LITTLE_ENDIAN),
    offender: decodeOffender(data),
  }),
};

/** An entry of an IPv4 socket's error queue: `recvmsg` with MSG_ERRQUEUE, with the option IP_RECVERR. Source: ip(7) */
export const IpRecverr = registerControlMessage({
  name: 'IP_RECVERR',
  package: '@bsd-sockets/socket',
  level: IPPROTO_IP,
  type: IP_RECVERR,
  ...extendedError,
});

/** An entry of an IPv6 socket's error queue, with the option IPV6_RECVERR. Source: ipv6(7) */
export const Ipv6Recverr = registerControlMessage({
  name: 'IPV6_RECVERR',
  package: '@bsd-sockets/socket',
  level: IPPROTO_IPV6,
  type: IPV6_RECVERR,
  ...extendedError,
});
