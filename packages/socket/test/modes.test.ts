import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { native } from '@bsd-sockets/core-native';
import {
  AF_INET,
  AF_UNIX,
  BlockingIOError,
  createServer,
  MSG_DONTWAIT,
  MSG_WAITALL,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  select,
  setdefaulttimeout,
  socketpair,
  TimeoutError,
} from '@bsd-sockets/socket';
import { afterEach, describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { fullDatagrams, fullStream, fullTcpBacklog, fullUnixBacklog } from './full-queues';
import { refusal } from './open-descriptors';
import { onWindows, pair } from './platform';
import { startProgram } from './program';

const { EAGAIN, EISCONN, ECONNREFUSED } = native.errnos;
// Winsock says EWOULDBLOCK of a connect that goes on.
const EINPROGRESS = onWindows ? EAGAIN : native.errnos.EINPROGRESS;

/** A call that cannot be done at once, on the socket that it is for. */
type Waiting = { socket: Socket<any>; call: () => unknown; [Symbol.dispose](): void };

function onPair(call: (socket: Socket<any>) => unknown, type = SOCK_STREAM): Waiting {
  const [socket, peer] = pair(type);
  return {
    socket,
    call: () => call(socket),
    [Symbol.dispose]: () => {
      socket.close();
      peer.close();
    },
  };
}

function onFull(
  full: { socket: Socket<any>; address: unknown } & Disposable,
  call: (socket: Socket<any>, address: any) => unknown,
): Waiting {
  const { socket, address } = full;
  return { socket, call: () => call(socket, address), [Symbol.dispose]: () => full[Symbol.dispose]() };
}

function connecting(full: { address: any } & Disposable, socket: Socket<any>): Waiting {
  return {
    socket,
    call: () => socket.connect(full.address),
    [Symbol.dispose]: () => {
      socket.close();
      full[Symbol.dispose]();
    },
  };
}

function accepting(): Waiting {
  const socket = createServer(['127.0.0.1', 0]);
  return { socket, call: () => socket.accept(), [Symbol.dispose]: () => socket.close() };
}

const some = Buffer.from('some');
const calls: [name: string, wait: () => Waiting, nonblockingCode?: string][] = [
  ['accept', accepting],
  ['recv', () => onPair((socket) => socket.recv(1))],
  ['recv of a datagram', () => onPair((socket) => socket.recv(1), SOCK_DGRAM)],
  ['recvfrom', () => onPair((socket) => socket.recvfrom(1))],
  ['recvInto', () => onPair((socket) => socket.recvInto(Buffer.alloc(1)))],
  ['recvfromInto', () => onPair((socket) => socket.recvfromInto(Buffer.alloc(1)))],
  ['send', () => onFull(fullStream(), (socket) => socket.send(some))],
  ['sendall', () => onFull(fullStream(), (socket) => socket.sendall(some))],
];
// Windows drops datagrams that find no room, and refuses connections that find none.
const callsThatFindNoRoom: typeof calls = [
  ['sendto', () => onFull(fullDatagrams(), (socket, address) => socket.sendto(some, address))],
  ['connect of a unix socket', () => connecting(fullUnixBacklog(), new Socket(AF_UNIX))],
  ['connect of a TCP socket', () => connecting(fullTcpBacklog(), new Socket()), 'EINPROGRESS'],
];

describe.each(onWindows ? calls : [...calls, ...callsThatFindNoRoom])(
  '%s that has to wait',
  (name, wait, nonblockingCode = 'EAGAIN') => {
    test('fails at once on a non-blocking socket', () => {
      using waiting = wait();
      waiting.socket.setblocking(false);
      const error = refusal(waiting.call);
      expect(error.constructor).toBe(BlockingIOError);
      expect(error).toMatchObject({ code: nonblockingCode, syscall: name.split(' ')[0] });
    });

    test('fails when the timeout is over, and no earlier', () => {
      using waiting = wait();
      waiting.socket.settimeout(0.2);
      const start = performance.now();
      const error = refusal(waiting.call);
      const elapsed = (performance.now() - start) / 1000;
      expect(error.constructor).toBe(TimeoutError);
      expect(error).toMatchObject({ code: 'ETIMEDOUT', strerror: 'timed out', syscall: name.split(' ')[0] });
      expect(elapsed).toBeGreaterThanOrEqual(0.2);
      expect(elapsed).toBeLessThan(5);
    });

    test('fails soon with the shortest of timeouts', () => {
      using waiting = wait();
      waiting.socket.settimeout(1e-12);
      expect(refusal(waiting.call).constructor).toBe(TimeoutError);
    });
  },
);

describe.each([
  ['without a timeout', null],
  ['with a long timeout', 9_223_372_036],
])('a blocking socket %s', (_name, timeout) => {
  test('waits in accept, recv and recvfrom for a peer', () => {
    using server = createServer(['127.0.0.1', 0]);
    server.settimeout(timeout);
    using _peer = startProgram(
      `const socket = sockets.createConnection(['127.0.0.1', Number(args[0])]);
       for (const word of ['one', 'two', 'three', 'four']) { sleep(0.1); socket.sendall(Buffer.from(word)); }
       socket.recv(1);`,
      { args: [server.getsockname()[1]] },
    );
    const [connection] = server.accept();
    using _connection = connection;
    connection.settimeout(timeout);
    const memory = Buffer.alloc(5);
    expect(connection.recv(100)).toEqual(Buffer.from('one'));
    expect(connection.recvfrom(100)[0]).toEqual(Buffer.from('two'));
    expect(connection.recvInto(memory)).toBe(5);
    expect(memory).toEqual(Buffer.from('three'));
    expect(connection.recvfromInto(memory)[0]).toBe(4);
    expect(memory).toEqual(Buffer.from('foure'));
  });

  const reader = 'sleep(0.2); const socket = new sockets.Socket({ fileno: 3 }); for (;;) socket.recv(65536);';

  test.skipIf(without('inherited descriptors'))(
    'waits in send and sendall for a reader (inherited descriptors)',
    () => {
      using full = fullStream();
      using _reader = startProgram(reader, { descriptors: [full.peer.fileno()] });
      full.socket.settimeout(timeout);
      expect(full.socket.send(some)).toBe(4);
      expect(full.socket.sendall(Buffer.alloc(4 * 2 ** 20))).toBeUndefined();
    },
  );

  test.skipIf(without('inherited descriptors'))('waits in sendto for a reader (inherited descriptors)', () => {
    using full = fullDatagrams();
    using _reader = startProgram(reader, { descriptors: [full.peer.fileno()] });
    full.socket.settimeout(timeout);
    expect(full.socket.sendto(some, full.address)).toBe(4);
  });

  test.skipIf(without('inherited descriptors')).each([
    ['unix', fullUnixBacklog, () => new Socket(AF_UNIX)],
    ['TCP', fullTcpBacklog, () => new Socket()],
  ])(
    'waits in connect for room in the backlog of a %s socket (inherited descriptors)',
    (_family, makeFull, makeSocket) => {
      using full = makeFull();
      using _server = startProgram(
        `sleep(0.2);
       const listener = new sockets.Socket({ fileno: 3 });
       for (;;) listener.accept();`,
        { descriptors: [full.socket.fileno()] },
      );
      using socket: Socket<any> = makeSocket();
      socket.settimeout(timeout);
      socket.connect(full.address);
      expect(socket.getpeername()).toEqual(full.address);
    },
  );
});

describe('the timeout of a call', () => {
  const bodies: [name: string, body: string][] = [
    ['recv', 'const [a, b] = sockets.socketpair(); a.settimeout(0.5); call = () => a.recv(1);'],
    [
      'accept',
      "const server = sockets.createServer(['127.0.0.1', 0]); server.settimeout(0.5); call = () => server.accept();",
    ],
    [
      'sendall',
      'const [a, b] = sockets.socketpair(); a.settimeout(0.5); call = () => a.sendall(Buffer.alloc(2 ** 22));',
    ],
    [
      'connect of a unix socket',
      `const server = new sockets.Socket(sockets.AF_UNIX);
       server.bind(''); server.listen(0);
       const clients = [1, 2].map(() => new sockets.Socket(sockets.AF_UNIX));
       clients[0].connect(server.getsockname());
       clients[1].settimeout(0.5);
       call = () => clients[1].connect(server.getsockname());`,
    ],
    [
      'connect of a TCP socket',
      `const server = sockets.createServer(['127.0.0.1', 0], { backlog: 0 });
       const clients = [1, 2].map(() => new sockets.Socket());
       clients[0].connect(server.getsockname());
       clients[1].settimeout(0.5);
       call = () => clients[1].connect(server.getsockname());`,
    ],
  ];

  test.skipIf(without('signals')).concurrent.each(bodies)(
    'is not moved by signals that interrupt %s (signals)',
    async (_name, body) => {
      using program = startProgram(
        `let signals = 0;
       process.on('SIGUSR2', () => { signals++; });
       let call;
       ${body}
       say('ready');
       let code;
       const elapsed = seconds(() => { code = outcome(call); });
       say({ code, elapsed });
       setTimeout(() => { say({ signals }); process.exit(); }, 50);`,
      );
      await program.ready;
      const signalling = setInterval(() => program.process.kill('SIGUSR2'), 20);
      const { said } = await program.ended.finally(() => clearInterval(signalling));
      expect(said[1].code).toBe('ETIMEDOUT');
      expect(said[1].elapsed).toBeGreaterThanOrEqual(0.5);
      expect(said[1].elapsed).toBeLessThan(3);
      expect(said[2].signals).toBeGreaterThan(0);
    },
  );

  test.skipIf(without('inherited descriptors'))(
    'does not begin anew with each part that sendall sends (inherited descriptors)',
    () => {
      const [writer, reader] = socketpair();
      using _writer = writer;
      using _reader = reader;
      using _slow = startProgram(
        `const socket = new sockets.Socket({ fileno: 3 });
       for (;;) { socket.recv(16384); sleep(0.01); }`,
        { descriptors: [reader.fileno()] },
      );
      writer.settimeout(1.5);
      const start = performance.now();
      expect(refusal(() => writer.sendall(Buffer.alloc(16 * 2 ** 20))).constructor).toBe(TimeoutError);
      const elapsed = (performance.now() - start) / 1000;
      expect(elapsed).toBeGreaterThanOrEqual(1.5);
      expect(elapsed).toBeLessThan(6);
    },
  );

  test.skipIf(without('inherited descriptors'))(
    'is enough for a slow reader that ends within it (inherited descriptors)',
    async () => {
      const [writer, reader] = socketpair();
      using _writer = writer;
      using slow = startProgram(
        `const socket = new sockets.Socket({ fileno: 3 });
       let size = 0;
       for (let data; (data = socket.recv(65536)).length > 0; sleep(0.005)) size += data.length;
       say(size);`,
        { descriptors: [reader.fileno()] },
      );
      reader.close();
      writer.settimeout(20);
      writer.sendall(Buffer.alloc(4 * 2 ** 20));
      writer.close();
      expect((await slow.ended).said).toEqual([4 * 2 ** 20]);
    },
  );

  test('leaves the socket usable', () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    a.settimeout(0.01);
    expect(refusal(() => a.recv(1)).constructor).toBe(TimeoutError);
    b.send(some);
    expect(a.recv(10)).toEqual(some);
  });
});

