// tcp-echo-async [SECONDS]: an echo server on promises, which writes its port to its standard output. It busy-polls for
// so long.
import { createServer, setBusyPoll } from '@bsd-sockets/socket/promises';
import { noteDelayAtEnd } from './event-loop-delay.mjs';

const SIZE = 4096;

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
if (process.argv[2] !== undefined) setBusyPoll(Number(process.argv[2]));
const server = await createServer(['127.0.0.1', 0], { backlog: 4096 });
console.log(server.getsockname()[1]);
for await (const [connection] of server) {
  beginAnew(); // connecting is no part of what is measured
  echo(connection).catch(() => {});
}
