import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import * as blocking from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import {
  AF_INET,
  createServer,
  fromfd,
  recvFds,
  SHUT_WR,
  SOCK_DGRAM,
  Socket,
  sendFds,
  setBusyPoll,
  socketpair,
} from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { openDescriptors } from '../open-descriptors';
import { errorOf, FREE, LOCAL, noSocket, onWindows, promisePair } from '../platform';

const byThread = process.env.BSD_SOCKETS_READINESS === 'thread';

const text = (data: Uint8Array) => Buffer.from(data).toString();

/** Receives up to the end of a stream, with a pause after each 16th piece. */
async function receiveAll(socket: Socket<any>, size: number, rest = async () => {}): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = await socket.recv(size);
    if (chunk.length === 0) return Buffer.concat(chunks);
    if (chunks.push(chunk) % 16 === 0) await rest();
  }
}

async function tcpPair(): Promise<[client: Socket, server: Socket]> {
  using listener = await createServer(['127.0.0.1', 0]);
  const client = new Socket();
  const [[connection]] = await Promise.all([listener.accept(), client.connect(listener.getsockname())]);
  return [client, connection];
}

describe('the module', () => {
  test('is the same for import and require, and shares its classes with the blocking face', () => {
    const required = createRequire(import.meta.url)('@bsd-sockets/socket/promises');
    expect(required.Socket).toBe(promises.Socket);
    expect(promises.OSError).toBe(blocking.OSError);
    expect(new promises.Socket({ type: SOCK_DGRAM }).close()).toBeUndefined();
    expect(promises.AF_INET).toBe(blocking.AF_INET);
    expect(promises.Socket.prototype).toBeInstanceOf(blocking.BaseSocket);
  });

  test('has every method of the blocking socket', () => {
    const methods = Object.getOwnPropertyNames(blocking.Socket.prototype);
    const missing = methods.filter((name) => !(name in Socket.prototype));
    // Private ones.
    expect(missing.sort()).toEqual([
      'prepareMessage',
      'receiveBatch',
      'receiveInto',
      'recvRights',
      'sendRights',
      'startConnect',
    ]);
  });
});

