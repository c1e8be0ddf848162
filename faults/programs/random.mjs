// Connections that are closed, aborted and timed out at random, with bytes that tell which they are: what arrives is what was
// sent, in its order, once; every promise is settled, and no descriptor is left. With the same seed it does the same, as far
// as the machine does.
// usage: node random.mjs [SEED]
import { Worker } from 'node:worker_threads';
import * as blocking from '@bsd-sockets/socket';
import {
  AF_INET,
  AF_UNIX,
  createServer,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  Socket,
  socketpair,
} from '@bsd-sockets/socket/promises';
import { later, trial } from './trial.mjs';

const seed = Number(process.argv[2] ?? Date.now() % 2 ** 31);

/** How many connections, and operations in each direction of them. */
const CONNECTIONS = 200;
const OPERATIONS = 40;
/** How many connections live at the same time. */
const SIDE_BY_SIDE = 8;
const STREAMS = 40;
const WORKERS = 12;

/** Mulberry32: numbers from 0 to 1. */
function generator(state) {
  let a = state;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The bytes of a direction from an offset on: each tells where it belongs. */
function tagged(tag, offset, length) {
  const bytes = Buffer.allocUnsafe(length);
  for (let index = 0, at = offset; index < length; index++, at++) bytes[index] = tag * 31 + at * 7 + (at >> 8);
  return bytes;
}

/** How an operation may fail that is closed, aborted or timed out. */
const ALLOWED = new Set([
  'ABORT_ERR',
  'EAGAIN',
  'EBADF',
  'ECANCELED',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTCONN',
  'EPIPE',
  'ETIMEDOUT',
]);

async function tcpPair() {
  const server = await createServer(['127.0.0.1', 0]);
  const near = new Socket(AF_INET);
  await near.connect(server.getsockname());
  const [far] = await server.accept();
  server.close();
  return [near, far];
}

const kinds = {
  stream: { pair: () => socketpair(AF_UNIX) },
  tcp: { pair: tcpPair },
  seqpacket: { pair: () => socketpair(AF_UNIX, SOCK_SEQPACKET), messages: true },
  // Nothing tells of its end.
  dgram: { pair: () => socketpair(AF_UNIX, SOCK_DGRAM), messages: true, endless: true },
};

const counts = { operations: 0, settled: 0, failed: 0, bytes: 0 };

/** Counts a promise: its value, or undefined where it failed in an allowed way. */
async function counted(expect, promise) {
  counts.operations++;
  try {
    return await promise;
  } catch (error) {
    counts.failed++;
    expect(ALLOWED.has(error.code), `unexpected: ${error.stack}`);
    return undefined;
  } finally {
    counts.settled++;
  }
}

class Connection {
  constructor(expect, random, kind, sockets) {
    Object.assign(this, { expect, random, kind, sockets });
  }

  below(most) {
    return Math.floor(this.random() * most);
  }

  /** A timeout of the socket and a signal for one call, at random. */
  limits(socket) {
    const timeouts = [this.kind.endless ? 0.02 : null, 0.02, 0, 0.001, 0.01];
    if (socket.fileno() >= 0) socket.settimeout(timeouts[this.below(timeouts.length)]);
    return this.below(4) === 0 ? { signal: AbortSignal.timeout(this.below(8)) } : undefined;
  }

  /** Sends tagged bytes, and returns how many surely left, and how many may have. */
  async write(socket, tag) {
    let sent = 0;
    for (let count = 0; count < OPERATIONS && socket.fileno() >= 0; count++) {
      const data = tagged(tag, sent, 1 + this.below(this.kind.messages ? 900 : 20_000));
      const options = this.limits(socket);
      const way = this.below(3);
      if (way === 0 && !this.kind.messages) {
        const done = await counted(
          this.expect,
          socket.sendall(data, 0, options).then(() => true),
        );
        // A part of it may have left.
        if (!done) return { sent, most: sent + data.length };
        sent += data.length;
      } else {
        const half = data.length >> 1;
        const parts = [data.subarray(0, half), data.subarray(half)];
        const call = way === 1 ? socket.send(data, 0, options) : socket.sendmsg(parts, [], 0, null, options);
        sent += (await counted(this.expect, call)) ?? 0;
      }
      if (this.below(60) === 0) socket.close();
    }
    return { sent, most: sent };
  }

  /** Receives until the end: the bytes of all receives in the order of their calls. */
  async read(socket, tag, written) {
    const parts = [];
    let ended = false;
    const receive = async (index, options) => {
      const size = this.kind.messages ? 1000 : 1 + this.below(30_000);
      const memory = Buffer.alloc(size);
      const ways = [
        () => socket.recv(size, 0, options),
        async () => memory.subarray(0, await socket.recvInto(memory, 0, 0, options)),
        async () => (await socket.recvmsg(size, 0, 0, options))[0],
      ];
      const data = await counted(this.expect, ways[this.below(ways.length)]());
      if (data) parts[index] = Buffer.from(data);
      if (data?.length === 0) ended = true;
      return data;
    };
    let calls = 0;
    let all = false;
    written.then(() => {
      all = true;
    });
    while (socket.fileno() >= 0 && !ended && !all) {
      // Some wait behind others.
      await Promise.all(Array.from({ length: 1 + this.below(3) }, () => receive(calls++, this.limits(socket))));
      if (this.below(80) === 0) socket.close();
    }
    // What is left, without any limit.
    const { sent, most } = await written;
    const length = () => parts.reduce((sum, part) => sum + (part?.length ?? 0), 0);
    const closed = socket.fileno() < 0;
    if (!closed) {
      const end = performance.now() + 20_000;
      // Nothing tells of the end of datagrams, and those of a closed peer are gone.
      const over = () =>
        ended || (this.kind.endless && (length() >= sent || this.sockets.some((end) => end.fileno() < 0)));
      // The other direction's timeouts are these too.
      while (socket.fileno() >= 0 && !over() && performance.now() < end) {
        socket.settimeout(0.3);
        await receive(calls++);
      }
    }
    const received = Buffer.concat(parts.filter(Boolean));
    counts.bytes += received.length;
    this.expect(received.length <= most, `${received.length} of ${most} bytes arrived`);
    this.expect(received.equals(tagged(tag, 0, received.length)), `bytes of ${tag} are lost, doubled or not theirs`);
    return { received: received.length, sent, closed };
  }

  /** Sends no more; the peer may have ended the connection already. */
  end(socket) {
    try {
      socket.shutdown(SHUT_WR);
    } catch (error) {
      this.expect(ALLOWED.has(error.code), error.stack);
    }
  }

  async run(tag) {
    const [near, far] = this.sockets;
    const ways = [
      { from: near, to: far, tag },
      { from: far, to: near, tag: tag + 1 },
    ];
    const results = await Promise.all(
      ways.map(async ({ from, to, tag }) => {
        const written = this.write(from, tag).then((result) => {
          if (from.fileno() >= 0 && !this.kind.endless) this.end(from);
          return result;
        });
        return { ...(await this.read(to, tag, written)), from };
      }),
    );
    // Where nobody closed anything, all has arrived.
    if (near.fileno() >= 0 && far.fileno() >= 0) {
      for (const { received, sent, closed } of results) {
        this.expect(closed || received >= sent, `${received} of ${sent} bytes arrived`);
      }
    }
    near.close();
    far.close();
  }
}

await trial(
  `closed, aborted and timed out at random, seed ${seed}`,
  async (expect) => {
    const names = Object.keys(kinds);
    let next = 0;
    await Promise.all(
      Array.from({ length: SIDE_BY_SIDE }, async () => {
        for (let tag = next++; tag < CONNECTIONS; tag = next++) {
          const random = generator(seed + tag);
          const kind = kinds[names[tag % names.length]];
          await new Connection(expect, random, kind, await kind.pair()).run(tag * 2);
        }
      }),
    );
    expect(counts.operations === counts.settled, `${counts.operations - counts.settled} promises are not settled`);
    expect(counts.bytes > 0 && counts.failed > 0, 'nothing was tried');
  },
  CONNECTIONS,
);

await trial(
  'streams destroyed at random',
  async (expect) => {
    const random = generator(seed);
    for (let tag = 0; tag < STREAMS; tag++) {
      const [near, far] = socketpair();
      const [writer, reader] = [near.toDuplex(), far.toDuplex()];
      const parts = [];
      writer.resume();
      reader.on('data', (data) => parts.push(data));
      for (const stream of [writer, reader])
        stream.on('error', (error) => expect(ALLOWED.has(error.code), error.stack));
      let written = 0;
      for (let count = 0; count < 20; count++) {
        const data = tagged(tag, written, 1 + Math.floor(random() * 50_000));
        written += data.length;
        writer.write(data);
        if (random() < 0.3) await later(0);
        if (random() < 0.02) (random() < 0.5 ? writer : reader).destroy();
      }
      const both = [writer, reader];
      const closed = both.map(
        (stream) => new Promise((resolve) => stream.once('close', resolve).destroyed && resolve()),
      );
      const broken = both.some((stream) => stream.destroyed);
      if (broken) for (const stream of both) stream.destroy();
      else {
        writer.end();
        reader.end();
      }
      await Promise.all(closed);
      const received = Buffer.concat(parts);
      expect(broken || received.length === written, `${received.length} of ${written} bytes arrived`);
      expect(
        received.equals(tagged(tag, 0, received.length)),
        `bytes of stream ${tag} are lost, doubled or not theirs`,
      );
    }
  },
  STREAMS,
);

await trial(
  'workers terminated at random',
  async (expect) => {
    const random = generator(seed);
    const program = `
      const B = require('@bsd-sockets/socket'); const P = require('@bsd-sockets/socket/promises');
      (async () => { for (;;) {
        const [a, b] = B.socketpair(); a.settimeout(1); for (let n = 0; n < 20; n++) { a.send(Buffer.alloc(9)); b.recv(9); }
        const [c, d] = P.socketpair(); await c.send(Buffer.alloc(9)); await d.recv(9); c.recv(9).catch(() => {});
        for (const s of [b, c]) s.close();
      } })();`;
    for (let count = 0; count < WORKERS; count++) {
      const worker = new Worker(program, { eval: true });
      worker.on('error', (error) => expect(false, error.stack));
      await later(Math.floor(random() * 120));
      const ended = await Promise.race([worker.terminate().then(() => true), later(5000)]);
      expect(ended, 'terminate() does not return');
    }
    const [near, far] = blocking.socketpair();
    near.send(Buffer.from('x'));
    expect(`${far.recv(1)}` === 'x', 'what is left does not work');
    near.close();
    far.close();
  },
  WORKERS,
);
console.error(`${counts.operations} operations, ${counts.failed} of them ended, ${counts.bytes} bytes`);
process.exit();
