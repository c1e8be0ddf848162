// That what fails on Windows leaves no handle open, by the count of the whole process.
import { execFileSync } from 'node:child_process';
import {
  AF_INET,
  AI_NUMERICHOST,
  createConnection,
  createServer,
  dup,
  fromfd,
  fromshare,
  getaddrinfo,
  options,
  POLLIN,
  poll,
  SIO_RCVALL,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  select,
  socketpair,
} from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';

// In CI; ten times as many take three minutes.
const TIMES = Number(process.env.BSD_SOCKETS_TIMES ?? 1000);
/** What Node itself may open meanwhile. */
const MARGIN = 20;

/** How many handles this process has open. */
function openHandles(): number {
  // windows/test.mjs makes it of windows/handle-count.c: Wine has no PowerShell.
  const counter = process.env.BSD_SOCKETS_HANDLE_COUNT;
  const [program, args] = counter
    ? [counter, [String(process.pid)]]
    : ['powershell', ['-NoProfile', '-Command', `(Get-Process -Id ${process.pid}).HandleCount`]];
  return Number(execFileSync(program, args));
}

/** The count before: of one test it is that after the test before, since to count takes longer than most of them. */
let counted: number | undefined;

/** Makes calls, and fails if they leave handles open. */
async function leavesNone(calls: () => unknown): Promise<void> {
  counted ??= openHandles();
  await calls();
  const after = openHandles();
  const more = after - counted;
  counted = after;
  expect(more).toBeLessThan(MARGIN);
}

/** How many of the calls fail. */
function failures(call: () => unknown): number {
  let count = 0;
  for (let time = 0; time < TIMES; time++) {
    try {
      call();
    } catch {
      count++;
    }
  }
  return count;
}

describe.skipIf(without('Windows'))('of what fails or ends no handle stays open (Windows):', () => {
  const unconnected = () => new Socket(AF_INET, SOCK_STREAM);
  const NOT_A_SOCKET = 4;
  const pollOf = (fd: number) => {
    const poller = poll();
    poller.register(fd, POLLIN);
    return poller;
  };

  test.each<[name: string, call: (socket: Socket<any>, server: Socket<any>) => unknown]>([
    ['accept', (_socket, server) => server.accept()],
    ['bind', (socket, server) => socket.bind(server.getsockname())],
    ['connect', (socket) => socket.connect(['127.0.0.1', 0])],
    ['createConnection', () => createConnection(['127.0.0.1', 0])],
    ['createServer', (_socket, server) => createServer(server.getsockname())],
    ['dup', () => dup(NOT_A_SOCKET)],
    ['fromfd', () => fromfd(NOT_A_SOCKET, AF_INET, SOCK_STREAM)],
    ['fromshare', () => fromshare(Buffer.alloc(628))],
    ['getaddrinfo', () => getaddrinfo('1.2.3.4.5', 80, { flags: AI_NUMERICHOST })],
    ['ioctl', (socket) => socket.ioctl(SIO_RCVALL!, 1)],
    ['makefile', (socket) => socket.makefile('rb').read(1)],
    ['poll', () => pollOf(NOT_A_SOCKET).poll(0)],
    ['recv', (socket) => socket.recv(1)],
    ['recvmsg', (socket) => socket.recvmsg(1, 100)],
    ['select', () => select([NOT_A_SOCKET], [], [], 0)],
    ['send', (socket) => socket.send(Buffer.from('x'))],
    ['setsockopt', (socket) => socket.setsockopt(SOL_SOCKET, 0x7777, 1)],
    ['share', (socket) => socket.share(NOT_A_SOCKET)],
    ['socket', () => new Socket(AF_INET, 77)],
    ['socketpair', () => socketpair(AF_INET, SOCK_DGRAM)],
  ])('%s', { timeout: 120_000 }, async (_name, call) => {
    using server = createServer(['127.0.0.1', 0]);
    server.settimeout(0);
    using socket = unconnected();
    // What is loaded with the first call stays.
    expect(() => call(socket, server)).toThrow();
    await leavesNone(() => expect(failures(() => call(socket, server))).toBe(TIMES));
  });

  const waiting = () => {
    const socket = new promises.Socket(AF_INET, SOCK_DGRAM);
    socket.bind(['127.0.0.1', 0]);
    return socket;
  };

  test.each<[name: string, call: (socket: promises.Socket<any>) => Promise<unknown>]>([
    ['a connect with promises', async () => promises.createConnection(['127.0.0.1', 0])],
    [
      'a receive that was aborted',
      (socket) => {
        const controller = new AbortController();
        const received = socket.recv(1, { signal: controller.signal });
        controller.abort();
        return received;
      },
    ],
    ['a receive whose time is over', (socket) => socket.recv(1)],
    [
      'a receive whose socket is closed',
      () => {
        const closed = waiting();
        const received = closed.recv(1);
        setImmediate(() => closed.close());
        return received;
      },
    ],
  ])('%s', { timeout: 120_000 }, async (_name, call) => {
    using socket = waiting();
    socket.settimeout(0.1);
    await expect(call(socket)).rejects.toThrow();
    await leavesNone(async () => {
      for (let time = 0; time < TIMES; time += 100) {
        const ends = await Promise.allSettled(Array.from({ length: 100 }, () => call(socket)));
        expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
      }
    });
  });

  test('connections that were accepted and closed', { timeout: 120_000 }, async () => {
    using server = createServer(['127.0.0.1', 0]);
    await leavesNone(() => {
      for (let time = 0; time < TIMES; time++) {
        using client = new Socket();
        // A reset frees the port at once.
        client.setOption(options.SO_LINGER, 0);
        client.connect(server.getsockname());
        server.accept()[0].close();
      }
    });
  });
});
