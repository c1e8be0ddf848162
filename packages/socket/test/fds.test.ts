import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AF_UNIX,
  addAuditHook,
  MSG_CTRUNC,
  MSG_PEEK,
  newSockaddr,
  OSError,
  recvFds,
  registerFamily,
  ScmRights,
  SHUT_WR,
  SO_PASSCRED,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  sendFds,
  socketpair,
} from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { expect, onTestFinished, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { openDescriptors } from './open-descriptors';

const text = (value: string) => Buffer.from(value);

function pair(type: number = SOCK_STREAM): [Socket<typeof AF_UNIX>, Socket<typeof AF_UNIX>] {
  const sockets = socketpair(AF_UNIX, type);
  for (const socket of sockets) {
    socket.settimeout(20);
    onTestFinished(() => socket.close());
  }
  return sockets;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fds-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A temporary file that is open. */
function openFile(content: string): number {
  const fd = openSync(join(temporaryFolder(), 'file'), 'w+');
  onTestFinished(() => closeSync(fd));
  writeSync(fd, content);
  return fd;
}

function closeAll(fds: number[]): void {
  for (const fd of fds) closeSync(fd);
}

function contentOf(fd: number): string {
  const buffer = Buffer.alloc(100);
  return buffer.toString('utf8', 0, readSync(fd, buffer, 0, 100, 0));
}

function isCloseOnExec(fd: number): boolean {
  const [, flags] = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))!;
  return (Number.parseInt(flags!, 8) & 0o2000000) !== 0;
}

test('descriptors arrive as duplicates that are close-on-exec', () => {
  const [a, b] = pair();
  const files = [openFile('one'), openFile('two')];
  expect(sendFds(a, [text('two '), text('files')], files)).toBe(9);
  const [msg, fds, flags, address] = recvFds(b, 100, 2);
  expect([msg, flags, address]).toEqual([text('two files'), 0, undefined]);
  expect(fds.map(contentOf)).toEqual(['one', 'two']);
  expect(fds.map((fd) => fstatSync(fd).ino)).toEqual(files.map((fd) => fstatSync(fd).ino));
  expect(fds.map(isCloseOnExec)).toEqual([true, true]);
  closeAll(fds);
});

test('a received socket becomes a socket object', () => {
  const [a, b] = pair();
  const [c, d] = pair();
  sendFds(a, [text('x')], new Set([c.fileno()]));
  using socket = new Socket({ fileno: recvFds(b, 1, 1)[1][0]! });
  c.close();
  socket.sendmsg([text('through')]);
  expect(d.recv(10)).toEqual(text('through'));
});

test('more descriptors than wanted are closed and reported', () => {
  const [a, b] = pair();
  const file = openFile('');
  const before = openDescriptors().length;
  for (const maxfds of [0, 1, 2]) {
    sendFds(a, [text('x')], [file, file, file]);
    const [, fds, flags] = recvFds(b, 1, maxfds);
    expect([fds.length, flags]).toEqual([maxfds, MSG_CTRUNC]);
    closeAll(fds);
  }
  sendFds(a, [text('x')], [file]);
  expect(b.recvmsg(1)).toEqual([text('x'), [], MSG_CTRUNC, undefined]);
  sendFds(a, [text('x')], [file]);
  expect(b.recv(1)).toEqual(text('x'));
  expect(openDescriptors().length).toBe(before);
});

test('descriptors of two messages stay apart', () => {
  const [a, b] = pair();
  const file = openFile('');
  sendFds(a, [text('a')], [file]);
  sendFds(a, [text('b')], [file, file]);
  for (const [letter, count] of [
    ['a', 1],
    ['b', 2],
  ] as const) {
    const [msg, fds] = recvFds(b, 10, 10);
    expect([msg, fds.length]).toEqual([text(letter), count]);
    closeAll(fds);
  }
});

test('MSG_PEEK gives duplicates each time', () => {
  const [a, b] = pair();
  const file = openFile('peeked');
  sendFds(a, [text('x')], [file]);
  const [peeked] = recvFds(b, 1, 1, MSG_PEEK)[1];
  const [received] = recvFds(b, 1, 1)[1];
  expect(peeked).not.toBe(received);
  expect([peeked!, received!].map(contentOf)).toEqual(['peeked', 'peeked']);
  closeAll([peeked!, received!]);
});

test('Linux takes 253 descriptors in a message and no more', () => {
  const [a, b] = pair();
  const file = openFile('');
  sendFds(a, [text('x')], new Array(253).fill(file));
  const [, fds] = recvFds(b, 1, 300);
  expect(new Set(fds).size).toBe(253);
  closeAll(fds);
  expect(() => sendFds(a, [text('x')], new Array(254).fill(file))).toThrow(
    expect.objectContaining({ code: 'EINVAL', syscall: 'sendmsg' }),
  );
});

