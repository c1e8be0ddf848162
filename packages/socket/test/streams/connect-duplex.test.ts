import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as net from 'node:net';
import {
  AF_INET,
  AF_UNIX,
  connectDuplex,
  createConnection,
  HttpAgent,
  SO_KEEPALIVE,
  SOCK_SEQPACKET,
  SOL_SOCKET,
  Socket,
  SocketDuplex,
  socketpair,
} from '@bsd-sockets/socket/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { openDescriptors } from '../open-descriptors';
import { FREE, LOCAL, onWindows, promisePair } from '../platform';

const openSockets = () => openDescriptors().filter((fd) => fd.includes(' socket:')).length;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A socket with a full backlog: a connect to it waits. */
async function full(): Promise<Socket<any>> {
  const listener = new Socket<any>(LOCAL);
  await listener.bind(FREE);
  listener.listen(0);
  cleanups.push(() => listener.close());
  for (;;) {
    const filler = new Socket<any>(LOCAL);
    cleanups.push(() => filler.close());
    filler.settimeout(0.2);
    if ((await filler.connectEx(listener.getsockname())) !== 0) return listener;
  }
}

async function served(server: net.Server): Promise<readonly [host: string, port: number]> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    (server as http.Server).closeAllConnections?.();
    server.close();
  });
  return ['127.0.0.1', (server.address() as AddressInfo).port];
}

