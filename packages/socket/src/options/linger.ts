import { integer } from '@bsd-sockets/core-native';
import { type FixedCodec, int32 } from './codecs';
import { struct } from './struct';

const raw = struct<{ onoff: number; linger: number }>({ onoff: int32, linger: int32 });

/**
 * `struct linger` as the seconds that a close waits for data to be sent; null sets it off, undefined says that it is.
 *
 * Source: socket(7)
 */
export const linger: FixedCodec<number | undefined, number | null | undefined> = {
  ...raw,
  encode: (value, name) => {
    const seconds = value ?? 0;
    return raw.encode({ onoff: value === seconds ? 1 : 0, linger: integer(name, seconds, 0, 2 ** 31 - 1) }, name);
  },
  decode: (bytes) => {
    const { onoff, linger } = raw.decode(bytes);
    return onoff ? linger : undefined;
  },
};
