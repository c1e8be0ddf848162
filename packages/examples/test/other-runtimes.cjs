// Tries each row of the table in docs/runtimes.md, and prints what came of it:
//   node|bun|deno other-runtimes.cjs
const { closeSync, openSync } = require('node:fs');
const { once } = require('node:events');
const http = require('node:http');
const { createServer } = require('node:net');
const { buffer } = require('node:stream/consumers');
const { setTimeout } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const socket = require('@bsd-sockets/socket');
const promises = require('@bsd-sockets/socket/promises');
const resolver = require('@bsd-sockets/resolver');
const lookups = require('@bsd-sockets/resolver/promises');
const can = require('@bsd-sockets/can');

const data = Buffer.from('data');

function expect(condition, what) {
  if (!condition) throw new Error(`wrong: ${what}`);
}

function listen() {
  const server = socket.createServer(['127.0.0.1', 0]);
  server.settimeout(20);
  return server;
}

/** Runs code in a worker thread, and returns its first message. What the worker throws comes out here. */
async function inWorker(code, last) {
  const worker = new Worker(`const { parentPort } = require('node:worker_threads'); ${code}`, { eval: true });
  try {
    const [message] = await once(worker, 'message');
    if (message.code) throw Object.assign(new Error(message.text), { code: message.code });
    return message;
  } finally {
    await (last ? last(worker) : worker.terminate());
  }
}

