import { spawnSync } from 'node:child_process';
import {
  AF_UNIX,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  GaiError,
  IPPROTO_TCP,
  IPPROTO_UDP,
  native,
  OSError,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from '@bsd-sockets/core-native';
import { AF_INET, AF_INET6, type GetaddrinfoOptions, getaddrinfo } from '@bsd-sockets/resolver';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';

const onWindows = process.platform === 'win32';
// No name service is asked for it: a label has at most 63 bytes.
const UNKNOWN_HOST = `${'x'.repeat(64)}.invalid`;

function thrownBy(call: () => unknown): any {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

function expectGaiError(call: () => unknown, code: string) {
  const error = thrownBy(call);
  expect(error.constructor).toBe(GaiError);
  expect(error).toBeInstanceOf(OSError);
  expect(error).toMatchObject({ name: 'GaiError', code, errno: native.constants[code], syscall: 'getaddrinfo' });
  return error;
}

describe('an address in digits', () => {
  // Windows leaves the type and the protocol as they were asked for.
  test.skipIf(without('a row for each type'))('is found in all types (a row for each type)', () => {
    expect(getaddrinfo('127.0.0.1', 80)).toEqual([
      [AF_INET, SOCK_STREAM, IPPROTO_TCP, '', ['127.0.0.1', 80]],
      [AF_INET, SOCK_DGRAM, IPPROTO_UDP, '', ['127.0.0.1', 80]],
      [AF_INET, SOCK_RAW, 0, '', ['127.0.0.1', 80]],
    ]);
  });

  test('of IPv6 has four elements', () => {
    expect(getaddrinfo('2001:db8::1', 80, AF_INET6, SOCK_STREAM, IPPROTO_TCP)).toEqual([
      [AF_INET6, SOCK_STREAM, IPPROTO_TCP, '', ['2001:db8::1', 80, 0, 0]],
    ]);
  });

  test('may have a zone', () => {
    expect(getaddrinfo('fe80::1%7', 80, AF_INET6, SOCK_STREAM)[0]?.[4]).toEqual(['fe80::1', 80, 0, 7]);
  });

  test('may be given as bytes, as may the port', () => {
    const [found] = getaddrinfo(Buffer.from('127.0.0.1'), new Uint8Array(Buffer.from('80')), AF_INET, SOCK_STREAM);
    expect(found?.[4]).toEqual(['127.0.0.1', 80]);
  });
});

describe('the arguments after the port', () => {
  const rows = (...args: [number?, number?, number?, number?]) =>
    getaddrinfo('127.0.0.1', 80, ...args).map(([family, type, proto]) => [family, type, proto]);

  test.skipIf(without('a row for each type'))('choose by family, type and protocol (a row for each type)', () => {
    expect(rows(AF_INET, SOCK_DGRAM)).toEqual([[AF_INET, SOCK_DGRAM, IPPROTO_UDP]]);
    expect(rows(0, 0, IPPROTO_TCP)).toEqual([[AF_INET, SOCK_STREAM, IPPROTO_TCP]]);
    expect(getaddrinfo('127.0.0.1', null, 0, SOCK_RAW, 5)[0]?.slice(0, 3)).toEqual([AF_INET, SOCK_RAW, 5]);
    expectGaiError(() => getaddrinfo('127.0.0.1', 80, AF_INET6), 'EAI_ADDRFAMILY');
  });

  test('may be an object', () => {
    const options: GetaddrinfoOptions = {
      family: AF_INET,
      type: SOCK_STREAM,
      proto: IPPROTO_TCP,
      flags: AI_NUMERICHOST,
    };
    expect(getaddrinfo('127.0.0.1', 80, options)).toEqual(
      getaddrinfo('127.0.0.1', 80, AF_INET, SOCK_STREAM, IPPROTO_TCP, AI_NUMERICHOST),
    );
    expect(getaddrinfo('127.0.0.1', 80, {})).toEqual(getaddrinfo('127.0.0.1', 80));
    expect(getaddrinfo('127.0.0.1', 80, { type: SOCK_DGRAM })).toEqual(getaddrinfo('127.0.0.1', 80, 0, SOCK_DGRAM));
    expectGaiError(() => getaddrinfo('localhost', 80, { flags: AI_NUMERICHOST }), 'EAI_NONAME');
  });

  test.each(['family', 'type', 'proto', 'flags'])('refuse what is no integer: %s', (name) => {
    for (const value of ['2', true, null, 1n, Symbol('two')]) {
      const error = thrownBy(() => getaddrinfo('127.0.0.1', 80, { [name]: value }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', message: expect.stringMatching(`^${name}: `) });
    }
    for (const value of [1.5, Number.NaN, 2 ** 31]) {
      const error = thrownBy(() => getaddrinfo('127.0.0.1', 80, { [name]: value }));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ code: 'ERR_OUT_OF_RANGE', message: expect.stringMatching(`^${name}: `) });
    }
  });

  test.skipIf(without('EAI_* of glibc'))('are judged by the C library (EAI_* of glibc)', () => {
    expectGaiError(() => getaddrinfo('127.0.0.1', 80, 77), 'EAI_FAMILY');
    expectGaiError(() => getaddrinfo('127.0.0.1', 80, AF_UNIX), 'EAI_FAMILY');
    expectGaiError(() => getaddrinfo('127.0.0.1', 80, 0, 77), 'EAI_SOCKTYPE');
    expectGaiError(() => getaddrinfo('127.0.0.1', 80, 0, SOCK_STREAM, IPPROTO_UDP), 'EAI_SOCKTYPE');
    expectGaiError(() => getaddrinfo('127.0.0.1', 80, 0, 0, 0, 1 << 30), 'EAI_BADFLAGS');
  });
});

describe('flags', () => {
  const hosts = (host: string | null, flags: number) =>
    getaddrinfo(host, 80, 0, SOCK_STREAM, 0, flags)
      .map(([, , , , [address]]) => address)
      .sort();

  test('AI_PASSIVE is all addresses of this host where there is no host, and loopback without it', () => {
    expect(hosts(null, AI_PASSIVE)).toContain('0.0.0.0');
    expect(hosts(null, 0)).toContain('127.0.0.1');
    expect(hosts('127.0.0.1', AI_PASSIVE)).toEqual(['127.0.0.1']);
  });

  test('AI_NUMERICHOST refuses names', () => {
    expect(hosts('127.0.0.1', AI_NUMERICHOST)).toEqual(['127.0.0.1']);
    expectGaiError(() => hosts('localhost', AI_NUMERICHOST), 'EAI_NONAME');
  });

  test('AI_CANONNAME gives the first entry a name', () => {
    const names = getaddrinfo('localhost', 80, AF_INET, 0, 0, AI_CANONNAME).map(([, , , canonname]) => canonname);
    expect(names.slice(0, 1)).toEqual(['localhost']);
    expect(names.slice(1).every((name) => name === '')).toBe(true);
    expectGaiError(() => hosts(null, AI_CANONNAME), 'EAI_BADFLAGS');
  });

  test('AI_NUMERICSERV refuses names of services', () => {
    const [found] = getaddrinfo('127.0.0.1', '80', 0, SOCK_STREAM, 0, AI_NUMERICSERV);
    expect(found?.[4]).toEqual(['127.0.0.1', 80]);
    expectGaiError(() => getaddrinfo('127.0.0.1', 'http', 0, SOCK_STREAM, 0, AI_NUMERICSERV), 'EAI_NONAME');
  });
});

describe('the host', () => {
  test.each([null, undefined])('may be %s', (host) => {
    const found = getaddrinfo(host, 80, AF_INET, SOCK_STREAM);
    expect(found.map(([, , , , address]) => address)).toEqual([['127.0.0.1', 80]]);
  });

  test('or the port must be given', () => {
    expectGaiError(() => getaddrinfo(null, null), 'EAI_NONAME');
  });

  test('is not found', () => {
    const error = expectGaiError(() => getaddrinfo(UNKNOWN_HOST, 80), 'EAI_NONAME');
    expect(error.address).toEqual([UNKNOWN_HOST, 80]);
    expect(error.message).toContain(UNKNOWN_HOST);
    // On Windows it is this machine.
    if (!onWindows) expectGaiError(() => getaddrinfo('', 80), 'EAI_NONAME');
  });

  test.each(['127.0.0.1\0', '\0', Buffer.from('127.0.0.1\0.invalid')])('has no NUL: %j', (host) => {
    const error = thrownBy(() => getaddrinfo(host, 80));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', message: expect.stringMatching(/^host: .*NUL/) });
  });

  test.each<[string, unknown]>([
    ['a number', 2130706433],
    ['a boolean', true],
    ['an array', ['127.0.0.1']],
    ['an object', {}],
  ])('is not %s', (_kind, host) => {
    const error = thrownBy(() => getaddrinfo(host as never, 80));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', message: expect.stringMatching(/^host: /) });
  });

  describe('by IDNA', () => {
    const numeric = (host: string) => getaddrinfo(host, 80, 0, SOCK_STREAM, 0, AI_NUMERICHOST)[0]?.[4];

    test('is encoded: digits and dots of other scripts are digits and dots', () => {
      expect(numeric('１２７.0.0.1')).toEqual(['127.0.0.1', 80]);
      expect(numeric('127。0。0。1')).toEqual(['127.0.0.1', 80]);
    });

    test('is a name that is not known', () => {
      expectGaiError(() => numeric('bücher.invalid'), 'EAI_NONAME');
    });

    test('has no label that is too long', () => {
      expectGaiError(() => getaddrinfo(`${'ü'.repeat(64)}.invalid`, 80), 'EAI_NONAME');
    });

    // What a URL would end a host at must not shorten a name: that would be another host.
    test.each([
      '１２７.0.0.1/x',
      '１２７.0.0.1?x',
      '１２７.0.0.1#x',
      '１２７.0.0.1\\x',
      '１２７.0.0.%31',
      '１２７.0.0.1\n',
      '１２７.0.0.\t1',
    ])('is not taken for a part of a URL: %j', (host) => {
      const error = thrownBy(() => numeric(host));
      expect(['ERR_INVALID_ARG_VALUE', 'EAI_NONAME']).toContain(error.code);
    });

    test.each(['bü cher', 'ü:80', 'user@ü', '[ü]', 'ü|', '\u00ad'])('refuses %j', (host) => {
      const error = thrownBy(() => numeric(host));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', message: expect.stringMatching(/^host: .*IDNA/) });
    });
  });
});

describe('the port', () => {
  const port = (value: unknown) => getaddrinfo('127.0.0.1', value as number, AF_INET, SOCK_STREAM)[0]?.[4][1];

  test.each<[unknown, number]>([
    [0, 0],
    [80, 80],
    [65535, 65535],
    ['80', 80],
    ['0', 0],
    ['00080', 80],
    ['65535', 65535],
    ['http', 80],
    [Buffer.from('https'), 443],
    ['', 0],
    [null, 0],
    [undefined, 0],
  ])('may be %j', (value, number) => {
    expect(port(value)).toBe(number);
  });

  test.each([-1, 65536, Number.NaN, 80.5, Number.POSITIVE_INFINITY])('is not the number %s', (value) => {
    const error = thrownBy(() => port(value));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ code: 'ERR_OUT_OF_RANGE', message: expect.stringMatching(/^port: .*65535/) });
  });

  test.each(['80x', 'x80', '-1', '0x50', '80 ', '8.0', 'no-such-service', 'HTTP'])('is not the text %j', (value) => {
    const error = expectGaiError(() => port(value), 'EAI_SERVICE');
    expect(error.message).toContain(value);
  });

  // The C library takes all of these modulo 65536.
  test.each([
    '65536',
    '70000',
    '4294967376',
    '99999999999999999999999',
    '+70000',
    ' 70000',
    '\t65616',
    '-18446744073709551536',
  ])('is not the large number %j', (value) => {
    expectGaiError(() => port(value), 'EAI_SERVICE');
  });

  test.each([true, [80], {}, 80n, Symbol('http')])('is nothing else: %s', (value) => {
    const error = thrownBy(() => port(value));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', message: expect.stringMatching(/^port: /) });
  });

  test('has no NUL', () => {
    for (const value of ['80\0', Buffer.from('80\0')]) {
      const error = thrownBy(() => port(value));
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', message: expect.stringMatching(/^port: .*NUL/) });
    }
  });
});

