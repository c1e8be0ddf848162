import { randomBytes, randomInt } from 'node:crypto';
import {
  packSignal,
  packSignals,
  type Signal,
  unpackRawSignal,
  unpackSignal,
  unpackSignals,
} from '@bsd-sockets/can/signals';
import { describe, expect, test } from 'vitest';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const choice = <const T>(...of: T[]): T => of[randomInt(of.length)]!;
const DATA = 64;

/** A signal that lies somewhere in 64 bytes, and the bits that it has there, the most significant first. */
function anySignal(): { signal: Signal; bits: number[] } {
  const type = choice('unsigned', 'signed', 'float');
  const length = type === 'float' ? choice(32, 64) : 1 + randomInt(64);
  const first = randomInt(DATA * 8 - length + 1);
  const numbers = Array.from({ length }, (_, index) => first + index);
  const byteOrder = choice('little', 'big');
  // Big-endian signals go on in the next byte's most significant bit.
  const bits =
    byteOrder === 'little' ? numbers.reverse() : numbers.map((number) => 8 * Math.floor(number / 8) + 7 - (number % 8));
  return { signal: { name: 's', start: byteOrder === 'little' ? first : bits[0]!, length, byteOrder, type }, bits };
}

const bitsOf = (data: Uint8Array, bits: number[]) =>
  BigInt(`0b${bits.map((bit) => (data[bit >> 3]! >> (bit & 7)) & 1).join('')}`);

describe('signals', () => {
  test('have the bits that their start, length and byte order say', () => {
    for (let round = 0; round < 500; round++) {
      const { signal, bits } = anySignal();
      const data = randomBytes(DATA);
      const raw = bitsOf(data, bits);
      const expected = signal.type === 'signed' ? BigInt.asIntN(signal.length, raw) : raw;
      expect([signal, unpackRawSignal(data, signal)]).toEqual([signal, expected]);
      if (signal.type !== 'float') expect(unpackSignal(data, signal)).toBe(Number(expected));
      const copy = randomBytes(DATA);
      const before = Buffer.from(copy);
      packSignal(copy, signal, expected);
      expect(bitsOf(copy, bits)).toBe(raw);
      // Nothing else has changed.
      packSignal(copy, { ...signal, type: 'unsigned' }, bitsOf(before, bits));
      expect(copy).toEqual(before);
    }
  });

  test('come back as they were packed', () => {
    for (let round = 0; round < 2000; round++) {
      const { signal } = anySignal();
      const scale = { factor: choice(1, 0.5, -0.25, 10), offset: choice(0, -40, 0.5) };
      // What a double has no room for would be rounded.
      const scaled = signal.type === 'float' ? signal : { ...signal, ...scale, length: Math.min(signal.length, 48) };
      const value = unpackSignal(randomBytes(DATA), scaled);
      const data = randomBytes(DATA);
      packSignal(data, scaled, value);
      expect([scaled, unpackSignal(data, scaled)]).toEqual([scaled, value]);
    }
  });

  test('little-endian ones begin at their least significant bit, big-endian ones at their most significant', () => {
    // 0x1f4 in 12 bits from bit 4 of byte 0 on; and in the lower half of byte 0 and all of byte 1.
    expect(unpackSignal(bytes('41 1f'), { name: 's', start: 4, length: 12 })).toBe(0x1f4);
    expect(unpackSignal(bytes('f1 f4'), { name: 's', start: 3, length: 12, byteOrder: 'big' })).toBe(0x1f4);
    // Bytes as DataView has them.
    const data = bytes('00 01 02 03 04 05 06 07');
    for (const [length, start] of [
      [16, 8],
      [32, 24],
    ] as const) {
      expect(unpackSignal(data, { name: 's', start, length })).toBe(data.readUIntLE(start / 8, length / 8));
      expect(unpackSignal(data, { name: 's', start: start + 7, length, byteOrder: 'big' })).toBe(
        data.readUIntBE(start / 8, length / 8),
      );
    }
    const double = Buffer.alloc(8);
    double.writeDoubleBE(-1.5e300);
    expect(unpackSignal(double, { name: 's', start: 7, length: 64, byteOrder: 'big', type: 'float' })).toBe(-1.5e300);
    expect(unpackSignal(bytes('00 00 80 bf'), { name: 's', start: 0, length: 32, type: 'float' })).toBe(-1);
  });

  test('have a factor and an offset; what is between two values goes to the nearest', () => {
    const temperature: Signal = { name: 't', start: 0, length: 8, factor: 0.5, offset: -40 };
    expect([0, 80, 255].map((byte) => unpackSignal(Buffer.of(byte), temperature))).toEqual([-40, 0, 87.5]);
    const data = Buffer.alloc(1);
    const packed = [-40, 0, 20.3, 87.5].map((value) => {
      packSignal(data, temperature, value);
      return data[0];
    });
    expect(packed).toEqual([0, 80, 121, 255]);
    const float: Signal = { name: 'f', start: 0, length: 64, type: 'float', factor: 2, offset: 1 };
    const memory = Buffer.alloc(8);
    for (const value of [0, 1.25, -1e300, Number.POSITIVE_INFINITY]) {
      packSignal(memory, float, value);
      expect(unpackSignal(memory, float)).toBe(value);
    }
    packSignal(memory, float, Number.NaN);
    expect(unpackSignal(memory, float)).toBeNaN();
  });

  test('of 64 bits are whole as a bigint, and rounded as a number', () => {
    const challenge: Signal = { name: 'c', start: 0, length: 64 };
    const data = Buffer.alloc(8, 0xff);
    expect(unpackRawSignal(data, challenge)).toBe(2n ** 64n - 1n);
    expect(unpackSignal(data, challenge)).toBe(2 ** 64);
    expect(unpackSignal(data, { ...challenge, type: 'signed' })).toBe(-1);
    packSignal(data, challenge, 0x0102030405060708n);
    expect(data.toString('hex')).toBe('0807060504030201');
    packSignal(data, challenge, 2 ** 53);
    expect(data.toString('hex')).toBe('0000000000002000');
    packSignal(data, { ...challenge, type: 'signed' }, -(2 ** 63));
    expect(data.toString('hex')).toBe('0000000000000080');
  });

  test('that the bits do not hold are refused with the range', () => {
    const data = Buffer.of(7);
    const out = expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' });
    for (const [signal, value, message] of [
      [{ length: 4 }, 16, '0 to 15 for 4 bits, got 16'],
      [{ length: 4 }, -1, '0 to 15 for 4 bits'],
      [{ length: 4, type: 'signed' }, 8, '-8 to 7 for 4 bits'],
      [{ length: 4, type: 'signed' }, -9n, '-8n to 7n for 4 bits'],
      [{ length: 8, factor: 0.5, offset: -40 }, 88, '-40 to 87.5 for 8 bits'],
      [{ length: 8, factor: -1 }, 1, '-255 to 0 for 8 bits'],
      [{ length: 1 }, Number.NaN, '0 to 1 for 1 bits, got NaN'],
    ] as const) {
      const pack = () => packSignal(data, { name: 's', start: 0, ...signal }, value);
      expect(pack).toThrow(out);
      expect(pack).toThrow(message);
    }
    expect(data).toEqual(Buffer.of(7));
  });
});

