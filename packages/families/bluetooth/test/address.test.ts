import {
  AF_BLUETOOTH,
  BDADDR_ANY,
  BDADDR_BREDR,
  BDADDR_LE_PUBLIC,
  BDADDR_LE_RANDOM,
  BDADDR_LOCAL,
  type BluetoothAddressLike,
  BTPROTO_HCI,
  BTPROTO_ISO,
  BTPROTO_L2CAP,
  BTPROTO_RFCOMM,
  BTPROTO_SCO,
  decodeBdaddr,
  encodeBdaddr,
  HCI_CHANNEL_CONTROL,
  HCI_CHANNEL_RAW,
  HCI_DEV_NONE,
} from '@bsd-sockets/bluetooth';
import { codecConformance } from '@bsd-sockets/family-testkit';
import { familyOf, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';

const bdaddr = '12:23:34:45:56:67';
const wrongType = 'ERR_INVALID_ARG_TYPE';
const outOfRange = 'ERR_OUT_OF_RANGE';
const wrongValue = 'ERR_INVALID_ARG_VALUE';

describe('the text of a Bluetooth address', () => {
  test('has its bytes in reverse', () => {
    expect(encodeBdaddr(bdaddr)).toEqual(Buffer.from('675645342312', 'hex'));
    expect(encodeBdaddr('a:B:0:ff:7:00')).toEqual(Buffer.from('0007ff000b0a', 'hex'));
    expect(decodeBdaddr(Buffer.from('0007ff000b0a', 'hex'))).toBe('0A:0B:00:FF:07:00');
    expect(decodeBdaddr(new Uint8Array(6).buffer)).toBe('00:00:00:00:00:00');
  });

  test.each([
    '',
    '12:23:34:45:56',
    `${bdaddr}:78`,
    '12:23:34:45:56:6g',
    '112:23:34:45:56:67',
    `${bdaddr}\n`,
    'ff-0-0-0-0-0',
  ])('is not %j', (text) => {
    expect(() => encodeBdaddr(text)).toThrow(expect.objectContaining({ code: wrongValue }));
  });

  test('is a string of 6 bytes', () => {
    expect(() => encodeBdaddr(Buffer.alloc(6) as never)).toThrow(expect.objectContaining({ code: wrongType }));
    expect(() => decodeBdaddr(bdaddr as never)).toThrow(expect.objectContaining({ code: wrongType }));
    expect(() => decodeBdaddr(Buffer.alloc(7))).toThrow(expect.objectContaining({ code: wrongValue }));
  });
});

describe.skipIf(without('Linux'))('addresses (Linux)', () => {
  const family = familyOf(AF_BLUETOOTH);
  const bytes = (proto: number, address: unknown) =>
    family.encode(address as BluetoothAddressLike, { family: AF_BLUETOOTH, type: SOCK_RAW, proto, fileno: () => -1 });
  const hex = (proto: number, address: unknown) => Buffer.from(bytes(proto, address)).subarray(2).toString('hex');

  test('the constants are addresses', () => {
    // As Python has them.
    expect([BDADDR_ANY, BDADDR_LOCAL]).toEqual(['00:00:00:00:00:00', '00:00:00:FF:FF:FF']);
    expect([BDADDR_BREDR, BDADDR_LE_PUBLIC, BDADDR_LE_RANDOM]).toEqual([0, 1, 2]);
  });

  describe('of L2CAP', () => {
    const checks = codecConformance({
      family,
      type: SOCK_SEQPACKET,
      proto: BTPROTO_L2CAP,
      accepted: [
        [
          [bdaddr, 0x1001],
          [bdaddr, 0x1001],
        ],
        [
          [BDADDR_ANY, 0],
          ['00:00:00:00:00:00', 0],
        ],
        [
          ['0:0:0:ff:ff:ff', 0xffff, 4],
          ['00:00:00:FF:FF:FF', 0xffff],
        ],
        [
          [bdaddr, 0x80, 0, BDADDR_LE_PUBLIC],
          [bdaddr, 0x80, 0, BDADDR_LE_PUBLIC],
        ],
        [
          [bdaddr, 0, 0xffff, BDADDR_LE_RANDOM],
          [bdaddr, 0, 0xffff, BDADDR_LE_RANDOM],
        ],
      ],
      refused: [
        [bdaddr, { code: wrongType, message: /^address: .*\[bdaddr, psm, cid\?, bdaddrType\?\] for BTPROTO_L2CAP/ }],
        [[bdaddr], { code: wrongType, message: /^address: / }],
        [[bdaddr, 1, 2, 3, 4], { code: wrongType, message: /^address: / }],
        [[1, 2], { code: wrongType, message: /^bdaddr: / }],
        [['nowhere', 2], { code: wrongValue, message: /^bdaddr: / }],
        [[bdaddr, '2'], { code: wrongType, message: /^psm: / }],
        [[bdaddr, 2 ** 16], { code: outOfRange, message: /^psm: / }],
        [[bdaddr, 1, -1], { code: outOfRange, message: /^cid: / }],
        [[bdaddr, 1, 0, 256], { code: outOfRange, message: /^bdaddrType: / }],
      ],
    });
    for (const { name, run } of checks) test(name, run);

    test('are a struct sockaddr_l2, little-endian on every machine', () => {
      expect(hex(BTPROTO_L2CAP, [bdaddr, 0x1003, 0x0506, 2])).toBe('0310675645342312060502' + '00');
    });
  });

  describe('of RFCOMM', () => {
    const checks = codecConformance({
      family,
      type: SOCK_STREAM,
      proto: BTPROTO_RFCOMM,
      accepted: [
        [
          [bdaddr, 30],
          [bdaddr, 30],
        ],
        [
          ['a:b:c:d:e:f', 255],
          ['0A:0B:0C:0D:0E:0F', 255],
        ],
      ],
      refused: [
        [bdaddr, { code: wrongType, message: /^address: .*\[bdaddr, channel\] for BTPROTO_RFCOMM/ }],
        [[bdaddr, 1, 0], { code: wrongType, message: /^address: / }],
        [[undefined, 1], { code: wrongType, message: /^bdaddr: / }],
        [['', 1], { code: wrongValue, message: /^bdaddr: / }],
        [[bdaddr, 256], { code: outOfRange, message: /^channel: / }],
      ],
    });
    for (const { name, run } of checks) test(name, run);

    test('are a struct sockaddr_rc', () => {
      expect(hex(BTPROTO_RFCOMM, [bdaddr, 9])).toBe('67564534231209' + '00');
    });
  });

  describe('of HCI', () => {
    const checks = codecConformance({
      family,
      type: SOCK_RAW,
      proto: BTPROTO_HCI,
      accepted: [
        [0, 0],
        [[1], 1],
        [[2, HCI_CHANNEL_RAW], 2],
        [
          [HCI_DEV_NONE, HCI_CHANNEL_CONTROL],
          [HCI_DEV_NONE, HCI_CHANNEL_CONTROL],
        ],
      ],
      refused: [
        ['hci0', { code: wrongType, message: /^address: .*device or \[device, channel\?\] for BTPROTO_HCI/ }],
        [[], { code: wrongType, message: /^address: / }],
        [[0, 0, 0], { code: wrongType, message: /^address: / }],
        [2 ** 16, { code: outOfRange, message: /^device: / }],
        [[0.5], { code: outOfRange, message: /^device: / }],
        [[0, -1], { code: outOfRange, message: /^channel: / }],
      ],
    });
    for (const { name, run } of checks) test(name, run);

    test('are a struct sockaddr_hci', () => {
      expect(bytes(BTPROTO_HCI, [2, 3]).subarray(2)).toEqual(Buffer.from(new Uint16Array([2, 3]).buffer));
    });
  });

  describe('of SCO', () => {
    const checks = codecConformance({
      family,
      type: SOCK_SEQPACKET,
      proto: BTPROTO_SCO,
      accepted: [
        [bdaddr, bdaddr],
        [Buffer.from(bdaddr), bdaddr],
      ],
      refused: [
        [[bdaddr], { code: wrongType, message: /^address: / }],
        [undefined, { code: wrongType, message: /^address: / }],
        ['nowhere', { code: wrongValue, message: /^address: / }],
        [encodeBdaddr(bdaddr), { code: wrongValue, message: /^address: / }],
      ],
    });
    for (const { name, run } of checks) test(name, run);

    test('are a struct sockaddr_sco', () => {
      expect(hex(BTPROTO_SCO, bdaddr)).toBe('675645342312');
    });
  });

  describe('of ISO', () => {
    const broadcast = { bdaddr: 'A1:A2:A3:A4:A5:A6', bdaddrType: BDADDR_LE_RANDOM, sid: 3, bis: [1, 31] };
    const checks = codecConformance({
      family,
      type: SOCK_SEQPACKET,
      proto: BTPROTO_ISO,
      accepted: [
        [
          [bdaddr, BDADDR_LE_PUBLIC],
          [bdaddr, BDADDR_LE_PUBLIC],
        ],
        [
          [BDADDR_ANY, BDADDR_LE_RANDOM, broadcast],
          [BDADDR_ANY, BDADDR_LE_RANDOM, broadcast],
        ],
        [
          [BDADDR_ANY, 0, { bdaddr, bdaddrType: BDADDR_LE_PUBLIC, sid: 255, bis: new Array(31).fill(7) }],
          [BDADDR_ANY, 0, { bdaddr, bdaddrType: BDADDR_LE_PUBLIC, sid: 255, bis: new Array(31).fill(7) }],
        ],
      ],
      refused: [
        [bdaddr, { code: wrongType, message: /^address: .*\[bdaddr, bdaddrType, broadcast\?\] for BTPROTO_ISO/ }],
        [[bdaddr], { code: wrongType, message: /^address: / }],
        [[bdaddr, '1'], { code: wrongType, message: /^bdaddrType: / }],
        [[bdaddr, 1, null], { code: wrongType, message: /^broadcast: / }],
        [[bdaddr, 1, { ...broadcast, bdaddr: 1 }], { code: wrongType, message: /^broadcast\.bdaddr: / }],
        [[bdaddr, 1, { ...broadcast, bdaddrType: 256 }], { code: outOfRange, message: /^broadcast\.bdaddrType: / }],
        [[bdaddr, 1, { ...broadcast, sid: 256 }], { code: outOfRange, message: /^broadcast\.sid: / }],
        [[bdaddr, 1, { ...broadcast, bis: new Array(32).fill(1) }], { code: wrongType, message: /^broadcast\.bis: / }],
        [[bdaddr, 1, { ...broadcast, bis: [1, 256] }], { code: outOfRange, message: /^broadcast\.bis\[1\]: / }],
      ],
    });
    for (const { name, run } of checks) test(name, run);

    test('are a struct sockaddr_iso, with a struct sockaddr_iso_bc for a broadcast', () => {
      expect(hex(BTPROTO_ISO, [bdaddr, 1])).toBe('67564534231201' + '00');
      const bis = '011f'.padEnd(64, '0');
      expect(hex(BTPROTO_ISO, [bdaddr, 1, broadcast])).toBe(`67564534231201${'a6a5a4a3a2a1'}020302${bis}`);
    });
  });

  test('of another protocol are bytes', () => {
    const sockaddr = bytes(BTPROTO_RFCOMM, [bdaddr, 1]);
    expect(bytes(99, sockaddr)).toEqual(sockaddr);
    expect(() => bytes(99, [bdaddr, 1])).toThrow(expect.objectContaining({ code: wrongType }));
  });
});
