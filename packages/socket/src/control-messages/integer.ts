import { integer, LITTLE_ENDIAN } from '@bsd-sockets/core-native';

const sizes = { Uint8: 1, Uint16: 2, Int32: 4, Uint32: 4 };

/** The part of a definition for data that are one integer. */
export function integerOf(name: string, kind: keyof typeof sizes, min: number, max: number) {
  const size = sizes[kind];
  return {
    size,
    decode: (data: DataView): number => data[`get${kind}`](0, LITTLE_ENDIAN),
    encode(value: number): Uint8Array {
      const data = new DataView(new ArrayBuffer(size));
      data[`set${kind}`](0, integer(name, value, min, max), LITTLE_ENDIAN);
      return new Uint8Array(data.buffer);
    },
  };
}
