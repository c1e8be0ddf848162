import { codecConformance } from '@bsd-sockets/family-testkit';
import { familyOf } from '@bsd-sockets/socket';
import {
  AF_TIPC,
  getLinkName,
  getNodeId,
  TIPC_ADDR_ID,
  TIPC_ADDR_NAME,
  TIPC_ADDR_NAMESEQ,
  TIPC_CLUSTER_SCOPE,
  TIPC_NODE_SCOPE,
  type TipcAddressLike,
} from '@bsd-sockets/tipc';
import { describe, expect, test } from 'vitest';

const family = familyOf(AF_TIPC);
const socket = { family: AF_TIPC, type: 4, proto: 0, fileno: () => -1 };
const type = { code: 'ERR_INVALID_ARG_TYPE' };
const range = { code: 'ERR_OUT_OF_RANGE' };

describe('the codec of AF_TIPC', () => {
  const checks = codecConformance({
    family,
    accepted: [
      [
        [TIPC_ADDR_NAME, 1000, 5, 0],
        [TIPC_ADDR_NAME, 1000, 5, 0, TIPC_CLUSTER_SCOPE],
      ],
      [
        [TIPC_ADDR_NAMESEQ, 1000, 0, 2 ** 32 - 1, TIPC_NODE_SCOPE],
        [TIPC_ADDR_NAMESEQ, 1000, 0, 2 ** 32 - 1, TIPC_NODE_SCOPE],
      ],
      [
        [TIPC_ADDR_NAMESEQ, 1000, 1, 2, -TIPC_NODE_SCOPE],
        [TIPC_ADDR_NAMESEQ, 1000, 1, 2, -TIPC_NODE_SCOPE],
      ],
      [
        [TIPC_ADDR_ID, 1, 4711, 0, undefined],
        [TIPC_ADDR_ID, 1, 4711, 0, TIPC_CLUSTER_SCOPE],
      ],
      [
        [TIPC_ADDR_ID, 1, 4711, 0, 0],
        [TIPC_ADDR_ID, 1, 4711, 0, 0],
      ],
    ],
    refused: [
      [undefined, { ...type, message: /^address: .*\[addrType, v1, v2, v3, scope\?\] for AF_TIPC/ }],
      [[TIPC_ADDR_NAME, 1, 2], { ...type, message: /^address: / }],
      [[TIPC_ADDR_NAME, 1, 2, 3, 0, [1, 2], 0], { ...type, message: /^address: / }],
      [['2', 1, 2, 3], { ...type, message: /^address\[0\]: / }],
      [[9, 1, 2, 3], { code: 'ERR_INVALID_ARG_VALUE', message: /^address\[0\]: .*TIPC_ADDR_ID/ }],
      [[256, 1, 2, 3], { ...range, message: /^address\[0\]: / }],
      [[TIPC_ADDR_NAME, -1, 2, 3], { ...range, message: /^address\[1\]: / }],
      [[TIPC_ADDR_NAME, 1, 2 ** 32, 3], { ...range, message: /^address\[2\]: / }],
      [[TIPC_ADDR_NAME, 1, 2, 3n], { ...type, message: /^address\[3\]: / }],
      [[TIPC_ADDR_NAME, 1, 2, 3, 128], { ...range, message: /^address\[4\]: / }],
      [[TIPC_ADDR_NAME, 1, 2, 3, null], { ...type, message: /^address\[4\]: / }],
    ],
  });
  for (const { name, run } of checks) test(name, run);

  test('makes a struct sockaddr_tipc', () => {
    const words = (address: TipcAddressLike) => {
      const encoded = family.encode(address, socket);
      return [encoded[2], encoded[3], ...new Uint32Array(Uint8Array.from(encoded.subarray(4)).buffer)];
    };
    expect(words([TIPC_ADDR_NAMESEQ, 7, 8, 9, -3])).toEqual([1, 253, 7, 8, 9]);
    expect(words([TIPC_ADDR_NAME, 7, 8, 9])).toEqual([2, 2, 7, 8, 9]);
    expect(words([TIPC_ADDR_ID, 7, 8, 9])).toEqual([3, 2, 8, 7, 0]);
  });

  test('tells the member of a group, and takes the address of one', () => {
    const sender = family.encode([TIPC_ADDR_ID, 7, 8, 0, 0], socket);
    const member = family.encode([TIPC_ADDR_NAME, 4711, 3, 0, 0], socket);
    const address = family.decode(Buffer.concat([sender, member]), socket);
    expect(address).toEqual([TIPC_ADDR_ID, 7, 8, 0, 0, [4711, 3]]);
    expect(family.encode(address, socket)).toEqual(sender);
  });
});

test.each([undefined, null, 5, {}])('%s is no socket to ask for names', (socket) => {
  for (const call of [() => getNodeId(socket as never, 1), () => getLinkName(socket as never, 1, 1)]) {
    expect(call).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringMatching(/^socket: expected a TIPC socket, got /),
      }),
    );
  }
});
