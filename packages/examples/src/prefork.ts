// A server of several processes that share one listening socket: the kernel gives each connection to one of them. A child
// that dies is started anew.
// usage: prefork.js [PORT [CHILDREN [HOST]]]
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createServer, OSError, Socket } from '@bsd-sockets/socket';

const LISTENER = 3; // the descriptor of the children, after those of their standard streams
const TIMEOUT = 5; // seconds that a client has for its request
const IN_CHILD = 'PREFORK_CHILD';

/** Serves clients one after the other, in blocking calls: nothing else is to be done here. */
function child(): never {
  const listener = new Socket({ fileno: LISTENER });
  for (;;) {
    try {
      const [client] = listener.accept();
      using _closed = client;
      client.settimeout(TIMEOUT);
      client.sendall(Buffer.concat([Buffer.from(`${process.pid} got `), client.recv(1024)]));
    } catch (error) {
      // The client has gone, or took too long.
      if (!(error instanceof OSError)) throw error;
    }
  }
}

function parent(port: number, children: number, host: string): void {
  const listener = createServer([host, port], { backlog: 128 });
  const running = new Set<ReturnType<typeof spawn>>();
  let ending = false;
  const start = () => {
    const one = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
      env: { ...process.env, [IN_CHILD]: '1' },
      stdio: ['ignore', 'inherit', 'inherit', listener.fileno()],
    });
    running.add(one);
    one.once('exit', () => {
      running.delete(one);
      if (!ending) start();
    });
  };
  for (let count = 0; count < children; count++) start();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      ending = true;
      listener.close();
      for (const one of running) one.kill();
    });
  }
  console.log('Listening at', listener.getsockname());
}

if (process.env[IN_CHILD]) child();
else parent(Number(process.argv[2] ?? 50007), Number(process.argv[3] ?? 4), process.argv[4] ?? '127.0.0.1');
