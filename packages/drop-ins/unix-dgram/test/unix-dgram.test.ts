import { spawnSync } from 'node:child_process';
import { createSocket as createUdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { AF_UNIX, Socket as Plain, SOCK_DGRAM } from '@bsd-sockets/socket';
import * as imported from '@bsd-sockets/unix-dgram';
import { createSocket, type SendError, Socket } from '@bsd-sockets/unix-dgram';
import { afterAll, afterEach, describe, expect, onTestFinished, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'unix-dgram-'));
afterAll(() => rmSync(folder, { recursive: true }));

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) if (socket.fd >= 0) socket.close();
});

function opened(): Socket {
  const socket = createSocket('unix_dgram');
  open.push(socket);
  return socket;
}

let count = 0;
const freePath = () => join(folder, `${count++}`);

function receiver(path = freePath()): { server: Socket; path: string; messages: string[] } {
  const server = opened();
  const messages: string[] = [];
  server.on('message', (data) => void messages.push(data.toString()));
  server.bind(path);
  return { server, path, messages };
}

function sender(path: string): Socket {
  const client = opened();
  client.connect(path);
  return client;
}

/** What a call's callback is told, which is at once. */
function told(call: (callback: (error?: SendError) => void) => void): SendError | undefined {
  const calls: (SendError | undefined)[] = [];
  call((error) => void calls.push(error));
  expect(calls).toHaveLength(1);
  return calls[0];
}

/** A receiver that nobody has receive. */
function fullReceiver(): { receiver: Plain<typeof AF_UNIX>; path: string } {
  const path = freePath();
  const receiver = new Plain(AF_UNIX, SOCK_DGRAM);
  onTestFinished(() => receiver.close());
  receiver.bind(path);
  receiver.settimeout(0);
  return { receiver, path };
}

