import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AF_VSOCK,
  codecs,
  createConnection,
  createServer,
  defineOption,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_TCP,
  type Option,
  OSError,
  options,
  probe,
  SO_REUSEADDR,
  SO_VM_SOCKETS_BUFFER_SIZE,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  struct,
  TCP_INFO,
  TCP_NODELAY,
} from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { FREE, LOCAL, noSocket, onWindows } from './platform';

const hasVsock = probe().some(({ family, available }) => family === 'AF_VSOCK' && available);
const noVsock = hasVsock ? '' : ' (needs AF_VSOCK)';

function connectedPair(): [client: Socket, connection: Socket] {
  using server = createServer(['127.0.0.1', 0]);
  const client = new Socket();
  client.connect(server.getsockname());
  return [client, server.accept()[0]];
}

/** What CPython's getsockopt says of a descriptor of this process, `length` bytes of it. */
function pythonReads(socket: Socket<any>, level: number, option: number, length: number): Buffer {
  const program = `import socket, sys
s = socket.socket(fileno=3)
sys.stdout.buffer.write(s.getsockopt(${level}, ${option}, ${length}))
s.detach()`;
  // CPython is slow under a sanitizer, and not ours.
  const env = { ...process.env, LD_PRELOAD: '' };
  return execFileSync('python3', ['-c', program], { env, stdio: ['ignore', 'pipe', 'inherit', socket.fileno()] });
}

