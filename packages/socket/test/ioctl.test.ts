import { spawnSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { LITTLE_ENDIAN, native } from '@bsd-sockets/core-native';
import * as socket from '@bsd-sockets/socket';
import {
  AF_INET,
  ARPHRD_LOOPBACK,
  addAuditHook,
  createConnection,
  createServer,
  FIONREAD,
  IFF_LOOPBACK,
  IFF_UP,
  ioctl,
  MSG_OOB,
  requests,
  SIOCGIFADDR,
  SIOCGIFCONF,
  SIOCOUTQ,
  SOCK_DGRAM,
  Socket,
  socketpair,
  TUNSETIFF,
  TUNSETPERSIST,
} from '@bsd-sockets/socket';
import { afterAll, describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { python } from './python';

const int = (bytes: Buffer) => (LITTLE_ENDIAN ? bytes.readInt32LE() : bytes.readInt32BE());
const datagrams = new Socket(AF_INET, SOCK_DGRAM);
afterAll(() => datagrams.close());

/** A pair of sockets, the second of which has received so many bytes. */
function pairWith(length: number): [Socket, Socket] {
  const [a, b] = socketpair() as [Socket, Socket];
  a.send(Buffer.alloc(length));
  return [a, b];
}

describe('the binding', () => {
  test('ioctl changes the bytes of its argument', () => {
    const [a, b] = pairWith(258);
    using _a = a;
    using _b = b;
    const count = Buffer.alloc(4);
    expect(native.ioctl(b.fileno(), FIONREAD, count)).toBe(0);
    expect(int(count)).toBe(258);
  });

  test('what the kernel writes beyond the argument goes nowhere', () => {
    const [a, b] = pairWith(258);
    using _a = a;
    using _b = b;
    const memory = Buffer.alloc(3, 0xff);
    expect(native.ioctl(b.fileno(), FIONREAD, memory.subarray(1, 1))).toBe(0);
    expect(native.ioctl(b.fileno(), FIONREAD, memory.subarray(1, 2))).toBe(0);
    expect([memory[0], memory[2]]).toEqual([0xff, 0xff]);
  });

  test('ioctl returns the errno of what cannot be', () => {
    const { EBADF, EINVAL, ENOTTY } = native.errnos as Record<string, number>;
    const fd = datagrams.fileno();
    const calls: [fd: number, request: number, size: number][] = [
      [-1, FIONREAD, 4],
      [fd, 0xffffffff, 4],
      [fd, FIONREAD, 16_385],
      [fd, -1, 4],
      [fd, 2 ** 32, 4],
      [fd, Number.NaN, 4],
    ];
    const results = calls.map(([fd, request, size]) => native.ioctl(fd, request, Buffer.alloc(size)));
    expect(results).toEqual([EBADF, ENOTTY, EINVAL, EINVAL, EINVAL, EINVAL].map((errno) => -errno!));
  });

  test.skipIf(without('Linux'))('a number is no address for the request of a socket (Linux)', () => {
    // FIOSETOWN, SIOCSPGRP, FIOGETOWN, SIOCGPGRP, SIOCGSTAMP, SIOCGSTAMPNS, SIOCETHTOOL, SIOCPROTOPRIVATE
    for (const request of [0x8901, 0x8902, 0x8903, 0x8904, 0x8906, 0x8907, 0x8946, 0x89e0]) {
      expect(native.ioctlNumber(-1, request, 1)).toBe(-(native.errnos.EFAULT as number));
    }
    expect(native.ioctlSize(0x8904)).toBe(4);
    expect(native.ioctlNumber(-1, TUNSETPERSIST!, 1)).toBe(-(native.errnos.EBADF as number));
  });

  test('every typed request takes as many bytes as its record has', () => {
    for (const { name, request, codec } of Object.values<any>(requests)) {
      const { size } = codec;
      if (size !== undefined) expect([name, native.ioctlSize(request)]).toEqual([name, size <= 4 ? 4 : 40]);
      expect(native.ioctlSize(request)).toBeGreaterThan(0);
    }
  });
});

describe('bytes', () => {
  test('that a hook takes away are too few', () => {
    const record = Buffer.from(new ArrayBuffer(40));
    const remove = addAuditHook((event) => {
      if (event === 'fcntl.ioctl') structuredClone(record.buffer, { transfer: [record.buffer] });
    });
    try {
      const code = 'ERR_INVALID_ARG_VALUE';
      expect(() => ioctl(datagrams, SIOCGIFADDR, record)).toThrow(expect.objectContaining({ code }));
    } finally {
      remove();
    }
  });

  test('are changed in place, or left as they were', () => {
    const [a, b] = pairWith(258);
    using _a = a;
    using _b = b;
    const count = new Int32Array(1);
    expect(ioctl(b, FIONREAD, count)).toBe(0);
    expect(count[0]).toBe(258);
    const given = Buffer.alloc(6, 0xff);
    const answer = ioctl(b, FIONREAD, given, false);
    expect([int(answer), answer.length, answer[5]]).toEqual([258, 6, 0xff]);
    expect(given.every((byte) => byte === 0xff)).toBe(true);
    // Not in Node's pool, where the bytes of others lie.
    expect(answer.buffer.byteLength).toBe(6);
  });

  test('come from whatever has a descriptor', async () => {
    const [a, b] = pairWith(3);
    using _a = a;
    using _b = b;
    expect(ioctl(b.fileno(), requests.FIONREAD)).toBe(3);
    const file = await open(process.execPath);
    expect(ioctl(file, requests.FIONREAD)).toBeGreaterThan(1000);
    await file.close();
    expect(() => ioctl(datagrams, requests.TIOCGETD)).toThrow(expect.objectContaining({ code: 'ENOTTY' }));
  });

  test('that are too few are refused before the kernel is asked', () => {
    const code = 'ERR_INVALID_ARG_VALUE';
    const expected = (least: number, name: string, got: number) =>
      expect.objectContaining({
        code,
        message: `argument: expected from ${least} to 16384 bytes, as ${name} takes, got ${got} (number)`,
      });
    expect(() => ioctl(datagrams, SIOCGIFADDR, Buffer.alloc(39))).toThrow(expected(40, 'SIOCGIFADDR', 39));
    expect(() => ioctl(datagrams, SIOCGIFCONF, Buffer.alloc(8))).toThrow(expected(16, 'SIOCGIFCONF', 8));
    expect(() => ioctl(datagrams, FIONREAD, Buffer.alloc(3))).toThrow(expected(4, 'SIOCINQ or FIONREAD', 3));
    // TUNSETIFF says that it takes an int, and takes a struct ifreq.
    expect(() => ioctl(datagrams, TUNSETIFF, Buffer.alloc(4))).toThrow(expected(40, 'TUNSETIFF', 4));
    // Of asm-generic/ioctl.h: what the kernel would write, 9 bytes.
    const request = (2 << 30) | (9 << 16) | (0x58 << 8);
    expect(() => ioctl(datagrams, request, Buffer.alloc(8))).toThrow(expected(9, 'request 0x80095800', 8));
    expect(() => ioctl(datagrams, 0x1234, Buffer.alloc(16_385))).toThrow(expected(0, 'request 0x1234', 16_385));
  });

  test.skipIf(without('python3'))('are those of Python (python3)', () => {
    const names = Object.keys(requests).filter((name) => /^SIOCGIF(?!NAME)/.test(name));
    expect(names.length).toBeGreaterThan(9);
    const numbers = names.map((name) => (socket as any)[name] as number);
    const ours = numbers.map((request) => {
      const record = Buffer.concat([Buffer.from('lo')], 64);
      return ioctl(datagrams, request, record, false).toString('hex');
    });
    const theirs = python(`
import fcntl, json, socket, struct
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    print(json.dumps([fcntl.ioctl(s, request, struct.pack('64s', b'lo')).hex() for request in ${JSON.stringify(numbers)}]))`);
    expect(ours).toEqual(JSON.parse(theirs));
  });

  test.skipIf(without('python3'))('have the numbers of Python where it has the name (python3)', () => {
    const theirs = JSON.parse(
      python(`
import fcntl, json, termios
both = {**vars(termios), **vars(fcntl)}
print(json.dumps({name: both[name] for name in ('FIONREAD', 'TIOCGETD', 'TIOCSETD', 'TIOCOUTQ')}))`),
    );
    for (const [name, number] of Object.entries(theirs)) expect([name, (socket as any)[name]]).toEqual([name, number]);
  });
});

describe('numbers', () => {
  const code = 'EFAULT';

  test('reach the kernel, and its answer comes back', () => {
    const FIOCLEX = 0x5451;
    const FIONCLEX = 0x5450;
    using socket = new Socket();
    expect(ioctl(socket, FIONCLEX)).toBe(0);
    expect(socket.getInheritable()).toBe(true);
    expect(ioctl(socket, FIOCLEX, 0)).toBe(0);
    expect(socket.getInheritable()).toBe(false);
  });

  test('are refused where the kernel would write to them', () => {
    for (const request of [FIONREAD, SIOCOUTQ, SIOCGIFADDR, SIOCGIFCONF, TUNSETIFF, 0x80095800]) {
      expect(() => ioctl(datagrams, request, 1)).toThrow(expect.objectContaining({ code }));
      expect(() => ioctl(datagrams, request)).toThrow(', which takes bytes');
    }
    // A number by its documentation, which another descriptor does not know.
    expect(() => ioctl(datagrams, TUNSETPERSIST, 1)).toThrow(expect.objectContaining({ code: 'ENOTTY' }));
  });

  test('out of range and other values are refused', () => {
    const wrong: [unknown[], string, string][] = [
      [[datagrams, 0x1234, 2 ** 32], 'ERR_OUT_OF_RANGE', 'argument: '],
      [[datagrams, 0x1234, 1.5], 'ERR_OUT_OF_RANGE', 'argument: '],
      [[datagrams, 0x1234, 'lo'], 'ERR_INVALID_ARG_TYPE', 'argument: '],
      [[datagrams, 0x1234, { name: 'lo' }], 'ERR_INVALID_ARG_TYPE', 'argument: '],
      [[datagrams, 0x1234, Buffer.alloc(4), 1], 'ERR_INVALID_ARG_TYPE', 'mutate: '],
      [[datagrams, undefined], 'ERR_INVALID_ARG_TYPE', 'request: '],
      [[datagrams, 'FIONREAD'], 'ERR_INVALID_ARG_TYPE', 'request: '],
      [[datagrams, 2 ** 32], 'ERR_OUT_OF_RANGE', 'request: '],
      [[-1, FIONREAD], 'ERR_INVALID_ARG_VALUE', 'fd: '],
      [[{}, FIONREAD], 'ERR_INVALID_ARG_TYPE', 'fd: '],
    ];
    for (const [args, code, start] of wrong) {
      const call = () => (ioctl as (...args: unknown[]) => unknown)(...args);
      expect(call).toThrow(expect.objectContaining({ code, message: expect.stringMatching(`^${start}`) }));
    }
    const closed = new Socket();
    closed.close();
    expect(() => ioctl(closed, requests.FIONREAD)).toThrow('(this one is closed)');
  });
});

describe('typed requests', () => {
  test('of an interface', () => {
    const ask = { name: 'lo' };
    expect(ioctl(datagrams, requests.SIOCGIFADDR, ask)).toEqual({ name: 'lo', addr: '127.0.0.1' });
    expect(ioctl(datagrams, requests.SIOCGIFNETMASK, ask)).toEqual({ name: 'lo', netmask: '255.0.0.0' });
    const { hwaddr } = ioctl(datagrams, requests.SIOCGIFHWADDR, ask);
    expect(hwaddr).toEqual({ type: ARPHRD_LOOPBACK, address: Buffer.alloc(6) });
    const { flags } = ioctl(datagrams, requests.SIOCGIFFLAGS, ask);
    expect(flags & (IFF_UP | IFF_LOOPBACK)).toBe(IFF_UP | IFF_LOOPBACK);
    const { ifindex } = ioctl(datagrams, requests.SIOCGIFINDEX, ask);
    expect(ifindex).toBe(socket.ifNametoindex('lo'));
    expect(ioctl(datagrams, requests.SIOCGIFNAME, { ifindex })).toEqual({ name: 'lo', ifindex });
    // What one request answered, the next one takes.
    expect(ioctl(datagrams, requests.SIOCGIFMTU, { ...ask, mtu: 1 } as any).mtu).toBeGreaterThan(1);
  });

  test('of a connection', async () => {
    using server = createServer(['127.0.0.1', 0]);
    using client = createConnection(server.getsockname());
    const [connection] = server.accept();
    using _connection = connection;
    expect(ioctl(client, requests.SIOCOUTQNSD)).toBe(0);
    connection.send(Buffer.from('abc'));
    connection.send(Buffer.from('!'), MSG_OOB);
    await expect.poll(() => ioctl(client, requests.FIONREAD)).toBe(3);
    expect(ioctl(client, requests.SIOCATMARK)).toBe(false);
    client.recv(3);
    expect(ioctl(client, requests.SIOCATMARK)).toBe(true);
    const [a, b] = pairWith(5);
    using _a = a;
    using _b = b;
    expect([ioctl(a, requests.SIOCOUTQ) > 0, ioctl(b, requests.SIOCINQ)]).toEqual([true, 5]);
  });

  test('that fail name themselves', () => {
    const failures: [call: () => unknown, code: string, text: string][] = [
      [() => ioctl(datagrams, requests.SIOCGIFMTU, { name: 'nowhere' }), 'ENODEV', 'SIOCGIFMTU'],
      [() => ioctl(datagrams, requests.SIOCATMARK), 'ENOTTY', 'SIOCATMARK'],
      [() => ioctl(datagrams, 0x1234), 'ENOTTY', 'request 0x1234'],
      [() => ioctl(datagrams, requests.SIOCGIFMTU, { nam: 'lo' } as any), 'ERR_INVALID_ARG_VALUE', "'name'?"],
      [() => ioctl(datagrams, requests.SIOCGIFMTU, 'lo' as any), 'ERR_INVALID_ARG_TYPE', 'an object { name'],
      [() => ioctl(datagrams, requests.SIOCGIFMTU, { name: 'a'.repeat(16) }), 'ERR_INVALID_ARG_VALUE', '15 bytes'],
      [
        () => ioctl(datagrams, requests.SIOCSIFADDR, { name: 'lo', addr: 'x' }),
        'ERR_INVALID_ARG_VALUE',
        'SIOCSIFADDR.addr: expected an IPv4 address',
      ],
      [() => ioctl(datagrams, requests.SIOCSIFMTU, { name: 'lo' } as any), 'ERR_INVALID_ARG_TYPE', 'SIOCSIFMTU.mtu'],
    ];
    for (const [call, code, text] of failures) {
      expect(call).toThrow(expect.objectContaining({ code, message: expect.stringContaining(text) }));
    }
  });

  test('read no address of another family as one of IPv4', () => {
    const answer = Buffer.concat([Buffer.from('lo')], 40);
    answer.writeUInt16LE(5, 16);
    expect(() => requests.SIOCGIFADDR.codec.decode(answer)).toThrow(expect.objectContaining({ code: 'EAFNOSUPPORT' }));
  });

  test('may be made by others', () => {
    const [a, b] = pairWith(7);
    using _a = a;
    using _b = b;
    const WAITING: socket.IoctlRequest<number> = {
      name: 'WAITING',
      request: FIONREAD,
      codec: { encode: () => Buffer.alloc(0), decode: (bytes) => int(bytes) },
    };
    expect(ioctl(b, WAITING)).toBe(7);
  });
});

test('hooks are told of a request, and may forbid it', () => {
  const calls: unknown[] = [];
  const remove = addAuditHook((event, args) => {
    if (event !== 'fcntl.ioctl') return;
    calls.push(args);
    throw new Error('forbidden');
  });
  const fd = datagrams.fileno();
  const ask = { name: 'lo' };
  const bytes = Buffer.alloc(4);
  expect(() => ioctl(datagrams, requests.SIOCGIFADDR, ask)).toThrow('forbidden');
  expect(() => ioctl(datagrams, FIONREAD, bytes)).toThrow('forbidden');
  expect(() => ioctl(datagrams, 0x1234, 5)).toThrow('forbidden');
  remove();
  expect(calls).toEqual([
    [fd, SIOCGIFADDR, ask],
    [fd, FIONREAD, bytes],
    [fd, 0x1234, 5],
  ]);
});

const unshare = process.getuid?.() === 0 ? ['-n'] : ['-r', '-n'];
const noTun =
  spawnSync('unshare', [...unshare, 'sh', '-c', 'command -v ip && exec 3<>/dev/net/tun']).status === 0
    ? ''
    : ': needs network namespaces, /dev/net/tun (CONFIG_TUN) or iproute2';

describe.skipIf(noTun !== '')(`an interface is made and set${noTun}`, () => {
  /** What statements over all names of the package, in a network namespace of their own, return; `ip()` is what ip(8) tells. */
  function inNamespace(statements: string): any {
    const program = `
      const socket = require('@bsd-sockets/socket');
      const { ioctl, requests } = socket;
      const { execFileSync } = require('node:child_process');
      const { openSync, closeSync } = require('node:fs');
      process.env.LD_PRELOAD = '';
      const ip = () => JSON.parse(execFileSync('ip', ['-j', '-d', 'address'], { encoding: 'utf8' }))
        .filter(({ ifname }) => ifname !== 'lo');
      const s = new socket.Socket(socket.AF_INET, socket.SOCK_DGRAM);
      const tun = openSync('/dev/net/tun', 'r+');
      ${statements}`;
    const { status, stdout, stderr } = spawnSync('unshare', [...unshare, process.execPath, '--eval', program], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  test('a TAP, all that an ifreq sets', () => {
    const { made, features, before, after, read } = inNamespace(`
      const made = ioctl(tun, requests.TUNSETIFF, { name: 'tap%d', flags: socket.IFF_TAP | socket.IFF_NO_PI });
      const features = ioctl(tun, requests.TUNGETFEATURES);
      const { name } = made;
      const [before] = ip();
      const address = Buffer.of(2, 0, 0, 0, 0, 7);
      ioctl(s, requests.SIOCSIFHWADDR, { name, hwaddr: { type: socket.ARPHRD_ETHER, address } });
      ioctl(s, requests.SIOCSIFMTU, { name, mtu: 1280 });
      ioctl(s, requests.SIOCSIFTXQLEN, { name, qlen: 77 });
      ioctl(s, requests.SIOCSIFADDR, { name, addr: '192.0.2.1' });
      ioctl(s, requests.SIOCSIFNETMASK, { name, netmask: '255.255.255.128' });
      ioctl(s, requests.SIOCSIFBRDADDR, { name, broadaddr: '192.0.2.127' });
      const { newname } = ioctl(s, requests.SIOCSIFNAME, { name, newname: 'other' });
      const { flags } = ioctl(s, requests.SIOCGIFFLAGS, { name: newname });
      ioctl(s, requests.SIOCSIFFLAGS, { name: newname, flags: flags | socket.IFF_UP });
      const ask = { name: newname };
      const read = { ...ioctl(tun, requests.TUNGETIFF), ...ioctl(s, requests.SIOCGIFADDR, ask),
        ...ioctl(s, requests.SIOCGIFNETMASK, ask), ...ioctl(s, requests.SIOCGIFBRDADDR, ask),
        ...ioctl(s, requests.SIOCGIFMTU, ask), ...ioctl(s, requests.SIOCGIFTXQLEN, ask),
        hwaddr: ioctl(s, requests.SIOCGIFHWADDR, ask).hwaddr.address.toString('hex') };
      console.log(JSON.stringify({ made, features, before, after: ip(), read }));`);
    expect(made).toEqual({ name: 'tap0', flags: socket.IFF_TAP | socket.IFF_NO_PI });
    expect(features & (socket.IFF_TUN | socket.IFF_TAP)).toBe(socket.IFF_TUN | socket.IFF_TAP);
    expect([before.ifname, before.mtu, before.flags.includes('UP')]).toEqual(['tap0', 1500, false]);
    expect(after).toMatchObject([
      {
        ifname: 'other',
        address: '02:00:00:00:00:07',
        mtu: 1280,
        txqlen: 77,
        flags: expect.arrayContaining(['UP', 'LOWER_UP']),
        linkinfo: { info_kind: 'tun', info_data: { type: 'tap', pi: false } },
        addr_info: expect.arrayContaining([
          expect.objectContaining({ local: '192.0.2.1', prefixlen: 25, broadcast: '192.0.2.127' }),
        ]),
      },
    ]);
    expect(read).toMatchObject({
      name: 'other',
      addr: '192.0.2.1',
      netmask: '255.255.255.128',
      broadaddr: '192.0.2.127',
      mtu: 1280,
      qlen: 77,
      hwaddr: '020000000007',
    });
  });

  test('a TUN that stays, by numbers', () => {
    const { stays, gone, dstaddr } = inNamespace(`
      ioctl(tun, requests.TUNSETIFF, { name: 'p0', flags: socket.IFF_TUN });
      ioctl(tun, socket.TUNSETPERSIST, 1);
      ioctl(tun, socket.TUNSETOWNER, 0);
      ioctl(s, requests.SIOCSIFADDR, { name: 'p0', addr: '192.0.2.1' });
      const { dstaddr } = ioctl(s, requests.SIOCSIFDSTADDR, { name: 'p0', dstaddr: '192.0.2.2' });
      closeSync(tun);
      const stays = ip();
      const again = openSync('/dev/net/tun', 'r+');
      const { flags } = ioctl(again, requests.TUNSETIFF, { name: 'p0', flags: socket.IFF_TUN });
      ioctl(again, socket.TUNSETPERSIST, 0);
      closeSync(again);
      console.log(JSON.stringify({ stays, gone: ip(), dstaddr }));`);
    expect(stays).toMatchObject([
      {
        ifname: 'p0',
        linkinfo: { info_data: { type: 'tun', persist: true, user: expect.anything() } },
        addr_info: [expect.objectContaining({ local: '192.0.2.1', address: '192.0.2.2' })],
      },
    ]);
    expect([gone, dstaddr]).toEqual([[], '192.0.2.2']);
  });
});