describe.skipIf(without('signals'))('signals during a call without a timeout (signals)', () => {
  test.concurrent.each([
    ['recv', 'call = () => a.recv(10).toString();', 'more'],
    [
      'recv of a non-blocking descriptor with a timeout',
      'a.settimeout(20); call = () => a.recv(10).toString();',
      'more',
    ],
  ])('%s goes on waiting', async (_name, body, answer) => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    using program = startProgram(
      `process.on('SIGUSR2', () => {});
       const a = new sockets.Socket({ fileno: 3 });
       let call;
       ${body}
       say('ready');
       say(outcome(call));
       process.exit();`,
      { descriptors: [a.fileno()] },
    );
    await program.ready;
    const signalling = setInterval(() => program.process.kill('SIGUSR2'), 20);
    setTimeout(() => b.send(Buffer.from('more')), 400);
    const { said } = await program.ended.finally(() => clearInterval(signalling));
    expect(said).toEqual(['ready', answer]);
  });

  // With a timeout of the kernel's own, Linux does not begin this call anew by itself.
  test.concurrent('connect of a unix socket is not taken for done', async () => {
    using program = startProgram(
      `process.on('SIGUSR2', () => {});
       const server = new sockets.Socket(sockets.AF_UNIX);
       server.bind(''); server.listen(0);
       const clients = [1, 2].map(() => new sockets.Socket(sockets.AF_UNIX));
       clients[0].connect(server.getsockname());
       const timeval = Buffer.alloc(16);
       timeval.writeUInt8(1);
       clients[1].setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDTIMEO, timeval);
       say('ready');
       say(outcome(() => clients[1].connect(server.getsockname()) ?? 'connected'));
       process.exit();`,
    );
    await program.ready;
    for (const delay of [100, 200, 300]) setTimeout(() => program.process.kill('SIGUSR2'), delay);
    const { said } = await program.ended;
    expect(['EAGAIN', 'EINTR']).toContain(said[1]);
  });
});