test.each([1, 2, 255, 256, 257, 1000])('with room for %i as many come as fit, and the rest is closed', (maxfds) => {
  const [a, b] = pair();
  const file = openFile('in order');
  const files = [file, ...new Array(199).fill(a)];
  const before = openDescriptors().length;
  sendFds(a, [text('abc')], files);
  const [msg, fds, flags] = recvFds(b, 100, maxfds);
  expect([msg, fds.length, flags]).toEqual([text('abc'), Math.min(maxfds, 200), maxfds < 200 ? MSG_CTRUNC : 0]);
  expect(openDescriptors().length).toBe(before + fds.length);
  expect(contentOf(fds[0]!)).toBe('in order');
  expect(fds.every(isCloseOnExec)).toBe(true);
  closeAll(fds);
});

test.each([3, 300])('other control messages beside them are passed over, with room for %i', (maxfds) => {
  const [a, b] = pair();
  b.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
  const file = openFile('beside credentials');
  const before = openDescriptors().length;
  sendFds(a, [text('x')], [file]);
  const [msg, fds] = recvFds(b, 10, maxfds);
  // With room for three, credentials fill it, and the descriptor is closed by the kernel.
  expect([msg, ...fds.map(contentOf)]).toEqual([text('x'), ...(maxfds === 3 ? [] : ['beside credentials'])]);
  closeAll(fds);
  expect(openDescriptors().length).toBe(before);
});

test('a hook that passes descriptors itself changes nothing of the call', () => {
  const [a, b] = pair();
  const [c, d] = pair();
  const [outer, inner] = [openFile('outer'), openFile('inner')];
  let within = false;
  const remove = addAuditHook((event) => {
    if (event !== 'socket.sendmsg' || within) return;
    within = true;
    sendFds(c, [text('inner message')], [inner, inner]);
  });
  onTestFinished(remove);
  expect(sendFds(a, [text('outer')], [outer])).toBe(5);
  for (const [socket, message, contents] of [
    [b, 'outer', ['outer']],
    [d, 'inner message', ['inner', 'inner']],
  ] as const) {
    const [msg, fds] = recvFds(socket, 100, 10);
    expect([`${msg}`, fds.map(contentOf)]).toEqual([message, contents]);
    closeAll(fds);
  }
});

test('errors name the system call, and begin at the caller', () => {
  const [a, b] = pair();
  b.settimeout(0.01);
  b.shutdown(SHUT_WR);
  function sends() {
    sendFds(b, [text('x')], [0]);
  }
  function receives() {
    recvFds(b, 1, 1);
  }
  for (const [call, details] of [
    [sends, { code: 'EPIPE', syscall: 'sendmsg' }],
    [receives, { code: 'ETIMEDOUT', syscall: 'recvmsg' }],
  ] as const) {
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject(details);
    expect((thrown as Error).stack).toMatch(new RegExp(`\\n    at (sendFds|recvFds) .*\\n    at ${call.name} `));
  }
  a.close();
  expect(() => sendFds(a, [text('x')], [0])).toThrow(/the socket is closed/);
  expect(() => recvFds(a, 1, 1)).toThrow(/the socket is closed/);
});

test('no descriptors are sent as a message without any', () => {
  const [a, b] = pair();
  expect(sendFds(a, [text('x')], [])).toBe(1);
  expect(recvFds(b, 1, 5)).toEqual([text('x'), [], 0, undefined]);
});

test('over datagrams to an address', () => {
  const path = join(temporaryFolder(), 'receiver');
  using a = new Socket(AF_UNIX, SOCK_DGRAM);
  using b = new Socket(AF_UNIX, SOCK_DGRAM);
  b.bind(path);
  sendFds(a, [], [openFile('datagram')], 0, path);
  const [msg, fds] = recvFds(b, 10, 1);
  expect([msg.length, ...fds.map(contentOf)]).toEqual([0, 'datagram']);
  closeAll(fds);
});

test('wrong arguments are named', () => {
  const [a, b] = pair();
  const any = (value: unknown) => value as never;
  expect(() => sendFds(a, [], any(5))).toThrow(/^fds: expected an array or other iterable of descriptors/);
  expect(() => sendFds(a, [], any(['1']))).toThrow(/^fds\[0\]: /);
  expect(() => sendFds(a, [], [0, 2 ** 31])).toThrow(/^fds\[1\]: /);
  expect(() => sendFds(a, [], new Array(1))).toThrow(/^fds\[0\]: /);
  expect(() => sendFds(a, any('x'), [0])).toThrow(/^buffers: /);
  expect(() => recvFds(b, 1, -1)).toThrow(/^maxfds: /);
  expect(() => recvFds(b, 1, 2 ** 29 - 4)).toThrow(/^maxfds: expected an integer from 0 to 536870907/);
  expect(() => recvFds(b, -1, 1)).toThrow(/^bufsize: /);
});

