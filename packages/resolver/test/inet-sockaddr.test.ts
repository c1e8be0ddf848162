import { execFileSync } from 'node:child_process';
import { EAI_NONAME, GaiError } from '@bsd-sockets/core-native';
import { AF_INET, AF_INET6, decodeInet, decodeInet6, encodeInet, encodeInet6 } from '@bsd-sockets/resolver';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { randomNumbers } from '../../core-native/test/random-numbers';
import { parseIpv4, parseIpv6 } from '../src/inet-text';

const SEED = 20_241_121;

const next = randomNumbers(SEED);
const below = (limit: number) => next() % limit;
const pick = <T>(values: readonly T[]): T => values[below(values.length)]!;
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
console.log(`the seed is ${SEED}`);

/** 16 bytes with many groups that are 0, ffff or short: where the text forms differ. */
function trickyIpv6(): Buffer {
  return Buffer.from(
    times(8, () =>
      pick([
        [0, 0],
        [0, 0],
        [0xff, 0xff],
        [0, below(256)],
        [below(256), below(256)],
      ]),
    ).flat(),
  );
}

function thrownBy(call: () => unknown): any {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** What python3 says to each line of input, by an expression over `line`. */
function pythonSays(expression: string, lines: readonly string[]): any[] {
  const script = `
import json, socket, sys
def attempt(line):
    try: return ${expression}
    except (OSError, ValueError): return None
print(json.dumps([attempt(line) for line in json.load(sys.stdin)]))`;
  const output = execFileSync('python3', ['-c', script], { input: JSON.stringify(lines), encoding: 'utf8' });
  return JSON.parse(output);
}

describe('a sockaddr_in', () => {
  test('has family, port and address where ip(7) has them', () => {
    const family = Buffer.from(new Uint16Array([AF_INET]).buffer);
    expect(encodeInet(['1.2.3.4', 0x5678])).toEqual(
      Buffer.concat([family, Buffer.of(0x56, 0x78, 1, 2, 3, 4), Buffer.alloc(8)]),
    );
  });

  test('comes back as it was', () => {
    for (const [index, ip] of times(2000, () => times(4, () => pick([0, 1, 127, 255, below(256)]))).entries()) {
      const address = [ip.join('.'), pick([0, 1, 255, 256, 65535, below(65536)])];
      expect(decodeInet(encodeInet(address)), `address ${index}`).toEqual(address);
    }
  });

  test('of the empty host and of <broadcast>', () => {
    expect(decodeInet(encodeInet(['', 80]))).toEqual(['0.0.0.0', 80]);
    expect(decodeInet(encodeInet(['<broadcast>', 80]))).toEqual(['255.255.255.255', 80]);
  });

  test('of a host in bytes is as of the same text, as in Python', () => {
    for (const host of ['127.0.0.1', 'localhost', '', '<broadcast>']) {
      expect(encodeInet([Buffer.from(host), 80])).toEqual(encodeInet([host, 80]));
    }
  });

  test.each([
    ['127.1', '127.0.0.1'],
    ['0x7f.0.0.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['localhost', '127.0.0.1'],
  ])('of the host %s', (host, ip) => {
    expect(decodeInet(encodeInet([host, 80]))).toEqual([ip, 80]);
  });

  test.skipIf(without('python3'))('has the text of inet_ntop and inet_aton (python3)', () => {
    const addresses = times(1000, () => Buffer.from(times(4, () => pick([0, 255, below(256)]))));
    const decoded = addresses.map((ip) => decodeInet(Buffer.concat([Buffer.alloc(4), ip]))[0]);
    const hex = addresses.map((ip) => ip.toString('hex'));
    expect(decoded).toEqual(pythonSays('socket.inet_ntop(socket.AF_INET, bytes.fromhex(line))', hex));
  });
});

describe('a sockaddr_in6', () => {
  test('has its fields where ipv6(7) has them', () => {
    const native32 = (value: number) => Buffer.from(new Uint32Array([value]).buffer);
    const family = Buffer.from(new Uint16Array([AF_INET6]).buffer);
    const ip = Buffer.from('20010db8000000000000000000000001', 'hex');
    expect(encodeInet6(['2001:db8::1', 0x5678, 0xabcde, 0x12345678])).toEqual(
      Buffer.concat([family, Buffer.of(0x56, 0x78, 0, 0x0a, 0xbc, 0xde), ip, native32(0x12345678)]),
    );
  });

  test('comes back as it was', () => {
    for (const [index, ip] of times(2000, trickyIpv6).entries()) {
      const [host] = decodeInet6(Buffer.concat([Buffer.alloc(8), ip]));
      const address = [host, below(65536), below(2 ** 20), pick([0, 1, 2 ** 32 - 1, below(2 ** 32)])];
      expect(decodeInet6(encodeInet6(address)), `address ${index}`).toEqual(address);
      expect(encodeInet6(address).subarray(8, 24), `address ${index}`).toEqual(ip);
    }
  });

  test('may leave out flow information and scope', () => {
    expect(decodeInet6(encodeInet6(['::1', 80]))).toEqual(['::1', 80, 0, 0]);
    expect(decodeInet6(encodeInet6(['::1', 80, 5]))).toEqual(['::1', 80, 5, 0]);
    expect(decodeInet6(encodeInet6(['::1', 80, 5, 6]))).toEqual(['::1', 80, 5, 6]);
    expect(decodeInet6(encodeInet6(['::1', 80, undefined, 6]))).toEqual(['::1', 80, 0, 6]);
  });

  test('takes the scope from a zone, unless one is given', () => {
    expect(decodeInet6(encodeInet6(['fe80::1%7', 80]))).toEqual(['fe80::1', 80, 0, 7]);
    expect(decodeInet6(encodeInet6(['fe80::1%lo', 80]))).toEqual(['fe80::1', 80, 0, 1]);
    expect(decodeInet6(encodeInet6(['fe80::1%7', 80, 0, 9]))).toEqual(['fe80::1', 80, 0, 9]);
    expect(thrownBy(() => encodeInet6(['fe80::1%no-such-interface', 80]))).toMatchObject({ code: 'EAI_NONAME' });
  });

  test('of the empty host is all of them, and there is no broadcast', () => {
    expect(decodeInet6(encodeInet6(['', 80]))).toEqual(['::', 80, 0, 0]);
    expect(encodeInet6([Buffer.from(''), 80])).toEqual(encodeInet6(['', 80]));
    const error = thrownBy(() => encodeInet6(['<broadcast>', 80]));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      message: expect.stringMatching(/^host: .*broadcast/),
    });
  });

  test.skipIf(without('python3'))('has the text of inet_ntop (python3)', () => {
    const addresses = [
      ...times(3000, trickyIpv6),
      // Every pattern of groups that are zero.
      ...Array.from({ length: 256 }, (_, bits) =>
        Buffer.from(Array.from({ length: 8 }, (_, group) => [0, (bits >> group) & 1]).flat()),
      ),
    ];
    const decoded = addresses.map((ip) => decodeInet6(Buffer.concat([Buffer.alloc(8), ip]))[0]);
    const hex = addresses.map((ip) => ip.toString('hex'));
    expect(decoded).toEqual(pythonSays('socket.inet_ntop(socket.AF_INET6, bytes.fromhex(line))', hex));
  });
});

