import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  AF_INET,
  AF_UNIX,
  createServer,
  FileNotFoundError,
  IsADirectoryError,
  SHUT_WR,
  SO_RCVBUF,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOL_SOCKET,
  Socket,
  socketpair,
  TimeoutError,
} from '@bsd-sockets/socket';
import { afterAll, describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { errorOf, noSocket, onWindows } from './platform';

const folder = mkdtempSync(join(tmpdir(), 'sendfile-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'digits');
const content = '0123456789'.repeat(100);
writeFileSync(path, content);
const empty = join(folder, 'empty');
writeFileSync(empty, '');
const large = join(folder, 'large');
writeFileSync(large, Buffer.alloc(4_000_000, 'x'));

/** The position of an open file. */
function position(fd: number): number {
  if (onWindows) {
    const { size } = fstatSync(fd);
    return size - readSync(fd, Buffer.alloc(size));
  }
  return Number(/^pos:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))![1]);
}

/** Opens a file and moves its position to 7. */
function opened(name: string): number {
  const fd = openSync(name, 'r');
  readSync(fd, Buffer.alloc(7));
  return fd;
}

/** What one call sends: its result, the bytes, and the position of the file. */
function send(name: string, ...rest: [offset?: number, count?: number | null]): [number, string, number] {
  const [near, far] = socketpair();
  using _far = far;
  const fd = opened(name);
  try {
    using _near = near;
    const sent = near.sendfile(fd, ...rest);
    near.shutdown(SHUT_WR);
    return [sent, far.makefile('r').read(), position(fd)];
  } finally {
    closeSync(fd);
  }
}

const invalid = (name: string, code: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(name) });

const calls: [string, ...([] | [number] | [number, number])][] = [
  [path],
  [path, 10],
  [path, 10, 20],
  [path, 0, 1],
  [path, 990, 100],
  [path, 1000],
  [path, 5000],
  [path, 5000, 3],
  [empty],
  [empty, 3],
];

test.each(calls.map((call) => [call.slice(1), call] as const))('a file from offset and count %j', (_, call) => {
  const [name, offset = 0, count] = call;
  const expected = readFileSync(name, 'utf8').slice(offset, count === undefined ? undefined : offset + count);
  expect(send(name, offset, count ?? null)).toEqual([
    expected.length,
    expected,
    // Where there is no sendfile(2) the file is read, from the offset on.
    expected.length > 0 || onWindows
      ? Math.min(offset + expected.length, readFileSync(name).length)
      : Math.min(7, readFileSync(name).length),
  ]);
});

test.skipIf(without('python3'))('sends what CPython sends, and leaves the file where it does (python3)', () => {
  const program = `
import json, socket, sys
for name, *rest in json.load(sys.stdin):
    near, far = socket.socketpair()
    with open(name, 'rb', 0) as file:
        file.read(7)
        sent = near.sendfile(file, *rest)
        near.close()
        print(json.dumps([sent, far.makefile().read(), file.tell()]))
`;
  const output = execFileSync('python3', ['-c', program], { input: JSON.stringify(calls), encoding: 'utf8' });
  const theirs = output.trim().split('\n');
  expect(calls.map(([name, ...rest]) => send(name, ...rest))).toEqual(theirs.map((line) => JSON.parse(line)));
});

test('a FileHandle and a path are sent too', async () => {
  const [near, far] = socketpair();
  using _near = near;
  using _far = far;
  const file = await open(path);
  expect(near.sendfile(file, 3, 4)).toBe(4);
  expect(position(file.fd)).toBe(7);
  await file.close();
  expect(near.sendfile(path, 5, 3)).toBe(3);
  expect(far.recv(100).toString()).toBe('3456567');
  expect(() => near.sendfile(file)).toThrow(invalid('file', 'ERR_INVALID_ARG_VALUE'));
});

test('what has grown since is sent to its end', () => {
  const name = join(folder, 'growing');
  writeFileSync(name, 'first ');
  const [near, far] = socketpair();
  using _near = near;
  using _far = far;
  const fd = openSync(name, 'r');
  expect(near.sendfile(fd)).toBe(6);
  appendFileSync(name, 'second');
  expect(near.sendfile(fd, position(fd))).toBe(6);
  closeSync(fd);
  expect(far.recv(100).toString()).toBe('first second');
});

