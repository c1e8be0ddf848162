import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import {
  createConnection,
  createServer,
  MSG_OOB,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  poll,
  SHUT_WR,
  SOCK_DGRAM,
  Socket,
  select,
  socketpair,
} from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { noSocket, onWindows, pair, READABLE } from './platform';

const data = Buffer.from('x');

/** Seconds that a call takes. */
function time(call: () => void): number {
  const start = performance.now();
  call();
  return (performance.now() - start) / 1000;
}

/** A descriptor number that is not open. */
function closedDescriptor(): number {
  const socket = new Socket();
  const fd = socket.fileno();
  socket.close();
  return fd;
}

describe('select', () => {
  test('returns what is ready of each list, as it was given and in its order', () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    const [c, d] = socketpair();
    using _c = c;
    using _d = d;
    expect(select([a, c], [], [], 0)).toEqual([[], [], []]);
    d.send(data);
    expect(select([a, c], [], [], 0)).toEqual([[c], [], []]);
    b.send(data);
    const [readable, writable, exceptional] = select([c.fileno(), a, c], [b, d], [a, b], 10);
    expect(readable).toEqual([c.fileno(), a, c]);
    expect(writable[0]).toBe(b);
    expect(writable[1]).toBe(d);
    expect(exceptional).toEqual([]);
  });

  test('a socket that is in several lists is told in each where it is ready', () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    expect(select([a, a.fileno()], [a], [a], 10)).toEqual([[], [a], []]);
    b.send(data);
    expect(select([a], [], [a], 10)).toEqual([[a], [], []]);
    expect(select([a, a.fileno()], [a, a.fileno()], [a], 10)).toEqual([[a, a.fileno()], [a, a.fileno()], []]);
    b.close();
    a.recv(1);
    expect(select([a], [], [a], 10)).toEqual([[a], [], []]);
  });

  test('a listening socket is ready when a connection waits, a connecting one when it is connected', () => {
    using server = createServer(['127.0.0.1', 0]);
    using client = new Socket();
    client.setblocking(false);
    client.connectEx(server.getsockname());
    expect(select([server], [client], [], 10)[1]).toEqual([client]);
    expect(select(new Set([server]), [], [], 10)[0]).toEqual([server]);
    server.accept()[0].close();
  });

  test('a failed connection is readable and writable', () => {
    const server = createServer(['127.0.0.1', 0]);
    const address = server.getsockname();
    server.close();
    using client = new Socket();
    client.setblocking(false);
    client.connectEx(address);
    select([], [client], [], 10);
    expect(select([client], [client], [client], 10)).toEqual([[client], [client], []]);
  });

  test('urgent data is an exceptional condition', () => {
    using server = createServer(['127.0.0.1', 0]);
    using client = createConnection(server.getsockname());
    const [connection] = server.accept();
    using _connection = connection;
    client.send(data, MSG_OOB);
    expect(select([], [], [connection], 10)).toEqual([[], [], [connection]]);
  });

  test('a hang-up is no exceptional condition, and does not keep select from waiting', () => {
    using unconnected = new Socket();
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    b.close();
    const seconds = time(() => expect(select([], [], [unconnected, a], 0.2)).toEqual([[], [], []]));
    expect(seconds).toBeGreaterThan(0.19);
    expect(select([a], [], [unconnected, a], 10)).toEqual([[a], [], []]);
  });

  test('the timeout is in seconds', () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    const seconds = time(() => expect(select([a], [], [], 0.1)).toEqual([[], [], []]));
    expect(seconds).toBeGreaterThan(0.09);
    expect(seconds).toBeLessThan(5);
    expect(time(() => select([], [], [], 0.05))).toBeGreaterThan(0.04);
  });

  test('bad arguments get errors that name them', () => {
    const closed = new Socket();
    closed.close();
    const wrong: [() => unknown, object][] = [
      [() => select([-1], [], []), { code: 'ERR_INVALID_ARG_VALUE', message: expect.stringMatching(/^rlist\[0\]: /) }],
      [
        () => select([], [closed], []),
        { code: 'ERR_INVALID_ARG_VALUE', message: expect.stringMatching(/wlist.*closed/) },
      ],
      [
        () => select([], [], ['a' as never]),
        { code: 'ERR_INVALID_ARG_TYPE', message: expect.stringMatching(/^xlist/) },
      ],
      [() => select([{} as never], [], []), { code: 'ERR_INVALID_ARG_TYPE' }],
      [() => select([{ fileno: () => 'a' as never }], [], []), { code: 'ERR_INVALID_ARG_TYPE' }],
      [() => select([2 ** 31], [], []), { code: 'ERR_OUT_OF_RANGE' }],
      [
        () => select(null as never, [], []),
        { code: 'ERR_INVALID_ARG_TYPE', message: expect.stringMatching(/^rlist: /) },
      ],
      [() => select([], 5 as never, []), { code: 'ERR_INVALID_ARG_TYPE', message: expect.stringMatching(/^wlist: /) }],
      [() => select([], [], [], -1), { code: 'ERR_INVALID_ARG_VALUE', message: expect.stringMatching(/^timeout: /) }],
      [() => select([], [], [], '1' as never), { code: 'ERR_INVALID_ARG_TYPE' }],
      [
        () => select([closedDescriptor()], [], [], 0),
        { ...noSocket, ...(onWindows ? {} : { message: expect.stringMatching(/is not open/) }) },
      ],
    ];
    for (const [call, error] of wrong) expect(call).toThrow(expect.objectContaining(error));
  });
});