describe('connectEx', () => {
  test.skipIf(without('AF_UNIX')).each([null, 5, 0])(
    'to a unix server and to none, with the timeout %s (AF_UNIX)',
    (timeout) => {
      using server = new Socket(AF_UNIX);
      server.bind('');
      server.listen();
      using client = new Socket(AF_UNIX);
      client.settimeout(timeout);
      expect(client.connectEx(server.getsockname())).toBe(0);
      expect(client.connectEx(server.getsockname())).toBe(EISCONN);
      const address = server.getsockname();
      server.close();
      using late = new Socket(AF_UNIX);
      late.settimeout(timeout);
      expect(late.connectEx(address)).toBe(ECONNREFUSED);
    },
  );

  test.each([null, 5])('to a TCP server and to none, with the timeout %s', (timeout) => {
    using server = createServer(['127.0.0.1', 0]);
    const address = server.getsockname();
    using client = new Socket();
    client.settimeout(timeout);
    expect(client.connectEx(address)).toBe(0);
    // The kernel says once that a connect which it did on its own is done.
    if (timeout !== null && !onWindows) expect(client.connectEx(address)).toBe(0);
    expect(client.connectEx(address)).toBe(EISCONN);
    server.close();
    using late = new Socket();
    late.settimeout(timeout);
    expect(late.connectEx(address)).toBe(ECONNREFUSED);
  });

  test('is in progress on a non-blocking TCP socket, and then connected', () => {
    using server = createServer(['127.0.0.1', 0]);
    using client = new Socket();
    client.setblocking(false);
    const address = server.getsockname();
    expect(client.connectEx(address)).toBe(EINPROGRESS);
    server.accept()[0].close();
    select([], [client], []);
    if (!onWindows) expect(client.connectEx(address)).toBe(0);
    expect(client.connectEx(address)).toBe(EISCONN);
  });

  test.skipIf(without('a backlog that is silent')).each([
    ['TCP', fullTcpBacklog, () => new Socket()],
    ['unix', fullUnixBacklog, () => new Socket(AF_UNIX)],
  ])(
    'is EAGAIN when the timeout of a %s socket is over (a backlog that is silent)',
    (_family, makeFull, makeSocket) => {
      using full = makeFull();
      using client: Socket<any> = makeSocket();
      client.settimeout(0.2);
      const start = performance.now();
      expect(client.connectEx(full.address)).toBe(EAGAIN);
      expect(performance.now() - start).toBeGreaterThanOrEqual(200);
    },
  );

  test.skipIf(without('python3'))('returns what it returns in Python (python3)', () => {
    const script = `
import socket, json
results = []
server = socket.create_server(('127.0.0.1', 0))
for timeout in [None, 5]:
    client = socket.socket()
    client.settimeout(timeout)
    results.append([client.connect_ex(server.getsockname()) for _ in range(3)])
client = socket.socket()
client.setblocking(False)
first = client.connect_ex(server.getsockname())
for _ in range(3): server.accept()
results.append([first] + [client.connect_ex(server.getsockname()) for _ in range(2)])
full = socket.create_server(('127.0.0.1', 0), backlog=0)
first, second = socket.socket(), socket.socket()
first.connect(full.getsockname())
second.settimeout(0.1)
results.append(second.connect_ex(full.getsockname()))
print(json.dumps(results))`;
    const { stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
    expect(JSON.parse(stdout)).toEqual([[0, EISCONN, EISCONN], [0, 0, EISCONN], [EINPROGRESS, 0, EISCONN], EAGAIN]);
  });
});

describe('what does not wait', () => {
  test.skipIf(without('MSG_DONTWAIT'))('MSG_DONTWAIT on a blocking socket (MSG_DONTWAIT)', () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    for (const timeout of [null, 5, 0]) {
      a.settimeout(timeout);
      expect(refusal(() => a.recv(1, MSG_DONTWAIT))).toMatchObject({ code: 'EAGAIN' });
    }
    using full = fullStream();
    expect(refusal(() => full.socket.send(some, MSG_DONTWAIT))).toMatchObject({ code: 'EAGAIN' });
    expect(refusal(() => full.socket.sendall(some, MSG_DONTWAIT))).toMatchObject({ code: 'EAGAIN' });
  });

  test.each([0, 0.2])('recv of no bytes, as in Python, with the timeout %s', (timeout) => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    a.settimeout(timeout);
    expect(a.recv(0)).toEqual(Buffer.alloc(0));
    expect(a.recvInto(new Uint8Array(0))).toBe(0);
  });

  test('recv of no bytes leaves a datagram where it is, as in Python', () => {
    const [a, b] = pair(SOCK_DGRAM);
    using _a = a;
    using _b = b;
    b.send(some);
    a.setblocking(false);
    expect(a.recv(0)).toEqual(Buffer.alloc(0));
    expect(a.recv(10)).toEqual(some);
  });

  test.skipIf(without('struct timeval'))("a timeout of the kernel's own is EAGAIN (struct timeval)", () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    const timeval = Buffer.alloc(16);
    timeval.writeUInt32LE(100_000, 8);
    a.setsockopt(SOL_SOCKET, SO_RCVTIMEO, timeval);
    a.setsockopt(SOL_SOCKET, SO_SNDTIMEO, timeval);
    expect(refusal(() => a.recv(1))).toMatchObject({ code: 'EAGAIN' });
    expect(refusal(() => a.sendall(Buffer.alloc(2 ** 22)))).toMatchObject({ code: 'EAGAIN' });
  });
});

