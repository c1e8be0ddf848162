import {
  AF_INET,
  AF_NETLINK,
  AF_UNIX,
  INADDR_LOOPBACK,
  IP_ADD_MEMBERSHIP,
  IP_MULTICAST_IF,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_TCP,
  PermissionError,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_PEERCRED,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_SOCKET,
  Socket,
  socketpair,
  TCP_NODELAY,
} from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { refusal } from './open-descriptors';
import { onWindows } from './platform';

/** Of a struct linger, which has short integers in Winsock. */
const LINGER = onWindows ? 4 : 8;

describe('an integer option', () => {
  test('is set and read', () => {
    using socket = new Socket();
    expect(socket.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toBe(0);
    expect(socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)).toBeUndefined();
    expect(socket.getsockopt(IPPROTO_TCP, TCP_NODELAY)).not.toBe(0);
    socket.setsockopt(IPPROTO_IP, IP_TTL, 77);
    expect(socket.getsockopt(IPPROTO_IP, IP_TTL)).toBe(77);
  });

  test('takes a boolean', () => {
    using socket = new Socket();
    socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, true);
    expect(socket.getsockopt(SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
    socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, false);
    expect(socket.getsockopt(SOL_SOCKET, SO_KEEPALIVE)).toBe(0);
  });

  test.skipIf(without('twice SO_RCVBUF'))('is what the kernel makes of it (twice SO_RCVBUF)', () => {
    using socket = new Socket();
    socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 10_000);
    expect(socket.getsockopt(SOL_SOCKET, SO_RCVBUF)).toBe(20_000);
    expect(socket.getsockopt(SOL_SOCKET, SO_TYPE)).toBe(socket.type);
    expect(socket.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0);
  });

  test.skipIf(without('IP_TTL of Linux'))('may be negative (IP_TTL of Linux)', () => {
    using socket = new Socket();
    socket.setsockopt(IPPROTO_IP, IP_TTL, 10);
    // The kernel's sign for its default.
    socket.setsockopt(IPPROTO_IP, IP_TTL, -1);
    expect(socket.getsockopt(IPPROTO_IP, IP_TTL)).toBeGreaterThan(10);
  });

  test('may have all of its 32 bits', () => {
    using socket = new Socket();
    socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 2 ** 32 - 1);
    expect(socket.getsockopt(SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
  });

  test.each([2 ** 32, -(2 ** 31) - 1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY])('is not %s', (value) => {
    using socket = new Socket();
    const error = refusal(() => socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, value));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ code: 'ERR_OUT_OF_RANGE', message: expect.stringMatching(/^value: /) });
  });
});

describe('an option of bytes', () => {
  const linger = (on: number, seconds: number) => {
    const bytes = Buffer.alloc(LINGER);
    bytes.writeUInt8(on, 0);
    bytes.writeUInt8(seconds, LINGER / 2);
    return bytes;
  };

  test('is set and read', () => {
    using socket = new Socket();
    socket.setsockopt(SOL_SOCKET, SO_LINGER, linger(1, 9));
    expect(socket.getsockopt(SOL_SOCKET, SO_LINGER, LINGER)).toEqual(linger(1, 9));
  });

  test.each([
    ['an ArrayBuffer', (bytes: Buffer) => new Uint8Array(bytes).buffer],
    ['a DataView', (bytes: Buffer) => new DataView(new Uint8Array(bytes).buffer)],
    ['an Int32Array', (bytes: Buffer) => new Int32Array(new Uint8Array(bytes).buffer)],
    [
      'a SharedArrayBuffer',
      (bytes: Buffer) => {
        const shared = new SharedArrayBuffer(bytes.length);
        new Uint8Array(shared).set(bytes);
        return shared;
      },
    ],
    [
      'a part of a larger buffer',
      (bytes: Buffer) => Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(3)]).subarray(3, -3),
    ],
  ])('may be %s', (_kind, view) => {
    using socket = new Socket();
    socket.setsockopt(SOL_SOCKET, SO_LINGER, view(linger(1, 5)));
    expect(socket.getsockopt(SOL_SOCKET, SO_LINGER, LINGER)).toEqual(linger(1, 5));
  });

  test.skipIf(without('SO_PEERCRED'))('is as long as the kernel wrote it (SO_PEERCRED)', () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    const ucred = a.getsockopt(SOL_SOCKET, SO_PEERCRED, 1024);
    expect(ucred).toHaveLength(12);
    expect(ucred.readInt32LE(0)).toBe(process.pid);
    expect(a.getsockopt(SOL_SOCKET, SO_PEERCRED, 4)).toEqual(ucred.subarray(0, 4));
  });

  test('is never the memory of an earlier one', () => {
    using socket = new Socket();
    const first = socket.getsockopt(SOL_SOCKET, SO_REUSEADDR, 4);
    const second = socket.getsockopt(SOL_SOCKET, SO_REUSEADDR, 4);
    first.fill(0xff);
    expect(second).toEqual(Buffer.alloc(4));
    expect(socket.getsockopt(SOL_SOCKET, SO_REUSEADDR, 4)).toEqual(Buffer.alloc(4));
  });

  test('may be a structure of addresses', () => {
    using socket = new Socket(AF_INET, SOCK_DGRAM);
    const loopback = Buffer.alloc(4);
    loopback.writeUInt32BE(INADDR_LOOPBACK, 0);
    socket.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, loopback);
    expect(socket.getsockopt(IPPROTO_IP, IP_MULTICAST_IF, 4)).toEqual(loopback);
    socket.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, Buffer.of(224, 0, 0, 251, ...loopback));
  });
});

