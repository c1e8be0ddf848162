import { AF_INET, AF_INET6, integer, knownKeys, MACVLAN_MACADDR_SET, wrongType } from '@bsd-sockets/core-native';
import { type Attributes, AttributeWriter } from './attributes';
import { networkUint16, readUint32, writeUint32 } from './integers';
import { formatIp, parseIp } from './ip-address';
import { formatLladdr, parseLladdr } from './link-layer-address';
import { malformed, requireSize } from './malformed';
import { arrayOf, recordOf } from './record';

// A table of fields says which value of a record lies in which attribute, for reading and for writing.

/** How one value of a record lies in attributes. */
export interface Field<T> {
  /** The value; undefined if the kernel did not tell. */
  read(attributes: Attributes): T | undefined;
  /** Writes it. @param name - The value, for the message of an error. */
  write(writer: AttributeWriter, name: string, value: T): void;
  /** What of a value is to be written of a new interface, which has some by itself. */
  fresh?(value: T): T | undefined;
}

/** The values of a table's fields: what is undefined is not told, or not written. */
export type ValuesOf<Fields> = {
  -readonly [Name in keyof Fields]?: (Fields[Name] extends Field<infer T> ? T : never) | undefined;
};

/** What a table of fields is. */
export type FieldTable = Readonly<Record<string, Field<any>>>;

/** The values that attributes have, of a table of fields. */
export function readFields<Fields extends FieldTable>(fields: Fields, attributes: Attributes): ValuesOf<Fields> {
  const values = Object.entries(fields).map(([name, field]) => [name, field.read(attributes)]);
  return Object.fromEntries(values);
}

/** Writes values, in the order of the table. @throws TypeError or RangeError that names the wrong one. */
export function writeFields<Fields extends FieldTable>(
  name: string,
  fields: Fields,
  values: ValuesOf<Fields>,
): AttributeWriter {
  if (typeof values !== 'object' || values === null) throw wrongType(name, 'an object', values);
  knownKeys<object>(name, values, fields);
  const writer = new AttributeWriter();
  for (const [key, field] of Object.entries(fields)) {
    const value = values[key];
    if (value !== undefined) field.write(writer, `${name}: ${key}`, value);
  }
  return writer;
}

function number(bits: 8 | 16 | 32, type: number): Field<number> {
  const method = `uint${bits}` as const;
  return {
    read: (attributes) => attributes.get(type)?.[method](),
    write: (writer, name, value) => writer[method](type, integer(name, value, 0, 2 ** bits - 1)),
  };
}

export const uint8 = (type: number) => number(8, type);
export const uint16 = (type: number) => number(16, type);
export const uint32 = (type: number) => number(32, type);

export function int32(type: number): Field<number> {
  return {
    read: (attributes) => attributes.get(type)?.int32(),
    write: (writer, name, value) => writer.uint32(type, integer(name, value, -(2 ** 31), 2 ** 31 - 1)),
  };
}

export function uint64(type: number): Field<bigint> {
  return {
    read: (attributes) => attributes.get(type)?.uint64(),
    write: (writer, _, value) => writer.uint64(type, value),
  };
}

/** An integer of 16 bits in network byte order. */
export function port(type: number): Field<number> {
  return {
    read: (attributes) => attributes.get(type)?.uint16({ networkOrder: true }),
    write: (writer, name, value) => writer.bytes(type, networkUint16(name, value)),
  };
}

/** An integer of 32 bits in network byte order. */
export function networkUint32(type: number): Field<number> {
  return {
    read: (attributes) => attributes.get(type)?.uint32({ networkOrder: true }),
    write: (writer, name, value) => {
      const memory = Buffer.alloc(4);
      memory.writeUInt32BE(integer(name, value, 0, 2 ** 32 - 1));
      writer.bytes(type, memory);
    },
  };
}

/** The first and the last port of a range, in network byte order. */
export function portRange(type: number): Field<{ low: number; high: number }> {
  return {
    read: (attributes) => {
      const data = attributes.get(type)?.data;
      if (!data) return undefined;
      requireSize(data, 4, 'range of ports');
      return { low: data.readUInt16BE(0), high: data.readUInt16BE(2) };
    },
    write: (writer, name, value) => {
      if (typeof value !== 'object' || value === null) throw wrongType(name, '{ low, high }', value);
      knownKeys(name, value, { low: true, high: true });
      const { low, high } = value;
      writer.bytes(type, Buffer.concat([networkUint16(`${name}: low`, low), networkUint16(`${name}: high`, high)]));
    },
  };
}

function checkBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean') throw wrongType(name, 'true or false', value);
}

/** A byte that is 0 or 1. */
export function boolean(type: number): Field<boolean> {
  return {
    read: (attributes) => {
      const value = attributes.get(type)?.uint8();
      return value === undefined ? undefined : value !== 0;
    },
    write: (writer, name, value) => {
      checkBoolean(name, value);
      writer.uint8(type, value ? 1 : 0);
    },
  };
}

/** An attribute that counts by being there. */
export function flag(type: number): Field<boolean> {
  return {
    read: (attributes) => {
      const data = attributes.get(type)?.data;
      // The kernel tells some of them as a byte.
      return data !== undefined && data[0] !== 0;
    },
    write: (writer, name, value) => {
      checkBoolean(name, value);
      if (value) writer.flag(type);
    },
  };
}

/** A hardware address. */
export function lladdr(type: number): Field<string> {
  return {
    read: (attributes) => {
      const attribute = attributes.get(type);
      return attribute && formatLladdr(attribute.data);
    },
    write: (writer, name, value) => writer.bytes(type, parseLladdr(name, value)),
  };
}

/** An IP address, with an attribute for each of the two families. */
export function ip(type: number, type6: number): Field<string> {
  return {
    read: (attributes) => {
      const four = attributes.get(type);
      const six = attributes.get(type6);
      if (four) return formatIp(AF_INET, four.data);
      return six && formatIp(AF_INET6, six.data);
    },
    write: (writer, name, value) => {
      const { family, bytes } = parseIp(name, value);
      writer.bytes(family === AF_INET6 ? type6 : type, bytes);
    },
  };
}

/** Values in an attribute, each in one of its own. */
function listOf<T>(
  type: number,
  memberType: (index: number) => number,
  decode: (data: Buffer) => T,
  encode: (name: string, value: T) => Buffer,
): Field<readonly T[]> {
  return {
    read: (attributes) => {
      const list = attributes.get(type)?.attributes();
      return list && [...list].map(({ data }) => decode(data));
    },
    write: (writer, name, values) => {
      const members = new AttributeWriter();
      for (const [index, value] of arrayOf(name, values).entries()) {
        members.bytes(memberType(index), encode(`${name}[${index}]`, value));
      }
      writer.bytes(type, members.encode());
    },
  };
}

/** IP addresses of either family, numbered from 0. */
export function ipList(type: number): Field<readonly string[]> {
  return listOf(
    type,
    (index) => index,
    (data) => formatIp(data.length === 4 ? AF_INET : AF_INET6, data),
    (name, value) => parseIp(name, value).bytes,
  );
}

/** The hardware addresses that a macvlan receives from, which take the place of those that it had. */
export function sources(type: number, memberType: number, modeType: number): Field<readonly string[]> {
  const list = listOf(
    type,
    () => memberType,
    formatLladdr,
    (name, value) => parseLladdr(name, value) as Buffer,
  );
  return {
    read: list.read,
    write: (writer, name, values) => list.write(writer.uint32(modeType, MACVLAN_MACADDR_SET), name, values),
  };
}

/** Two integers of 32 bits, again and again. */
export function pairs(type: number, memberType: number): Field<readonly { from: number; to: number }[]> {
  return listOf(
    type,
    () => memberType,
    (data) => {
      requireSize(data, 8, 'mapping');
      return { from: readUint32(data, 0), to: readUint32(data, 4) };
    },
    (name, value) => {
      recordOf(name, value, { from: true, to: true });
      const memory = Buffer.alloc(8);
      writeUint32(memory, integer(`${name}: from`, value.from, 0, 2 ** 32 - 1), 0);
      writeUint32(memory, integer(`${name}: to`, value.to, 0, 2 ** 32 - 1), 4);
      return memory;
    },
  );
}