function receiveAll(receiver: Plain<typeof AF_UNIX>): void {
  try {
    for (;;) receiver.recv(100);
  } catch {
    // There is nothing left.
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(1);
}

const descriptors = () => readdirSync('/proc/self/fd').length;
const text = (value: string) => Buffer.from(value);

test('is required and imported as the peer is', () => {
  const required = createRequire(import.meta.url)('@bsd-sockets/unix-dgram');
  expect(Object.keys(required)).toEqual(['Socket', 'createSocket']);
  expect(imported.createSocket).toBe(required.createSocket);
  expect((imported as unknown as { default: unknown }).default).toBe(required);
});

describe('messages', () => {
  test('come with their sender', async () => {
    const { server, path } = receiver();
    const client = opened();
    expect(told((done) => client.send(text('one'), 0, 3, path, done))).toBeUndefined();
    expect(await once(server, 'message')).toEqual([text('one'), { size: 3, address: {}, path: undefined }]);
    const own = freePath();
    client.bind(own);
    client.send(text('>two<'), 1, 3, path);
    expect(await once(server, 'message')).toEqual([text('two'), { size: 3, address: {}, path: own }]);
  });

  test('have abstract names, and may be empty or as long as the kernel takes', async () => {
    const { server } = receiver('\0unix-dgram-test');
    const client = opened();
    client.bind('\0unix-dgram-client');
    client.send_to(text(''), 0, 0, '\0unix-dgram-test');
    expect((await once(server, 'message'))[1]).toEqual({ size: 0, address: {}, path: '\0unix-dgram-client' });
    const long = Buffer.alloc(200_000, 7);
    client.sendto(long, 0, long.length, '\0unix-dgram-test');
    expect((await once(server, 'message'))[0].equals(long)).toBe(true);
  });

  test('may be answered', async () => {
    const { server, path } = receiver();
    server.on('message', (data, { path }) => server.send(data, 0, data.length, path!));
    const client = receiver();
    client.server.send(text('there and back'), 0, 14, path);
    await until(() => client.messages.length > 0);
    expect(client.messages).toEqual(['there and back']);
  });

  test('that a listener throws at are exceptions, and the next one comes', () => {
    const program = `
      const { createSocket } = require('@bsd-sockets/unix-dgram');
      const server = createSocket('unix_dgram', (data) => {
        if (data.toString() === 'last') server.close();
        throw new Error(data);
      });
      server.bind('\\0unix-dgram-throws');
      const client = createSocket('unix_dgram');
      client.connect('\\0unix-dgram-throws');
      for (const word of ['first', 'last']) client.send(Buffer.from(word));
      client.close();
      process.on('uncaughtException', ({ message }, origin) => console.log(message, origin));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['first uncaughtException\nlast uncaughtException\n', '']);
  });

  test('come in a worker, which may end with sockets open', async () => {
    const { path, messages } = receiver();
    const before = descriptors();
    const worker = new Worker(
      `const { createSocket } = require('@bsd-sockets/unix-dgram');
       const { parentPort, workerData } = require('node:worker_threads');
       const server = createSocket('unix_dgram', (data) => client.send(data));
       server.bind(workerData.own);
       const client = createSocket('unix_dgram');
       client.connect(workerData.path);
       parentPort.postMessage('bound');`,
      { eval: true, workerData: { path, own: freePath() } },
    );
    await once(worker, 'message');
    const client = sender(join(folder, `${count - 1}`));
    client.send(text('through a worker'));
    await until(() => messages.length > 0);
    client.close();
    await worker.terminate();
    await until(() => descriptors() <= before);
    expect(messages).toEqual(['through a worker']);
  });
});

describe('congestion', () => {
  test('holds up sends with a callback, in order, and nothing is lost', async () => {
    const { path, messages } = receiver();
    const client = sender(path);
    client.on('congestion', () => expect.unreachable());
    const sent: number[] = [];
    for (let number = 0; number < 900; number++) {
      client.send(text(`${number}`), (error) => {
        expect(error).toBeUndefined();
        sent.push(number);
      });
    }
    expect(sent.length).toBeLessThan(100);
    await until(() => messages.length === 900 && sent.length === 900);
    const all = Array.from({ length: 900 }, (_, number) => number);
    expect([messages.map(Number), sent]).toEqual([all, all]);
  });

  test('is told when too many wait, and then when there is room', async () => {
    const { path, messages } = receiver();
    const client = sender(path);
    const errors: SendError[] = [];
    for (let number = 0; number < 1500; number++) {
      client.send(text(`${number}`), (error) => {
        if (error) errors.push(error);
      });
    }
    expect(errors.length).toBeGreaterThan(400);
    expect(errors.every(({ message, code, errno }) => message === 'congestion' && code === 1 && !errno)).toBe(true);
    await once(client, 'writable');
    await until(() => messages.length === 1500 - errors.length);
    expect(messages.map(Number)).toEqual(Array.from({ length: messages.length }, (_, number) => number));
  });

  test('is an event without a callback, once for each message, and one event follows', async () => {
    const { path, messages } = receiver();
    const client = sender(path);
    const refused: string[] = [];
    let rooms = 0;
    client.on('congestion', (data) => void refused.push(data.toString()));
    client.on('writable', () => {
      rooms++;
      for (const message of refused.splice(0)) client.send(text(message));
    });
    for (let number = 0; number < 300; number++) client.send(text(`${number}`));
    expect(refused.length).toBeGreaterThan(100);
    await until(() => messages.length === 300);
    expect(messages.map(Number)).toEqual(Array.from({ length: 300 }, (_, number) => number));
    expect(rooms).toBeLessThan(100);
  });

  test('costs no processor time while it lasts', async () => {
    const program = `
      const { createSocket } = require('@bsd-sockets/unix-dgram');
      const client = createSocket('unix_dgram');
      client.connect(process.argv[1]);
      client.on('congestion', () => {}).on('writable', () => process.exit(1));
      for (let number = 0; number < 100; number++) client.send(Buffer.from('full'));
      const before = process.cpuUsage();
      setTimeout(() => {
        const { user, system } = process.cpuUsage(before);
        console.log(user + system < 100_000);
        client.close();
      }, 500);`;
    // Bound, and never received from: the loop of this process stands still.
    const { path } = receiver();
    const { stdout, status } = spawnSync(process.execPath, ['-e', program, path], { encoding: 'utf8' });
    expect([stdout, status]).toEqual(['true\n', 0]);
  });

  test('of sends to a path is over when what waited is sent, and not before', async () => {
    const { receiver, path } = fullReceiver();
    const client = opened();
    let [done, rooms] = [0, 0];
    const send = () => client.send(text('x'), 0, 1, path, (error) => void (error?.code === 1 || done++));
    client.on('writable', () => {
      rooms++;
      send();
    });
    for (let number = 0; number < 1100; number++) send();
    await setTimeout(50);
    const waited = done;
    expect(rooms).toBe(0);
    while (rooms === 0) {
      receiveAll(receiver);
      await setImmediate();
    }
    expect(done).toBeGreaterThan(waited + 900);
  });

  test('of sends to a path holds them up, in order', async () => {
    const { path, messages } = receiver();
    const client = opened();
    const sent: number[] = [];
    for (let number = 0; number < 500; number++) {
      client.send(text(`${number}`), 0, `${number}`.length, path, (error) => {
        expect(error).toBeUndefined();
        sent.push(number);
      });
    }
    expect(sent.length).toBeLessThan(400);
    await until(() => messages.length === 500);
    const all = Array.from({ length: 500 }, (_, number) => number);
    expect([messages.map(Number), sent]).toEqual([all, all]);
  });

  test('that a close ends is told to those that wait', async () => {
    const { path } = receiver();
    const client = opened();
    const errors: (SendError | undefined)[] = [];
    for (let number = 0; number < 300; number++) client.send(text('x'), 0, 1, path, (error) => void errors.push(error));
    const done = errors.length;
    client.close();
    await until(() => errors.length === 300);
    expect(errors.slice(0, done).every((error) => error === undefined)).toBe(true);
    expect(new Set(errors.slice(done).map((error) => error?.syscall))).toEqual(new Set(['send']));
  });
});

describe('errors', () => {
  test('are events, or the callback of a send has them', async () => {
    const { path } = receiver();
    const socket = opened();
    const errors: SendError[] = [];
    socket.on('error', (error) => void errors.push(error));
    socket.bind(path);
    socket.connect(join(folder, 'nobody'));
    socket.send(text('x'), 0, 1, join(folder, 'nobody'));
    socket.send(text('x'));
    expect(errors.map(({ syscall, code, errno, cause }) => [syscall, code, errno, cause?.code])).toEqual([
      ['bind', -98, -98, 'EADDRINUSE'],
      ['connect', -2, -2, 'ENOENT'],
      ['send', -2, -2, 'ENOENT'],
      ['send', -107, -107, 'ENOTCONN'],
    ]);
    expect(errors[1]!.message).toBe('connect -2 (ENOENT: No such file or directory)');
    expect(told((done) => socket.send(text('x'), done))?.cause?.code).toBe('ENOTCONN');
    expect(socket.connected).toBe(false);
    expect(errors).toHaveLength(4);
  });

  test('of a receiver that has gone', () => {
    const { server, path } = receiver();
    const client = sender(path);
    server.close();
    expect(told((done) => client.send(text('x'), done))).toMatchObject({ code: -111, syscall: 'send' });
  });

  test('of a closed socket', () => {
    const socket = opened();
    socket.close();
    expect(socket.fd).toBe(-1);
    expect(told((done) => socket.send(text('x'), done))).toMatchObject({ code: -9, syscall: 'send' });
    expect(() => socket.close()).toThrow('close -9 (EBADF: Bad file descriptor)');
  });

  test('of a path are told while others wait, too, and do not hold up the next ones', async () => {
    const { receiver, path } = fullReceiver();
    const socket = opened();
    const errors: (number | undefined)[] = [];
    const send = (to: unknown) => socket.send(text('x'), 0, 1, to as string, (error) => void errors.push(error?.code));
    for (let number = 0; number < 20; number++) send(path);
    const sent = errors.length;
    expect(sent).toBeLessThan(20);
    expect(() => send(42)).toThrow(/^path: expected the path of a socket, got 42 /);
    expect(() => send('a\0b')).toThrow(/^path: expected a path without NUL, got /);
    send('x'.repeat(200));
    while (errors.length < 21) {
      receiveAll(receiver);
      await setImmediate();
    }
    expect(errors.filter((code) => code !== undefined)).toEqual([-36]);
    receiveAll(receiver);
    expect(told((done) => socket.send(text('x'), 0, 1, path, done))).toBeUndefined();
  });

  test('of a callback that is none name it, and nothing is sent; null is none', async () => {
    const { path, messages } = receiver();
    const client = sender(path);
    const send = client.send.bind(client) as (...args: unknown[]) => void;
    expect(() => send(Buffer.from('lost'), path)).toThrow(/^callback: expected a function, got /);
    expect(() => send(Buffer.from('lost'), 0, 4, path, 5)).toThrow(/^callback: expected a function, got 5 /);
    send(Buffer.from('one'), null);
    send(Buffer.from('two'), 0, 3, path, null);
    await expect.poll(() => messages).toEqual(['one', 'two']);
  });

  test('of arguments name them', () => {
    const socket = opened();
    const data = text('data');
    expect(() => createSocket('unix_stream' as never)).toThrow(
      /^type: expected unix_dgram, udp4 or udp6, got 'unix_stream'/,
    );
    expect(() => socket.send('data' as never)).toThrow(/^buf: expected bytes /);
    expect(() => socket.send(data, 5, 1, '/x')).toThrow(/^offset: expected /);
    expect(() => socket.send(data, 2, 3, '/x')).toThrow(/^length: expected /);
    expect(() => socket.send(data, 0, 4, undefined as never)).toThrow(/^path: expected /);
    expect(() => socket.send(data, 0, 4, 'a\0b')).toThrow(/^path: expected a path without NUL/);
    expect(() => socket.bind(7 as never)).toThrow(/^address: expected /);
    expect(() => socket.connect('a\0b')).toThrow(/^address: expected a path without NUL/);
  });
});

describe('a socket', () => {
  test('of UDP is that of node:dgram', () => {
    const socket = createSocket('udp4');
    expect(socket).toBeInstanceOf(createUdpSocket('udp4').unref().constructor);
    socket.close();
  });

  test('leaves nothing open, also if something waits', async () => {
    const { path } = receiver();
    sender(path).close();
    await setImmediate();
    const before = descriptors();
    for (let round = 0; round < 100; round++) {
      const client = new Socket('unix_dgram', () => {});
      client.connect(path);
      for (let number = 0; number < 20; number++) client.send(text('x'), () => {});
      client.close();
    }
    expect(descriptors()).toBe(before);
  });
});
