import { CAN_EFF_FLAG, CAN_RAW_FILTER_MAX, CANFD_MTU, canOptions } from '@bsd-sockets/can';
import type { AcceptedOptionValue, Option } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';

function hex<O extends Option<any, never>>(option: O, value: AcceptedOptionValue<O>): string {
  const { codec, name } = option as unknown as Option<any, any>;
  return Buffer.from(codec.encode!(value, name)).toString('hex');
}

describe.skipIf(without('Linux'))('options (Linux)', () => {
  test("are the bytes of the kernel's structures", () => {
    expect(hex(canOptions.CAN_RAW_FILTER, [])).toBe('');
    expect(
      hex(canOptions.CAN_RAW_FILTER, [
        { canId: 0x123, canMask: 0x7ff },
        { canId: CAN_EFF_FLAG | 1, canMask: -1, inverted: true },
      ]),
    ).toBe('23010000ff070000010000a0ffffffff');
    expect(hex(canOptions.CAN_RAW_XL_VCID_OPTS, { flags: 1, txVcid: 2, rxVcid: 3, rxVcidMask: 4 })).toBe('01020304');
    expect(
      hex(canOptions.CAN_ISOTP_OPTS, {
        flags: 0x204,
        frameTxtime: 0x01020304,
        extAddress: 5,
        txpadContent: 6,
        rxpadContent: 7,
        rxExtAddress: 8,
      }),
    ).toBe('040200000403020105060708');
    expect(hex(canOptions.CAN_ISOTP_RECV_FC, { bs: 8, stmin: 0xf1 })).toBe('08f100');
    expect(hex(canOptions.CAN_ISOTP_LL_OPTS, { mtu: CANFD_MTU, txDl: 64, txFlags: 1 })).toBe('484001');
    expect(hex(canOptions.SO_J1939_FILTER, [])).toBe('');
    expect(
      hex(canOptions.SO_J1939_FILTER, [
        { name: 1n, nameMask: 2n ** 64n - 1n, pgn: 0x1feca, pgnMask: 0x3ffff, addr: 0x20, addrMask: 0xff },
        { addr: 1, addrMask: 2 },
      ]),
    ).toBe(`0100000000000000ffffffffffffffffcafe0100ffff030020ff000000000000${'00'.repeat(24)}0102000000000000`);
  });

  test('of filters come out with their inversion', () => {
    const filters = [
      { canId: 0x123, canMask: 0x7ff, inverted: false },
      { canId: 0x80000001, canMask: 0xffffffff, inverted: true },
    ];
    const bytes = Buffer.from(hex(canOptions.CAN_RAW_FILTER, filters), 'hex');
    expect(canOptions.CAN_RAW_FILTER.codec.decode!(bytes)).toEqual(filters);
  });

  test('refuse what they cannot hold', () => {
    expect(() => hex(canOptions.CAN_RAW_FILTER, [{ canId: 2 ** 32, canMask: 0 }])).toThrow(
      /^CAN_RAW_FILTER\[0\]\.canId: /,
    );
    expect(() => hex(canOptions.CAN_RAW_FILTER, [{ canId: 1 } as never])).toThrow(/^CAN_RAW_FILTER\[0\]\.canMask: /);
    expect(() => hex(canOptions.CAN_RAW_FILTER, [null as never])).toThrow(/^CAN_RAW_FILTER\[0\]: /);
    expect(() => hex(canOptions.CAN_RAW_FILTER, [{ canId: 1, canMask: 1, inverted: 1 as never }])).toThrow(
      /^CAN_RAW_FILTER\[0\]\.inverted: /,
    );
    const tooMany = new Array(CAN_RAW_FILTER_MAX + 1).fill({ canId: 1, canMask: 1 });
    expect(() => hex(canOptions.CAN_RAW_FILTER, tooMany)).toThrow(/^CAN_RAW_FILTER: expected at most 512/);
    expect(() => hex(canOptions.CAN_ISOTP_RECV_FC, { bs: 256 })).toThrow(/^CAN_ISOTP_RECV_FC\.bs: /);
    expect(() => hex(canOptions.SO_J1939_FILTER, [{ addr: 256 }])).toThrow(/^SO_J1939_FILTER\[0\]\.addr: /);
    expect(() => hex(canOptions.CAN_RAW_FD_FRAMES, 1 as never)).toThrow(/^CAN_RAW_FD_FRAMES: /);
  });
});
