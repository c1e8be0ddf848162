import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codecConformance, program } from '@bsd-sockets/family-testkit';
import { AF_HYPERV, hypervFamily, hypervOptions } from '@bsd-sockets/hyperv';
import { newSockaddr } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';

const python = program('python3', 'python3');
const PARENT = 'a42e7cda-d03f-480c-9cc2-a4de20abb878';
const ZERO = '00000000-0000-0000-0000-000000000000';
const ONES = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
// A port of a Linux guest: the first eight digits of this are its number.
const VSOCK = '00000ac9-facb-11e6-bd58-64006a7986d3';

describe('the codec of AF_HYPERV', () => {
  const checks = codecConformance({
    family: hypervFamily,
    accepted: [
      [
        [ZERO, ONES],
        [ZERO, ONES],
      ],
      [
        [PARENT.toUpperCase(), VSOCK],
        [PARENT, VSOCK],
      ],
    ],
    refused: [
      [undefined, { code: 'ERR_INVALID_ARG_TYPE', message: /^address: .*\[vmId, serviceId\] for AF_HYPERV/ }],
      [[PARENT], { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      [[PARENT, VSOCK, 0], { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      [[1, VSOCK], { code: 'ERR_INVALID_ARG_TYPE', message: /^vmId: / }],
      [[undefined, VSOCK], { code: 'ERR_INVALID_ARG_TYPE', message: /^vmId: / }],
      [[PARENT, Buffer.alloc(16)], { code: 'ERR_INVALID_ARG_TYPE', message: /^serviceId: / }],
      [['', VSOCK], { code: 'ERR_INVALID_ARG_VALUE', message: /^vmId: .*UUID/ }],
      [[`{${PARENT}}`, VSOCK], { code: 'ERR_INVALID_ARG_VALUE', message: /^vmId: / }],
      [[PARENT.replaceAll('-', ''), VSOCK], { code: 'ERR_INVALID_ARG_VALUE', message: /^vmId: / }],
      [[PARENT, `${VSOCK}0`], { code: 'ERR_INVALID_ARG_VALUE', message: /^serviceId: / }],
      [[PARENT, `${VSOCK}\n`], { code: 'ERR_INVALID_ARG_VALUE', message: /^serviceId: / }],
      [[PARENT, VSOCK.replace('a', 'g')], { code: 'ERR_INVALID_ARG_VALUE', message: /^serviceId: / }],
    ],
  });
  for (const { name, run } of checks) test(name, run);

  test('makes a SOCKADDR_HV, whose GUIDs are three little-endian numbers and eight bytes', () => {
    const encoded = Buffer.from(hypervFamily.encode([PARENT, VSOCK]));
    expect(encoded.subarray(0, 4)).toEqual(newSockaddr(AF_HYPERV ?? 0, 4));
    expect(encoded.subarray(4).toString('hex')).toBe(
      'da7c2ea43fd00c489cc2a4de20abb878' + 'c90a0000cbfae611bd5864006a7986d3',
    );
  });

  test('has the fields where the headers of Windows have them', () => {
    const measured = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../core-native/test/platforms.json'), 'utf8'),
    );
    const { size, Family, VmId, ServiceId } = measured['win32-x64'].own._SOCKADDR_HV;
    const encoded = Buffer.from(hypervFamily.encode([PARENT, ONES]));
    expect(encoded.length).toBe(size);
    expect([Family.offset, encoded.readUInt16LE(0)]).toEqual([0, AF_HYPERV ?? 0]);
    expect(encoded.subarray(VmId.offset, VmId.offset + VmId.size).toString('hex')).toBe(
      'da7c2ea43fd00c489cc2a4de20abb878',
    );
    expect(encoded.subarray(ServiceId.offset, ServiceId.offset + ServiceId.size)).toEqual(Buffer.alloc(16, 0xff));
  });

  test('reads fixed bytes, and counts those that are missing as 0', () => {
    const sockaddr = Buffer.from('220000006751f5d9000102038485868788898a8b', 'hex');
    expect(hypervFamily.decode(sockaddr)).toEqual(['d9f55167-0100-0302-8485-868788898a8b', ZERO]);
    expect(hypervFamily.decode(Buffer.alloc(100, 0xff))).toEqual([ONES, ONES]);
    expect(hypervFamily.decode(Buffer.alloc(0))).toEqual([ZERO, ZERO]);
  });

  test.skipIf(!python.available)(`makes the bytes that CPython makes of a UUID ${python.reason}`, () => {
    const uuids = Array.from({ length: 100 }, () => randomUUID());
    const code = 'import sys, uuid; print(b"".join(uuid.UUID(text).bytes_le for text in sys.argv[1:]).hex())';
    const theirs = execFileSync('python3', ['-c', code, ...uuids], { encoding: 'utf8' }).trim();
    const ours = uuids.map((uuid) => hypervFamily.encode([uuid, ZERO]).subarray(4, 20));
    expect(Buffer.concat(ours).toString('hex')).toBe(theirs);
  });
});

describe('the options of Hyper-V sockets', () => {
  test('have the bytes that hvsocket.h asks for', () => {
    const { HVSOCKET_CONNECT_TIMEOUT, HVSOCKET_CONNECTED_SUSPEND } = hypervOptions;
    const timeout = HVSOCKET_CONNECT_TIMEOUT.codec;
    const encoded = [0, 0.0001, 1.5, 300].map((seconds) => timeout.encode!(seconds, 'timeout'));
    expect(encoded.map((bytes) => [...new Uint32Array(new Uint8Array(bytes).buffer)])).toEqual([
      [0],
      [1],
      [1500],
      [300_000],
    ]);
    expect(encoded.map((bytes) => timeout.decode!(Buffer.from(bytes)))).toEqual([0, 0.001, 1.5, 300]);
    const suspend = HVSOCKET_CONNECTED_SUSPEND.codec;
    expect([true, false].map((value) => suspend.decode!(Buffer.from(suspend.encode!(value, 'suspend'))))).toEqual([
      true,
      false,
    ]);
    expect([timeout.size, suspend.size]).toEqual([4, 4]);
  });

  test('refuse what is no time', () => {
    const { codec } = hypervOptions.HVSOCKET_CONNECT_TIMEOUT;
    for (const seconds of [-1, 300.1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => codec.encode!(seconds, 'HVSOCKET_CONNECT_TIMEOUT')).toThrow(
        expect.objectContaining({
          code: 'ERR_INVALID_ARG_VALUE',
          message: expect.stringMatching(/^HVSOCKET_CONNECT_TIMEOUT: .*seconds from 0 to 300/),
        }),
      );
    }
    expect(() => codec.encode!('1' as never, 'HVSOCKET_CONNECT_TIMEOUT')).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});
