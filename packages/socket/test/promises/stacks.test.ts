import * as blocking from '@bsd-sockets/socket';
import { AF_INET, addAuditHook, OSError, SOCK_DGRAM } from '@bsd-sockets/socket';
import { createConnection, getaddrinfo, Socket, select, socketpair } from '@bsd-sockets/socket/promises';
import { describe, expect, onTestFinished, test } from 'vitest';

const REFUSING = ['127.0.0.1', 1] as [string, number];

/** The frames of an error, without Node's own. */
function linesOf(error: unknown): string[] {
  return (error as Error).stack!.split('\n').filter((line) => /^ {4}at (?!.*\(node:internal)/.test(line));
}

async function stackOf(call: () => unknown): Promise<string[]> {
  async function asksTheServer(): Promise<void> {
    await call();
  }
  async function main(): Promise<void> {
    await asksTheServer();
  }
  try {
    await main();
  } catch (error) {
    return linesOf(error);
  }
  throw new Error('it did not fail');
}

/** The names of the functions in the frames; Vitest leaves out the `async` of some. */
async function framesOf(call: () => unknown): Promise<string[]> {
  const lines = await stackOf(call);
  return lines.map((line) => line.replace(/^ {4}at (?:async )?(.*?)(?: \(.*)?$/, '$1'));
}

/** Closes it with the test. */
function closing<T extends { close(): void }>(socket: T): T {
  onTestFinished(() => socket.close());
  return socket;
}

function pair(timeout: number | null): Socket {
  const [socket] = socketpair().map(closing) as [Socket];
  socket.settimeout(timeout);
  return socket;
}

const blockingSocket = (type: number = blocking.SOCK_STREAM) => closing(new blocking.Socket(AF_INET, type));

const WAITING: Record<string, () => unknown> = {
  'the time of recv is over': () => pair(0.01).recv(1),
  'the time of recvExactly is over': () => pair(0.01).recvExactly(1),
  'the signal of recvmsg is aborted': () => pair(null).recvmsg(1, 0, 0, { signal: AbortSignal.timeout(10) }),
  'the socket is closed': () => {
    const socket = pair(null);
    setTimeout(() => socket.close(), 10);
    return socket.recv(1);
  },
  'connect is refused': () => closing(new Socket()).connect(REFUSING),
  'connect is refused after a lookup': () => closing(new Socket()).connect(['localhost', 1]),
  'a host is unknown': () => getaddrinfo('host.invalid', 80),
  'connect finds no host': () => closing(new Socket()).connect(['host.invalid', 80]),
  'a read of a file has to wait too long': () => pair(0.01).makefile('rb').readline(),
  'select is aborted': () => select([pair(null)], [], [], null, { signal: AbortSignal.timeout(10) }),
};

describe('after a wait an error has the frames of those who await it', () => {
  test.each(Object.entries(WAITING))('%s', async (_name, call) => {
    const [first, second, ...others] = (await framesOf(call)).filter((frame) => !/pollUntil|select/.test(frame));
    expect([first, second, others.length > 0]).toEqual(['asksTheServer', 'main', true]);
  });

  test('also those of createConnection', async () => {
    expect(await framesOf(() => createConnection(REFUSING))).toContain('asksTheServer');
  });

  test('also if many wait, in Promise.all, and by then', async () => {
    expect(await framesOf(() => Promise.all([pair(0.01).recv(1), pair(0.02).recv(1)]))).toContain('asksTheServer');
    expect(await framesOf(() => pair(0.01).recv(1).then(String))).toContain('asksTheServer');
  });
});

const AT_ONCE: Record<string, () => unknown> = {
  'of a promise': () => pair(0).recv(1),
  'of a promise of a closed socket': () => {
    const socket = pair(null);
    socket.close();
    return socket.send(Buffer.from('x'));
  },
  'of connect': () => blockingSocket().connect(REFUSING),
  'of bind': () => blockingSocket().bind(['192.0.2.1', 1]),
  'of recv': () => {
    const [socket] = blocking.socketpair().map(closing) as [blocking.Socket];
    socket.settimeout(0);
    return socket.recv(1);
  },
  'of sendto': () => blockingSocket(SOCK_DGRAM).sendto(Buffer.alloc(70_000), REFUSING),
  'of recvmsg': () => blockingSocket().recvmsg(1),
  'of accept': () => blockingSocket().accept(),
  'of the constructor': () => new blocking.Socket(AF_INET, 77),
  'of the constructor of promises': () => new Socket(AF_INET, 77),
};

test.each(Object.entries(AT_ONCE))('an error begins with the frame of its caller: %s', async (_name, call) => {
  const [line] = await stackOf(call);
  expect(line).toContain('stacks.test.ts');
});

test('an error of options begins with the method', async () => {
  const [first, second] = await stackOf(() => blockingSocket().getsockopt(1, 9999));
  expect(first).toContain('Socket.getsockopt');
  expect(second).toContain('stacks.test.ts');
});

test("a hook's own error keeps its frames", async () => {
  const own = new OSError(1, {});
  const { stack } = own;
  let armed = true;
  addAuditHook((event) => {
    if (armed && event === 'socket.connect') throw own;
  });
  using socket = new Socket();
  expect(await stackOf(() => socket.connect(REFUSING))).toEqual(linesOf(own));
  using other = new blocking.Socket();
  expect(await stackOf(() => other.connect(REFUSING))).toEqual(linesOf(own));
  armed = false;
  expect(own.stack).toBe(stack);
});
