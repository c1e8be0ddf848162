import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import * as tls from 'node:tls';
import {
  AF_UNIX,
  feed,
  HttpAgent,
  HttpsAgent,
  SHUT_WR,
  SO_SNDBUF,
  SOCK_SEQPACKET,
  SOL_SOCKET,
  Socket,
  type SocketDuplexOptions,
  socketpair,
} from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';

const pem = (name: string) => readFileSync(new URL(`${name}.pem`, import.meta.url));
const credentials = { key: pem('key'), cert: pem('certificate') };
const trust = { ca: credentials.cert, servername: 'localhost' };

const pair = () => socketpair(AF_UNIX, SOCK_SEQPACKET);
const streams = (options: SocketDuplexOptions = {}) => {
  const [a, b] = pair();
  return [a.toDuplex(options), b.toDuplex(options)] as const;
};

async function listening(): Promise<Socket<typeof AF_UNIX>> {
  const listener = new Socket(AF_UNIX, SOCK_SEQPACKET);
  await listener.bind('');
  listener.listen();
  return listener;
}

describe('a stream of messages', () => {
  test('keeps empty messages, and knows the end from them', async () => {
    const [a, b] = pair();
    for (const text of ['', 'one', '', '', 'two']) await a.send(Buffer.from(text));
    const early = b.toDuplex();
    const got: string[] = [];
    early.on('data', (message) => got.push(`${message}`));
    await expect.poll(() => got).toEqual(['', 'one', '', '', 'two']);
    await a.send(Buffer.from(''));
    await expect.poll(() => got.length).toBe(6);
    // What was sent before the end comes before it, an empty message too.
    await a.send(Buffer.from(''));
    await a.send(Buffer.from('last'));
    a.shutdown(SHUT_WR!);
    await once(early, 'end');
    expect(got.slice(6)).toEqual(['', 'last']);
    a.close();
  });

  test('keeps a long message whole', async () => {
    const [a, b] = streams();
    a.end(Buffer.alloc(150_000, 'm'));
    const messages = await b.toArray();
    expect(messages.map((message) => message.length)).toEqual([150_000]);
    expect(messages[0].equals(Buffer.alloc(150_000, 'm'))).toBe(true);
  });

  test('fails with EMSGSIZE for a message that is longer than it takes', async () => {
    const [a, b] = pair();
    const stream = b.toDuplex({ bufsize: 100 });
    await a.send(Buffer.alloc(100));
    await a.send(Buffer.alloc(101));
    const failed = once(stream, 'error');
    const lengths: number[] = [];
    stream.on('data', (message) => lengths.push(message.length));
    expect((await failed)[0]).toMatchObject({
      code: 'EMSGSIZE',
      message: expect.stringContaining('more than the 100 bytes of bufsize'),
    });
    expect(lengths).toEqual([100]);
    a.close();
  });

  test('fails with EMSGSIZE for a message that the kernel does not take', async () => {
    const [a, b] = streams();
    a.socket.setsockopt(SOL_SOCKET, SO_SNDBUF, 10_000);
    const failed = once(a, 'error');
    a.write(Buffer.alloc(1_000_000));
    expect((await failed)[0]).toMatchObject({ code: 'EMSGSIZE', syscall: 'send' });
    b.destroy();
  });

  test('is refused for a stream socket', () => {
    const [a, b] = socketpair();
    expect(() => a.toDuplex({ objectMode: true })).toThrow(/^objectMode: expected false for a stream socket/);
    a.close();
    b.close();
  });
});

describe('a stream of bytes over messages', () => {
  test('cuts what it writes, to the size that the socket takes, and joins what it reads', async () => {
    const [a, b] = streams({ objectMode: false });
    expect([a.writableObjectMode, b.readableObjectMode]).toEqual([false, false]);
    a.socket.setsockopt(SOL_SOCKET, SO_SNDBUF, 10_000);
    const body = Buffer.from(Array.from({ length: 100_000 }, (_, index) => `${index},`).join(''));
    a.cork();
    a.write('');
    a.write(body.subarray(0, 1));
    a.write(body.subarray(1, 300_000));
    a.uncork();
    a.end(body.subarray(300_000));
    expect(Buffer.concat(await b.toArray()).equals(body)).toBe(true);
    expect(b.bytesRead).toBe(body.length);
    expect(a.bytesWritten).toBe(body.length);
  });

  test('takes an empty message of its peer for nothing', async () => {
    const [a, b] = pair();
    for (const text of ['one ', '', 'two']) await a.send(Buffer.from(text));
    a.close();
    expect((await b.toDuplex({ objectMode: false }).toArray()).join('')).toBe('one two');
  });

  const body = 'x'.repeat(500_000);
  const echo = (request: http.IncomingMessage, response: http.ServerResponse) => request.pipe(response);

  test.each(['http', 'https'])('carries %s: a fed server and an agent', async (name) => {
    const listener = await listening();
    const secure = name === 'https';
    const server = secure ? https.createServer(credentials, echo) : http.createServer(echo);
    feed(server, listener);
    const dialled = { family: AF_UNIX, address: listener.getsockname(), type: SOCK_SEQPACKET, keepAlive: true };
    const agent = secure ? new HttpsAgent({ ...dialled, ...trust }) : new HttpAgent(dialled);
    for (let count = 0; count < 2; count++) {
      const request = (secure ? https : http).request({ agent, method: 'POST', host: 'localhost' });
      request.end(body);
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      expect((await response.toArray()).join('') === body).toBe(true);
    }
    agent.destroy();
    server.close();
  });

  test.each([false, true])('carries http2 (over TLS: %s)', async (secure) => {
    const listener = await listening();
    const server = secure ? http2.createSecureServer(credentials) : http2.createServer();
    server.on('stream', (stream: http2.ServerHttp2Stream) => stream.pipe(stream));
    feed(server, listener);
    const socket = new Socket(AF_UNIX, SOCK_SEQPACKET);
    await socket.connect(listener.getsockname());
    const duplex = socket.toDuplex({ objectMode: false });
    const client = http2.connect('https://localhost', {
      createConnection: () => (secure ? tls.connect({ socket: duplex, ALPNProtocols: ['h2'], ...trust }) : duplex),
    });
    const stream = client.request({ ':method': 'POST' });
    stream.end(body);
    expect((await stream.toArray()).join('') === body).toBe(true);
    client.close();
    server.close();
  });
});
