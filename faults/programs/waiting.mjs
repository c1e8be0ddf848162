// What waits costs no processor time, whatever poll(2) says of the socket, arrives in its order, and ends when it is told to.
import { Worker } from 'node:worker_threads';
import * as blocking from '@bsd-sockets/socket';
import {
  AF_INET,
  AF_UNIX,
  createConnection,
  createServer,
  options,
  SOCK_DGRAM,
  Socket,
  socketpair,
} from '@bsd-sockets/socket/promises';
import { later, trial } from './trial.mjs';

/** The most processor time of a wait, in milliseconds a second. */
const MOST_PROCESSOR = 50;

/** How much processor time a second this process takes meanwhile, in milliseconds. */
async function processor(milliseconds, run = later) {
  const before = process.cpuUsage();
  await run(milliseconds);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / milliseconds;
}

/** Fails if a wait takes too much processor time, or has many timers. */
async function expectQuiet(expect, run) {
  const took = await processor(1000, run);
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  expect(took < MOST_PROCESSOR, `${took.toFixed()} ms of processor time a second`);
  expect(timers < 16, `${timers} timers`);
}

let names = 0;

/** A receiver with a name, and senders that are not connected to it. */
async function datagramSockets(count) {
  const receiver = new Socket(AF_UNIX, SOCK_DGRAM);
  const name = `\0faults-${process.pid}-${names++}`;
  await receiver.bind(name);
  const senders = Array.from({ length: count }, () => new Socket(AF_UNIX, SOCK_DGRAM));
  return { receiver, name, senders };
}

await trial('waiting: a sender whose peer is full', async (expect) => {
  const { receiver, name, senders } = await datagramSockets(1);
  const sent = (async () => {
    for (;;) await senders[0].sendto(Buffer.from('m'), name);
  })().catch(() => {});
  await later(200);
  await expectQuiet(expect);
  for (const socket of [receiver, ...senders]) socket.close();
  await sent;
});

await trial(
  'waiting: four senders and a slow reader',
  async (expect) => {
    const { receiver, name, senders } = await datagramSockets(4);
    const most = 60;
    const sent = senders.map(async (sender, index) => {
      for (let number = 0; number < most; number++) await sender.sendto(Buffer.from(`${index} ${number}`), name);
    });
    const next = senders.map(() => 0);
    receiver.settimeout(5);
    for (let count = 0; count < senders.length * most; count++) {
      const [index, number] = `${await receiver.recv(100)}`.split(' ').map(Number);
      expect(number === next[index], `sender ${index}: ${number} in place of ${next[index]}`);
      next[index] = number + 1;
      await later(2);
    }
    await Promise.all(sent);
    for (const socket of [receiver, ...senders]) socket.close();
  },
  240,
);

await trial('waiting: a receive beside an error queue', async (expect) => {
  const socket = new Socket(AF_INET, SOCK_DGRAM);
  socket.setOption(options.IP_RECVERR, true);
  const gone = new Socket(AF_INET, SOCK_DGRAM);
  await gone.bind(['127.0.0.1', 0]);
  const address = gone.getsockname();
  gone.close();
  await socket.bind(['127.0.0.1', 0]);
  await socket.sendto(Buffer.from('x'), address);
  await later(20);
  // The first receive is told of the error, which stays in the queue.
  await socket.recv(1).catch(() => {});
  const waits = socket.recv(10);
  await expectQuiet(expect);
  const other = new Socket(AF_INET, SOCK_DGRAM);
  await other.sendto(Buffer.from('late'), socket.getsockname());
  expect(`${await waits}` === 'late', 'what comes later does not arrive');
  socket.close();
  other.close();
});

await trial(
  'waiting: many receives, accepts and timeouts',
  async (expect) => {
    const pairs = Array.from({ length: 50 }, () => socketpair());
    const server = await createServer(['127.0.0.1', 0]);
    for (const [near] of pairs.slice(0, 10)) near.settimeout(30);
    const all = [server.accept(), ...pairs.map(([near]) => near.recv(1))].map((wait) =>
      wait.catch((error) => error.code),
    );
    const took = await processor(1000);
    expect(took < MOST_PROCESSOR, `${took.toFixed()} ms of processor time a second`);
    for (const socket of [server, ...pairs.flat()]) socket.close();
    const ends = await Promise.all(all);
    expect(
      ends.every((code) => code === 'ECANCELED'),
      `they end with ${[...new Set(ends)]}`,
    );
  },
  51,
);

await trial('waiting: a blocking send with a timeout to a full peer', async (expect) => {
  const receiver = new blocking.Socket(AF_UNIX, SOCK_DGRAM);
  receiver.bind(`\0faults-${process.pid}-full`);
  const sender = new blocking.Socket(AF_UNIX, SOCK_DGRAM);
  sender.settimeout(0);
  const send = () => sender.sendto(Buffer.from('m'), `\0faults-${process.pid}-full`);
  for (let full = false; !full; ) {
    try {
      send();
    } catch (error) {
      full = error.code === 'EAGAIN';
      if (!full) throw error;
    }
  }
  sender.settimeout(1);
  const took = await processor(1000, () => {
    try {
      send();
    } catch (error) {
      expect(error instanceof blocking.TimeoutError, error.message);
    }
  });
  expect(took < MOST_PROCESSOR, `${took.toFixed()} ms of processor time a second`);
  receiver.close();
  sender.close();
});

/** Programs of a worker that wait for ever, each in another call. */
const endless = {
  'a full peer':
    "const r = new B.Socket(B.AF_UNIX, B.SOCK_DGRAM); r.bind(''); for (;;) s.sendto(Buffer.alloc(9), r.getsockname());",
  recv: 'B.socketpair()[0].recv(1);',
  accept: "const l = new B.Socket(); l.bind(['127.0.0.1', 0]); l.listen(); l.accept();",
  'a full backlog':
    "const l = new B.Socket(B.AF_UNIX); l.bind(''); l.listen(0); for (;;) new B.Socket(B.AF_UNIX).connect(l.getsockname());",
  select: 'B.select([B.socketpair()[0]], [], []);',
  sendall: 'B.socketpair()[0].sendall(Buffer.alloc(1 << 24));',
};
await trial(
  'waiting: workers that are terminated',
  async (expect) => {
    for (const [name, program] of Object.entries(endless)) {
      const text = `const B = require('@bsd-sockets/socket'); const s = new B.Socket(B.AF_UNIX, B.SOCK_DGRAM); ${program}`;
      const worker = new Worker(text, { eval: true });
      await later(300);
      const start = performance.now();
      const ended = await Promise.race([worker.terminate().then(() => true), later(3000)]);
      const took = performance.now() - start;
      expect(ended && took < 1500, `terminate() of ${name} took ${took.toFixed()} ms`);
    }
  },
  Object.keys(endless).length,
);

await trial(
  'waiting: a client that comes after 100 others gave up',
  async (expect) => {
    const server = await createServer(['127.0.0.1', 0]);
    const address = server.getsockname();
    for (let round = 0; round < 100; round++) (await createConnection(address)).close();
    const client = await createConnection(address);
    await client.send(Buffer.from('last'));
    let last;
    while (!last) {
      const [connection] = await server.accept();
      const data = await connection.recv(10);
      if (`${data}` === 'last') last = data;
      connection.close();
    }
    expect(`${last}` === 'last', 'it is not served');
    for (const socket of [server, client]) socket.close();
  },
  101,
);
process.exit();
