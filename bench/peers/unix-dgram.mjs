// unix-dgram ours|drop-in|unix-dgram|node-unix-socket: datagrams of 64 bytes to a process of its own kind, which sends them back;
// 8 are under way.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addon } from './npm-addon.mjs';
import { serve, underWay } from './rounds.mjs';

const SIZE = 64;
const WINDOW = 8;
const SERVER = 'server';

const [, , kind, role, given] = process.argv;
// A process of another package should have nothing of ours, which keeps freed memory for all.
const { AF_UNIX, SOCK_DGRAM, Socket } = kind === 'ours' ? await import('@bsd-sockets/socket/promises') : {};

function bindUnixDgram({ createSocket }, path, receive) {
  const socket = createSocket('unix_dgram', (data, { path: sender }) => receive(data, sender));
  socket.bind(path);
  return (data, to) => socket.send(data, 0, data.length, to);
}

/** How each kind binds a socket: it calls `receive(data, sender)`, and gives what sends a datagram to a path. */
const binders = {
  async ours(path, receive) {
    const socket = new Socket(AF_UNIX, SOCK_DGRAM);
    await socket.bind(path);
    const receiveAll = async () => {
      for (;;) {
        const [data, sender] = await socket.recvfrom(SIZE);
        receive(data, sender);
      }
    };
    receiveAll();
    return (data, to) => socket.sendto(data, to);
  },
  async 'drop-in'(path, receive) {
    return bindUnixDgram(await import('@bsd-sockets/unix-dgram'), path, receive);
  },
  'unix-dgram'(path, receive) {
    return bindUnixDgram(addon('unix-dgram'), path, receive);
  },
  'node-unix-socket'(path, receive) {
    const socket = new (addon('node-unix-socket').DgramSocket)();
    socket.on('data', receive);
    socket.bind(path);
    return (data, to) => socket.sendTo(data, 0, data.length, to);
  },
};

async function echo(folder) {
  const send = await binders[kind](join(folder, 'server'), (data, sender) => send(data, sender));
  console.log('bound');
  process.stdin.on('end', () => process.exit()).resume();
}

async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true }));
  const data = Buffer.alloc(SIZE);
  const server = join(folder, 'server');
  const { work, arrived } = underWay(WINDOW, () => send(data, server));
  const send = await binders[kind](join(folder, 'client'), arrived);
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), kind, SERVER, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await serve(work);
  child.stdin.end();
  await once(child, 'exit');
  process.exit(); // its socket would keep it alive
}

if (role === SERVER) await echo(given);
else await measure();