describe('in place of sendfile(2), send is used for', () => {
  test.skipIf(without('mkfifo'))('a pipe (mkfifo)', async () => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', `printf 'through a pipe' > ${pipe}`], { stdio: 'ignore' });
    const fd = openSync(pipe, 'r');
    expect(near.sendfile(fd, 0, 7)).toBe(7);
    expect(() => near.sendfile(fd, 3)).toThrow(expect.objectContaining({ code: 'ESPIPE' }));
    expect(near.sendfile(fd)).toBe(7);
    closeSync(fd);
    expect(far.recv(100).toString()).toBe('through a pipe');
    if (writer.exitCode === null) await once(writer, 'exit');
  });

  test.skipIf(without('/proc'))('files of the kernel’s own (/proc)', () => {
    const status = '/proc/self/limits';
    expect(send(status, 3)[1]).toBe(readFileSync(status, 'utf8').slice(3));
    expect(send(status, 3, 20)).toEqual([20, readFileSync(status, 'utf8').slice(3, 23), 23]);
  });

  test('not for a directory, which cannot be sent', () => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    expect(() => near.sendfile(folder)).toThrow(IsADirectoryError);
  });
});

describe('an error', () => {
  test('names the argument that is wrong', () => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    const value = 'ERR_INVALID_ARG_VALUE';
    const range = 'ERR_OUT_OF_RANGE';
    const type = 'ERR_INVALID_ARG_TYPE';
    const wrong: [args: unknown[], name: string, code: string][] = [
      [[path, -1], 'offset', range],
      [[path, 1.5], 'offset', range],
      [[path, '1'], 'offset', type],
      [[path, 0, 0], 'count', value],
      [[path, 0, -1], 'count', value],
      [[path, 0, 1.5], 'count', range],
      [[path, 0, '1'], 'count', type],
      [[undefined], 'file', type],
      [[{}], 'file', type],
      [[-5], 'file', range],
    ];
    for (const [args, name, code] of wrong) {
      expect(() => (near.sendfile as (...args: unknown[]) => number).apply(near, args)).toThrow(invalid(name, code));
    }
    expect(() => near.sendfile(join(folder, 'missing'))).toThrow(FileNotFoundError);
    expect(() => near.sendfile(1_000_000)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    near.setblocking(false);
    expect(() => near.sendfile(path)).toThrow(invalid('blocking', value));
    using datagrams = new Socket(AF_INET, SOCK_DGRAM);
    expect(() => datagrams.sendfile(path)).toThrow(invalid('SOCK_STREAM', value));
  });

  test('of a closed socket is EBADF', () => {
    const [near, far] = socketpair();
    far.close();
    near.close();
    expect(() => near.sendfile(path)).toThrow(expect.objectContaining(noSocket));
  });

  test('of a peer that is gone leaves the file where it was', () => {
    const [near, far] = socketpair();
    using _near = near;
    far.close();
    if (onWindows) near.shutdown(SHUT_WR);
    const fd = opened(path);
    const error = errorOf(onWindows ? 'ESHUTDOWN' : 'EPIPE');
    expect(() => near.sendfile(fd, 10)).toThrow(expect.objectContaining(error));
    // What was read there is not put back.
    if (!onWindows) expect(position(fd)).toBe(7);
    closeSync(fd);
  });

  test('of an unconnected socket is ENOTCONN or EPIPE', () => {
    using socket = new Socket(AF_INET);
    expect(() => socket.sendfile(path)).toThrow(
      expect.objectContaining({ code: expect.stringMatching('ENOTCONN|EPIPE') }),
    );
  });

  test('after a timeout tells by the position how much was sent', () => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    near.settimeout(0.1);
    const fd = opened(large);
    if (onWindows)
      for (const one of [near, far]) one.setsockopt(SOL_SOCKET, one === near ? SO_SNDBUF : SO_RCVBUF, 65536);
    expect(() => near.sendfile(fd, 5)).toThrow(TimeoutError);
    near.shutdown(SHUT_WR);
    const received = far.makefile('rb').read()!.length;
    expect(received).toBeGreaterThan(0);
    expect(position(fd)).toBe(5 + received);
    closeSync(fd);
  });
});

