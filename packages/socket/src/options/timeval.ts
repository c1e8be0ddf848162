import { layout, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { count64, type FixedCodec, uint32 } from './codecs';
import { struct } from './struct';

const { tv_sec, tv_usec } = layout.timeval;
const raw = struct<{ sec: number; usec: number }>({
  sec: tv_sec.size === 8 ? count64 : uint32,
  usec: tv_usec.size === 8 ? count64 : uint32,
});
const MICROSECONDS = 1_000_000;

/**
 * `struct timeval` as seconds, to the microsecond. A time that is shorter counts as one, because 0 means no timeout.
 *
 * Source: socket(7)
 */
export const timeval: FixedCodec<number> = {
  ...raw,
  encode: (value, name) => {
    if (typeof value !== 'number') throw wrongType(name, 'seconds', value);
    if (!(value >= 0 && value <= 2 ** 31)) throw wrongValue(name, 'seconds from 0 to 2 ** 31', value);
    const usec = Math.max(Math.round(value * MICROSECONDS), value > 0 ? 1 : 0);
    return raw.encode({ sec: Math.floor(usec / MICROSECONDS), usec: usec % MICROSECONDS }, name);
  },
  decode: (bytes) => {
    const { sec, usec } = raw.decode(bytes);
    // One rounding: 3.744 comes out as 3.744.
    return (sec * MICROSECONDS + usec) / MICROSECONDS;
  },
};
