import { randomBytes } from 'node:crypto';
import {
  decodeHciMessage,
  decodeHciPacket,
  encodeHciMessage,
  encodeHciPacket,
  HCI_VENDOR_PKT,
  type HciPacket,
  type HciPacketLike,
  hciOpcode,
  MGMT_INDEX_NONE,
  MGMT_OP_READ_VERSION,
} from '@bsd-sockets/bluetooth';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';

const data = Buffer.from('data');
const none = Buffer.alloc(0);

const packets: [string, HciPacketLike, HciPacket?][] = [
  ['01030c00', { kind: 'command', opcode: hciOpcode(3, 3) }, { kind: 'command', opcode: 0x0c03, parameters: none }],
  ['01011004' + '64617461', { kind: 'command', opcode: 0x1001, parameters: data }],
  ['040e0464617461', { kind: 'event', event: 0x0e, parameters: data }],
  ['02ff0f0000', { kind: 'acl', handle: 0xfff }, { kind: 'acl', handle: 0xfff, boundary: 0, broadcast: 0, data: none }],
  ['022ae0040064617461', { kind: 'acl', handle: 42, boundary: 2, broadcast: 3, data }],
  ['032a300464617461', { kind: 'sco', handle: 42, status: 3, data }],
  ['03000000', { kind: 'sco', handle: 0 }, { kind: 'sco', handle: 0, status: 0, data: none }],
  ['052a60040064617461', { kind: 'iso', handle: 42, boundary: 2, timestamp: true, data }],
  [
    '05010f0000',
    { kind: 'iso', handle: 0xf01 },
    { kind: 'iso', handle: 0xf01, boundary: 0, timestamp: false, data: none },
  ],
  ['ff64617461', { kind: 'other', type: 0xff, data }],
  ['00', { kind: 'other', type: 0 }, { kind: 'other', type: 0, data: none }],
];

