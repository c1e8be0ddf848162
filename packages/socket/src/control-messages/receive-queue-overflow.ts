import { LITTLE_ENDIAN, SO_RXQ_OVFL, SOL_SOCKET } from '@bsd-sockets/core-native';
import { registerControlMessage } from './control-message';

/**
 * How many datagrams were dropped since the socket was opened because its queue was full, modulo 2³²; received with the option
 * SO_RXQ_OVFL, once any was.
 *
 * Source: socket(7)
 */
export const SoRxqOvfl = registerControlMessage({
  name: 'SO_RXQ_OVFL',
  package: '@bsd-sockets/socket',
  level: SOL_SOCKET,
  type: SO_RXQ_OVFL,
  size: 4,
  decode: (data): number => data.getUint32(0, LITTLE_ENDIAN),
});
