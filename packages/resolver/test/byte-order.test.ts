import { endianness } from 'node:os';
import { htonl, htons, ntohl, ntohs } from '@bsd-sockets/resolver';
import { expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { type Call, expectAsInPython } from './cpython';
import { random } from './random';

test('numbers are stored with the high byte first', () => {
  const short = new Uint8Array(Uint16Array.of(htons(0x1234)).buffer);
  const long = new Uint8Array(Uint32Array.of(htonl(0x12345678)).buffer);
  expect([...short, ...long]).toEqual([0x12, 0x34, 0x12, 0x34, 0x56, 0x78]);
  expect(htonl(0x000000ff)).toBe(endianness() === 'LE' ? 0xff000000 : 0xff);
});

test('there and back is the number itself', () => {
  const shorts = Array.from({ length: 0x10000 }, (_, short) => short);
  expect(shorts.filter((short) => ntohs(htons(short)) !== short)).toEqual([]);
  const { below } = random();
  const longs = Array.from({ length: 100_000 }, () => below(2 ** 32));
  expect(longs.filter((long) => ntohl(htonl(long)) !== long)).toEqual([]);
});

test.each([
  ['htons', htons, 0xffff],
  ['ntohs', ntohs, 0xffff],
  ['htonl', htonl, 0xffffffff],
  ['ntohl', ntohl, 0xffffffff],
] as const)('%s refuses what is no number of its size', (_, convert, max) => {
  expect(convert(max)).toBe(max);
  for (const wrong of [-1, max + 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => convert(wrong)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  }
  for (const wrong of ['1', 1n, null, undefined, true, {}]) {
    expect(() => convert(wrong as number)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  }
});

test.skipIf(without('python3'))('numbers of all sizes, as in CPython (python3)', () => {
  const { below } = random();
  const numbers = [0, 1, 255, 256, 0xffff, 0x10000, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, -(2 ** 31)];
  numbers.push(...Array.from({ length: 200 }, () => below(2 ** (1 + below(33)))));
  expectAsInPython(
    ['htons', 'ntohs', 'htonl', 'ntohl'].flatMap((name) => numbers.map((number): Call => [name, number])),
  );
});
