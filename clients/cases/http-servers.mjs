import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import express from 'express';
import fastify from 'fastify';
import httpProxy from 'http-proxy';
import { WebSocket, WebSocketServer } from 'ws';
import { SHORT_MESSAGES } from '../harness/limits.mjs';

const REQUESTS = 500;
const AT_ONCE = 20;

/** Posts JSON, and returns the JSON of the answer. */
async function post(agent, value) {
  const body = JSON.stringify(value);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const asked = request({ agent, method: 'POST', path: '/double', headers });
  asked.end(body);
  const [response] = await once(asked, 'response');
  strictEqual(response.statusCode, 200);
  return JSON.parse(await text(response));
}

/** Asks a server at an address. */
async function ask(way, address) {
  const agent = way.agent(address, { keepAlive: true, maxSockets: AT_ONCE });
  let left = REQUESTS;
  const worker = async () => {
    for (let number = left--; number > 0; number = left--) {
      deepStrictEqual(await post(agent, { number, padding: 'x'.repeat(500) }), { doubled: 2 * number });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  agent.destroy();
}

const does = `${REQUESTS} POST requests of JSON, ${AT_ONCE} at once`;

export const cases = [
  {
    client: 'express, unix',
    does,
    async prepare({ folder }) {
      const address = { path: join(folder, 'express.sock') };
      const app = express();
      app.use(express.json());
      app.post('/double', ({ body }, response) => response.json({ doubled: 2 * body.number }));
      return async (way) => {
        const end = await way.serve(createServer(app), address);
        await ask(way, address);
        await end();
      };
    },
  },
  {
    client: 'fastify, unix',
    does,
    async prepare({ folder }) {
      const address = { path: join(folder, 'fastify.sock') };
      return async (way) => {
        let server;
        const app = fastify({
          serverFactory: (handler) => {
            server = createServer(handler);
            return server;
          },
        });
        app.post('/double', async ({ body }) => ({ doubled: 2 * body.number }));
        await app.ready();
        const end = await way.serve(server, address);
        await ask(way, address);
        await end();
      };
    },
  },
  {
    client: 'http-proxy, unix',
    does: `${does}, and 200 messages of a WebSocket, through a proxy`,
    limit: SHORT_MESSAGES,
    async prepare({ folder }) {
      const address = { path: join(folder, 'proxy.sock') };
      const behind = { path: join(folder, 'behind.sock') };
      return async (way) => {
        const origin = createServer(async (asked, response) => {
          const { number } = JSON.parse(await text(asked));
          response.end(JSON.stringify({ doubled: 2 * number }));
        });
        const sockets = new WebSocketServer({ server: origin });
        sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
        const endOrigin = await way.serve(origin, behind);

        const agent = way.agent(behind, { keepAlive: true });
        const proxy = httpProxy.createProxyServer({ target: 'http://localhost', agent });
        const server = createServer((asked, response) => proxy.web(asked, response));
        server.on('upgrade', (asked, socket, head) => proxy.ws(asked, socket, head));
        const end = await way.serve(server, address);

        await ask(way, address);
        const client = new WebSocket('ws://localhost', { createConnection: () => way.connect(address) });
        await once(client, 'open');
        for (let number = 0; number < 200; number++) {
          client.send(`message ${number}`);
          const [data] = await once(client, 'message');
          strictEqual(data.toString(), `message ${number}`);
        }
        client.close();
        await once(client, 'close');
        agent.destroy();
        await end();
        await endOrigin();
      };
    },
  },
];
