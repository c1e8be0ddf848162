// Round trips of 64 bytes over TCP loopback, to an echo server in a process of its own.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { IPPROTO_TCP, Socket, TCP_NODELAY } from '@bsd-sockets/socket';
import { serve } from './rounds.mjs';

const SIZE = 64;
const SERVER = 'server';
/** The descriptor of the server's connection, after those for input, output and errors. */
const CONNECTION = 3;

function echo() {
  const connection = new Socket({ fileno: CONNECTION });
  for (;;) {
    const data = connection.recv(SIZE);
    if (data.length === 0) return;
    connection.sendall(data);
  }
}

function connect() {
  const listener = new Socket();
  listener.bind(['127.0.0.1', 0]);
  listener.listen(1);
  const client = new Socket();
  client.connect(listener.getsockname());
  const [connection] = listener.accept();
  for (const end of [client, connection]) end.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
  spawn(process.execPath, [fileURLToPath(import.meta.url), SERVER], {
    stdio: ['ignore', 'ignore', 'inherit', connection.fileno()],
  });
  connection.close();
  listener.close();
  return client;
}

async function measure() {
  const client = connect();
  const data = Buffer.alloc(SIZE);
  await serve((count) => {
    while (count-- > 0) {
      client.send(data);
      for (let missing = SIZE; missing > 0; ) {
        const received = client.recv(missing).length;
        if (received === 0) throw new Error('the echo server has ended');
        missing -= received;
      }
    }
  });
  client.close();
}

if (process.argv[2] === SERVER) echo();
else await measure();
