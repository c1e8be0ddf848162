// What only Windows has, or has otherwise: `test:windows` runs it.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { native } from '@bsd-sockets/core-native';
import * as sockets from '@bsd-sockets/socket';
import {
  AF_INET,
  createServer,
  DefaultSelector,
  EVENT_READ,
  EVENT_WRITE,
  fromshare,
  GaiError,
  HError,
  OSError,
  SIO_KEEPALIVE_VALS,
  SIO_LOOPBACK_FAST_PATH,
  SIO_RCVALL,
  SO_EXCLUSIVEADDRUSE,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  siginterrupt,
  socketpair,
} from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { noSocket } from './platform';

const run = promisify(execFile);
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

describe.skipIf(without('Windows'))('Winsock (Windows)', () => {
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
      using socket = new Socket(AF_INET, SOCK_STREAM);
      const error = thrown(() => socket.connect(['no-such-host.invalid', 1]));
      expect(error).toMatchObject({ name: 'GaiError', code: 'EAI_NONAME', errno: 11001 });
      expect(error).not.toHaveProperty('winerror');
    });

    test('are named by the kind of call where numbers have several names', () => {
      // The number of WSAHOST_NOT_FOUND, which is EAI_NONAME to getaddrinfo, and HOST_NOT_FOUND to gethostbyname.
      expect(new GaiError(11001)).toMatchObject({ code: 'EAI_NONAME', errno: 11001 });
      expect(new HError(11001)).toMatchObject({ code: 'HOST_NOT_FOUND', errno: 11001 });
      // EAI_SOCKTYPE, and what socket() says.
      expect(new GaiError(10044)).toMatchObject({ code: 'EAI_SOCKTYPE' });
      expect(thrown(() => new Socket(AF_INET, 77))).toMatchObject({ code: 'ESOCKTNOSUPPORT', winerror: 10044 });
      for (const error of [new GaiError(11001), new HError(11001)]) expect(error).not.toHaveProperty('winerror');
    });

    test.each(['EINTR', 'EBADF', 'EACCES', 'EFAULT', 'EINVAL', 'EMFILE'])('%s has the number of C', (code) => {
      const errno = native.errnos[code]!;
      expect(errno).toBeLessThan(100);
      expect(new OSError(errno)).toMatchObject({ code, errno, winerror: errno + 10_000 });
    });

    test('of C that Winsock does not have has no number of Winsock', () => {
      expect(new OSError(native.errnos.ENOENT!)).toMatchObject({ code: 'ENOENT', errno: 2 });
      expect(new OSError(native.errnos.ENOENT!)).not.toHaveProperty('winerror');
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

  test('structures lie as was measured in the headers', () => {
    const measured = readFileSync(new URL('../../core-native/test/platforms.json', import.meta.url), 'utf8');
    expect(native.layout).toEqual(JSON.parse(measured)['win32-x64'].layout);
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

  test('the names are there that docs/python.md promises for Windows', () => {
    const rows = readFileSync(new URL('python-socket-names.tsv', import.meta.url), 'utf8').split('\n');
    const constants = rows.map((row) => row.split('\t')).filter(([kind]) => kind === 'constant');
    const promised = constants.filter(([, , , , version]) => version !== '-' && version !== 'bsd');
    expect(promised.length).toBeGreaterThan(180);
    const isMissing = ([, name]: string[]) => (sockets as Record<string, unknown>)[name!] === undefined;
    // The headers of mingw-w64 do not have it; the other has another name here.
    const excepted = ['TCP_QUICKACK', 'has_ipv6'];
    expect(promised.filter(isMissing).filter(([, name]) => !excepted.includes(name!))).toEqual([]);
  });

  describe.each([
    ['blocking', DefaultSelector],
    ['promises', promises.DefaultSelector],
  ])('a selector, %s', (_face, Selector) => {
    test('tells what is ready, and what it is told', async () => {
      const [first, second] = socketpair();
      using server = createServer(['127.0.0.1', 0]);
      using selector = new Selector<string>();
      expect(selector.fileno()).toBe(-1);
      selector.register(server, EVENT_READ, 'server');
      const key = selector.register(first, EVENT_READ, 'first');
      expect(await selector.select(0.01)).toEqual([]);
      second.send(Buffer.from('x'));
      expect(await selector.select(5)).toEqual([[key, EVENT_READ]]);
      const changed = selector.modify(first, EVENT_READ | EVENT_WRITE, 'both');
      expect(await selector.select()).toEqual([[changed, EVENT_READ | EVENT_WRITE]]);
      first.recv(1);
      selector.modify(first, EVENT_READ, 'first');
      using client = new Socket();
      client.setblocking(false);
      client.connectEx(server.getsockname());
      expect((await selector.select(5)).map(([{ data }]) => data)).toEqual(['server']);
      selector.unregister(server);
      second.close();
      expect((await selector.select(5)).map(([{ data }, events]) => [data, events])).toEqual([['first', EVENT_READ]]);
      first.close();
      await expect((async () => selector.select(0))()).rejects.toMatchObject({ code: 'ENOTSOCK' });
      expect(selector.unregister(first).data).toBe('first');
      expect(await selector.select(0)).toEqual([]);
      selector.close();
      expect(() => selector.register(server, EVENT_READ, '')).toThrow(/EBADF.*the selector is closed/);
      await expect((async () => selector.select(0))()).rejects.toMatchObject({ code: 'EBADF' });
    });
  });

  test('a selector of promises sees what changes while it waits, and ends', async () => {
    const [first, second] = socketpair();
    using selector = new promises.DefaultSelector<string>();
    const ready = selector.select();
    selector.register(first, EVENT_READ, 'late');
    await sleep(20);
    second.send(Buffer.from('x'));
    expect((await ready).map(([{ data }]) => data)).toEqual(['late']);
    first.recv(1);
    const start = performance.now();
    expect(await selector.select(0.05)).toEqual([]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(45);
    await expect(selector.select(5, { signal: AbortSignal.timeout(10) })).rejects.toMatchObject({ name: 'AbortError' });
    const waiting = selector.select();
    setTimeout(() => selector.close(), 10);
    await expect(waiting).rejects.toMatchObject({ code: 'ECANCELED' });
    first.close();
    second.close();
  });

  test('no signal ends a call, which siginterrupt says', () => {
    const error = { code: 'EOPNOTSUPP', message: expect.stringContaining('Windows has no signal') };
    expect(() => siginterrupt('SIGINT')).toThrow(expect.objectContaining(error));
  });

  test('a server does not let others take its port', () => {
    using server = createServer(['127.0.0.1', 0]);
    expect(server.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(0);
    using other = new Socket(AF_INET, SOCK_STREAM);
    other.setsockopt(SOL_SOCKET, SO_EXCLUSIVEADDRUSE!, 1);
    expect(['EADDRINUSE', 'EACCES']).toContain(thrown(() => other.bind(server.getsockname())).code);
  });

  describe('ioctl', () => {
    const [on, idle, interval] = [1, 10_000, 3000];

    test.each([
      ['SIO_KEEPALIVE_VALS', [on, idle, interval]],
      ['SIO_KEEPALIVE_VALS', [0, 0, 0]],
      ['SIO_KEEPALIVE_VALS', [on, 2 ** 32 - 1, 2 ** 32 - 1]],
    ] as const)('%s takes %j', (_name, option) => {
      const [first, second] = socketpair();
      expect(first.ioctl(SIO_KEEPALIVE_VALS!, option as [number, number, number])).toBeUndefined();
      first.close();
      second.close();
    });

    const triple = expect.stringMatching(/^option: expected an array \[on, milliseconds of idleness, /);
    const type = 'ERR_INVALID_ARG_TYPE';
    const range = 'ERR_OUT_OF_RANGE';
    const number = expect.stringMatching(/^option: expected an? (integer|number)/);
    const controls = { SIO_KEEPALIVE_VALS, SIO_RCVALL, SIO_LOOPBACK_FAST_PATH };
    test.each<[name: keyof typeof controls, option: unknown, error: object]>([
      ['SIO_KEEPALIVE_VALS', on, { code: type, message: triple }],
      ['SIO_KEEPALIVE_VALS', undefined, { code: type, message: triple }],
      ['SIO_KEEPALIVE_VALS', [on, idle], { code: type, message: triple }],
      ['SIO_KEEPALIVE_VALS', [on, idle, interval, 0], { code: type, message: triple }],
      ['SIO_KEEPALIVE_VALS', Uint32Array.of(on, idle, interval), { code: type, message: triple }],
      ['SIO_KEEPALIVE_VALS', [true, idle, interval], { code: type, message: number }],
      ['SIO_KEEPALIVE_VALS', [on, '10000', interval], { code: type, message: number }],
      ['SIO_KEEPALIVE_VALS', [on, undefined, interval], { code: type, message: number }],
      ['SIO_KEEPALIVE_VALS', [on, -1, interval], { code: range, message: number }],
      ['SIO_KEEPALIVE_VALS', [on, idle, 2 ** 32], { code: range, message: number }],
      ['SIO_KEEPALIVE_VALS', [on, idle, 0.5], { code: range, message: number }],
      ['SIO_RCVALL', [1, 2, 3], { code: type, message: number }],
      ['SIO_LOOPBACK_FAST_PATH', -1, { code: range, message: number }],
    ])('%s does not take %j', (name, option, error) => {
      const [first, second] = socketpair();
      expect(thrown(() => first.ioctl(controls[name]!, option as number))).toMatchObject(error);
      first.close();
      expect(thrown(() => first.ioctl(SIO_KEEPALIVE_VALS!, [on, idle, interval]))).toMatchObject(noSocket);
      second.close();
    });

    test('knows three controls, and no other', () => {
      using socket = new Socket();
      for (const control of [0, 1, 0x4004667f]) {
        expect(thrown(() => socket.ioctl(control, 1)).message).toMatch(/^control: expected SIO_RCVALL/);
      }
    });
  });

  test('a socket is shared with another process, which sends 100 MB', { timeout: 60_000 }, async () => {
    const program = `
      const { fromshare } = require(process.argv[1]);
      process.stdin.once('data', (info) => {
        const socket = fromshare(Buffer.from(info.toString(), 'hex'));
        const megabyte = Buffer.alloc(1_000_000, 7);
        for (let count = 0; count < 100; count++) socket.sendall(megabyte);
        socket.close();
        process.exit();
      });`;
    const child = spawn(process.execPath, ['-e', program, library], { stdio: ['pipe', 'inherit', 'inherit'] });
    const [here, there] = promises.socketpair();
    child.stdin!.write(there.share(child.pid!).toString('hex'));
    there.close();
    const buffer = Buffer.alloc(1_000_000);
    let received = 0;
    let wrong = 0;
    for (let count = await here.recvInto(buffer); count > 0; count = await here.recvInto(buffer)) {
      received += count;
      for (let index = 0; index < count; index += 997) if (buffer[index] !== 7) wrong++;
    }
    expect([received, wrong]).toEqual([100_000_000, 0]);
    here.close();
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  });

  test('what share did not return makes no socket', () => {
    expect(thrown(() => fromshare(Buffer.alloc(3)))).toMatchObject({ code: 'EINVAL', syscall: 'fromshare' });
  });

  test('two loops that wait for one listener sleep, and both accept', { timeout: 60_000 }, async () => {
    // A process of its own: the runner's would count too.
    const program = `
      const { once } = require('node:events');
      const { Worker } = require('node:worker_threads');
      const { createServer, Socket } = require(process.argv[1]);
      const child = \`
        const { parentPort, workerData } = require('node:worker_threads');
        const { Socket } = require(workerData.library);
        const server = new Socket({ fileno: workerData.fd });
        server.accept().then(([socket]) => {
          socket.close();
          server.close();
          parentPort.postMessage('accepted');
        });
        parentPort.postMessage('waits');\`;
      (async () => {
        const server = await createServer(['127.0.0.1', 0]);
        const workerData = { library: process.argv[1], fd: server.dup().detach() };
        const worker = new Worker(child, { eval: true, workerData });
        await once(worker, 'message');
        let left = 2;
        server.accept().then(([socket]) => {
          socket.close();
          left--;
        });
        worker.once('message', () => left--);
        await new Promise((resolve) => setTimeout(resolve, 500));
        const before = process.cpuUsage();
        await new Promise((resolve) => setTimeout(resolve, 2000));
        const { user, system } = process.cpuUsage(before);
        for (let count = 0; count < 50 && left > 0; count++) {
          const client = new Socket();
          await client.connect(server.getsockname());
          await new Promise((resolve) => setTimeout(resolve, 50));
          client.close();
        }
        console.log(JSON.stringify({ busy: (user + system) / 1000, left }));
        process.exit();
      })();`;
    const { stdout } = await run(process.execPath, ['-e', program, promiseLibrary]);
    const { busy, left } = JSON.parse(stdout);
    expect(left).toBe(0);
    expect(busy).toBeLessThan(20);
  });

  describe.concurrent('a worker is ended in', () => {
    test.each([
      ['recv', 'pair[0].recv(1)'],
      ['recv with MSG_WAITALL', "pair[1].send(Buffer.from('x')); pair[0].recv(2, S.MSG_WAITALL)"],
      ['recv with a timeout', 'pair[0].settimeout(600); pair[0].recv(1)'],
      ['recvInto', 'pair[0].recvInto(Buffer.alloc(1))'],
      ['recvmsg', 'pair[0].recvmsg(1, 100)'],
      ['recvmsgInto', 'pair[0].recvmsgInto([Buffer.alloc(1)])'],
      ['recvmmsg', 'bound().recvmmsg(2, 10)'],
      ['recvfrom', 'bound().recvfrom(1)'],
      ['recvfromInto', 'bound().recvfromInto(Buffer.alloc(1))'],
      ['readline of a file', "pair[0].makefile('r').readline()"],
      ['accept', "S.createServer(['127.0.0.1', 0]).accept()"],
      ['connect', 'new S.Socket().connect(full())'],
      // The system takes all of the first that there is not room for, however long it is: only the next waits.
      ['send', 'for (;;) pair[0].send(Buffer.alloc(1e6))'],
      ['sendall', 'for (;;) pair[0].sendall(Buffer.alloc(1e6))'],
      ['sendmsg', 'for (;;) pair[0].sendmsg([Buffer.alloc(1e6)])'],
      ['sendfile', 'for (;;) pair[0].sendfile(process.execPath)'],
      ['select', 'S.select([pair[0]], [], [])'],
      ['poll', 'const p = S.poll(); p.register(pair[0], S.POLLIN); p.poll()'],
      ['a selector', 'const s = new S.DefaultSelector(); s.register(pair[0], S.EVENT_READ); s.select()'],
    ])('%s, which closes its sockets', { timeout: 60_000 }, async (_name, call) => {
      using server = await promises.createServer(['127.0.0.1', 0]);
      const program = `
        const { parentPort, workerData } = require('node:worker_threads');
        const S = require(workerData.library);
        const pair = S.socketpair();
        const own = S.createConnection(workerData.address);
        const bound = () => {
          const socket = new S.Socket(S.AF_INET, S.SOCK_DGRAM);
          socket.bind(['127.0.0.1', 0]);
          return socket;
        };
        // A server whose backlog takes no more: of Windows the next connect waits before it is refused.
        const full = () => {
          const server = S.createServer(['127.0.0.1', 0], { backlog: 0 });
          const address = server.getsockname();
          for (globalThis.clients = [server]; ; ) {
            const client = new S.Socket();
            clients.push(client);
            client.settimeout(0.3);
            if (client.connectEx(address) !== 0) return address;
          }
        };
        parentPort.postMessage('waits');
        ${call};
        parentPort.postMessage('came back');`;
      const worker = new Worker(program, { eval: true, workerData: { library, address: server.getsockname() } });
      await once(worker, 'message');
      const [peer] = await server.accept();
      worker.once('message', expect.unreachable);
      await sleep(1000);
      expect(await worker.terminate()).toBe(1);
      const end = await peer.recv(1).catch((error) => error.code);
      expect([Buffer.alloc(0), 'ECONNRESET']).toContainEqual(end);
      peer.close();
    });
  });
});
