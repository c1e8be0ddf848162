import {
  AF_CAN,
  CAN_EFF_FLAG,
  CAN_ISOTP,
  CAN_J1939,
  CAN_RAW,
  type CanAddress,
  type CanAddressLike,
  J1939_NO_PGN,
} from '@bsd-sockets/can';
import { codecConformance } from '@bsd-sockets/family-testkit';
import { type Family, familyOf, ifNametoindex, SOCK_DGRAM, SOCK_RAW } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';

const family = familyOf(AF_CAN) as Family<CanAddress, CanAddressLike>;
const wrongType = 'ERR_INVALID_ARG_TYPE';
const outOfRange = 'ERR_OUT_OF_RANGE';

// The codec asks for any interface, and the loopback is always there.
describe.skipIf(without('Linux'))('addresses (Linux)', () => {
  describe('of CAN_RAW', () => {
    const checks = codecConformance<CanAddress, CanAddressLike>({
      family,
      type: SOCK_RAW,
      proto: CAN_RAW,
      accepted: [
        [['lo'], ['lo']],
        [[Buffer.from('lo')], ['lo']],
        [[''], ['']],
        [[Buffer.alloc(0)], ['']],
      ],
      refused: [
        ['lo', { code: wrongType, message: /^address: expected \[interface\] for AF_CAN/ }],
        [[], { code: wrongType, message: /^address: / }],
        [['lo', 1], { code: wrongType, message: /^address: / }],
        [[7], { code: wrongType, message: /^address\[0\]: / }],
        [['no-such-device'], { code: 'ENODEV', message: /no-such-device/ }],
        [['a name of far too many bytes'], { code: 'ENODEV' }],
        [['l\0o'], { code: 'ERR_INVALID_ARG_VALUE', message: /NUL/ }],
      ],
    });
    for (const { name, run } of checks) test(name, run);
  });

  describe('of CAN_ISOTP', () => {
    const checks = codecConformance<CanAddress, CanAddressLike>({
      family,
      type: SOCK_DGRAM,
      proto: CAN_ISOTP,
      accepted: [
        [
          ['lo', 0x123, 0x456],
          ['lo', 0x123, 0x456],
        ],
        [
          ['lo', CAN_EFF_FLAG + 1, 2 ** 32 - 1],
          ['lo', CAN_EFF_FLAG + 1, 2 ** 32 - 1],
        ],
        // Signed, as JavaScript's operators make it.
        [
          ['lo', CAN_EFF_FLAG | 1, CAN_EFF_FLAG | 2],
          ['lo', CAN_EFF_FLAG + 1, CAN_EFF_FLAG + 2],
        ],
      ],
      refused: [
        [['lo'], { code: wrongType, message: /^address: expected \[interface, rxAddr, txAddr\] for AF_CAN/ }],
        [['lo', -(2 ** 31) - 1, 2], { code: outOfRange, message: /^address\[1\]: / }],
        [['lo', 1, 2 ** 32], { code: outOfRange, message: /^address\[2\]: / }],
        [['lo', 1n, 2], { code: wrongType, message: /^address\[1\]: / }],
      ],
    });
    for (const { name, run } of checks) test(name, run);
  });

  describe('of CAN_J1939', () => {
    const checks = codecConformance<CanAddress, CanAddressLike>({
      family,
      type: SOCK_DGRAM,
      proto: CAN_J1939,
      accepted: [
        [
          ['lo', 2n ** 64n - 1n, J1939_NO_PGN, 0x20],
          ['lo', 2n ** 64n - 1n, J1939_NO_PGN, 0x20],
        ],
        [
          ['lo', 5, 0xfeca, 0xff],
          ['lo', 5n, 0xfeca, 0xff],
        ],
      ],
      refused: [
        [['lo', 0, 0], { code: wrongType, message: /^address: expected \[interface, name, pgn, addr\] for AF_CAN/ }],
        [['lo', 2n ** 64n, 0, 0], { code: 'ERR_INVALID_ARG_VALUE', message: /^address\[1\]: / }],
        [['lo', '0', 0, 0], { code: wrongType, message: /^address\[1\]: / }],
        [['lo', 0, 2 ** 32, 0], { code: outOfRange, message: /^address\[2\]: / }],
        [['lo', 0, 0, 256], { code: outOfRange, message: /^address\[3\]: / }],
      ],
    });
    for (const { name, run } of checks) test(name, run);
  });

  test("are the bytes of the kernel's structure", () => {
    const bytesOf = (proto: number, address: CanAddressLike) =>
      Buffer.from(family.encode(address, { family: AF_CAN, type: SOCK_DGRAM, proto, fileno: () => -1 })).toString(
        'hex',
      );
    const index = Buffer.alloc(4);
    index.writeInt32LE(ifNametoindex('lo'));
    const head = `1d000000${index.toString('hex')}`;
    expect(bytesOf(CAN_RAW, ['lo'])).toBe(`${head}${'00'.repeat(16)}`);
    expect(bytesOf(CAN_ISOTP, ['lo', 0x80000123, 0x456])).toBe(`${head}2301008056040000${'00'.repeat(8)}`);
    expect(bytesOf(CAN_J1939, ['lo', 0x0102030405060708n, 0x1feca, 0x20])).toBe(
      `${head}0807060504030201cafe010020000000`,
    );
  });

  test('have no name for an interface that is gone', () => {
    const gone = Buffer.from('1d000000ffffff7f', 'hex');
    expect(family.decode(gone, { family: AF_CAN, type: SOCK_RAW, proto: CAN_RAW, fileno: () => -1 })).toEqual(['']);
  });
});
