import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import * as net from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  connectDuplex,
  createServer,
  IP_TOS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_TCLASS,
  SHUT_WR,
  SO_LINGER,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  type SocketDuplexOptions,
  socketpair,
} from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { openDescriptors } from '../open-descriptors';
import { noSocket, onWindows, promisePair } from '../platform';
import { runProgram, startProgram } from '../program';

const promisesPath = createRequire(import.meta.url).resolve('@bsd-sockets/socket/promises');

function pair(options: SocketDuplexOptions = {}, type = SOCK_STREAM) {
  return promisePair(type).map((socket) => socket.toDuplex(options)) as [Stream, Stream];
}
type Stream = ReturnType<Socket<any>['toDuplex']>;

async function tcp(): Promise<[Socket, Socket]> {
  using server = await createServer(['127.0.0.1', 0]);
  const client = new Socket(AF_INET);
  const [[connection]] = await Promise.all([server.accept(), client.connect(server.getsockname())]);
  return [client, connection];
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  // By default the end of the loop destroys the stream, its writable side with it.
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) text += chunk;
  return text;
}

/** Waits for the ends of streams, and reads what nobody wants any more. */
async function closed(...streams: Readable[]): Promise<void> {
  await Promise.all(streams.map((stream) => stream.closed || once(stream.resume(), 'close')));
}

