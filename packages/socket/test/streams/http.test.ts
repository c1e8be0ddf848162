import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import * as net from 'node:net';
import * as tls from 'node:tls';
import {
  AF_INET,
  feed,
  HttpAgent,
  HttpsAgent,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
} from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { openDescriptors } from '../open-descriptors';
import { FREE, LOCAL, onWindows } from '../platform';

const openSockets = () => openDescriptors().filter((fd) => fd.includes(' socket:'));

const pem = (name: string) => readFileSync(new URL(`${name}.pem`, import.meta.url));
const credentials = { key: pem('key'), cert: pem('certificate') };
const trust = { ca: credentials.cert, servername: 'localhost' };

function listening(): Socket<any> {
  const socket = new Socket<any>(LOCAL);
  socket.bind(FREE);
  socket.listen();
  return socket;
}

async function connected(listener: Socket<any>) {
  const socket = new Socket<any>(LOCAL);
  await socket.connect(listener.getsockname());
  return socket.toDuplex();
}

function echo(request: http.IncomingMessage, response: http.ServerResponse): void {
  response.setHeader('x-url', `${request.url}`);
  request.pipe(response);
}

interface Asked {
  status: number | undefined;
  url: string | string[] | undefined;
  body: string;
}

async function ask(module: typeof http | typeof https, options: https.RequestOptions, body: string): Promise<Asked> {
  const request = module.request({ method: 'POST', path: '/path', ...options });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, url: response.headers['x-url'], body: text };
}

const answer = (body: string): Asked => ({ status: 200, url: '/path', body });

describe('over sockets that Node does not know', () => {
  test('http: a server, and a client whose connections are kept', async () => {
    const before = openSockets();
    const listener = listening();
    const server = http.createServer(echo);
    let connections = 0;
    server.on('connection', () => connections++);
    const fed = feed(server, listener);
    const agent = new HttpAgent({ family: LOCAL, address: listener.getsockname(), keepAlive: true });
    for (const body of ['one', 'two', 'x'.repeat(300_000)]) {
      expect(await ask(http, { agent }, body)).toEqual(answer(body));
    }
    expect(connections).toBe(1);
    const many = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(http, { agent }, `${index}`)));
    expect(many).toEqual(Array.from({ length: 20 }, (_, index) => answer(`${index}`)));
    agent.destroy();
    server.close();
    listener.close();
    await fed;
    server.closeAllConnections();
    await expect.poll(openSockets).toEqual(before);
  });

  test('https: a server, and a client', async () => {
    const listener = listening();
    const server = https.createServer(credentials, echo);
    const fed = feed(server, listener);
    const agent = new HttpsAgent({ family: LOCAL, address: listener.getsockname(), ...trust });
    expect(await ask(https, { agent, host: 'localhost' }, 'secret')).toEqual(answer('secret'));
    await expect(
      ask(https, { agent: new HttpsAgent({ family: LOCAL, address: listener.getsockname() }) }, 'x'),
    ).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    agent.destroy();
    listener.close();
    await fed;
    server.closeAllConnections();
  });

  test('https: what TLS still sends to a server that has gone is no error of an answered request', async () => {
    const listener = listening();
    const server = https.createServer(credentials, echo);
    const fed = feed(server, listener);
    const agent = new HttpsAgent({ family: LOCAL, address: listener.getsockname(), ...trust });
    const errors: Error[] = [];
    for (let time = 0; time < 30; time++) {
      const request = https.get({ agent, host: 'localhost' }).on('error', (error) => errors.push(error));
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      await Promise.all([once(request, 'close'), response.toArray()]);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(errors).toEqual([]);
    server.close();
    listener.close();
    await fed;
  });

  test('http2: in clear and under TLS', async () => {
    for (const secure of [false, true]) {
      const listener = listening();
      const answerer = (stream: http2.ServerHttp2Stream) => {
        stream.respond({ ':status': 200 });
        stream.pipe(stream);
      };
      const server = secure ? http2.createSecureServer(credentials) : http2.createServer();
      server.on('stream', answerer);
      const fed = feed(server, listener);
      const duplex = await connected(listener);
      const client = http2.connect('https://localhost', {
        createConnection: () => (secure ? tls.connect({ socket: duplex, ALPNProtocols: ['h2'], ...trust }) : duplex),
      });
      const replies = await Promise.all(
        ['one', 'y'.repeat(200_000)].map(async (body) => {
          const stream = client.request({ ':method': 'POST', ':path': '/' });
          stream.end(body);
          let text = '';
          for await (const chunk of stream) text += chunk;
          return text === body;
        }),
      );
      expect(replies).toEqual([true, true]);
      client.close();
      await once(client, 'close');
      listener.close();
      await fed;
    }
  });

  test('ws: a server, and a client', async () => {
    const listener = listening();
    const server = http.createServer();
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
    const fed = feed(server, listener);
    const agent = new HttpAgent({ family: LOCAL, address: listener.getsockname() });
    const client = new WebSocket('ws://localhost/', { agent });
    await once(client, 'open');
    for (const message of ['text', 'z'.repeat(100_000)]) {
      client.send(message);
      expect(`${(await once(client, 'message'))[0]}`).toBe(message);
    }
    client.close();
    await once(client, 'close');
    sockets.close();
    listener.close();
    await fed;
  });

  test('a request that finds no server fails as it does with Node', async () => {
    const before = openSockets();
    const agent = new HttpAgent({ family: AF_INET, address: ['127.0.0.1', 1] });
    await expect(ask(http, { agent }, 'x')).rejects.toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
    const secure = new HttpsAgent({ family: AF_INET, address: ['127.0.0.1', 1] });
    await expect(ask(https, { agent: secure }, 'x')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect.poll(() => openSockets().length).toBeLessThanOrEqual(before.length);
  });

  test('a request whose TLS options are wrong fails, and its connection is closed', async () => {
    const before = openSockets();
    const listener = listening();
    const options = { minVersion: 'none' as tls.SecureVersion };
    const agent = new HttpsAgent({ family: LOCAL, address: listener.getsockname(), ...options });
    await expect(ask(https, { agent, ...options }, 'x')).rejects.toMatchObject({
      code: 'ERR_TLS_INVALID_PROTOCOL_VERSION',
    });
    listener.close();
    await expect.poll(openSockets).toEqual(before);
  });
});

describe('feed', () => {
  test('serves a net.Server too, and other types of sockets', async () => {
    for (const type of onWindows ? [SOCK_STREAM] : [SOCK_STREAM, SOCK_SEQPACKET]) {
      const listener = new Socket<any>(LOCAL, type);
      await listener.bind(FREE);
      listener.listen();
      const server = net.createServer((stream) => stream.pipe(stream));
      const fed = feed(server, listener);
      const client = new Socket<any>(LOCAL, type);
      await client.connect(listener.getsockname());
      await client.sendall(Buffer.from('echo'));
      expect(`${await client.recv(10)}`).toBe('echo');
      client.close();
      listener.close();
      await fed;
    }
  });

  test('is ended by its signal', async () => {
    using listener = listening();
    const controller = new AbortController();
    const fed = feed(http.createServer(), listener, { signal: controller.signal });
    controller.abort();
    await expect(fed).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('fails with the error of a socket that does not listen', async () => {
    using socket = new Socket<any>(LOCAL);
    await expect(feed(http.createServer(), socket)).rejects.toMatchObject({ code: 'EINVAL' });
  });
});