test.skipIf(without('python3'))('answers what Python answers (python3)', () => {
  const questions: [string | null, string | number | null, number, number, number, number][] = [
    ['127.0.0.1', 80, 0, 0, 0, 0],
    ['127.1', 80, 0, 0, 0, 0],
    ['0x7f000001', 80, 0, 0, 0, 0],
    ['::1', 'http', 0, SOCK_STREAM, 0, 0],
    ['::ffff:1.2.3.4', 1, 0, SOCK_STREAM, 0, 0],
    ['fe80::1%1', 1, 0, SOCK_STREAM, 0, 0],
    ['localhost', 80, 0, SOCK_STREAM, 0, AI_CANONNAME],
    [null, 80, 0, SOCK_STREAM, 0, AI_PASSIVE],
    [null, 'https', 0, 0, 0, 0],
    ['127.0.0.1', null, AF_INET, 0, IPPROTO_UDP, 0],
    ['::1', 80, AF_INET, 0, 0, 0],
    ['127.0.0.1', 'http', 0, SOCK_RAW, 0, 0],
    [null, null, 0, 0, 0, 0],
    ['1.2.3.4.5', 80, 0, 0, 0, AI_NUMERICHOST],
  ];
  const script = `
import socket, sys, json
def ask(question):
    try:
        return [[int(f), int(t), p, n, list(a)] for f, t, p, n, a in socket.getaddrinfo(*question)]
    except socket.gaierror as error:
        return error.errno
print(json.dumps([ask(question) for question in json.loads(sys.argv[1])]))`;
  const { stdout } = spawnSync('python3', ['-c', script, JSON.stringify(questions)], { encoding: 'utf8' });
  const answers = questions.map((question) => {
    try {
      return getaddrinfo(...question);
    } catch (error) {
      return (error as GaiError).errno;
    }
  });
  expect(answers).toEqual(JSON.parse(stdout));
});
