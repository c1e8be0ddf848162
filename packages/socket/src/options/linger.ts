import { integer, layout } from '@bsd-sockets/core-native';
import { type FixedCodec, int32, uint16 } from './codecs';
import { struct } from './struct';

const { l_onoff, l_linger } = layout.linger;
const raw = struct<{ onoff: number; linger: number }>({
  onoff: l_onoff.size === 4 ? int32 : uint16,
  linger: l_linger.size === 4 ? int32 : uint16,
});
const MOST = l_linger.size === 4 ? 2 ** 31 - 1 : 0xffff;

/**
 * `struct linger` as the seconds that a close waits for data to be sent; null sets it off, undefined says that it is.
 *
 * Source: socket(7)
 */
export const linger: FixedCodec<number | undefined, number | null | undefined> = {
  ...raw,
  encode: (value, name) => {
    const seconds = value ?? 0;
    return raw.encode({ onoff: value === seconds ? 1 : 0, linger: integer(name, seconds, 0, MOST) }, name);
  },
  decode: (bytes) => {
    const { onoff, linger } = raw.decode(bytes);
    return onoff ? linger : undefined;
  },
};