describe.skipIf(without('python3'))('text is an address if inet_pton says so (python3)', () => {
  const hexOf = (ip: Uint8Array | undefined) => (ip ? Buffer.from(ip).toString('hex') : null);

  test('for IPv4', () => {
    const plain = ['0', '1', '9', '10', '99', '255'];
    const odd = ['256', '00', '01', '1000', '', ' 1', '1 ', '+1', '-1', '0x1', '١'];
    const part = () => pick(pick([plain, plain, plain, odd]));
    const texts = times(3000, () => times(pick([4, 4, 4, 4, 3, 5, 1]), part).join('.'));
    const expected = pythonSays('socket.inet_pton(socket.AF_INET, line).hex()', texts);
    expect(expected.filter((hex) => hex !== null).length).toBeGreaterThan(50);
    expect(texts.map((text) => hexOf(parseIpv4(text)))).toEqual(expected);
  });

  test('for IPv6', () => {
    const part = () =>
      pick([
        '0',
        '1',
        'f',
        'FFFF',
        'abcd',
        '0db8',
        '00000',
        'g',
        '',
        '',
        '1.2.3.4',
        '01.2.3.4',
        '256.1.1.1',
        '1.2.3',
        ' 1',
        '-1',
      ]);
    const plain = () => pick(['0', '1', 'ab', 'FFFF', '0db8']);
    const texts = [
      ...times(3000, () => times(below(10), part).join(':')),
      ...times(3000, () => {
        const parts = times(8, plain);
        const cut = below(9);
        parts.splice(cut, below(9 - cut), pick(['', '', ':', '::', '0']));
        const text = parts.join(':').replace(/^:(?!:)/, '::');
        return pick([text, text, text, `${text}.2.3.4`, text.replace(/:[^:]*$/, ':1.2.3.4'), `${text}:`]);
      }),
      ...[
        '',
        ':',
        '::',
        ':::',
        '::::',
        '1::',
        '::1',
        '1::2::3',
        '1:2:3:4:5:6:7::',
        '::2:3:4:5:6:7:8',
        '1::3:4:5:6:7:8',
      ],
      ...[
        '1:2:3:4:5:6:7:8::',
        '::1:2:3:4:5:6:7:8',
        '1:2:3:4:5:6:7:8:9',
        '1:2:3:4:5:6:1.2.3.4',
        '1:2:3:4:5:6:7:1.2.3.4',
      ],
      ...[
        '::1.2.3.4',
        '::1.2.3.4:5',
        '1.2.3.4::',
        '1.2.3.4',
        '::ffff:1.2.3.4',
        '::%1',
        '::1%lo',
        '[::1]',
        '::1\n',
        ' ::1',
      ],
    ];
    const expected = pythonSays('socket.inet_pton(socket.AF_INET6, line).hex()', texts);
    expect(expected.filter((hex) => hex !== null).length).toBeGreaterThan(500);
    const parsed = texts.map((text) => hexOf(parseIpv6(text)));
    const different = texts.filter((_text, index) => parsed[index] !== expected[index]);
    expect(different).toEqual([]);
  });
});