describe('multiplexed signals', () => {
  const signals = [
    { name: 'mode', start: 0, length: 4 },
    { name: 'speed', start: 8, length: 16, factor: 0.01, mux: { mode: 1 } },
    { name: 'page', start: 8, length: 8, mux: { mode: [2, 3] } },
    { name: 'text', start: 16, length: 8, mux: { mode: [2, 3], page: 7 } },
    { name: 'text', start: 24, length: 8, mux: { page: 8 } },
    { name: 'brake', start: 63, length: 1 },
  ] as const;

  test('are in those frames whose multiplexors say so', () => {
    expect(unpackSignals(bytes('01 40 1f 00 00 00 00 80'), signals)).toEqual({ mode: 1, speed: 80, brake: 1 });
    expect(unpackSignals(bytes('02 07 41 42 00 00 00 00'), signals)).toEqual({
      mode: 2,
      page: 7,
      text: 0x41,
      brake: 0,
    });
    expect(unpackSignals(bytes('03 08 41 42 00 00 00 00'), signals)).toEqual({
      mode: 3,
      page: 8,
      text: 0x42,
      brake: 0,
    });
    expect(unpackSignals(bytes('04 07 41 42 00 00 00 00'), signals)).toEqual({ mode: 4, brake: 0 });
  });

  test('are packed after their multiplexors, in whatever order they are given', () => {
    const pack = (values: Parameters<typeof packSignals<typeof signals, Buffer>>[2]) =>
      packSignals(Buffer.alloc(8), signals, values).toString('hex');
    expect(pack({ speed: 80, mode: 1 })).toBe('01401f0000000000');
    expect(pack({ text: 0x41, page: 7, mode: 3, brake: undefined })).toBe('0307410000000000');
    expect(pack({ text: 0x42, mode: 2, brake: 1, page: 8n })).toBe('0208004200000080');
    expect(() => pack({ mode: 2, speed: 1 })).toThrow("values: expected only signals that this frame has, got 'speed'");
    expect(() => pack({ nothing: 1 } as any)).toThrow("got 'nothing'");
    // The bits that are there count too, and stay.
    expect(packSignals(bytes('f1 00 00 ff'), signals.slice(0, 3), { speed: 655.35 }).toString('hex')).toBe('f1ffffff');
  });

  test('have types', () => {
    const { mode, speed } = unpackSignals(Buffer.alloc(8), signals);
    const always: number = mode;
    // @ts-expect-error: it may be missing
    const sometimes: number = speed;
    expect([always, sometimes]).toEqual([0, undefined]);
    // @ts-expect-error: no such signal
    expect(unpackSignals(Buffer.alloc(8), signals).nothing).toBeUndefined();
  });

  test('that need each other, or a signal that there is not, are refused', () => {
    const circle = [
      { name: 'a', start: 0, length: 1, mux: { b: 1 } },
      { name: 'b', start: 1, length: 1, mux: { a: 1 } },
    ];
    expect(() => unpackSignals(Buffer.alloc(1), circle)).toThrow('a.mux');
    expect(() => packSignals(Buffer.alloc(1), circle, { a: 1 })).toThrow('mux');
    expect(() => unpackSignals(Buffer.alloc(1), circle.slice(0, 1))).toThrow(
      "a.mux: expected the names of signals, got 'b'",
    );
  });
});

