import { wrongType, wrongValue } from '@bsd-sockets/core-native';
import { codecs, type FixedCodec } from '@bsd-sockets/socket';

const { uint32 } = codecs;
const FOREVER = 2 ** 32 - 1;

/** 32 bits of milliseconds as seconds. A time that is shorter counts as one; `Infinity` is TIPC_WAIT_FOREVER. */
export const milliseconds: FixedCodec<number> = {
  ...uint32,
  encode: (seconds, name) => {
    if (typeof seconds !== 'number') throw wrongType(name, 'seconds', seconds);
    if (seconds === Number.POSITIVE_INFINITY) return uint32.encode(FOREVER, name);
    const count = Math.max(Math.round(seconds * 1000), seconds > 0 ? 1 : 0);
    if (!(seconds >= 0 && count < FOREVER)) throw wrongValue(name, 'seconds from 0 to 4294967, or Infinity', seconds);
    return uint32.encode(count, name);
  },
  decode: (bytes) => {
    const count = uint32.decode(bytes);
    return count === FOREVER ? Number.POSITIVE_INFINITY : count / 1000;
  },
};
