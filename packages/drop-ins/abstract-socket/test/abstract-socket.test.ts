import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Server, Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import * as imported from '@bsd-sockets/abstract-socket';
import { AbstractSocketServer, connect, createServer } from '@bsd-sockets/abstract-socket';
import { expect, onTestFinished, test } from 'vitest';

let count = 0;
const freeName = () => `\0abstract-socket-${process.pid}-${count++}`;
const descriptors = () => readdirSync('/proc/self/fd').length;

async function listening(listener: (socket: Socket) => void, name = freeName()): Promise<string> {
  const server = createServer(listener);
  onTestFinished(() => void server.close());
  server.listen(name);
  await once(server, 'listening');
  return name;
}

test('is required and imported as the peer is', () => {
  const required = createRequire(import.meta.url)('@bsd-sockets/abstract-socket');
  expect(Object.keys(required).sort()).toEqual(['AbstractSocketServer', 'connect', 'createConnection', 'createServer']);
  expect(imported.connect).toBe(required.createConnection);
});

test('a server and its clients are those of node:net, and talk', async () => {
  const name = await listening((socket) => void socket.pipe(socket));
  const client = connect(name, (socket) => socket.end('there and back'));
  expect(client).toBeInstanceOf(Socket);
  expect((await client.toArray()).join('')).toBe('there and back');
  expect(createServer()).toBeInstanceOf(Server);
});

test('what the peer does not read yet waits, and tells when there is room', async () => {
  let accept: (socket: Socket) => void;
  const accepted = new Promise<Socket>((resolve) => {
    accept = resolve;
  });
  const client = connect(await listening((socket) => accept(socket)));
  const data = Buffer.alloc(3_000_000, 'some bytes ');
  expect(client.write(data)).toBe(false);
  const drained = once(client, 'drain');
  const peer = await accepted;
  await setTimeout(20);
  expect(client.writableLength).toBe(data.length);
  const [chunks] = await Promise.all([peer.toArray(), drained.then(() => client.end())]);
  expect(Buffer.concat(chunks).equals(data)).toBe(true);
});

test('names count as a whole: one that begins as another is another', async () => {
  const name = await listening((socket) => void socket.end('first'));
  await listening((socket) => void socket.end('second'), `${name}\0more`);
  expect((await connect(name).toArray()).join('')).toBe('first');
  expect((await connect(`${name}\0more`).toArray()).join('')).toBe('second');
});

test('the listener is called after the call, and so is the callback of listen', async () => {
  const server = createServer((socket) => void socket.end());
  onTestFinished(() => void server.close());
  const name = freeName();
  let returned = false;
  await new Promise<void>((resolve) => {
    server.listen(name, () => resolve(expect(returned).toBe(true)));
    returned = true;
  });
  returned = false;
  await new Promise<void>((resolve) => {
    const client = connect(name, () => resolve(expect(returned).toBe(true)));
    client.on('error', () => {}).resume();
    returned = true;
  });
});

test('errors are events, with a code', async () => {
  const name = await listening((socket) => void socket.destroy());
  const server = createServer();
  server.listen(name);
  expect(await once(server, 'error')).toMatchObject([{ code: 'EADDRINUSE', syscall: 'listen' }]);
  expect(await once(connect(freeName()), 'error')).toMatchObject([{ code: 'ECONNREFUSED', syscall: 'connect' }]);
  for (const [bad, code] of [
    ['no NUL', 'ERR_INVALID_ARG_VALUE'],
    [7, 'ERR_INVALID_ARG_TYPE'],
  ]) {
    expect(await once(connect(bad as string), 'error')).toMatchObject([
      { code, message: /^name: expected an abstract/ },
    ]);
    const refused = createServer();
    refused.listen(bad as string);
    expect(await once(refused, 'error')).toMatchObject([{ code }]);
  }
});

test('a second listen throws, as that of node:net, and leaves nothing open', async () => {
  const name = await listening(() => {});
  const server = createServer();
  const before = descriptors();
  server.listen(freeName(), () => expect.unreachable());
  for (const again of [name, freeName()]) {
    expect(() => server.listen(again)).toThrow(expect.objectContaining({ code: 'ERR_SERVER_ALREADY_LISTEN' }));
  }
  expect(descriptors()).toBe(before + 1);
  server.removeAllListeners('listening').close();
  const next = freeName();
  server.listen(next);
  await once(server, 'listening');
  connect(next).destroy();
  server.close();
});

test('leaves nothing open, and works in a worker', async () => {
  const before = descriptors();
  const server = new AbstractSocketServer((socket) => void socket.end('x'));
  const name = freeName();
  await new Promise<void>((resolve) => void server.listen(name, resolve));
  for (let round = 0; round < 50; round++) {
    await connect(name).resume().toArray();
    connect(freeName()).on('error', () => {});
  }
  const worker = new Worker(
    `require('@bsd-sockets/abstract-socket').connect(require('node:worker_threads').workerData).on('data', (data) =>
       require('node:worker_threads').parentPort.postMessage(data.toString()));`,
    { eval: true, workerData: name },
  );
  expect(await once(worker, 'message')).toEqual(['x']);
  await worker.terminate();
  server.close();
  await once(server, 'close');
  while (descriptors() > before) await setTimeout(5);
  const again = createServer();
  await new Promise<void>((resolve) => void again.listen(name, resolve)); // the name is free
  again.close();
});
