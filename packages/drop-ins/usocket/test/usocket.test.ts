import { once } from 'node:events';
import { closeSync, fstatSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { socketpair } from '@bsd-sockets/socket';
import * as imported from '@bsd-sockets/usocket';
import { UServer, USocket } from '@bsd-sockets/usocket';
import { afterAll, expect, onTestFinished, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'usocket-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const freePath = () => join(folder, `${count++}`);
const descriptors = () => readdirSync('/proc/self/fd').length;

/** Both ends of a connection. */
async function connected(): Promise<[client: USocket, peer: USocket, path: string]> {
  const path = freePath();
  const server = new UServer();
  onTestFinished(() => server.close());
  server.listen(path);
  await once(server, 'listening');
  const client = new USocket(path);
  const [[peer]] = await Promise.all([once(server, 'connection'), once(client, 'connected')]);
  onTestFinished(() => {
    for (const socket of [client, peer]) socket.destroy();
  });
  return [client, peer, path];
}

/** What `read` gives as soon as it gives something. */
async function read(socket: USocket, size: number | null, amount: number | null) {
  for (;;) {
    const found = socket.read(size, amount);
    if (found !== null) return found;
    // A listener for `readable` is called at once while anything is there.
    await setTimeout(1);
  }
}

function opened(content: string): number {
  const path = freePath();
  writeFileSync(path, content);
  return openSync(path, 'r');
}

/** What a received descriptor leads to. */
function contentOf(fd: number): string {
  const content = readFileSync(fd, 'utf8');
  closeSync(fd);
  return content;
}

test('is required and imported as the peer is', () => {
  const required = createRequire(import.meta.url)('@bsd-sockets/usocket');
  expect(Object.keys(required)).toEqual(['UServer', 'USocket']);
  expect(imported.USocket).toBe(required.USocket);
});

test('bytes and descriptors come together, and the sender may close its own at once', async () => {
  const [client, peer] = await connected();
  const fds = ['one', 'two'].map(opened);
  const sent = new Promise((resolve) => {
    client.write({ data: Buffer.from('message'), fds, callback: resolve });
  });
  fds.forEach(closeSync);
  expect(await sent).toBeFalsy();
  const { data, fds: received } = await read(peer, 7, 2);
  expect([data.toString(), received.map(contentOf)]).toEqual(['message', ['one', 'two']]);
});

test('descriptors without bytes go with the next bytes', async () => {
  const [client, peer] = await connected();
  const fd = opened('alone');
  client.write([fd]);
  client.write({ fds: [fd] });
  closeSync(fd);
  client.write('text');
  const { data, fds } = await read(peer, null, 2);
  expect([data.toString(), fds.map(contentOf)].flat()).toEqual(['text', 'alone', '']);
});

test('read waits for both, takes what it is asked for, and unshift puts it back', async () => {
  const [client, peer] = await connected();
  client.write('no descriptor yet');
  await once(peer, 'readable');
  expect(peer.read(2, 1)).toBeNull();
  expect(peer.read(2, 0)).toEqual({ data: Buffer.from('no'), fds: [] });
  const fd = opened('late');
  client.write({ data: Buffer.from('!'), fds: [fd] });
  closeSync(fd);
  const first = await read(peer, 5, 1);
  expect(first.data.toString()).toBe(' desc');
  peer.unshift(first.data, first.fds);
  const again = await read(peer, null, null);
  expect([again.data.toString(), again.fds.map(contentOf)]).toEqual([' descriptor yet!', ['late']]);
  expect(peer.read(0, null)).toEqual({ data: Buffer.alloc(0), fds: [] });
});

test('is a stream: much goes through, ends, and each side ends by itself', async () => {
  const [client, peer] = await connected();
  const data = Buffer.alloc(3_000_000, 'some bytes ');
  peer.end(data);
  const received: Buffer[] = [];
  client.on('data', (chunk) => void received.push(chunk));
  await once(client, 'end');
  expect(Buffer.concat(received).equals(data)).toBe(true);
  client.end({ data: Buffer.from('last'), fds: [] });
  expect(Buffer.concat(await peer.toArray()).toString()).toBe('last');
});

test('descriptors stay with their bytes while the peer does not keep up', async () => {
  const [client, peer] = await connected();
  const COUNT = 100;
  let sent = 0;
  for (let number = 0; number < COUNT; number++) {
    const fd = opened(`${number}`);
    client.write({ data: Buffer.alloc(20_000, number), fds: [fd], callback: () => void sent++ });
    closeSync(fd);
  }
  await setTimeout(20);
  expect(sent).toBeLessThan(COUNT);
  for (let number = 0; number < COUNT; number++) {
    const { data, fds } = await read(peer, 20_000, 1);
    expect([data.equals(Buffer.alloc(20_000, number)), fds.map(contentOf)]).toEqual([true, [`${number}`]]);
  }
  expect(sent).toBe(COUNT);
});

test('what is written before it is connected is sent then', async () => {
  const path = freePath();
  const server = new UServer();
  onTestFinished(() => server.close());
  server.listen({ path, backlog: 5 });
  const client = new USocket();
  client.on('readable', () => {});
  await once(server, 'listening');
  client.connect(path);
  client.end('early');
  const [peer] = await once(server, 'connection');
  expect(Buffer.concat(await peer.toArray()).toString()).toBe('early');
  peer.destroy();
});

test("tells of a connection once, by the addon's event: some clients listen to that of net.Socket too", async () => {
  const told: string[] = [];
  const [a, b] = socketpair();
  const socket = new USocket();
  for (const name of ['connect', 'connected', 'ready']) socket.on(name, () => told.push(name));
  socket.connect({ fd: a.detach() }, () => told.push('callback'));
  await once(socket, 'connected');
  expect(told).toEqual(['connected', 'callback']);
  socket.destroy();
  b.close();
});

test('takes a descriptor', async () => {
  const [a, b] = socketpair();
  const socket = new USocket({ fd: a.detach() });
  await once(socket, 'connected');
  b.sendall(Buffer.from('taken'));
  expect((await once(socket, 'data'))[0].toString()).toBe('taken');
  socket.destroy();
  b.close();
});

test('descriptors that are written after the end, or to a destroyed socket, are closed, and the callback is told', async () => {
  const path = freePath();
  const server = new UServer();
  onTestFinished(() => server.close());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = new USocket(path);
  const [peer] = await once(server, 'connection');
  const before = descriptors();
  const write = (socket: USocket) => new Promise<any>((resolve) => socket.write({ fds: [0], callback: resolve }));
  const failed = once(client, 'error');
  client.end();
  expect(await write(client)).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' });
  await failed;
  expect(await write(new USocket().destroy())).toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
  // The client's own is closed.
  expect(descriptors()).toBe(before - 1);
  peer.destroy();
});

test('a paused server lets connections wait', async () => {
  const path = freePath();
  const server = new UServer();
  onTestFinished(() => server.close());
  await new Promise<void>((resolve) => server.listen(path, 10, resolve));
  server.pause();
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    socket.destroy();
  });
  const client = new USocket(path);
  await once(client, 'connected');
  await setTimeout(20);
  expect(connections).toBe(0);
  server.resume();
  await once(server, 'connection');
  client.destroy();
});