test.skipIf(without('inherited descriptors'))('MSG_WAITALL waits for all (inherited descriptors)', () => {
  const [a, b] = socketpair();
  using _a = a;
  using _b = b;
  using _peer = startProgram(
    `const socket = new sockets.Socket({ fileno: 3 });
     for (const letter of 'abcdef') { socket.send(Buffer.from(letter)); sleep(0.02); }`,
    { descriptors: [b.fileno()] },
  );
  expect(a.recv(6, MSG_WAITALL)).toEqual(Buffer.from('abcdef'));
});

describe('the timeout of a socket', () => {
  afterEach(() => setdefaulttimeout(null));

  test('is read back in seconds', () => {
    using socket = new Socket();
    expect([socket.timeout, socket.gettimeout(), socket.getblocking()]).toEqual([undefined, undefined, true]);
    socket.settimeout(1.25);
    expect([socket.timeout, socket.gettimeout(), socket.getblocking()]).toEqual([1.25, 1.25, true]);
    socket.settimeout(0);
    expect([socket.timeout, socket.gettimeout(), socket.getblocking()]).toEqual([0, 0, false]);
    socket.setblocking(true);
    expect([socket.timeout, socket.gettimeout(), socket.getblocking()]).toEqual([undefined, undefined, true]);
    socket.setblocking(false);
    socket.settimeout(undefined);
    expect(socket.gettimeout()).toBeUndefined();
  });

  test.skipIf(without('SOCK_NONBLOCK'))(
    'is 0 for a type with SOCK_NONBLOCK, and the type is without it (SOCK_NONBLOCK)',
    () => {
      using socket = new Socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
      expect([socket.type, socket.gettimeout()]).toEqual([SOCK_STREAM, 0]);
      const [a, b] = socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK);
      using _a = a;
      using _b = b;
      expect([a.type, a.gettimeout(), b.gettimeout()]).toEqual([SOCK_DGRAM, 0, 0]);
      expect(refusal(() => b.recv(1))).toMatchObject({ code: 'EAGAIN' });
    },
  );

  test('is the default one for all that are opened after it was set', () => {
    using server = createServer(['127.0.0.1', 0]);
    server.settimeout(5);
    using before = new Socket();
    setdefaulttimeout(0.25);
    using after = new Socket();
    after.connect(server.getsockname());
    const [accepted] = server.accept();
    using _accepted = accepted;
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    const timeouts = [before, after, accepted, a, b].map((socket) => (socket as Socket).gettimeout());
    expect(timeouts).toEqual([undefined, 0.25, 0.25, 0.25, 0.25]);
    expect(refusal(() => accepted.recv(1)).constructor).toBe(TimeoutError);
  });

  test('is not that of the server that accepted it', () => {
    using server = createServer(['127.0.0.1', 0]);
    server.settimeout(3);
    using client = new Socket();
    client.connect(server.getsockname());
    const [accepted] = server.accept();
    using _accepted = accepted;
    expect(accepted.gettimeout()).toBeUndefined();
    client.close();
    expect(accepted.recv(1)).toHaveLength(0);
  });

  test('goes along with a duplicate', () => {
    using socket = new Socket();
    socket.settimeout(2.5);
    using copy = socket.dup();
    expect(copy.gettimeout()).toBe(2.5);
  });

  test.skipIf(without('/proc'))(
    'makes the descriptor non-blocking, and no timeout makes it blocking again (/proc)',
    () => {
      using socket = new Socket();
      const nonblocking = () => {
        const [, flags] = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${socket.fileno()}`, 'latin1'))!;
        return (Number.parseInt(flags!, 8) & 0o4000) !== 0;
      };
      expect(nonblocking()).toBe(false);
      socket.settimeout(5);
      expect(nonblocking()).toBe(true);
      socket.settimeout(null);
      expect(nonblocking()).toBe(false);
    },
  );
});
