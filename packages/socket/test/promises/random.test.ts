import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import {
  AF_INET,
  AF_UNIX,
  createServer,
  SOCK_DGRAM,
  SOCK_STREAM,
  Socket,
  socketpair,
} from '@bsd-sockets/socket/promises';
import { expect, test } from 'vitest';
import { randomNumbers } from '../../../core-native/test/random-numbers';
import { openDescriptors } from '../open-descriptors';
import { onWindows } from '../platform';

// BSD_SOCKETS_SEED=N repeats a run, as far as the kernel's own timing lets it.
const seed = Number(process.env.BSD_SOCKETS_SEED ?? Date.now() % 2 ** 31);
const ACTIONS = 6000;

const next = randomNumbers(seed);
const random = (most: number) => next() % most;
const oneOf = <T>(...values: T[]): T => values[random(values.length)]!;

/** One direction between two sockets, and what went through it. */
class Flow {
  /** The bytes, or the numbers of the datagrams, that were sent, in order. */
  readonly sent: number[] = [];
  /** What came, by the order of the calls. */
  readonly received: (number[] | undefined)[] = [];
  sends = 0;
  next = 0;
}

class Pair {
  readonly flows = [new Flow(), new Flow()];
  closed = false;

  constructor(
    readonly kind: string,
    readonly sockets: [Socket<any>, Socket<any>],
  ) {}

  get isStream(): boolean {
    return !this.kind.endsWith('datagrams');
  }
}

const KINDS = [...(onWindows ? [] : ['unix stream', 'unix datagrams']), 'TCP stream', 'UDP datagrams'];

async function open(): Promise<Pair> {
  const kind = oneOf(...KINDS);
  if (kind === 'unix stream') return new Pair(kind, socketpair(AF_UNIX, SOCK_STREAM));
  if (kind === 'unix datagrams') return new Pair(kind, socketpair(AF_UNIX, SOCK_DGRAM));
  if (kind === 'TCP stream') {
    using server = await createServer(['127.0.0.1', 0]);
    const client = new Socket();
    const [[connection]] = await Promise.all([server.accept(), client.connect(server.getsockname())]);
    return new Pair(kind, [client, connection]);
  }
  const sockets: [Socket, Socket] = [new Socket(AF_INET, SOCK_DGRAM), new Socket(AF_INET, SOCK_DGRAM)];
  for (const socket of sockets) await socket.bind(['127.0.0.1', 0]);
  await sockets[0].connect(sockets[1].getsockname());
  await sockets[1].connect(sockets[0].getsockname());
  return new Pair(kind, sockets);
}

/** Why a call may fail, by the code of its error. */
const EXPECTED = new Set([
  'ABORT_ERR',
  'EAGAIN',
  'EBADF',
  'ECANCELED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
]);

const counts: Record<string, number> = {};

/** Follows a call to its end. */
function follow(call: Promise<unknown>, what: string): Promise<void> {
  return call.then(
    () => {
      counts[what] = (counts[what] ?? 0) + 1;
    },
    (error) => {
      counts[error.code] = (counts[error.code] ?? 0) + 1;
      if (!EXPECTED.has(error.code)) throw new Error(`${what} failed`, { cause: error });
    },
  );
}

function signal(): { signal?: AbortSignal } {
  if (random(3) > 0) return {};
  const controller = new AbortController();
  const abort = () => controller.abort();
  oneOf(
    abort,
    () => process.nextTick(abort),
    () => queueMicrotask(abort),
    () => setImmediate(abort),
    () => setTimeout(abort, random(5)),
  )();
  return { signal: controller.signal };
}