test('bad arguments are refused by their names', () => {
  const data = Buffer.alloc(8);
  const with_ = (fields: object) => () => unpackSignal(data, { name: 's', start: 0, length: 8, ...fields } as Signal);
  for (const [call, message, code] of [
    [with_({ start: -1 }), 'signal.start', 'ERR_OUT_OF_RANGE'],
    [with_({ start: 1.5 }), 'signal.start', 'ERR_OUT_OF_RANGE'],
    [with_({ length: 0 }), 'signal.length', 'ERR_OUT_OF_RANGE'],
    [with_({ length: 65 }), 'signal.length', 'ERR_OUT_OF_RANGE'],
    [with_({ length: undefined }), 'signal.length', 'ERR_INVALID_ARG_TYPE'],
    [with_({ byteOrder: 'middle' }), 'signal.byteOrder', 'ERR_INVALID_ARG_VALUE'],
    [with_({ type: 'text' }), 'signal.type', 'ERR_INVALID_ARG_VALUE'],
    [with_({ type: 'float' }), 'signal.length: expected 32 or 64', 'ERR_INVALID_ARG_VALUE'],
    [with_({ factor: 0 }), 'signal.factor', 'ERR_INVALID_ARG_VALUE'],
    [with_({ factor: '1' }), 'signal.factor', 'ERR_INVALID_ARG_TYPE'],
    [with_({ offset: Number.NaN }), 'signal.offset', 'ERR_INVALID_ARG_TYPE'],
    [with_({ start: 57 }), 'data: expected at least 9 bytes for signal', 'ERR_OUT_OF_RANGE'],
    [with_({ start: 60, length: 6, byteOrder: 'big' }), 'data: expected at least 9 bytes', 'ERR_OUT_OF_RANGE'],
    [() => unpackSignal(data, null as any), 'signal', 'ERR_INVALID_ARG_TYPE'],
    [() => unpackSignal('text' as any, { name: 's', start: 0, length: 1 }), 'data', 'ERR_INVALID_ARG_TYPE'],
    [() => unpackRawSignal(data, { name: 's', start: 64, length: 1 }), 'data', 'ERR_OUT_OF_RANGE'],
    [() => packSignal(data.buffer as any, { name: 's', start: 0, length: 1 }, 1), 'data', 'ERR_INVALID_ARG_TYPE'],
    [() => packSignal(data, { name: 's', start: 0, length: 1 }, '1' as any), 'value', 'ERR_INVALID_ARG_TYPE'],
    [() => packSignals(data, [{ name: 's', start: 0, length: 1 }], { s: 2 }), 'values.s', 'ERR_OUT_OF_RANGE'],
    [() => packSignals(data, [], null as any), 'values', 'ERR_INVALID_ARG_TYPE'],
    [() => unpackSignals(data, {} as any), 'signals', 'ERR_INVALID_ARG_TYPE'],
    [() => unpackSignals(data, [{ start: 1 } as any]), 'signals[0].name', 'ERR_INVALID_ARG_TYPE'],
    [() => unpackSignals(data, [{ name: 'speed', start: 64, length: 1 }]), '9 bytes for speed', 'ERR_OUT_OF_RANGE'],
  ] as const) {
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code }));
  }
});
