import { type Attribute, Attributes, AttributeWriter, NLA_F_NESTED } from '@bsd-sockets/netlink';
import { describe, expect, test } from 'vitest';
import { randomNumbers } from '../../../core-native/test/random-numbers';
import { orMalformed, randomBytes } from './random';

const read = (writer: AttributeWriter) => new Attributes(writer.encode());
const malformed = expect.objectContaining({ code: 'EBADMSG' });

describe('attributes', () => {
  test('come back as they were written', () => {
    const attributes = read(
      new AttributeWriter()
        .uint8(1, 0xfe)
        .uint16(2, 0xfedc)
        .uint32(3, 0xfedcba98)
        .uint64(4, 0xfedcba9876543210n)
        .uint32(5, -2)
        .string(6, 'eth0')
        .bytes(7, Buffer.of(1, 2, 3))
        .flag(8)
        .uint32Array(9, [1, 2 ** 32 - 1])
        .string(10, 'caf\u00e9 \udcff'),
    );
    expect(attributes.size).toBe(10);
    expect(attributes.get(1)?.uint8()).toBe(0xfe);
    expect(attributes.get(2)?.uint16()).toBe(0xfedc);
    expect(attributes.get(3)?.uint32()).toBe(0xfedcba98);
    expect(attributes.get(4)?.uint64()).toBe(0xfedcba9876543210n);
    expect(attributes.get(5)?.int32()).toBe(-2);
    expect(attributes.get(6)?.string()).toBe('eth0');
    expect(attributes.get(6)?.data).toEqual(Buffer.from('eth0\0'));
    expect(attributes.get(7)?.data).toEqual(Buffer.of(1, 2, 3));
    expect(attributes.get(8)?.data.length).toBe(0);
    expect(attributes.get(9)?.uint32Array()).toEqual([1, 2 ** 32 - 1]);
    expect(attributes.get(10)?.string()).toBe('caf\u00e9 \udcff');
    expect(attributes.get(11)).toBeUndefined();
  });

  test('of random types and bytes come back in their order', () => {
    const random = randomNumbers(3);
    for (let round = 0; round < 300; round++) {
      const written = Array.from({ length: random() % 8 }, () => ({
        type: random() & 0x3fff,
        data: randomBytes(random, 30),
      }));
      const writer = new AttributeWriter();
      for (const { type, data } of written) writer.bytes(type, data);
      expect([...read(writer)].map(({ type, data }) => ({ type, data }))).toEqual(written);
    }
  });

  test('in network byte order say so, and are read so', () => {
    const options = { networkOrder: true };
    const attributes = read(
      new AttributeWriter().uint16(1, 0x0102, options).uint32(2, 0x01020304, options).uint64(3, 5n, options),
    );
    expect([...attributes].map(({ networkOrder }) => networkOrder)).toEqual([true, true, true]);
    expect(attributes.get(1)?.data).toEqual(Buffer.of(1, 2));
    expect(attributes.get(1)?.uint16()).toBe(0x0102);
    expect(attributes.get(2)?.uint32()).toBe(0x01020304);
    expect(attributes.get(2)?.int32()).toBe(0x01020304);
    expect(attributes.get(3)?.uint64()).toBe(5n);
  });

  test('nest, with the flag of it', () => {
    const attributes = read(
      new AttributeWriter().nested(1, new AttributeWriter().nested(2, new AttributeWriter().string(3, 'deep'))),
    );
    const outer = attributes.get(1) as Attribute;
    expect(outer.nested).toBe(true);
    expect(outer.attributes().get(2)?.attributes().get(3)?.string()).toBe('deep');
    expect(outer.type | NLA_F_NESTED).toBe(0x8001);
  });

  test('of one type: the last one counts, all can be had', () => {
    const attributes = read(new AttributeWriter().uint8(1, 1).uint8(2, 2).uint8(1, 3));
    expect(attributes.get(1)?.uint8()).toBe(3);
    expect(attributes.getAll(1).map((attribute) => attribute.uint8())).toEqual([1, 3]);
  });

  test('of undefined are not written', () => {
    const writer = new AttributeWriter();
    writer.uint8(1, undefined).uint16(1, undefined).uint32(1, undefined).uint64(1, undefined).string(1, undefined);
    writer.bytes(1, undefined).nested(1, undefined).uint32Array(1, undefined);
    expect(writer.encode().length).toBe(0);
  });

  test('text without a NUL ends with the data', () => {
    expect(
      read(new AttributeWriter().bytes(1, Buffer.from('raw')))
        .get(1)
        ?.string(),
    ).toBe('raw');
  });
});

