import * as n from '@bsd-sockets/netlink';
import { describe, expect, test } from 'vitest';
import { randomNumbers } from '../../../core-native/test/random-numbers';
import { orMalformed, randomBytes } from './random';

describe.each([
  ['decodeAddress', 8, n.decodeAddress],
  ['decodeInetSocket', 72, n.decodeInetSocket],
  ['decodeLink', 16, n.decodeLink],
  ['decodeNeighbour', 12, n.decodeNeighbour],
  ['decodeRoute', 12, n.decodeRoute],
  ['decodeUnixSocket', 16, n.decodeUnixSocket],
])('%s', (_, headerSize, decode) => {
  const message = (data: Buffer) => ({ type: 0, flags: 0, seq: 0, pid: 0, data });

  test('refuses a message that is cut in its header', () => {
    for (let length = 0; length < headerSize; length++) {
      expect(() => decode(message(Buffer.alloc(length)))).toThrow(expect.objectContaining({ code: 'EBADMSG' }));
    }
  });

  test('reads or refuses random attributes', () => {
    const random = randomNumbers(headerSize);
    const families = [0, 1, 2, 7, 10, 255];
    for (let round = 0; round < 2000; round++) {
      const header = Buffer.from(Array.from({ length: headerSize }, () => random() & 0xff));
      header[0] = families[random() % families.length]!;
      const attributes = new n.AttributeWriter();
      for (let count = random() % 5; count > 0; count--) attributes.bytes(random() % 60, randomBytes(random, 24));
      const bytes = Buffer.concat([
        header,
        attributes.encode(),
        random() % 4 ? Buffer.alloc(0) : randomBytes(random, 8),
      ]);
      orMalformed(() => decode(message(bytes)));
    }
  });
});

test('an address of another family than IP is hexadecimal', () => {
  const data = Buffer.concat([
    Buffer.of(7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    new n.AttributeWriter().bytes(n.NDA_DST, Buffer.of(0xab, 1)).encode(),
  ]);
  expect(n.decodeNeighbour({ type: 0, flags: 0, seq: 0, pid: 0, data }).address).toBe('ab01');
});

describe('a request', () => {
  test.each<[string, () => unknown, string, string]>([
    ['an index that is none', () => n.getLink(0), 'ERR_OUT_OF_RANGE', 'link'],
    ['no link', () => n.getLink(undefined as never), 'ERR_INVALID_ARG_TYPE', 'link'],
    ['a rename by name', () => n.setLink('a', { name: 'b' }), 'ERR_INVALID_ARG_TYPE', 'link'],
    ['no changes', () => n.setLink(1, undefined as never), 'ERR_INVALID_ARG_TYPE', 'changes'],
    ['up as a number', () => n.setLink(1, { up: 1 as never }), 'ERR_INVALID_ARG_TYPE', 'up'],
    ['a bad hardware address', () => n.setLink(1, { address: '02:0' }), 'ERR_INVALID_ARG_VALUE', 'address'],
    ['no address', () => n.newAddress({ ifindex: 1, address: 5 as never }), 'ERR_INVALID_ARG_TYPE', 'address'],
    ['a bad address', () => n.newAddress({ ifindex: 1, address: '1.2.3' }), 'ERR_INVALID_ARG_VALUE', 'address'],
    [
      '33 bits of IPv4',
      () => n.newAddress({ ifindex: 1, address: '1.2.3.4', prefixlen: 33 }),
      'ERR_OUT_OF_RANGE',
      'prefixlen',
    ],
    [
      'a peer of another family',
      () => n.newAddress({ ifindex: 1, address: '1.2.3.4', peer: '::1' }),
      'ERR_INVALID_ARG_VALUE',
      'peer',
    ],
    [
      'a lifetime below 0',
      () => n.newAddress({ ifindex: 1, address: '::1', validLifetime: -1 }),
      'ERR_OUT_OF_RANGE',
      'validLifetime',
    ],
    [
      'a gateway of another family',
      () => n.newRoute({ destination: '::', gateway: '1.2.3.4' }),
      'ERR_INVALID_ARG_VALUE',
      'gateway',
    ],
    [
      'a weight of 0',
      () => n.newRoute({ destination: '::', nexthops: [{ ifindex: 1, weight: 0 }] }),
      'ERR_OUT_OF_RANGE',
      'weight',
    ],
    ['a table below 0', () => n.getRoutes({ table: -1 }), 'ERR_OUT_OF_RANGE', 'table'],
    ['a family of 256', () => n.getNeighbours({ family: 256 }), 'ERR_OUT_OF_RANGE', 'family'],
    ['a name that is none', () => n.getFamily(1 as never), 'ERR_INVALID_ARG_TYPE', 'name'],
    [
      'a command of 256',
      () => n.genericRequest({ id: 16, version: 1 }, { command: 256 }),
      'ERR_OUT_OF_RANGE',
      'command',
    ],
    ['sockets of AF_UNIX as inet', () => n.getInetSockets({ family: 1 }), 'ERR_INVALID_ARG_VALUE', 'family'],
    ['a state of 32', () => n.getUnixSockets({ states: [32] }), 'ERR_OUT_OF_RANGE', 'states[0]'],
  ])('with %s is refused', (_, call, code, name) => {
    expect(call).toThrow(expect.objectContaining({ code, message: expect.stringContaining(name) }));
  });
});
