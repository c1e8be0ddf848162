import { codecConformance } from '@bsd-sockets/family-testkit';
import { AF_QIPCRTR, QRTR_NODE_BCAST, QRTR_PORT_CTRL, type QrtrAddress } from '@bsd-sockets/qipcrtr';
import { familyOf } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';

const family = familyOf(AF_QIPCRTR);
const addresses: QrtrAddress[] = [
  [0, 0],
  [1, 16_384],
  [QRTR_NODE_BCAST, QRTR_PORT_CTRL],
];

describe('the codec of AF_QIPCRTR', () => {
  const checks = codecConformance({
    family,
    accepted: addresses.map((address) => [address, address]),
    refused: [
      [undefined, { code: 'ERR_INVALID_ARG_TYPE', message: /^address: .*\[node, port\] for AF_QIPCRTR/ }],
      [[1], { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      [[1, 2, 3], { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      [['1', 2], { code: 'ERR_INVALID_ARG_TYPE', message: /^node: / }],
      [[1, 2n], { code: 'ERR_INVALID_ARG_TYPE', message: /^port: / }],
      [[-1, 2], { code: 'ERR_OUT_OF_RANGE', message: /^node: / }],
      [[1, 2 ** 32], { code: 'ERR_OUT_OF_RANGE', message: /^port: / }],
    ],
  });
  for (const { name, run } of checks) test(name, run);

  test('makes a struct sockaddr_qrtr', () => {
    const socket = { family: AF_QIPCRTR, type: 2, proto: 0, fileno: () => -1 };
    const encoded = family.encode([0x01020304, 0x05060708], socket);
    const numbers = new Uint8Array(new Uint32Array([0x01020304, 0x05060708]).buffer);
    expect(encoded.subarray(4)).toEqual(Buffer.from(numbers));
    expect(encoded).toHaveLength(12);
    expect([...encoded.subarray(2, 4)]).toEqual([0, 0]);
  });
});

test('the constants are those of linux/qrtr.h', () => {
  expect([QRTR_NODE_BCAST, QRTR_PORT_CTRL]).toEqual([2 ** 32 - 1, 2 ** 32 - 2]);
});
