import { strictEqual } from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import axios from 'axios';
import got from 'got';
import { Pool } from 'undici';

const REQUESTS = 500;
const AT_ONCE = 20;
const BODY = 'x'.repeat(2048);

/** Repeats a request, so many at once. */
async function repeat(request, count = REQUESTS) {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await request();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** A case of a client whose requests reach a server that echoes; both ends are of the same way. */
const httpCase = (client, use, count = REQUESTS) => ({
  client: `${client}, unix`,
  does: `${count} POST requests of 2 KiB, ${AT_ONCE} at once, and one of 8 MB`,
  async prepare({ folder }) {
    const address = { path: join(folder, 'http.sock') };
    return async (way) => {
      const end = await way.serve(
        createServer((request, response) => request.pipe(response)),
        address,
      );
      const { post, close } = await use(way, address);
      await repeat(async () => strictEqual(await post(BODY), BODY), count);
      const long = 'long'.repeat(2_000_000);
      strictEqual(await post(long), long);
      await close();
      await end();
    };
  },
});

export const cases = [
  httpCase('undici', (way, address) => {
    const pool = new Pool('http://localhost', {
      connections: AT_ONCE,
      connect: (_options, done) => {
        const stream = way.connect(address);
        stream.once('error', done).once('connect', () => {
          stream.off('error', done);
          done(null, stream);
        });
      },
    });
    return {
      post: async (body) => (await pool.request({ path: '/', method: 'POST', body })).body.text(),
      close: () => pool.close(),
    };
  }),
  httpCase('axios', (way, address) => {
    const httpAgent = way.agent(address, { keepAlive: true, maxSockets: AT_ONCE });
    const client = axios.create({ httpAgent, proxy: false, maxContentLength: Infinity, maxBodyLength: Infinity });
    return {
      post: async (body) => (await client.post('http://localhost/', body, { responseType: 'text' })).data,
      close: () => httpAgent.destroy(),
    };
  }),
  httpCase(
    'got',
    (way, address) => {
      const http = way.agent(address, { keepAlive: true, maxSockets: AT_ONCE });
      const client = got.extend({ agent: { http }, retry: { limit: 0 } });
      return {
        post: (body) => client.post('http://localhost/', { body }).text(),
        close: () => http.destroy(),
      };
    },
    200,
  ),
];
