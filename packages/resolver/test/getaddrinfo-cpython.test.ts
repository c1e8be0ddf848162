import {
  AF_INET,
  AF_INET6,
  AI_ADDRCONFIG,
  AI_ALL,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  AI_V4MAPPED,
  getaddrinfo,
  ifNameindex,
} from '@bsd-sockets/resolver';
import { expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { type Call, expectAsInPython } from './cpython';

const [scope, link] = ifNameindex()[0]!;

test.skipIf(without('python3'))(
  'every host with every family, type and flag, as in CPython (python3)',
  { timeout: 120_000 },
  () => {
    // Of addresses in text the second is answered by what the first has shown.
    const literals = ['127.0.0.1', '192.0.2.1', '::ffff:1.2.3.4', '::1', 'FE80::0:1'];
    const hosts = [null, '', 'localhost', ...literals, '127.1', Buffer.from('127.0.0.1')];
    const flags = [
      AI_PASSIVE,
      AI_CANONNAME,
      AI_NUMERICHOST,
      AI_NUMERICSERV,
      AI_V4MAPPED,
      AI_V4MAPPED | AI_ALL,
      AI_ADDRCONFIG,
    ];
    const calls: Call[] = [];
    for (const host of hosts) {
      for (const family of [0, AF_INET, AF_INET6]) {
        for (const flag of [0, ...flags, AI_PASSIVE | AI_CANONNAME])
          calls.push(['getaddrinfo', host, 80, family, 1, 0, flag]);
        for (const type of [0, 1, 2, 3, 99]) calls.push(['getaddrinfo', host, 'domain', family, type]);
      }
      for (const proto of [6, 17, 99]) calls.push(['getaddrinfo', host, 80, 0, 0, proto]);
    }
    expectAsInPython(calls);
  },
);

test.skipIf(without('python3'))('services in all forms, as in CPython (python3)', () => {
  const services = [
    null,
    0,
    1,
    65535,
    'http',
    'domain',
    'nosuch',
    '',
    '0',
    '80',
    '00080',
    ' 80',
    '+80',
    '-0',
    '-1',
    '80 ',
  ];
  services.push('0x50', '1e1', 'é', '\u00a080', '\t\n80');
  expectAsInPython([
    ...services.map((service): Call => ['getaddrinfo', '127.0.0.1', service, 0, 1]),
    ...services.map((service): Call => ['getaddrinfo', '127.0.0.1', service, 0, 1, 0, AI_NUMERICSERV]),
    ['getaddrinfo', '127.0.0.1', Buffer.from('http'), 0, 1],
    ['getaddrinfo', null, null],
  ]);
});

test.skipIf(without('python3'))(
  'names that IDNA encodes and refuses, as in CPython (python3)',
  { timeout: 120_000 },
  () => {
    const hosts = ['é.invalid', '１２７.0.0.1', 'localhoſt', 'LOCALHOST', 'invalid.', '\ud800'];
    hosts.push(`${'x'.repeat(63)}.invalid`, '127。0。0。1', 'a b.invalid', 'a_b.invalid');
    expectAsInPython(hosts.map((host): Call => ['getaddrinfo', host, 80, AF_INET, 1]));
  },
);

test.skipIf(without('python3'))('zones by name and number, as in CPython (python3)', () => {
  const zones = [link, `${scope}`, '0', '77', '4294967295', '4294967296', 'nosuch0', '', '-1', '1x'];
  expectAsInPython(
    ['fe80::1', 'ff02::1', '2001:db8::1', '::1'].flatMap((ip) =>
      zones.flatMap((zone): Call[] => [
        ['getaddrinfo', `${ip}%${zone}`, 80, 0, 1],
        ['getaddrinfo', `${ip}%${zone}`, 80, AF_INET6, 1, 0, AI_NUMERICHOST | AI_CANONNAME],
      ]),
    ),
  );
});

test('a zone becomes the scope id, and leaves the host', () => {
  expect(getaddrinfo(`ff02::1%${link}`, 1, { type: 1 })[0]![4]).toEqual(['ff02::1', 1, 0, scope]);
  expect(getaddrinfo('fe80::1%77', 1, { type: 1 })[0]![4]).toEqual(['fe80::1', 1, 0, 77]);
});

test('no form of a port is taken modulo 65536', () => {
  for (const port of ['65536', ' 65536', '+65616', '-65535', '-18446744073709551535', '4294967376', '9'.repeat(400)]) {
    expect(() => getaddrinfo('127.0.0.1', port), port).toThrow(expect.objectContaining({ code: 'EAI_SERVICE' }));
  }
  for (const port of [-1, 65536, 1.5]) {
    expect(() => getaddrinfo('127.0.0.1', port)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  }
});