describe('a TCP connection', () => {
  test('sends and receives both ways, up to the end', async () => {
    const [client, server] = await tcpPair();
    await using _client = client;
    await using _server = server;
    await client.sendall(Buffer.from('ping'));
    expect(text(await server.recv(100))).toBe('ping');
    expect(await server.send(Buffer.from('pong'))).toBe(4);
    const memory = Buffer.alloc(10);
    expect(await client.recvInto(memory)).toBe(4);
    expect(text(memory.subarray(0, 4))).toBe('pong');
    client.shutdown(SHUT_WR);
    expect((await server.recv(100)).length).toBe(0);
    expect((await server.recv(100)).length).toBe(0);
  });

  test('is found at its end, however the last bytes and the end come together', async () => {
    for (let round = 0; round < 100; round++) {
      const [client, server] = await tcpPair();
      const received = receiveAll(server, 100);
      if (round % 2) await pause(0);
      await client.sendall(Buffer.from('first'));
      if (round % 3) await pause(0);
      await client.sendall(Buffer.from('last'));
      client.close();
      expect(text(await received)).toBe('firstlast');
      server.close();
    }
  });

  test('carries many bytes whole while the reader is slow', async () => {
    const [client, server] = await tcpPair();
    const data = Buffer.alloc(8_000_000);
    for (let index = 0; index < data.length; index += 4) data.writeUInt32LE(index, index);
    const sent = client.sendall(data).then(() => client.close());
    const received = await receiveAll(server, 100_000, () => pause(1));
    await sent;
    server.close();
    expect(received.equals(data)).toBe(true);
  });

  test('that is refused, reset or broken rejects with the error of the system', async () => {
    const listener = await createServer(['127.0.0.1', 0]);
    const address = listener.getsockname();
    listener.close();
    const socket = new Socket();
    await expect(socket.connect(address)).rejects.toMatchObject({
      name: 'ConnectionRefusedError',
      code: 'ECONNREFUSED',
      syscall: 'connect',
      address,
    });
    expect(await socket.connectEx(address)).toBe(errorOf('ECONNREFUSED').errno);
    socket.close();

    const [client, server] = await tcpPair();
    const waiting = server.recv(1);
    client.setsockopt(promises.SOL_SOCKET, promises.SO_LINGER, Buffer.from(Int32Array.of(1, 0).buffer));
    client.close();
    await expect(waiting).rejects.toMatchObject({ name: 'ConnectionResetError', code: 'ECONNRESET' });
    const broken = onWindows ? errorOf('ECONNRESET') : { name: 'BrokenPipeError', code: 'EPIPE' };
    await expect(server.send(Buffer.alloc(1))).rejects.toMatchObject(broken);
    server.close();
  });

  test('that is refused while a receive waits rejects, although the kernel tells an error only once', async () => {
    const listener = await createServer(['127.0.0.1', 0]);
    const address = listener.getsockname();
    listener.close();
    using socket = new Socket();
    const connected = socket.connectEx(address);
    await socket.recv(1).catch(() => {});
    expect(await connected).toBe(errorOf('ECONNREFUSED').errno);

    using other = new Socket();
    const taken = other.connectEx(address);
    await promises.select([], [other], []);
    // It is taken away.
    other.getsockopt(promises.SOL_SOCKET, promises.SO_ERROR);
    expect(await taken).not.toBe(0);
  });

  test('accepted while a hook closes the listener is closed too', async () => {
    const listener = await createServer(['127.0.0.1', 0]);
    using client = new Socket();
    const accepted = listener.accept().catch((error) => error.code);
    const address = listener.getsockname();
    const remove = blocking.addAuditHook((event) => {
      if (event === 'socket.__new__') listener.close();
    });
    try {
      await client.connect(address);
      expect(await accepted).toBe('ECANCELED');
    } finally {
      remove();
    }
    expect(await client.recv(1)).toHaveLength(0);
  });

  test('receives past urgent data', async () => {
    const [client, server] = await tcpPair();
    using _client = client;
    using _server = server;
    const first = server.recv(100);
    await client.send(Buffer.from('a'));
    expect(text(await first)).toBe('a');
    await client.send(Buffer.from('b!'), promises.MSG_OOB);
    await client.send(Buffer.from('c'));
    // A receive ends before the urgent byte.
    expect(text(await server.recv(100))).toBe('b');
    expect(text(await server.recv(1, promises.MSG_OOB))).toBe('!');
    expect(text(await server.recv(100))).toBe('c');
  });
});

describe('calls that wait at once', () => {
  test('receive in the order in which they were called', async () => {
    const [a, b] = promisePair(SOCK_DGRAM);
    using _a = a;
    using _b = b;
    const received = Array.from({ length: 20 }, () => a.recv(10));
    for (let index = 0; index < 20; index++) {
      await b.send(Buffer.from(`${index}`));
      if (index % 3 === 0) await pause(1);
    }
    expect((await Promise.all(received)).map(text)).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
  });

  test('go on when one before them is aborted or times out', async () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    const controller = new AbortController();
    const first = a.recv(1, 0, { signal: controller.signal });
    const second = a.recv(1);
    controller.abort();
    await expect(first).rejects.toThrow('aborted');
    await b.send(Buffer.from('x'));
    expect(text(await second)).toBe('x');
  });

  test('time out even if the time is over before they wait', async () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    const patient = a.recv(1);
    a.settimeout(1e-9);
    const hasty = Array.from({ length: 3 }, () => a.recv(1).catch((error) => error.code));
    expect(await Promise.all(hasty)).toEqual(['ETIMEDOUT', 'ETIMEDOUT', 'ETIMEDOUT']);
    await b.send(Buffer.from('x'));
    expect(text(await patient)).toBe('x');
  });

  test('send each its bytes without those of another in between', async () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    const letters = ['a', 'b', 'c', 'd'];
    const sent = Promise.all(letters.map((letter) => a.sendall(Buffer.alloc(500_000, letter))));
    let runs = '';
    for (let total = 0; total < 2_000_000; ) {
      const data = await b.recv(65536);
      total += data.length;
      for (const letter of text(data)) if (!runs.endsWith(letter)) runs += letter;
    }
    await sent;
    expect(runs).toBe('abcd');
  });

  test('do not hold up the other direction', async () => {
    const [a, b] = socketpair();
    using _b = b;
    // One send may take all that it is given, of whatever size.
    const forever = async () => {
      for (;;) await a.sendall(Buffer.alloc(4_000_000));
    };
    const send = forever().catch((error) => error.code);
    const receive = a.recv(10);
    await pause(10);
    await b.send(Buffer.from('hello'));
    expect(text(await receive)).toBe('hello');
    a.close();
    expect(await send).toBe('ECANCELED');
  });

  test('of a thousand are all rejected by a close', async () => {
    const [a, b] = socketpair();
    using _b = b;
    const codes = Array.from({ length: 1000 }, () => a.recv(1).catch((error) => error.code));
    a.close();
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['ECANCELED']));
  });
});

