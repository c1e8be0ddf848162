import { codecConformance } from '@bsd-sockets/family-testkit';
import { AF_RDS } from '@bsd-sockets/rds';
import { AF_INET, AF_INET6, familyOf, SOCK_SEQPACKET } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';

const family = familyOf(AF_RDS);
const socket = { family: AF_RDS, type: SOCK_SEQPACKET, proto: 0, fileno: () => -1 };
const type = { code: 'ERR_INVALID_ARG_TYPE' };
const range = { code: 'ERR_OUT_OF_RANGE' };

describe('the codec of AF_RDS', () => {
  const checks = codecConformance({
    family,
    type: SOCK_SEQPACKET,
    sockaddrFamilies: [AF_INET, AF_INET6],
    accepted: [
      [
        ['127.0.0.1', 4711],
        ['127.0.0.1', 4711],
      ],
      [
        [Buffer.from('127.0.0.1'), 0],
        ['127.0.0.1', 0],
      ],
      [
        ['', 65_535],
        ['0.0.0.0', 65_535],
      ],
      [
        ['::1', 4711],
        ['::1', 4711, 0, 0],
      ],
      [
        [Buffer.from('fe80::1'), 1, 2, 3],
        ['fe80::1', 1, 2, 3],
      ],
      [
        ['', 1, 0],
        ['::', 1, 0, 0],
      ],
    ],
    refused: [
      [undefined, { ...type, message: /^address: .*\[host, port\] or .* for AF_RDS/ }],
      [['127.0.0.1'], { ...type, message: /^address: / }],
      [['::1', 1, 2, 3, 4], { ...type, message: /^address: / }],
      [[1, 2], type],
      [['127.0.0.1', '2'], { ...type, message: /^port: / }],
      [['127.0.0.1', 65_536], { ...range, message: /^port: / }],
      [['::1', -1], { ...range, message: /^port: / }],
    ],
  });
  for (const { name, run } of checks) test(name, run);

  test('makes the sockaddr of IPv4 and of IPv6', () => {
    const inet = { ...socket, family: AF_INET };
    const inet6 = { ...socket, family: AF_INET6 };
    expect(family.encode(['127.0.0.1', 5], socket)).toEqual(familyOf(AF_INET).encode(['127.0.0.1', 5], inet));
    expect(family.encode(['::1', 5], socket)).toEqual(familyOf(AF_INET6).encode(['::1', 5], inet6));
  });

  test('takes a sockaddr without a family for the name of a socket that is not bound', () => {
    expect(family.decode(Buffer.alloc(16), socket)).toEqual(['0.0.0.0', 0]);
    expect(family.decode(Buffer.alloc(0), socket)).toEqual(['0.0.0.0', 0]);
  });

  test('looks names up elsewhere for callers that must not wait', async () => {
    expect(family.resolve!(['127.0.0.1', 5], socket)).toBeUndefined();
    expect(await family.resolve!(['localhost', 5], socket)).toEqual(['127.0.0.1', 5]);
    expect(family.encode(['localhost', 5], socket)).toEqual(family.encode(['127.0.0.1', 5], socket));
    expect(() => family.resolve!(undefined as never, socket)).toThrow(/^address: /);
  });
});
