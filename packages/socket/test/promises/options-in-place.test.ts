import { open } from 'node:fs/promises';
import * as resolver from '@bsd-sockets/resolver/promises';
import {
  createServer,
  DefaultSelector,
  EVENT_READ,
  MessageBatch,
  poll,
  recvFds,
  SOCK_DGRAM,
  Socket,
  select,
  sendFds,
  socketpair,
} from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { onWindows, promisePair } from '../platform';

type Pair = [one: Socket, other: Socket];
type Call = (pair: Pair, options: any, ...after: any[]) => Promise<unknown>;
const bytes = Buffer.alloc(10);

/** Options where the optional arguments begin; what comes behind them is too much. */
const calls: Record<string, Call> = {
  recv: ([one], options, ...after) => (one.recv as any)(10, options, ...after),
  recvfrom: ([one], options, ...after) => (one.recvfrom as any)(10, options, ...after),
  recvInto: ([one], options, ...after) => (one.recvInto as any)(bytes, options, 0, ...after),
  recvfromInto: ([one], options, ...after) => (one.recvfromInto as any)(bytes, options, 0, ...after),
  recvmsg: ([one], options, ...after) => (one.recvmsg as any)(10, options, 0, ...after),
  recvmsgInto: ([one], options, ...after) => (one.recvmsgInto as any)([bytes], options, 0, ...after),
  'recvmmsg of a batch': ([one], options, ...after) =>
    (one.recvmmsg as any)(new MessageBatch(one, 1, 10, 0), options, ...after),
  recvmmsg: ([one], options, ...after) => (one.recvmmsg as any)(1, 10, options, ...after),
  send: ([one], options, ...after) => (one.send as any)(bytes, options, ...after),
  sendall: ([one], options, ...after) => (one.sendall as any)(bytes, options, ...after),
  sendmsg: ([one], options, ...after) => (one.sendmsg as any)([bytes], options, 0, undefined, ...after),
  sendmmsg: ([one], options, ...after) => (one.sendmmsg as any)([[bytes]], options, ...after),
  'sendmmsg of a batch': ([one], options, ...after) =>
    (one.sendmmsg as any)(new MessageBatch(one, 1, 10, 0), options, ...after),
  sendfile: ([one], options, ...after) => (one.sendfile as any)(import.meta.filename, options, null, ...after),
  sendFds: ([one], options, ...after) => (sendFds as any)(one, [bytes], [0], options, undefined, ...after),
  recvFds: ([one], options, ...after) => (recvFds as any)(one, 10, 1, options, ...after),
  select: ([one], options, ...after) => (select as any)([one], [], [], options, ...after),
  poll: ([one], options, ...after) => {
    const object = poll();
    object.register(one);
    return (object.poll as any)(options, ...after);
  },
  'DefaultSelector.select': async ([one], options, ...after) => {
    using selector = new DefaultSelector();
    selector.register(one, EVENT_READ);
    return await (selector.select as any)(options, ...after);
  },
  ...Object.fromEntries(
    ['read', 'read1', 'peek', 'readline', 'readlines'].map((name): [string, Call] => [
      `a file's ${name}`,
      ([one], options, ...after) => (one.makefile('rb') as any)[name](options, ...after),
    ]),
  ),
  getfqdn: (_, options, ...after) => (resolver.getfqdn as any)(options, ...after),
  getservbyname: (_, options, ...after) => (resolver.getservbyname as any)('http', options, ...after),
  getservbyport: (_, options, ...after) => (resolver.getservbyport as any)(80, options, ...after),
};

// Windows passes no descriptors.
const absent = onWindows ? ['sendFds', 'recvFds'] : [];
const present = Object.entries(calls).filter(([name]) => !absent.includes(name));

describe.each(present)('%s takes options where its optional arguments begin', (name, call) => {
  // What waits for a message of its own needs one that has borders.
  const pairOf = (): Pair => promisePair(/^(recvmmsg|sendmmsg)/.test(name) ? SOCK_DGRAM : undefined);

  test('whose signal ends it', async () => {
    const pair = pairOf();
    await expect(call(pair, { signal: AbortSignal.abort('why') })).rejects.toMatchObject({ name: 'AbortError' });
    for (const one of pair) one.close();
  });

  test('with no unknown key, and nothing behind them', async () => {
    const pair = pairOf();
    await expect(call(pair, { sgnal: null })).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    await expect(call(pair, { signal: undefined }, {})).rejects.toThrow(TypeError);
    for (const one of pair) one.close();
  });
});

test('options in the place of others leave those at their defaults', async () => {
  const [one, other] = socketpair();
  const { signal } = new AbortController();
  expect(await one.send(Buffer.from('hello'), { signal })).toBe(5);
  expect((await other.recv(100, { signal })).toString()).toBe('hello');
  await one.sendall(Buffer.from('again'), { signal });
  expect(await other.recvInto(bytes, { signal })).toBe(5);
  await one.sendmsg([Buffer.from('message')], { signal });
  expect((await other.recvmsg(100, { signal }))[0].toString()).toBe('message');
  if (!onWindows) {
    const file = await open(import.meta.filename);
    await sendFds(one, [Buffer.from('fd')], [file], { signal });
    const [, fds] = await recvFds(other, 10, 1, { signal });
    expect(fds.length).toBe(1);
    await file.close();
    (await import('@bsd-sockets/socket')).close(fds[0]!);
  }
  await one.sendfile(import.meta.filename, { signal });
  expect((await other.recv(6, { signal })).toString()).toBe('import');
  one.close();
  other.close();
});

describe('for await goes', () => {
  test('through the chunks of a stream, up to its end', async () => {
    const [one, other] = socketpair();
    const chunks: string[] = [];
    const reading = (async () => {
      for await (const chunk of one) {
        chunks.push(`${chunk}`);
        other.close();
      }
    })();
    await other.sendall(Buffer.from('first'));
    await reading;
    expect(chunks).toEqual(['first']);
    one.close();
  });

  test('through chunks of at most a size, until the socket is closed', async () => {
    const [one, other] = socketpair();
    await other.sendall(Buffer.from('abcde'));
    const chunks: string[] = [];
    for await (const chunk of one.chunks({ bufsize: 2 })) {
      chunks.push(`${chunk}`);
      if (chunks.length === 3) setImmediate(() => one.close());
    }
    expect(chunks).toEqual(['ab', 'cd', 'e']);
    other.close();
  });

  test('no further than an error, an abort or a break, after which the rest is there', async () => {
    const [one, other] = socketpair();
    await other.sendall(Buffer.from('abc'));
    for await (const chunk of one.chunks({ bufsize: 1 })) {
      expect(`${chunk}`).toBe('a');
      break;
    }
    expect(`${await one.recv(10)}`).toBe('bc');
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await expect(one.chunks({ signal: controller.signal }).next()).rejects.toMatchObject({ name: 'AbortError' });
    one.settimeout(0.01);
    await expect(one.chunks().next()).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(one.chunks({ bufsize: 0 }).next()).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
    await expect(one.chunks({ size: 1 } as never).next()).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    const unconnected = new Socket();
    await expect(unconnected.chunks().next()).rejects.toMatchObject({ code: 'ENOTCONN' });
    for (const socket of [one, other, unconnected]) socket.close();
  });

  test('through the connections of a socket that listens', async () => {
    const server = await createServer(['127.0.0.1', 0]);
    const client = new Socket();
    await client.connect(server.getsockname());
    for await (const [connection, [host]] of server) {
      expect(host).toBe('127.0.0.1');
      connection.close();
      server.close();
    }
    client.close();
  });
});
