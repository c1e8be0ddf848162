import { closeSync, openSync } from 'node:fs';
import { decodeInet, encodeInet } from '@bsd-sockets/resolver';
import {
  AF_INET,
  AF_INET6,
  type BlockingIOError,
  CMSG_SPACE,
  type InetAddress,
  MessageBatch,
  MSG_DONTWAIT,
  registerFamily,
  ScmRights,
  SOCK_DGRAM,
  Socket,
} from '@bsd-sockets/socket/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { openDescriptors } from './open-descriptors';
import { noSocket, onWindows, promisePair } from './platform';

const text = (value: string) => Buffer.from(value);

function kept<T extends Socket<any>>(socket: T): T {
  onTestFinished(() => socket.close());
  return socket;
}

async function udp(): Promise<Socket<typeof AF_INET>> {
  const socket = kept(new Socket(AF_INET, SOCK_DGRAM));
  await socket.bind(['127.0.0.1', 0]);
  return socket;
}

function pair(): [Socket<any>, Socket<any>] {
  const [a, b] = promisePair(SOCK_DGRAM);
  return [kept(a), kept(b)];
}

const texts = (batch: MessageBatch<any>) =>
  Array.from({ length: batch.length }, (_, index) => batch.data(index).toString());

test('a batch is received when the first message comes, and echoed as it is', async () => {
  const a = await udp();
  const b = await udp();
  const batch = new MessageBatch(b, 64, 100);
  const received = b.recvmmsg(batch);
  const words = Array.from({ length: 64 }, (_, index) => `word ${index}`);
  expect(await a.sendmmsg(words.map((word) => [text(word), b.getsockname()] as const))).toBe(64);
  expect(await received).toBe(64);
  expect(texts(batch)).toEqual(words);
  expect(await b.sendmmsg(batch)).toBe(64);
  const answers = await a.recvmmsg(64, 100);
  expect(answers).toEqual(words.map((word) => [text(word), [], 0, b.getsockname()]));
});

test.skipIf(without('room of a unix pair'))(
  'receives that wait are served in order, and a part of a batch is sent when there is room (room of a unix pair)',
  async () => {
    const [a, b] = pair();
    const words = Array.from({ length: 500 }, (_, index) => `${index}`);
    const outgoing = MessageBatch.from(
      a,
      words.map((word) => [text(word)] as const),
    );
    const send = async () => {
      let calls = 0;
      for (let sent = 0; sent < outgoing.length; calls++) sent += await a.sendmmsg(outgoing, 0, sent);
      return calls;
    };
    const calls = send();
    const received: string[] = [];
    while (received.length < words.length) {
      const both = await Promise.all([b.recvmmsg(3, 10), received.length + 3 < 500 ? b.recvmmsg(3, 10) : []]);
      received.push(...both.flat().map(([data]) => data.toString()));
    }
    expect(received).toEqual(words);
    expect(await calls).toBeGreaterThan(1);
  },
);

describe.skipIf(without('room of a unix pair'))('a stream that takes a part of a message (room of a unix pair)', () => {
  const words = Array.from({ length: 30 }, (_, index) => Buffer.alloc(50_000, index));
  const messages = words.map((data) => [data] as const);
  const all = async (socket: Socket<any>) => {
    const received: Buffer[] = [];
    for (let data = await socket.recv(65_536); data.length > 0; data = await socket.recv(65_536)) received.push(data);
    return Buffer.concat(received);
  };

  test.each([true, false])('is sent the rest when there is room (with a batch: %s)', async (withBatch) => {
    const [a, b] = promisePair();
    const received = all(kept(b));
    const batch = MessageBatch.from(kept(a), messages);
    for (let sent = 0; sent < 30; ) {
      sent += await (withBatch ? a.sendmmsg(batch, 0, sent) : a.sendmmsg(messages.slice(sent)));
    }
    a.close();
    expect((await received).equals(Buffer.concat(words))).toBe(true);
  });

  test('is sent the rest by the next call with the batch after a timeout', async () => {
    const [a, b] = promisePair();
    kept(b);
    kept(a).settimeout(0.02);
    const batch = MessageBatch.from(a, messages);
    let sent = 0;
    const timeout = async () => {
      for (;;) sent += await a.sendmmsg(batch, 0, sent);
    };
    await expect(timeout()).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    const received = all(b);
    a.settimeout(null);
    while (sent < 30) sent += await a.sendmmsg(batch, 0, sent);
    await expect(a.sendmmsg([[Buffer.alloc(1 << 22)]])).resolves.toBe(1);
    a.close();
    expect((await received).subarray(0, 1_500_000).equals(Buffer.concat(words))).toBe(true);
  });
});