test('a socket of the other module is refused, and what it holds stays', async () => {
  const [a, b] = pair();
  sendFds(a, [text('x')], [0]);
  const any = (value: unknown) => value as never;
  const refused = (module: string) =>
    expect.objectContaining({
      code: 'ERR_INVALID_ARG_TYPE',
      message: expect.stringMatching(`^sock: expected .*${module}, got`),
    });
  await expect(promises.recvFds(any(b), 1, 1)).rejects.toThrow(refused('socket/promises'));
  await expect(promises.sendFds(any(a), [text('x')], [0])).rejects.toThrow(refused('socket/promises'));
  using other = promises.Socket.from(b);
  for (const sock of [other, 5, undefined]) {
    expect(() => recvFds(any(sock), 1, 1)).toThrow(refused('socket'));
    expect(() => sendFds(any(sock), [text('x')], [0])).toThrow(refused('socket'));
  }
  const [data, fds] = await promises.recvFds(other, 1, 1);
  expect([data.toString(), fds.length]).toEqual(['x', 1]);
  closeAll(fds);
});

test('10,000 failing sends with descriptors leave none open', () => {
  const [a] = pair();
  const [c, d] = pair();
  d.close();
  const file = openFile('');
  const before = openDescriptors().length;
  for (let count = 0; count < 5000; count++) {
    expect(() => sendFds(a, [text('x')], [file, 987654])).toThrow(OSError);
    expect(() => sendFds(c, [text('x')], [file])).toThrow(OSError);
  }
  expect(openDescriptors().length).toBe(before);
});

test('10,000 truncated receives leave none open', () => {
  const [a, b] = pair();
  const file = openFile('');
  const before = openDescriptors().length;
  for (let count = 0; count < 10_000; count++) {
    sendFds(a, [text('x')], [file, file]);
    closeAll(recvFds(b, 1, count % 3)[1]);
  }
  expect(openDescriptors().length).toBe(before);
});

test('descriptors are closed if the address cannot be decoded', () => {
  const family = registerFamily<never, string>({
    number: 249,
    name: 'AF_UNREADABLE',
    encode: () => newSockaddr(249, 2),
    decode() {
      throw new Error('unreadable');
    },
  });
  const path = join(temporaryFolder(), 'sender');
  using sender = new Socket(AF_UNIX, SOCK_DGRAM);
  sender.bind(path);
  using receiver = new Socket(AF_UNIX, SOCK_DGRAM);
  receiver.bind(`${path}-2`);
  const fileno = receiver.detach();
  using unreadable = new Socket({ family, type: SOCK_DGRAM, proto: 0, fileno });
  const file = openFile('');
  const before = openDescriptors().length;
  for (let count = 0; count < 100; count++) {
    for (const receive of [
      () => recvFds(unreadable, 1, 3),
      () => unreadable.recvmsg(1, 100),
      () => unreadable.recvmsgInto([Buffer.alloc(1)], 100),
    ]) {
      sendFds(sender, [text('x')], [file, file, file], 0, `${path}-2`);
      expect(receive).toThrow('unreadable');
    }
  }
  expect(openDescriptors().length).toBe(before);
});

const peer = `
import os, socket, sys
with socket.socket(socket.AF_UNIX) as s:
    s.settimeout(20)
    s.connect(sys.argv[1])
    msg, fds, flags, addr = socket.recv_fds(s, 100, 4)
    content = b' + '.join(os.pread(fd, 100, 0) for fd in fds)
    reader, writer = os.pipe()
    os.write(writer, content)
    socket.send_fds(s, [b'%d ' % len(fds), msg], [reader, *fds])
`;

test.skipIf(without('python3'))('descriptors go to CPython and back (python3)', async () => {
  const path = join(temporaryFolder(), 'server');
  using server = new Socket(AF_UNIX);
  server.settimeout(20);
  server.bind(path);
  server.listen();
  const child = spawn('python3', ['-c', peer, path], { stdio: ['ignore', 'inherit', 'inherit'] });
  const exit = once(child, 'exit');
  const [connection] = server.accept();
  using _connection = connection;
  connection.settimeout(20);
  const before = openDescriptors().length;
  sendFds(connection, [text('greetings')], [openFile('one'), openFile('two')]);
  const [msg, ancdata] = connection.recvmsg(100, 100);
  const fds = ScmRights.decode(ancdata)!;
  expect(msg.toString()).toBe('2 greetings');
  const pipe = Buffer.alloc(100);
  expect(pipe.toString('utf8', 0, readSync(fds[0]!, pipe))).toBe('one + two');
  expect(fds.slice(1).map(contentOf)).toEqual(['one', 'two']);
  closeAll(fds);
  expect(openDescriptors().length).toBe(before + 2);
  expect((await exit)[0]).toBe(0);
});
