import { decodeMessages, encodeMessage } from '@bsd-sockets/netlink';
import { describe, expect, test } from 'vitest';
import { randomNumbers } from '../../../core-native/test/random-numbers';
import { orMalformed, randomBytes } from './random';

describe('messages', () => {
  test('come back as they were written, whatever their number and size', () => {
    const random = randomNumbers(1);
    for (let round = 0; round < 300; round++) {
      const messages = Array.from({ length: random() % 6 }, () => ({
        type: random() & 0xffff,
        flags: random() & 0xffff,
        seq: random(),
        pid: random(),
        data: randomBytes(random, 40),
      }));
      expect(decodeMessages(Buffer.concat(messages.map(encodeMessage)))).toEqual(messages);
    }
  });

  test('are laid out as the kernel has them', () => {
    const bytes = encodeMessage({ type: 0x1234, flags: 0x0305, seq: 7, pid: 9, data: Buffer.of(1, 2, 3) });
    expect(bytes.length).toBe(20);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, 5);
    expect(words[0]).toBe(19);
    expect([words[2], words[3]]).toEqual([7, 9]);
    expect([...new Uint16Array(bytes.buffer, bytes.byteOffset + 4, 2)]).toEqual([0x1234, 0x0305]);
    expect([...bytes.subarray(16)]).toEqual([1, 2, 3, 0]);
  });

  test('need only a type', () => {
    expect(decodeMessages(encodeMessage({ type: 1 }))).toEqual([
      { type: 1, flags: 0, seq: 0, pid: 0, data: Buffer.alloc(0) },
    ]);
  });

  test('may end without their padding', () => {
    const bytes = encodeMessage({ type: 1, data: Buffer.of(5) });
    expect(decodeMessages(bytes.subarray(0, 17))[0]?.data).toEqual(Buffer.of(5));
  });

  test.each([
    ['type', { type: 65536 }],
    ['flags', { type: 0, flags: -1 }],
    ['seq', { type: 0, seq: 2 ** 32 }],
    ['pid', { type: 0, pid: 0.5 }],
  ])('with a %s out of range are refused', (name, message) => {
    expect(() => encodeMessage(message)).toThrow(
      expect.objectContaining({ code: 'ERR_OUT_OF_RANGE', message: expect.stringContaining(`message: ${name}`) }),
    );
  });

  test('whose data are text are refused', () => {
    const data = 'text' as unknown as Uint8Array;
    expect(() => encodeMessage({ type: 0, data })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  });
});

describe('hostile bytes', () => {
  const malformed = expect.objectContaining({ code: 'EBADMSG' });

  test.each([0, 1, 15, 21, 0x7fffffff, 0x80000000, 0xfffffffd, 0xffffffff])('a length of %i is refused', (length) => {
    const bytes = encodeMessage({ type: 1, data: Buffer.alloc(4) });
    new Uint32Array(bytes.buffer, bytes.byteOffset, 1)[0] = length;
    expect(() => decodeMessages(bytes)).toThrow(malformed);
    expect(() => decodeMessages(Buffer.concat([encodeMessage({ type: 1 }), bytes]))).toThrow(malformed);
  });

  test('each cut of a message is refused', () => {
    const bytes = encodeMessage({ type: 1, data: Buffer.alloc(5) });
    for (let length = 1; length < 21; length++)
      expect(() => decodeMessages(bytes.subarray(0, length))).toThrow(malformed);
  });

  test('random bytes, and messages with changed ones, are read or refused', () => {
    const random = randomNumbers(2);
    for (let round = 0; round < 3000; round++) {
      orMalformed(() => decodeMessages(randomBytes(random, 64)));
      const bytes = Buffer.concat([1, 2, 3].map((type) => encodeMessage({ type, data: randomBytes(random, 20) })));
      bytes[random() % bytes.length] = random();
      orMalformed(() => {
        const size = decodeMessages(bytes).reduce((sum, { data }) => sum + 16 + data.length, 0);
        expect(size).toBeLessThanOrEqual(bytes.length);
      });
    }
  });
});