function send(pair: Pair, side: number): Promise<unknown> {
  const flow = pair.flows[side]!;
  const socket = pair.sockets[side]!;
  if (pair.isStream) {
    // The next bytes are known only when the last ones are sent.
    if (flow.sends > 0) return Promise.resolve();
    flow.sends++;
    const data = Buffer.from(
      Array.from({ length: 1 + random(oneOf(10, 3000)) }, (_, index) => (flow.next + index) % 251),
    );
    const sent = (count: number) => {
      for (const byte of data.subarray(0, count)) flow.sent.push(byte);
      flow.next += count;
    };
    return socket
      .send(data, 0, signal())
      .then(sent)
      .finally(() => flow.sends--);
  }
  const number = flow.next++;
  const data = Buffer.alloc(4 + random(100));
  data.writeUInt32LE(number);
  return socket.send(data, 0, signal()).then(() => flow.sent.push(number));
}

function receive(pair: Pair, side: number): Promise<unknown> {
  const { received } = pair.flows[1 - side]!;
  const socket = pair.sockets[side]!;
  const index = received.push(undefined) - 1;
  const take = (data: Uint8Array) => {
    const bytes = Buffer.from(data);
    received[index] = pair.isStream ? [...bytes] : [bytes.readUInt32LE(0)];
  };
  const size = pair.isStream ? 1 + random(oneOf(10, 5000)) : 200;
  const options = signal();
  const memory = Buffer.alloc(size);
  return oneOf(
    () => socket.recv(size, 0, options).then(take),
    () => socket.recvInto(memory, 0, 0, options).then((count) => take(memory.subarray(0, count))),
    () => socket.recvfrom(size, 0, options).then(([data]) => take(data)),
    () => socket.recvmsg(size, 0, 0, options).then(([data]) => take(data)),
  )();
}

/** What was received is what was sent, in order, as far as it was received. */
function verify({ kind, isStream, flows }: Pair): void {
  for (const { sent, received } of flows) {
    const got = received.flatMap((values) => values ?? []);
    if (kind === 'UDP datagrams') {
      const places = got.map((number) => sent.indexOf(number));
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(places).not.toContain(-1);
    } else {
      // A stream's bytes that were taken from a socket count as sent even if the other end was closed meanwhile.
      expect(got, isStream ? 'bytes' : 'datagrams').toEqual(sent.slice(0, got.length));
    }
  }
}

test(`thousands of interleavings, seed ${seed}`, { timeout: 120_000 }, async () => {
  console.log(`BSD_SOCKETS_SEED=${seed}`);
  // The readiness set stays open from its first use on.
  const [first, second] = socketpair();
  const used = first.recv(1);
  await second.send(Buffer.from('x'));
  await used;
  first.close();
  second.close();
  const before = openDescriptors();

  const pairs = await Promise.all(Array.from({ length: 6 }, open));
  const finished: Pair[] = [];
  const calls: Promise<void>[] = [];
  for (let action = 0; action < ACTIONS; action++) {
    const place = random(pairs.length);
    const pair = pairs[place]!;
    const side = random(2);
    const kind = random(100);
    if (kind < 40) calls.push(follow(receive(pair, side), 'receive'));
    else if (kind < 85) calls.push(follow(send(pair, side), 'send'));
    else if (kind < 92) pair.sockets[side]!.settimeout(oneOf(null, null, 0.001, 0.003, 0));
    else if (kind < 98)
      await oneOf(
        () => turn(),
        () => pause(random(3)),
        () => Promise.resolve(),
      )();
    else if (random(2) === 0) {
      pair.sockets[side]!.close();
      pair.sockets[1 - side]!.close();
      finished.push(pair);
      pairs[place] = await open();
    }
  }
  // A call that still waits is given something, or the end.
  for (const pair of pairs) {
    for (const socket of pair.sockets) socket.settimeout(0.05);
  }
  await pause(100);
  for (const pair of pairs) for (const socket of pair.sockets) socket.close();
  await Promise.all(calls);
  for (const pair of [...finished, ...pairs]) verify(pair);
  expect(openDescriptors()).toEqual(before);
  // Every way of ending was met.
  for (const way of ['receive', 'send', 'ABORT_ERR', 'EAGAIN', 'ECANCELED', 'ETIMEDOUT']) {
    expect(counts[way], way).toBeGreaterThan(10);
  }
});