describe('bytes of any kind', () => {
  test('decode to an address', () => {
    for (const bytes of times(3000, () => Buffer.from(times(below(40), () => below(256))))) {
      const [host, port, ...rest] = decodeInet(bytes);
      expect([host, rest]).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/), []]);
      const [host6, port6, flowinfo, scopeId] = decodeInet6(bytes);
      expect(parseIpv6(host6)).toHaveLength(16);
      for (const number of [port, port6]) expect(number >= 0 && number <= 65535).toBe(true);
      for (const number of [flowinfo, scopeId]) expect(number >= 0 && number < 2 ** 32).toBe(true);
    }
  });

  test('past the end count as 0', () => {
    expect(decodeInet(new Uint8Array(0))).toEqual(['0.0.0.0', 0]);
    expect(decodeInet(Buffer.of(2, 0, 1))).toEqual(['0.0.0.0', 256]);
    expect(decodeInet(Buffer.of(2, 0, 0, 80, 10))).toEqual(['10.0.0.0', 80]);
    expect(decodeInet6(new Uint8Array(0))).toEqual(['::', 0, 0, 0]);
    expect(decodeInet6(Buffer.of(10, 0, 0, 80, 0, 0, 0, 1, 0x20))).toEqual(['2000::', 80, 1, 0]);
    expect(decodeInet6(Buffer.concat([encodeInet6(['::1', 80, 5, 0x01020304]).subarray(0, 26)]))[3]).toBe(0x0304);
  });

  test('decode from wherever they lie', () => {
    const memory = Buffer.concat([
      Buffer.alloc(5, 0xff),
      encodeInet6(['2001:db8::7', 80, 1, 2]),
      Buffer.alloc(5, 0xff),
    ]);
    expect(decodeInet6(memory.subarray(5, 33))).toEqual(['2001:db8::7', 80, 1, 2]);
  });
});

