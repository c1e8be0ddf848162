import { wrongType, wrongValue } from '@bsd-sockets/core-native';
import { codecs, defineOptions, type FixedCodec, HV_PROTOCOL_RAW, type OptionTable } from '@bsd-sockets/socket';

/** HVSOCKET_CONNECT_TIMEOUT_MAX in seconds. */
const LONGEST = 300;

const milliseconds: FixedCodec<number> = {
  size: 4,
  encode(seconds, name) {
    if (typeof seconds !== 'number') throw wrongType(name, 'a number of seconds', seconds);
    if (!(seconds >= 0 && seconds <= LONGEST)) throw wrongValue(name, `seconds from 0 to ${LONGEST}`, seconds);
    // What is not 0 should not become it.
    return codecs.uint32.encode(Math.ceil(seconds * 1000), name);
  },
  decode: (bytes) => codecs.uint32.decode(bytes) / 1000,
};

const rows = {
  /** Whether a connection stays while its virtual machine is paused or saved. */
  HVSOCKET_CONNECTED_SUSPEND: codecs.boolean,
  /** Seconds, 0 to 300, after which Windows ends a connect. `settimeout` is the usual way. */
  HVSOCKET_CONNECT_TIMEOUT: milliseconds,
};

/** The options of Hyper-V sockets, for `getOption` and `setOption`. Source: Microsoft, hvsocket.h */
export const hypervOptions: OptionTable<typeof rows> = defineOptions(HV_PROTOCOL_RAW as number, rows);
