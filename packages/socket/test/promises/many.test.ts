import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { startProgram } from '../program';

const CONNECTIONS = 10_000;
// Each of the two processes has one end of all connections, and some files of Node's own.
const OPEN_FILES = CONNECTIONS + 200;
const mayOpen = process.platform === 'win32' || spawnSync('sh', ['-c', `ulimit -n ${OPEN_FILES}`]).status === 0;
const missing = mayOpen ? '' : `(needs a limit of ${OPEN_FILES} open files: ulimit -Hn)`;

// Started by the server with its arguments, and its limit.
const CLIENTS = `
const { createConnection } = require(process.argv.at(-2)).promises;
const address = ['127.0.0.1', Number(process.argv.at(-1))];
(async () => {
  const clients = [];
  // As many at once as the backlog holds in any case.
  while (clients.length < ${CONNECTIONS}) {
    clients.push(...(await Promise.all(Array.from({ length: 100 }, () => createConnection(address)))));
  }
  let echoed = 0;
  const echo = async (client, text) => {
    await client.sendall(Buffer.from(text));
    let received = '';
    while (received.length < text.length) received += await client.recv(64);
    if (received === text) echoed++;
  };
  for (let round = 0; round < 3; round++) {
    await Promise.all(clients.map((client, index) => echo(client, (round + ' of ' + index).padEnd(64, '.'))));
  }
  console.log(echoed);
  for (const client of clients) client.close();
})();
`;

const SERVER = `
const { createServer } = sockets.promises;
const { spawn } = require('node:child_process');
(async () => {
  const server = await createServer(['127.0.0.1', 0], { backlog: 1000 });
  const before = openSockets();
  let open = 0;
  let most = 0;
  const serve = async (connection) => {
    most = Math.max(most, ++open);
    for (let data = await connection.recv(64); data.length > 0; data = await connection.recv(64)) {
      await connection.sendall(data);
    }
    connection.close();
    open--;
  };
  const clients = spawn(process.execPath, ['-e', args[0], process.argv[1], server.getsockname()[1]],
    { stdio: ['ignore', 'inherit', 'inherit'] });
  const gone = new Promise((resolve) => clients.once('exit', resolve));
  const served = [];
  for (let count = 0; count < ${CONNECTIONS}; count++) {
    const [connection] = await server.accept();
    served.push(serve(connection));
  }
  await Promise.all(served);
  await gone;
  say({ most, leaked: openSockets() - before });
  server.close();
})();
`;

test.skipIf(missing)(
  `${CONNECTIONS} connections at once echo on one thread ${missing}`,
  { timeout: 120_000 },
  async () => {
    using server = startProgram(SERVER, { args: [CLIENTS], openFiles: OPEN_FILES });
    expect(await server.ended).toEqual({
      said: [3 * CONNECTIONS, { most: CONNECTIONS, leaked: 0 }],
      stderr: '',
      code: 0,
      signal: null,
    });
  },
);
