import { execFileSync } from 'node:child_process';
import { type BinaryLike, createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Aead,
  AF_ALG,
  ALG_OP_DECRYPT,
  ALG_OP_ENCRYPT,
  ALG_SET_KEY,
  Cipher,
  Hash,
  Rng,
  SOL_ALG,
} from '@bsd-sockets/alg';
import * as promises from '@bsd-sockets/alg/promises';
import { capability, program, socketConformance } from '@bsd-sockets/family-testkit';
import { MSG_MORE, SOCK_SEQPACKET, Socket } from '@bsd-sockets/socket';
import * as promiseSockets from '@bsd-sockets/socket/promises';
import { afterAll, describe, expect, test } from 'vitest';

const [hashes, ...others] = ['hash', 'skcipher', 'aead', 'rng'].map((type) =>
  capability('AF_ALG', 'SOCK_SEQPACKET', type),
);
const alg = others.find(({ available }) => !available) ?? hashes!;
const python = program('python3', 'python3');

const folder = mkdtempSync(join(tmpdir(), 'alg-'));
afterAll(() => rmSync(folder, { recursive: true }));

const key = randomBytes(32);
const iv = randomBytes(16);
const nonce = randomBytes(12);
const data = randomBytes(300_000);
/** Of a length that fills no block and no piece. */
const odd = data.subarray(0, 150_001);
/** Whole blocks. */
const blocks = data.subarray(0, 160_000);

function sha256(...parts: BinaryLike[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function encrypted(name: string, text: Uint8Array, vector: Uint8Array | null, secret: Uint8Array = key): Buffer {
  const cipher = createCipheriv(name, secret, vector);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(text), cipher.final()]);
}

function sealed(text: Uint8Array, aad: Uint8Array = Buffer.alloc(0)): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function failing(code: string, message: RegExp) {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}

async function joined(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

async function* trickle(text: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < text.length; start += size) yield text.subarray(start, start + size);
}