describe('a stream that connects by itself', () => {
  test('is there at once, and sends what was written when it is connected', async () => {
    const address = await served(net.createServer((socket) => socket.pipe(socket)));
    const events: string[] = [];
    const stream = connectDuplex({ family: AF_INET, address });
    for (const event of ['connect', 'ready', 'end', 'close']) stream.on(event, () => events.push(event));
    expect([stream.connecting, stream.pending, stream.readyState]).toEqual([true, true, 'opening']);
    expect([stream.remoteAddress, stream.address()]).toEqual([undefined, {}]);
    expect(() => stream.socket).toThrow(expect.objectContaining({ code: 'ENOTCONN' }));
    stream.write('one ');
    expect(stream.bytesWritten).toBe(4);
    stream.end('two');
    expect((await stream.toArray()).join('')).toBe('one two');
    expect([stream.connecting, stream.bytesRead, stream.bytesWritten]).toEqual([false, 7, 7]);
    if (!stream.closed) await once(stream, 'close');
    await pause(10);
    expect(events).toEqual(['connect', 'ready', 'end', 'close']);
    expect([stream.pending, stream.readyState]).toEqual([true, 'closed']);
  });

  test('waits for `connect` if it is told to, as the streams that pg takes', async () => {
    let connections = 0;
    const address = await served(net.createServer((socket) => socket.end(`${++connections}`)));
    const stream = connectDuplex({ family: AF_INET, address, lazyConnect: true });
    await pause(30);
    expect([connections, stream.connecting, stream.pending]).toEqual([0, false, true]);
    stream.setNoDelay(true);
    const heard: string[] = [];
    expect(stream.connect(5432, 'ignored', () => heard.push('listener'))).toBe(stream);
    stream.once('connect', () => heard.push('event'));
    stream.connect();
    expect((await stream.toArray()).join('')).toBe('1');
    expect(heard).toEqual(['listener', 'event']);
  });

  test('has its settings from the beginning', async () => {
    const address = await served(net.createServer(() => {}));
    const stream = connectDuplex({ family: AF_INET, address, noDelay: true, keepAlive: true });
    stream.on('connect', () => {
      const { socket } = stream;
      expect([socket.getsockopt(6, 1) > 0, socket.getsockopt(SOL_SOCKET, SO_KEEPALIVE) > 0]).toEqual([true, true]);
    });
    await once(stream, 'connect');
    stream.destroy();
  });

  test('emits the error of the attempt', async () => {
    const stream = connectDuplex({ family: AF_INET, address: ['127.0.0.1', 1] });
    const closed = once(stream, 'close').catch(() => []);
    const written = new Promise((resolve) => stream.write('x', resolve));
    const [error] = await once(stream, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
    expect(await written).toMatchObject({ code: 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION' });
    await closed;
    expect(stream.readyState).toBe('closed');
  });

  test('ends the attempt when it is destroyed, and its descriptor is closed', async () => {
    const listener = await full();
    // What the tests before have closed is gone then in Deno too.
    await pause(50);
    const before = openSockets();
    const stream = connectDuplex({ family: LOCAL, address: listener.getsockname() });
    await pause(20);
    if (!onWindows) expect(openSockets()).toBe(before + 1);
    stream.destroy();
    const [hadError] = await once(stream, 'close');
    expect(hadError).toBe(false);
    await expect.poll(openSockets).toBeLessThanOrEqual(before);
    const aborted = connectDuplex({
      family: LOCAL,
      address: listener.getsockname(),
      signal: AbortSignal.timeout(20),
    });
    const [error] = await once(aborted, 'error');
    expect(error).toMatchObject({ name: 'AbortError' });
    await expect.poll(openSockets).toBeLessThanOrEqual(before);
  });

  test('emits `timeout` while it connects', async () => {
    const listener = await full();
    const stream = connectDuplex({ family: LOCAL, address: listener.getsockname() });
    stream.setTimeout(30);
    await once(stream, 'timeout');
    expect(stream.connecting).toBe(true);
    stream.destroy();
  });

  test('is opened by a function, which is told when nobody wants the connection any more', async () => {
    const address = await served(net.createServer((socket) => socket.on('error', () => {}).end('by name')));
    const stream = connectDuplex({
      dial: (signal) => createConnection(['localhost', address[1]], { signal, happyEyeballs: true }),
    });
    expect((await stream.toArray()).join('')).toBe('by name');

    let told: AbortSignal | undefined;
    const never = connectDuplex<typeof AF_INET>({
      dial: (signal) => {
        told = signal;
        return new Promise(() => {});
      },
    });
    never.destroy();
    await once(never, 'close');
    expect(told?.aborted).toBe(true);

    const before = openSockets();
    const late = connectDuplex({
      dial: async () => {
        await pause(20);
        return createConnection(address);
      },
    });
    late.destroy();
    await pause(60);
    await expect.poll(openSockets).toBeLessThanOrEqual(before);
  });

  test('tells of the connection before data that are there already', async () => {
    const [near, far] = promisePair();
    await far.sendall(Buffer.from('early'));
    const stream = connectDuplex({
      dial: async () => {
        await pause(20);
        return near;
      },
    });
    const told: string[] = [];
    for (const event of ['data', 'ready', 'connect']) stream.on(event, (data) => told.push(`${event} ${data ?? ''}`));
    far.close();
    await once(stream, 'close');
    expect(told).toEqual(['connect ', 'ready ', 'data early']);
  });

  test.each<[string, () => unknown, object]>([
    ['nothing', async () => undefined, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }],
    ['something else', async () => ({}), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }],
    ['no promise', () => undefined, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }],
    ['an exception', () => Promise.reject(new Error('thrown')), { message: 'thrown' }],
    [
      'an exception at once',
      () => {
        throw new Error('thrown');
      },
      { message: 'thrown' },
    ],
  ])('fails, and a request with it, where `dial` gives %s', async (_what, dial, error) => {
    const stream = connectDuplex({ dial: dial as never });
    const closing = new Promise((resolve) => stream.once('close', resolve));
    expect((await once(stream, 'error'))[0]).toMatchObject(error);
    expect([await closing, stream.connecting]).toEqual([true, false]);
    const agent = new HttpAgent({ dial: dial as never });
    expect((await once(http.get({ agent }), 'error'))[0]).toMatchObject(error);
    agent.destroy();
  });

  test('is destroyed by a signal that is aborted already, as a net.Socket', async () => {
    const address = await served(net.createServer());
    const [host, port] = address;
    const signal = AbortSignal.abort();
    const before = openSockets();
    const [near, far] = socketpair();
    const streams = [
      net.connect({ host, port, signal }),
      near.toDuplex({ signal }),
      connectDuplex({ family: AF_INET, address, signal }),
      connectDuplex({ family: AF_INET, address, signal, lazyConnect: true }),
    ];
    const told = streams.map(async (stream) => {
      const events: unknown[] = [];
      stream.on('error', ({ name, code }: NodeJS.ErrnoException) => events.push(name, code));
      // A net.Socket connects all the same.
      if (stream instanceof SocketDuplex) stream.connect();
      await new Promise<void>((resolve) => stream.on('close', resolve));
      return [...events, 'close'];
    });
    expect(await Promise.all(told)).toEqual(Array(4).fill(['AbortError', 'ABORT_ERR', 'close']));
    streams[0]!.destroy();
    expect(near.fileno()).toBe(-1);
    far.close();
    await expect.poll(openSockets).toBeLessThanOrEqual(before);
  });

  test('refuses a signal that is none, and leaves the socket as it was', async () => {
    const [near, far] = socketpair();
    expect(() => near.toDuplex({ signal: 5 as never })).toThrow(TypeError);
    await far.send(Buffer.from('x'));
    expect(`${await near.recv(1)}`).toBe('x');
    near.close();
    far.close();
  });

  test('refuses what it is not given rightly', () => {
    const wrong = (options: object) => () => connectDuplex(options as never);
    expect(wrong({ address: '\0name' })).toThrow(/family: expected an AF_\* constant/);
    expect(wrong({ family: AF_UNIX, adress: 'x' })).toThrow(/did you mean 'address'/);
    expect(wrong({ dial: 'somebody' })).toThrow(/dial: expected a function/);
    expect(wrong(undefined as never)).toThrow(/options: expected an object/);
    expect(wrong({ family: AF_UNIX, address: 'x', bufsize: 0 })).toThrow(RangeError);
  });

  test.skipIf(without('SOCK_SEQPACKET'))('carries the messages of a seqpacket socket (SOCK_SEQPACKET)', async () => {
    const listener = new Socket(AF_UNIX, SOCK_SEQPACKET);
    await listener.bind('');
    listener.listen();
    const stream = connectDuplex({ family: AF_UNIX, address: listener.getsockname(), type: SOCK_SEQPACKET });
    expect(stream.readableObjectMode).toBe(true);
    stream.write('one');
    stream.end('two');
    const [connection] = await listener.accept();
    expect([`${await connection.recv(10)}`, `${await connection.recv(10)}`]).toEqual(['one', 'two']);
    connection.close();
    listener.close();
  });
});

