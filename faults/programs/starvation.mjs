// A program that only makes calls which end at once, well or badly, must not keep timers and other sockets from their turn.
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer as netServer } from 'node:net';
import {
  AF_INET,
  AF_UNIX,
  createConnection,
  createServer,
  poll,
  recvFds,
  SOCK_DGRAM,
  Socket,
  select,
  socketpair,
} from '@bsd-sockets/socket/promises';
import { trial } from './trial.mjs';

const BYTE = Buffer.from('x');

/** How long timers may wait for their turn, in milliseconds, on a busy machine. */
const LONGEST = 3000;

/** Makes a call again and again until a timer comes. */
async function starves(call) {
  let fired = false;
  setTimeout(() => {
    fired = true;
  }, 10);
  const start = performance.now();
  let ended = 0;
  while (!fired && performance.now() - start < LONGEST) {
    try {
      await call();
    } catch {
      // What it says of the failure is the business of other tests.
    }
    ended++;
  }
  return fired ? undefined : `no timer came in ${LONGEST} ms and ${ended} calls`;
}

/** What to call, of a pair, one end of which is closed where the name says so. */
const calls = {
  'a message back and forth': async ([near, far]) => {
    await near.send(BYTE);
    await far.recv(1);
  },
  'sendall and recvInto': async ([near, far]) => {
    await near.sendall(BYTE);
    await far.recvInto(Buffer.alloc(1));
  },
  'recv with nothing there': ([near]) => near.recv(1),
  'recvmsg with nothing there': ([near]) => near.recvmsg(1),
  'recvmmsg with nothing there': ([near]) => near.recvmmsg(2, 10),
  'recvFds with nothing there': ([near]) => recvFds(near, 1, 1),
  'accept of what does not listen': ([near]) => near.accept(),
  'connect to a missing path': async () => {
    const socket = new Socket(AF_UNIX);
    await socket.connect('/nonexistent').finally(() => socket.close());
  },
  'connect to a peer that refuses': async (_, { refusing }) => {
    const socket = new Socket();
    await socket.connect(refusing).finally(() => socket.close());
  },
  'createConnection to a peer that refuses': (_, { refusing }) => createConnection(refusing),
  'createServer at an address in use': (_, { used }) => createServer(used),
  'bind to an address in use': async (_, { used }) => {
    const socket = new Socket();
    await socket.bind(used).finally(() => socket.close());
  },
  'recv of what is not connected': (_, { unconnected }) => unconnected.recv(1),
  'send of what is not connected': (_, { unconnected }) => unconnected.send(BYTE),
  'sendmsg of what is not connected': (_, { unconnected }) => unconnected.sendmsg([BYTE]),
  'sendmmsg of what is not connected': (_, { unconnected }) => unconnected.sendmmsg([[BYTE]]),
  'sendto a path that is missing': (_, { datagrams }) => datagrams.sendto(BYTE, '/nonexistent'),
  'send to a peer that is gone': (_, { left }) => left.send(BYTE),
  'recv from a peer that is gone': (_, { left }) => left.recv(1),
  'sendfile of a folder': (_, { folder, open }) => open[0].sendfile(folder),
  'a closed socket': (_, { closed }) => closed.recv(1),
  'a wrong argument': ([near]) => near.recv('many'),
  'an aborted signal': ([near]) => near.recv(1, 0, { signal: AbortSignal.abort() }),
  'select that does not wait': ([near]) => select([near], [near], [], 0),
  'poll that does not wait': ([near]) => {
    const waits = poll();
    waits.register(near);
    return waits.poll(0);
  },
  'readline at the end': (_, { ended }) => ended.readline(),
};

const listener = netServer().listen(0, '127.0.0.1');
await once(listener, 'listening');
const used = ['127.0.0.1', listener.address().port];
const gone = new Socket(AF_INET);
await gone.bind(['127.0.0.1', 0]);
// Nobody listens there, and nobody else can.
const refusing = gone.getsockname();
const unconnected = new Socket(AF_INET);
const datagrams = new Socket(AF_UNIX, SOCK_DGRAM);
const [left, right] = socketpair();
right.close();
const closed = new Socket();
closed.close();
const [endedSocket, peer] = socketpair();
peer.close();
const ended = endedSocket.makefile('rb');
const open = socketpair();
const folder = openSync('/', 'r');
const given = { used, refusing, unconnected, datagrams, left, closed, ended, folder, open };

for (const [name, call] of Object.entries(calls)) {
  await trial(`starved by: ${name}`, async (expect) => {
    const pair = socketpair();
    for (const socket of pair) socket.settimeout(0);
    const told = await starves(() => call(pair, given));
    expect(told === undefined, told);
    for (const socket of pair) socket.close();
  });
}
process.exit();
