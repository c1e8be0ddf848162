import * as blocking from '@bsd-sockets/socket';
import { MSG_WAITALL, SOCK_DGRAM } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { noSocket, pair } from './platform';
import { runProgram } from './program';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

type Pair<S> = [reader: S, writer: blocking.Socket<any>];

function blockingPair(type?: number): Pair<blocking.Socket<any>> {
  const sockets = pair(type);
  open.push(...sockets);
  return sockets;
}

function promisePair(type?: number): Pair<promises.Socket<any>> {
  const [reader, writer] = blockingPair(type);
  const socket = promises.Socket.from(reader);
  open.push(socket);
  return [socket, writer];
}

/** What a call comes to, on either face: its result, or its error. */
const outcome = async (call: () => unknown): Promise<any> => {
  try {
    return await call();
  } catch (error) {
    return error;
  }
};

const faces: [name: string, pair: (type?: number) => Pair<any>][] = [
  ['blocking', blockingPair],
  ['promises', promisePair],
];

describe.each(faces)('recvExactly (%s)', (_name, ends) => {
  test('gives the bytes that were asked for, and leaves the others', async () => {
    const [reader, writer] = ends();
    writer.send(Buffer.from('a whole record, and more'));
    expect(String(await reader.recvExactly(14))).toBe('a whole record');
    expect(await reader.recvExactly(0)).toHaveLength(0);
    expect(String(await reader.recv(100))).toBe(', and more');
  });

  test('fails at the end, and has what had come', async () => {
    const [reader, writer] = ends();
    writer.send(Buffer.from('part'));
    writer.close();
    const error = await outcome(() => reader.recvExactly(10));
    expect(error).toBeInstanceOf(blocking.IncompleteReadError);
    expect(error).toMatchObject({ name: 'IncompleteReadError', code: 'ERR_INCOMPLETE_READ', expected: 10 });
    expect(String(error.partial)).toBe('part');
    expect(await outcome(() => reader.recvExactly(1))).toMatchObject({ partial: Buffer.alloc(0), expected: 1 });
  });

  test('times out as a whole, and has what had come', async () => {
    const [reader, writer] = ends();
    reader.settimeout(0.1);
    writer.send(Buffer.from('part'));
    const error = await outcome(() => reader.recvExactly(10));
    expect(error).toBeInstanceOf(blocking.TimeoutError);
    expect(String(error.partial)).toBe('part');
    reader.settimeout(0);
    writer.send(Buffer.from('rest'));
    const again = await outcome(() => reader.recvExactly(10));
    expect(again).toBeInstanceOf(blocking.BlockingIOError);
    expect(String(again.partial)).toBe('rest');
  });

  test('what had come is all that its memory shows', async () => {
    const [reader, writer] = ends();
    const told = async () => Buffer.from((await outcome(() => reader.recvExactly(10))).partial.buffer).toString();
    for (const timeout of [0.05, 0]) {
      reader.settimeout(timeout);
      writer.send(Buffer.from('part'));
      expect(await told()).toBe('part');
    }
    writer.send(Buffer.from('end'));
    writer.close();
    expect(await told()).toBe('end');
  });

  test.each([
    [-1, 'ERR_OUT_OF_RANGE'],
    [2 ** 40, 'ERR_OUT_OF_RANGE'],
    ['1', 'ERR_INVALID_ARG_TYPE'],
    [undefined, 'ERR_INVALID_ARG_TYPE'],
  ])('refuses %s bytes', async (nbytes, code) => {
    const [reader] = ends();
    expect(await outcome(() => reader.recvExactly(nbytes))).toMatchObject({ code });
  });

  test('refuses datagrams, and a closed socket', async () => {
    const [reader] = ends(SOCK_DGRAM);
    expect(await outcome(() => reader.recvExactly(1))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    const [closed] = ends();
    closed.close();
    expect(await outcome(() => closed.recvExactly(1))).toMatchObject(noSocket);
  });
});

test('recvExactly of promises waits for the rest, before others', async () => {
  const [reader, writer] = promisePair();
  const all = reader.recvExactly(6);
  const next = reader.recv(10);
  for (const part of ['ab', 'cd', 'efgh']) {
    writer.send(Buffer.from(part));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(String(await all)).toBe('abcdef');
  expect(String(await next)).toBe('gh');
});

test('recvExactly of promises can be aborted, and has what had come', async () => {
  const [reader, writer] = promisePair();
  const controller = new AbortController();
  const all = outcome(() => reader.recvExactly(6, { signal: controller.signal }));
  writer.send(Buffer.from('ab'));
  await new Promise((resolve) => setTimeout(resolve, 10));
  controller.abort();
  const error = await all;
  expect(error).toMatchObject({ name: 'AbortError' });
  expect(String(error.partial)).toBe('ab');
});

test('recvExactly of a blocking socket waits for the rest, in a worker too', async () => {
  const program = `
    const [a, b] = sockets.socketpair();
    b.settimeout(0);
    const { Worker } = require('node:worker_threads');
    const sender = new Worker(
      'const { Socket } = require(require("worker_threads").workerData[0]);' +
      'const socket = new Socket({ fileno: require("worker_threads").workerData[1] });' +
      'let sent = 0; const clock = setInterval(() => { socket.send(Buffer.alloc(100000)); if (++sent === 10) clearInterval(clock); }, 5);',
      { eval: true, workerData: [library, b.detach()] });
    const length = a.recvExactly(900_000).length;
  `;
  const { said, stderr } = await runProgram(
    `const library = process.argv[1]; ${program} say(length);
     const prelude = 'const library = require("worker_threads").workerData; const sockets = require(library);';
     new Worker(prelude + args[0] + 'require("worker_threads").parentPort.postMessage(length);',
       { eval: true, workerData: library }).on('message', (length) => { say(length); process.exit(); });`,
    { args: [program], flags: ['--no-warnings'] },
  );
  expect({ said, stderr }).toEqual({ said: [900_000, 900_000], stderr: '' });
});

describe('MSG_WAITALL on promises', () => {
  const calls: [name: string, call: (reader: promises.Socket<any>) => Promise<string>][] = [
    ['recv', async (reader) => String(await reader.recv(6, MSG_WAITALL))],
    ['recvfrom', async (reader) => String((await reader.recvfrom(6, MSG_WAITALL))[0])],
    [
      'recvInto',
      async (reader) => {
        const memory = Buffer.alloc(9);
        return String(memory.subarray(0, await reader.recvInto(memory, 6, MSG_WAITALL)));
      },
    ],
    [
      'recvfromInto',
      async (reader) => {
        const memory = Buffer.alloc(6);
        return String(memory.subarray(0, (await reader.recvfromInto(memory, 0, MSG_WAITALL))[0]));
      },
    ],
    ['recvmsg', async (reader) => String((await reader.recvmsg(6, 0, MSG_WAITALL))[0])],
    [
      'recvmsgInto',
      async (reader) => {
        const parts = [1, 0, 3, 2].map((length) => Buffer.alloc(length));
        const [received] = await reader.recvmsgInto(parts, 0, MSG_WAITALL);
        return String(Buffer.concat(parts, received));
      },
    ],
  ];

  test.each(calls)('%s gives all that was asked for', async (_name, call) => {
    const [reader, writer] = promisePair();
    const all = call(reader);
    for (const part of ['ab', 'cd', 'efgh']) {
      writer.send(Buffer.from(part));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await all).toBe('abcdef');
  });

  test.each(calls)('%s gives less at the end, and when the time is over', async (_name, call) => {
    const [reader, writer] = promisePair();
    reader.settimeout(0.1);
    writer.send(Buffer.from('ab'));
    expect(await call(reader)).toBe('ab');
    expect(await outcome(() => call(reader))).toBeInstanceOf(blocking.TimeoutError);
    writer.send(Buffer.from('cd'));
    writer.close();
    expect(await call(reader)).toBe('cd');
    expect(await call(reader)).toBe('');
  });

  test('recvmsgInto that is aborted tells what had come, and nothing that its memory held before', async () => {
    const [reader, writer] = promisePair();
    const controller = new AbortController();
    const buffers = [Buffer.from('old'), Buffer.from('er')];
    const all = outcome(() => reader.recvmsgInto(buffers, 0, MSG_WAITALL, { signal: controller.signal }));
    writer.send(Buffer.from('new '));
    await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort();
    expect(Buffer.from((await all).partial.buffer).toString()).toBe('new ');
  });

  test.skipIf(without('descriptors of AF_UNIX'))(
    'recvmsg ends where descriptors came, as the kernel does (descriptors of AF_UNIX)',
    async () => {
      const [reader, writer] = promisePair();
      const all = reader.recvmsg(6, 64, MSG_WAITALL);
      await writer.sendall(Buffer.from('ab'));
      await new Promise((resolve) => setTimeout(resolve, 10));
      await writer.sendmsg([Buffer.from('c')], [blocking.ScmRights.encode([0])]);
      const [data, ancdata] = await all;
      const fds = blocking.ScmRights.decode(ancdata) ?? [];
      for (const fd of fds) blocking.close(fd);
      expect([String(data), fds.length]).toEqual(['abc', 1]);
    },
  );

  test('does not make a datagram more, nor a socket wait that must not', async () => {
    const [reader, writer] = promisePair(SOCK_DGRAM);
    writer.send(Buffer.from('ab'));
    expect(String(await reader.recv(6, MSG_WAITALL))).toBe('ab');
    const [impatient, peer] = promisePair();
    impatient.settimeout(0);
    peer.send(Buffer.from('ab'));
    expect(String(await impatient.recv(6, MSG_WAITALL))).toBe('ab');
  });
});
