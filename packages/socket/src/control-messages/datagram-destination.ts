import { fsdecode, IP_RECVDSTADDR, IP_RECVIF, IPPROTO_IP, LITTLE_ENDIAN, wrongType } from '@bsd-sockets/core-native';
import { ipv4Text, parseIpv4 } from '@bsd-sockets/resolver';
import { registerControlMessage } from './control-message';

/** The interface that a datagram came in by: of a `struct sockaddr_dl`. */
export interface ReceivingInterface {
  /** Its index. */
  ifindex: number;
  /** Its name, such as `en0`; `''` if the kernel does not tell it. */
  name: string;
}

// struct sockaddr_dl, whose name has no NUL.
const INDEX = 2;
const NAME_LENGTH = 5;
const NAME = 8;

/**
 * Where an IPv4 datagram was going; received with the option IP_RECVDSTADDR. FreeBSD takes one too, as the source address of what is
 * sent (there IP_SENDSRCADDR is the same number); on macOS and Windows `IpPktinfo` is what chooses that.
 *
 * Source: FreeBSD, ip(4); Microsoft, IPPROTO_IP socket options
 */
export const IpRecvdstaddr = registerControlMessage({
  name: 'IP_RECVDSTADDR',
  package: '@bsd-sockets/socket',
  level: IPPROTO_IP,
  type: IP_RECVDSTADDR as number,
  size: 4,
  decode: (data): string => ipv4Text(data.getInt32(0)),
  encode(address: string) {
    const ip = typeof address === 'string' ? parseIpv4(address) : undefined;
    if (!ip) throw wrongType('address', 'an IPv4 address as text', address);
    return ip;
  },
});

/** The interface that an IPv4 datagram came in by; received with the option IP_RECVIF. Source: FreeBSD, ip(4) */
export const IpRecvif = registerControlMessage({
  name: 'IP_RECVIF',
  package: '@bsd-sockets/socket',
  level: IPPROTO_IP,
  type: IP_RECVIF as number,
  size: NAME,
  decode: (data): ReceivingInterface => ({
    ifindex: data.getUint16(INDEX, LITTLE_ENDIAN),
    name: fsdecode(
      new Uint8Array(data.buffer, data.byteOffset + NAME, Math.min(data.getUint8(NAME_LENGTH), data.byteLength - NAME)),
    ),
  }),
});
