import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import * as net from 'node:net';
import * as tls from 'node:tls';
import * as blocking from '@bsd-sockets/socket';
import {
  AF_INET,
  AF_UNIX,
  createServer,
  feed,
  fromfd,
  HttpsAgent,
  SO_KEEPALIVE,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  type SocketDuplex,
} from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { FREE, LOCAL } from '../platform';

const pem = (name: string) => readFileSync(new URL(`${name}.pem`, import.meta.url));
const credentials = { key: pem('key'), cert: pem('certificate') };
const trust = { ca: credentials.cert, servername: 'localhost' };
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** An option of a connection, which may be Node's own. */
function optionOf(stream: SocketDuplex | net.Socket, level: number, option: number): number {
  if (!(stream instanceof net.Socket)) return stream.socket.getsockopt(level, option);
  using socket = fromfd((stream as unknown as { _handle: { fd: number } })._handle.fd, AF_INET, SOCK_STREAM);
  return socket.getsockopt(level, option);
}

const tcp = () => createServer(['127.0.0.1', 0]);

async function textOf(url: string, options: https.RequestOptions): Promise<string> {
  const module = url.startsWith('https') ? https : http;
  const [response] = (await once(module.get(url, options), 'response')) as [http.IncomingMessage];
  return (await response.toArray()).join('');
}

test('feed refuses another listener or server by name', async () => {
  using listener = new Socket();
  using blockingListener = blocking.createServer(['127.0.0.1', 0]);
  const server = http.createServer();
  for (const [name, call] of [
    ['listener', () => feed(server, {} as Socket)],
    ['listener', () => feed(server, blockingListener as never)],
    ['server', () => feed({} as net.Server, listener)],
  ] as const) {
    await expect(call()).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
      message: expect.stringContaining(`${name}: expected`),
    });
  }
});

test('feed fails where no TLS can be made of a connection, and closes that', async () => {
  using listener = await tcp();
  // As Bun has its servers.
  const server = Object.assign(new EventEmitter(), { [Symbol('tls')]: true, [Symbol('options')]: { cert: 'none' } });
  const fed = feed(server, listener);
  const client = net.connect(listener.getsockname()[1], '127.0.0.1').resume();
  await expect(fed).rejects.toThrow(/PEM/);
  await once(client, 'close');
});