describe.skipIf(without('Linux'))('HCI packets (Linux)', () => {
  test.each(packets)('%s', (hex, packet, decoded = packet as HciPacket) => {
    expect(encodeHciPacket(packet).toString('hex')).toBe(hex);
    expect(decodeHciPacket(Buffer.from(hex, 'hex'))).toEqual(decoded);
    expect(encodeHciPacket(decoded).toString('hex')).toBe(hex);
  });

  test.each<[RegExp, string, unknown]>([
    [/^packet: /, 'ERR_INVALID_ARG_TYPE', undefined],
    [/^packet: /, 'ERR_INVALID_ARG_TYPE', { kind: 'fax' }],
    [/^opcode: /, 'ERR_INVALID_ARG_TYPE', { kind: 'command' }],
    [/^opcode: /, 'ERR_OUT_OF_RANGE', { kind: 'command', opcode: 2 ** 16 }],
    [/^parameters: /, 'ERR_INVALID_ARG_VALUE', { kind: 'command', opcode: 1, parameters: Buffer.alloc(256) }],
    [/^parameters: /, 'ERR_INVALID_ARG_TYPE', { kind: 'event', event: 1, parameters: 'text' }],
    [/^event: /, 'ERR_OUT_OF_RANGE', { kind: 'event', event: 256 }],
    [/^handle: /, 'ERR_OUT_OF_RANGE', { kind: 'acl', handle: 4096 }],
    [/^boundary: /, 'ERR_OUT_OF_RANGE', { kind: 'acl', handle: 1, boundary: 4 }],
    [/^broadcast: /, 'ERR_OUT_OF_RANGE', { kind: 'acl', handle: 1, broadcast: -1 }],
    [/^data: /, 'ERR_INVALID_ARG_VALUE', { kind: 'acl', handle: 1, data: Buffer.alloc(2 ** 16) }],
    [/^status: /, 'ERR_OUT_OF_RANGE', { kind: 'sco', handle: 1, status: 4 }],
    [/^data: /, 'ERR_INVALID_ARG_VALUE', { kind: 'sco', handle: 1, data: Buffer.alloc(256) }],
    [/^timestamp: /, 'ERR_INVALID_ARG_TYPE', { kind: 'iso', handle: 1, timestamp: 1 }],
    [/^data: /, 'ERR_INVALID_ARG_VALUE', { kind: 'iso', handle: 1, data: Buffer.alloc(2 ** 14) }],
    [/^type: /, 'ERR_OUT_OF_RANGE', { kind: 'other', type: 256 }],
  ])('%s %s', (message, code, packet) => {
    let error: unknown;
    try {
      encodeHciPacket(packet as HciPacketLike);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('that are not as long as they say are refused', () => {
    for (const [hex, { kind }] of packets) {
      if (kind === 'other') continue;
      const whole = Buffer.from(hex, 'hex');
      for (let length = 0; length < whole.length; length++) {
        expect(() => decodeHciPacket(whole.subarray(0, length))).toThrow(
          expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
        );
      }
      expect(() => decodeHciPacket(Buffer.concat([whole, data]))).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE', message: expect.stringMatching(/^data: /) }),
      );
    }
    expect(() => decodeHciPacket('text' as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  });

  test('of hostile bytes are refused or come out as they went in', () => {
    for (let round = 0; round < 2000; round++) {
      const bytes = randomBytes(round % 24);
      if (round % 3 === 0 && bytes.length > 0) bytes[0] = round % 6;
      let packet: HciPacket;
      try {
        packet = decodeHciPacket(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
        continue;
      }
      // Above the flags of voice and streams are bits without a meaning.
      if (packet.kind !== 'sco' && packet.kind !== 'iso') expect(encodeHciPacket(packet)).toEqual(bytes);
    }
  });

  test('are copied', () => {
    const bytes = Buffer.from('ff64617461', 'hex');
    const packet = decodeHciPacket(bytes);
    bytes.fill(0);
    expect(packet).toEqual({ kind: 'other', type: HCI_VENDOR_PKT, data });
  });

  test('an opcode is of a group and a number in it', () => {
    expect([hciOpcode(0x3f, 0x3ff), hciOpcode(1, 5), hciOpcode(0, 0)]).toEqual([0xffff, 0x0405, 0]);
    expect(() => hciOpcode(64, 0)).toThrow(/^ogf: /);
    expect(() => hciOpcode(0, 1024)).toThrow(/^ocf: /);
  });
});

describe.skipIf(without('Linux'))('messages of the management interface (Linux)', () => {
  test('have a code, an adapter and parameters', () => {
    const message = { code: 0x1234, index: 1, parameters: data };
    expect(encodeHciMessage(message).toString('hex')).toBe('34120100040064617461');
    expect(decodeHciMessage(Buffer.from('34120100040064617461', 'hex'))).toEqual(message);
    const least = encodeHciMessage({ code: MGMT_OP_READ_VERSION });
    expect(least.toString('hex')).toBe('0100ffff0000');
    expect(decodeHciMessage(least)).toEqual({ code: MGMT_OP_READ_VERSION, index: MGMT_INDEX_NONE, parameters: none });
  });

  test('are refused by the name of what is wrong', () => {
    expect(() => encodeHciMessage(null as never)).toThrow(/^message: /);
    expect(() => encodeHciMessage({ code: -1 })).toThrow(/^code: /);
    expect(() => encodeHciMessage({ code: 1, index: 2 ** 16 })).toThrow(/^index: /);
    expect(() => encodeHciMessage({ code: 1, parameters: 'text' as never })).toThrow(/^parameters: /);
    expect(() => encodeHciMessage({ code: 1, parameters: Buffer.alloc(2 ** 16) })).toThrow(/^parameters: /);
    for (const hex of ['', '0100ffff00', '0100ffff0100', '0100ffff000000']) {
      expect(() => decodeHciMessage(Buffer.from(hex, 'hex'))).toThrow(/^data: /);
    }
  });
});