describe('poll', () => {
  test('returns descriptors and events in the order of registration', () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    const poller = poll();
    poller.register(b);
    poller.register(a.fileno(), POLLIN);
    expect(poller.poll(0)).toEqual([[b.fileno(), POLLOUT]]);
    b.send(data);
    expect(poller.poll()).toEqual([
      [b.fileno(), POLLOUT],
      [a.fileno(), READABLE],
    ]);
    poller.modify(b, POLLPRI);
    expect(poller.poll(null)).toEqual([[a.fileno(), READABLE]]);
    poller.register(a, POLLIN | POLLOUT);
    expect(poller.poll(-1)).toEqual([[a.fileno(), READABLE | POLLOUT]]);
    poller.unregister(a);
    expect(poller.poll(0)).toEqual([]);
    b.shutdown(SHUT_WR);
    b.close();
    // Windows may say so of the whole call.
    if (!onWindows) expect(poller.poll(0).map(([, event]) => event)).toEqual([POLLNVAL]);
  });

  test('a hang-up is reported unasked', () => {
    const [a, b] = socketpair();
    using _a = a;
    b.close();
    const poller = poll();
    poller.register(a, 0);
    expect(poller.poll(10)).toEqual([[a.fileno(), POLLHUP]]);
  });

  test('an error is reported unasked', () => {
    const server = createServer(['127.0.0.1', 0]);
    const address = server.getsockname();
    server.close();
    using client = new Socket();
    client.setblocking(false);
    client.connectEx(address);
    const poller = poll();
    poller.register(client, POLLOUT);
    const [[fd, event] = []] = poller.poll(10);
    expect(fd).toBe(client.fileno());
    expect(event! & POLLERR).toBe(POLLERR);
  });

  test('the timeout is in seconds, not milliseconds', () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    const poller = poll();
    poller.register(a, POLLIN);
    const seconds = time(() => expect(poller.poll(0.1)).toEqual([]));
    expect(seconds).toBeGreaterThan(0.09);
    expect(seconds).toBeLessThan(5);
    expect(time(() => expect(poll().poll(0.05)).toEqual([]))).toBeGreaterThan(0.04);
  });

  test('more than 1024 descriptors, and numbers above 1023', () => {
    const pairs = Array.from({ length: 600 }, () => pair(SOCK_DGRAM));
    try {
      const poller = poll();
      for (const [receiver] of pairs) poller.register(receiver, POLLIN);
      const [last, sender] = pairs.at(-1)!;
      expect(last.fileno()).toBeGreaterThan(1024);
      sender.send(data);
      expect(poller.poll(10)).toEqual([[last.fileno(), READABLE]]);
      const all = pairs.flat();
      const [readable, writable] = select(all, all, [], 10);
      expect(readable).toEqual([last]);
      expect(writable).toHaveLength(1200);
    } finally {
      for (const socket of pairs.flat()) socket.close();
    }
  });

  test('bad arguments get errors that name them', () => {
    const poller = poll();
    const closed = new Socket();
    closed.close();
    using open = new Socket();
    const wrong: [() => unknown, object][] = [
      [
        () => poller.register(closed),
        { code: 'ERR_INVALID_ARG_VALUE', message: expect.stringMatching(/^fd: .*closed/) },
      ],
      [() => poller.register(-1), { code: 'ERR_INVALID_ARG_VALUE' }],
      [() => poller.register('a' as never), { code: 'ERR_INVALID_ARG_TYPE' }],
      [() => poller.register(1.5), { code: 'ERR_OUT_OF_RANGE' }],
      [() => poller.register(open, -1), { code: 'ERR_OUT_OF_RANGE', message: expect.stringMatching(/^eventmask: /) }],
      [() => poller.register(open, 65536), { code: 'ERR_OUT_OF_RANGE' }],
      [
        () => poller.modify(open, POLLIN),
        { code: 'ERR_INVALID_ARG_VALUE', message: expect.stringMatching(/registered/) },
      ],
      [() => poller.unregister(open), { code: 'ERR_INVALID_ARG_VALUE', message: expect.stringMatching(/registered/) }],
      [() => poller.poll('1' as never), { code: 'ERR_INVALID_ARG_TYPE', message: expect.stringMatching(/^timeout: /) }],
      [() => poller.poll(Number.NaN), { code: 'ERR_INVALID_ARG_VALUE' }],
    ];
    for (const [call, error] of wrong) expect(call).toThrow(expect.objectContaining(error));
    expect(poller.poll(0)).toEqual([]);
  });

  test.skipIf(without('python3'))('the events are those that CPython sees (python3)', () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    using unconnected = new Socket();
    const [c, d] = socketpair();
    using _c = c;
    b.send(data);
    d.close();
    const sockets = [a, unconnected, c];
    const program = `
import select
p = select.poll()
for fd in (3, 4, 5): p.register(fd)
print([event for fd, event in p.poll(0)], *[[fd - 3 for fd in l] for l in select.select([3, 4, 5], [3, 4, 5], [3, 4, 5], 0)])`;
    const stdio = ['ignore' as const, 'pipe' as const, 'inherit' as const, ...sockets.map((socket) => socket.fileno())];
    const { stdout } = spawnSync('python3', ['-c', program], { stdio, encoding: 'utf8' });
    const poller = poll();
    for (const socket of sockets) poller.register(socket);
    const events = poller.poll(0).map(([, event]) => event);
    const ready = select(sockets, sockets, sockets, 0).map((list) => list.map((socket) => sockets.indexOf(socket)));
    expect(JSON.parse(`[${stdout.trim().replaceAll('] [', '], [')}]`)).toEqual([events, ...ready]);
  });
});

test('a worker that waits can be terminated', async () => {
  const path = JSON.stringify(createRequire(import.meta.url).resolve('@bsd-sockets/socket'));
  const code = `
    const { parentPort } = require('node:worker_threads');
    const { select, socketpair } = require(${path});
    const [a] = socketpair();
    parentPort.postMessage('waiting');
    select([a], [], []);
    parentPort.postMessage('ready');`;
  const worker = new Worker(code, { eval: true });
  const messages: unknown[] = [];
  await new Promise<void>((resolve) => {
    worker.on('message', (message) => {
      messages.push(message);
      resolve();
    });
  });
  expect(await worker.terminate()).toBe(1);
  expect(messages).toEqual(['waiting']);
});

test.skipIf(without('signals'))('a signal does not shorten the wait (signals)', () => {
  const [a, b] = socketpair();
  using _a = a;
  using _b = b;
  const handler = () => {};
  process.on('SIGWINCH', handler);
  const child = spawnSync('sh', ['-c', `(sleep 0.05; kill -WINCH ${process.pid}) > /dev/null 2>&1 &`]);
  expect(child.status).toBe(0);
  expect(time(() => select([a], [], [], 0.3))).toBeGreaterThan(0.29);
  process.removeListener('SIGWINCH', handler);
});
