import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { runProgram } from '../program';

const promisesPath = createRequire(import.meta.url).resolve('@bsd-sockets/socket/promises');

/** What a client of a server that sends `one`, and, when that is there, `two` and the end tells when the first call of a listener throws. */
async function toldBy(whose: 'node' | 'ours', event: string): Promise<string[]> {
  const { said, stderr } = await runProgram(
    `
    const { AF_INET, connectDuplex } = require(args[0]);
    const net = require('node:net');
    const told = [];
    process.on('uncaughtException', ({ message }, origin) => told.push(\`\${origin}: \${message}\`));
    const server = net.createServer((peer) => {
      setTimeout(() => peer.write('one'), 20);
      peer.once('data', () => setTimeout(() => peer.end('two'), 20));
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      const stream = args[1] === 'node'
        ? net.connect(port, '127.0.0.1')
        : connectDuplex({ family: AF_INET, address: ['127.0.0.1', port] });
      stream.on('data', (data) => told.push(\`\${data}\`));
      stream.once('data', () => stream.write('go on'));
      for (const event of ['connect', 'end', 'close']) stream.on(event, () => told.push(event));
      stream.once(args[2], () => { throw new Error('thrown'); });
      stream.on('close', () => server.close(() => say(told)));
    });`,
    { args: [promisesPath, whose, event] },
  );
  expect(stderr).toBe('');
  return said[0] as string[];
}

test('a stream goes on when a listener of its data throws, as a net.Socket', async () => {
  const told = await toldBy('ours', 'data');
  expect(told).toEqual(['connect', 'one', 'uncaughtException: thrown', 'two', 'end', 'close']);
  expect(told).toEqual(await toldBy('node', 'data'));
});

test('a stream goes on when a listener of `connect` throws, or the callback of what was written before', async () => {
  const expected = ['connect', 'uncaughtException: thrown', 'one', 'two', 'end', 'close'];
  expect(await toldBy('ours', 'connect')).toEqual(expected);
  const { said, stderr } = await runProgram(
    `
    const { AF_INET, connectDuplex } = require(args[0]);
    const told = [];
    process.on('uncaughtException', ({ message }, origin) => told.push(\`\${origin}: \${message}\`));
    const server = require('node:net').createServer((peer) => peer.end('answer').resume());
    server.listen(0, '127.0.0.1', () => {
      const stream = connectDuplex({ family: AF_INET, address: ['127.0.0.1', server.address().port] });
      stream.write('early', () => { throw new Error('thrown'); });
      for (const event of ['connect', 'data', 'close']) stream.on(event, () => told.push(event));
      stream.on('close', () => server.close(() => say(told)));
    });`,
    { args: [promisesPath] },
  );
  expect({ said: said.length, stderr }).toEqual({ said: 1, stderr: '' });
  const [first, ...rest] = said[0] as string[];
  expect([first, rest.pop()]).toEqual(['connect', 'close']);
  // The answer may be there already.
  expect(rest.sort()).toEqual(['data', 'uncaughtException: thrown']);
});

test('what a listener throws of data that are there at the connection is an uncaught exception', async () => {
  const { said, stderr } = await runProgram(
    `
    const { connectDuplex, socketpair } = require(args[0]);
    const told = [];
    process.on('uncaughtException', ({ message }, origin) => told.push(\`\${origin}: \${message}\`));
    const [near, far] = socketpair();
    far.sendall(Buffer.from('early'));
    const stream = connectDuplex({ dial: () => new Promise((resolve) => setTimeout(resolve, 20, near)) });
    stream.on('data', (data) => told.push(\`\${data}\`));
    stream.once('data', () => { setTimeout(() => far.sendall(Buffer.from('late')).then(() => far.close()), 20); throw new Error('thrown'); });
    stream.on('close', () => say(told));`,
    { args: [promisesPath] },
  );
  expect({ said, stderr }).toEqual({ said: [['early', 'uncaughtException: thrown', 'late']], stderr: '' });
});

test.skipIf(without('descriptors'))(
  'a listener of `fds` that throws keeps nobody from the bytes (descriptors)',
  async () => {
    const { said, stderr } = await runProgram(
      `
      const [a, b] = require(args[0]).socketpair().map((socket) => socket.toDuplex({ fds: true }));
      const told = [];
      process.on('uncaughtException', ({ message }, origin) => told.push(\`\${origin}: \${message}\`));
      b.on('fds', (fds) => {
        fds.forEach(require(args[0]).close);
        throw new Error('thrown');
      });
      b.on('data', (data) => told.push(\`\${data}\`));
      b.on('close', () => say(told));
      a.writeWithFds(Buffer.from('one'), [0]);
      setTimeout(() => a.end('two'), 30);`,
      { args: [promisesPath] },
    );
    expect({ said, stderr }).toEqual({ said: [['one', 'uncaughtException: thrown', 'two']], stderr: '' });
  },
);

const THROWN = 'uncaughtException: thrown';
/** What a server tells whose first listener of an event throws. */
const TOLD: Record<string, string[]> = {
  listening: [THROWN, 'connection', 'connection', 'connection'],
  connection: [THROWN, 'connection', 'connection'],
  drop: ['connection', THROWN, 'drop'],
};

async function toldByServer(whose: 'node' | 'ours', event: string): Promise<string[]> {
  const { said, stderr } = await runProgram(
    `
    const { createServer, feed } = require(args[0]);
    const net = require('node:net');
    const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
    const told = [];
    process.on('uncaughtException', ({ message }, origin) => told.push(\`\${origin}: \${message}\`));
    const server = net.createServer();
    server.maxConnections = args[2] === 'drop' ? 1 : 3;
    server.once(args[2], () => { throw new Error('thrown'); });
    for (const event of ['connection', 'drop']) server.on(event, () => told.push(event));
    (async () => {
      if (args[1] === 'ours') feed(server, await createServer(['127.0.0.1', 0])).finally(() => told.push('fed'));
      else server.listen(0, '127.0.0.1');
      await pause();
      const { port } = server.address();
      const clients = [];
      for (let count = 0; count < 3; count++) {
        clients.push(net.connect(port, '127.0.0.1').on('error', () => {}));
        await pause();
      }
      say(told);
      for (const client of clients) client.destroy();
      server.close();
    })();`,
    { args: [promisesPath, whose, event] },
  );
  expect(stderr).toBe('');
  return said[0] as string[];
}

test.each(Object.entries(TOLD))('a server is fed on when a listener of `%s` throws', async (event, told) => {
  expect(await toldByServer('ours', event)).toEqual(told);
});

test.each(Object.entries(TOLD))('as a server listens on when a listener of `%s` throws', async (event, told) => {
  expect(await toldByServer('node', event)).toEqual(told);
});