describe('typed options', () => {
  test('a boolean is set and read', () => {
    using socket = new Socket();
    const { TCP_NODELAY: option } = options;
    socket.setOption(option, true);
    expect(socket.getOption(option)).toBe(true);
    expect(socket.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toBe(1);
    socket.setOption(option, false);
    expect(socket.getOption(option)).toBe(false);
  });

  test('the number of an option is refused, because numbers repeat between levels', () => {
    using socket = new Socket();
    expect(() => socket.setOption(TCP_NODELAY as never, true as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', message: expect.stringMatching(/^option: .*typed/) }),
    );
    expect(() => socket.getOption(undefined as never)).toThrow(/^option: /);
  });

  test('a value of a wrong type is refused by name', () => {
    using socket = new Socket();
    const { SO_KEEPALIVE, SO_RCVBUF, SO_BINDTODEVICE, SO_RCVTIMEO, SO_LINGER, IP_ADD_MEMBERSHIP } = options;
    const ofDevices: [Option<any, any>, unknown, string, RegExp][] = [
      [SO_BINDTODEVICE, 'a\0b', 'ERR_INVALID_ARG_VALUE', /^SO_BINDTODEVICE: /],
      [SO_BINDTODEVICE, 'x'.repeat(16), 'ERR_INVALID_ARG_VALUE', /^SO_BINDTODEVICE: /],
      [SO_BINDTODEVICE, 7, 'ERR_INVALID_ARG_TYPE', /^SO_BINDTODEVICE: /],
    ];
    const wrong: [Option<any, any>, unknown, string, RegExp][] = [
      [SO_KEEPALIVE, 1, 'ERR_INVALID_ARG_TYPE', /^SO_KEEPALIVE: /],
      [SO_RCVBUF, '1', 'ERR_INVALID_ARG_TYPE', /^SO_RCVBUF: /],
      [SO_RCVBUF, 2 ** 31, 'ERR_OUT_OF_RANGE', /^SO_RCVBUF: /],
      ...(onWindows ? [] : ofDevices),
      [SO_RCVTIMEO, -1, 'ERR_INVALID_ARG_VALUE', /^SO_RCVTIMEO: /],
      [SO_RCVTIMEO, Number.NaN, 'ERR_INVALID_ARG_VALUE', /^SO_RCVTIMEO: /],
      [SO_LINGER, -1, 'ERR_OUT_OF_RANGE', /^SO_LINGER: /],
      [SO_LINGER, true, 'ERR_INVALID_ARG_TYPE', /^SO_LINGER: /],
      [IP_ADD_MEMBERSHIP, '239.1.2.3', 'ERR_INVALID_ARG_TYPE', /^IP_ADD_MEMBERSHIP: .*multiaddr/],
      [IP_ADD_MEMBERSHIP, { address: '0.0.0.0' }, 'ERR_INVALID_ARG_TYPE', /^IP_ADD_MEMBERSHIP\.multiaddr: /],
      [IP_ADD_MEMBERSHIP, { multiaddr: 'localhost' }, 'ERR_INVALID_ARG_VALUE', /^IP_ADD_MEMBERSHIP\.multiaddr: /],
    ];
    for (const [option, value, code, message] of wrong) {
      expect(() => socket.setOption(option, value)).toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(message) }),
      );
    }
  });

  test('a read-only option cannot be set, a write-only one cannot be read', () => {
    using socket = new Socket();
    expect(() => socket.setOption(options.SO_TYPE, 1 as never)).toThrow(/SO_TYPE is read-only/);
    expect(() => socket.getOption(options.IP_ADD_MEMBERSHIP)).toThrow(/IP_ADD_MEMBERSHIP is write-only/);
  });

  test('an error of the kernel names the option, one of a closed socket says so', () => {
    const socket = new Socket(AF_INET, SOCK_DGRAM);
    const option = (onWindows ? options.TCP_KEEPIDLE : options.TCP_INFO) as unknown as Option<any, any>;
    expect(() => socket.getOption(option)).toThrow(OSError);
    expect(() => socket.getOption(option)).toThrow(new RegExp(option.name));
    expect(() => socket.setOption(options.TCP_NODELAY, true)).toThrow(/TCP_NODELAY/);
    socket.close();
    const closed = new RegExp(`${noSocket.code}.*the socket is closed`);
    expect(() => socket.getOption(options.SO_TYPE)).toThrow(closed);
    expect(() => socket.setOption(options.SO_KEEPALIVE, true)).toThrow(closed);
  });

  test('what the kernel says of the socket', () => {
    using server = createServer(['127.0.0.1', 0]);
    expect(server.getOption(options.SO_TYPE)).toBe(SOCK_STREAM);
    expect(server.getOption(options.SO_ACCEPTCONN)).toBe(true);
    if (onWindows) return;
    expect(server.getOption(options.SO_DOMAIN)).toBe(AF_INET);
    expect(server.getOption(options.SO_PROTOCOL)).toBe(IPPROTO_TCP);
    expect(server.getOption(options.SO_REUSEADDR)).toBe(true);
    expect(server.getOption(options.SO_COOKIE)).toBeTypeOf('bigint');
    expect(server.getOption(options.SO_MEMINFO).rcvbuf).toBe(server.getOption(options.SO_RCVBUF));
  });

  test.skipIf(without('IP_RECVERR'))('SO_ERROR reads the pending error (IP_RECVERR) and clears it', () => {
    using server = createServer(['127.0.0.1', 0]);
    const address = server.getsockname();
    server.close();
    using socket = new Socket(AF_INET, SOCK_DGRAM);
    socket.connect(address);
    socket.setOption(options.IP_RECVERR, true);
    socket.send(Buffer.from('nobody hears this'));
    expect(socket.getOption(options.SO_ERROR)).toBe(111);
    expect(socket.getOption(options.SO_ERROR)).toBe(0);
  });

  test('timeouts are in seconds, and the kernel keeps them', () => {
    using socket = new Socket<any>(LOCAL, SOCK_DGRAM);
    for (const seconds of [0.25, 0.1, 1, 90.5, 0]) {
      socket.setOption(options.SO_RCVTIMEO, seconds);
      expect(socket.getOption(options.SO_RCVTIMEO)).toBeCloseTo(seconds, 1);
    }
    // Not 0, which would be no timeout at all.
    socket.setOption(options.SO_SNDTIMEO, 1e-9);
    expect(socket.getOption(options.SO_SNDTIMEO)).toBeGreaterThan(0);
    socket.bind(FREE);
    socket.setOption(options.SO_RCVTIMEO, 0.05);
    expect(() => socket.recv(1)).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  });

  test('linger is a number of seconds, or off', () => {
    using socket = new Socket();
    expect(socket.getOption(options.SO_LINGER)).toBeUndefined();
    for (const [value, read] of [
      [5, 5],
      [0, 0],
      [null, undefined],
    ] as const) {
      socket.setOption(options.SO_LINGER, value);
      expect(socket.getOption(options.SO_LINGER)).toBe(read);
    }
  });

  test.skipIf(without('TCP_CONGESTION'))('text options (TCP_CONGESTION)', () => {
    using socket = new Socket();
    const congestion = socket.getOption(options.TCP_CONGESTION);
    expect(congestion).toMatch(/^[a-z0-9_-]+$/);
    socket.setOption(options.TCP_CONGESTION, congestion);
    expect(socket.getOption(options.SO_BINDTODEVICE)).toBe('');
    socket.setOption(options.SO_BINDTODEVICE, 'lo');
    expect(socket.getOption(options.SO_BINDTODEVICE)).toBe('lo');
    socket.setOption(options.SO_BINDTODEVICE, '');
    expect(socket.getOption(options.SO_BINDTODEVICE)).toBe('');
  });

  test.skipIf(without('SO_PEERCRED'))('the credentials of a peer (SO_PEERCRED)', () => {
    using server = new Socket(AF_UNIX);
    server.bind('');
    server.listen();
    using client = new Socket(AF_UNIX);
    expect(client.getOption(options.SO_PEERCRED)).toEqual({ pid: 0, uid: 2 ** 32 - 1, gid: 2 ** 32 - 1 });
    client.connect(server.getsockname());
    const [, list = ''] = /^Groups:[ \t]*(.*?)[ \t]*$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    const groups = list === '' ? [] : list.split(' ').map(Number);
    const own = { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() };
    expect(client.getOption(options.SO_PEERCRED)).toEqual(own);
    expect(client.getOption(options.SO_PEERGROUPS)).toEqual(groups);
  });

  test.skipIf(without('SO_MAX_PACING_RATE'))(
    'a pacing rate is a number, Infinity for none (SO_MAX_PACING_RATE)',
    () => {
      using socket = new Socket();
      expect(socket.getOption(options.SO_MAX_PACING_RATE)).toBe(Number.POSITIVE_INFINITY);
      socket.setOption(options.SO_MAX_PACING_RATE, 2 ** 33);
      expect(socket.getOption(options.SO_MAX_PACING_RATE)).toBe(2 ** 33);
      socket.setOption(options.SO_MAX_PACING_RATE, Number.POSITIVE_INFINITY);
      expect(socket.getOption(options.SO_MAX_PACING_RATE)).toBe(Number.POSITIVE_INFINITY);
    },
  );

  test('a multicast group is joined and left', () => {
    using receiver = new Socket(AF_INET, SOCK_DGRAM);
    receiver.bind(['', 0]);
    receiver.setOption(options.IP_ADD_MEMBERSHIP, { multiaddr: '239.255.17.4', address: '127.0.0.1' });
    using sender = new Socket(AF_INET, SOCK_DGRAM);
    sender.setOption(options.IP_MULTICAST_IF, '127.0.0.1');
    expect(sender.getOption(options.IP_MULTICAST_IF)).toBe('127.0.0.1');
    sender.sendto(Buffer.from('to all'), ['239.255.17.4', receiver.getsockname()[1]]);
    receiver.settimeout(10);
    expect(receiver.recv(100).toString()).toBe('to all');
    receiver.setOption(options.IP_DROP_MEMBERSHIP, { multiaddr: '239.255.17.4', address: '127.0.0.1' });
    expect(() => receiver.setOption(options.IP_DROP_MEMBERSHIP, { multiaddr: '239.255.17.4' })).toThrow(OSError);
    const source = { multiaddr: '232.1.2.3', interface: '127.0.0.1', sourceaddr: '127.0.0.1' };
    receiver.setOption(options.IP_ADD_SOURCE_MEMBERSHIP, source);
    receiver.setOption(options.IP_DROP_SOURCE_MEMBERSHIP, source);
    // By the index: the loopback interface is the first one of every network namespace.
    sender.setOption(options.IP_MULTICAST_IF, 1);
    sender.setOption(options.IP_UNICAST_IF, 1);
    expect(sender.getOption(options.IP_UNICAST_IF)).toBe(1);
  });

  test.skipIf(without('IPv6'))('options of IPv6 (IPv6)', () => {
    using socket = new Socket(AF_INET6, SOCK_DGRAM);
    socket.setOption(options.IPV6_V6ONLY, true);
    expect(socket.getOption(options.IPV6_V6ONLY)).toBe(true);
    socket.setOption(options.IPV6_JOIN_GROUP, { multiaddr: 'ff01::1234', ifindex: 1 });
    socket.setOption(options.IPV6_LEAVE_GROUP, { multiaddr: 'ff01::1234', ifindex: 1 });
    expect(() => socket.setOption(options.IPV6_LEAVE_GROUP, { multiaddr: 'ff01::1234', ifindex: 1 })).toThrow(OSError);
    socket.setOption(options.IPV6_MULTICAST_IF, 1);
    expect(socket.getOption(options.IPV6_MULTICAST_IF)).toBe(1);
    if (onWindows) return;
    socket.setOption(options.IPV6_PKTINFO, { addr: '::1' });
    socket.bind(['::1', 0]);
    socket.connect(socket.getsockname());
    expect(socket.getOption(options.IPV6_PATHMTU)).toMatchObject({ mtu: socket.getOption(options.IPV6_MTU) });
    socket.setOption(options.SO_BINDTOIFINDEX, 1);
    socket.setOption(options.IPV6_PKTINFO, { ifindex: 1 });
    expect(() => socket.setOption(options.IPV6_PKTINFO, { ifindex: 2 })).toThrow(OSError);
  });

  test.skipIf(without('TCP_INFO'))('TCP_INFO is a record of all that the kernel returns (TCP_INFO)', () => {
    const [client, connection] = connectedPair();
    using _client = client;
    using _connection = connection;
    client.sendall(Buffer.alloc(1000));
    expect(connection.recvInto(Buffer.alloc(1000))).toBe(1000);
    const info = client.getOption(options.TCP_INFO);
    const TCP_ESTABLISHED = 1;
    expect(info).toMatchObject({ state: TCP_ESTABLISHED, caState: 0, retransmits: 0, totalRetrans: 0 });
    expect(info.rto).toBeGreaterThan(0);
    expect(info.sndMss).toBe(client.getOption(options.TCP_MAXSEG));
    expect(info.pmtu).toBe(client.getOption(options.IP_MTU));
    expect(info.bytesSent).toBe(1000);
    expect(connection.getOption(options.TCP_INFO).bytesReceived).toBe(1000);
    expect(info.maxPacingRate).toBe(Number.POSITIVE_INFINITY);
  });

  test.skipIf(without('TCP_INFO'))('a shorter TCP_INFO, of an older kernel, has fewer fields (TCP_INFO)', () => {
    using socket = new Socket();
    const raw = socket.getsockopt(IPPROTO_TCP, TCP_INFO, 104);
    const info = options.TCP_INFO.codec.decode?.(raw);
    expect(info).toHaveProperty('totalRetrans', 0);
    expect(info).not.toHaveProperty('pacingRate');
  });

  test('every option that can be read returns a value, or an error that names it', () => {
    const [client, connection] = connectedPair();
    using _client = client;
    using _connection = connection;
    using datagrams = new Socket(AF_INET, SOCK_DGRAM);
    using unix = new Socket<any>(LOCAL);
    let values = 0;
    for (const option of Object.values(options) as Option<unknown, unknown>[]) {
      // Those of other systems have no number here: the tests of layouts have codecs run with theirs.
      if (!option.codec.decode || option.option === undefined) continue;
      for (const socket of [client, datagrams, unix]) {
        try {
          expect(socket.getOption(option)).not.toBeNull();
          values++;
        } catch (error) {
          expect(error).toBeInstanceOf(OSError);
          expect((error as OSError).message).toContain(option.name);
        }
      }
    }
    expect(values).toBeGreaterThan(onWindows ? 50 : 200);
  });

  test.skipIf(without('python3'))('CPython reads the same bytes that were set (python3)', () => {
    using socket = new Socket();
    const long = (value: number) => Buffer.from(BigInt64Array.of(BigInt(value)).buffer);
    const ints = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer);
    const cases: [Option<any, any>, unknown, Buffer][] = [
      [options.SO_KEEPALIVE, true, ints(1)],
      [options.SO_LINGER, 7, ints(1, 7)],
      [options.SO_RCVTIMEO, 2.5, Buffer.concat([long(2), long(500_000)])],
      [options.SO_PRIORITY, 6, ints(6)],
      [options.IP_TTL, 33, ints(33)],
      [options.IP_LOCAL_PORT_RANGE, { low: 40000, high: 50000 }, ints(40000 + 50000 * 65536)],
      [options.IP_OPTIONS, Buffer.of(1, 1, 1, 1), Buffer.of(1, 1, 1, 1)],
      [options.TCP_KEEPIDLE, 99, ints(99)],
      [options.TCP_USER_TIMEOUT, 30_000, ints(30_000)],
      [options.TCP_FASTOPEN_KEY, Buffer.alloc(16, 'k'), Buffer.alloc(16, 'k')],
    ];
    for (const [option, value, raw] of cases) {
      socket.setOption(option, value);
      expect([option.name, pythonReads(socket, option.level, option.option, raw.length)]).toEqual([option.name, raw]);
      expect(option.codec.encode?.(socket.getOption(option), option.name)).toEqual(option.codec.encode?.(value, ''));
    }
  });
});

