import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_UNIX,
  createServer,
  FileNotFoundError,
  newSockaddr,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  Socket,
  socketpair,
} from '@bsd-sockets/socket';
import { afterAll, describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { refusal } from './open-descriptors';

const folder = mkdtempSync(join(tmpdir(), 'bsd-'));
afterAll(() => rmSync(folder, { recursive: true }));

let names = 0;

/** A name in the abstract space that nobody else has. */
function abstractName(rest = ''): Buffer {
  names++;
  return Buffer.from(`\0bsd-sockets ${process.pid} ${names} ${rest}`);
}

/** Binds a server to an address, connects to it, and returns what the four ends say. */
function meet(address: string | Uint8Array) {
  using server = new Socket(AF_UNIX);
  server.bind(address);
  server.listen();
  using client = new Socket(AF_UNIX);
  client.connect(address);
  const [accepted, from] = server.accept();
  using _accepted = accepted;
  return { server: server.getsockname(), peer: client.getpeername(), client: client.getsockname(), from };
}

/** What a datagram's receiver learns of a sender with this address. */
function senderSeen(address: string | Uint8Array) {
  using sender = new Socket(AF_UNIX, SOCK_DGRAM);
  sender.bind(address);
  using receiver = new Socket(AF_UNIX, SOCK_DGRAM);
  receiver.bind('');
  sender.sendto(Buffer.from('x'), receiver.getsockname());
  return receiver.recvfrom(1)[1];
}

describe.skipIf(without('file names of any bytes'))('a unix path (file names of any bytes)', () => {
  test.each([
    ['of ASCII', 'plain'],
    ['of UTF-8', 'grüße 🧦'],
    ['of bytes that are not UTF-8', 'a\udcff\udc80z'],
    ['of a cut character', 'ü'.concat('\udcc3')],
    ['with an encoded surrogate', '\udced\udcb2\udc80'],
    ['with a byte order mark', '\ufeffmark'],
    ['with blanks and quotes', ` '"\n`],
  ])('%s comes back as it was', (_kind, name) => {
    const path = join(folder, name);
    expect(meet(path)).toEqual({ server: path, peer: path, client: '', from: '' });
    rmSync(Buffer.concat([Buffer.from(`${folder}/`), readdirSync(Buffer.from(folder), 'buffer')[0]!]));
    expect(senderSeen(path)).toBe(path);
    rmSync(Buffer.concat([Buffer.from(`${folder}/`), readdirSync(Buffer.from(folder), 'buffer')[0]!]));
  });

  test('as bytes is the same as by surrogate escapes', () => {
    const bytes = Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0x66, 0xff, 0xfe, 0xc3, 0x28, 0xe2, 0x82)]);
    const { server, peer } = meet(bytes);
    expect(readdirSync(Buffer.from(folder), 'buffer')).toEqual([bytes.subarray(folder.length + 1)]);
    expect([server, peer]).toEqual([`${folder}/f\udcff\udcfe\udcc3(\udce2\udc82`, server]);
    using client = new Socket(AF_UNIX);
    expect(refusal(() => client.connect(server))).toMatchObject({ code: 'ECONNREFUSED' });
    rmSync(bytes);
  });

  test.skipIf(without('python3'))('has the escapes of Python (python3)', () => {
    const script = `
import os, random, socket, sys, json
random.seed(20)
rows = []
for _ in range(300):
    name = bytes(random.choice([0x41, 0x7f, 0x80, 0xbf, 0xc3, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0xf0, 0x9f, 0xff]) for _ in range(12))
    rows.append([name.hex(), name.decode('utf-8', 'surrogateescape')])
print(json.dumps(rows))`;
    const { stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
    const rows = JSON.parse(stdout) as [string, string][];
    expect(rows).toHaveLength(300);
    for (const [hex, text] of rows) {
      const path = `${folder}/${text}`;
      using socket = new Socket(AF_UNIX);
      socket.bind(path);
      const bytes = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(hex, 'hex')]);
      // The very file, and no other.
      rmSync(bytes);
      expect(socket.getsockname()).toBe(path);
      using other = new Socket(AF_UNIX);
      other.bind(bytes);
      expect(other.getsockname()).toBe(path);
      rmSync(bytes);
    }
  });

  test('may be 107 bytes long, and no longer', () => {
    const longest = join(folder, 'x'.repeat(107 - folder.length - 1));
    expect(Buffer.byteLength(longest)).toBe(107);
    expect(meet(longest)).toMatchObject({ server: longest, peer: longest });
    rmSync(longest);
    using socket = new Socket(AF_UNIX);
    for (const address of [`${longest}x`, Buffer.from(`${longest}x`), `${longest.slice(0, -1)}ü`]) {
      for (const call of [() => socket.bind(address), () => socket.connect(address), () => socket.connectEx(address)]) {
        const error = refusal(call);
        expect(error).toMatchObject({ code: 'ENAMETOOLONG', errno: 36, address });
        expect(error.message).toContain('at most 107 bytes, this one has 108');
      }
    }
  });

  test.each([
    ['text', 'some\0where'],
    ['bytes', Buffer.from('some\0where')],
    ['a NUL at the end', 'somewhere\0'],
  ])('with an interior NUL is refused: %s', (_kind, address) => {
    using socket = new Socket(AF_UNIX);
    const error = refusal(() => socket.bind(address));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', message: expect.stringContaining('NUL') });
  });

  test.each(['\ud800', 'a\udbff', '\udc7f', '\udc00', '\udd00'])(
    'with a surrogate that is no escape is refused',
    (path) => {
      using socket = new Socket(AF_UNIX);
      expect(refusal(() => socket.bind(path))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    },
  );

  test('that is not there, or is taken', () => {
    using socket = new Socket(AF_UNIX);
    const path = join(folder, 'missing');
    const missing = refusal(() => socket.connect(path));
    expect(missing.constructor).toBe(FileNotFoundError);
    expect(missing).toMatchObject({ code: 'ENOENT', errno: 2, syscall: 'connect', address: path });
    expect(refusal(() => socket.bind(folder))).toMatchObject({ code: 'EADDRINUSE', address: folder });
    expect(refusal(() => socket.bind(join(path, 'below')))).toMatchObject({ code: 'ENOENT' });
  });
});