describe.skipIf(!alg.available)(`the algorithms of the kernel ${alg.reason}`, () => {
  describe('sockets', () => {
    const message = Buffer.from('abc');
    const checks = socketConformance({
      family: AF_ALG,
      type: SOCK_SEQPACKET,
      binds: [[['hash', 'sha256']], [['skcipher', 'cbc(aes)', 0, 0]]],
      open: () => {
        using algorithm = new Socket(AF_ALG, SOCK_SEQPACKET);
        algorithm.bind(['hash', 'sha256']);
        const [operation, address] = algorithm.accept();
        expect(address).toBeUndefined();
        return [operation, operation];
      },
      connected: false,
      from: () => undefined,
      data: message,
      received: sha256(message),
      waits: false,
    });
    for (const { name, run } of checks) test(name, run);

    test('have no names', () => {
      using socket = new Socket(AF_ALG, SOCK_SEQPACKET);
      socket.bind(['hash', 'sha256']);
      expect(() => socket.getsockname()).toThrow(failing('EOPNOTSUPP', /getsockname/));
      expect(() => socket.getpeername()).toThrow(failing('EOPNOTSUPP', /getpeername/));
    });

    test('are taken over from a descriptor', () => {
      using socket = new Socket(AF_ALG, SOCK_SEQPACKET);
      using again = new Socket({ fileno: socket.detach() });
      expect([again.family, again.type]).toEqual([AF_ALG, SOCK_SEQPACKET]);
    });

    test('encrypt by sendmsgAfalg', () => {
      using algorithm = new Socket(AF_ALG, SOCK_SEQPACKET);
      algorithm.bind(['skcipher', 'cbc(aes)']);
      algorithm.setsockopt(SOL_ALG, ALG_SET_KEY, key);
      using operation = algorithm.accept()[0];
      const text = data.subarray(0, 48);
      operation.sendmsgAfalg([text.subarray(0, 10)], { op: ALG_OP_ENCRYPT, iv, flags: MSG_MORE });
      operation.sendall(text.subarray(10));
      expect(operation.recv(48)).toEqual(encrypted('aes-256-cbc', text, iv));
      operation.sendmsgAfalg([encrypted('aes-256-cbc', text, iv)], { op: ALG_OP_DECRYPT, iv });
      expect(operation.recv(48)).toEqual(text);
    });

    test('encrypt by sendmsgAfalg on the event loop, where a receive waits for its data', async () => {
      using algorithm = new promiseSockets.Socket(AF_ALG, SOCK_SEQPACKET);
      await algorithm.bind(['skcipher', 'cbc(aes)']);
      algorithm.setsockopt(SOL_ALG, ALG_SET_KEY, key);
      const [operation, address] = await algorithm.accept();
      using _operation = operation;
      expect(address).toBeUndefined();
      const text = data.subarray(0, 48);
      await operation.sendmsgAfalg([], { op: ALG_OP_ENCRYPT, iv, flags: MSG_MORE });
      const receiving = operation.recv(48);
      await operation.sendall(text);
      expect(await receiving).toEqual(encrypted('aes-256-cbc', text, iv));
    });

    test('say which algorithm the kernel does not have', () => {
      using socket = new Socket(AF_ALG, SOCK_SEQPACKET);
      expect(() => socket.bind(['hash', 'nothing'])).toThrow(failing('ENOENT', /bind \[ 'hash', 'nothing' \]$/));
      expect(() => socket.bind(['nothing', 'sha256'])).toThrow(failing('ENOENT', /'nothing'/));
      // Longer than struct sockaddr_alg has room for: the kernel reads all of it.
      const long = `${'cryptd('.repeat(10)}sha256${')'.repeat(10)}`;
      expect(() => socket.bind(['hash', long])).toThrow(expect.objectContaining({ address: ['hash', long] }));
    });
  });

  describe('a hash', () => {
    test('is that of node:crypto, in one piece, in many and in none', () => {
      using hash = new Hash('sha256');
      expect(hash.digest()).toEqual(sha256());
      expect(hash.update(data).digest()).toEqual(sha256(data));
      for (let start = 0; start < 1000; start += 7) hash.update(data.subarray(start, Math.min(start + 7, 1000)));
      expect(hash.update(Buffer.alloc(0)).digest()).toEqual(sha256(data.subarray(0, 1000)));
      expect(hash.update(new Uint16Array([1, 2])).digest()).toEqual(sha256(new Uint16Array([1, 2])));
    });

    test('with a key is that of node:crypto', () => {
      for (const secret of [key, Buffer.alloc(0), Buffer.alloc(100, 'key')]) {
        using hash = new Hash('hmac(sha1)', secret);
        expect(hash.update(data).digest()).toEqual(createHmac('sha1', secret).update(data).digest());
      }
    });

    test('can be copied in any state', () => {
      using hash = new Hash('sha256');
      using unused = hash.copy();
      hash.update(odd);
      using copy = hash.copy();
      hash.update(data);
      expect([unused, copy, hash].map((one) => one.digest())).toEqual([sha256(), sha256(odd), sha256(odd, data)]);
      expect(copy.name).toBe('sha256');
    });

    test('goes on with a file between other bytes', () => {
      using hash = new Hash('sha256');
      const path = join(folder, 'file');
      for (const size of [0, 1, 4096, 65_536, 300_000]) {
        writeFileSync(path, data.subarray(0, size));
        hash.update(iv);
        expect(hash.updateFile(path)).toBe(size);
        expect(hash.update(key).digest()).toEqual(sha256(iv, data.subarray(0, size), key));
      }
      const fd = openSync(path, 'r');
      try {
        expect(hash.updateFile(fd) + hash.updateFile({ fd })).toBe(600_000);
        expect(hash.digest()).toEqual(sha256(data, data));
      } finally {
        closeSync(fd);
      }
    });

    test('goes on with a file of a device, which sendfile(2) refuses', async () => {
      using hash = new Hash('sha256');
      using onLoop = new promises.Hash('sha256');
      hash.update(iv);
      expect([hash.updateFile('/dev/null'), await onLoop.updateFile('/dev/null')]).toEqual([0, 0]);
      expect([hash.digest(), await onLoop.digest()]).toEqual([sha256(iv), sha256()]);
    });

    test('refuses what is no file', () => {
      using hash = new Hash('sha256');
      expect(() => hash.updateFile(join(folder, 'none'))).toThrow(failing('ENOENT', /open .*none/));
      expect(() => hash.updateFile(folder)).toThrow(failing('EISDIR', /read/));
      expect(() => hash.updateFile({} as never)).toThrow(failing('ERR_INVALID_ARG_TYPE', /^file: /));
      expect(() => hash.updateFile(-1)).toThrow(failing('ERR_OUT_OF_RANGE', /^file: /));
      expect(() => hash.updateFile(2 ** 20)).toThrow(failing('EBADF', /fstat/));
    });

    test('streams 64 MiB by pieces and by sendfile', async () => {
      const path = join(folder, 'large');
      const piece = randomBytes(2 ** 20);
      const expected = createHash('sha256');
      using hash = new Hash('sha256');
      const file = openSync(path, 'w');
      for (let count = 0; count < 64; count++) {
        piece.writeUInt32LE(count);
        expected.update(piece);
        hash.update(piece);
        writeFileSync(file, piece);
      }
      closeSync(file);
      const digest = expected.digest();
      expect(hash.digest()).toEqual(digest);
      expect(hash.updateFile(path)).toBe(2 ** 26);
      expect(hash.digest()).toEqual(digest);
      using onLoop = new promises.Hash('sha256');
      expect(await onLoop.updateFile(path)).toBe(2 ** 26);
      expect(await onLoop.digest()).toEqual(digest);
      rmSync(path);
    }, 240_000);

    test('explains what is wrong', () => {
      expect(() => new Hash('nothing')).toThrow(failing('ENOENT', /this kernel has no hash 'nothing'/));
      expect(() => new Hash('sha256', key)).toThrow(failing('ENOSYS', /'sha256' takes no key of 32 bytes/));
      expect(() => new Hash('hmac(sha1)', 'key' as never)).toThrow(failing('ERR_INVALID_ARG_TYPE', /^key: /));
      expect(() => new Hash(1 as never)).toThrow(failing('ERR_INVALID_ARG_TYPE', /^name: /));
      using keyless = new Hash('hmac(sha1)');
      expect(() => keyless.update(data)).toThrow(failing('ENOKEY', /'hmac\(sha1\)' needs a key/));
      expect(() => keyless.digest()).toThrow(failing('ENOKEY', /needs a key/));
      expect(() => keyless.updateFile('/proc/self/exe')).toThrow(failing('ENOKEY', /needs a key/));
      expect(() => keyless.update('text' as never)).toThrow(failing('ERR_INVALID_ARG_TYPE', /^data: /));
      keyless.close();
      keyless.close();
      expect(() => keyless.update(data)).toThrow(failing('EBADF', /closed/));
    });
  });

  describe('a cipher', () => {
    test.each([
      ['cbc(aes)', 'aes-256-cbc', iv, blocks],
      ['ctr(aes)', 'aes-256-ctr', iv, odd],
      ['ecb(aes)', 'aes-256-ecb', null, blocks],
    ])('%s is that of node:crypto', async (name, theirs, vector, text) => {
      using cipher = new Cipher(name, key);
      using onLoop = new promises.Cipher(name, key);
      for (const part of [text, text.subarray(0, 32), text.subarray(0, 2 ** 16), text.subarray(0, 0)]) {
        const expected = encrypted(theirs, part, vector);
        expect(same(cipher.encrypt(part, vector), expected)).toBe(true);
        expect(same(cipher.decrypt(expected, vector), part)).toBe(true);
        expect(same(await onLoop.encrypt(part, vector), expected)).toBe(true);
        expect(same(await onLoop.decrypt(expected, vector), part)).toBe(true);
      }
      const expected = encrypted(theirs, text, vector);
      const pieces = [text.subarray(0, 5), text.subarray(5, 5), text.subarray(5, 77_777), text.subarray(77_777)];
      expect(same(Buffer.concat([...cipher.encryptPieces(pieces, vector)]), expected)).toBe(true);
      expect(same(Buffer.concat([...cipher.decryptPieces([expected], vector)]), text)).toBe(true);
      expect(same(await joined(onLoop.encryptPieces(trickle(text, 9999), vector)), expected)).toBe(true);
      expect(same(await joined(onLoop.decryptPieces(pieces.slice(0, 0), vector)), Buffer.alloc(0))).toBe(true);
    });

    test('that needs a message as a whole gets it so', () => {
      const secret = randomBytes(64);
      using cipher = new Cipher('xts(aes)', secret);
      const text = data.subarray(0, 200_001);
      const expected = encrypted('aes-256-xts', text, iv, secret);
      expect(same(cipher.encrypt(text, iv), expected)).toBe(true);
      expect(same(cipher.decrypt(expected, iv), text)).toBe(true);
      expect(() => cipher.encrypt(Buffer.alloc(2 ** 24), iv)).toThrow(failing('EMSGSIZE', /net\.core\.\wmem_max/));
      expect(() => [...cipher.encryptPieces([text], iv)]).toThrow(failing('ERR_INVALID_ARG_VALUE', /^name: /));
    });

    test('does several messages at a time', () => {
      using cipher = new Cipher('ctr(aes)', key);
      const [a, b] = [cipher.encryptPieces([odd, odd], iv), cipher.encryptPieces([odd, odd], iv)];
      const results: Buffer[][] = [[], []];
      for (;;) {
        const steps = [a.next(), b.next()];
        if (steps.every(({ done }) => done)) break;
        for (const [index, { value }] of steps.entries()) if (value) results[index]!.push(value);
        cipher.encrypt(iv, iv);
      }
      const expected = encrypted('aes-256-ctr', Buffer.concat([odd, odd]), iv);
      expect(results.map((pieces) => same(Buffer.concat(pieces), expected))).toEqual([true, true]);
    });

    test('explains what is wrong', () => {
      expect(() => new Cipher('nothing', key)).toThrow(failing('ENOENT', /no skcipher 'nothing'/));
      expect(() => new Cipher('sha256', key)).toThrow(failing('ENOENT', /no skcipher 'sha256'/));
      expect(() => new Cipher('cbc(aes)', Buffer.alloc(5))).toThrow(failing('EINVAL', /takes no key of 5 bytes/));
      using cipher = new Cipher('cbc(aes)', key);
      for (const text of [blocks, blocks.subarray(0, 16)]) {
        expect(() => cipher.encrypt(text)).toThrow(failing('EINVAL', /takes no iv of 0 bytes/));
        expect(() => cipher.encrypt(text, nonce)).toThrow(failing('EINVAL', /takes no iv of 12 bytes/));
      }
      expect(() => cipher.encrypt(blocks.subarray(0, 17), iv)).toThrow(failing('EINVAL', /17 bytes/));
      expect(() => cipher.encrypt(odd, iv)).toThrow(failing('EINVAL', /no multiple of the block size/));
      expect(() => cipher.encrypt('text' as never, iv)).toThrow(failing('ERR_INVALID_ARG_TYPE', /^data: /));
      expect(() => cipher.encrypt(blocks, 'iv' as never)).toThrow(failing('ERR_INVALID_ARG_TYPE', /^iv: /));
      expect(() => [...cipher.encryptPieces(['text'] as never, iv)]).toThrow(
        failing('ERR_INVALID_ARG_TYPE', /^piece: /),
      );
      cipher.close();
      expect(() => cipher.encrypt(blocks, iv)).toThrow(failing('EBADF', /closed/));
    });
  });

  describe('an AEAD', () => {
    const aad = Buffer.from('header');

    test('is that of node:crypto', async () => {
      using aead = new Aead('gcm(aes)', key);
      using onLoop = new promises.Aead('gcm(aes)', key);
      for (const size of [0, 1, 1000, 65_536, 250_000]) {
        const text = data.subarray(0, size);
        const expected = sealed(text, aad);
        expect(same(aead.encrypt(text, nonce, aad), expected)).toBe(true);
        expect(same(aead.decrypt(expected, nonce, aad), text)).toBe(true);
        expect(same(await onLoop.encrypt(text, nonce), sealed(text))).toBe(true);
        expect(same(await onLoop.decrypt(sealed(text), nonce), text)).toBe(true);
      }
      using short = new Aead('gcm(aes)', key, { authsize: 12 });
      expect(short.encrypt(iv, nonce)).toEqual(sealed(iv).subarray(0, -4));
      expect([short.authsize, onLoop.authsize]).toEqual([12, 16]);
    });

    test('refuses what was changed', () => {
      using aead = new Aead('gcm(aes)', key);
      const message = sealed(iv, aad);
      const empty = sealed(Buffer.alloc(0));
      expect(aead.decrypt(empty, nonce)).toHaveLength(0);
      empty[0]! ^= 1;
      expect(() => aead.decrypt(empty, nonce)).toThrow(failing('EBADMSG', /not what was encrypted/));
      expect(() => aead.decrypt(message, nonce)).toThrow(failing('EBADMSG', /not what was encrypted/));
      expect(() => aead.decrypt(message, iv.subarray(0, 12), aad)).toThrow(failing('EBADMSG', /iv/));
      expect(() => aead.decrypt(message.subarray(0, -1), nonce, aad)).toThrow(failing('EBADMSG', /recv/));
      expect(() => aead.decrypt(message.subarray(0, 15), nonce, aad)).toThrow(
        failing('ERR_INVALID_ARG_VALUE', /^data: .*the 16 bytes of the tag/),
      );
      for (let index = 0; index < message.length; index++) {
        const changed = Buffer.from(message);
        changed[index]! ^= 1;
        expect(() => aead.decrypt(changed, nonce, aad)).toThrow(failing('EBADMSG', /./));
      }
      expect(aead.decrypt(message, nonce, aad)).toEqual(iv);
    });

    test('explains what is wrong', () => {
      expect(() => new Aead('nothing', key)).toThrow(failing('ENOENT', /no aead 'nothing'/));
      expect(() => new Aead('gcm(aes)', Buffer.alloc(5))).toThrow(failing('EINVAL', /takes no key of 5 bytes/));
      expect(() => new Aead('gcm(aes)', key, { authsize: 3 })).toThrow(failing('EINVAL', /has no tag of 3 bytes/));
      expect(() => new Aead('gcm(aes)', key, { authsize: -1 })).toThrow(failing('ERR_OUT_OF_RANGE', /^authsize: /));
      using aead = new Aead('gcm(aes)', key);
      expect(() => aead.encrypt(blocks, iv)).toThrow(failing('EINVAL', /takes no iv of 16 bytes/));
      expect(() => aead.encrypt(data, undefined as never)).toThrow(failing('ERR_INVALID_ARG_TYPE', /^iv: /));
      expect(() => aead.encrypt(data, nonce, 'x' as never)).toThrow(failing('ERR_INVALID_ARG_TYPE', /^aad: /));
      expect(() => aead.encrypt(Buffer.alloc(2 ** 24), nonce)).toThrow(failing('EMSGSIZE', /net\.core\.wmem_max/));
    });
  });

  describe('a generator', () => {
    test('gives as many bytes as asked for, never the same', async () => {
      using rng = new Rng();
      using onLoop = new promises.Rng('stdrng', randomBytes(32));
      expect([0, 1, 128, 129, 1000].map((size) => rng.read(size).length)).toEqual([0, 1, 128, 129, 1000]);
      expect(same(rng.read(1000), rng.read(1000))).toBe(false);
      const bytes = await onLoop.read(70_000);
      expect(bytes).toHaveLength(70_000);
      // Each value comes about 273 times, with a deviation of 17.
      for (let value = 0; value < 256; value++) expect(bytes.filter((byte) => byte === value).length).toBeLessThan(500);
    });

    test('with the same seed gives the same', () => {
      const seed = randomBytes(48);
      const [first, second] = [0, 1].map(() => {
        using rng = new Rng('ansi_cprng', seed);
        return rng.read(200);
      });
      expect(first).toEqual(second);
    });

    test('explains what is wrong', () => {
      expect(() => new Rng('nothing')).toThrow(failing('ENOENT', /no rng 'nothing'/));
      expect(() => new Rng('ansi_cprng')).toThrow(failing('EINVAL', /takes no seed of 0 bytes/));
      using rng = new Rng();
      expect(() => rng.read(-1)).toThrow(failing('ERR_OUT_OF_RANGE', /^size: /));
      expect(() => rng.read('1' as never)).toThrow(failing('ERR_INVALID_ARG_TYPE', /^size: /));
    });
  });

  describe('on the event loop', () => {
    test('a hash does what it is asked for in order', async () => {
      using hash = new promises.Hash('sha256');
      const path = join(folder, 'small');
      writeFileSync(path, odd);
      const [, , read, copy, , digest] = await Promise.all([
        hash.update(data),
        hash.update(iv),
        hash.updateFile(path),
        hash.copy(),
        hash.update(key),
        hash.digest(),
      ]);
      using _copy = copy;
      expect(read).toBe(odd.length);
      expect(digest).toEqual(sha256(data, iv, odd, key));
      expect(await copy.digest()).toEqual(sha256(data, iv, odd));
      await using file = await open(path);
      expect(await hash.updateFile(file)).toBe(odd.length);
      expect(await hash.digest()).toEqual(sha256(odd));
    });

    test('others have their turn', async () => {
      using hash = new promises.Hash('sha256');
      let turns = 0;
      const count = () => {
        turns++;
        if (turns < 1000) immediate = setImmediate(count);
      };
      let immediate = setImmediate(count);
      await hash.update(data);
      clearImmediate(immediate);
      expect(turns).toBeGreaterThanOrEqual(4);
    });

    test('an abort gives up, and a bad argument rejects', async () => {
      using hash = new promises.Hash('sha256');
      using cipher = new promises.Cipher('ctr(aes)', key);
      using aead = new promises.Aead('gcm(aes)', key);
      using rng = new promises.Rng();
      const aborted = { signal: AbortSignal.abort('enough') };
      const late = () => {
        const controller = new AbortController();
        setImmediate(() => controller.abort('enough'));
        return { signal: controller.signal };
      };
      for (const options of [() => aborted, late]) {
        for (const call of [
          () => hash.update(data, options()),
          () => hash.updateFile('/proc/self/exe', options()),
          () => cipher.encrypt(data, iv, options()),
          () => joined(cipher.encryptPieces([data], iv, options())),
          // Of these no block comes out at first, and nothing goes in.
          () => joined(cipher.encryptPieces([key.subarray(0, 1), key.subarray(1)], iv, options())),
          () => hash.update(new Uint8Array(), options()),
          () => rng.read(2 ** 20, options()),
        ]) {
          await expect(call()).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' });
        }
      }
      await expect(aead.encrypt(data, nonce, null, aborted)).rejects.toMatchObject({ name: 'AbortError' });
      await expect(hash.digest(aborted)).rejects.toMatchObject({ name: 'AbortError' });
      expect(() => new promises.Hash(1 as never)).toThrow(failing('ERR_INVALID_ARG_TYPE', /^name: /));
      await expect(hash.update('text' as never)).rejects.toThrow(failing('ERR_INVALID_ARG_TYPE', /^data: /));
      await expect(hash.updateFile(join(folder, 'none'))).rejects.toThrow(failing('ENOENT', /open .*none/));
      await expect(cipher.encrypt(data)).rejects.toThrow(failing('EINVAL', /takes no iv of 0 bytes/));
      await expect(aead.decrypt(sealed(iv), iv.subarray(4))).rejects.toThrow(failing('EBADMSG', /./));
      await expect(rng.read(-1)).rejects.toThrow(failing('ERR_OUT_OF_RANGE', /^size: /));
      hash.close();
      await expect(hash.update(data)).rejects.toThrow(failing('EBADF', /closed/));
    });
  });

  describe.skipIf(!python.available)(`CPython ${python.reason}`, () => {
    const PYTHON = `
import json, socket, sys
key, iv, nonce, text = (bytes.fromhex(part) for part in sys.argv[1:])
def opened(type, name, key=None, tag=None):
    algorithm = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
    algorithm.bind((type, name))
    if key: algorithm.setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, key)
    if tag: algorithm.setsockopt(socket.SOL_ALG, socket.ALG_SET_AEAD_AUTHSIZE, None, tag)
    return algorithm.accept()[0]
def hashed(name, key=None):
    operation = opened('hash', name, key)
    operation.sendall(text)
    return operation.recv(100).hex()
def enciphered(type, name, iv, size, **options):
    operation = opened(type, name, key, options.pop('tag', None))
    operation.sendmsg_afalg([text], op=socket.ALG_OP_ENCRYPT, iv=iv, **options)
    return operation.recv(size).hex()
print(json.dumps([
    hashed('sha256'),
    hashed('hmac(sha1)', key),
    enciphered('skcipher', 'cbc(aes)', iv, len(text)),
    enciphered('aead', 'gcm(aes)', nonce, len(text) + 16, assoclen=20, tag=16),
]))
`;

    test('gets the same of the kernel', () => {
      const text = data.subarray(0, 320);
      const argv = [key, iv, nonce, text].map((part) => part.toString('hex'));
      const theirs: string[] = JSON.parse(execFileSync('python3', ['-c', PYTHON, ...argv], { encoding: 'utf8' }));
      using hash = new Hash('sha256');
      using hmac = new Hash('hmac(sha1)', key);
      using cipher = new Cipher('cbc(aes)', key);
      using aead = new Aead('gcm(aes)', key);
      const [aad, rest] = [text.subarray(0, 20), text.subarray(20)];
      const ours = [
        hash.update(text).digest(),
        hmac.update(text).digest(),
        cipher.encrypt(text, iv),
        Buffer.concat([aad, aead.encrypt(rest, nonce, aad)]),
      ];
      expect(ours.map((bytes) => bytes.toString('hex'))).toEqual(theirs);
    });
  });

  test('a file of more than 1 GiB is hashed to its end', () => {
    const path = join(folder, 'sparse');
    writeFileSync(path, iv);
    truncateSync(path, 2 ** 30 + 100_000);
    using hash = new Hash('crc32c');
    expect(hash.updateFile(path)).toBe(2 ** 30 + 100_000);
    const seen = hash.digest();
    const zeros = Buffer.alloc(2 ** 24);
    hash.update(iv);
    for (let left = 2 ** 30 + 100_000 - iv.length; left > 0; left -= zeros.length) {
      hash.update(zeros.subarray(0, Math.min(left, zeros.length)));
    }
    expect(hash.digest()).toEqual(seen);
    rmSync(path);
  }, 240_000);
});