describe('an option of only a length', () => {
  test.skipIf(without('EFAULT of Linux'))('reaches the kernel as a null with its length (EFAULT of Linux)', () => {
    using socket = new Socket();
    // Its value is read, so that the null is noticed.
    expect(refusal(() => socket.setsockopt(SOL_SOCKET, SO_LINGER, null, 8))).toMatchObject({ code: 'EFAULT' });
    expect(refusal(() => socket.setsockopt(SOL_SOCKET, SO_LINGER, null, 0))).toMatchObject({ code: 'EINVAL' });
  });

  test.each<[string, unknown, unknown]>([
    ['null without it', null, undefined],
    ['it beside an integer', 1, 4],
    ['it beside bytes', Buffer.alloc(4), 4],
  ])('is refused: %s', (_kind, value, optlen) => {
    using socket = new Socket();
    const error = refusal(() => (socket as any).setsockopt(SOL_SOCKET, SO_LINGER, value, optlen));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', message: expect.stringMatching(/^optlen: /) });
  });
});

describe.skipIf(without('errors of Linux'))('an option that the kernel refuses (errors of Linux)', () => {
  const unknown = 9999;

  test('by its number', () => {
    using socket = new Socket();
    const errors = [
      refusal(() => socket.getsockopt(SOL_SOCKET, unknown)),
      refusal(() => socket.getsockopt(SOL_SOCKET, unknown, 16)),
      refusal(() => socket.setsockopt(SOL_SOCKET, unknown, 1)),
    ];
    for (const error of errors) expect(error).toMatchObject({ code: 'ENOPROTOOPT', errno: 92 });
    expect(errors.map(({ syscall }) => syscall)).toEqual(['getsockopt', 'getsockopt', 'setsockopt']);
  });

  test('by its level', () => {
    using socket = new Socket(AF_UNIX);
    expect(refusal(() => socket.getsockopt(IPPROTO_TCP, TCP_NODELAY))).toMatchObject({ code: 'EOPNOTSUPP', errno: 95 });
    expect(refusal(() => socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1))).toMatchObject({ code: 'EOPNOTSUPP' });
  });

  test('by its value', () => {
    using socket = new Socket();
    expect(refusal(() => socket.setsockopt(IPPROTO_IP, IP_TTL, 256))).toMatchObject({ code: 'EINVAL', errno: 22 });
    expect(refusal(() => socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, Buffer.of(1)))).toMatchObject({ code: 'EINVAL' });
    expect(refusal(() => socket.setsockopt(SOL_SOCKET, SO_TYPE, 1))).toMatchObject({ code: 'ENOPROTOOPT' });
  });

  test('by its length', () => {
    using socket = new Socket(AF_NETLINK, SOCK_RAW, 0);
    const SOL_NETLINK = 270;
    const NETLINK_PKTINFO = 3;
    expect(socket.getsockopt(SOL_NETLINK, NETLINK_PKTINFO)).toBe(0);
    expect(refusal(() => socket.getsockopt(SOL_NETLINK, NETLINK_PKTINFO, 2))).toMatchObject({ code: 'EINVAL' });
  });

  test('is an OSError of no other class', () => {
    using socket = new Socket();
    expect(refusal(() => socket.setsockopt(SOL_SOCKET, unknown, 1))).not.toBeInstanceOf(PermissionError);
  });
});
