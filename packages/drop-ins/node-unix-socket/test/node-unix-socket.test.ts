import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import * as ours from '@bsd-sockets/node-unix-socket';
import {
  closeFd,
  createReuseportFd,
  DgramSocket,
  SeqpacketServer,
  SeqpacketSocket,
} from '@bsd-sockets/node-unix-socket';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'node-unix-socket-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const freePath = () => join(folder, `${count++}`);
const descriptors = () => readdirSync('/proc/self/fd').length;
const text = (value: string) => Buffer.from(value);
const require = createRequire(import.meta.url);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(1);
}

test('has the names of the peer', () => {
  const names = ['DgramSocket', 'SeqpacketServer', 'SeqpacketSocket', 'closeFd', 'createReuseportFd'];
  expect(Object.keys(require('@bsd-sockets/node-unix-socket')).sort()).toEqual(names);
  expect(ours.DgramSocket).toBe(require('@bsd-sockets/node-unix-socket').DgramSocket);
});

// The peer has a binary for this machine: both answer the same.
const peer = require('node-unix-socket') as typeof ours;

describe.each([
  ['ours', ours],
  ['the peer', peer],
])('as of %s', (_, { DgramSocket, SeqpacketServer, SeqpacketSocket }) => {
  test('datagrams to a full queue wait, in order', async () => {
    const [a, b] = [new DgramSocket(), new DgramSocket()];
    const path = freePath();
    a.bind(path);
    const received: number[] = [];
    let sent = 0;
    for (let number = 0; number < 300; number++) {
      b.sendTo(text(`${number}`), 0, `${number}`.length, path, (error: unknown) => {
        expect(error).toBeUndefined();
        sent++;
      });
    }
    expect(sent).toBeLessThan(100);
    a.on('data', (data: Buffer) => void received.push(Number(data)));
    await until(() => received.length === 300 && sent === 300);
    expect(received).toEqual(Array.from({ length: 300 }, (_, number) => number));
    a.close();
    b.close();
  });

  test('what is in use, or is not there, is thrown', () => {
    const server = new SeqpacketServer();
    const path = freePath();
    server.listen(path);
    expect(() => new SeqpacketServer().listen(path)).toThrow(/Address already in use/);
    const client = new SeqpacketSocket();
    expect(() => client.connect(join(folder, 'nobody'))).toThrow(/No such file/);
    client.destroy();
    server.close();
  });
});

test('datagrams come with the path of their sender, and calls back at once', async () => {
  const [a, b] = [new DgramSocket(), new DgramSocket()];
  const path = freePath();
  expect(a.address()).toBe('');
  a.bind(path);
  expect(a.address()).toBe(path);
  let told: unknown[] | undefined;
  b.sendTo(text('>x<'), 1, 1, path, (...args: unknown[]) => {
    told = args;
  });
  expect(told?.[0]).toBeUndefined();
  expect(await once(a, 'data')).toEqual([text('x'), '']);
  b.bind(freePath());
  b.sendTo(text('y'), 0, 1, path);
  expect(await once(a, 'data')).toEqual([text('y'), b.address()]);
  a.setRecvBufferSize(8192);
  expect(a.getRecvBufferSize()).toBe(16384);
  a.close();
  a.close();
  await once(a, 'close');
  expect(() => a.sendTo(text('x'), 0, 1, path)).toThrow();
  b.close();
});

test('seqpackets keep their boundaries, are cut to the buffer, and end on each side', async () => {
  const server = new SeqpacketServer();
  const path = freePath();
  server.listen(path);
  expect(server.address()).toBe(path);
  const events: unknown[] = [];
  server.on('connection', (socket: SeqpacketSocket) => {
    expect(socket.getInternalReadBufferSize()).toBe(262144);
    socket.setInternalReadBufferSize(4);
    socket.on('data', (data: Buffer) => void events.push(data.toString()));
    socket.on('end', () => {
      events.push('end');
      socket.write(text('still open'));
      socket.end();
    });
  });
  const client = new SeqpacketSocket();
  const closed = once(client, 'close');
  client.on('data', (data: Buffer) => void events.push(data.toString()));
  client.connect(path, () => {
    client.write(text('one'));
    client.write(text('0123456789'), 2, 6, () => void events.push('written'));
    client.end();
    expect(() => client.write(text('too late'))).toThrow();
  });
  await closed;
  await until(() => events.length === 5);
  expect(events.filter((event) => event !== 'written')).toEqual(['one', '2345', 'end', 'still open']);
  expect(() => client.write(text('x'))).toThrow();
  server.close();
  await once(server, 'close');
  expect(() => server.listen(path)).toThrow();
});

