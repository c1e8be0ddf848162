import {
  type BytesLike,
  bytes as bytesOf,
  fsdecode,
  fsencode,
  integer,
  LITTLE_ENDIAN,
  structView,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import type { OptionCodec } from './option';

/** A codec of a value that always has the same size: it can be a field of a {@link struct} too. */
export interface FixedCodec<Value, Accepted = Value> extends OptionCodec<Value, Accepted> {
  /** Where it may lie in a structure: at a multiple of this many bytes; its size by default. */
  readonly alignment?: number;
}

/** A number in memory, in the byte order of this machine. Bytes that the kernel did not write count as 0. */
function number<Value, Accepted>(
  size: number,
  write: (view: DataView, value: Accepted, name: string) => void,
  read: (view: DataView) => Value,
): FixedCodec<Value, Accepted> {
  return {
    size,
    encode: (value, name) => {
      const memory = Buffer.alloc(size);
      write(structView(memory), value, name);
      return memory;
    },
    decode: (bytes) => read(structView(bytes, size)),
  };
}

/** An integer of 8 bits, 0 to 255. */
export const uint8 = number<number, number>(
  1,
  (view, value, name) => view.setUint8(0, integer(name, value, 0, 0xff)),
  (view) => view.getUint8(0),
);

/** An integer of 16 bits, 0 to 65535. */
export const uint16 = number<number, number>(
  2,
  (view, value, name) => view.setUint16(0, integer(name, value, 0, 0xffff), LITTLE_ENDIAN),
  (view) => view.getUint16(0, LITTLE_ENDIAN),
);

/** A C `int`, -2147483648 to 2147483647. */
export const int32 = number<number, number>(
  4,
  (view, value, name) => view.setInt32(0, integer(name, value, -(2 ** 31), 2 ** 31 - 1), LITTLE_ENDIAN),
  (view) => view.getInt32(0, LITTLE_ENDIAN),
);

/** A C `unsigned int`, 0 to 4294967295. */
export const uint32 = number<number, number>(
  4,
  (view, value, name) => view.setUint32(0, integer(name, value, 0, 2 ** 32 - 1), LITTLE_ENDIAN),
  (view) => view.getUint32(0, LITTLE_ENDIAN),
);

/** An integer of 16 bits in network byte order, such as a port in a header. */
export const networkUint16 = number<number, number>(
  2,
  (view, value, name) => view.setUint16(0, integer(name, value, 0, 0xffff)),
  (view) => view.getUint16(0),
);

/** An `unsigned int` in network byte order, such as the interface index of IP_UNICAST_IF. */
export const networkUint32 = number<number, number>(
  4,
  (view, value, name) => view.setUint32(0, integer(name, value, 0, 2 ** 32 - 1)),
  (view) => view.getUint32(0),
);

/** An integer of 64 bits: a bigint; a number is taken too. */
export const uint64 = number<bigint, bigint | number>(
  8,
  (view, value, name) => {
    if (typeof value === 'number') integer(name, value, 0, Number.MAX_SAFE_INTEGER);
    else if (typeof value !== 'bigint') throw wrongType(name, 'a bigint or a number', value);
    else if (BigInt.asUintN(64, value) !== value) throw wrongValue(name, 'an integer from 0 to 2 ** 64 - 1', value);
    view.setBigUint64(0, BigInt(value), LITTLE_ENDIAN);
  },
  (view) => view.getBigUint64(0, LITTLE_ENDIAN),
);

/** A count of 64 bits as a number: exact up to 2 ** 53. */
export const count64 = number<number, number>(
  8,
  (view, value, name) => {
    view.setBigUint64(0, BigInt(integer(name, value, 0, Number.MAX_SAFE_INTEGER)), LITTLE_ENDIAN);
  },
  (view) => Number(view.getBigUint64(0, LITTLE_ENDIAN)),
);

const UNLIMITED = 2n ** 64n - 1n;

/** A rate in bytes a second, `Infinity` for no limit. */
export const rate: FixedCodec<number> = {
  size: 8,
  encode: (value, name) => uint64.encode(value === Number.POSITIVE_INFINITY ? UNLIMITED : value, name),
  decode: (bytes) => {
    const value = uint64.decode(bytes);
    return value === UNLIMITED ? Number.POSITIVE_INFINITY : Number(value);
  },
};

/** An `int` that is 0 or not. */
export const boolean: FixedCodec<boolean> = {
  size: 4,
  encode: (value, name) => {
    if (typeof value !== 'boolean') throw wrongType(name, 'true or false', value);
    return int32.encode(value ? 1 : 0, name);
  },
  decode: (bytes) => int32.decode(bytes) !== 0,
};

/** Bytes as they are. @param size - The most of them. */
export function bytes(size: number): OptionCodec<Buffer, BytesLike> {
  return { size, encode: (value, name) => bytesOf(name, value), decode: (value) => value };
}

/**
 * Bytes of one size, such as a hardware address or the name of an interface in a structure. Fewer are filled up with 0, as
 * Python's `'16s'` does; more are refused.
 *
 * @param size - How many.
 */
export function fixedBytes(size: number): FixedCodec<Buffer, BytesLike> {
  return {
    size,
    alignment: 1,
    encode: (value, name) => {
      const given = bytesOf(name, value);
      if (given.length > size) throw wrongValue(name, `at most ${size} bytes`, given.length);
      return Buffer.concat([given], size);
    },
    decode: (value) => {
      const memory = Buffer.alloc(size);
      memory.set(value.subarray(0, size));
      return memory;
    },
  };
}

/**
 * Text that ends at a NUL, or at the end of what the kernel wrote: UTF-8, where a lone surrogate U+DC80 to U+DCFF stands for a
 * byte that is none, as in the names of interfaces.
 *
 * @param size - The most bytes of it, with the NUL.
 */
export function text(size: number): OptionCodec<string> {
  return {
    size,
    encode: (value, name) => {
      if (typeof value !== 'string') throw wrongType(name, 'a string', value);
      const encoded = fsencode(name, value);
      if (encoded.includes(0)) throw wrongValue(name, 'text without NUL', value);
      if (encoded.length >= size) throw wrongValue(name, `at most ${size - 1} bytes of text`, value);
      return encoded;
    },
    decode: (value) => {
      const end = value.indexOf(0);
      return fsdecode(value.subarray(0, end < 0 ? value.length : end));
    },
  };
}

/** Values of one kind, one after the other. @param most - The most of them. */
export function list<Value, Accepted>(
  element: FixedCodec<Value, Accepted>,
  most: number,
): OptionCodec<Value[], readonly Accepted[]> {
  const { size } = element;
  return {
    size: most * size,
    encode: (values, name) => {
      if (!Array.isArray(values)) throw wrongType(name, 'an array', values);
      if (values.length > most) throw wrongValue(name, `at most ${most} of them`, values.length);
      return Buffer.concat(values.map((value, index) => element.encode(value, `${name}[${index}]`)));
    },
    decode: (value) =>
      Array.from({ length: Math.floor(value.length / size) }, (_, index) =>
        element.decode(value.subarray(index * size, (index + 1) * size)),
      ),
  };
}

/** The codec of an option that can only be read. */
export function readOnly<Value>({ size, decode }: OptionCodec<Value, any>): { size: number; decode: typeof decode } {
  return { size, decode };
}

/** The codec of an option that can only be set. */
export function writeOnly<Accepted>({ size, encode }: OptionCodec<any, Accepted>): {
  size: number;
  encode: typeof encode;
} {
  return { size, encode };
}
