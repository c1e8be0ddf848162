// workers reuse-port|handed|cluster COUNT: an echo server of so many threads, or processes of node:cluster, which writes its port to
// its standard output. Each thread listens by itself at one port, or gets the connections that the first accepts.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer as createNetServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createServer, Socket } from '@bsd-sockets/socket/promises';

const FILE = fileURLToPath(import.meta.url);
const [, , kind, count] = process.argv;
const backlog = 4096;

async function echo(connection) {
  try {
    for (;;) {
      const data = await connection.recv(4096);
      if (data.length === 0) break;
      await connection.sendall(data);
    }
  } finally {
    connection.close();
  }
}

async function serve(server) {
  for await (const [connection] of server) echo(connection).catch(() => {});
}

/** What a thread does. */
async function work({ port }) {
  if (port === undefined) {
    parentPort.on('message', (fileno) => void echo(new Socket({ fileno })).catch(() => {}));
    parentPort.postMessage('ready');
    return;
  }
  const server = await createServer(['127.0.0.1', port], { backlog, reusePort: true });
  parentPort.postMessage('ready');
  await serve(server);
}

async function startThreads(data) {
  const workers = Array.from({ length: Number(count) }, () => new Worker(FILE, { workerData: data }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return workers;
}

const kinds = {
  async 'reuse-port'() {
    // The first finds the port for all.
    const first = await createServer(['127.0.0.1', 0], { reusePort: true });
    const [, port] = first.getsockname();
    await startThreads({ port });
    first.close();
    console.log(port);
  },
  async handed() {
    const workers = await startThreads({});
    const server = await createServer(['127.0.0.1', 0], { backlog });
    console.log(server.getsockname()[1]);
    let next = 0;
    for await (const [connection] of server) workers[next++ % workers.length].postMessage(connection.detach());
  },
  cluster() {
    const workers = Array.from({ length: Number(count) }, () => cluster.fork());
    let waiting = workers.length;
    cluster.on('listening', (_, { port }) => {
      if (--waiting === 0) console.log(port);
    });
  },
};

function startProcess() {
  const server = createNetServer((connection) => {
    connection.on('data', (data) => connection.write(data));
    connection.on('error', () => {});
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog });
}

if (cluster.isWorker) startProcess();
else if (isMainThread) await kinds[kind]();
else await work(workerData);
