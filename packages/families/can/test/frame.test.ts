import { randomBytes, randomInt } from 'node:crypto';
import {
  CAN_EFF_MASK,
  CAN_ERR_ACK,
  CAN_ERR_CNT,
  CAN_ERR_CRTL,
  CAN_ERR_LOSTARB,
  CAN_ERR_PROT,
  CAN_ERR_TRX,
  CAN_SFF_MASK,
  type CanFrame,
  type CanFrameLike,
  decodeCanId,
  decodeFrame,
  encodeCanId,
  encodeFrame,
} from '@bsd-sockets/can';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';

const hex = (frame: CanFrameLike) => encodeFrame(frame).toString('hex');
const of = (text: string) => decodeFrame(Buffer.from(text, 'hex'));
const fdLengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];
const coin = () => randomInt(2) === 1;

function randomId(): { id: number; extended: boolean } {
  const extended = coin();
  return { id: randomInt((extended ? CAN_EFF_MASK : CAN_SFF_MASK) + 1), extended };
}

function randomFrame(): CanFrame {
  const kind = (['classic', 'rtr', 'fd', 'xl'] as const)[randomInt(4)];
  switch (kind) {
    case 'classic': {
      const data = randomBytes(randomInt(9));
      const dlc = data.length === 8 ? 8 + randomInt(8) : data.length;
      return { kind, ...randomId(), rtr: false, dlc, data };
    }
    case 'rtr':
      return { kind: 'classic', ...randomId(), rtr: true, dlc: randomInt(16), data: Buffer.alloc(0) };
    case 'fd': {
      const data = randomBytes(fdLengths[randomInt(fdLengths.length)]!);
      return { kind, ...randomId(), brs: coin(), esi: coin(), fdf: coin(), data };
    }
    default: {
      const [prio, vcid, sdt, af] = [randomInt(0x800), randomInt(256), randomInt(256), randomInt(2 ** 32)];
      return { kind: 'xl', prio, vcid, sec: coin(), sdt, af, data: randomBytes(1 + randomInt(2048)) };
    }
  }
}

