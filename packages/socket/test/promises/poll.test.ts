import { openSync } from 'node:fs';
import * as blocking from '@bsd-sockets/socket';
import {
  close,
  createServer,
  MSG_OOB,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  poll,
  SOCK_DGRAM,
  Socket,
  select,
  socketpair,
} from '@bsd-sockets/socket/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { noSocket, onWindows, promisePair, READABLE } from '../platform';
import { runProgram } from '../program';

const data = Buffer.from('x');
const canceled = { code: 'ECANCELED', syscall: 'select' };

/** Two connected sockets that are closed with the test. */
function pair(type?: number): [Socket<any>, Socket<any>] {
  const sockets = promisePair(type);
  onTestFinished(() => {
    for (const socket of sockets) socket.close();
  });
  return sockets;
}

/** Whether a promise is settled after some turns of the event loop. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  return settled;
}

describe('select', () => {
  test('returns what is ready of each list, as it was given, in its order, and as often', async () => {
    const [a, b] = pair();
    const [c, d] = pair();
    expect(await select([a, c], [], [], 0)).toEqual([[], [], []]);
    await d.send(data);
    expect(await select([a, c], [], [], 0)).toEqual([[c], [], []]);
    await b.send(data);
    const [readable, writable, exceptional] = await select(new Set([c, a]), [d, b, d], [a, b], 10);
    expect([readable.length, readable[0] === c, readable[1] === a]).toEqual([2, true, true]);
    expect([writable.length, writable[0] === d, writable[1] === b, writable[2] === d]).toEqual([3, true, true, true]);
    expect(exceptional).toEqual([]);
    const number = c.fileno();
    expect((await select([number, number], [], [], 10))[0]).toEqual([number, number]);
  });

  test('waits for one of many, and the event loop runs meanwhile', async () => {
    const pairs = Array.from({ length: 200 }, () => pair());
    const sockets = pairs.map(([socket]) => socket);
    const ready = select(sockets, [], []);
    expect(await isSettled(ready)).toBe(false);
    await pairs[77]![1].send(data);
    const [readable] = await ready;
    expect(readable.map((socket) => sockets.indexOf(socket))).toEqual([77]);
    // What is ready and was not taken is ready still.
    expect((await select(sockets, [], []))[0]).toEqual(readable);
  });

  test('takes sockets of both modules and descriptors, whose other calls may wait meanwhile', async () => {
    const [a, b] = pair();
    const [c, d] = blocking.socketpair();
    using _c = c;
    using _d = d;
    const waits = [select([a, c], [], []), select([c.fileno(), a], [a], [a], 10), select([a.fileno()], [], [])];
    const received = a.recv(10);
    expect((await waits[1]!)[1]).toEqual([a]);
    expect(await isSettled(waits[0]!)).toBe(false);
    await b.send(data);
    expect((await received).toString()).toBe('x');
    await b.send(data);
    expect((await waits[0]!)[0]).toEqual([a]);
    expect((await waits[2]!)[0]).toEqual([a.fileno()]);
    d.send(data);
    expect((await select([c], [], []))[0]).toEqual([c]);
    expect((await a.recv(10)).toString()).toBe('x');
  });

  test('a descriptor that a receive waits for, before and after, wakes both', async () => {
    const [a, b] = pair();
    for (let round = 0; round < 3; round++) {
      const received = a.recv(10);
      const selected = select([a], [], [], 10);
      expect(await isSettled(selected)).toBe(false);
      await b.send(data);
      expect((await received).toString()).toBe('x');
      await b.send(data);
      expect((await selected)[0]).toEqual([a]);
      expect((await a.recv(10)).toString()).toBe('x');
    }
  });

  test('a descriptor whose socket has another wakes all that wait for it, in whatever order they came', async () => {
    const [a, b] = pair();
    using _copy = a.dup();
    const selected = [select([a], [], [], 10)];
    expect(await isSettled(selected[0]!)).toBe(false);
    selected.push(select([a], [], [], 10));
    expect(await isSettled(selected[1]!)).toBe(false);
    const received = a.recv(10);
    expect(await isSettled(received)).toBe(false);
    await b.send(data);
    expect((await received).toString()).toBe('x');
    await b.send(data);
    expect(await Promise.all(selected)).toEqual([
      [[a], [], []],
      [[a], [], []],
    ]);
  });

  test('tells of a connection that waits, of one that is made, of one that is refused, and of urgent data', async () => {
    const server = await createServer(['127.0.0.1', 0]);
    using _server = server;
    using client = new Socket();
    const accepting = select([server], [], [], 10);
    const connected = client.connect(server.getsockname());
    expect((await select([], [client], [], 10))[1]).toEqual([client]);
    expect((await accepting)[0]).toEqual([server]);
    await connected;
    const [connection] = await server.accept();
    using _connection = connection;
    const urgent = select([], [], [connection], 10);
    expect(await isSettled(urgent)).toBe(false);
    await client.send(data, MSG_OOB);
    expect((await urgent)[2]).toEqual([connection]);

    const address = server.getsockname();
    server.close();
    using refused = new Socket();
    const refusal = refused.connectEx(address);
    expect((await select([], [refused], [], 10))[1]).toEqual([refused]);
    expect(await refusal).not.toBe(0);
  });

  test('tells when there is room: in a stream, and in the queue of a peer for datagrams', async () => {
    // Datagrams over the loopback wait for no room.
    for (const type of onWindows ? [blocking.SOCK_STREAM] : [blocking.SOCK_STREAM, SOCK_DGRAM]) {
      const [a, b] = pair(type);
      a.settimeout(0);
      // Each fills the queue further than poll(2) asks for.
      while (await a.send(Buffer.alloc(4096)).catch(() => 0));
      const room = select([], [a], [], 20);
      expect(await isSettled(room)).toBe(false);
      b.settimeout(0);
      while ((await b.recv(65536).catch(() => data.subarray(0, 0))).length > 0);
      expect((await room)[1]).toEqual([a]);
    }
  });

  test('a hang-up is no exceptional condition, and another set tells of it', async () => {
    const [a, b] = pair();
    const ready = select([], [], [a], 0.2);
    b.close();
    expect(await ready).toEqual([[], [], []]);
    expect(await select([a], [], [a], 10)).toEqual([[a], [], []]);
  });

  test.skipIf(without('poll of files'))(
    'a file is ready at once (poll of files); for what it never tells of the timeout counts',
    async () => {
      const fd = openSync(import.meta.filename, 'r');
      expect(await select([fd], [fd], [fd])).toEqual([[fd], [fd], []]);
      expect(await select([], [], [fd], 0.01)).toEqual([[], [], []]);
      close(fd);
    },
  );

  test('the timeout is in seconds', async () => {
    const [a] = pair();
    const start = performance.now();
    expect(await select([a], [], [], 0.1)).toEqual([[], [], []]);
    expect(await select([], [], [], 0.1)).toEqual([[], [], []]);
    expect(performance.now() - start).toBeGreaterThan(199);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test('a signal ends the wait', async () => {
    const [a, b] = pair();
    const controller = new AbortController();
    const ready = select([a], [], [], null, { signal: controller.signal });
    controller.abort('enough');
    await expect(ready).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' });
    await expect(select([a], [b], [], 0, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
    await b.send(data);
    expect((await select([a], [], []))[0]).toEqual([a]);
  });

  test('the close of a socket ends all waits for it, whoever closes it and however', async () => {
    const ways: [string, (socket: Socket<any>) => void][] = [
      ['close', (socket) => socket.close()],
      ['detach', (socket) => close(socket.detach())],
      ['close of the descriptor', (socket) => close(socket.fileno())],
      ['a socket of the other module', (socket) => blocking.Socket.from(socket).close()],
    ];
    for (const [, end] of ways) {
      const [a] = pair();
      const [b, c] = socketpair();
      using _c = c;
      const waits = [select([a, b], [], []), select([b, b], [], [b], 10)].map((wait) => expect(wait).rejects);
      end(b);
      for (const wait of waits) await wait.toMatchObject(canceled);
      // When it is collected it would close whatever has its number by then.
      b.detach();
    }
    const [c, d] = blocking.socketpair();
    using _d = d;
    const wait = expect(select([c], [], [])).rejects.toMatchObject(canceled);
    c.close();
    await wait;
  });

  test('loops over what is always ready let timers have their turn', async () => {
    const [a] = pair();
    let over = false;
    setTimeout(() => {
      over = true;
    }, 20);
    while (!over) expect((await select([], [a], [], 0))[1]).toEqual([a]);
    over = false;
    setTimeout(() => {
      over = true;
    }, 20);
    while (!over) expect((await select([], [a], [], 10))[1]).toEqual([a]);
  });

  test('bad arguments reject', async () => {
    const closed = new Socket();
    closed.close();
    const gone = new Socket().detach();
    close(gone);
    const wrong: [() => Promise<unknown>, object][] = [
      [
        () => select(null as never, [], []),
        { code: 'ERR_INVALID_ARG_TYPE', message: expect.stringMatching(/^rlist: /) },
      ],
      [() => select([], ['x'] as never, []), { code: 'ERR_INVALID_ARG_TYPE' }],
      [() => select([closed], [], []), { code: 'ERR_INVALID_ARG_VALUE' }],
      [() => select([-2], [], []), { code: 'ERR_OUT_OF_RANGE' }],
      [() => select([gone], [], []), noSocket],
      [() => select([], [], [], -1), { code: 'ERR_INVALID_ARG_VALUE' }],
      [() => select([], [], [], 0, { signal: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' }],
      [() => poll().poll('1' as never), { code: 'ERR_INVALID_ARG_TYPE' }],
      [() => poll().poll(0, 1 as never), { code: 'ERR_INVALID_ARG_TYPE' }],
    ];
    for (const [call, error] of wrong) await expect(call()).rejects.toMatchObject(error);
  });
});

describe('poll', () => {
  test('tells the events of each descriptor, in the order of their registration', async () => {
    const [a, b] = pair();
    const [c, d] = pair();
    const poller = poll();
    poller.register(c, POLLIN);
    poller.register(a.fileno(), POLLIN);
    expect(await poller.poll(0)).toEqual([]);
    const ready = poller.poll();
    expect(await isSettled(ready)).toBe(false);
    await b.send(data);
    expect(await ready).toEqual([[a.fileno(), READABLE]]);
    await d.send(data);
    poller.modify(a, POLLIN | POLLOUT);
    expect(await poller.poll(10)).toEqual([
      [c.fileno(), READABLE],
      [a.fileno(), READABLE | POLLOUT],
    ]);
    poller.unregister(c);
    expect(await poller.poll(10)).toEqual([[a.fileno(), READABLE | POLLOUT]]);
  });

  test('takes what changes while it waits into account the next time; several may wait', async () => {
    const [a, b] = pair();
    const [c, d] = pair();
    const poller = poll();
    poller.register(a, POLLIN);
    const first = poller.poll(10);
    poller.register(c, POLLIN);
    const second = poller.poll(-1);
    await d.send(data);
    expect(await second).toEqual([[c.fileno(), READABLE]]);
    expect(await isSettled(first)).toBe(false);
    await b.send(data);
    expect(await first).toEqual([[a.fileno(), READABLE]]);
  });

  test('has a timeout in seconds, a signal, and an end with the socket', async () => {
    const [a] = pair();
    const poller = poll();
    poller.register(a, POLLIN);
    expect(await poller.poll(0.02)).toEqual([]);
    await expect(poller.poll(10, { signal: AbortSignal.timeout(10) })).rejects.toMatchObject({ name: 'AbortError' });
    const fd = a.fileno();
    const wait = expect(poller.poll()).rejects.toMatchObject({ code: 'ECANCELED', syscall: 'poll' });
    a.close();
    await wait;
    // Windows may say so of the whole call.
    if (!onWindows) expect(await poller.poll(10)).toEqual([[fd, POLLNVAL]]);
  });
});

test('a wait keeps the process alive as long as it lasts, in a worker too', async () => {
  const { said, stderr, code } = await runProgram(`
    const code = \`
      const { select, socketpair } = require(LIBRARY).promises;
      const [a, b] = socketpair();
      select([a], [], []).then(([[ready]]) => console.log(ready === a));
      setTimeout(() => b.send(Buffer.from('x')), 50).unref();\`.replace('LIBRARY', JSON.stringify(process.argv[1]));
    eval(code);
    new (require('node:worker_threads').Worker)(code, { eval: true });`);
  expect({ said, stderr, code }).toEqual({ said: [true, true], stderr: '', code: 0 });
});
