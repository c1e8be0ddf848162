import { execFileSync } from 'node:child_process';
import { inspect } from 'node:util';
import { AF_INET, AF_INET6, inetAton, inetNtoa, inetNtop, inetPton, OSError } from '@bsd-sockets/resolver';
import { expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { type Call, expectAsInPython } from './cpython';
import { random } from './random';

const code = (code: string) => expect.objectContaining({ code });

const ipv4 = [
  '127.0.0.1 255.255.255.255 0.0.0.0 1 127.1 1.2.3 1.2.3.4.5 1.2.3.4. .1.2.3.4 1..2 . 1. 0x 0x7f.1 0X7F.0xAb 0x.1 0xg 08 010',
  '017777777777 020000000000 037777777777 040000000000 0377.1 0400.1 00000000000000000000001 0000.0000 4294967295 4294967296',
  '99999999999999999999999 0xffffffff 0x100000000 1.16777215 1.16777216 1.2.65535 1.2.65536 1.2.3.255 1.2.3.256 256.1 1.256.1',
  '-1 +1 1.+2 1.-2 1e3 0b1 0o7 1_0 1,2 01.2.3.4 1.2.3.04 1.2.3.0 00.0.0.0 1.2.3.1000 ١.٢.٣.٤ １.2.3.4 localhost',
]
  .flatMap((line) => line.split(' '))
  .concat('', ' ', ' 1', '1 ', '1 x', '1\n', '1\t.', '1\v', '1\f1', '1\r', '1\x1f', '1\u00a0', '1é', '1 é', '1. 2');

const ipv6 = [
  ':: ::1 1:: 1::8 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:8:9 1:2:3:4:5:6:7 ::: :::: 1:::2 1::2::3 ::1.2.3.4 1::1.2.3.4 ::ffff:1.2.3.4',
  '1:2:3:4:5:6:1.2.3.4 1:2:3:4:5:6:7:1.2.3.4 1:2:3:4:5:1.2.3.4 1.2.3.4:: 1.2.3.4 ::1.2.3.4:5 ::1.2.3 ::01.2.3.4 ::1.2.3.256',
  '1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8 1:2:3:4:5:6:7:8:: ::1:2:3:4:5:6:7:8 1:2:3:4::5:6:7:8 : 1: :1 1:2: :1:2 00001:: 0001:: g::',
  'ABCD:EF01:2345:6789:abcd:ef01:2345:6789 fe80::1%lo fe80::1%1 fe80::1% [::1] ::1/64 ::0x1 ::+1 ::-1 ::١ 12345::',
]
  .flatMap((line) => line.split(' '))
  .concat('', ' ::1', '::1 ', '::1\n', '1 ::', '::é');

test('inetAton takes one to four numbers in three bases', () => {
  expect(inetAton('127.1')).toEqual(Buffer.of(127, 0, 0, 1));
  expect(inetAton('0x7f.0.0.010')).toEqual(Buffer.of(127, 0, 0, 8));
  expect(inetAton('1.2.0xffff')).toEqual(Buffer.of(1, 2, 255, 255));
  expect(inetAton('4294967295')).toEqual(Buffer.of(255, 255, 255, 255));
  expect(() => inetAton('1.2.3.256')).toThrow(code('EINVAL'));
  expect(() => inetAton('1.2.3.256')).toThrow(OSError);
});

test('results belong to the caller', () => {
  const first = inetPton(AF_INET, '1.2.3.4');
  first.fill(0);
  expect(inetPton(AF_INET, '1.2.3.4')).toEqual(Buffer.of(1, 2, 3, 4));
  expect(first.buffer.byteLength).toBe(4);
});

test('any view holds an address', () => {
  expect(inetNtoa(Uint8Array.of(1, 2, 3, 4).buffer)).toBe('1.2.3.4');
  expect(inetNtoa(new DataView(Uint8Array.of(0, 1, 2, 3, 4).buffer, 1))).toBe('1.2.3.4');
  expect(inetNtop(AF_INET6, new Uint16Array(8))).toBe('::');
});

test('arguments of a wrong kind are refused by name', () => {
  for (const wrong of [undefined, null, 1, Buffer.from('1.2.3.4')]) {
    expect(() => inetAton(wrong as never)).toThrow(/^ipString: /);
    expect(() => inetPton(AF_INET, wrong as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
  }
  expect(() => inetAton('1\0')).toThrow(code('ERR_INVALID_ARG_VALUE'));
  expect(() => inetPton(AF_INET, '1.2.3.4\0')).toThrow(code('ERR_INVALID_ARG_VALUE'));
  expect(() => inetPton('2' as never, '1.2.3.4')).toThrow(code('ERR_INVALID_ARG_TYPE'));
  expect(() => inetPton(1, 'x')).toThrow(code('EAFNOSUPPORT'));
  expect(() => inetNtoa('1234' as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
  expect(() => inetNtoa(Buffer.alloc(5))).toThrow(code('EINVAL'));
  expect(() => inetNtop(AF_INET, Buffer.alloc(16))).toThrow(code('ERR_INVALID_ARG_VALUE'));
  expect(() => inetNtop(1, Buffer.alloc(4))).toThrow(code('ERR_INVALID_ARG_VALUE'));
});

test('they and the byte order need no addon', () => {
  const program = `
    const { htons, inetAton, inetNtoa, ntohl } = require('@bsd-sockets/resolver');
    let error;
    try { inetAton('x') } catch ({ code, errno, message }) { error = { code, errno, message } }
    console.log(htons(ntohl(0) + 1), inetNtoa(inetAton('127.1')), error);`;
  const run = (env: NodeJS.ProcessEnv) =>
    execFileSync(process.execPath, ['--eval', program], {
      cwd: import.meta.dirname,
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
  expect(run({ BSD_SOCKETS_ADDON: '/nonexistent' })).toBe(run({}));
});

test.skipIf(without('python3'))('addresses written in all ways, as in CPython (python3)', () => {
  const calls: Call[] = [...ipv4, ...ipv6].flatMap((text) => [
    ['inet_aton', text],
    ['inet_pton', AF_INET, text],
    ['inet_pton', AF_INET6, text],
  ]);
  const sizes = [0, 3, 4, 5, 15, 16, 17].map((size) => Buffer.alloc(size, 0xab));
  for (const packed of sizes) {
    calls.push(['inet_ntoa', packed]);
    for (const family of [AF_INET, AF_INET6, 1, 0, -1, 99, 2 ** 31]) calls.push(['inet_ntop', family, packed]);
  }
  for (const family of [1, 0, -1, 99, 2 ** 31, -(2 ** 31) - 1, null, '2']) calls.push(['inet_pton', family, '1.2.3.4']);
  for (const wrong of [null, 1, Buffer.from('1.2.3.4'), 'a\0b']) {
    calls.push(['inet_aton', wrong], ['inet_pton', AF_INET, wrong], ['inet_pton', AF_INET6, wrong]);
  }
  for (const wrong of [null, 1, '1234']) calls.push(['inet_ntoa', wrong], ['inet_ntop', AF_INET, wrong]);
  expectAsInPython(calls);
});

test.skipIf(without('python3'))('random and damaged text, as in CPython (python3)', () => {
  const { below, pick } = random();
  const scrap = () =>
    pick(['.', ':', '::', '0', '00', '0x', '1', '9', 'f', 'G', '255', '256', '65536', ' ', '%', '-', '%lo']);
  const garbage = () => Array.from({ length: below(12) }, scrap).join('');
  const damaged = (texts: string[]) => {
    const text = pick(texts);
    const at = below(text.length + 1);
    return text.slice(0, at) + (below(2) ? scrap() : '') + text.slice(at + below(3));
  };
  const calls: Call[] = [];
  for (let count = 0; count < 5000; count++) {
    for (const text of [garbage(), damaged(ipv4), damaged(ipv6)]) {
      calls.push(['inet_aton', text], ['inet_pton', AF_INET, text], ['inet_pton', AF_INET6, text]);
    }
  }
  expectAsInPython(calls);
});

test.skipIf(without('python3'))('random addresses, as in CPython (python3)', () => {
  const { below } = random();
  // Zeros make the runs that `::` and the dotted tail stand for.
  const ip = (size: number) => Buffer.from(Array.from({ length: size }, () => (below(3) ? 0 : below(256))));
  const prefixed = (prefix: number[]) => Buffer.from([...prefix, ...ip(16 - prefix.length)]);
  const mapped = () => prefixed([...new Array(10).fill(0), 255, 255]);
  const compatible = () => prefixed(new Array(below(15)).fill(0));
  const calls = Array.from({ length: 5000 }, (): Call[] => [
    ['inet_ntop', AF_INET, ip(4)],
    ['inet_ntoa', ip(4)],
    ...[ip(16), mapped(), compatible()].map((packed): Call => ['inet_ntop', AF_INET6, packed]),
  ]).flat();
  expectAsInPython(calls);
});

test('text of an address gives the address back', () => {
  const { below } = random();
  for (let count = 0; count < 20_000; count++) {
    for (const [family, size] of [
      [AF_INET, 4],
      [AF_INET6, 16],
    ] as const) {
      const packed = Buffer.from(Array.from({ length: size }, () => (below(2) ? 0 : below(256))));
      const text = inetNtop(family, packed);
      const back = inetPton(family, text);
      if (!back.equals(packed)) throw new Error(`${inspect(packed)} became ${text}, ${inspect(back)}`);
      if (family === AF_INET && !inetAton(text).equals(packed)) throw new Error(`inetAton('${text}')`);
    }
  }
});