/** Bits that are told apart by a mask: only those that are given change. */
export function switches<Names extends string>(
  type: number,
  bits: Readonly<Record<Names, number>>,
  order: 'values, mask' | 'mask, values' = 'values, mask',
): Field<{ [Name in Names]?: boolean | undefined }> {
  const [valuesAt, maskAt] = order === 'values, mask' ? [0, 4] : [4, 0];
  const names = Object.keys(bits) as Names[];
  return {
    read: (attributes) => {
      const data = attributes.get(type)?.data;
      if (!data) return undefined;
      requireSize(data, 8, 'flags and their mask');
      const values = readUint32(data, valuesAt);
      return Object.fromEntries(names.map((name) => [name, (values & bits[name]) !== 0])) as Record<Names, boolean>;
    },
    write: (writer, name, given) => {
      if (typeof given !== 'object' || given === null) throw wrongType(name, 'an object', given);
      knownKeys<object>(name, given, bits);
      let values = 0;
      let mask = 0;
      for (const key of names) {
        const value = given[key];
        if (value === undefined) continue;
        checkBoolean(`${name}: ${key}`, value);
        mask |= bits[key];
        if (value) values |= bits[key];
      }
      const memory = Buffer.alloc(8);
      writeUint32(memory, values >>> 0, valuesAt);
      writeUint32(memory, mask >>> 0, maskAt);
      writer.bytes(type, memory);
    },
  };
}

/** A structure of integers of 32 bits; what is missing in a value is 0. */
export function struct<Names extends string>(
  type: number,
  names: readonly Names[],
): Field<{ [Name in Names]?: number | undefined }> {
  return {
    read: (attributes) => {
      const data = attributes.get(type)?.data;
      if (!data) return undefined;
      requireSize(data, 4 * names.length, 'structure');
      return Object.fromEntries(names.map((name, index) => [name, readUint32(data, 4 * index)])) as Record<
        Names,
        number
      >;
    },
    write: (writer, name, value) => {
      if (typeof value !== 'object' || value === null) throw wrongType(name, 'an object', value);
      knownKeys<object>(name, value, Object.fromEntries(names.map((key) => [key, true])));
      const memory = Buffer.alloc(4 * names.length);
      for (const [index, key] of names.entries()) {
        writeUint32(memory, integer(`${name}: ${key}`, value[key] ?? 0, 0, 2 ** 32 - 1), 4 * index);
      }
      writer.bytes(type, memory);
    },
  };
}

/** A table inside an attribute. */
export function nested<Fields extends FieldTable>(type: number, fields: Fields): Field<ValuesOf<Fields>> {
  return {
    read: (attributes) => {
      const inner = attributes.get(type)?.attributes();
      return inner && readFields(fields, inner);
    },
    write: (writer, name, values) => writer.bytes(type, writeFields(name, fields, values).encode()),
  };
}

/** The identifier of a bridge: its priority and its hardware address, such as `8000.02:00:00:00:00:01`. */
export function bridgeId(type: number): Field<string> {
  return {
    read: (attributes) => {
      const data = attributes.get(type)?.data;
      if (data && data.length !== 8) throw malformed(`the identifier of a bridge has ${data.length} bytes, not 8`);
      return data && `${data.toString('hex', 0, 2)}.${formatLladdr(data.subarray(2))}`;
    },
    write: () => {},
  };
}

/** A field that only the kernel sets: in a record that was read it may stay, and is not written. */
export function readOnly<T>(field: Field<T>): Field<T> {
  return { ...field, write: () => {} };
}

/** A field that only the caller sets: the kernel tells nothing of it. */
export function writeOnly<T>(field: Field<T>): Field<T> {
  return { ...field, read: () => undefined };
}

/**
 * A field that is not written of a new interface with the value that it has then anyway: the kernel refuses some in some
 * modes all the same.
 */
export function usually<T>(value: T, field: Field<T>): Field<T> {
  return { ...field, fresh: (given) => (given === value ? undefined : given) };
}

/** Switches that are all off of a new interface. */
export function usuallyOff<T extends object>(field: Field<T>): Field<T> {
  const on = (given: T) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== false));
  return {
    ...field,
    fresh: (given) => {
      // What is no object is refused when it is written.
      if (typeof given !== 'object' || given === null) return given;
      return Object.keys(on(given)).length === 0 ? undefined : (on(given) as T);
    },
  };
}

/** A field that only an interface takes that is there already. */
export function changeOnly<T>(field: Field<T>): Field<T> {
  return { ...field, fresh: () => undefined };
}

/** The values that are to be written of a new interface. */
export function freshValues<Fields extends FieldTable>(fields: Fields, values: ValuesOf<Fields>): ValuesOf<Fields> {
  const entries = Object.entries(values).map(([name, value]) => {
    const fresh = fields[name]?.fresh;
    return [name, fresh && value !== undefined ? fresh(value) : value];
  });
  return Object.fromEntries(entries) as ValuesOf<Fields>;
}
