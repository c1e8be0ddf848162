import { randomBytes, randomInt } from 'node:crypto';
import {
  type BcmMessageLike,
  CAN_BCM_CAN_FD_FRAME,
  CAN_BCM_RX_CHANGED,
  CAN_BCM_RX_SETUP,
  CAN_BCM_SETTIMER,
  CAN_BCM_STARTTIMER,
  CAN_BCM_TX_SETUP,
  decodeBcmMessage,
  encodeBcmMessage,
} from '@bsd-sockets/can';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';

const flags = CAN_BCM_SETTIMER | CAN_BCM_STARTTIMER;

describe.skipIf(without('Linux'))('messages of the broadcast manager (Linux)', () => {
  test("are the bytes of the kernel's structure", () => {
    const message: BcmMessageLike = {
      opcode: CAN_BCM_TX_SETUP,
      flags,
      count: 3,
      ival1: 0.25,
      ival2: 2.5,
      id: 0x123,
      extended: true,
      frames: [{ data: Buffer.of(1, 2) }, { id: 5, data: Buffer.of(3) }],
    };
    expect(encodeBcmMessage(message).toString('hex')).toBe(
      [
        '01000000030000000300000000000000',
        '000000000000000090d0030000000000',
        '020000000000000020a1070000000000',
        '2301008002000000',
        '23010080020000000102000000000000',
        '05000000010000000300000000000000',
      ].join(''),
    );
  });

  test('come out as they went in', () => {
    for (const fd of [false, true]) {
      for (let round = 0; round < 300; round++) {
        const frames = Array.from({ length: randomInt(5) }, () => {
          const data = randomBytes(randomInt(9));
          const id = randomInt(0x800);
          return fd
            ? { kind: 'fd' as const, id, extended: false, brs: true, esi: false, fdf: true, data }
            : { kind: 'classic' as const, id, extended: false, rtr: false, dlc: data.length, data };
        });
        const message = {
          opcode: randomInt(13),
          flags: fd ? CAN_BCM_CAN_FD_FRAME : 0,
          count: randomInt(2 ** 32),
          ival1: randomInt(10_000) / 1000,
          ival2: randomInt(10_000) / 1000,
          id: randomInt(2 ** 29),
          extended: true,
          rtr: round % 2 === 0,
          frames,
        };
        expect(decodeBcmMessage(encodeBcmMessage(message))).toEqual(message);
      }
    }
  });

  test('of hostile bytes are a message or a clear error, never out of bounds', () => {
    const examine = (memory: Buffer) => {
      try {
        decodeBcmMessage(memory);
      } catch (error) {
        expect(error, memory.toString('hex')).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
      }
    };
    const sound = encodeBcmMessage({ opcode: CAN_BCM_RX_CHANGED, id: 1, frames: [{ data: Buffer.of(1) }] });
    for (let length = 0; length <= 130; length++) {
      for (const fill of [0, 0xff]) examine(Buffer.alloc(length, fill));
      for (let round = 0; round < 20; round++) examine(randomBytes(length));
      examine(sound.subarray(0, length));
    }
    for (let index = 0; index < sound.length; index++) {
      const flipped = Buffer.from(sound);
      flipped[index] = ~flipped[index]!;
      examine(flipped);
    }
  });

  test('say how many bytes are missing', () => {
    const memory = encodeBcmMessage({ opcode: CAN_BCM_RX_CHANGED, id: 1, frames: [{ data: Buffer.of(1) }] });
    expect(() => decodeBcmMessage(memory.subarray(0, 55))).toThrow(
      /^data: expected a message of at least 56 bytes, got 55/,
    );
    expect(() => decodeBcmMessage(memory.subarray(0, 71))).toThrow(/^data: .* 1 of 16 bytes each, got 71/);
  });

  test.each<[string, object, string, RegExp]>([
    ['no operation', { id: 1 }, 'ERR_INVALID_ARG_TYPE', /^message\.opcode: /],
    ['no identifier', { opcode: 1 }, 'ERR_INVALID_ARG_TYPE', /^message\.id: /],
    ['a negative interval', { opcode: 1, id: 1, ival1: -1 }, 'ERR_INVALID_ARG_VALUE', /^message\.ival1: /],
    ['frames that are none', { opcode: 1, id: 1, frames: {} }, 'ERR_INVALID_ARG_TYPE', /^message\.frames: /],
    ['a frame that is none', { opcode: 1, id: 1, frames: [1] }, 'ERR_INVALID_ARG_TYPE', /^message\.frames\[0\]: /],
    [
      'frames of another kind',
      { opcode: 1, id: 1, frames: [{ kind: 'fd' }] },
      'ERR_INVALID_ARG_VALUE',
      /^message\.frames\[0\]\.kind: expected 'classic', as the flag/,
    ],
    [
      'data that are too long',
      { opcode: CAN_BCM_RX_SETUP, id: 1, frames: [{}, { data: Buffer.alloc(9) }] },
      'ERR_INVALID_ARG_VALUE',
      /^message\.frames\[1\]\.data: /,
    ],
  ])('refuse %s', (_, message, code, text) => {
    const call = () => encodeBcmMessage(message as BcmMessageLike);
    expect(call).toThrow(expect.objectContaining({ code }) as Error);
    expect(call).toThrow(text);
  });
});