describe('a fed server', () => {
  test('answers what was asked before `close` calls back, and closes the listening socket', async () => {
    const listener = await tcp();
    const [host, port] = listener.getsockname();
    const order: string[] = [];
    const server = http.createServer((_request, response) => {
      setTimeout(() => response.end('late', () => order.push('late')), 100);
    });
    const fed = feed(server, listener);
    expect([server.listening, server.address()]).toEqual([true, { address: host, port, family: 'IPv4' }]);
    const answer = textOf(`http://127.0.0.1:${port}`, { agent: false });
    await once(server, 'request');
    const closed = new Promise((resolve) => server.close(resolve));
    expect([server.listening, listener.fileno()]).toEqual([false, -1]);
    expect(await closed).toBeUndefined();
    order.push('closed');
    expect((await Promise.all([answer, fed]))[0]).toBe('late');
    expect(order).toEqual(['late', 'closed']);
    expect(await new Promise((resolve) => server.close(resolve))).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' });
  });

  test('closes so too when its listening socket was closed before', async () => {
    const listener = await tcp();
    const server = http.createServer();
    const fed = feed(server, listener);
    listener.close();
    await fed;
    expect(await new Promise((resolve) => server.close(resolve))).toBeUndefined();
  });

  test('may be fed from several sockets, and listens once', async () => {
    const listeners = [await tcp(), new Socket<any>(LOCAL)] as const;
    await listeners[1].bind(FREE);
    listeners[1].listen();
    let listening = 0;
    const server = net.createServer((stream) => stream.end('hello')).on('listening', () => listening++);
    const fed = listeners.map((listener) => feed(server, listener as Socket<any>));
    for (const listener of listeners) {
      const client = new Socket<any>(listener.family);
      await client.connect(listener.getsockname());
      expect(`${await client.recv(10)}`).toBe('hello');
      client.close();
    }
    server.close();
    await Promise.all(fed);
    expect([listening, ...listeners.map((listener) => listener.fileno())]).toEqual([1, -1, -1]);
  });

  test.skipIf(without('AF_UNIX'))(
    'tells its path (AF_UNIX), and refuses to be fed while it listens itself',
    async () => {
      using listener = new Socket(AF_UNIX);
      await listener.bind('\0bsd-sockets-fed-path');
      listener.listen();
      const server = net.createServer();
      feed(server, listener);
      expect(server.address()).toBe('\0bsd-sockets-fed-path');
      expect(() => server.listen(0)).toThrow(expect.objectContaining({ code: 'ERR_SERVER_ALREADY_LISTEN' }));
      server.close();
      const other = net.createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      using refused = await tcp();
      await expect(feed(other, refused)).rejects.toMatchObject({ code: 'ERR_SERVER_ALREADY_LISTEN' });
      other.close();
    },
  );

  test('takes no more than `maxConnections`, and tells whom it drops', async () => {
    const listener = await tcp();
    const server = net.createServer((stream) => stream.resume());
    server.maxConnections = 1;
    feed(server, listener);
    const connect = async (event: string) => {
      const client = new Socket(AF_INET);
      const heard = once(server, event);
      await client.connect(listener.getsockname());
      return [client, (await heard)[0]] as const;
    };
    const [first] = await connect('connection');
    const [second, dropped] = await connect('drop');
    const [host, port] = second.getsockname();
    expect(dropped).toEqual({
      localAddress: host,
      localPort: listener.getsockname()[1],
      localFamily: 'IPv4',
      remoteAddress: host,
      remotePort: port,
      remoteFamily: 'IPv4',
    });
    expect((await second.recv(1)).length).toBe(0);
    expect(await new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))).toBe(1);
    first.close();
    await expect.poll(() => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))).toBe(0);
    const [third] = await connect('connection');
    third.close();
    second.close();
    server.close();
  });

  test('has the settings that it was made with on its connections', async () => {
    const settings = async (server: net.Server, options = {}) => {
      const listener = await tcp();
      feed(server, listener, options);
      const client = net.connect(listener.getsockname()[1], '127.0.0.1');
      const [stream] = (await once(server, 'connection')) as [SocketDuplex];
      await pause(10);
      const found = {
        noDelay: optionOf(stream, 6, 1) > 0,
        keepAlive: optionOf(stream, SOL_SOCKET, SO_KEEPALIVE) > 0,
        allowHalfOpen: stream.allowHalfOpen,
        paused: stream.isPaused(),
      };
      client.destroy();
      stream.destroy();
      server.close();
      return found;
    };
    const plain = { noDelay: false, keepAlive: false, allowHalfOpen: false, paused: false };
    expect(await settings(net.createServer())).toEqual(plain);
    expect(await settings(net.createServer({ noDelay: true, keepAlive: true }))).toEqual({
      ...plain,
      noDelay: true,
      keepAlive: true,
    });
    expect(await settings(net.createServer({ allowHalfOpen: true, pauseOnConnect: true }))).toEqual({
      ...plain,
      allowHalfOpen: true,
      paused: true,
    });
    expect(await settings(http.createServer())).toEqual({ ...plain, noDelay: true, allowHalfOpen: true });
    expect(await settings(http.createServer(), { noDelay: false })).toMatchObject({ noDelay: false });
    expect(await settings(https.createServer(credentials))).toMatchObject({ noDelay: true });
    expect(await settings(http2.createServer())).toMatchObject({ noDelay: true });
  });

  test.skipIf(without('net.Socket'))('of http2 over TLS switches Nagle’s algorithm off too (net.Socket)', async () => {
    const listener = await tcp();
    const server = http2.createSecureServer(credentials, (_request, response) => response.end('ok'));
    feed(server, listener);
    const stream = once(server, 'connection');
    const client = http2.connect(`https://localhost:${listener.getsockname()[1]}`, { ...trust, host: '127.0.0.1' });
    expect((await client.request().toArray()).join('')).toBe('ok');
    expect((await stream)[0]).toBeInstanceOf(net.Socket);
    expect(optionOf((await stream)[0], 6, 1)).toBeGreaterThan(0);
    client.close();
    server.close();
  });
});