describe('an agent', () => {
  const ended = (agent: http.Agent, options: http.RequestOptions = {}) =>
    new Promise<string>((resolve) => {
      const request = http.get({ agent, ...options }, (response) => resolve(`${response.resume().statusCode}`));
      request.on('timeout', () => {
        resolve('timeout');
        request.destroy();
      });
      request.on('error', (error: NodeJS.ErrnoException) => resolve(`${error.code ?? error.message}`));
    });

  test('ends what connects: by `timeout` of the request and of the agent, by `signal` and by `destroy`', async () => {
    const listener = await full();
    const before = openSockets();
    const dialled = { family: LOCAL, address: listener.getsockname() };
    const agent = new HttpAgent(dialled);
    const hasty = new HttpAgent({ ...dialled, timeout: 50 });
    const request = http.get({ agent });
    const destroyed = once(request, 'error');
    setTimeout(() => request.destroy(new Error('gone')), 50);
    expect(
      await Promise.all([
        ended(agent, { timeout: 50 }),
        ended(hasty),
        ended(agent, { signal: AbortSignal.timeout(50) }),
      ]),
    ).toEqual(['timeout', 'timeout', 'ABORT_ERR']);
    expect((await destroyed)[0].message).toBe('gone');
    const last = ended(agent);
    agent.destroy();
    expect(await last).toBe('ECONNRESET');
    hasty.destroy();
    await expect.poll(openSockets).toBeLessThanOrEqual(before);
  });

  test.each<[string, http.AgentOptions, number]>([
    ['maxSockets', { maxSockets: 2 }, 2],
    ['maxTotalSockets', { maxTotalSockets: 3 }, 3],
    ['maxSockets, kept alive', { maxSockets: 2, keepAlive: true }, 2],
  ])('opens no more connections than it may: %s', async (_name, options, limit) => {
    let open = 0;
    let most = 0;
    const server = http.createServer((_request, response) => setTimeout(() => response.end('ok'), 5));
    server.on('connection', (socket) => {
      most = Math.max(most, ++open);
      socket.on('close', () => open--);
    });
    const agent = new HttpAgent({ ...options, family: AF_INET, address: await served(server) });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ended(agent)));
    expect(new Set(answers)).toEqual(new Set(['200']));
    expect(most).toBe(limit);
    agent.destroy();
  });

  test('keeps no connection that the server has closed or reset', async () => {
    const connections = new Set<net.Socket>();
    const server = http.createServer((_request, response) => response.end('ok'));
    server.on('connection', (socket) => connections.add(socket));
    const agent = new HttpAgent({ family: AF_INET, address: await served(server), keepAlive: true });
    const free = () => Object.values(agent.freeSockets).flat().length;
    for (const ending of ['end', 'resetAndDestroy', 'destroy'] as const) {
      expect(await ended(agent)).toBe('200');
      await expect.poll(free).toBe(1);
      for (const socket of connections) socket[ending]();
      connections.clear();
      await expect.poll(free).toBe(0);
    }
    expect(await ended(agent)).toBe('200');
    agent.destroy();
  });

  test('switches Nagle’s algorithm off unless it is told not to, and keeps idle connections alive', async () => {
    const address = await served(http.createServer((_request, response) => response.end('ok')));
    const settings = async (options: http.AgentOptions) => {
      const agent = new HttpAgent({ ...options, family: AF_INET, address });
      const request = http.get({ agent });
      const [stream] = await once(request, 'socket');
      const [response] = await once(request, 'response');
      await once(response.resume(), 'end');
      const { socket } = stream;
      const found =
        socket.fileno() < 0 ? [] : [socket.getsockopt(6, 1) > 0, socket.getsockopt(SOL_SOCKET, SO_KEEPALIVE) > 0];
      agent.destroy();
      return found;
    };
    expect(await settings({ keepAlive: true })).toEqual([true, true]);
    expect(await settings({ keepAlive: true, noDelay: false })).toEqual([false, true]);
  });
});
