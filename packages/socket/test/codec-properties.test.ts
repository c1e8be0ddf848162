import { decodeInet, decodeInet6, encodeInet, encodeInet6 } from '@bsd-sockets/resolver';
import { AF_UNIX, familyOf, Socket } from '@bsd-sockets/socket';
import { expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { random } from '../../resolver/test/random';

const CASES = Number(process.env.CODEC_CASES ?? 10_000);
const timeout = 3_600_000;
const { below } = random();
const bytesOf = (length: number) => Buffer.from(Array.from({ length }, () => (below(3) ? below(256) : 255 * below(2))));

const unix = familyOf(AF_UNIX);
const info = { family: AF_UNIX, type: 1, proto: 0, fileno: () => -1 };

/** A path (never with a NUL), or an abstract name. */
function unixName(): Buffer {
  const abstract = below(2) === 1;
  const name = bytesOf(1 + below(106)).map((byte) => (abstract || byte > 0 ? byte : 1));
  return Buffer.from(abstract ? [0, ...name] : name);
}

test(`addresses come back as they were (${CASES} of each family; CODEC_CASES for more)`, { timeout }, () => {
  for (let count = 0; count < CASES; count++) {
    const inet: [string, number] = [Array.from({ length: 4 }, () => below(256)).join('.'), below(65536)];
    if (`${decodeInet(encodeInet(inet))}` !== `${inet}`) expect(decodeInet(encodeInet(inet))).toEqual(inet);

    const [host] = decodeInet6(Buffer.concat([Buffer.alloc(8), bytesOf(16)]));
    const inet6: [string, number, number, number] = [host, below(65536), below(2 ** 20), below(2 ** 32)];
    if (`${decodeInet6(encodeInet6(inet6))}` !== `${inet6}`) expect(decodeInet6(encodeInet6(inet6))).toEqual(inet6);

    const name = unixName();
    const decoded = unix.decode(unix.encode(name, info), info);
    const again = unix.encode(decoded, info);
    if (!Buffer.from(again).equals(Buffer.from(unix.encode(name, info)))) expect(decoded).toEqual(name);
  }
});

test(`any bytes decode (${CASES} of each family; CODEC_CASES for more)`, { timeout }, () => {
  for (let count = 0; count < CASES; count++) {
    const sockaddr = bytesOf(below(140));
    for (const decode of [decodeInet, decodeInet6, (bytes: Uint8Array) => unix.decode(bytes, info)]) {
      const before = decode(sockaddr);
      const text = `${before}`;
      const copy = Buffer.from(sockaddr);
      sockaddr.fill(0x55);
      // What was decoded is no view of the bytes.
      if (`${before}` !== text) expect(before).toBe(text);
      sockaddr.set(copy);
    }
  }
});

test.skipIf(without('AF_UNIX'))(
  'what is decoded from any bytes is an address that a socket takes or refuses with an error (AF_UNIX)',
  () => {
    using socket = new Socket(AF_UNIX);
    for (let count = 0; count < 1000; count++) {
      const address = unix.decode(bytesOf(2 + below(110)), info);
      try {
        socket.connect(address);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^E/) });
      }
    }
  },
);

test('what is written to the bytes of a unix path changes no later one', () => {
  const path = '/run/one';
  const bytes = Buffer.from(unix.encode(path, info));
  unix.encode(path, info).fill(1);
  expect(unix.encode(path, info)).toEqual(bytes);
  unix.encode(path, info).fill(1);
  expect(unix.encode(path, info)).toEqual(bytes);

  expect(unix.decode(bytes, info)).toBe(path);
  bytes.write('two', bytes.indexOf('one'));
  expect(unix.decode(bytes, info)).toBe('/run/two');
  expect(unix.decode(unix.encode(path, info), info)).toBe(path);
});
