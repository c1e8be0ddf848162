import {
  GaiError,
  getaddrinfo,
  getnameinfo,
  ifNameindex,
  NI_DGRAM,
  NI_IDN,
  NI_NAMEREQD,
  NI_NOFQDN,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
} from '@bsd-sockets/resolver';
import { expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { type Call, expectAsInPython } from './cpython';

const code = (code: string) => expect.objectContaining({ code });
const onWindows = process.platform === 'win32';
const NUMERIC = NI_NUMERICHOST | NI_NUMERICSERV;

test('numbers need no name service', () => {
  expect(getnameinfo(['127.0.0.1', 80], NUMERIC)).toEqual(['127.0.0.1', '80']);
  expect(getnameinfo(['127.1', 65535], NUMERIC)).toEqual(['127.0.0.1', '65535']);
  expect(getnameinfo(['0:0::1', 0], NUMERIC)).toEqual(['::1', '0']);
  expect(getnameinfo(['::ffff:1.2.3.4', 1, 0xfffff], NUMERIC)).toEqual(['::ffff:1.2.3.4', '1']);
});

test.skipIf(without('names of scopes'))(
  'a scope id is appended (names of scopes): by name where the scope is a link, else by number',
  () => {
    const [index, name] = ifNameindex()[0]!;
    expect(getnameinfo(['fe80::1', 80, 0, index], NUMERIC)[0]).toBe(`fe80::1%${name}`);
    expect(getnameinfo(['ff02::1', 80, 0, index], NUMERIC)[0]).toBe(`ff02::1%${name}`);
    expect(getnameinfo(['fe80::1', 80, 0, 4_000_000_000], NUMERIC)[0]).toBe('fe80::1%4000000000');
    expect(getnameinfo(['2001:db8::1', 80, 0, 5], NUMERIC)[0]).toBe('2001:db8::1%5');
    expect(getnameinfo(['fe80::1', 80, 0, 0], NUMERIC)[0]).toBe('fe80::1');
  },
);

test.skipIf(without('names of scopes'))(
  'a zone in the host counts, unless there is a scope id (names of scopes)',
  () => {
    const [index, name] = ifNameindex()[0]!;
    expect(getnameinfo([`fe80::1%${name}`, 80], NUMERIC)[0]).toBe(`fe80::1%${name}`);
    expect(getnameinfo([`fe80::1%${index}`, 80, 0], NUMERIC)[0]).toBe(`fe80::1%${name}`);
    expect(getnameinfo([`fe80::1%${name}`, 80, 0, 0], NUMERIC)[0]).toBe('fe80::1');
  },
);

test('an address of getaddrinfo goes in as it is', () => {
  for (const [, , , , address] of getaddrinfo(null, 80, { type: 1 })) {
    expect(getnameinfo(address, NUMERIC)).toEqual([address[0], '80']);
  }
});

test('what is no address is refused', () => {
  const wrongTypes = [
    undefined,
    null,
    'x',
    [],
    ['::1'],
    ['::1', 1, 0, 0, 0],
    [1, 80],
    [null, 80],
    [Buffer.from('::1'), 80],
  ];
  for (const wrong of [...wrongTypes, ['::1', '80'], ['::1', 80, '0'], ['::1', 80, 0, '0']]) {
    expect(() => getnameinfo(wrong as never, NUMERIC), JSON.stringify(wrong)).toThrow(code('ERR_INVALID_ARG_TYPE'));
  }
  for (const wrong of [
    ['::1', -1],
    ['::1', 65536],
    ['::1', 1.5],
    ['::1', 80, -1],
    ['::1', 80, 0x100000],
    ['::1', 80, 0, -1],
    ['::1', 80, 0, 2 ** 32],
  ]) {
    expect(() => getnameinfo(wrong as never, NUMERIC), JSON.stringify(wrong)).toThrow(code('ERR_OUT_OF_RANGE'));
  }
  expect(() => getnameinfo(['::1\0', 80], NUMERIC)).toThrow(code('ERR_INVALID_ARG_VALUE'));
  expect(() => getnameinfo(['127.0.0.1', 80, 0], NUMERIC)).toThrow(code('EINVAL'));
  for (const name of ['localhost', '', '<broadcast>', 'é', 'fe80::1%nosuch0']) {
    expect(() => getnameinfo([name, 80], NUMERIC)).toThrow(code('EAI_NONAME'));
  }
  expect(() => getnameinfo(['::1', 80], '0' as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
  expect(() => getnameinfo(['::1', 80], undefined as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
  expect(() => getnameinfo(['::1', 80], 2 ** 31)).toThrow(code('ERR_OUT_OF_RANGE'));
  // Each platform has its own error for them.
  expect(() => getnameinfo(['::1', 80], -1)).toThrow(onWindows ? GaiError : code('EAI_BADFLAGS'));
});

test('a name that is asked for and missing', { timeout: 60_000 }, () => {
  expect(() => getnameinfo(['192.0.2.1', 80], NI_NAMEREQD)).toThrow(GaiError);
  expect(() => getnameinfo(['127.0.0.1', 80], NI_NAMEREQD | NI_NUMERICHOST)).toThrow(code('EAI_NONAME'));
});

test.skipIf(without('python3'))('addresses under all flags, as in CPython (python3)', { timeout: 120_000 }, () => {
  const flags = Array.from({ length: 64 }, (_, bits) =>
    [NI_NUMERICHOST, NI_NUMERICSERV, NI_NOFQDN, NI_NAMEREQD, NI_DGRAM, NI_IDN]
      .filter((_, bit) => bits & (1 << bit))
      .reduce((all, flag) => all | flag, 0),
  );
  const scope = ifNameindex()[0]![0];
  const addresses = [
    ...['127.0.0.1', '127.1', '::1', 'localhost', '', 'é', '<broadcast>', 'fe80::1%nosuch0'].flatMap((host) => [
      [host, 80],
      [host, 514],
    ]),
    ...['127.0.0.1', '::1', 'fe80::1', 'ff02::1', '2001:db8::1', '::ffff:127.0.0.1', '1.2.3.4.5'].flatMap((host) => [
      [host, 80, 0],
      [host, 80, 0xfffff, 0],
      [host, 80, 0, scope],
      [host, 80, 7, 4_000_000_000],
      [host, 80, 0, 0, 0],
    ]),
    ...[
      [],
      ['::1'],
      [1, 80],
      [null, 80],
      [Buffer.from('::1'), 80],
      ['::1', '80'],
      ['::1', 80, 0x100000],
      ['::1', 80, -1],
    ],
    ...[null, 'x', 1],
  ];
  expectAsInPython([
    ...addresses.map((address): Call => ['getnameinfo', address, NUMERIC]),
    ...flags.flatMap((flags): Call[] => [
      ['getnameinfo', ['127.0.0.1', 53], flags],
      ['getnameinfo', ['127.0.0.1', 514], flags],
    ]),
    ...[64, 0x10000, -1, 2 ** 31, '0', null].map((flags): Call => ['getnameinfo', ['127.0.0.1', 80], flags]),
  ]);
});
