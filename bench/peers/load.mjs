// load ours|node-net|node-dgram: starts a Node that imports a module, and tells how long the import took, the resident
// memory after it, and the memory of one more idle connected socket.
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ONCE = 'once';
const SOCKETS = 500;

const [, , kind, role] = process.argv;

const modules = { ours: '@bsd-sockets/socket/promises', 'node-net': 'node:net', 'node-dgram': 'node:dgram' };

/** How each kind connects a socket, and gives all that must be kept of it. */
const connectors = {
  async ours({ createServer, createConnection }) {
    const server = await createServer(['127.0.0.1', 0]);
    return async () => [await createConnection(server.getsockname()), await server.accept()];
  },
  async 'node-net'({ createServer, connect }) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return async () => {
      const socket = connect(server.address().port, '127.0.0.1');
      const [[accepted]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
      return [socket, accepted];
    };
  },
  async 'node-dgram'({ createSocket }) {
    return async () => {
      const pair = [createSocket('udp4'), createSocket('udp4')];
      for (const socket of pair) {
        socket.bind(0, '127.0.0.1');
        await once(socket, 'listening');
      }
      for (const [index, socket] of pair.entries()) {
        socket.connect(pair[1 - index].address().port, '127.0.0.1');
        await once(socket, 'connect');
      }
      return pair;
    };
  },
};

/** Memory in use, by JavaScript and by Node's own objects; what is resident hardly changes, after an import. */
function inUse() {
  global.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function importOnce() {
  const begin = process.hrtime.bigint();
  const module = await import(modules[kind]);
  const time = process.hrtime.bigint() - begin;
  const memory = process.memoryUsage.rss();

  const connect = await connectors[kind](module);
  const kept = [await connect()];
  const before = inUse();
  while (kept.length <= SOCKETS / 2) kept.push(await connect());
  const each = Math.max(Math.round((inUse() - before) / SOCKETS), 1);
  console.log(`${time} ${memory} ${each}`);
  process.exit();
}

/** Here and not above, as they would import node:net. */
async function importAgainAndAgain() {
  const { execFileSync } = await import('node:child_process');
  const { createInterface } = await import('node:readline');
  const start = () => {
    const program = [fileURLToPath(import.meta.url), kind, ONCE];
    return execFileSync(process.execPath, ['--expose-gc', ...program], { encoding: 'utf8' })
      .split(' ')
      .map(Number);
  };
  let last;
  for await (const line of createInterface({ input: process.stdin })) {
    const count = Number(line.slice('run '.length));
    const starts = Array.from({ length: count }, start);
    const [time, memory, each] = starts.reduce((sums, answer) => sums.map((sum, index) => sum + answer[index]));
    last = [time, Math.round(memory / count), Math.round(each / count)];
    console.log(last.join(' '));
  }
  const [time, memory, each] = last;
  console.error(
    `note: the last import took ${(time / 1e6).toFixed(1)} ms; ${(memory / 2 ** 20).toFixed(1)} MiB are resident after it; ` +
      `a socket takes ${(each / 1024).toFixed(1)} KiB`,
  );
}

if (role === ONCE) await importOnce();
else await importAgainAndAgain();
