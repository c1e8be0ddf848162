import { runInNewContext } from 'node:vm';
import { bytes, int32, integer, outOfRange, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { describe, expect, test } from 'vitest';

function thrownBy(call: () => unknown): any {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const noNumbers: [kind: string, value: unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['true', true],
  ["'1'", '1'],
  ["''", ''],
  ['1n', 1n],
  ['a symbol', Symbol('one')],
  ['a function', () => 1],
  ['a class', class One {}],
  ['an array', [1]],
  ['an object', {}],
  ['an object with a value', { valueOf: () => 1 }],
  ['a Number object', Object(1)],
  ['a Date', new Date(1)],
  ['an object that throws', new Proxy({}, { get: () => undefined })],
];

describe('int32', () => {
  test.each([0, 1, -1, 2 ** 31 - 1, -(2 ** 31)])('%s', (value) => {
    expect(int32('level', value)).toBe(value);
  });

  test.each([2 ** 31, -(2 ** 31) - 1, 2 ** 32, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_VALUE])(
    'not %s',
    (value) => {
      const error = thrownBy(() => int32('level', value));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.code).toBe('ERR_OUT_OF_RANGE');
      expect(error.message).toBe(`level: expected an integer from -2147483648 to 2147483647, got ${value} (number)`);
    },
  );

  test.each(noNumbers)('not %s', (_kind, value) => {
    const error = thrownBy(() => int32('level', value));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.code).toBe('ERR_INVALID_ARG_TYPE');
    expect(error.message).toMatch(/^level: expected an integer from -2147483648 to 2147483647, got /);
  });
});

describe('integer', () => {
  test.each([5, 7, 10])('%s', (value) => {
    expect(integer('port', value, 5, 10)).toBe(value);
  });

  test.each([4, 11, 5.5, Number.NaN, Number.NEGATIVE_INFINITY])('not %s', (value) => {
    expect(thrownBy(() => integer('port', value, 5, 10))).toMatchObject({
      name: 'RangeError',
      code: 'ERR_OUT_OF_RANGE',
      message: `port: expected an integer from 5 to 10, got ${value} (number)`,
    });
  });

  test.each(noNumbers)('not %s', (_kind, value) => {
    const error = thrownBy(() => integer('port', value, 5, 10));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', message: expect.stringMatching(/^port: expected /) });
  });
});

describe('bytes', () => {
  const memory = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const shared = new SharedArrayBuffer(4);
  const foreign = (code: string) => runInNewContext(code) as Uint8Array;

  test.each<[string, any, number, number]>([
    ['a Buffer', Buffer.from(memory.buffer, 2, 3), 2, 3],
    ['a Uint8Array', memory.subarray(1, 4), 1, 3],
    ['an empty Uint8Array', new Uint8Array(0), 0, 0],
    ['a Uint8ClampedArray', new Uint8ClampedArray(memory.buffer, 5, 2), 5, 2],
    ['an Int8Array', new Int8Array(memory.buffer, 1), 1, 15],
    ['a Uint16Array', new Uint16Array(memory.buffer, 2, 3), 2, 6],
    ['a Float64Array', new Float64Array(memory.buffer, 8), 8, 8],
    ['a BigInt64Array', new BigInt64Array(memory.buffer), 0, 16],
    ['a DataView', new DataView(memory.buffer, 3, 5), 3, 5],
    ['an array on shared memory', new Uint8Array(shared, 1), 1, 3],
  ])('%s, without a copy', (_kind, view, offset, length) => {
    const result = bytes('data', view);
    expect(result).toBeInstanceOf(Uint8Array);
    expect(result.buffer).toBe(view.buffer);
    expect([result.byteOffset, result.length]).toEqual([offset, length]);
  });

  test.each<[string, ArrayBufferLike]>([
    ['an ArrayBuffer', memory.buffer],
    ['a SharedArrayBuffer', shared],
    ['an ArrayBuffer that can grow', new (ArrayBuffer as any)(4, { maxByteLength: 8 })],
  ])('%s, without a copy', (_kind, buffer) => {
    const result = bytes('data', buffer);
    expect(result.buffer).toBe(buffer);
    expect(result.length).toBe(buffer.byteLength);
  });

  test.each<[string, any]>([
    ['a Uint8Array', foreign('Uint8Array.of(1, 2, 3, 4)')],
    ['a DataView', foreign('new DataView(Uint8Array.of(1, 2, 3, 4).buffer)')],
    ['an ArrayBuffer', foreign('Uint8Array.of(1, 2, 3, 4).buffer')],
    ['a SharedArrayBuffer', foreign('const b = new SharedArrayBuffer(4); new Uint8Array(b).set([1, 2, 3, 4]); b')],
  ])('%s of another context', (_kind, value) => {
    expect([...bytes('data', value)]).toEqual([1, 2, 3, 4]);
  });

  test('none of a detached buffer', () => {
    const buffer = new ArrayBuffer(8);
    const view = new Uint8Array(buffer);
    const others = [buffer, new DataView(buffer), new Float64Array(buffer)];
    structuredClone(buffer, { transfer: [buffer] });
    expect(bytes('data', view)).toHaveLength(0);
    for (const other of others) {
      const error = thrownBy(() => bytes('data', other));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringMatching(/^data: expected bytes whose memory was not transferred away/),
      });
    }
  });

  test('not a string, which is told how to become bytes', () => {
    for (const value of ['', 'text']) {
      const error = thrownBy(() => bytes('data', value));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.code).toBe('ERR_INVALID_ARG_TYPE');
      expect(error.message).toBe(
        `data: expected bytes (a string has none by itself: use Buffer.from(data, 'utf8')), got '${value}' (string)`,
      );
    }
  });

  test.each([...noNumbers.filter(([, value]) => typeof value !== 'string'), ['1', 1] as [string, unknown]])(
    'not %s',
    (_kind, value) => {
      const error = thrownBy(() => bytes('data', value));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringMatching(/^data: expected bytes: /),
      });
    },
  );
});

describe('the message of a refusal', () => {
  test.each<[unknown, string]>([
    [null, 'null (null)'],
    ['text', "'text' (string)"],
    [[1, 'a'], "[ 1, 'a' ] (object)"],
    [parseInt, 'function parseInt'],
    [{ host: 'h', port: 1 }, "{ host: 'h', port: 1 } (object)"],
    [5n, '5n (bigint)'],
    [-0, '-0 (number)'],
  ])('shows the value', (value, shown) => {
    for (const refusal of [wrongType, outOfRange, wrongValue]) {
      expect(refusal('it', 'another', value).message).toBe(`it: expected another, got ${shown}`);
    }
  });

  test('is not long where the value is', () => {
    expect(wrongType('it', 'less', 'x'.repeat(10_000)).message.length).toBeLessThan(150);
    expect(
      wrongType(
        'it',
        'less',
        Array.from({ length: 5000 }, (_, index) => index),
      ).message.length,
    ).toBeLessThan(150);
  });

  test('explains undefined', () => {
    expect(wrongType('family', 'an integer', undefined).message).toContain(
      `a constant that ${process.platform} does not have`,
    );
  });
});
