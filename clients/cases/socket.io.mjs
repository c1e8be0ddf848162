import { strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { SHORT_MESSAGES } from '../harness/limits.mjs';

const EMITTED = 1000;

const transport = (name, transports, emitted) => ({
  client: `socket.io, ${name}`,
  does: `${emitted} events that are acknowledged, 10 at once`,
  limit: SHORT_MESSAGES,
  async prepare({ folder }) {
    const address = { path: join(folder, 'io.sock') };
    return async (way) => {
      const http = createServer();
      const server = new Server(http, { transports });
      server.on('connection', (socket) => socket.on('double', (number, reply) => reply(2 * number)));
      const end = await way.serve(http, address);

      const agent = way.agent(address, { keepAlive: true });
      const client = io('http://localhost', { agent, transports, forceNew: true, reconnection: false });
      await new Promise((resolve, reject) => client.once('connect', resolve).once('connect_error', reject));
      const emitter = async (_, first) => {
        for (let number = first; number < emitted; number += 10) {
          strictEqual(await client.emitWithAck('double', number), 2 * number);
        }
      };
      await Promise.all(Array.from({ length: 10 }, emitter));
      const [socket] = await server.fetchSockets();
      const left = once(socket.conn, 'close');
      client.disconnect();
      await left;
      agent.destroy();
      await end();
      server.close();
    };
  },
});

export const cases = [transport('WebSocket', ['websocket'], EMITTED), transport('polling', ['polling'], EMITTED / 4)];