test.skipIf(without('room of a unix pair'))(
  'a timeout is for each wait: the whole may take longer, as in CPython (room of a unix pair)',
  async () => {
    using server = new Socket(AF_UNIX);
    const name = join(folder, 'socket');
    server.bind(name);
    server.listen();
    const program = `
    const socket = require('net').connect(${JSON.stringify(name)});
    let count = 0;
    socket.on('data', (data) => {
      count += data.length;
      socket.pause();
      setTimeout(() => socket.resume(), 40);
    });
    socket.on('end', () => process.stdout.write(String(count)));`;
    const child = spawn(process.execPath, ['--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    const [connection] = server.accept();
    connection.settimeout(1);
    const started = performance.now();
    expect(connection.sendfile(large)).toBe(4_000_000);
    expect(performance.now() - started).toBeGreaterThan(1000);
    connection.close();
    await once(child, 'close');
    expect(output).toBe('4000000');
  },
);

test('in a worker a blocking call goes through, and ends with the worker', async () => {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { Socket } = require(workerData.module);
    const socket = new Socket({ fileno: workerData.fd });
    parentPort.postMessage(socket.sendfile(workerData.path));
    socket.sendfile(workerData.large);`;
  const [near, far] = socketpair();
  using _far = far;
  const module = createRequire(import.meta.url).resolve('@bsd-sockets/socket');
  const worker = new Worker(program, { eval: true, workerData: { fd: near.detach(), path, large, module } });
  const [sent] = await once(worker, 'message');
  expect(sent).toBe(content.length);
  expect(far.recv(1000).toString()).toBe(content);
  await worker.terminate();
  expect(far.makefile('rb').read()!.length).toBeLessThan(4_000_000);
});

test('a GiB goes through in constant memory', async () => {
  // A MiB takes a tenth of a second in Wine.
  const SIZE = onWindows ? 2 ** 26 : 2 ** 30;
  const name = join(folder, 'gigabyte');
  const fd = openSync(name, 'w+');
  ftruncateSync(fd, SIZE);
  // The rest of the file is a hole, and takes no space.
  const marks = [0, SIZE / 8 + 12_345, SIZE / 2, SIZE - 8];
  for (const mark of marks) {
    const bytes = Buffer.from(`m${mark}`.slice(0, 8));
    writeSync(fd, bytes, 0, bytes.length, mark);
  }
  using server = createServer(['127.0.0.1', 0]);
  const program = `
    const socket = require('net').connect(${server.getsockname()[1]}, '127.0.0.1');
    let count = 0;
    const marks = [];
    socket.on('data', (data) => {
      // Of each piece what is not zero, with its place.
      for (let at = 0; at < data.length; ) {
        const end = Math.min(at + 65536, data.length);
        if (data.compare(zeros, 0, end - at, at, end) !== 0) {
          for (; at < end; at++) if (data[at] !== 0) marks.push([count + at, data[at]]);
        }
        at = end;
      }
      count += data.length;
    });
    const zeros = Buffer.alloc(65536);
    socket.on('end', () => process.stdout.write(JSON.stringify([count, marks])));`;
  const child = spawn(process.execPath, ['--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  const [connection] = server.accept();
  const before = process.memoryUsage.rss();
  const sent = connection.sendfile(fd);
  const grown = process.resourceUsage().maxRSS * 1024 - before;
  connection.close();
  closeSync(fd);
  await once(child, 'close');
  const expected = marks.flatMap((mark) =>
    Array.from(Buffer.from(`m${mark}`.slice(0, 8)), (byte, index) => [mark + index, byte]),
  );
  expect(sent).toBe(SIZE);
  expect(JSON.parse(output)).toEqual([SIZE, expected]);
  expect(grown).toBeLessThan(2 ** 28);
});
