import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { inspect } from 'node:util';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  close,
  createServer,
  dup,
  fromfd,
  IPPROTO_TCP,
  IPPROTO_UDP,
  OSError,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
  socketpair,
} from '@bsd-sockets/socket';
import { type Socket as PromiseSocket, socketpair as promiseSocketpair, select } from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { openDescriptors, refusal } from './open-descriptors';
import { noSocket, onWindows } from './platform';
import { runProgram } from './program';

function isOpen(fd: number): boolean {
  try {
    if (onWindows) close(dup(fd));
    else fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

describe('close', () => {
  test('a second time does nothing, even if the number belongs to another by then', () => {
    const socket = new Socket();
    const fd = socket.fileno();
    socket.close();
    using other = new Socket();
    if (!onWindows) expect(other.fileno()).toBe(fd);
    expect(socket.close()).toBeUndefined();
    expect([socket.fileno(), isOpen(other.fileno())]).toEqual([-1, true]);
  });

  test('frees the descriptor at once', () => {
    const before = openDescriptors();
    const sockets = [new Socket(), ...socketpair(), createServer(['127.0.0.1', 0])];
    if (!onWindows) expect(openDescriptors()).toHaveLength(before.length + 4);
    for (const socket of sockets) socket.close();
    expect(openDescriptors()).toEqual(before);
  });

  test('comes at the end of a using scope, also when that throws', () => {
    const before = openDescriptors();
    let kept: Socket | undefined;
    expect(() => {
      using socket = new Socket();
      kept = socket;
      throw new Error('out of here');
    }).toThrow('out of here');
    expect([kept?.fileno(), openDescriptors()]).toEqual([-1, before]);
  });

  test('of a descriptor that something else has closed is an error once', () => {
    const socket = new Socket();
    close(socket.fileno());
    expect(refusal(() => socket.close())).toMatchObject({ ...noSocket, syscall: 'close' });
    expect(socket.close()).toBeUndefined();
  });

  test('as a function closes a number', () => {
    const fd = new Socket().detach();
    expect(close(fd)).toBeUndefined();
    expect(isOpen(fd)).toBe(false);
    expect(refusal(() => close(fd))).toMatchObject(noSocket);
  });

  test('ends the connection for the peer', () => {
    const [a, b] = socketpair();
    using _b = b;
    a.close();
    expect(b.recv(1)).toHaveLength(0);
  });
});

describe('detach', () => {
  test('gives the descriptor away, and the object is closed', () => {
    const socket = new Socket();
    const fd = socket.fileno();
    expect(socket.detach()).toBe(fd);
    expect([socket.fileno(), isOpen(fd)]).toEqual([-1, true]);
    socket.close();
    expect(isOpen(fd)).toBe(true);
    expect(socket.detach()).toBe(-1);
    close(fd);
  });

  test('takes the descriptor out of a using scope', () => {
    let fd: number;
    {
      using socket = new Socket();
      fd = socket.detach();
    }
    expect(isOpen(fd)).toBe(true);
    close(fd);
  });
});

describe('what hears of the end of a wait', () => {
  const ways: [name: string, way: (socket: PromiseSocket<any>) => unknown][] = [
    ['close', (socket) => socket.close()],
    ['detach', (socket) => socket.detach()],
    ['a change of the face', (socket) => Socket.from(socket)],
  ];
  const both = ways.flatMap(([outer, first]) => ways.map(([inner, second]) => [outer, inner, first, second] as const));

  test.skipIf(without('numbers of files')).each(both)(
    'in %s may call %s, and no number is closed twice (numbers of files)',
    async (_outer, _inner, first, second) => {
      const [a, b] = promiseSocketpair();
      const fd = a.fileno();
      const { signal } = new AbortController();
      let file = -1;
      // The end of the wait takes the listener off, in the midst of what ends it.
      signal.removeEventListener = () => {
        try {
          second(a);
        } catch (error) {
          expect(error).toMatchObject({ code: 'EBADF' });
        }
        file = openSync('/dev/null', 'r');
      };
      const waiting = select([a], [], [], null, { signal });
      const result = first(a);
      await expect(waiting).rejects.toMatchObject({ code: 'ECANCELED' });
      expect(file).not.toBe(fd);
      expect([a.fileno(), isOpen(file)]).toEqual([-1, true]);
      expect(isOpen(fd)).toBe(result !== undefined);
      if (typeof result === 'number') close(result);
      else if (result !== undefined) (result as Socket).close();
      closeSync(file);
      b.close();
    },
  );

  test('of a file may close it again, and the descriptor is closed with the socket', async () => {
    const [a, b] = promiseSocketpair();
    const file = a.makefile('rb');
    const { signal } = new AbortController();
    const ends: Promise<void>[] = [];
    signal.removeEventListener = () => void ends.push(file.close());
    const reading = file.read(1, { signal });
    const fd = a.fileno();
    await file.close();
    await expect(reading).rejects.toMatchObject({ code: 'ECANCELED' });
    await Promise.all(ends);
    expect([ends.length, isOpen(fd)]).toEqual([1, true]);
    a.close();
    expect(isOpen(fd)).toBe(false);
    b.close();
  });
});

describe('dup', () => {
  test('is another descriptor for the same connection', () => {
    const [a, b] = socketpair();
    using _b = b;
    using copy = a.dup();
    expect(copy.fileno()).not.toBe(a.fileno());
    expect([copy.family, copy.type, copy.proto]).toEqual([a.family, a.type, a.proto]);
    expect(copy.getInheritable()).toBe(false);
    a.close();
    copy.send(Buffer.from('x'));
    expect(b.recv(1)).toEqual(Buffer.from('x'));
    copy.close();
    expect(b.recv(1)).toHaveLength(0);
  });

  test('is of the same class', () => {
    using socket = new Socket(AF_INET6, SOCK_DGRAM);
    using copy = socket.dup();
    expect(copy).toBeInstanceOf(Socket);
    expect([copy.family, copy.type]).toEqual([AF_INET6, SOCK_DGRAM]);
  });
});

test('dup of a descriptor is another one, which nobody but the caller closes', () => {
  const [a, b] = socketpair();
  using _b = b;
  const before = openDescriptors().length;
  const copy = dup(a.fileno());
  expect(copy).not.toBe(a.fileno());
  a.close();
  using again = new Socket({ fileno: copy });
  expect(again.getInheritable()).toBe(false);
  again.send(Buffer.from('x'));
  expect(b.recv(1)).toEqual(Buffer.from('x'));
  expect(openDescriptors()).toHaveLength(before);
  expect(refusal(() => dup(-1))).toMatchObject(noSocket);
  expect(refusal(() => dup('3' as never))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
});

describe('fromfd', () => {
  test('makes a socket of a duplicate', () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    using copy = fromfd(a.fileno(), a.family, SOCK_STREAM);
    expect(copy.fileno()).not.toBe(a.fileno());
    copy.send(Buffer.from('x'));
    expect(b.recv(1)).toEqual(Buffer.from('x'));
    copy.close();
    expect(isOpen(a.fileno())).toBe(true);
  });

  test('believes what it is told', () => {
    using socket = new Socket(AF_INET, SOCK_STREAM);
    // Windows has no flag beside the type.
    const flag = SOCK_NONBLOCK ?? 0;
    using copy = fromfd(socket.fileno(), AF_UNIX, SOCK_SEQPACKET | flag, 5);
    expect([copy.family, copy.type, copy.proto, copy.timeout]).toEqual([
      AF_UNIX,
      SOCK_SEQPACKET,
      5,
      flag === 0 ? undefined : 0,
    ]);
  });
});

describe('a descriptor that is adopted', () => {
  test.each<[name: string, family: number, type: number, proto: number]>([
    ['AF_INET stream', AF_INET, SOCK_STREAM, IPPROTO_TCP],
    ['AF_INET datagram', AF_INET, SOCK_DGRAM, IPPROTO_UDP],
    ['AF_INET6 stream', AF_INET6, SOCK_STREAM, IPPROTO_TCP],
    ...(onWindows ? [] : [['AF_UNIX sequenced', AF_UNIX, SOCK_SEQPACKET, 0] as [string, number, number, number]]),
  ])('tells that it is an %s socket', (_name, family, type, proto) => {
    const fd = new Socket(family, type).detach();
    using socket = new Socket({ fileno: fd });
    expect([socket.fileno(), socket.family, socket.type, socket.proto]).toEqual([fd, family, type, proto]);
  });

  test('by position, and with a part of what it is', () => {
    const fd = new Socket(AF_INET, SOCK_DGRAM).detach();
    using socket = new Socket(null, null, 99, fd);
    expect([socket.family, socket.type, socket.proto]).toEqual([AF_INET, SOCK_DGRAM, 99]);
  });

  test('is asked of the kernel what is -1, as in Python', () => {
    const fd = new Socket(AF_INET6, SOCK_DGRAM).detach();
    using socket = new Socket(-1, -1, -1, fd);
    expect([socket.family, socket.type, socket.proto]).toEqual([AF_INET6, SOCK_DGRAM, IPPROTO_UDP]);
    using copy = fromfd(fd, -1, -1, -1);
    expect([copy.family, copy.type, copy.proto]).toEqual([AF_INET6, SOCK_DGRAM, IPPROTO_UDP]);
    using opened = new Socket(-1, -1, -1);
    expect([opened.family, opened.type, opened.proto]).toEqual([AF_INET, SOCK_STREAM, 0]);
    expect(refusal(() => new Socket({ fileno: -1 }))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  });

  test('has the addresses of its family', () => {
    const server = createServer(['127.0.0.1', 0]);
    const address = server.getsockname();
    using adopted = new Socket({ fileno: server.detach() });
    expect(adopted.getsockname()).toEqual(address);
  });

  test('is closed with its object', () => {
    const fd = new Socket().detach();
    new Socket({ fileno: fd }).close();
    expect(isOpen(fd)).toBe(false);
  });

  test('is refused if it is not open', () => {
    const fd = new Socket().detach();
    close(fd);
    const ways = [
      () => new Socket({ fileno: fd }),
      () => new Socket(AF_INET, SOCK_STREAM, 0, fd),
      () => fromfd(fd, AF_INET, SOCK_STREAM),
    ];
    for (const way of ways) expect(refusal(way)).toMatchObject(noSocket);
  });

  test.skipIf(without('numbers of files'))('stays open and unchanged if it is no socket (numbers of files)', () => {
    const fd = openSync('/dev/null', 'r');
    try {
      const error = refusal(() => new Socket({ fileno: fd }));
      expect(error.constructor).toBe(OSError);
      expect(error).toMatchObject({ code: 'ENOTSOCK', errno: 88 });
      expect(isOpen(fd)).toBe(true);
    } finally {
      closeSync(fd);
    }
  });

  test.skipIf(without('numbers of files'))(
    'is refused if it is no socket, as in Python, though all is given (numbers of files)',
    () => {
      const fd = openSync('/dev/null', 'r');
      try {
        expect(refusal(() => new Socket(AF_INET, SOCK_STREAM, 0, fd))).toMatchObject({ code: 'ENOTSOCK' });
        expect(refusal(() => fromfd(fd, AF_INET, SOCK_STREAM))).toMatchObject({ code: 'ENOTSOCK' });
      } finally {
        closeSync(fd);
      }
    },
  );

  test.skipIf(without('python3'))('is refused in the same cases in Python (python3)', () => {
    const script = `
import socket, json
file = open('/dev/null')
def code(call):
    try: call()
    except OSError as error: return error.errno
print(json.dumps([
    code(lambda: socket.socket(fileno=file.fileno())),
    code(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, file.fileno())),
    code(lambda: socket.fromfd(file.fileno(), socket.AF_INET, socket.SOCK_STREAM)),
    code(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, 900)),
]))`;
    expect(JSON.parse(execFileSync('python3', ['-c', script], { encoding: 'utf8' }))).toEqual([88, 88, 88, 9]);
  });
});

describe('inheritance', () => {
  test('is off from birth, for all ways to get a descriptor', () => {
    using server = createServer(['127.0.0.1', 0]);
    using client = new Socket();
    client.connect(server.getsockname());
    const [accepted] = server.accept();
    const all = [
      server,
      client,
      accepted,
      ...socketpair(),
      client.dup(),
      fromfd(client.fileno(), AF_INET, SOCK_STREAM),
    ];
    expect(all.map((socket: Socket<any>) => socket.getInheritable())).toEqual(all.map(() => false));
    for (const socket of all) socket.close();
  });

  test.skipIf(without('/proc'))('is what a child process finds (/proc)', () => {
    using kept = new Socket();
    using given = new Socket();
    given.setInheritable(true);
    expect(given.getInheritable()).toBe(true);
    // A shell of its own, because Node closes nothing between fork and exec.
    const list = () => execFileSync('/bin/sh', ['-c', 'ls /proc/$$/fd'], { encoding: 'utf8' }).split('\n');
    const inherited = list();
    expect(inherited).toContain(`${given.fileno()}`);
    expect(inherited).not.toContain(`${kept.fileno()}`);
    given.setInheritable(false);
    expect(list()).not.toContain(`${given.fileno()}`);
  });
});

describe('a socket that is forgotten', () => {
  // Windows has no list of what is open: there the warnings tell.
  const forget = (making: string, after = '') =>
    runProgram(
      `process.on('warning', ({ name, message }) => say({ name, message }));
       const before = openSockets();
       (() => { ${making} })();
       const collect = (rest) => {
         gc();
         if (rest > 0 && openSockets() > before) setTimeout(collect, 10, rest - 1);
         else setImmediate(() => { ${after} say({ more: openSockets() - before }); });
       };
       setTimeout(collect, 10, 200);`,
      { flags: ['--expose-gc', '--no-warnings'] },
    );

  test('is closed when it is collected, with a warning that describes it', async () => {
    const { said, code } = await forget(
      "new sockets.Socket(sockets.AF_INET, sockets.SOCK_DGRAM).bind(['127.0.0.1', 0]);",
    );
    expect(code).toBe(0);
    expect(said).toEqual([
      {
        name: 'ResourceWarning',
        message: expect.stringMatching(
          /^unclosed <Socket fd=\d+, family=AF_INET, type=SOCK_DGRAM, proto=0, laddr=\[ '127\.0\.0\.1', \d+ \]>$/,
        ),
      },
      { more: 0 },
    ]);
  });

  test.each([
    ['that was closed', 'new sockets.Socket().close();'],
    [
      'whose descriptor was adopted by one that was closed',
      'new sockets.Socket({ fileno: new sockets.Socket().detach() }).close();',
    ],
  ])('%s is not worth a warning', async (_name, making) => {
    expect((await forget(making)).said).toEqual([{ more: 0 }]);
  });

  test('after detach leaves its descriptor open', async () => {
    const { said } = await runProgram(
      `process.on('warning', ({ name }) => say(name));
       const fd = (() => new sockets.Socket().detach())();
       const collect = (rest) => {
         gc();
         if (rest > 0) setTimeout(collect, 10, rest - 1);
         else say(outcome(() => { sockets.close(sockets.dup(fd)); return 'open'; }));
       };
       setTimeout(collect, 10, 10);`,
      { flags: ['--expose-gc', '--no-warnings'] },
    );
    expect(said).toEqual(['open']);
  });

  test('is closed even if its family cannot describe its address', async () => {
    const { said, code } = await forget(
      `const decode = () => { throw new Error('no such address'); };
       sockets.registerFamily({ number: 16, name: 'AF_TEST', encode: (address) => address, decode });
       new sockets.Socket({ family: 16, fileno: new sockets.Socket().detach() });`,
    );
    expect(code).toBe(0);
    expect(said.at(-1)).toEqual({ more: 0 });
  });

  test('is kept while it is used', async () => {
    const { said } = await runProgram(
      `process.on('warning', ({ name }) => say(name));
       const [a, b] = sockets.socketpair();
       setTimeout(() => { gc(); gc(); setTimeout(() => { b.send(Buffer.from('x')); say(a.recv(1).toString()); a.close(); b.close(); }, 20); }, 10);`,
      { flags: ['--expose-gc', '--no-warnings'] },
    );
    expect(said).toEqual(['x']);
  });
});

test('what is printed of a socket', () => {
  const [a, b] = socketpair();
  using _b = b;
  const fd = a.fileno();
  const about = `family=${onWindows ? 'AF_INET' : 'AF_UNIX'}, type=SOCK_STREAM, proto=0`;
  const ends = `, laddr=${inspect(a.getsockname())}, raddr=${inspect(a.getpeername())}`;
  expect(inspect(a)).toBe(`<Socket fd=${fd}, ${about}${onWindows ? ends : ''}>`);
  a.close();
  expect(inspect(a)).toBe(`<Socket [closed] fd=-1, ${about}>`);
});

test.each([
  ['sockets', 'w'],
  ['sockets', 'rwb'],
  ['sockets.promises', 'w'],
  ['sockets.promises', 'rwb'],
])('a file that is collected warns of what was written to it and not sent (%s, %s)', async (face, mode) => {
  const { said } = await runProgram(
    `const pair = ${face}.socketpair();
     process.on('warning', ({ name, message }) => {
       say([name, message]);
       process.exit(pair.length);
     });
     const forget = async (data, flushed) => {
       const file = pair[0].makefile('${mode}');
       await file.write(Buffer.from(data)${mode === 'w' ? '.toString()' : ''});
       if (flushed) await file.flush();
     };
     forget('sent', true);
     forget('lost', false);
     setInterval(gc, 10);`,
    { flags: ['--expose-gc', '--no-warnings'] },
  );
  expect(said).toEqual([['ResourceWarning', 'unclosed file: 4 bytes written to it are lost']]);
});
