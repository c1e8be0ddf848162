import { describe, expect, test } from 'vitest';
import { runProgram } from './program';

// Each ends in a call that has to wait, though poll(2) calls its socket ready.
const LINGERING: [situation: string, body: string][] = [
  [
    'sendto a unix datagram socket whose queue is full',
    `const receiver = new sockets.Socket(sockets.AF_UNIX, sockets.SOCK_DGRAM);
     receiver.bind('');
     const socket = new sockets.Socket(sockets.AF_UNIX, sockets.SOCK_DGRAM);
     socket.setblocking(false);
     try { for (;;) socket.sendto(Buffer.from('x'), receiver.getsockname()); } catch {}
     const call = () => socket.sendto(Buffer.from('x'), receiver.getsockname());`,
  ],
  [
    'sendmsg to it',
    `const receiver = new sockets.Socket(sockets.AF_UNIX, sockets.SOCK_DGRAM);
     receiver.bind('');
     const socket = new sockets.Socket(sockets.AF_UNIX, sockets.SOCK_DGRAM);
     socket.setblocking(false);
     try { for (;;) socket.sendto(Buffer.from('x'), receiver.getsockname()); } catch {}
     const call = () => socket.sendmsg([Buffer.from('x')], [], 0, receiver.getsockname());`,
  ],
  [
    'connect to a unix socket whose backlog is full',
    `const server = new sockets.Socket(sockets.AF_UNIX);
     server.bind('');
     server.listen(0);
     const other = new sockets.Socket(sockets.AF_UNIX);
     other.connect(server.getsockname());
     const socket = new sockets.Socket(sockets.AF_UNIX);
     const call = () => socket.connect(server.getsockname());`,
  ],
  [
    'recv while the error queue has something',
    `const socket = new sockets.Socket(sockets.AF_INET, sockets.SOCK_DGRAM);
     socket.setsockopt(sockets.IPPROTO_IP, sockets.IP_RECVERR, 1);
     socket.connect(['127.0.0.1', 9]);
     socket.send(Buffer.from('x'));
     sleep(0.05);
     try { socket.recv(1, sockets.MSG_DONTWAIT); } catch {}
     const call = () => socket.recv(1);`,
  ],
  [
    'send after MSG_ZEROCOPY on a full stream',
    `const server = sockets.createServer(['127.0.0.1', 0]);
     const socket = sockets.createConnection(server.getsockname());
     const peer = server.accept();
     socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_ZEROCOPY, 1);
     socket.send(Buffer.alloc(1000), sockets.MSG_ZEROCOPY);
     sleep(0.05);
     const call = () => socket.sendall(Buffer.alloc(1e8));`,
  ],
  [
    'recv that peeks behind all there is',
    `const [socket, peer] = sockets.socketpair(sockets.AF_UNIX, sockets.SOCK_DGRAM);
     socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_PEEK_OFF, 10);
     peer.send(Buffer.from('x'));
     const call = () => socket.recv(1, sockets.MSG_PEEK);`,
  ],
];

