import { strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';
import { SHORT_MESSAGES } from '../harness/limits.mjs';

const MESSAGES = 2000;

export const cases = [
  {
    client: 'ws, unix',
    does: `${MESSAGES} messages of 64 bytes there and back, and 16 of 1 MB`,
    limit: SHORT_MESSAGES,
    async prepare({ folder }) {
      const address = { path: join(folder, 'ws.sock') };
      return async (way) => {
        const server = createServer();
        const sockets = new WebSocketServer({ server });
        sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
        const end = await way.serve(server, address);

        const client = new WebSocket('ws://localhost', { createConnection: () => way.connect(address) });
        await once(client, 'open');
        const echo = (length, count) =>
          new Promise((resolve) => {
            let received = 0;
            client.removeAllListeners('message').on('message', (data) => {
              strictEqual(data.length, length);
              strictEqual(data[length - 1], received++ % 256);
              if (received === count) resolve();
            });
            for (let sent = 0; sent < count; sent++) client.send(Buffer.alloc(length, sent));
          });
        await echo(64, MESSAGES);
        await echo(1_000_000, 16);
        client.close();
        await once(client, 'close');
        sockets.close();
        await end();
      };
    },
  },
];
