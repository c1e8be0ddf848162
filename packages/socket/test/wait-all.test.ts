import { createConnection, createServer, SO_LINGER, SOL_SOCKET } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { runProgram, startProgram } from './program';

// `peer` has a shell write to the other end of a socket.
const HEAD = `
const { spawn } = require('node:child_process');
const peer = (script) => {
  const [a, b] = sockets.socketpair();
  spawn('sh', ['-c', script], { stdio: ['ignore', 'ignore', 'ignore', b.fileno()] });
  b.close();
  return a;
};
const { MSG_WAITALL } = sockets;
`;

const inWorker = (body: string) => `
  const { Worker } = require('node:worker_threads');
  const start = "const sockets = require(require('node:worker_threads').workerData);"
    + "const say = (value) => require('node:fs').writeSync(1, JSON.stringify(value) + '\\\\n');"
    + "const outcome = (call) => { try { return call(); } catch (error) { return error.code ?? error.message; } };";
  new Worker(start + ${JSON.stringify(HEAD + body)}, { eval: true, workerData: process.argv[1] });
`;

const places: [place: string, program: (body: string) => string][] = [
  ['the main thread', (body) => HEAD + body],
  ['a worker', inWorker],
  ['the main thread, whose waits a signal may end', (body) => `sockets.siginterrupt('SIGUSR2');${HEAD}${body}`],
];