describe.skipIf(without('Linux'))('an abstract name (Linux)', () => {
  test('comes back as bytes with its NULs', () => {
    const name = Buffer.concat([abstractName(), Buffer.of(0, 1, 0, 0xff, 0)]);
    expect(meet(name)).toEqual({ server: name, peer: name, client: '', from: '' });
    expect(senderSeen(name)).toEqual(name);
  });

  test('may be given as text', () => {
    const name = abstractName('grüße');
    expect(meet(name.toString()).server).toEqual(name);
  });

  test('ends where its length says', () => {
    const name = abstractName();
    using first = new Socket(AF_UNIX);
    using second = new Socket(AF_UNIX);
    first.bind(name);
    second.bind(Buffer.concat([name, Buffer.of(0)]));
    expect(first.getsockname()).not.toEqual(second.getsockname());
  });

  test('may have 107 bytes after its NUL, and no more', () => {
    const longest = Buffer.concat([abstractName(), Buffer.alloc(108, 'x')]).subarray(0, 108);
    expect(meet(longest)).toMatchObject({ server: longest, peer: longest });
    using socket = new Socket(AF_UNIX);
    const error = refusal(() => socket.bind(Buffer.concat([longest, Buffer.from('x')])));
    expect(error).toMatchObject({ code: 'ENAMETOOLONG', errno: 36 });
    expect(error.message).toContain('at most 108 bytes, this one has 109');
  });

  test('is found by the kernel if the empty name is bound', () => {
    using first = new Socket(AF_UNIX);
    using second = new Socket(AF_UNIX);
    first.bind('');
    second.bind(new Uint8Array(0));
    const addresses = [first, second].map((socket) => (socket as Socket<typeof AF_UNIX>).getsockname());
    for (const address of addresses) expect(address).toMatchObject({ length: 6, 0: 0 });
    expect(addresses[0]).not.toEqual(addresses[1]);
  });

  test('is a buffer of its own', () => {
    using socket = new Socket(AF_UNIX);
    const name = abstractName();
    socket.bind(name);
    const first = socket.getsockname() as Buffer;
    const copy = Buffer.from(first);
    using other = new Socket(AF_UNIX);
    other.bind('');
    other.getsockname();
    expect(first).toEqual(copy);
  });
});

describe.skipIf(without('pairs of AF_UNIX'))('an unnamed unix socket (pairs of AF_UNIX)', () => {
  test("is ''", () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    expect([a.getsockname(), a.getpeername()]).toEqual(['', '']);
  });

  test('has no address as the sender of a datagram', () => {
    const [a, b] = socketpair(AF_UNIX, SOCK_DGRAM);
    using _a = a;
    using _b = b;
    a.send(Buffer.from('x'));
    expect(b.recvfrom(1)).toEqual([Buffer.from('x'), undefined]);
    a.send(Buffer.from('x'));
    expect(b.recvfromInto(Buffer.alloc(1))).toEqual([1, undefined]);
  });
});