test('a peer that floods does not hold up timers', async () => {
  const [a, b] = promisePair(SOCK_DGRAM);
  let running = true;
  let received = 0;
  const repeat = async (call: () => Promise<unknown>) => {
    while (running) await call();
  };
  const traffic = [
    repeat(() => b.send(Buffer.alloc(8))),
    repeat(async () => {
      received += (await a.recv(8)).length / 8;
    }),
  ];
  let mostInTurn = 0;
  const late: number[] = [];
  for (let round = 0; round < 30; round++) {
    const [begin, before] = [performance.now(), received];
    if (round % 3 === 0) {
      await pause(10);
      late.push(performance.now() - begin - 10);
    } else {
      await new Promise((resolve) => setImmediate(resolve));
      mostInTurn = Math.max(mostInTurn, received - before);
    }
  }
  running = false;
  for (const socket of [a, b]) socket.close();
  await Promise.allSettled(traffic);
  // A thread looks again after each turn.
  expect(received).toBeGreaterThan(byThread || onWindows ? 100 : 1000);
  expect(mostInTurn).toBeLessThan(200);
  // All but the least may be the fault of a busy machine.
  expect(Math.min(...late)).toBeLessThan(100);
});

describe('datagrams', () => {
  test('come by iteration, with their senders, until the socket is closed', async () => {
    const receiver = new Socket(AF_INET, SOCK_DGRAM);
    receiver.bind(['127.0.0.1', 0]);
    const sender = new Socket(AF_INET, SOCK_DGRAM);
    await sender.bind(['127.0.0.1', 0]);
    for (let index = 0; index < 100; index++) await sender.sendto(Buffer.from(`${index}`), receiver.getsockname());
    const seen: string[] = [];
    for await (const [data, address] of receiver.datagrams()) {
      expect(address).toEqual(sender.getsockname());
      if (seen.push(text(data)) === 100) receiver.close();
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => `${index}`));
    sender.close();
  });

  test('with flags and options beside an address', async () => {
    const [receiver, sender] = [new Socket(AF_INET, SOCK_DGRAM), new Socket(AF_INET, SOCK_DGRAM)];
    using _receiver = receiver;
    using _sender = sender;
    receiver.bind(['127.0.0.1', 0]);
    const address = receiver.getsockname();
    const { signal } = new AbortController();
    expect(await sender.sendto(Buffer.from('a'), address)).toBe(1);
    expect(await sender.sendto(Buffer.from('b'), address, { signal })).toBe(1);
    expect(await sender.sendto(Buffer.from('c'), 0, address)).toBe(1);
    expect(await sender.sendto(Buffer.from('d'), onWindows ? 0 : promises.MSG_DONTWAIT, address, { signal })).toBe(1);
    const letters = [];
    for (let index = 0; index < 4; index++) letters.push(text((await receiver.recvfrom(10))[0]));
    expect(letters.join('')).toBe('abcd');
  });

  test.skipIf(without('MSG_DONTWAIT'))('MSG_DONTWAIT does not wait (MSG_DONTWAIT)', async () => {
    using socket = new Socket(AF_INET, SOCK_DGRAM);
    await expect(socket.recv(1, promises.MSG_DONTWAIT)).rejects.toMatchObject({ code: 'EAGAIN' });
  });
});

