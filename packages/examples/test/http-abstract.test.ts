import { createServer } from 'node:http';
import { AF_UNIX, feed, Socket } from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { commandOf, hasProgram, start } from './process';

const noCurl = hasProgram('curl') ? '' : ': needs curl';
const NAME = `bsd-sockets-http-example-${process.pid}`;

describe('HTTP at an abstract unix socket', () => {
  test('our client and our server, which answers what it began before it ends', async () => {
    const server = start(commandOf('http-abstract-server', NAME));
    expect(await server.firstLine()).toBe(`Serving at @${NAME}`);
    const ask = (path: string, body: string) => start(commandOf('http-abstract-client', NAME, path, body)).finish();
    const long = 'x'.repeat(100_000); // an argument has at most 128 KiB
    expect(await Promise.all([ask('/one', 'first'), ask('/two', ''), ask('/three', long)])).toEqual([
      ['200 POST /one', 'first'],
      ['200 POST /two', ''],
      ['200 POST /three', long],
    ]);
    server.kill('SIGTERM');
    expect((await server.finish()).slice(1)).toEqual(['Closed']);
    await expect(ask('/', 'late')).rejects.toThrow('ECONNREFUSED');
  });

  test.skipIf(noCurl)(`curl and our server${noCurl}`, async () => {
    const server = start(commandOf('http-abstract-server', `${NAME}-curl`));
    await server.firstLine();
    const urls = ['http://localhost/a', 'http://localhost/b'];
    const asking = start(['curl', '-sS', '--abstract-unix-socket', `${NAME}-curl`, '--data', 'body', ...urls]);
    expect(await asking.finish()).toEqual(['POST /a', 'bodyPOST /b', 'body']);
  });

  test('our client and a server that answers with an error', async () => {
    using listener = new Socket(AF_UNIX);
    listener.bind(`\0${NAME}-other`);
    listener.listen();
    const server = createServer((_, response) => response.writeHead(404).end('nothing here'));
    const fed = feed(server, listener);
    const client = start(commandOf('http-abstract-client', `${NAME}-other`));
    expect(await client.finish()).toEqual(['404 nothing here']);
    listener.close();
    await fed;
    server.closeAllConnections();
  });
});