const rows = {
  TCP: () => {
    const server = listen();
    const client = socket.createConnection(server.getsockname());
    const [peer] = server.accept();
    client.sendall(Buffer.alloc(100_000));
    client.close();
    expect(peer.recv(100_000, socket.MSG_WAITALL).length === 100_000, 'length');
    for (const one of [server, peer]) one.close();
  },
  timeouts: () => {
    const [a, b] = socket.socketpair();
    a.settimeout(0.05);
    try {
      expect(!a.recv(1), 'no timeout');
    } catch (error) {
      expect(error instanceof socket.TimeoutError, error);
    }
    for (const one of [a, b]) one.close();
  },
  'control messages, descriptors': () => {
    const [a, b] = socket.socketpair();
    const file = openSync(__filename);
    socket.sendFds(a, [data], [file]);
    const [received, fds] = socket.recvFds(b, 4, 1);
    expect(received.equals(data) && fds.length === 1, fds);
    socket.close(fds[0]);
    closeSync(file);
    for (const one of [a, b]) one.close();
  },
  batches: () => {
    const [a, b] = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM);
    for (const text of ['one', 'two']) a.send(Buffer.from(text));
    const batch = new socket.MessageBatch(b, 4, 16);
    expect(b.recvmmsg(batch) === 2, 'two messages');
    for (const one of [a, b]) one.close();
  },
  '`makefile`, `sendfile`': () => {
    const [a, b] = socket.socketpair();
    const file = openSync(__filename);
    expect(a.sendfile(file, 0, 100) === 100, 'sendfile');
    closeSync(file);
    a.sendall(Buffer.from('\n'));
    expect(b.makefile('r').readline().startsWith('//'), 'makefile');
    for (const one of [a, b]) one.close();
  },
  'options, `select`, `probe`': () => {
    const [a, b] = socket.socketpair();
    a.send(data);
    expect(a.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) === socket.SOCK_STREAM, 'type');
    expect(socket.select([b], [], [], 20)[0].length === 1, 'select');
    expect(
      socket.probe().some((row) => row.available),
      'probe',
    );
    for (const one of [a, b]) one.close();
  },
  'families and their codecs': () => {
    const frame = { id: 0x123, data };
    expect(can.decodeFrame(can.encodeFrame(frame)).data.equals(data), 'frame');
    const family = socket.familyOf(socket.AF_UNIX);
    expect(family.decode(family.encode('/tmp/x')) === '/tmp/x', 'address');
  },
  lookups: () => {
    expect(resolver.getaddrinfo('localhost', 80).length > 0, 'localhost');
    expect(resolver.gethostbyaddr('127.0.0.1')[2][0] === '127.0.0.1', 'gethostbyaddr');
    try {
      expect(resolver.getprotobyname('udp') === 17, 'getprotobyname');
    } catch (error) {
      // Debian has no /etc/protocols of its own.
      expect(error.code === 'ENOENT', error);
    }
  },
  'lookups that return promises': async () => {
    const found = await Promise.all(Array.from({ length: 20 }, () => lookups.getaddrinfo('localhost', 80)));
    expect(
      found.every((rows) => rows.length > 0),
      'localhost',
    );
  },
  'blocking sockets in a worker, ended while it waits': async () => {
    await inWorker(`
      const [a, b] = require(${JSON.stringify(require.resolve('@bsd-sockets/socket'))}).socketpair();
      parentPort.postMessage('waits');
      b.recv(1);`);
  },
  'lookups that return promises, in a worker that ends': async () => {
    const code = `
      require(${JSON.stringify(require.resolve('@bsd-sockets/resolver/promises'))}).getaddrinfo('localhost', 80)
        .catch((error) => parentPort.postMessage({ code: error.code, text: error.message }));
      setTimeout(() => parentPort.postMessage('asked'), 100);`;
    await inWorker(code);
  },
  'calls of promises that need not wait': async () => {
    const [a, b] = promises.socketpair();
    await a.send(data);
    expect((await b.recv(4)).equals(data), 'data');
    for (const one of [a, b]) one.close();
  },
  'calls of promises that wait': async () => {
    const [a, b] = promises.socketpair();
    try {
      const received = b.recv(4);
      await Promise.all([received, a.send(data)]);
      expect((await received).equals(data), 'data');
    } finally {
      for (const one of [a, b]) one.close();
    }
  },
  'servers and connections of promises': async () => {
    const server = await promises.createServer(['127.0.0.1', 0]);
    try {
      const client = await promises.createConnection(server.getsockname());
      const [peer] = await server.accept();
      for (const one of [client, peer]) one.close();
    } finally {
      server.close();
    }
  },
  '`toDuplex`, `feed`, `HttpAgent`': async () => {
    const streams = promises.socketpair().map((one) => one.toDuplex());
    const failed = new Promise((_, fail) => {
      for (const stream of streams) stream.on('error', fail);
    });
    try {
      const received = Promise.race([once(streams[1], 'data'), failed]);
      await Promise.all([received, setTimeout(50).then(() => streams[0].write(data))]);
      expect((await received)[0].equals(data), 'data');
    } finally {
      for (const one of streams) one.destroy();
    }
    const listener = await promises.createServer('\0runtimes', { family: socket.AF_UNIX });
    const address = listener.getsockname();
    const server = http.createServer((_request, response) => response.end(data));
    promises.feed(server, listener);
    const agent = new promises.HttpAgent({ family: socket.AF_UNIX, address });
    try {
      const [response] = await once(http.get('http://localhost/', { agent }), 'response');
      expect((await buffer(response)).equals(data), 'response');
    } finally {
      agent.destroy();
      listener.close();
    }
  },
  '`toNetServer`': async () => {
    const listener = await promises.createServer(['127.0.0.1', 0]);
    const address = listener.getsockname();
    const server = await listener.toNetServer(createServer((connection) => connection.end(data)));
    const client = socket.createConnection(address);
    while (socket.select([client], [], [], 0)[0].length === 0) await setTimeout(20);
    expect(client.recv(4).equals(data), 'data');
    client.close();
    server.close();
  },
  '`toNetSocket`': async () => {
    const [a, b] = promises.socketpair();
    const stream = a.toNetSocket();
    try {
      await new Promise((written, fail) => stream.on('error', fail).write(data, written));
      expect(socket.select([b], [], [], 20)[0].length === 1, 'select');
      expect((await b.recv(4)).equals(data), 'data');
    } finally {
      stream.destroy();
      b.close();
    }
  },
};

(async () => {
  for (const [name, attempt] of Object.entries(rows)) {
    let result = 'yes';
    try {
      await attempt();
    } catch (error) {
      result = error.code ?? String(error.stack);
    }
    console.log(JSON.stringify([name, result]));
  }
})();