describe('a stream over a socket', () => {
  test('carries strings and bytes both ways, and ends', async () => {
    const [a, b] = pair({ allowHalfOpen: true });
    a.write('naïve ');
    a.write(Buffer.from('bytes '));
    a.end('6d6f7265', 'hex');
    expect(await textOf(b)).toBe('naïve bytes more');
    b.end('answer');
    expect(await textOf(a)).toBe('answer');
    await closed(a, b);
    expect([a.bytesWritten, b.bytesRead, b.bytesWritten]).toEqual([17, 17, 6]);
    expect([a.socket, b.socket].map((socket) => (socket as Socket<any>).fileno())).toEqual([-1, -1]);
  });

  test('sends more buffers at once than one system call takes', async () => {
    const [a, b] = pair();
    const chunks = Array.from({ length: 5000 }, (_, index) => `${index},`);
    a.cork();
    for (const chunk of chunks) a.write(chunk);
    a.uncork();
    a.end();
    expect(await textOf(b)).toBe(chunks.join(''));
    b.end();
    await closed(a, b);
  });

  test('holds the writer up while nobody reads, and keeps no more than its limits', async () => {
    const [a, b] = pair({ readableHighWaterMark: 65536, writableHighWaterMark: 65536 });
    let written = 0;
    const chunk = Buffer.alloc(65536);
    b.read(0);
    const later = new Promise((resolve) => setTimeout(resolve, 500));
    for (let drained: unknown = true; drained; written += chunk.length) {
      drained = a.write(chunk) || (await Promise.race([once(a, 'drain'), later]));
    }
    expect(a.writableLength).toBeGreaterThan(0);
    expect(b.readableLength).toBeLessThanOrEqual(2 * 65536);
    a.end();
    let received = 0;
    b.on('data', (data) => {
      received += data.length;
    });
    await once(b, 'end');
    expect(received).toBe(written);
    b.end();
    await closed(a, b);
  });

  const SIZE = Number(process.env.STREAM_BYTES ?? 64 * 2 ** 20);
  test(`brings ${SIZE} bytes to a slow reader whole, in bounded memory (STREAM_BYTES for more)`, {
    timeout: 600_000,
  }, async () => {
    const [client, connection] = await tcp();
    client.setsockopt(SOL_SOCKET, SO_RCVBUF, 65536);
    const [from, to] = [connection.toDuplex(), client.toDuplex()];
    const piece = randomBytes(1 << 20);
    const sent = createHash('sha256');
    function* body() {
      for (let left = SIZE; left > 0; left -= piece.length) {
        const data = left < piece.length ? piece.subarray(0, left) : piece;
        piece.writeUInt32LE(left % 2 ** 32);
        const copy = Buffer.from(data);
        sent.update(copy);
        yield copy;
      }
    }
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    let most = 0;
    const hash = createHash('sha256');
    let count = 0;
    const read = (async () => {
      for await (const data of to) {
        hash.update(data);
        if (count++ % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
        if (count % 256 === 0) most = Math.max(most, process.memoryUsage().rss - before);
      }
    })();
    await pipeline(Readable.from(body()), from);
    await read;
    to.end();
    expect(hash.digest('hex')).toBe(sent.digest('hex'));
    expect(to.bytesRead).toBe(SIZE);
    expect(most).toBeLessThan(400 * 2 ** 20);
    await closed(from, to);
  });

  test('may be half open, or end with its peer', async () => {
    const [open, peer] = pair({ allowHalfOpen: true });
    peer.end();
    open.resume();
    await once(open, 'end');
    expect(open.writable).toBe(true);
    open.end('late');
    expect(await textOf(peer)).toBe('late');
    await closed(open, peer);

    // As net.Socket: that is the default, and nobody has to read.
    const [strict, other] = pair();
    other.end();
    await once(strict, 'end');
    await expect(new Promise((_resolve, reject) => strict.write('late', reject))).rejects.toMatchObject({
      code: 'EPIPE',
      message: 'This socket has been ended by the other party',
    });
    strict.on('error', () => {});
    expect(await textOf(other)).toBe('');
    await closed(strict, other);
  });

  test('is destroyed with the error that it is given, and its descriptor is closed', async () => {
    const before = openDescriptors();
    const [a, b] = pair();
    const failed = once(a, 'error');
    const gone = new Promise((resolve) => a.once('close', resolve));
    const end = once(b, 'end');
    a.resume();
    a.destroy(new Error('enough'));
    // A wait that the close ends is no second error.
    expect(await failed).toEqual([new Error('enough')]);
    await gone;
    b.resume();
    await end;
    b.destroy();
    await closed(b);
    expect(openDescriptors()).toEqual(before);
  });

  test('reports a reset and a broken pipe', async () => {
    const [client, connection] = await tcp();
    const stream = connection.toDuplex();
    stream.resume();
    client.setsockopt(SOL_SOCKET, SO_LINGER, Buffer.from(new Int32Array([1, 0]).buffer));
    const failed = once(stream, 'error');
    client.close();
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
    await closed(stream);

    const [a, b] = pair();
    b.destroy();
    await closed(b);
    const broken = once(a, 'error');
    a.write('x');
    if (onWindows) {
      // Over TCP the first is on its way before it is known that the peer is gone.
      await new Promise((resolve) => setTimeout(resolve, 100));
      a.write('x');
    }
    const codes = onWindows ? ['ECONNABORTED', 'ECONNRESET'] : ['EPIPE'];
    expect(codes).toContain((await broken)[0].code);
    await closed(a);
  });

  test.skipIf(without('room of a unix pair'))(
    'counts a part of a long write as activity (room of a unix pair)',
    async () => {
      const [near, far] = socketpair();
      const stream = near.toDuplex();
      let timeouts = 0;
      stream.setTimeout(600, () => timeouts++);
      let written = false;
      stream.write(Buffer.alloc(3_000_000), () => {
        written = true;
      });
      const begin = Date.now();
      while (!written) {
        await far.recv(100_000);
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      expect(Date.now() - begin).toBeGreaterThan(600);
      expect(timeouts).toBe(0);
      await once(stream, 'timeout');
      stream.destroy();
      far.close();
    },
  );

  test('tells of idleness by `timeout`, and not while there is traffic', async () => {
    const [a, b] = pair();
    let timeouts = 0;
    a.setTimeout(500, () => timeouts++);
    expect(a.timeout).toBe(500);
    a.resume();
    for (let count = 0; count < 10; count++) {
      b.write('x');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await once(a, 'timeout');
    expect(timeouts).toBe(1);
    a.setTimeout(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(timeouts).toBe(1);
    expect(() => a.setTimeout(-1)).toThrow(RangeError);
    a.destroy();
    b.destroy();
  });

  test('keeps its process alive while it reads, unless it is unreferenced', async () => {
    const program = (timer: 'ref' | 'unref', then = '') => `
      const [a, b] = sockets.promises.socketpair();
      const stream = a.toDuplex();
      stream.resume();
      ${then}
      setTimeout(() => { say('still here'); process.exit(); }, 700).${timer}();
      process.on('exit', () => say('exit'));`;
    using forever = startProgram(program('unref'));
    expect((await forever.ended).said).toEqual(['still here', 'exit']);
    using never = startProgram(program('unref', 'stream.unref();'));
    expect((await never.ended).said).toEqual(['exit']);
    using again = startProgram(program('unref', 'stream.unref(); stream.ref();'));
    expect((await again.ended).said).toEqual(['still here', 'exit']);
  });

  // Windows ignores it.
  test.skipIf(without('a type of service')).each([
    ['IPv4', AF_INET, '127.0.0.1', IPPROTO_IP, IP_TOS],
    ['IPv6', AF_INET6, '::1', IPPROTO_IPV6, IPV6_TCLASS],
  ])(
    'sets the type of service of %s, before it is connected and after (a type of service)',
    async (_, family, host, level, option) => {
      using server = await createServer([host, 0], { family });
      const stream = connectDuplex({ family, address: server.getsockname() });
      expect(stream.getTypeOfService()).toBe(0);
      expect(stream.setTypeOfService(8)).toBe(stream);
      expect(stream.getTypeOfService()).toBe(8);
      await once(stream, 'connect');
      expect([stream.getTypeOfService(), stream.socket.getsockopt(level, option)]).toEqual([8, 8]);
      stream.setTypeOfService(16);
      expect([stream.getTypeOfService(), stream.socket.getsockopt(level, option)]).toEqual([16, 16]);
      for (const wrong of [-1, 256, 1.5, Number.NaN]) expect(() => stream.setTypeOfService(wrong)).toThrow(RangeError);
      expect(() => stream.setTypeOfService('8' as never)).toThrow(TypeError);
      stream.destroy();
      expect(stream.getTypeOfService()).toBe(16);
    },
  );

  test('only remembers the type of service where the family has none', () => {
    const [a, b] = pair();
    expect(a.setTypeOfService(8).getTypeOfService()).toBe(8);
    a.destroy();
    b.destroy();
  });

  test('has the names of net.Socket for its addresses and settings', async () => {
    const [client, connection] = await tcp();
    const [host, port] = client.getsockname();
    const stream = connection.toDuplex();
    expect([stream.remoteAddress, stream.remotePort]).toEqual([host, port]);
    expect([stream.localAddress, stream.localPort]).toEqual(client.getpeername());
    expect(stream.address()).toEqual({ address: stream.localAddress, family: 'IPv4', port: stream.localPort });
    expect([stream.remoteFamily, stream.localFamily]).toEqual(['IPv4', 'IPv4']);
    expect(stream.setNoDelay().setKeepAlive(true, 5000)).toBe(stream);
    expect(stream.connecting).toBe(false);
    stream.destroy();
    client.close();
    const [a, b] = pair();
    expect(a.setNoDelay().setKeepAlive(true)).toBe(a);
    if (!onWindows) {
      expect([a.remoteAddress, a.localPort, a.remoteFamily, a.address()]).toEqual([
        undefined,
        undefined,
        undefined,
        {},
      ]);
    }
    a.destroy();
    b.destroy();
  });

  test('is refused for what is no connection', () => {
    using datagrams = new Socket(AF_INET, SOCK_DGRAM);
    expect(() => datagrams.toDuplex()).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
    using unconnected = new Socket(AF_INET);
    expect(() => unconnected.toDuplex()).toThrow(expect.objectContaining({ code: 'ENOTCONN' }));
    const closedOne = new Socket(AF_INET);
    closedOne.close();
    expect(() => closedOne.toDuplex()).toThrow(expect.objectContaining(noSocket));
    const [a, b] = socketpair();
    a.recv(1).catch(() => {});
    expect(() => a.toDuplex()).toThrow(expect.objectContaining({ code: 'EBUSY' }));
    expect(() => a.toNetSocket()).toThrow(expect.objectContaining({ code: 'EBUSY' }));
    expect(() => b.toDuplex({ bufsize: 0 })).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
    a.close();
    b.close();
  });
});

/** What a listener of `data` finds in an AsyncLocalStorage whose value was set where the stream was made. */
test.each(onWindows ? ['toDuplex'] : ['net.Socket', 'toDuplex'])(
  'data of %s come in the asynchronous context that it was made in',
  async (kind) => {
    const storage = new AsyncLocalStorage<string>();
    const [socket, peer] = socketpair();
    const stream = storage.run('made', () => (kind === 'toDuplex' ? socket.toDuplex() : socket.toNetSocket()));
    const found: unknown[] = [];
    storage.run('listened', () => stream.on('data', () => found.push(storage.getStore())));
    for (let time = 1; time <= 3; time++) {
      await peer.send(Buffer.from('x'));
      while (found.length < time) await new Promise(setImmediate);
    }
    expect(found).toEqual(['made', 'made', 'made']);
    stream.destroy();
    peer.close();
  },
);

test('a listener that throws keeps no other stream from its data', async () => {
  const { said, stderr } = await runProgram(
    `
    const promises = require(args[0]);
    const pairs = Array.from({ length: 5 }, () => promises.socketpair());
    const streams = pairs.map(([socket]) => socket.toDuplex());
    let count = 0;
    process.on('uncaughtException', ({ message }, origin) => say([message, origin]));
    streams.forEach((stream, index) => stream.on('data', () => {
      if (++count === 5) setTimeout(() => process.exit(), 100);
      throw new Error(\`listener \${index}\`);
    }));
    setTimeout(() => { for (const [, peer] of pairs) peer.send(Buffer.from('x')); }, 20);`,
    { args: [promisesPath] },
  );
  expect({ said, stderr }).toEqual({
    said: [0, 1, 2, 3, 4].map((index) => [`listener ${index}`, 'uncaughtException']),
    stderr: '',
  });
});

describe('a socket that belongs to somebody', () => {
  const busy = (hint: string) => expect.objectContaining({ code: 'EBUSY', message: expect.stringContaining(hint) });

  test('is not given to another: a file is open', async () => {
    const [a, b] = socketpair();
    const file = a.makefile('rb');
    await b.send(Buffer.from('STARTTLS\r\nrest'));
    await file.readline();
    for (const take of ['toDuplex', 'toNetSocket'] as const)
      expect(() => a[take]()).toThrow(busy('files of the socket'));
    await expect(a.toNetServer(net.createServer())).rejects.toEqual(busy('files of the socket'));
    expect(`${await file.read(4)}`).toBe('rest');
    await file.close();
    const stream = a.toDuplex();
    b.close();
    await closed(stream);
  });

  test('is not given to another: a stream has it, and only that receives', async () => {
    const [a, b] = socketpair();
    const stream = a.toDuplex();
    const hint = 'the socket belongs to a stream';
    for (const take of ['toDuplex', 'toNetSocket', 'makefile'] as const) expect(() => a[take]()).toThrow(busy(hint));
    expect(() => Socket.from(a)).toThrow(busy(hint));
    for (const call of [
      a.toNetServer(net.createServer()),
      a.recv(1),
      a.recvfrom(1),
      a.recvInto(Buffer.alloc(1)),
      a.recvfromInto(Buffer.alloc(1)),
      a.recvmsg(1),
      a.recvmsgInto([Buffer.alloc(1)]),
      a.recvmmsg(1, 1),
      a.datagrams().next(),
      a.accept(),
    ]) {
      await expect(call).rejects.toEqual(busy(hint));
    }
    await b.send(Buffer.from('all of it'));
    b.close();
    expect(await textOf(stream)).toBe('all of it');
    await closed(stream);
    await expect(a.recv(1)).rejects.toMatchObject(noSocket);
  });
});

test.skipIf(without('SOCK_SEQPACKET'))('a seqpacket socket is a stream of messages (SOCK_SEQPACKET)', async () => {
  const [a, b] = pair({}, SOCK_SEQPACKET);
  expect(a.readableObjectMode && a.writableObjectMode).toBe(true);
  a.cork();
  for (const message of ['one', 'two', 'three']) a.write(message);
  a.uncork();
  a.end();
  const messages: string[] = [];
  for await (const message of b) messages.push(`${message}`);
  expect(messages).toEqual(['one', 'two', 'three']);
  b.end();
  a.resume();
  await closed(a, b);
});

test.skipIf(without('Windows'))('Node takes no socket on Windows, which says so and stays open (Windows)', async () => {
  const refusal = { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', message: expect.stringContaining('toDuplex()') };
  const [a, b] = socketpair();
  expect(() => a.toNetSocket()).toThrow(expect.objectContaining(refusal));
  await expect(a.toNetServer(net.createServer())).rejects.toMatchObject(refusal);
  await a.send(Buffer.from('still'));
  expect(`${await b.recv(10)}`).toBe('still');
  a.close();
  b.close();
});

describe.skipIf(without('descriptors'))('the hand-over to Node (descriptors)', () => {
  test.each([
    ['inet', AF_INET, ['127.0.0.1', 0]],
    ['inet6', AF_INET6, ['::1', 0]],
    ['unix', AF_UNIX, '\0bsd-sockets-hand-over'],
  ] as const)('of a connection and of a listening socket (%s)', async (_name, family, address) => {
    const before = openDescriptors();
    const listener = new Socket<any>(family);
    await listener.bind(address);
    listener.listen();
    const bound = listener.getsockname();
    const server = await listener.toNetServer(net.createServer((connection) => connection.pipe(connection)));
    expect(listener.fileno()).toBe(-1);
    const client = new Socket<any>(family);
    await client.connect(bound);
    const stream = client.toNetSocket();
    expect(client.fileno()).toBe(-1);
    stream.end('through node');
    expect(await textOf(stream)).toBe('through node');
    server.close();
    await once(server, 'close');
    await new Promise((resolve) => setImmediate(resolve));
    expect(openDescriptors()).toEqual(before);
  });

  test('of another kind of socket is refused, and leaves it as it was', async () => {
    const [a, b] = socketpair(AF_UNIX, SOCK_SEQPACKET);
    expect(() => a.toNetSocket()).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
    await expect(a.toNetServer(net.createServer())).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    await a.send(Buffer.from('still'));
    expect(`${await b.recv(10)}`).toBe('still');
    a.shutdown(SHUT_WR!);
    a.close();
    b.close();
  });
});