describe('options of others', () => {
  const definition = () => ({
    name: 'TEST_IP_TTL',
    level: IPPROTO_IP,
    option: IP_TTL,
    codec: codecs.int32,
  });

  test('one call defines an option', () => {
    const hops = defineOption(definition());
    using socket = new Socket();
    socket.setOption(hops, 12);
    const read: number = socket.getOption(hops);
    expect(read).toBe(12);
    expect(socket.getOption(options.IP_TTL)).toBe(12);
  });

  test('the same definition again is the first one, another one is refused', () => {
    expect(defineOption(definition())).toBe(defineOption(definition()));
    expect(() => defineOption({ ...definition(), option: 1 })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    );
  });

  test('a second copy of the package shares them', () => {
    const require = createRequire(import.meta.url);
    const path = require.resolve('@bsd-sockets/socket');
    const files = Object.keys(require.cache).filter((file) => dirname(file) === dirname(path));
    const present = files.map((file) => [file, require.cache[file]] as const);
    for (const file of files) delete require.cache[file];
    const copy = require(path) as typeof import('@bsd-sockets/socket');
    for (const [file, module] of present) require.cache[file] = module;
    expect(copy.defineOption).not.toBe(defineOption);
    expect(copy.options.TCP_NODELAY).toBe(options.TCP_NODELAY);
    using socket = new copy.Socket();
    socket.setOption(options.TCP_NODELAY, true);
    expect(socket.getOption(copy.options.TCP_NODELAY)).toBe(true);
  });

  test('a constant that the platform does not have is refused by name when it is used', () => {
    const missing = defineOption({
      name: 'SO_FROM_ELSEWHERE',
      level: SOL_SOCKET,
      option: undefined as unknown as number,
      codec: codecs.boolean,
    });
    using socket = new Socket();
    expect(() => socket.getOption(missing)).toThrow(/^SO_FROM_ELSEWHERE: .*does not have/);
  });

  test('a structure has the padding of C', () => {
    const codec = struct<{ a: number; b: bigint; c: number }>({
      a: codecs.uint8,
      b: codecs.uint64,
      c: codecs.uint16,
    });
    expect(codec.size).toBe(24);
    const value = { a: 1, b: 2n ** 63n, c: 3 };
    expect(codec.decode(Buffer.from(codec.encode(value, 'value')))).toEqual(value);
    expect(codec.decode(Buffer.alloc(16))).toEqual({ a: 0, b: 0n });
    expect(codec.decode(Buffer.alloc(0))).toEqual({});
  });
});

