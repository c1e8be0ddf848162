// tcp-echo-async [ASKED [SECONDS]]: an echo server on promises, which writes its port to its standard output. Its receives ask for
// ASKED bytes, and it busy-polls for so long.
import { createServer, setBusyPoll } from '@bsd-sockets/socket/promises';
import { noteDelayAtEnd } from './event-loop-delay.mjs';

const [, , asked = '4096', busy] = process.argv;
const SIZE = Number(asked);

async function echo(connection) {
  try {
    for (;;) {
      const data = await connection.recv(SIZE);
      if (data.length === 0) break;
      await connection.sendall(data);
    }
  } finally {
    connection.close();
  }
}

const beginAnew = noteDelayAtEnd();
if (busy !== undefined) setBusyPoll(Number(busy));
const server = await createServer(['127.0.0.1', 0], { backlog: 4096 });
console.log(server.getsockname()[1]);
for await (const [connection] of server) {
  beginAnew(); // connecting is no part of what is measured
  echo(connection).catch(() => {});
}
