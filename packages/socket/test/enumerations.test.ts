import { spawnSync } from 'node:child_process';
import { inspect } from 'node:util';
import * as socket from '@bsd-sockets/socket';
import {
  AddressFamily,
  AddressInfo,
  BDADDR_ANY,
  BDADDR_LOCAL,
  flagNames,
  fromshare,
  HV_GUID_ZERO,
  hasIpv6,
  MSG_OOB,
  MSG_PEEK,
  MsgFlag,
  SOCK_DGRAM,
  Socket,
  SocketKind,
  SocketType,
} from '@bsd-sockets/socket';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';

const enumerations = { AF_: AddressFamily, SOCK_: SocketKind, MSG_: MsgFlag, AI_: AddressInfo };

describe.each(Object.entries(enumerations))('the enumeration of %s*', (prefix, enumeration) => {
  const constants = Object.entries(socket).filter(([name, value]) => name.startsWith(prefix) && value !== undefined);

  test('has all the constants and nothing else', () => {
    const members = Object.entries(enumeration).filter(([, value]) => typeof value === 'number');
    expect(Object.fromEntries(members)).toEqual(Object.fromEntries(constants));
    expect(members.length).toBeGreaterThan(4);
  });

  test('gives a name for each number', () => {
    for (const [, value] of constants) {
      const [first] = constants
        .filter(([, other]) => other === value)
        .map(([name]) => name)
        .sort();
      expect(enumeration[value as number]).toBe(first);
    }
    expect(enumeration[123_456]).toBeUndefined();
  });

  test('cannot be changed', () => {
    expect(Object.isFrozen(enumeration)).toBe(true);
  });
});

test.skipIf(without('python3'))('has the members of CPython (python3)', () => {
  const code =
    'import json, socket as s; print(json.dumps({e.__name__: {k: int(v) for k, v in e.__members__.items()} ' +
    'for e in (s.AddressFamily, s.SocketKind, s.MsgFlag, s.AddressInfo)}))';
  const theirs = JSON.parse(spawnSync('python3', ['-c', code], { encoding: 'utf8' }).stdout);
  expect({ AddressFamily, SocketKind, MsgFlag, AddressInfo }).toMatchObject(theirs);
});

test('a combination of flags is printed by its names', () => {
  expect(flagNames(MsgFlag, MSG_PEEK | MSG_OOB)).toBe('MSG_OOB|MSG_PEEK');
  expect(flagNames(MsgFlag, 0)).toBe('0');
  expect(flagNames(MsgFlag, MSG_PEEK | 0x2000000 | 0x1000000)).toBe('MSG_PEEK|50331648');
  expect(flagNames(MsgFlag, 0x2000000)).toBe('33554432');
  expect(flagNames(AddressInfo, 3)).toBe('AI_PASSIVE|AI_CANONNAME');
  expect(flagNames(AddressInfo, 2 ** 31)).toBe('2147483648');
  expect(flagNames(AddressInfo, -(2 ** 31))).toBe('2147483648');
  expect(flagNames(MsgFlag, -1)).toBe(flagNames(MsgFlag, 2 ** 32 - 1));
  expect(() => flagNames(MsgFlag, 0.5)).toThrow(/^flags: expected an integer/);
  expect(() => flagNames(MsgFlag, 2 ** 32)).toThrow(RangeError);
  expect(() => flagNames(MsgFlag, '1' as never)).toThrow(TypeError);
});

test('the enumeration of families carries the types of addresses', () => {
  expectTypeOf<socket.AddressFamily<string>>().toExtend<number>();
  using bound = new Socket(AddressFamily.AF_INET);
  bound.bind(['127.0.0.1', 0]);
  // @ts-expect-error a path is no IPv4 address
  expect(() => bound.bind('/tmp/path')).toThrow(TypeError);
  const [host]: [string, number] = bound.getsockname();
  expect(host).toBe('127.0.0.1');
});

test('a socket is printed with the name of its type', () => {
  using stream = new Socket();
  using datagrams = new Socket({ type: SOCK_DGRAM });
  expect(inspect(stream)).toContain('type=SOCK_STREAM');
  expect(inspect(datagrams)).toContain('type=SOCK_DGRAM');
});

test('Bluetooth addresses and IPv6', () => {
  expect([BDADDR_ANY, BDADDR_LOCAL]).toEqual(['00:00:00:00:00:00', '00:00:00:FF:FF:FF']);
  expect(hasIpv6).toBe(true);
  expect(SocketType).toBe(Socket);
});

test.skipIf(without('not Windows'))('what only Windows has says so (not Windows)', () => {
  using socket = new Socket();
  const error = { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', message: expect.stringContaining('only Windows') };
  expect(() => fromshare(Buffer.alloc(1))).toThrow(expect.objectContaining(error));
  expect(() => socket.share(process.pid)).toThrow(expect.objectContaining(error));
  expect(() => socket.ioctl(0, 1)).toThrow(expect.objectContaining(error));
  expect(HV_GUID_ZERO).toBeUndefined();
});