test('a server that was closed listens and accepts again, in one turn; twice at once it throws', async () => {
  const server = new UServer();
  expect([server.fd, server.listening]).toEqual([undefined, false]);
  for (const path of [freePath(), freePath()]) {
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect([fstatSync(server.fd!).isSocket(), server.listening]).toEqual([true, true]);
    const before = descriptors();
    expect(() => server.listen(freePath())).toThrow(expect.objectContaining({ code: 'ERR_SERVER_ALREADY_LISTEN' }));
    expect(descriptors()).toBe(before);
    const client = new USocket(path);
    const [peer] = await once(server, 'connection');
    for (const socket of [client, peer]) socket.destroy();
    server.close();
  }
  expect([server.fd, server.listening]).toEqual([undefined, false]);
});

test('a socket connects once, and has its descriptor from then on', async () => {
  const [client, , path] = await connected();
  expect(fstatSync(client.fd!).isSocket()).toBe(true);
  const before = descriptors();
  expect(() => client.connect(path)).toThrow(/EISCONN/);
  const destroyed = new USocket().destroy();
  expect(destroyed.fd).toBeUndefined();
  expect(() => destroyed.connect(path)).toThrow(/EBADF/);
  expect(descriptors()).toBe(before);
  client.destroy();
  await once(client, 'close');
  expect(client.fd).toBe(-1);
});

test('errors are events with a code, or name the argument', async () => {
  const nobody = new USocket(join(folder, 'nobody'));
  expect(await once(nobody, 'error')).toMatchObject([{ code: 'ENOENT', syscall: 'connect' }]);
  const [client, , path] = await connected();
  const server = new UServer();
  server.listen(path);
  expect(await once(server, 'error')).toMatchObject([{ code: 'EADDRINUSE', syscall: 'bind' }]);
  expect(() => server.listen(undefined as never)).toThrow(/^path: expected the path of a socket/);
  expect(() => new USocket().connect({})).toThrow(/^path: expected the path of a socket/);
  for (const message of [{ data: 5 }, { data: 'x', fds: 5 }, { data: 'x', callback: 'done' }]) {
    expect(() => client.write(message as never)).toThrow(/^chunk: expected bytes, an array of descriptors, or /);
  }
  const named = /^path: expected the path of a socket, got 80 \(number\)/;
  expect(() => server.listen(80 as never)).toThrow(named);
  expect(() => new USocket().connect(80 as never)).toThrow(named);
  expect(() => new USocket(80 as never)).toThrow(named);
  expect(() => client.write([9999])).toThrow(/EBADF/);
});

test('leaves nothing open: descriptors that nobody read or that were not sent', async () => {
  const fd = opened('x');
  await connected(); // what stays open for all
  const before = descriptors();
  for (let round = 0; round < 20; round++) {
    const [client, peer] = await connected();
    client.write({ data: Buffer.from('x'), fds: [fd, fd] });
    await once(peer, 'readable');
    client.write([fd]);
    client.destroy();
    peer.destroy();
    new USocket(freePath()).on('error', () => {});
  }
  await setTimeout(20);
  expect(descriptors() - 20).toBe(before); // the servers
  expect(fstatSync(fd).size).toBe(1);
  closeSync(fd);
});

test('works in a worker', async () => {
  const path = freePath();
  const server = new UServer();
  onTestFinished(() => server.close());
  server.on('connection', (socket) => socket.end('to a worker'));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const worker = new Worker(
    `const { USocket } = require('@bsd-sockets/usocket');
     const { parentPort, workerData } = require('node:worker_threads');
     const socket = new USocket(workerData);
     socket.on('data', (data) => parentPort.postMessage(data.toString()));`,
    { eval: true, workerData: path },
  );
  expect(await once(worker, 'message')).toEqual(['to a worker']);
  await worker.terminate();
});
