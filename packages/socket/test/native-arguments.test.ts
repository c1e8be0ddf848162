import { fillCall, native } from '@bsd-sockets/core-native';
import { AF_INET, SOCK_DGRAM, Socket } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { onWindows, pair } from './platform';

describe('numbers in the call block that no system call takes', () => {
  const numbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300, 2 ** 31, 2 ** 64, -1];

  test.each(numbers)('%d is met by an errno or a part of the data', (number) => {
    const [sender, receiver] = pair(SOCK_DGRAM);
    using _sender = sender;
    using _receiver = receiver;
    // Whatever the flags say, the receive must not wait.
    receiver.setblocking(false);
    for (const place of ['flags', 'offset', 'length', 'timeout', 'addressLength']) {
      for (const data of [Buffer.from('data'), Buffer.alloc(2000)]) {
        const at = (name: string, usual: number) => (name === place ? number : usual);
        const fill = (fd: number) =>
          fillCall(fd, at('flags', 0), at('offset', 0), at('length', 4), at('timeout', 0), at('addressLength', 0));
        for (let time = 0; time < 3; time++) {
          fill(sender.fileno());
          expect(native.send(data)).toBeLessThanOrEqual(data.length);
          fill(receiver.fileno());
          expect(native.receive(data)).toBeLessThanOrEqual(data.length);
        }
      }
    }
  });
});

test('a sockaddr may begin at an odd address', () => {
  using server = new Socket(AF_INET);
  using client = new Socket(AF_INET);
  const odd = (address: Uint8Array) => {
    const memory = new Uint8Array(address.length + 1);
    memory.set(address, 1);
    return memory.subarray(1);
  };
  const loopback = Uint8Array.of(0, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  new Uint16Array(loopback.buffer)[0] = AF_INET;
  expect(native.bind(server.fileno(), odd(loopback))).toBe(0);
  server.listen();
  new DataView(loopback.buffer).setUint16(2, server.getsockname()[1]);
  expect(native.connect(client.fileno(), odd(loopback), -1)).toBe(0);
  expect(client.getpeername()).toEqual(server.getsockname());
});

test('a sockaddr that is longer than any, or empty, is refused', () => {
  using socket = new Socket(AF_INET);
  for (const length of [0, 1, 129, 256, 257, 100_000]) {
    const { EINVAL } = native.errnos as { EINVAL: number };
    const bound = native.bind(socket.fileno(), new Uint8Array(length));
    // Winsock has several errors for it.
    if (onWindows) expect(bound).toBeLessThan(0);
    else expect(bound).toBe(-EINVAL);
    if (!onWindows) expect(native.connect(socket.fileno(), new Uint8Array(length), 0)).toBe(-EINVAL);
  }
});
