import {
  GaiError,
  getfqdn,
  gethostbyaddr,
  gethostbyname,
  gethostbynameEx,
  gethostname,
  HError,
  HOST_NOT_FOUND,
  herror,
  NO_DATA,
  NO_RECOVERY,
  OSError,
  TRY_AGAIN,
} from '@bsd-sockets/resolver';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { expectAsInPython } from './cpython';
import { noMounts, runApart } from './namespace';

const code = (code: string) => expect.objectContaining({ code });
// A name server that does not answer is asked for some time.
const LOOK_UP_TIME = 120_000;

test('addresses need no name service', () => {
  expect(gethostbyname('127.0.0.1')).toBe('127.0.0.1');
  expect(gethostbyname('127.1')).toBe('127.0.0.1');
  expect(gethostbyname('')).toBe('0.0.0.0');
  expect(gethostbyname('<broadcast>')).toBe('255.255.255.255');
  expect(gethostbynameEx('192.0.2.1')).toEqual(['192.0.2.1', [], ['192.0.2.1']]);
});

test('arguments of a wrong kind are refused', () => {
  for (const call of [gethostbyname, gethostbynameEx, gethostbyaddr]) {
    for (const wrong of [undefined, null, 1, {}, ['localhost']]) {
      expect(() => call(wrong as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
    }
    for (const wrong of ['local\0host', Buffer.from('local\0host'), 'ä/b']) {
      expect(() => call(wrong)).toThrow(code('ERR_INVALID_ARG_VALUE'));
    }
  }
  expect(() => getfqdn(1 as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
  expect(() => getfqdn('local\0host')).toThrow(code('ERR_INVALID_ARG_VALUE'));
});

test('the empty host and the wildcard addresses are this host for getfqdn', () => {
  const names = [getfqdn(), getfqdn(null), getfqdn(''), getfqdn(' '), getfqdn('0.0.0.0'), getfqdn('::')];
  expect(new Set(names)).toEqual(new Set([getfqdn(gethostname())]));
});

test('the empty host has no single address', () => {
  expect(() => gethostbyaddr('')).toThrow(code('EINVAL'));
  expect(() => gethostbyaddr(Buffer.alloc(0))).toThrow(code('EINVAL'));
});

test('an HError carries h_errno, its name and its text', () => {
  const first = process.platform === 'win32' ? 11_000 : 0;
  const errors = [HOST_NOT_FOUND, TRY_AGAIN, NO_RECOVERY, NO_DATA].map((errno) => new HError(errno));
  expect(errors.map(({ errno, code, name }) => [errno, code, name])).toEqual([
    [first + 1, 'HOST_NOT_FOUND', 'HError'],
    [first + 2, 'TRY_AGAIN', 'HError'],
    [first + 3, 'NO_RECOVERY', 'HError'],
    [first + 4, 'NO_DATA', 'HError'],
  ]);
  expect(errors[0]!.message).toBe(`HOST_NOT_FOUND: ${errors[0]!.strerror}`);
  expect(errors[0]).toBeInstanceOf(OSError);
  expect(errors[0]).not.toBeInstanceOf(GaiError);
  expect(herror).toBe(HError);
});

test('a host that does not exist', { timeout: LOOK_UP_TIME }, () => {
  expect(() => gethostbyname('nosuch.invalid')).toThrow(GaiError);
  expect(() => gethostbynameEx('nosuch.invalid')).toThrow(GaiError);
  expect(() => gethostbyaddr('nosuch.invalid')).toThrow(GaiError);
  expect(() => gethostbyaddr('192.0.2.1')).toThrow(HError);
  expect(getfqdn(' nosuch.invalid ')).toBe('nosuch.invalid');
});

test.skipIf(without('python3'))('hosts of all kinds, as in CPython (python3)', { timeout: 3 * LOOK_UP_TIME }, () => {
  const names = [
    ...[
      'localhost',
      'LOCALHOST',
      'nosuch.invalid',
      'é.invalid',
      '１２７.0.0.1',
      'localhoſt',
      '1.2.3.4.5',
      '256.1',
      '08',
    ],
    ...['127.0.0.1', '127.1', '0x7f.1', '1.2.3.4', '0.0.0.0', '255.255.255.255', '::1', '::', '::1%lo', 'fe80::1%lo'],
    ...['', gethostname()],
  ];
  expectAsInPython([
    ...['gethostbyname', 'gethostbyname_ex', 'gethostbyaddr'].flatMap((name) =>
      [...names, '<broadcast>', Buffer.from('localhost'), Buffer.from('127.0.0.1'), null, 1].map(
        (host): [string, unknown] => [name, host],
      ),
    ),
    ...names.filter((name) => name !== '::').map((name): [string, string] => ['getfqdn', name]),
  ]);
});

describe(`hosts of /etc/hosts${noMounts}`, { skip: noMounts !== '' }, () => {
  const aliases = Array.from({ length: 600 }, (_, index) => `alias-number-${index}.example.test`);
  const files = {
    '/etc/hosts': `
      192.0.2.7 alpha alpha.example.test al
      192.0.2.8 alpha
      192.0.2.9 plain p
      192.0.2.10 many ${aliases.join(' ')}
      2001:db8::7 six.example.test six
`,
    // Nobody listens there: an error comes at once.
    '/etc/resolv.conf': 'nameserver 127.0.0.1\noptions attempts:1 timeout:1',
    '/etc/nsswitch.conf': 'hosts: files dns',
  };
  const run = (program: string) => runApart(['-r', '-m'], program, files);

  test('have aliases and several addresses', () => {
    expect(run(`['alpha', 'al'].map((name) => r.gethostbynameEx(name)[2])`)).toEqual([
      ['192.0.2.7', '192.0.2.8'],
      ['192.0.2.7'],
    ]);
    expect(run(`r.gethostbyaddr('192.0.2.7')`)).toEqual(['alpha', ['alpha.example.test', 'al'], ['192.0.2.7']]);
    expect(run(`r.gethostbyaddr('p')`)).toEqual(['plain', ['p'], ['192.0.2.9']]);
    expect(run(`r.gethostbyaddr('2001:0db8::0007')`)).toEqual(['six.example.test', ['six'], ['2001:db8::7']]);
  });

  test('have a qualified name, if one of their names has a dot', () => {
    expect(run(`['192.0.2.7', 'six', 'p', '192.0.2.9'].map(r.getfqdn)`)).toEqual([
      'alpha.example.test',
      'six.example.test',
      'plain',
      'plain',
    ]);
  });

  test('may have more names than fit into the memory of a first try', () => {
    expect(run(`r.gethostbyaddr('many')`)).toEqual(['many', aliases, ['192.0.2.10']]);
  });

  test('a name service that fails', { timeout: LOOK_UP_TIME }, () => {
    const calls = `[() => r.gethostbyname('h.invalid'), () => r.gethostbynameEx('h.invalid'), () => r.gethostbyaddr('192.0.2.1')]`;
    expect(run(`${calls}.map(answer)`)).toEqual([
      { name: 'GaiError', code: 'EAI_AGAIN' },
      { name: 'GaiError', code: 'EAI_AGAIN' },
      { name: 'HError', code: 'TRY_AGAIN' },
    ]);
    expect(run(`r.getfqdn('192.0.2.1')`)).toBe('192.0.2.1');
  });

  test('getnameinfo finds them', () => {
    const program = `[0, r.NI_NUMERICHOST, r.NI_NAMEREQD].map((flags) => r.getnameinfo(['2001:db8::7', 9, 0, 0], flags)[0])`;
    expect(run(program)).toEqual(['six.example.test', '2001:db8::7', 'six.example.test']);
  });

  test('AI_CANONNAME tells the primary name, only in the first entry', () => {
    expect(run(`r.getaddrinfo('six', 9, { flags: r.AI_CANONNAME }).map((entry) => entry[3])`)).toEqual([
      'six.example.test',
      '',
      '',
    ]);
  });
});
