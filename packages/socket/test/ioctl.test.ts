import { native } from '@bsd-sockets/core-native';
import { socketpair } from '@bsd-sockets/socket';
import { expect, test } from 'vitest';

// FIONREAD of asm-generic/ioctls.h: the bytes that wait in a socket.
const FIONREAD = 0x541b;

test('ioctl changes the bytes of its argument', () => {
  const [a, b] = socketpair();
  using _a = a;
  using _b = b;
  a.send(Buffer.alloc(258));
  const count = Buffer.alloc(4);
  expect(native.ioctl(b.fileno(), FIONREAD, count)).toBe(0);
  expect(new Int32Array(Uint8Array.from(count).buffer)[0]).toBe(258);
});

test('what the kernel writes beyond the argument goes nowhere', () => {
  const [a, b] = socketpair();
  using _a = a;
  using _b = b;
  a.send(Buffer.alloc(258));
  const memory = Buffer.alloc(3, 0xff);
  expect(native.ioctl(b.fileno(), FIONREAD, memory.subarray(1, 1))).toBe(0);
  expect(native.ioctl(b.fileno(), FIONREAD, memory.subarray(1, 2))).toBe(0);
  expect([memory[0], memory[2]]).toEqual([0xff, 0xff]);
});

test('ioctl returns the errno of what cannot be', () => {
  const { EBADF, EINVAL, ENOTTY } = native.errnos as Record<string, number>;
  const [a, b] = socketpair();
  using _a = a;
  using _b = b;
  const calls: [fd: number, request: number, size: number][] = [
    [-1, FIONREAD, 4],
    [a.fileno(), 0xffffffff, 4],
    [a.fileno(), FIONREAD, 16_385],
    [a.fileno(), -1, 4],
    [a.fileno(), 2 ** 32, 4],
    [a.fileno(), Number.NaN, 4],
  ];
  const results = calls.map(([fd, request, size]) => native.ioctl(fd, request, Buffer.alloc(size)));
  expect(results).toEqual([EBADF, ENOTTY, EINVAL, EINVAL, EINVAL, EINVAL].map((errno) => -errno!));
});
