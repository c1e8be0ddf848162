// What only Windows has, or has otherwise: `test:windows` runs it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { cpuUsage } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import {
  AF_INET,
  createServer,
  fromshare,
  type OSError,
  SIO_KEEPALIVE_VALS,
  SIO_RCVALL,
  SO_EXCLUSIVEADDRUSE,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  socketpair,
} from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';

const library = createRequire(import.meta.url).resolve('@bsd-sockets/socket');
const promiseLibrary = createRequire(import.meta.url).resolve('@bsd-sockets/socket/promises');

/** What a call throws. */
function thrown(call: () => unknown): OSError {
  try {
    call();
  } catch (error) {
    return error as OSError;
  }
  throw new Error('it threw nothing');
}

describe.runIf(SIO_RCVALL !== undefined)('on Windows', () => {
  describe('errors', () => {
    test("have Winsock's numbers, and the names of other platforms", () => {
      using socket = new Socket(AF_INET, SOCK_STREAM);
      const refused = thrown(() => socket.connect(['127.0.0.1', 1]));
      expect(refused).toMatchObject({ code: 'ECONNREFUSED', errno: 10061, winerror: 10061 });
    });

    test('that C has too have its numbers', () => {
      using socket = new Socket(AF_INET, SOCK_STREAM);
      expect(thrown(() => socket.getsockname())).toMatchObject({ code: 'EINVAL', errno: 22, winerror: 10022 });
    });

    test('of the resolver have its names for the same numbers', () => {
      const error = thrown(() => new Socket(AF_INET, SOCK_STREAM).connect(['no-such-host.invalid', 1]));
      expect(error).toMatchObject({ name: 'GaiError', code: 'EAI_NONAME', errno: 11001 });
      expect(error).not.toHaveProperty('winerror');
    });

    test('of a connect that goes on is EAGAIN', () => {
      using server = createServer(['127.0.0.1', 0]);
      using socket = new Socket(AF_INET, SOCK_STREAM);
      socket.setblocking(false);
      expect(socket.connectEx(server.getsockname())).toBe(10035);
    });

    test('of a datagram that is cut is EMSGSIZE, and recvmsg has what fits', () => {
      using receiver = new Socket(AF_INET, SOCK_DGRAM);
      receiver.bind(['127.0.0.1', 0]);
      using sender = new Socket(AF_INET, SOCK_DGRAM);
      sender.connect(receiver.getsockname());
      sender.send(Buffer.from('longer'));
      expect(thrown(() => receiver.recv(4))).toMatchObject({ code: 'EMSGSIZE', errno: 10040 });
      sender.send(Buffer.from('longer'));
      expect(receiver.recvmsg(4)[0].toString()).toBe('long');
    });
  });

  test('sendmsg gathers, and tells how much it sent, on streams and datagrams', () => {
    const [first, second] = socketpair();
    using receiver = new Socket(AF_INET, SOCK_DGRAM);
    receiver.bind(['127.0.0.1', 0]);
    using sender = new Socket(AF_INET, SOCK_DGRAM);
    const parts = [Buffer.from('ab'), Buffer.from('cde')];
    expect(first.sendmsg(parts)).toBe(5);
    expect(second.recvmsg(10)).toEqual([Buffer.from('abcde'), [], 0, undefined]);
    expect(sender.sendmsg(parts, [], 0, receiver.getsockname())).toBe(5);
    expect(receiver.recvmsg(10)[0].toString()).toBe('abcde');
    first.close();
    second.close();
  });

  test('a server does not let others take its port', () => {
    using server = createServer(['127.0.0.1', 0]);
    expect(server.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(0);
    using other = new Socket(AF_INET, SOCK_STREAM);
    other.setsockopt(SOL_SOCKET, SO_EXCLUSIVEADDRUSE!, 1);
    expect(['EADDRINUSE', 'EACCES']).toContain(thrown(() => other.bind(server.getsockname())).code);
  });

  test('ioctl takes the times of keep-alive as a triple, and nothing else', () => {
    const [first, second] = socketpair();
    first.ioctl(SIO_KEEPALIVE_VALS!, [1, 10_000, 3000]);
    expect(() => first.ioctl(SIO_KEEPALIVE_VALS!, 1)).toThrow(/option: expected an array/);
    expect(() => first.ioctl(1, 1)).toThrow(/control: expected SIO_RCVALL/);
    first.close();
    second.close();
  });

  test('a socket is shared with another process, which sends 1 MB', { timeout: 60_000 }, async () => {
    const program = `
      const { fromshare } = require(process.argv[1]);
      process.stdin.once('data', (info) => {
        const socket = fromshare(Buffer.from(info.toString(), 'hex'));
        socket.sendall(Buffer.alloc(1_000_000, 7));
        socket.close();
        process.exit();
      });`;
    const child = spawn(process.execPath, ['-e', program, library], { stdio: ['pipe', 'inherit', 'inherit'] });
    const [here, there] = promises.socketpair();
    child.stdin!.write(there.share(child.pid!).toString('hex'));
    let received = 0;
    while (received < 1_000_000) received += (await here.recv(65_536)).length;
    there.close();
    expect(await here.recv(1)).toHaveLength(0);
    here.close();
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  });

  test('what share did not return makes no socket', () => {
    expect(thrown(() => fromshare(Buffer.alloc(3)))).toMatchObject({ code: 'EINVAL', syscall: 'fromshare' });
  });

  test('two loops that wait for one listener do not keep each other awake, and both accept', {
    timeout: 60_000,
  }, async () => {
    const server = await promises.createServer(['127.0.0.1', 0]);
    const copy = server.dup();
    const program = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { Socket } = require(workerData.library);
      const server = new Socket({ fileno: workerData.fd });
      server.accept().then(([socket]) => {
        socket.close();
        server.close();
        parentPort.postMessage('accepted');
      });
      parentPort.postMessage('waits');`;
    const worker = new Worker(program, { eval: true, workerData: { library: promiseLibrary, fd: copy.detach() } });
    await once(worker, 'message');
    const accepted = server.accept();
    await sleep(200);
    const before = cpuUsage();
    await sleep(1000);
    const { user, system } = cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(200);
    const told = once(worker, 'message');
    const clients = [];
    let here = false;
    let elsewhere = false;
    accepted.then(() => (here = true));
    told.then(() => (elsewhere = true));
    for (let count = 0; count < 50 && !(here && elsewhere); count++) {
      const client = new promises.Socket(AF_INET, SOCK_STREAM);
      clients.push(client);
      await client.connect(server.getsockname());
      await sleep(50);
    }
    expect([here, elsewhere]).toEqual([true, true]);
    for (const client of clients) client.close();
    (await accepted)[0].close();
    server.close();
    await worker.terminate();
  });

  test('a worker is ended in a call that blocks', { timeout: 60_000 }, async () => {
    const program = `
      const { parentPort, workerData } = require('node:worker_threads');
      const [first] = require(workerData).socketpair();
      parentPort.postMessage('waits');
      first.recv(1);`;
    const worker = new Worker(program, { eval: true, workerData: library });
    await once(worker, 'message');
    await sleep(100);
    expect(await worker.terminate()).toBe(1);
  });
});
