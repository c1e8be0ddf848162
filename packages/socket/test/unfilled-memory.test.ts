import { createConnection, createServer, MSG_TRUNC, recvFds, type Socket, socketpair } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';

type Receive = (socket: Socket, size: number) => Buffer | Promise<Buffer>;

/** A call of promises, by a copy of the descriptor. */
async function byPromise<T>(socket: Socket, call: (copy: promises.Socket) => Promise<T>): Promise<T> {
  using copy = promises.Socket.from(socket.dup());
  return await call(copy);
}

const CALLS: Record<string, Receive> = {
  recv: (socket, size) => socket.recv(size, MSG_TRUNC!),
  recvfrom: (socket, size) => socket.recvfrom(size, MSG_TRUNC!)[0],
  recvmsg: (socket, size) => socket.recvmsg(size, 0, MSG_TRUNC!)[0],
  recvmmsg: (socket, size) => socket.recvmmsg(1, size, 0, MSG_TRUNC!)[0]![0],
  recvFds: (socket, size) => recvFds(socket, size, 1, MSG_TRUNC!)[0],
  'recvFds with room for many': (socket, size) => recvFds(socket, size, 300, MSG_TRUNC!)[0],
  'recv of promises': (socket, size) => byPromise(socket, (copy) => copy.recv(size, MSG_TRUNC!)),
  'recvfrom of promises': (socket, size) =>
    byPromise(socket, async (copy) => (await copy.recvfrom(size, MSG_TRUNC!))[0]),
  'recvmsg of promises': (socket, size) =>
    byPromise(socket, async (copy) => (await copy.recvmsg(size, 0, MSG_TRUNC!))[0]),
  'recvmmsg of promises': (socket, size) =>
    byPromise(socket, async (copy) => (await copy.recvmmsg(1, size, 0, MSG_TRUNC!))[0]![0]),
  'recvFds of promises': (socket, size) =>
    byPromise(socket, async (copy) => (await promises.recvFds(copy, size, 1, MSG_TRUNC!))[0]),
};

describe.skipIf(without('MSG_TRUNC of Linux'))(
  'what MSG_TRUNC throws away on a TCP socket shows as zeros, not as old memory (MSG_TRUNC of Linux)',
  () => {
    test.each(Object.entries(CALLS))('%s', async (_name, receive) => {
      using server = createServer(['127.0.0.1', 0]);
      using client = createConnection(server.getsockname(), 10);
      const [connection] = server.accept();
      using _connection = connection;
      const [one, other] = socketpair();
      using _one = one;
      using _other = other;
      for (let turn = 0; turn < 100; turn++) {
        const size = [10, 1000, 100_000, 2_000_000][turn % 4]!;
        // Memory of this size goes to and fro between these buffers, and that of all sockets has another's bytes.
        Buffer.allocUnsafeSlow(size).fill('secret');
        one.sendall(Buffer.alloc(1000, 'secret'));
        expect(other.recv(Math.min(size, 1000)).length).toBeGreaterThan(0);
        client.sendall(Buffer.alloc(10, 'x'));
        expect(await receive(connection, size)).toEqual(Buffer.alloc(10));
        if (turn % 20 === 0) globalThis.gc?.();
      }
    });
  },
);