describe('the addresses of a connection', () => {
  const told = ({ socket }: { socket: net.Socket }) => {
    const { remoteAddress, remotePort, remoteFamily, localAddress, localPort, localFamily } = socket;
    return JSON.stringify({ remoteAddress, remotePort, remoteFamily, localAddress, localPort, localFamily });
  };
  const answer = (request: any, response: any) => response.end(told(request));
  const servers: Record<string, [() => net.Server, http2: boolean]> = {
    http: [() => http.createServer(answer), false],
    https: [() => https.createServer(credentials, answer), false],
    'http, for http2': [() => http2.createServer(answer as never), true],
    'https, for http2': [() => http2.createSecureServer(credentials, answer as never), true],
  };

  async function ask(name: string, port: number, createConnection?: () => any): Promise<string> {
    const url = `${name.split(',')[0]}://localhost:${port}`;
    const options = { ...trust, host: '127.0.0.1', createConnection };
    if (!servers[name]![1]) {
      return textOf(url, { ...options, agent: createConnection === undefined ? false : undefined });
    }
    const client = http2.connect(url, options);
    const text = (await client.request().toArray()).join('');
    client.close();
    return text;
  }

  test.each(Object.keys(servers))('are known to the requests of a fed server of %s', async (name) => {
    const listener = await tcp();
    const server = servers[name]![0]();
    feed(server, listener);
    const [host, port] = listener.getsockname();
    expect(JSON.parse(await ask(name, port))).toEqual({
      remoteAddress: host,
      remotePort: expect.any(Number),
      remoteFamily: 'IPv4',
      localAddress: host,
      localPort: port,
      localFamily: 'IPv4',
    });
    server.close();
  });

  test.skipIf(without('AF_UNIX')).each(Object.keys(servers))(
    'are those of the family (AF_UNIX): a named unix socket and a fed server of %s',
    async (name) => {
      const listener = new Socket(AF_UNIX);
      await listener.bind(`\0bsd-sockets-addresses-${name}`);
      listener.listen();
      const server = servers[name]![0]();
      feed(server, listener);
      const client = new Socket(AF_UNIX);
      await client.bind(`\0bsd-sockets-client-${name}`);
      await client.connect(listener.getsockname());
      const duplex = client.toDuplex();
      const secure = () =>
        tls.connect({ socket: duplex, ALPNProtocols: servers[name]![1] ? ['h2'] : ['http/1.1'], ...trust });
      const text = await ask(name, 1, () => (name.startsWith('https') ? secure() : duplex));
      expect(JSON.parse(text)).toEqual({
        remoteAddress: `\0bsd-sockets-client-${name}`,
        localAddress: `\0bsd-sockets-addresses-${name}`,
      });
      duplex.destroy();
      server.close();
    },
  );

  test('are known to the client of an HttpsAgent', async () => {
    const listener = await tcp();
    const server = https.createServer(credentials, answer);
    feed(server, listener);
    const agent = new HttpsAgent({ family: AF_INET, address: listener.getsockname(), ...trust });
    const request = https.get('https://localhost', { agent });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect([response.socket.remoteAddress, response.socket.remotePort]).toEqual(listener.getsockname());
    response.resume();
    agent.destroy();
    server.close();
  });
});