describe('an address of another shape', () => {
  const families: [name: string, encode: (address: unknown) => Buffer, host: string][] = [
    ['AF_INET', encodeInet, '127.0.0.1'],
    ['AF_INET6', encodeInet6, '::1'],
  ];

  const expectError = (call: () => unknown, errorClass: unknown, code: string, part: string) => {
    const error = thrownBy(call);
    expect(error.constructor).toBe(errorClass);
    expect(error).toMatchObject({ code, message: expect.stringMatching(`^${part}: expected `) });
    return error;
  };

  describe.each(families)('for %s', (name, encode, host) => {
    test.each<[string, unknown]>([
      ['undefined', undefined],
      ['null', null],
      ['a string', host],
      ['a number', 80],
      ['bytes', Buffer.alloc(16)],
      ['an object', { host, port: 80 }],
      ['an empty list', []],
      ['one element', [host]],
      ['five elements', [host, 80, 0, 0, 0]],
    ])('%s', (_kind, address) => {
      expect(expectError(() => encode(address), TypeError, 'ERR_INVALID_ARG_TYPE', 'address').message).toContain(name);
    });

    test.each([-1, 65536, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('the port %s', (port) => {
      expectError(() => encode([host, port]), RangeError, 'ERR_OUT_OF_RANGE', 'port');
    });

    test.each([['80'], ['80x'], [null], [undefined], [80n], [true]])('the port %o', (port) => {
      expectError(() => encode([host, port]), TypeError, 'ERR_INVALID_ARG_TYPE', 'port');
    });

    test.each([[null], [undefined], [1], [true], [{}], [['::1']], [1n]])('the host %o', (bad) => {
      expectError(() => encode([bad, 80]), TypeError, 'ERR_INVALID_ARG_TYPE', 'host');
    });

    test('a host with a NUL', () => {
      expectError(() => encode([`${host}\0`, 80]), RangeError, 'ERR_INVALID_ARG_VALUE', 'host');
      expectError(() => encode([Buffer.from(`${host}\0`), 80]), RangeError, 'ERR_INVALID_ARG_VALUE', 'host');
    });

    test('an unknown host', () => {
      const unknown = `${'x'.repeat(64)}.invalid`;
      const error = thrownBy(() => encode([unknown, 80]));
      expect(error.constructor).toBe(GaiError);
      expect(error).toMatchObject({ code: 'EAI_NONAME', errno: EAI_NONAME, address: unknown });
    });
  });

  test('a pair of three for AF_INET', () => {
    expectError(() => encodeInet(['127.0.0.1', 80, 0]), TypeError, 'ERR_INVALID_ARG_TYPE', 'address');
  });

  test('flow information and scope for AF_INET6', () => {
    for (const flowinfo of [-1, 2 ** 20, 0.5]) {
      expectError(() => encodeInet6(['::1', 80, flowinfo]), RangeError, 'ERR_OUT_OF_RANGE', 'flowinfo');
    }
    for (const scopeId of [-1, 2 ** 32, 0.5]) {
      expectError(() => encodeInet6(['::1', 80, 0, scopeId]), RangeError, 'ERR_OUT_OF_RANGE', 'scopeId');
    }
    expectError(() => encodeInet6(['::1', 80, null]), TypeError, 'ERR_INVALID_ARG_TYPE', 'flowinfo');
    expectError(() => encodeInet6(['::1', 80, 0, 'lo']), TypeError, 'ERR_INVALID_ARG_TYPE', 'scopeId');
  });
});
