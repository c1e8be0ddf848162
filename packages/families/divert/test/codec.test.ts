import { AF_DIVERT, divertFamily, PF_DIVERT } from '@bsd-sockets/divert';
import { codecConformance } from '@bsd-sockets/family-testkit';
import { AF_INET, type InetAddress, IPPROTO_UDP, newSockaddr, SOCK_RAW, Socket } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';

const socket = { family: divertFamily.number, type: SOCK_RAW, proto: 0, fileno: () => -1 };

describe('the codec of AF_DIVERT', () => {
  const addresses: InetAddress[] = [
    ['0.0.0.0', 0],
    ['127.0.0.1', 4711],
    ['255.255.255.255', 65_535],
  ];
  const checks = codecConformance({
    // The kernel wants the number of IPv4 in the structure.
    family: { ...divertFamily, number: AF_INET },
    type: SOCK_RAW,
    accepted: [
      ...addresses.map((address) => [address, address] as const),
      [
        ['', 80],
        ['0.0.0.0', 80],
      ],
    ],
    refused: [
      [undefined, { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      [['127.0.0.1'], { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      [[1, 80], { code: 'ERR_INVALID_ARG_TYPE', message: /^host: / }],
      [['127.0.0.1', '80'], { code: 'ERR_INVALID_ARG_TYPE', message: /^port: / }],
      [['127.0.0.1', 65_536], { code: 'ERR_OUT_OF_RANGE', message: /^port: / }],
    ],
  });
  for (const { name, run } of checks) test(name, run);

  test('makes a struct sockaddr_in of IPv4', () => {
    const encoded = Buffer.from(divertFamily.encode(['127.0.0.1', 0x1267], socket));
    expect(encoded.subarray(0, 2)).toEqual(newSockaddr(AF_INET, 2));
    expect(encoded.subarray(2).toString('hex')).toBe('12677f0000010000000000000000');
  });

  test('reads fixed bytes', () => {
    const sockaddr = Buffer.concat([newSockaddr(AF_INET, 2), Buffer.from('12670a0000ff0000000000000000', 'hex')]);
    expect(divertFamily.decode(sockaddr, socket)).toEqual(['10.0.0.255', 0x1267]);
  });

  test('looks a name up without waiting, for promises', async () => {
    const resolved = await divertFamily.resolve!(['localhost', 4711], { ...socket, family: AF_INET });
    expect(resolved).toEqual(['127.0.0.1', 4711]);
    expect(divertFamily.resolve!(['127.0.0.1', 4711], socket)).toBeUndefined();
  });
});

describe.skipIf(without('not FreeBSD'))('on a platform without the family (not FreeBSD)', () => {
  test('the package imports, and its use is one clear error', () => {
    expect([AF_DIVERT, PF_DIVERT]).toEqual([undefined, undefined]);
    const refusal = expect.objectContaining({
      code: 'ERR_INVALID_ARG_TYPE',
      message: expect.stringMatching(new RegExp(`^family: .*a constant that ${process.platform} does not have`)),
    });
    expect(() => new Socket(AF_DIVERT, SOCK_RAW)).toThrow(refusal);
    expect(() => new promises.Socket(PF_DIVERT, SOCK_RAW, IPPROTO_UDP)).toThrow(refusal);
  });
});