describe('setsockopt and getsockopt', () => {
  test.skipIf(without('SO_RCVLOWAT'))('an integer may have a sign or not, and has 32 bits (SO_RCVLOWAT)', () => {
    using socket = new Socket(AF_INET, SOCK_DGRAM);
    const { level, option } = options.SO_RCVLOWAT;
    socket.setsockopt(level, option, 2 ** 31 - 1);
    expect(socket.getsockopt(level, option)).toBe(2 ** 31 - 1);
    // A value of -1, which the kernel takes for the most.
    socket.setsockopt(level, option, 2 ** 32 - 1);
    expect(socket.getsockopt(level, option)).toBe(2 ** 31 - 1);
    socket.setsockopt(level, option, -(2 ** 31));
    for (const value of [2 ** 32, -(2 ** 31) - 1, 1.5, Number.NaN]) {
      expect(() => socket.setsockopt(level, option, value)).toThrow(
        expect.objectContaining({ code: 'ERR_OUT_OF_RANGE', message: expect.stringMatching(/^value: /) }),
      );
    }
  });

  test('bytes and booleans are taken, and null with a length', () => {
    using socket = new Socket();
    socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, Int32Array.of(1));
    expect(socket.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(1);
    socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, false);
    expect(socket.getsockopt(SOL_SOCKET, SO_REUSEADDR, 4)).toEqual(Buffer.alloc(4));
    for (const none of [null, undefined]) {
      expect(() => socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, none, 4)).toThrow(
        expect.objectContaining({ code: 'EFAULT' }),
      );
    }
    expect(() => socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, null as never)).toThrow(/^optlen: /);
    expect(() => socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, undefined as never)).toThrow(/^value: /);
    expect(() => socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1 as never, 4)).toThrow(/^optlen: /);
    expect(() => socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, '1' as never)).toThrow(/^value: .*Buffer/);
  });

  test('an option that the kernel does not have is an error', () => {
    using socket = new Socket();
    expect(() => socket.getsockopt(SOL_SOCKET, 9999)).toThrow(expect.objectContaining({ code: 'ENOPROTOOPT' }));
    expect(() => socket.getsockopt(SOL_SOCKET, 9999, 4)).toThrow(expect.objectContaining({ code: 'ENOPROTOOPT' }));
  });

  test('a buflen out of range is an OSError, as in Python', () => {
    using socket = new Socket();
    expect(socket.getsockopt(SOL_SOCKET, SO_REUSEADDR, 1024)).toHaveLength(4);
    for (const buflen of [-1, 1025, 2 ** 31 - 1]) {
      expect(() => socket.getsockopt(SOL_SOCKET, SO_REUSEADDR, buflen)).toThrow(OSError);
    }
    expect(() => socket.getsockopt(SOL_SOCKET, SO_REUSEADDR, 2 ** 31)).toThrow(/^buflen: /);
    expect(() => socket.getsockopt(SOL_SOCKET, SO_REUSEADDR, '4' as never)).toThrow(TypeError);
  });

  test.skipIf(noVsock)(`integers of AF_VSOCK have 64 bits${noVsock}`, () => {
    using socket = new Socket(AF_VSOCK);
    const before = socket.getsockopt(AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE);
    expect(before).toBeGreaterThan(0);
    socket.setsockopt(AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, before - 1);
    expect(socket.getsockopt(AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE)).toBe(before - 1);
    expect(socket.getsockopt(AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, 8).readBigUInt64LE()).toBe(BigInt(before - 1));
    socket.setsockopt(SOL_SOCKET, options.SO_PRIORITY.option, 3);
    expect(socket.getsockopt(SOL_SOCKET, options.SO_PRIORITY.option)).toBe(3);
  });

  test('createConnection sockets have typed options too', () => {
    using server = createServer(['127.0.0.1', 0]);
    using client = createConnection(server.getsockname());
    client.setOption(options.TCP_NODELAY, true);
    expect(client.getOption(options.TCP_NODELAY)).toBe(true);
  });
});

