import { codecConformance } from '@bsd-sockets/family-testkit';
import { familyOf } from '@bsd-sockets/socket';
import { AF_VSOCK, VMADDR_CID_ANY, VMADDR_PORT_ANY, type VsockAddressLike } from '@bsd-sockets/vsock';
import { describe, expect, test } from 'vitest';

const family = familyOf(AF_VSOCK);
const addresses: [cid: number, port: number][] = [
  [0, 0],
  [1, 1234],
  [VMADDR_CID_ANY, VMADDR_PORT_ANY],
];

describe('the codec of AF_VSOCK', () => {
  const checks = codecConformance({
    family,
    accepted: addresses.map((address) => [address, address]),
    refused: [
      [undefined, { code: 'ERR_INVALID_ARG_TYPE', message: /^address: .*\[cid, port\] for AF_VSOCK/ }],
      [[1], { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      [[1, 2, 3], { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      [['1', 2], { code: 'ERR_INVALID_ARG_TYPE', message: /^cid: / }],
      [[1, 2n], { code: 'ERR_INVALID_ARG_TYPE', message: /^port: / }],
      [[-1, 2], { code: 'ERR_OUT_OF_RANGE', message: /^cid: / }],
      [[1, 2 ** 32], { code: 'ERR_OUT_OF_RANGE', message: /^port: / }],
    ],
  });
  for (const { name, run } of checks) test(name, run);

  test('makes a struct sockaddr_vm', () => {
    const socket = { family: AF_VSOCK, type: 1, proto: 0, fileno: () => -1 };
    const address: VsockAddressLike = [0x01020304, 0x05060708];
    const numbers = new Uint8Array(new Uint32Array([address[1], address[0]]).buffer);
    const encoded = family.encode(address, socket);
    expect(encoded.subarray(4, 12)).toEqual(Buffer.from(numbers));
    expect(encoded).toHaveLength(16);
    expect([...encoded.subarray(2, 4), ...encoded.subarray(12)]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

test('the constants are those of linux/vm_sockets.h', () => {
  expect([VMADDR_CID_ANY, VMADDR_PORT_ANY]).toEqual([2 ** 32 - 1, 2 ** 32 - 1]);
});
