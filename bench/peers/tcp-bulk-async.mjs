// tcp-bulk-async recv|recv-into|duplex|node-net: sends 64 KiB at a time over TCP loopback to a process of its own kind,
// which receives them on its event loop.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createNetServer, connect as netConnect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { serve } from './rounds.mjs';

const SIZE = 64 * 1024;
const SINK = 'sink';
const ANSWER = Buffer.alloc(1);

const [, , kind, role, port] = process.argv;
// A process of Node's own modules should have nothing of ours, which keeps freed memory for all.
const { createConnection, createServer } = kind === 'node-net' ? {} : await import('@bsd-sockets/socket/promises');

/** The last byte of a round is 1: it is answered with a byte. */
function endsRound(data) {
  return data[data.length - 1] === 1;
}

async function recvSink(connection) {
  for (;;) {
    const data = await connection.recv(SIZE);
    if (data.length === 0) break;
    if (endsRound(data)) await connection.sendall(ANSWER);
  }
}

async function recvIntoSink(connection) {
  const buffer = Buffer.alloc(SIZE);
  for (;;) {
    const received = await connection.recvInto(buffer);
    if (received === 0) break;
    if (buffer[received - 1] === 1) await connection.sendall(ANSWER);
  }
}

function streamSink(connection) {
  connection.on('data', (data) => {
    if (endsRound(data)) connection.write(ANSWER);
  });
}

function socketSender(connection) {
  const data = Buffer.alloc(SIZE);
  return async (count) => {
    while (count-- > 0) {
      data[SIZE - 1] = count === 0 ? 1 : 0;
      await connection.sendall(data);
    }
    if ((await connection.recv(1)).length === 0) throw new Error('the sink has ended');
  };
}

function streamSender(connection) {
  const data = Buffer.alloc(SIZE);
  const last = Buffer.alloc(SIZE);
  last[SIZE - 1] = 1;
  return async (count) => {
    const answered = once(connection, 'data');
    while (--count > 0) {
      if (!connection.write(data)) await once(connection, 'drain');
    }
    connection.write(last);
    await answered;
  };
}

const streams = kind === 'duplex' || kind === 'node-net';

/** A connection to a port. */
async function dial(to) {
  if (kind === 'node-net') return netConnect(to, '127.0.0.1');
  const socket = await createConnection(['127.0.0.1', to]);
  return kind === 'duplex' ? socket.toDuplex({ allowHalfOpen: false }) : socket;
}

/** The connection of the sink that is started. */
async function connectionOfSink() {
  const start = (to) =>
    spawn(process.execPath, [fileURLToPath(import.meta.url), kind, SINK, `${to}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  if (kind === 'node-net') {
    const server = createNetServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    start(server.address().port);
    const [connection] = await once(server, 'connection');
    server.close();
    return connection;
  }
  const server = await createServer(['127.0.0.1', 0]);
  start(server.getsockname()[1]);
  const [connection] = await server.accept();
  server.close();
  return kind === 'duplex' ? connection.toDuplex() : connection;
}

if (role === SINK) {
  const sink = streams ? streamSink : { recv: recvSink, 'recv-into': recvIntoSink }[kind];
  await sink(await dial(Number(port)));
} else {
  const connection = await connectionOfSink();
  await serve(streams ? streamSender(connection) : socketSender(connection));
  streams ? connection.destroy() : connection.close();
}
