import {
  type FieldLayout,
  LITTLE_ENDIAN,
  layout,
  SCM_TIMESTAMP,
  SO_TIMESTAMPING,
  SO_TIMESTAMPNS,
  SOL_SOCKET,
} from '@bsd-sockets/core-native';
import { registerControlMessage } from './control-message';
import { integerOf } from './integer';

// A point in time is a bigint of nanoseconds, as in process.hrtime.bigint() and mtimeNs: exact, and a difference is one
// subtraction.

/** When a packet passed the places that SO_TIMESTAMPING asks for, in nanoseconds; undefined where none was taken. */
export interface Timestamps {
  /** The kernel's clock: nanoseconds since 1970. */
  software: bigint | undefined;
  /** The hardware's clock made comparable to the kernel's; kernels leave it out nowadays. */
  transformed: bigint | undefined;
  /** The hardware's own clock. */
  hardware: bigint | undefined;
}

const { timespec, timeval } = layout;

function integerAt(data: DataView, { offset, size }: FieldLayout, begin: number): bigint {
  const place = begin + offset;
  return size === 8 ? data.getBigInt64(place, LITTLE_ENDIAN) : BigInt(data.getInt32(place, LITTLE_ENDIAN));
}

/** The nanoseconds of a struct timespec. */
function nanoseconds(data: DataView, begin: number): bigint {
  return integerAt(data, timespec.tv_sec, begin) * 1_000_000_000n + integerAt(data, timespec.tv_nsec, begin);
}

/**
 * When a packet arrived, in nanoseconds since 1970 (to the microsecond); received with the option SO_TIMESTAMP.
 *
 * Source: socket(7)
 */
export const SoTimestamp = registerControlMessage({
  name: 'SO_TIMESTAMP',
  package: '@bsd-sockets/socket',
  level: SOL_SOCKET,
  type: SCM_TIMESTAMP,
  size: timeval.size,
  decode: (data): bigint =>
    (integerAt(data, timeval.tv_sec, 0) * 1_000_000n + integerAt(data, timeval.tv_usec, 0)) * 1000n,
});

/**
 * When a packet arrived, in nanoseconds since 1970; received with the option SO_TIMESTAMPNS.
 *
 * Source: Linux, Documentation/networking/timestamping.rst
 */
export const SoTimestampns = registerControlMessage({
  name: 'SO_TIMESTAMPNS',
  package: '@bsd-sockets/socket',
  level: SOL_SOCKET,
  type: SO_TIMESTAMPNS,
  size: timespec.size,
  decode: (data): bigint => nanoseconds(data, 0),
});

/**
 * When a packet was received, or sent (from the error queue), by the option SO_TIMESTAMPING. What is sent is not times but
 * SOF_TIMESTAMPING_TX_* constants, joined by `|`: which times to take of this message.
 *
 * Source: Linux, Documentation/networking/timestamping.rst
 */
export const SoTimestamping = registerControlMessage({
  ...integerOf('SO_TIMESTAMPING', 'Uint32', 0, 0xffffffff),
  name: 'SO_TIMESTAMPING',
  package: '@bsd-sockets/socket',
  level: SOL_SOCKET,
  type: SO_TIMESTAMPING,
  size: 3 * timespec.size,
  decode(data): Timestamps {
    // Zero stands for none.
    const at = (index: number) => nanoseconds(data, index * timespec.size) || undefined;
    return { software: at(0), transformed: at(1), hardware: at(2) };
  },
});
