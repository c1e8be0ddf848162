import { knownKeys, wrongType } from '@bsd-sockets/core-native';
import type { FixedCodec } from './codecs';

/** The fields of a C structure, in their order. */
export type Fields<Value, Accepted> = {
  readonly [Name in keyof Value]-?: FixedCodec<
    Exclude<Value[Name], undefined>,
    Name extends keyof Accepted ? Accepted[Name] : never
  >;
};

/** A codec of a C structure. */
export interface StructCodec<Value, Accepted = Value> extends FixedCodec<Value, Accepted> {
  encode(value: Accepted, name: string): Buffer;
}

function roundUp(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/**
 * A C structure as an object, with the padding that a C compiler would put in. A field that the kernel did not write,
 * because it knows a shorter structure, is left out.
 *
 * @param fields - The codec of each field, in the order of the structure.
 * @typeParam Value - The object that is read.
 * @typeParam Accepted - The object that is taken; a field that may be left out needs {@link optional}.
 */
export function struct<Value extends object, Accepted extends object = Value>(
  fields: Fields<Value, Accepted>,
): StructCodec<Value, Accepted> {
  let end = 0;
  const layout = Object.entries<FixedCodec<any, any>>(fields).map(([name, codec]) => {
    const offset = roundUp(end, codec.alignment ?? codec.size);
    end = offset + codec.size;
    return { name, codec, offset };
  });
  const alignment = Math.max(...layout.map(({ codec }) => codec.alignment ?? codec.size));
  const size = roundUp(end, alignment);
  return {
    size,
    alignment,
    encode: (value, valueName) => {
      if (typeof value !== 'object' || value === null) {
        throw wrongType(valueName, `an object { ${layout.map(({ name }) => name).join(', ')} }`, value);
      }
      knownKeys<Record<string, unknown>>(valueName, value as Record<string, unknown>, fields);
      const memory = Buffer.alloc(size);
      for (const { name, codec, offset } of layout) {
        memory.set(codec.encode((value as Record<string, unknown>)[name], `${valueName}.${name}`), offset);
      }
      return memory;
    },
    decode: (bytes) => {
      const written = layout.filter(({ codec, offset }) => offset + codec.size <= bytes.length);
      const read = written.map(({ name, codec, offset }) => [
        name,
        codec.decode(bytes.subarray(offset, offset + codec.size)),
      ]);
      return Object.fromEntries(read) as Value;
    },
  };
}

/** A field that may be left out: its bytes are 0 then. @param codec - The codec of the field. */
export function optional<Value, Accepted>(codec: FixedCodec<Value, Accepted>): FixedCodec<Value, Accepted | undefined> {
  return {
    ...codec,
    encode: (value, name) => (value === undefined ? Buffer.alloc(codec.size) : codec.encode(value, name)),
  };
}