describe.skipIf(without('Linux'))('frames (Linux)', () => {
  test("are the bytes of the kernel's structures", () => {
    expect(hex({ id: 0x123, data: Buffer.from('abc') })).toBe('23010000030000006162630000000000');
    expect(hex({ id: 0x1fffffff, extended: true })).toBe('ffffff9f000000000000000000000000');
    expect(hex({ id: 0x7ff, rtr: true, dlc: 4 })).toBe('ff070040040000000000000000000000');
    expect(hex({ id: 1, dlc: 15, data: Buffer.alloc(8, 0xaa) })).toBe('010000000800000faaaaaaaaaaaaaaaa');
    expect(hex({ kind: 'fd', id: 1, brs: true, esi: true, data: Buffer.alloc(12, 0x11) })).toBe(
      `010000000c070000${'11'.repeat(12)}${'00'.repeat(52)}`,
    );
    expect(hex({ kind: 'fd', id: 1, fdf: false })).toBe(`01000000${'00'.repeat(68)}`);
    expect(hex({ kind: 'xl', prio: 0x242, sdt: 3, af: 0x12345678, sec: true, data: Buffer.of(9) })).toBe(
      '42020000810301007856341209',
    );
    expect(hex({ kind: 'xl', prio: 1, vcid: 0xff, data: Buffer.of(9, 8) })).toBe('0100ff0080000200000000000908');
    expect(hex({ kind: 'error', errorClass: CAN_ERR_ACK, data: Buffer.of(1) })).toBe(
      '20000020080000000100000000000000',
    );
  });

  test('come out of the bytes of the kernel', () => {
    expect(of('23010000030000006162630000000000')).toEqual({
      kind: 'classic',
      id: 0x123,
      extended: false,
      rtr: false,
      dlc: 3,
      data: Buffer.from('abc'),
    });
    expect(of('ffffffdf080000090000000000000000')).toEqual({
      kind: 'classic',
      id: 0x1fffffff,
      extended: true,
      rtr: true,
      dlc: 9,
      data: Buffer.alloc(0),
    });
    expect(of(`0100000002050000abcd${'00'.repeat(62)}`)).toEqual({
      kind: 'fd',
      id: 1,
      extended: false,
      brs: true,
      esi: false,
      fdf: true,
      data: Buffer.from('abcd', 'hex'),
    });
    expect(of('42020700810301007856341209')).toEqual({
      kind: 'xl',
      prio: 0x242,
      vcid: 7,
      sec: true,
      sdt: 3,
      af: 0x12345678,
      data: Buffer.of(9),
    });
  });

  test('come out as they went in', () => {
    for (let round = 0; round < 2000; round++) {
      const frame = randomFrame();
      expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
    }
  });

  test('of an error name its reasons', () => {
    const errorClass = CAN_ERR_LOSTARB | CAN_ERR_CRTL | CAN_ERR_PROT | CAN_ERR_TRX | CAN_ERR_ACK | CAN_ERR_CNT;
    const data = Buffer.of(5, 0x0c, 0x82, 0x19, 0x74, 0, 96, 128);
    const frame = decodeFrame(encodeFrame({ kind: 'error', errorClass, data }));
    expect(frame).toEqual({
      kind: 'error',
      errorClass,
      reasons: [
        'CAN_ERR_LOSTARB',
        'CAN_ERR_CRTL',
        'CAN_ERR_CRTL_RX_WARNING',
        'CAN_ERR_CRTL_TX_WARNING',
        'CAN_ERR_PROT',
        'CAN_ERR_PROT_FORM',
        'CAN_ERR_PROT_TX',
        'CAN_ERR_PROT_LOC_ACK',
        'CAN_ERR_TRX',
        'CAN_ERR_TRX_CANH_NO_WIRE',
        'CAN_ERR_TRX_CANL_SHORT_TO_GND',
        'CAN_ERR_ACK',
        'CAN_ERR_CNT',
      ],
      lostArbitrationBit: 5,
      txErrors: 96,
      rxErrors: 128,
      data,
    });
    expect(encodeFrame(frame)).toEqual(encodeFrame({ kind: 'error', errorClass, data }));
    const bare = decodeFrame(encodeFrame({ kind: 'error', errorClass: CAN_ERR_CRTL | CAN_ERR_PROT | CAN_ERR_TRX }));
    expect(bare).toMatchObject({
      reasons: [
        'CAN_ERR_CRTL',
        'CAN_ERR_CRTL_UNSPEC',
        'CAN_ERR_PROT',
        'CAN_ERR_PROT_UNSPEC',
        'CAN_ERR_PROT_LOC_UNSPEC',
        'CAN_ERR_TRX',
        'CAN_ERR_TRX_UNSPEC',
      ],
      lostArbitrationBit: undefined,
      txErrors: undefined,
      rxErrors: undefined,
    });
  });

  test('keep no view of the bytes', () => {
    const samples: CanFrameLike[] = [
      { id: 1, data: Buffer.of(1) },
      { kind: 'fd', id: 1, data: Buffer.of(1) },
      { kind: 'xl', prio: 1, data: Buffer.of(1) },
      { kind: 'error', errorClass: 1, data: Buffer.of(1) },
    ];
    for (const sample of samples) {
      const memory = encodeFrame(sample);
      const { data } = decodeFrame(memory);
      memory.fill(0);
      expect(data[0]).toBe(1);
    }
  });

  test('of hostile bytes are a frame or a clear error, never out of bounds', () => {
    const examine = (memory: Buffer) => {
      let frame: CanFrame;
      try {
        frame = decodeFrame(memory);
      } catch (error) {
        expect(error, memory.toString('hex')).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
        return;
      }
      expect(frame.data.length).toBeLessThanOrEqual(memory.length);
    };
    for (let length = 0; length <= 80; length++) {
      for (const fill of [0, 0x7f, 0x80, 0xff]) examine(Buffer.alloc(length, fill));
      for (let round = 0; round < 50; round++) examine(randomBytes(length));
    }
    for (const length of [16, 72, 2060, 2061]) for (let round = 0; round < 500; round++) examine(randomBytes(length));
    for (let round = 0; round < 500; round++) {
      const memory = encodeFrame(randomFrame());
      examine(memory.subarray(0, randomInt(memory.length)));
      memory[randomInt(8)] = randomInt(256);
      examine(memory);
    }
  });

  test.each<[string, unknown, string, RegExp]>([
    ['no frame', null, 'ERR_INVALID_ARG_TYPE', /^frame: expected an object/],
    ['another kind', { kind: 'can', id: 1 }, 'ERR_INVALID_ARG_VALUE', /^frame\.kind: expected 'classic', 'fd'/],
    ['no identifier', { data: Buffer.of(1) }, 'ERR_INVALID_ARG_TYPE', /^frame\.id: /],
    ['an identifier of 12 bits', { id: 0x800 }, 'ERR_OUT_OF_RANGE', /^frame\.id: expected at most 0x7ff, or `extended/],
    ['an identifier of 30 bits', { id: 2 ** 29, extended: true }, 'ERR_OUT_OF_RANGE', /^frame\.id: /],
    ['a broken identifier', { id: 1.5 }, 'ERR_OUT_OF_RANGE', /^frame\.id: /],
    ['a flag that is none', { id: 1, extended: 1 }, 'ERR_INVALID_ARG_TYPE', /^frame\.extended: expected true or false/],
    ['a string for data', { id: 1, data: 'abc' }, 'ERR_INVALID_ARG_TYPE', /^frame\.data: .*Buffer\.from/],
    ['9 bytes', { id: 1, data: Buffer.alloc(9) }, 'ERR_INVALID_ARG_VALUE', /^frame\.data: expected at most 8/],
    [
      'another length',
      { id: 1, dlc: 2, data: Buffer.of(1) },
      'ERR_INVALID_ARG_VALUE',
      /^frame\.dlc: .*length of the data, 1/,
    ],
    ['a length code of 16', { id: 1, rtr: true, dlc: 16 }, 'ERR_OUT_OF_RANGE', /^frame\.dlc: /],
    [
      'a remote frame with data',
      { id: 1, rtr: true, data: Buffer.of(1) },
      'ERR_INVALID_ARG_VALUE',
      /^frame\.data: .*remote/,
    ],
    [
      '9 bytes of CAN FD',
      { kind: 'fd', id: 1, data: Buffer.alloc(9) },
      'ERR_INVALID_ARG_VALUE',
      /^frame\.data: .*12, 16/,
    ],
    ['a wrong flag of CAN FD', { kind: 'fd', id: 1, brs: 'yes' }, 'ERR_INVALID_ARG_TYPE', /^frame\.brs: /],
    [
      'CAN XL without data',
      { kind: 'xl', prio: 1, data: Buffer.of() },
      'ERR_INVALID_ARG_VALUE',
      /^frame\.data: .*1 to 2048/,
    ],
    ['a priority of 12 bits', { kind: 'xl', prio: 0x800, data: Buffer.of(1) }, 'ERR_OUT_OF_RANGE', /^frame\.prio: /],
    [
      'an SDU type of 9 bits',
      { kind: 'xl', prio: 1, sdt: 256, data: Buffer.of(1) },
      'ERR_OUT_OF_RANGE',
      /^frame\.sdt: /,
    ],
    ['an error without class', { kind: 'error', errorClass: 0 }, 'ERR_OUT_OF_RANGE', /^frame\.errorClass: /],
    [
      'an error with 9 bytes',
      { kind: 'error', errorClass: 1, data: Buffer.alloc(9) },
      'ERR_INVALID_ARG_VALUE',
      /^frame\.data: /,
    ],
  ])('refuse %s', (_, frame, code, message) => {
    const call = () => encodeFrame(frame as CanFrameLike);
    expect(call).toThrow(expect.objectContaining({ code }) as Error);
    expect(call).toThrow(message);
  });
});

describe.skipIf(without('Linux'))('identifiers (Linux)', () => {
  test('go in and out with their flags', () => {
    expect(encodeCanId({ id: 0x123 })).toBe(0x123);
    expect(encodeCanId({ id: 0x123, extended: true, rtr: true })).toBe(0xc0000123);
    expect(decodeCanId(0xc0000123)).toEqual({ id: 0x123, extended: true, rtr: true });
    expect(decodeCanId(0x1fffffff)).toEqual({ id: 0x7ff, extended: false, rtr: false });
  });

  test('are refused if they are none', () => {
    expect(() => encodeCanId({ id: -1 })).toThrow(/^canId\.id: /);
    expect(() => encodeCanId(5 as never)).toThrow(/^canId: /);
    expect(() => decodeCanId(2 ** 32)).toThrow(/^canId: /);
  });
});

test.skipIf(without('Linux'))("the data of a frame lie in memory of their own, and not in Node's pool (Linux)", () => {
  for (let turn = 0; turn < 100; turn++) {
    const { data } = decodeFrame(encodeFrame(randomFrame())) as { data: Buffer };
    expect(data.buffer.byteLength).toBe(data.length);
  }
});
