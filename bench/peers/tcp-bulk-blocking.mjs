// Sends 64 KiB at a time over TCP loopback to a process of its own, which receives them.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createConnection, createServer, Socket } from '@bsd-sockets/socket';
import { serve } from './rounds.mjs';

const SIZE = 64 * 1024;
const SINK = 'sink';
/** The descriptor of the sink's connection, after those for input, output and errors. */
const CONNECTION = 3;

/** The last byte of a round is 1: it is answered with a byte. */
function sink() {
  const connection = new Socket({ fileno: CONNECTION });
  for (;;) {
    const data = connection.recv(SIZE);
    if (data.length === 0) return;
    if (data[data.length - 1] === 1) connection.sendall(Buffer.alloc(1));
  }
}

function connect() {
  const listener = createServer(['127.0.0.1', 0]);
  const sender = createConnection(listener.getsockname());
  const [connection] = listener.accept();
  spawn(process.execPath, [fileURLToPath(import.meta.url), SINK], {
    stdio: ['ignore', 'ignore', 'inherit', connection.fileno()],
  });
  connection.close();
  listener.close();
  return sender;
}

async function measure() {
  const sender = connect();
  const data = Buffer.alloc(SIZE);
  await serve((count) => {
    while (count-- > 0) {
      data[SIZE - 1] = count === 0 ? 1 : 0;
      sender.sendall(data);
    }
    if (sender.recv(1).length === 0) throw new Error('the sink has ended');
  });
  sender.close();
}

if (process.argv[2] === SINK) sink();
else await measure();