test('many messages go through a seqpacket, without waiting for each', async () => {
  const server = new SeqpacketServer();
  onTestFinished(() => server.close());
  const path = freePath();
  server.listen(path);
  const received: string[] = [];
  server.on('connection', (socket: SeqpacketSocket) => {
    socket.on('data', (data: Buffer) => void received.push(data.toString()));
    socket.on('end', () => socket.end());
  });
  const client = new SeqpacketSocket();
  client.connect(path);
  const sent: number[] = [];
  for (let number = 0; number < 5000; number++)
    client.write(text(`${number}`), undefined, undefined, () => sent.push(number));
  client.end();
  await once(client, 'close');
  await until(() => received.length === 5000);
  expect([received.map(Number), sent]).toEqual([Array.from(sent.keys()), Array.from({ length: 5000 }, (_, at) => at)]);
});

test('errors have a code, and arguments are named', async () => {
  const socket = new DgramSocket();
  const nobody = join(folder, 'nobody');
  const error = await new Promise((resolve) => socket.sendTo(text('x'), 0, 1, nobody, resolve));
  expect(error).toMatchObject({ code: 'ENOENT', syscall: 'sendto' });
  socket.sendTo(text('x'), 0, 1, nobody); // nobody listens for errors
  socket.on('error', (told) => expect(told).toMatchObject({ code: 'ENOENT' }));
  socket.sendTo(text('x'), 0, 1, nobody);
  expect(() => socket.sendTo('x' as never, 0, 1, nobody)).toThrow(/^buf: expected /);
  expect(() => socket.sendTo(text('x'), 0, 5, nobody)).toThrow(/^length: expected /);
  expect(() => socket.sendTo(text('x'), 0, 1, 7 as never)).toThrow(/^destPath: expected /);
  expect(() => socket.sendTo(text('x'), 0, 1, nobody, 'callback' as never)).toThrow(/^onWrite: expected a function/);
  socket.sendTo(text('x'), 0, 1, nobody, null as never);
  expect(() => socket.sendTo(text('x'), 0, 1, 'a\0b')).toThrow(/^destPath: expected a path without NUL/);
  socket.close();
  expect(() => socket.bind(nobody)).toThrow(/EBADF.*the socket is closed/);
  const client = new SeqpacketSocket();
  expect(() => client.write(text('x'), 2)).toThrow(/^offset: expected /);
  expect(() => client.write(text('x'), 0, 1, 5 as never)).toThrow(/^cb: expected a function, got 5 /);
  expect(() => client.end(5 as never)).toThrow(/^cb: expected a function, got 5 /);
  expect(() => client.setInternalReadBufferSize(0)).toThrow(/^size: expected /);
  client.close();
});

test('servers share a port, whose connections the kernel distributes', async () => {
  const fd = createReuseportFd(0, '127.0.0.1');
  const servers = [createServer((socket) => socket.end('shared'))];
  await new Promise<void>((resolve) => void servers[0]!.listen({ fd }, resolve));
  const { port } = servers[0]!.address() as { port: number };
  const second = createReuseportFd(port, '127.0.0.1');
  closeFd(second);
  expect((await connect(port, '127.0.0.1').toArray()).join('')).toBe('shared');
  servers[0]!.close();
  expect(() => createReuseportFd(0, '192.0.2.1')).toThrow(/EADDRNOTAVAIL/);
  expect(() => closeFd(9999)).toThrow(/EBADF/);
});

test('a socket that nobody has any more keeps its descriptor, as in Node', () => {
  const program = `
    const { DgramSocket, SeqpacketSocket } = require('@bsd-sockets/node-unix-socket');
    const descriptors = () => require('node:fs').readdirSync('/proc/self/fd').length;
    const before = descriptors();
    for (const Class of [DgramSocket, SeqpacketSocket]) new Class();
    setTimeout(() => {
      gc();
      setTimeout(() => console.log(descriptors() - before), 50);
    }, 50);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '-e', program], { encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['2\n', '']);
});

test('leaves nothing open, and a worker may end with sockets open', async () => {
  const server = new SeqpacketServer();
  onTestFinished(() => server.close());
  const path = freePath();
  server.listen(path);
  server.on('connection', (socket: SeqpacketSocket) => void socket.on('error', () => {}).destroy());
  const before = descriptors();
  for (let round = 0; round < 50; round++) {
    const client = new SeqpacketSocket();
    client.on('error', () => {});
    client.connect(path);
    client.write(text('x'));
    client.destroy();
    new DgramSocket().close();
  }
  const worker = new Worker(
    `const { DgramSocket, SeqpacketServer } = require('@bsd-sockets/node-unix-socket');
     const { parentPort, workerData } = require('node:worker_threads');
     new DgramSocket().bind(workerData[0]);
     new SeqpacketServer().listen(workerData[1]);
     parentPort.postMessage('open');`,
    { eval: true, workerData: [freePath(), freePath()] },
  );
  await once(worker, 'message');
  await worker.terminate();
  await until(() => descriptors() <= before);
});
