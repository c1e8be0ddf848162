import { IPPROTO_UDP, UDP_GRO, UDP_SEGMENT } from '@bsd-sockets/core-native';
import { registerControlMessage } from './control-message';
import { integerOf } from './integer';

const { size, decode } = integerOf('UDP_GRO', 'Int32', 0, 65535);

/**
 * The bytes of each datagram but the last in one receive that holds several; received with the option UDP_GRO.
 *
 * Source: udp(7)
 */
export const UdpGro = registerControlMessage({
  name: 'UDP_GRO',
  package: '@bsd-sockets/socket',
  level: IPPROTO_UDP,
  type: UDP_GRO,
  size,
  decode,
});

/**
 * The bytes of each datagram, 0 to 65,535, that the kernel should cut one send into; 0 for a single one.
 *
 * Source: udp(7)
 */
export const UdpSegment = registerControlMessage({
  name: 'UDP_SEGMENT',
  package: '@bsd-sockets/socket',
  level: IPPROTO_UDP,
  type: UDP_SEGMENT,
  ...integerOf('UDP_SEGMENT', 'Uint16', 0, 65535),
});
