import { match, strictEqual } from 'node:assert/strict';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { freePort, run } from '../harness/programs.mjs';

const SECONDS = 1;
const REQUESTS = 10_000;

export const cases = [
  {
    client: 'wrk, TCP',
    does: 'as many requests to an HTTP server as it can, over 50 connections',
    async prepare() {
      const address = { host: '127.0.0.1', port: await freePort() };
      const url = `http://${address.host}:${address.port}/`;
      return async (way) => {
        const end = await way.serve(
          createHttp((_request, response) => response.end('answer')),
          address,
        );
        const output = await run('wrk', ['-t1', '-c50', `-d${SECONDS}s`, url]);
        await end();
        strictEqual(/Socket errors|Non-2xx/.test(output), false, output);
        return 1 / Number(output.match(/Requests\/sec:\s*([\d.]+)/)[1]);
      };
    },
  },
  {
    client: 'h2load, TCP',
    does: `${REQUESTS} requests of HTTP/2 over 10 connections, 10 at once on each`,
    async prepare() {
      const address = { host: '127.0.0.1', port: await freePort() };
      const url = `http://${address.host}:${address.port}/`;
      return async (way) => {
        const server = createHttp2();
        server.on('stream', (stream) => {
          stream.respond({ ':status': 200 });
          stream.end('answer');
        });
        const end = await way.serve(server, address);
        const output = await run('h2load', [`-n${REQUESTS}`, '-c10', '-m10', url]);
        await end();
        match(output, new RegExp(`${REQUESTS} succeeded, 0 failed`));
        return 1 / Number(output.match(/finished in .*, ([\d.]+) req\/s/)[1]);
      };
    },
  },
];
