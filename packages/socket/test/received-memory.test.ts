import * as blocking from '@bsd-sockets/socket';
import { SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from '@bsd-sockets/socket';
import { Socket } from '@bsd-sockets/socket/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { onWindows, pair } from './platform';

type Blocking = blocking.Socket;
type Row = [name: string, type: number | undefined, way: Way];
type Way = (receiver: Blocking, size: number) => Buffer | Promise<Buffer>;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

/** The same socket for promises: what it was is closed. */
function promised(socket: Blocking): Socket {
  const other = Socket.from(socket);
  open.push(other);
  return other;
}

async function dataOf(socket: Blocking): Promise<Buffer> {
  const stream = promised(socket).toDuplex();
  const data = await new Promise<Buffer>((resolve) => stream.once('data', resolve));
  stream.destroy();
  return data;
}

/** What keeps the borders of messages. */
const MESSAGES = onWindows ? SOCK_DGRAM : SOCK_SEQPACKET;
const sequenced: Row = ['a stream of messages', SOCK_SEQPACKET, dataOf];

const ways: Row[] = [
  ['recv', SOCK_STREAM, (socket) => socket.recv(65_536)],
  ['recvfrom', SOCK_DGRAM, (socket) => socket.recvfrom(65_536)[0]],
  ['recvmsg', MESSAGES, (socket) => socket.recvmsg(65_536)[0]],
  ['recvmmsg', SOCK_DGRAM, (socket) => socket.recvmmsg(2, 65_536)[0]![0]],
  ['read', SOCK_STREAM, (socket, size) => socket.makefile('rb').read(size)!],
  ['read without a buffer', SOCK_STREAM, (socket, size) => socket.makefile('rb', 0).read(size)!],
  ['readline', SOCK_STREAM, (socket, size) => socket.makefile('rb').readline(size)],
  ['peek', SOCK_STREAM, (socket) => socket.makefile('rb').peek()],
  ['recv of promises', SOCK_STREAM, (socket) => promised(socket).recv(65_536)],
  [
    'recv with MSG_WAITALL of promises',
    SOCK_STREAM,
    (socket, size) => promised(socket).recv(size, blocking.MSG_WAITALL),
  ],
  ['recvmsg of promises', MESSAGES, async (socket) => (await promised(socket).recvmsg(65_536))[0]],
  ['recvmmsg of promises', SOCK_DGRAM, async (socket) => (await promised(socket).recvmmsg(2, 65_536))[0]![0]],
  ['datagrams', SOCK_DGRAM, async (socket) => (await promised(socket).datagrams().next()).value[0]],
  ['read of promises', SOCK_STREAM, (socket, size) => promised(socket).makefile('rb').read(size)],
  ['readline of promises', SOCK_STREAM, (socket, size) => promised(socket).makefile('rb').readline(size)],
  ['peek of promises', SOCK_STREAM, (socket) => promised(socket).makefile('rb').peek()],
  ['a stream', SOCK_STREAM, dataOf],
  ...(onWindows ? [] : [sequenced]),
];

describe.each(ways)('%s', (_name, type, way) => {
  test.each([20, 500, 5000])('of %d bytes hands over no bytes of others', async (size) => {
    const received: [number: number, data: Buffer][] = [];
    // Twice with a socket, whose second answer may lie elsewhere than the first.
    for (let number = 1; number <= 6; number++) {
      const [sender, receiver] = pair(type);
      open.push(sender, receiver);
      // One that was made a socket for promises is closed by now.
      for (let time = 0; time < 2 && receiver.fileno() >= 0; time++) {
        sender.sendall(Buffer.alloc(size, number));
        received.push([number, await way(receiver, size)]);
      }
    }
    for (const [number, data] of received) {
      expect(data.length).toBeGreaterThan(0);
      const others = Buffer.from(structuredClone(data).buffer).filter((byte) => byte !== 0 && byte !== number);
      expect([data.every((byte) => byte === number), others.length]).toEqual([true, 0]);
      expect(data.buffer.byteLength).toBeLessThanOrEqual(Math.max(8192, 16 * data.length));
    }
  });
});

test.skipIf(without('steady times'))(
  'a short message takes as long to receive whatever size is asked for (steady times)',
  () => {
    const [a, b] = blocking.socketpair();
    open.push(a, b);
    const message = Buffer.alloc(64);
    const time = (size: number) => {
      const start = process.hrtime.bigint();
      for (let index = 0; index < 100; index++) {
        a.send(message);
        b.recv(size);
      }
      return Number(process.hrtime.bigint() - start);
    };
    // What else runs on the machine makes bursts longer, and none shorter.
    const least = new Map<number, number>();
    for (let burst = 0; burst < 300; burst++) {
      for (const size of [4096, 65_536, 1_048_576]) least.set(size, Math.min(least.get(size) ?? Infinity, time(size)));
    }
    for (const size of [65_536, 1_048_576]) expect(least.get(size)! / least.get(4096)!).toBeLessThan(1.25);
  },
);

test.skipIf(without('AF_UNIX'))("an abstract name lies in memory of its own, and not in Node's pool (AF_UNIX)", () => {
  const socket = new blocking.Socket(blocking.AF_UNIX, SOCK_DGRAM);
  open.push(socket);
  socket.bind(`\0${process.pid} in memory of its own`);
  const name = socket.getsockname() as Buffer;
  expect(name.buffer.byteLength).toBe(name.length);
});

test('the address of a family that nobody registered lies in memory of its own', () => {
  const family = blocking.familyOf(250);
  const address = family.decode(Buffer.alloc(16), { family: 250, type: 0, proto: 0, fileno: () => -1 }) as Buffer;
  expect(address.buffer.byteLength).toBe(16);
});