describe.skipIf(without('inherited descriptors')).each(places)(
  'MSG_WAITALL in %s (inherited descriptors)',
  (_place, program) => {
    const run = async (body: string) => {
      const { said, stderr } = await runProgram(program(`${body}; process.exit();`));
      expect(stderr).toBe('');
      return said;
    };

    test.concurrent.each([
      ['recv', 'a.recv(8, MSG_WAITALL)'],
      ['recvfrom', 'a.recvfrom(8, MSG_WAITALL)[0]'],
      ['recvInto', '(a.recvInto(memory, 0, MSG_WAITALL), memory)'],
      ['recvmsg', 'a.recvmsg(8, 0, MSG_WAITALL)[0]'],
      ['recvmsg with control data', 'a.recvmsg(8, 100, MSG_WAITALL)[0]'],
      [
        'recvmsgInto',
        '(a.recvmsgInto([memory.subarray(0, 3), memory.subarray(3, 3), memory.subarray(3)], 0, MSG_WAITALL), memory)',
      ],
      ['recvFds', 'sockets.recvFds(a, 8, 1, MSG_WAITALL)[0]'],
      ['recvmmsg', 'a.recvmmsg(2, 8, 0, MSG_WAITALL)[0][0]'],
    ])('waits for all that %s asks for', async (_name, call) => {
      const script = 'printf 123 >&3; sleep 0.2; printf 456 >&3; sleep 0.2; printf 78 >&3';
      const said = await run(`
        const memory = Buffer.alloc(8);
        const a = peer(${JSON.stringify(script)});
        say(${call}.toString());
      `);
      expect(said).toEqual(['12345678']);
    });

    test.concurrent('ends with the connection', async () => {
      const said = await run(`
        const a = peer('printf 123 >&3; sleep 0.2; printf 45 >&3');
        say(a.recvmsg(8, 0, MSG_WAITALL)[0].toString());
        say(a.recv(8, MSG_WAITALL).length);
      `);
      expect(said).toEqual(['12345', 0]);
    });

    test.concurrent('ends with control data', async () => {
      const said = await run(`
        const [a, b] = sockets.socketpair();
        b.send(Buffer.from('12'));
        sockets.sendFds(b, [Buffer.from('34')], [0]);
        b.send(Buffer.from('5678'));
        const [data, fds] = sockets.recvFds(a, 8, 1, MSG_WAITALL);
        say([data.toString(), fds.length, a.recv(8).toString()]);
      `);
      expect(said).toEqual([['1234', 1, '5678']]);
    });

    test.concurrent("takes one timeout of the kernel's own for all", async () => {
      const script = 'for i in 1 2 3 4 5 6 7 8 9 10; do printf x >&3; sleep 0.3; done';
      const said = await run(`
        const times = {};
        for (const [name, call] of Object.entries({
          recv: (a) => a.recv(10, MSG_WAITALL),
          recvmsg: (a) => a.recvmsg(10, 0, MSG_WAITALL)[0],
        })) {
          const a = peer(${JSON.stringify(script)});
          // The shell has begun.
          a.recv(1, sockets.MSG_PEEK);
          a.setOption(sockets.options.SO_RCVTIMEO, 0.7);
          say([name, call(a).length < 10]);
        }
      `);
      expect(said).toEqual([
        ['recv', true],
        ['recvmsg', true],
      ]);
    });

    // What was written behind the buffers only a sanitizer sees.
    test.concurrent.each([
      ['recv', 'a.recv(4, flags).length', 4],
      ['recvInto', 'a.recvInto(Buffer.alloc(4), 0, flags)', 9],
      ['recvmsgInto', 'a.recvmsgInto(Array.from({ length: sockets.IOV_MAX }, () => Buffer.alloc(0)), 0, flags)[0]', 9],
      ['recvmmsg', 'a.recvmmsg(1, 4, 0, flags)[0][0].length', 4],
    ])('is at the end of a datagram that MSG_TRUNC cuts (%s)', async (_name, call, expected) => {
      const said = await run(`
        const [a, b] = sockets.socketpair(sockets.AF_UNIX, sockets.SOCK_DGRAM);
        const flags = MSG_WAITALL | sockets.MSG_TRUNC;
        b.send(Buffer.from('123456789'));
        say(${call});
      `);
      expect(said).toEqual([expected]);
    });

    test.concurrent.each([
      ['recv', 'a.recv(8, MSG_WAITALL)'],
      ['recvmsg', 'a.recvmsg(8, 0, MSG_WAITALL)[0]'],
      ['recvmmsg', 'a.recvmmsg(2, 8, 0, MSG_WAITALL)[0][0]'],
    ])('leaves the error behind a part to the next call (%s)', async (_name, call) => {
      using server = createServer(['127.0.0.1', 0]);
      const a = createConnection(server.getsockname() as [string, number]);
      const [b] = server.accept();
      b.setsockopt(SOL_SOCKET, SO_LINGER, Buffer.from(Int32Array.of(1, 0).buffer));
      using receiver = startProgram(
        program(
          `const a = new sockets.Socket({ fileno: 3 });
           say('ready');
           say(${call}.toString());
           say(outcome(() => a.recv(8).length));
           process.exit();`,
        ),
        { descriptors: [a.fileno()] },
      );
      await receiver.ready;
      using _peer = startProgram(
        "const b = new sockets.Socket({ fileno: 3 }); b.send(Buffer.from('1234')); sleep(0.5); b.close();",
        { descriptors: [b.fileno()] },
      );
      a.close();
      b.close();
      expect((await receiver.ended).said).toEqual(['ready', '1234', 'ECONNRESET']);
    });
  },
);

// A TCP socket throws away what it receives with MSG_TRUNC: the memory is never touched.
test.skipIf(without('MSG_TRUNC of Linux'))(
  'more than 2³¹ - 1 bytes are received by several calls (MSG_TRUNC of Linux)',
  { timeout: 60_000 },
  async () => {
    const { said, stderr } = await runProgram(`
      const { Worker } = require('node:worker_threads');
      const size = 2 ** 31 + 5;
      const server = sockets.createServer(['127.0.0.1', 0]);
      const sender = 'const { library, address, size } = require("node:worker_threads").workerData;'
        + 'const peer = require(library).createConnection(address); peer.sendall(new Uint8Array(size)); peer.close();';
      const workerData = { library: process.argv[1], address: server.getsockname(), size };
      new Worker(sender, { eval: true, workerData });
      const [receiver] = server.accept();
      const memory = new Uint8Array(size);
      const flags = sockets.MSG_WAITALL | sockets.MSG_TRUNC;
      say(receiver.recvInto(memory, 0, flags));
      say(receiver.recvInto(memory, 0, flags));
      process.exit();
    `);
    expect({ said, stderr }).toEqual({ said: [2 ** 31 - 1, 6], stderr: '' });
  },
);