test('bad arguments reject', async () => {
  using socket = new Socket();
  const bad = socket as any;
  const calls: [Promise<unknown>, string][] = [
    [bad.recv(-1), 'ERR_OUT_OF_RANGE'],
    [bad.recv('1'), 'ERR_INVALID_ARG_TYPE'],
    [bad.recv(1, 'x'), 'ERR_INVALID_ARG_TYPE'],
    [bad.recv(1, 0, 'x'), 'ERR_INVALID_ARG_TYPE'],
    [bad.recv(1, 0, { signal: 1 }), 'ERR_INVALID_ARG_TYPE'],
    [bad.send('text'), 'ERR_INVALID_ARG_TYPE'],
    [bad.sendall(), 'ERR_INVALID_ARG_TYPE'],
    [bad.sendto(Buffer.alloc(1), 'nowhere'), 'ERR_INVALID_ARG_TYPE'],
    [bad.connect('nowhere'), 'ERR_INVALID_ARG_TYPE'],
    [bad.connect(['127.0.0.1', 70000]), 'ERR_OUT_OF_RANGE'],
    [bad.bind(), 'ERR_INVALID_ARG_TYPE'],
    [bad.recvInto(Buffer.alloc(1), 2), 'ERR_INVALID_ARG_VALUE'],
    [bad.recvmsgInto('x'), 'ERR_INVALID_ARG_TYPE'],
    [bad.sendmsg([], [[1]]), 'ERR_INVALID_ARG_TYPE'],
    [bad.sendmsgAfalg(null, { op: 0 }), 'EOPNOTSUPP'],
    [bad.accept(1), 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [call, code] of calls) await expect(call).rejects.toMatchObject({ code });
  expect(() => setBusyPoll(2)).toThrow('seconds');
  expect(() => socket.datagrams({ bufsize: 0 })).toThrow('bufsize');
});

test.skipIf(without('AF_UNIX'))('descriptors are passed (AF_UNIX)', async () => {
  const [a, b] = socketpair();
  const [c, d] = socketpair();
  const received = recvFds(b, 100, 2);
  await sendFds(a, [Buffer.from('here')], [c.fileno()]);
  const [message, fds] = await received;
  expect([text(message), fds.length]).toEqual(['here', 1]);
  const copy = new Socket({ fileno: fds[0]! });
  await copy.sendall(Buffer.from('through the copy'));
  expect(text(await d.recv(100))).toBe('through the copy');
  for (const each of [a, b, c, d, copy]) each.close();
});

test('a duplicate stays open, and gets no events of the closed one', async () => {
  const [a, b] = socketpair();
  const waiting = a.recv(1).catch((error) => error.code);
  const copy = a.dup();
  await pause(5);
  a.close();
  expect(await waiting).toBe('ECANCELED');
  const next = copy.recv(100);
  // The number of the closed one is used again.
  const [c, d] = socketpair();
  const other = c.recv(10);
  await b.send(Buffer.from('to the copy'));
  await d.send(Buffer.from('other'));
  expect([text(await next), text(await other)]).toEqual(['to the copy', 'other']);
  for (const each of [b, c, d, copy]) each.close();
});

test('fromfd duplicates', async () => {
  const [a, b] = socketpair();
  const copy = fromfd(a.fileno(), a.family, promises.SOCK_STREAM);
  a.close();
  await copy.sendall(Buffer.from('x'));
  expect(text(await b.recv(1))).toBe('x');
  copy.close();
  b.close();
});

describe('one face turns into the other', () => {
  test('and back, with the descriptor and the timeout', async () => {
    const [a, b] = blocking.socketpair();
    a.settimeout(3);
    const fd = a.fileno();
    const turned = Socket.from(a);
    expect([a.fileno(), turned.fileno(), turned.gettimeout()]).toEqual([-1, fd, 3]);
    expect(() => a.send(Buffer.from('x'))).toThrow(noSocket.code);
    const waiting = turned.recv(10);
    b.send(Buffer.from('async'));
    expect(text(await waiting)).toBe('async');
    const back = blocking.Socket.from(turned);
    expect([turned.fileno(), back.fileno(), back.gettimeout()]).toEqual([-1, fd, 3]);
    await expect(turned.recv(1)).rejects.toMatchObject(noSocket);
    back.settimeout(null);
    b.send(Buffer.from('sync'));
    expect(text(back.recv(10))).toBe('sync');
    back.close();
    b.close();
  });

  test('but not while anything waits, is open or is closed', async () => {
    const [a, b] = socketpair();
    const controller = new AbortController();
    const waiting = a.recv(1, 0, { signal: controller.signal }).catch((error) => error.code);
    expect(() => blocking.Socket.from(a)).toThrow('EBUSY');
    controller.abort();
    expect(await waiting).toBe('ABORT_ERR');
    const back = blocking.Socket.from(a);
    const file = back.makefile('rb');
    expect(() => Socket.from(back)).toThrow('EBUSY');
    file.close();
    back.close();
    expect(() => Socket.from(back)).toThrow(/EBADF|ENOTSOCK/);
    b.close();
  });

  test('and a detached descriptor is blocking, unless the timeout says otherwise', async () => {
    const [a, b] = socketpair();
    const waiting = a.recv(1).catch((error) => error.code);
    const fd = a.detach();
    expect(await waiting).toBe('ECANCELED');
    using again = new blocking.Socket({ fileno: fd });
    using peer = blocking.Socket.from(b);
    peer.sendall(Buffer.from('x'));
    expect(text(again.recv(1))).toBe('x');
  });
});

test('an accepted socket is not blocking whatever the default timeout, and no descriptor stays open', async () => {
  const before = openDescriptors();
  const server = await createServer(['127.0.0.1', 0]);
  const closed: Promise<void>[] = [];
  const served = (async () => {
    for await (const [connection] of server) {
      closed.push(connection.sendall(Buffer.from('hello')).then(() => connection.close()));
    }
  })();
  const clients = Array.from({ length: 50 }, async () => {
    await using client = new Socket();
    await client.connect(server.getsockname());
    return text(await client.recv(5));
  });
  expect(new Set(await Promise.all(clients))).toEqual(new Set(['hello']));
  server.close();
  await served;
  await Promise.all(closed);
  expect(openDescriptors()).toEqual(before);
});

test.skipIf(without('no busy polling'))('busy polling is refused where a thread watches (no busy polling)', () => {
  expect(() => setBusyPoll(200e-6)).toThrow(expect.objectContaining({ code: 'ENOSYS' }));
});

test.skipIf(without('busy polling'))('busy polling changes nothing but the speed (busy polling)', async () => {
  setBusyPoll(200e-6);
  try {
    const [client, server] = await tcpPair();
    for (let round = 0; round < 100; round++) {
      const received = server.recv(10);
      await client.send(Buffer.from('x'));
      expect((await received).length).toBe(1);
    }
    await pause(5);
    client.close();
    server.close();
  } finally {
    setBusyPoll(0);
  }
});

test('an address that has to be looked up is looked up elsewhere, within the timeout and until the abort', async () => {
  let answer: ((address: Uint8Array) => void) | undefined;
  const AF_TEST = 17_000 as number;
  // The addresses of a unix socket, of which those that begin with a question mark need a lookup.
  const unix = blocking.familyOf(LOCAL);
  class Named extends Socket<any> {
    protected override get codec(): any {
      return {
        ...unix,
        number: AF_TEST,
        resolve: (address: string) => (address === '?' ? new Promise((resolve) => (answer = resolve)) : undefined),
      };
    }
  }
  const [listener, client] = [new Named(LOCAL), new Named(LOCAL)];
  listener.bind(FREE);
  listener.listen();
  const controller = new AbortController();
  const aborted = client.connect('?', { signal: controller.signal });
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
  client.settimeout(0.02);
  await expect(client.connect('?')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  client.settimeout(null);
  const closing = new Named(LOCAL);
  const ended = closing.connect('?');
  closing.close();
  await expect(ended).rejects.toMatchObject({ code: 'ECANCELED' });
  const connecting = client.connect('?');
  answer!(listener.getsockname());
  await connecting;
  const [connection] = await listener.accept();
  for (const each of [listener, client, connection]) each.close();
});
