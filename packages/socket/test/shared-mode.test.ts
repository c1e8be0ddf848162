import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { runProgram } from './program';

// What shares a socket shares whether the kernel waits in its calls: a duplicate, here or in another process.
const SHARED = `
  const { AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET, MessageBatch } = sockets;
  const open = (type) => {
    const [first, peer] = sockets.socketpair(AF_UNIX, type);
    return { first, peer, socket: first.dup() };
  };
  const bytes = Buffer.alloc(2 ** 22);
  const forEver = (call) => { for (;;) call(); };
  const CALLS = {
    recv: [undefined, (socket) => socket.recv(1)],
    recvfrom: [SOCK_DGRAM, (socket) => socket.recvfrom(1)],
    recvInto: [undefined, (socket) => socket.recvInto(Buffer.alloc(1))],
    recvExactly: [undefined, (socket) => socket.recvExactly(2)],
    recvmsg: [SOCK_SEQPACKET, (socket) => socket.recvmsg(1)],
    recvmmsg: [SOCK_DGRAM, (socket) => socket.recvmmsg(2, 1)],
    recvFds: [undefined, (socket) => sockets.recvFds(socket, 1, 1)],
    send: [undefined, (socket) => forEver(() => socket.send(bytes))],
    sendall: [undefined, (socket) => socket.sendall(bytes)],
    sendmsg: [undefined, (socket) => forEver(() => socket.sendmsg([bytes]))],
    sendmmsg: [SOCK_SEQPACKET, (socket) => forEver(() => socket.sendmmsg([[bytes.subarray(0, 10_000)]]))],
    sendfile: [undefined, (socket) => forEver(() => socket.sendfile(process.execPath))],
  };`;
const NAMES = [
  ...['recv', 'recvfrom', 'recvInto', 'recvExactly', 'recvmsg', 'recvmmsg', 'recvFds'],
  ...['send', 'sendall', 'sendmsg', 'sendmmsg'],
];

describe.skipIf(without('AF_UNIX'))('a socket that somebody else has made blocking (AF_UNIX)', () => {
  test.concurrent.each([...NAMES, 'sendfile'])('has its timeout in %s', async (name) => {
    const { said, stderr } = await runProgram(
      `${SHARED}
      const [type, call] = CALLS[args[0]];
      const { first, socket } = open(type);
      socket.settimeout(0.1);
      first.setblocking(true);
      const time = seconds(() => say(outcome(() => call(socket))));
      say(time < 10);
      process.exit();`,
      { args: [name] },
    );
    expect({ said, stderr }).toEqual({ said: ['ETIMEDOUT', true], stderr: '' });
  });

  test.concurrent.each(NAMES)('does not wait in %s if it is not to', async (name) => {
    const { said, stderr } = await runProgram(
      `${SHARED}
      const [type, call] = CALLS[args[0]];
      const { first, socket } = open(type);
      socket.setblocking(false);
      first.setblocking(true);
      say(outcome(() => call(socket)));
      process.exit();`,
      { args: [name] },
    );
    expect({ said, stderr }).toEqual({ said: ['EAGAIN'], stderr: '' });
  });

  test('has its timeout in accept and connect', async () => {
    const { said, stderr } = await runProgram(`
      const server = sockets.createServer('\\0bsd-sockets-shared-mode-' + process.pid, { family: sockets.AF_UNIX, backlog: 0 });
      const other = server.dup();
      other.settimeout(0.1);
      server.setblocking(true);
      say(outcome(() => other.accept()));
      const clients = [];
      for (let count = 0; count < 3; count++) {
        const first = new sockets.Socket(sockets.AF_UNIX);
        const client = first.dup();
        client.settimeout(0.1);
        first.setblocking(true);
        clients.push(first, client);
        say(outcome(() => client.connect(server.getsockname()) ?? 'connected'));
      }
      process.exit();`);
    expect({ said, stderr }).toEqual({ said: ['ETIMEDOUT', 'connected', 'ETIMEDOUT', 'ETIMEDOUT'], stderr: '' });
  });

  test('leaves the event loop to others', async () => {
    const { said, stderr } = await runProgram(`${SHARED}
      const { first, socket } = open();
      const promised = sockets.promises.Socket.from(socket);
      first.setblocking(true);
      promised.settimeout(0.2);
      let turns = 0;
      setInterval(() => turns++, 10);
      promised.recv(1).catch((error) => { say(error.code); say(turns > 3); process.exit(); });`);
    expect({ said, stderr }).toEqual({ said: ['ETIMEDOUT', true], stderr: '' });
  });

  test('is so too once a child process has had it as its standard input', async () => {
    const { said, stderr } = await runProgram(`${SHARED}
      const { first } = open();
      first.settimeout(0.1);
      const child = require('node:child_process').spawn('true', { stdio: [first.fileno(), 'ignore', 'ignore'] });
      child.on('exit', () => { say(outcome(() => first.recv(1))); process.exit(); });`);
    expect({ said, stderr }).toEqual({ said: ['ETIMEDOUT'], stderr: '' });
  });

  test.each(['recv', 'accept'])('does not hold a worker that is terminated, in %s', async (name) => {
    const { said, stderr } = await runProgram(
      `
      const { Worker } = require('node:worker_threads');
      const worker = new Worker(\`
        const { workerData, parentPort } = require('node:worker_threads');
        const { socketpair, createServer } = require(workerData.library);
        const first = workerData.listens ? createServer(['127.0.0.1', 0]) : socketpair()[0];
        const socket = first.dup();
        // For its new owner it is blocking.
        first.detach();
        parentPort.postMessage(0);
        workerData.listens ? socket.accept() : socket.recv(1);\`, {
        eval: true, workerData: { library: process.argv[1], listens: args[0] === 'accept' },
      });
      worker.on('message', () => setTimeout(async () => { say(typeof await worker.terminate()); process.exit(); }, 100));`,
      { args: [name] },
    );
    expect({ said, stderr }).toEqual({ said: ['number'], stderr: '' });
  });
});