describe('a structure as bytes of a protocol', () => {
  const header = struct({
    kind: codecs.uint8,
    flags: codecs.uint8,
    port: codecs.networkUint16,
    address: codecs.networkUint32,
    name: codecs.fixedBytes(5),
    checksum: codecs.networkUint16,
  });

  test('has its fields in network order, where a C compiler would put them', () => {
    const value = { kind: 1, flags: 2, port: 0x1234, address: 0x0a000001, name: Buffer.from('eth0'), checksum: 0xfffe };
    const bytes = header.encode(value, 'header');
    expect(bytes.toString('hex')).toBe('0102' + '1234' + '0a000001' + '6574683000' + '00' + 'fffe');
    expect(header.decode(bytes)).toEqual({ ...value, name: Buffer.from('eth0\0') });
  });

  test('names the field that does not fit', () => {
    const value = { kind: 1, flags: 2, port: 65536, address: 0, name: Buffer.alloc(5), checksum: 0 };
    expect(() => header.encode(value, 'header')).toThrow('header.port');
    expect(() => header.encode({ ...value, port: 1, name: Buffer.alloc(6) }, 'header')).toThrow(
      'header.name: expected at most 5 bytes, got 6',
    );
    expect(() => header.encode({ ...value, port: 1, name: 'eth0' as never }, 'header')).toThrow('header.name');
  });
});
