import { AF_ALG, type AlgAddress } from '@bsd-sockets/alg';
import { codecConformance } from '@bsd-sockets/family-testkit';
import { familyOf } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';

const family = familyOf(AF_ALG);
const socket = { family: AF_ALG, type: 5, proto: 0, fileno: () => -1 };
const longest: AlgAddress = ['t'.repeat(13), 'n'.repeat(103), 0, 0];

describe('the codec of AF_ALG', () => {
  const checks = codecConformance({
    family,
    accepted: [
      [
        ['hash', 'sha256'],
        ['hash', 'sha256', 0, 0],
      ],
      [
        ['aead', 'gcm(aes)', 8],
        ['aead', 'gcm(aes)', 8, 0],
      ],
      [
        ['skcipher', 'cbc(aes)', 2 ** 32 - 1, 12],
        ['skcipher', 'cbc(aes)', 2 ** 32 - 1, 12],
      ],
      [
        ['', ''],
        ['', '', 0, 0],
      ],
      [
        ['hash', 'é\udcff'],
        ['hash', 'é\udcff', 0, 0],
      ],
      [longest, longest],
    ],
    refused: [
      [undefined, { code: 'ERR_INVALID_ARG_TYPE', message: /^address: .*\[type, name, feat\?, mask\?\] for AF_ALG/ }],
      [['hash'], { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      [['hash', 'sha256', 0, 0, 0], { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      [[1, 'sha256'], { code: 'ERR_INVALID_ARG_TYPE', message: /^type: / }],
      [['hash', Buffer.from('sha256')], { code: 'ERR_INVALID_ARG_TYPE', message: /^name: / }],
      [['hash\0', 'sha256'], { code: 'ERR_INVALID_ARG_VALUE', message: /^type: .*NUL/ }],
      [['hash', 'sha\x00256'], { code: 'ERR_INVALID_ARG_VALUE', message: /^name: .*NUL/ }],
      [['t'.repeat(14), 'sha256'], { code: 'ERR_INVALID_ARG_VALUE', message: /^type: .*at most 13 bytes/ }],
      [['hash', 'n'.repeat(104)], { code: 'ERR_INVALID_ARG_VALUE', message: /^name: .*at most 103 bytes/ }],
      [['hash', 'é'.repeat(52)], { code: 'ERR_INVALID_ARG_VALUE', message: /^name: .*at most 103 bytes/ }],
      [['hash', '\ud800'], { code: 'ERR_INVALID_ARG_VALUE', message: /^name: / }],
      [['hash', 'sha256', '0'], { code: 'ERR_INVALID_ARG_TYPE', message: /^feat: / }],
      [['hash', 'sha256', -1], { code: 'ERR_OUT_OF_RANGE', message: /^feat: / }],
      [['hash', 'sha256', 0, 2 ** 32], { code: 'ERR_OUT_OF_RANGE', message: /^mask: / }],
    ],
  });
  for (const { name, run } of checks) test(name, run);

  test('makes a struct sockaddr_alg', () => {
    const encoded = family.encode(['hash', 'sha256', 0x01020304, 0x05060708], socket);
    const numbers = new Uint8Array(new Uint32Array([0x01020304, 0x05060708]).buffer);
    const rest = Buffer.concat([
      Buffer.from('hash'),
      Buffer.alloc(10),
      numbers,
      Buffer.from('sha256'),
      Buffer.alloc(58),
    ]);
    expect(Buffer.from(encoded.subarray(2))).toEqual(rest);
  });

  test('a name of more than 63 bytes makes it longer, and ends with a NUL', () => {
    const lengths = [63, 64, 103].map((length) => family.encode(['hash', 'n'.repeat(length)], socket));
    expect(lengths.map(({ length }) => length)).toEqual([88, 89, 128]);
    expect(lengths.map((encoded) => encoded.at(-1))).toEqual([0, 0, 0]);
  });

  test('random addresses come out as they went in', () => {
    const alphabet = 'ab(c),-_1é\u{1f511}\udc80';
    const random = (most: number) => Math.floor(Math.random() * (most + 1));
    const text = (most: number) =>
      Array.from({ length: random(most) }, () => Array.from(alphabet)[random(Array.from(alphabet).length - 1)]).join(
        '',
      );
    for (let round = 0; round < 1000; round++) {
      const address: AlgAddress = [text(3), text(25), random(2 ** 32 - 1), random(2 ** 32 - 1)];
      expect(family.decode(family.encode(address, socket), socket)).toEqual(address);
    }
  });
});