describe('what cannot be written', () => {
  const writer = new AttributeWriter();
  test.each<[string, () => unknown, string]>([
    ['a type above 16383', () => writer.flag(16384), 'ERR_OUT_OF_RANGE'],
    ['a type that is none', () => writer.flag(undefined as never), 'ERR_INVALID_ARG_TYPE'],
    ['256 in 8 bits', () => writer.uint8(1, 256), 'ERR_OUT_OF_RANGE'],
    ['-1 in 16 bits', () => writer.uint16(1, -1), 'ERR_OUT_OF_RANGE'],
    ['2 ** 32 in 32 bits', () => writer.uint32(1, 2 ** 32), 'ERR_OUT_OF_RANGE'],
    ['2 ** 64 in 64 bits', () => writer.uint64(1, 2n ** 64n), 'ERR_OUT_OF_RANGE'],
    ['a number in 64 bits', () => writer.uint64(1, 1 as never), 'ERR_INVALID_ARG_TYPE'],
    ['text with a NUL', () => writer.string(1, 'a\0b'), 'ERR_INVALID_ARG_VALUE'],
    ['bytes as text', () => writer.string(1, Buffer.of(1) as never), 'ERR_INVALID_ARG_TYPE'],
    ['text as bytes', () => writer.bytes(1, 'a' as never), 'ERR_INVALID_ARG_TYPE'],
    ['65532 bytes', () => writer.bytes(1, Buffer.alloc(65532)), 'ERR_OUT_OF_RANGE'],
  ])('%s is refused, and nothing is written', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
    expect(writer.encode().length).toBe(0);
  });

  test('65531 bytes are the most', () => {
    expect(read(new AttributeWriter().bytes(1, Buffer.alloc(65531, 1))).get(1)?.data.length).toBe(65531);
  });
});

describe('hostile bytes', () => {
  test.each([0, 1, 3, 9, 0x7fff, 0xffff])('a length of %i is refused', (length) => {
    const bytes = new AttributeWriter().uint32(1, 0).encode();
    new Uint16Array(bytes.buffer, bytes.byteOffset, 1)[0] = length;
    expect(() => new Attributes(bytes)).toThrow(malformed);
  });

  test('a header that is cut is refused', () => {
    const bytes = new AttributeWriter().uint32(1, 0).encode();
    for (const length of [1, 2, 3]) {
      expect(() => new Attributes(bytes.subarray(0, length))).toThrow(malformed);
      expect(() => new Attributes(Buffer.concat([bytes, bytes.subarray(0, length)]))).toThrow(malformed);
    }
  });

  test('integers of another size are refused', () => {
    for (const size of [0, 1, 2, 3, 4, 5, 8, 9]) {
      const attribute = read(new AttributeWriter().bytes(1, Buffer.alloc(size))).get(1) as Attribute;
      if (size !== 1) expect(() => attribute.uint8()).toThrow(malformed);
      if (size !== 2) expect(() => attribute.uint16()).toThrow(malformed);
      if (size !== 4) expect(() => attribute.uint32()).toThrow(malformed);
      if (size !== 4) expect(() => attribute.int32()).toThrow(malformed);
      if (size !== 8) expect(() => attribute.uint64()).toThrow(malformed);
      if (size % 4 !== 0) expect(() => attribute.uint32Array()).toThrow(malformed);
    }
  });

  test('nesting as deep as 64 KiB allow is read level by level', () => {
    let bytes: Buffer = Buffer.alloc(0);
    let depth = 0;
    for (; bytes.length <= 65531; depth++) bytes = new AttributeWriter().bytes(1, bytes).encode();
    let attributes = new Attributes(bytes.subarray(0));
    for (let level = 1; level < depth; level++) attributes = attributes.get(1)!.attributes();
    expect(attributes.get(1)?.data.length).toBe(0);
  });

  test('random bytes are read or refused', () => {
    const random = randomNumbers(4);
    const visit = (attributes: Attributes, levels: number): void => {
      for (const attribute of attributes) {
        for (const call of ['uint8', 'uint16', 'uint32', 'int32', 'uint64', 'uint32Array'] as const) {
          orMalformed(() => attribute[call]());
        }
        attribute.string();
        if (levels > 0) orMalformed(() => visit(attribute.attributes(), levels - 1));
      }
    };
    for (let round = 0; round < 3000; round++) {
      const bytes = randomBytes(random, 60);
      // Small lengths, so that some are right.
      for (let index = 1; index < bytes.length; index += 4) bytes[index] = 0;
      orMalformed(() => visit(new Attributes(bytes), 3));
    }
  });
});
