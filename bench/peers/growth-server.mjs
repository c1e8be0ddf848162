// growth-server ours|node-net: an echo server for bench/growth.mjs, started with --expose-gc, which writes its port to its standard
// output. It answers the line `count N` when so many connections are open, and `look` with its resident memory in bytes, and by how many
// milliseconds its timers were late at most since the last such line.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';

const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;
const BACKLOG = 4096;

let open = 0;
let awaited = -1;

function counted(change) {
  open += change;
  if (open !== awaited) return;
  awaited = -1;
  console.log(open);
}

async function echo(connection) {
  counted(1);
  try {
    for (;;) {
      const data = await connection.recv(65536);
      if (data.length === 0) break;
      await connection.sendall(data);
    }
  } finally {
    connection.close();
    counted(-1);
  }
}

const servers = {
  async ours() {
    const { createServer } = await import('@bsd-sockets/socket/promises');
    const server = await createServer(['127.0.0.1', 0], { backlog: BACKLOG });
    console.log(server.getsockname()[1]);
    for await (const [connection] of server) echo(connection).catch(() => {});
  },
  async 'node-net'() {
    const { createServer } = await import('node:net');
    const server = createServer((connection) => {
      counted(1);
      connection.on('data', (data) => connection.write(data));
      connection.on('error', () => {});
      connection.on('close', () => counted(-1));
    });
    server.listen({ host: '127.0.0.1', port: 0, backlog: BACKLOG }, () => console.log(server.address().port));
  },
};

const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
histogram.enable();

function look() {
  const delay = Math.max(histogram.max / NS_PER_MS - RESOLUTION_MS, 0);
  for (let time = 0; time < 3; time++) global.gc();
  const memory = process.memoryUsage.rss();
  // The collecting itself does not count.
  setTimeout(() => {
    histogram.reset();
    console.log(`${memory} ${delay.toFixed(1)}`);
  }, 3 * RESOLUTION_MS);
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [word, count] = line.split(' ');
    if (word === 'look') return look();
    awaited = Number(count);
    counted(0);
  })
  .on('close', () => process.exit());
await servers[process.argv[2]]();
