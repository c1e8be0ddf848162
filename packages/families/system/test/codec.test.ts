import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codecConformance } from '@bsd-sockets/family-testkit';
import { type SystemAddressLike, systemFamily } from '@bsd-sockets/system';
import { describe, expect, test } from 'vitest';

const socket = { family: systemFamily.number, type: 2, proto: 2, fileno: () => -1 };
const most = 2 ** 32 - 1;

describe('the codec of AF_SYSTEM', () => {
  const checks = codecConformance({
    family: systemFamily,
    type: 2,
    proto: 2,
    accepted: (
      [
        [0, 0],
        [5, 1],
        [most, most],
      ] as [number, number][]
    ).map((address) => [address, address]),
    refused: [
      [undefined, { code: 'ERR_INVALID_ARG_TYPE', message: /^address: .*name or a pair \[id, unit\] for AF_SYSTEM/ }],
      [[1], { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      [[1, 2, 3], { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      [Buffer.from('name'), { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      [['1', 2], { code: 'ERR_INVALID_ARG_TYPE', message: /^id: / }],
      [[1, 2n], { code: 'ERR_INVALID_ARG_TYPE', message: /^unit: / }],
      [[-1, 2], { code: 'ERR_OUT_OF_RANGE', message: /^id: / }],
      [[1, 2 ** 32], { code: 'ERR_OUT_OF_RANGE', message: /^unit: / }],
      ['com.apple\0', { code: 'ERR_INVALID_ARG_VALUE', message: /^address: .*NUL/ }],
      ['n'.repeat(96), { code: 'ERR_INVALID_ARG_VALUE', message: /^address: .*at most 95 bytes/ }],
      ['é'.repeat(48), { code: 'ERR_INVALID_ARG_VALUE', message: /^address: .*at most 95 bytes/ }],
    ],
  });
  for (const { name, run } of checks) test(name, run);

  test('makes a struct sockaddr_ctl', () => {
    const address: SystemAddressLike = [0x01020304, 0x05060708];
    const encoded = Buffer.from(systemFamily.encode(address, socket)).toString('hex');
    // Its length, the family, AF_SYS_CONTROL, the two numbers, and what is reserved.
    const family = (systemFamily.number ?? 0).toString(16).padStart(2, '0');
    expect(encoded).toBe(`20${family}0200${'04030201'}${'08070605'}${'00'.repeat(20)}`);
  });

  test('has the fields where the headers of macOS have them', () => {
    const measured = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../core-native/test/platforms.json'), 'utf8'),
    );
    const { size, sc_len, ss_sysaddr, sc_id, sc_unit } = measured['darwin-arm64'].own.sockaddr_ctl;
    const encoded = Buffer.from(systemFamily.encode([0x01020304, 0x05060708], socket));
    expect(encoded.length).toBe(size);
    expect(encoded.readUInt8(sc_len.offset)).toBe(size);
    expect(encoded.readUInt16LE(ss_sysaddr.offset)).toBe(2);
    expect(encoded.readUInt32LE(sc_id.offset)).toBe(0x01020304);
    expect(encoded.readUInt32LE(sc_unit.offset)).toBe(0x05060708);
  });

  test('reads fixed bytes, and counts those that are missing as 0', () => {
    const sockaddr = Buffer.from('202002000500000001000000', 'hex');
    expect(systemFamily.decode(sockaddr)).toEqual([5, 1]);
    expect(systemFamily.decode(sockaddr.subarray(0, 6))).toEqual([5, 0]);
    expect(systemFamily.decode(Buffer.alloc(100, 0xff))).toEqual([most, most]);
    expect(systemFamily.decode(Buffer.alloc(0))).toEqual([0, 0]);
  });
});
