import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, getaddrinfo, POLLIN, poll, Socket, select, socketpair } from '@bsd-sockets/socket/promises';
import { expect, test } from 'vitest';

const storage = new AsyncLocalStorage<string>();

// Each waits, on the first of a pair, for what the second will send.
const waits: [name: string, wait: (socket: Socket) => Promise<unknown>][] = [
  ['recv', (socket) => socket.recv(1)],
  ['recvfrom', (socket) => socket.recvfrom(1)],
  ['recvInto', (socket) => socket.recvInto(Buffer.alloc(1))],
  ['recvmsg', (socket) => socket.recvmsg(1)],
  ['recvExactly', (socket) => socket.recvExactly(1)],
  ['read of a file', (socket) => socket.makefile('rb').read(1)],
  ['select', (socket) => select([socket], [], [])],
  [
    'poll',
    (socket) => {
      const set = poll();
      set.register(socket, POLLIN!);
      return set.poll();
    },
  ],
  ['recv with a timeout that ends', (socket) => socket.recv(1, { signal: AbortSignal.timeout(20) }).catch(() => {})],
];

test.each(waits)('after an await of %s, each goes on in its own asynchronous context', async (_name, wait) => {
  const pairs = ['one', 'two', 'three'].map((context) => [context, ...socketpair()] as const);
  const found = pairs.map(([context, socket]) =>
    storage.run(context, async () => {
      await wait(socket);
      return storage.getStore();
    }),
  );
  await storage.run('of the peer', async () => {
    for (const [, , peer] of pairs) await peer.send(Buffer.from('x'));
  });
  expect(await Promise.all(found)).toEqual(['one', 'two', 'three']);
  for (const [, socket, peer] of pairs) {
    socket.close();
    peer.close();
  }
});

test('so do connect, accept, a lookup and what goes through connections', async () => {
  const server = await createServer(['127.0.0.1', 0]);
  const served = storage.run('server', async () => {
    const found: unknown[] = [];
    for await (const [connection] of server.connections()) {
      found.push(storage.getStore());
      connection.close();
      if (found.length === 2) return found;
    }
  });
  const client = storage.run('client', async () => {
    const found: unknown[] = [];
    for (let count = 0; count < 2; count++) {
      await using socket = new Socket();
      await socket.connect(server.getsockname());
      found.push(storage.getStore());
    }
    await getaddrinfo('localhost', 80);
    return [...found, storage.getStore()];
  });
  expect(await client).toEqual(['client', 'client', 'client']);
  expect(await served).toEqual(['server', 'server']);
  server.close();
});