describe.concurrent.each(LINGERING)('%s', (_situation, body) => {
  test('takes next to no processor time with a timeout', async () => {
    const { said, stderr } = await runProgram(`
      ${body}
      socket.settimeout(1);
      const before = process.cpuUsage();
      const begin = performance.now();
      say(outcome(call));
      const { user, system } = process.cpuUsage(before);
      say({ seconds: (performance.now() - begin) / 1000, milliseconds: (user + system) / 1000 });
      process.exit();
    `);
    expect(stderr).toBe('');
    expect(said[0]).toBe('ETIMEDOUT');
    expect(said[1].seconds).toBeGreaterThanOrEqual(1);
    // A spin takes 1000; sent data themselves take some, more under the sanitizers.
    expect(said[1].milliseconds).toBeLessThan(400);
  });

  test.each(['terminate', 'exit'])('does not hold up %s in a worker', async (how) => {
    const { said, stderr, code, signal } = await runProgram(
      `
      const { Worker } = require('node:worker_threads');
      const { once } = require('node:events');
      const pause = require('node:timers/promises').setTimeout;
      const body = \`
        const { parentPort, workerData } = require('node:worker_threads');
        const sockets = require(workerData);
        const sleep = (seconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
        \` + args[0] + \`
        socket.settimeout(null);
        parentPort.postMessage('ready');
        call();
      \`;
      const measure = async (body) => {
        const worker = new Worker(body, { eval: true, workerData: process.argv[1] });
        await once(worker, 'message');
        await pause(300);
        const before = process.cpuUsage();
        await pause(500);
        const { user, system } = process.cpuUsage(before);
        const begin = Date.now();
        if (args[1] === 'terminate') await worker.terminate();
        return { used: (user + system) / 1000, took: Date.now() - begin };
      };
      (async () => {
        // What the end of any worker takes, which on a busy machine is more, and differs.
        const idle = "require('node:worker_threads').parentPort.postMessage(0); setInterval(() => {}, 1000);";
        for (let round = 0; round < (args[1] === 'exit' ? 1 : 2); round++) say([await measure(body), await measure(idle)]);
        if (args[1] === 'exit') say(Date.now());
        process.exit();
      })();
      `,
      { args: [body, how] },
    );
    const ended = Date.now();
    expect({ stderr, code, signal }).toEqual({ stderr: '', code: 0, signal: null });
    const rounds = said.filter(Array.isArray);
    // A spin takes 500.
    expect(Math.min(...rounds.map(([{ used }]) => used))).toBeLessThan(200);
    if (how === 'terminate')
      expect(Math.min(...rounds.map(([wait, idle]) => wait.took - idle.took))).toBeLessThan(1000);
    else expect(ended - said.at(-1)).toBeLessThan(2000);
  });
});

test.concurrent.each(['recv', 'recvmsg'])(
  '%s of a datagram socket has the end once that is shut down, in a worker too',
  async (name) => {
    const program = `
    const socket = new sockets.Socket(sockets.AF_INET, sockets.SOCK_DGRAM);
    socket.connect(['127.0.0.1', 9]);
    socket.shutdown(sockets.SHUT_RD);
    const ends = [null, 5].map((timeout) => {
      socket.settimeout(timeout);
      const data = socket.${name}(9);
      return (Array.isArray(data) ? data[0] : data).length;
    });
  `;
    const { said, stderr } = await runProgram(
      `${program}
     say(ends);
     const { Worker } = require('node:worker_threads');
     const prelude = 'const { workerData, parentPort } = require("worker_threads"); const sockets = require(workerData);';
     new Worker(prelude + args[0] + 'parentPort.postMessage(ends);', { eval: true, workerData: process.argv[1] })
       .on('message', say);`,
      { args: [program] },
    );
    expect({ said, stderr }).toEqual({
      said: [
        [0, 0],
        [0, 0],
      ],
      stderr: '',
    });
  },
);

test.concurrent('SO_RCVTIMEO and SO_SNDTIMEO do not begin anew when a signal comes', async () => {
  const { said, stderr } = await runProgram(`
    const { options, SO_RCVTIMEO, SO_SNDTIMEO, SOL_SOCKET } = sockets;
    const half = Buffer.alloc(16);
    half.writeBigInt64LE(500_000n, 8);
    const [a, b] = sockets.socketpair();
    a.setsockopt(SOL_SOCKET, SO_RCVTIMEO, half);
    a.setsockopt(SOL_SOCKET, SO_SNDTIMEO, half);
    process.on('SIGUSR1', () => {});
    const { spawn } = require('node:child_process');
    const line = 'for i in $(seq 30); do kill -USR1 ' + process.pid + '; sleep 0.1; done';
    const signals = spawn('sh', ['-c', line], { stdio: 'ignore' });
    sleep(0.2);
    say([outcome(() => a.recv(1)), seconds(() => outcome(() => a.recv(1)))]);
    say([outcome(() => a.sendall(Buffer.alloc(1e7))), seconds(() => outcome(() => a.sendall(Buffer.alloc(1e7))))]);
    signals.kill();
    process.exit();
  `);
  expect(stderr).toBe('');
  for (const [code, seconds] of said) {
    expect(code).toBe('EAGAIN');
    expect(seconds).toBeGreaterThan(0.45);
    // The signals, which must not begin it anew, go on for three seconds.
    expect(seconds).toBeLessThan(2.5);
  }
});