test('timeouts, flags, signals and close end the wait', async () => {
  const [a, b] = pair();
  const batch = new MessageBatch(b, 4, 10);
  if (!onWindows)
    await expect(b.recvmmsg(batch, MSG_DONTWAIT)).rejects.toMatchObject({ code: 'EAGAIN', syscall: 'recvmmsg' });
  b.settimeout(0.02);
  await expect(b.recvmmsg(batch)).rejects.toMatchObject({ code: 'ETIMEDOUT', syscall: 'recvmmsg' });
  b.settimeout(0);
  await expect(b.recvmmsg(4, 10)).rejects.toMatchObject({ code: 'EAGAIN' } satisfies Partial<BlockingIOError>);
  b.settimeout(null);
  for (const call of [
    (signal: AbortSignal) => b.recvmmsg(batch, 0, { signal }),
    (signal: AbortSignal) => b.recvmmsg(4, 10, 0, 0, { signal }),
  ]) {
    const controller = new AbortController();
    const waiting = call(controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  }
  b.settimeout(null);
  // Over the loopback there is always room.
  if (onWindows) return;
  a.settimeout(0.02);
  const full = async () => {
    for (;;) await a.sendmmsg([[text('x')], [text('y')]]);
  };
  await expect(full()).rejects.toMatchObject({ code: 'ETIMEDOUT', syscall: 'sendmmsg' });
  a.settimeout(null);
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = [
    a.sendmmsg([[text('x')]], 0, { signal }),
    a.sendmmsg(MessageBatch.from(a, [[text('x')]]), 0, 0, { signal }),
  ];
  controller.abort();
  for (const call of waiting) await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  // Nothing was lost or sent twice by those that gave up.
  const ended = a.sendmmsg([[text('x')]]);
  a.close();
  await expect(ended).rejects.toMatchObject({ code: 'ECANCELED' });
  expect(await b.recvmmsg(batch)).toBeGreaterThan(0);
  b.close();
  await expect(b.recvmmsg(batch)).rejects.toMatchObject(noSocket);
  await expect(b.sendmmsg([[text('x')]])).rejects.toMatchObject(noSocket);
});

test('bad arguments reject', async () => {
  const [a] = pair();
  const any = (value: unknown) => value as never;
  const inet = new MessageBatch(kept(new Socket(onWindows ? AF_INET6 : AF_INET, SOCK_DGRAM)), 1, 1);
  for (const [call, code, message] of [
    [a.recvmmsg(any('x')), 'ERR_INVALID_ARG_TYPE', /^batch: /],
    [a.recvmmsg(any(inet)), 'ERR_INVALID_ARG_VALUE', /^batch: /],
    [a.recvmmsg(2, any('x')), 'ERR_INVALID_ARG_TYPE', /^size: /],
    [a.recvmmsg(2, 1, 0, any('x')), 'ERR_INVALID_ARG_TYPE', /^flags: /],
    [a.sendmmsg(any(5)), 'ERR_INVALID_ARG_TYPE', /^messages: /],
    [a.sendmmsg(any([5])), 'ERR_INVALID_ARG_TYPE', /^messages\[0\]: /],
    [a.sendmmsg(any([['x']])), 'ERR_INVALID_ARG_TYPE', /^messages\[0\]\[0\]: /],
    [a.sendmmsg(new MessageBatch(a, 1, 1), 0, 1), 'ERR_OUT_OF_RANGE', /^start: /],
    [a.sendmmsg([], 0, { signal: any(5) }), 'ERR_INVALID_ARG_TYPE', /signal/],
  ] as const) {
    await expect(call).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  }
});

/** Names of hosts that are looked up elsewhere. */
const AF_NAMED = registerFamily<InetAddress, readonly [string, number]>({
  number: 252,
  name: 'AF_NAMED',
  package: 'batches-promises.test',
  encode: encodeInet,
  decode: decodeInet,
  resolve([host, port]) {
    if (host === 'throws') throw new Error('thrown');
    if (host === 'fails') return Promise.reject(new Error('failed'));
    return host === 'here' ? Promise.resolve(['127.0.0.1', port] as const) : undefined;
  },
});

test('addresses are looked up without blocking, and all failures are met', async () => {
  const receiver = await udp();
  const port = receiver.getsockname()[1];
  const sender = kept(new Socket({ family: AF_NAMED, type: SOCK_DGRAM, proto: 0, fileno: (await udp()).detach() }));
  expect(
    await sender.sendmmsg([
      [text('looked up'), ['here', port]],
      [text('known'), ['127.0.0.1', port]],
    ]),
  ).toBe(2);
  expect((await receiver.recvmmsg(4, 20)).map(([data]) => data.toString())).toEqual(['looked up', 'known']);
  for (const host of ['throws', 'fails']) {
    await expect(
      sender.sendmmsg([
        [text('x'), ['fails', port]],
        [text('y'), ['here', port]],
        [text('z'), [host, port]],
      ]),
    ).rejects.toThrow(/failed|thrown/);
  }
  receiver.settimeout(0);
  await expect(receiver.recv(10)).rejects.toMatchObject({ code: 'EAGAIN' });
});

test.skipIf(without('AF_UNIX'))('descriptors arrive (AF_UNIX), and an aborted receive takes none', async () => {
  const [a, b] = pair();
  const file = openSync('/dev/null', 'r');
  onTestFinished(() => closeSync(file));
  const before = openDescriptors();
  const batch = new MessageBatch(b, 4, 10, CMSG_SPACE(4));
  const controller = new AbortController();
  const aborted = b.recvmmsg(batch, 0, { signal: controller.signal });
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
  await a.sendmmsg([
    [text('x'), null, [ScmRights.encode([file])]],
    [text('y'), null, [ScmRights.encode([file])]],
  ]);
  expect(await b.recvmmsg(batch)).toBe(2);
  const fds = [0, 1].flatMap((index) => ScmRights.decode(batch.ancdata(index))!);
  expect(fds).toHaveLength(2);
  for (const fd of fds) closeSync(fd);
  const watched = (list: string[]) => list.filter((entry) => !entry.includes('anon_inode'));
  expect(watched(openDescriptors())).toEqual(watched(before));
});