describe('internet addresses', () => {
  test('of both ends of a TCP connection', () => {
    using server = createServer(['', 0]);
    const [host, port] = server.getsockname();
    expect(host).toBe('0.0.0.0');
    using client = new Socket();
    client.connect(['127.0.0.1', port]);
    const [accepted, from] = server.accept();
    using _accepted = accepted;
    expect(client.getpeername()).toEqual(['127.0.0.1', port]);
    expect(accepted.getsockname()).toEqual(['127.0.0.1', port]);
    expect([accepted.getpeername(), from]).toEqual([client.getsockname(), client.getsockname()]);
    client.send(Buffer.from('x'));
    expect(accepted.recvfrom(1)).toEqual([Buffer.from('x'), undefined]);
  });

  test('of the sender of a datagram', () => {
    using a = new Socket(AF_INET, SOCK_DGRAM);
    using b = new Socket(AF_INET, SOCK_DGRAM);
    a.bind(['localhost', 0]);
    b.bind([Buffer.from('127.0.0.1'), 0]);
    expect(a.sendto(Buffer.from('one'), b.getsockname())).toBe(3);
    expect(b.recvfrom(10)).toEqual([Buffer.from('one'), a.getsockname()]);
    expect(a.sendto(Buffer.from('two'), 0, b.getsockname())).toBe(3);
    expect(b.recvfromInto(Buffer.alloc(10))).toEqual([3, a.getsockname()]);
  });

  test.skipIf(without('IPv6'))('of IPv6 (IPv6)', () => {
    using server = createServer(['::1', 0], { family: AF_INET6 });
    const address = server.getsockname();
    expect(address).toEqual(['::1', expect.any(Number), 0, 0]);
    using client = new Socket(AF_INET6, SOCK_STREAM);
    client.connect(address);
    const [accepted, from] = server.accept();
    using _accepted = accepted;
    expect([from, client.getpeername()]).toEqual([client.getsockname(), address]);
  });
});

describe.skipIf(without('AF_NETLINK'))('a family that nobody registered (AF_NETLINK)', () => {
  const sockaddrNl = (port: number, groups = 0) => {
    const bytes = newSockaddr(AF_NETLINK, 12);
    bytes.writeUInt32LE(port, 4);
    bytes.writeUInt32LE(groups, 8);
    return bytes;
  };

  test('takes and returns the bytes of a sockaddr', () => {
    using socket = new Socket(AF_NETLINK, SOCK_RAW, 0);
    socket.bind(sockaddrNl(0));
    const address: Buffer = socket.getsockname();
    expect(Buffer.isBuffer(address)).toBe(true);
    expect(address).toHaveLength(12);
    expect(address.readUInt16LE(0)).toBe(AF_NETLINK);
    const port = address.readUInt32LE(4);
    expect(port).not.toBe(0);
    expect(address).toEqual(sockaddrNl(port));
    // No view of memory that the next call uses.
    using other = new Socket();
    other.getsockname();
    expect(address).toEqual(sockaddrNl(port));
  });

  test('sends and receives with them', () => {
    using socket = new Socket(AF_NETLINK, SOCK_RAW, 0);
    socket.bind(sockaddrNl(0));
    socket.settimeout(5);
    // An unknown type of message with NLM_F_REQUEST and NLM_F_ACK is answered.
    const message = Buffer.alloc(16);
    message.writeUInt32LE(16, 0);
    message.writeUInt16LE(0x7f, 4);
    message.writeUInt16LE(5, 6);
    expect(socket.sendto(message, sockaddrNl(0))).toBe(16);
    const [answer, from] = socket.recvfrom(4096);
    expect(answer.length).toBeGreaterThanOrEqual(36);
    expect(from).toEqual(sockaddrNl(0));
  });

  test('says what it takes', () => {
    using socket = new Socket(AF_NETLINK, SOCK_RAW, 0);
    const error = refusal(() => socket.bind(['127.0.0.1', 0]));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', message: expect.stringMatching(/^address: .*bytes/) });
  });

  test('leaves the judgement of wrong bytes to the kernel', () => {
    using socket = new Socket(AF_NETLINK, SOCK_RAW, 0);
    expect(refusal(() => socket.bind(sockaddrNl(0).subarray(0, 4)))).toMatchObject({ code: 'EINVAL' });
    expect(refusal(() => socket.bind(new Uint8Array(0)))).toMatchObject({ code: 'EINVAL' });
    expect(refusal(() => socket.bind(Buffer.alloc(256)))).toMatchObject({ syscall: 'bind' });
  });
});
