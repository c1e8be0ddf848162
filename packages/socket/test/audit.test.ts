import { execFileSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import {
  AF_INET,
  AF_INET6,
  type AuditMessage,
  addAuditHook,
  createConnection,
  createServer,
  fromfd,
  getaddrinfo,
  gethostbyaddr,
  gethostbyname,
  gethostbynameEx,
  gethostname,
  getnameinfo,
  getservbyname,
  getservbyport,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
  OSError,
  SOCK_DGRAM,
  SOCK_STREAM,
  Socket,
  socketpair,
} from '@bsd-sockets/socket';
import { afterEach, describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { openDescriptors } from './open-descriptors';
import { LOCAL, onWindows, pair } from './platform';

type Call = [event: string, args: readonly unknown[]];

const removals: (() => void)[] = [];

/** The calls from here to the end of the test; `veto` may throw. */
function listen(veto: (event: string, args: readonly unknown[]) => void = () => {}): Call[] {
  const calls: Call[] = [];
  removals.push(
    addAuditHook((event, args) => {
      calls.push([event, args]);
      veto(event, args);
    }),
  );
  return calls;
}

afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});

class Veto extends Error {}

function forbid(wanted: string): Call[] {
  return listen((event) => {
    if (event === wanted) throw new Veto(event);
  });
}

describe('hooks', () => {
  test('are told of each call with its arguments', () => {
    const calls = listen();
    using server = new Socket();
    server.bind(['127.0.0.1', 0]);
    server.listen();
    const address = server.getsockname();
    using client = new Socket(AF_INET, SOCK_STREAM, 6);
    client.connect(address);
    const [connection] = server.accept();
    connection.close();
    using datagrams = new Socket({ type: SOCK_DGRAM });
    datagrams.sendto(Buffer.from('x'), address);
    expect(datagrams.connectEx(address)).toBe(0);
    getaddrinfo('127.0.0.1', 80, 0, SOCK_STREAM);
    expect(calls).toEqual([
      ['socket.__new__', [server, AF_INET, SOCK_STREAM, 0]],
      ['socket.bind', [server, ['127.0.0.1', 0]]],
      ['socket.__new__', [client, AF_INET, SOCK_STREAM, 6]],
      ['socket.connect', [client, address]],
      ['socket.__new__', [connection, AF_INET, SOCK_STREAM, 0]],
      ['socket.__new__', [datagrams, AF_INET, SOCK_DGRAM, 0]],
      ['socket.sendto', [datagrams, address]],
      ['socket.connect', [datagrams, address]],
      ['socket.getaddrinfo', ['127.0.0.1', 80, 0, SOCK_STREAM, 0]],
    ]);
  });

  test('are told of the sockets that other calls make', () => {
    using server = createServer(['127.0.0.1', 0]);
    const calls = listen();
    using client = createConnection(server.getsockname());
    using copy = client.dup();
    using other = fromfd(client.fileno(), AF_INET, SOCK_STREAM);
    const [a, b] = socketpair();
    a.close();
    b.close();
    using adopted = new Socket({ fileno: other.detach() });
    expect(calls.map(([event]) => event)).toEqual([
      'socket.getaddrinfo',
      'socket.__new__',
      'socket.connect',
      'socket.__new__',
      'socket.__new__',
      'socket.__new__',
      'socket.__new__',
      'socket.__new__',
    ]);
    expect(calls.slice(5, 7).map(([, args]) => args)).toEqual([
      [a, LOCAL, SOCK_STREAM, 0],
      [b, LOCAL, SOCK_STREAM, 0],
    ]);
    expect(copy.family).toBe(AF_INET);
    expect(calls.at(-1)?.[1]).toEqual([adopted, -1, -1, -1]);
  });

  test('may look at the socket that is about to be', () => {
    const seen: string[] = [];
    listen((_, [self]) => {
      seen.push(inspect(self), `${(self as Socket).fileno()}`);
    });
    using socket = new Socket(AF_INET6);
    expect(seen).toEqual(['<Socket [closed] fd=-1, family=AF_INET6, type=SOCK_STREAM, proto=0>', '-1']);
    expect(socket.fileno()).toBeGreaterThan(0);
  });

  test('are not told of a call with wrong arguments', () => {
    using socket = new Socket();
    const calls = listen();
    expect(() => socket.connect('nowhere' as never)).toThrow(TypeError);
    expect(() => socket.bind(['', 65536])).toThrow(RangeError);
    expect(() => new Socket('inet' as never)).toThrow(TypeError);
    expect(() => getaddrinfo('x', 80, 'inet' as never)).toThrow(TypeError);
    expect(calls).toEqual([]);
  });

  test('run in their order, and none after one that throws', () => {
    const order: number[] = [];
    listen(() => order.push(1));
    const remove = addAuditHook(() => {
      order.push(2);
      throw new Veto();
    });
    removals.push(remove);
    listen(() => order.push(3));
    expect(() => new Socket()).toThrow(Veto);
    expect(order).toEqual([1, 2]);
    remove();
    remove();
    new Socket().close();
    expect(order).toEqual([1, 2, 1, 3]);
  });

  test('a hook may remove itself while it runs', () => {
    const first = addAuditHook(() => first());
    const calls = listen();
    new Socket().close();
    new Socket().close();
    expect(calls).toHaveLength(2);
  });

  test('what is no function is refused', () => {
    expect(() => addAuditHook('print' as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', message: expect.stringMatching(/^hook: /) }),
    );
  });

  test('a hook that uses sockets itself does not disturb the call', () => {
    using receiver = new Socket(AF_INET, SOCK_DGRAM);
    receiver.bind(['127.0.0.1', 0]);
    receiver.settimeout(10);
    using sender = new Socket(AF_INET, SOCK_DGRAM);
    let nested = false;
    listen(() => {
      if (nested) return;
      nested = true;
      const [a, b] = pair(SOCK_DGRAM);
      a.send(Buffer.from('other'));
      b.recvfrom(10);
      a.close();
      b.close();
      nested = false;
    });
    sender.sendto(Buffer.from('hello'), receiver.getsockname());
    expect(receiver.recv(100).toString()).toBe('hello');
  });

  test('a hook that closes the socket makes the call fail, no more', () => {
    using socket = new Socket(AF_INET, SOCK_DGRAM);
    listen((_, [self]) => (self as Socket).close());
    expect(() => socket.sendto(Buffer.from('x'), ['127.0.0.1', 9])).toThrow(/the socket is closed/);
  });
});

describe('a veto', () => {
  test('forbids every event, and leaves no descriptor', () => {
    using server = createServer(['127.0.0.1', 0]);
    using datagrams = new Socket(AF_INET, SOCK_DGRAM);
    using client = new Socket();
    const address = server.getsockname();
    const forbidden: [event: string, call: () => unknown][] = [
      ['socket.__new__', () => new Socket()],
      ['socket.__new__', () => socketpair()],
      ['socket.__new__', () => client.dup()],
      ['socket.__new__', () => fromfd(client.fileno(), AF_INET, SOCK_STREAM)],
      ['socket.__new__', () => createConnection(address)],
      ['socket.bind', () => client.bind(['127.0.0.1', 0])],
      ['socket.bind', () => createServer(['127.0.0.1', 0])],
      ['socket.connect', () => client.connect(address)],
      ['socket.connect', () => client.connectEx(address)],
      ['socket.connect', () => createConnection(address)],
      ['socket.sendto', () => datagrams.sendto(Buffer.from('x'), address)],
      ['socket.getaddrinfo', () => getaddrinfo('localhost', 80)],
    ];
    const before = openDescriptors();
    for (const [event, call] of forbidden) {
      const calls = forbid(event);
      expect(call).toThrow(Veto);
      removals.pop()?.();
      expect(calls.at(-1)?.[0]).toBe(event);
      expect(openDescriptors()).toEqual(before);
    }
    // Of Windows it is an error while it has none.
    if (!onWindows) expect(datagrams.getsockname()).toEqual(['0.0.0.0', 0]);
    client.connect(address);
  });

  test('of the second socket of a pair closes the first', () => {
    let count = 0;
    listen(() => {
      if (++count === 2) throw new Veto();
    });
    const before = openDescriptors();
    expect(() => socketpair()).toThrow(Veto);
    expect(openDescriptors()).toEqual(before);
  });

  test('of an accepted connection closes it', () => {
    using server = createServer(['127.0.0.1', 0]);
    using client = createConnection(server.getsockname());
    const before = openDescriptors();
    forbid('socket.__new__');
    expect(() => server.accept()).toThrow(Veto);
    expect(openDescriptors()).toEqual(before);
    client.settimeout(10);
    expect(client.recv(1)).toHaveLength(0);
  });

  test('of taking over a descriptor leaves it to its owner', () => {
    using socket = new Socket();
    forbid('socket.__new__');
    expect(() => new Socket({ fileno: socket.fileno() })).toThrow(Veto);
    socket.bind(['127.0.0.1', 0]);
    expect(socket.getsockname()[0]).toBe('127.0.0.1');
  });
});

describe('channels', () => {
  test('get the event and its arguments, also of a call that a hook forbids', () => {
    const messages: AuditMessage[] = [];
    const subscriber = (message: unknown) => messages.push(message as AuditMessage);
    subscribe('bsd-sockets:socket.connect', subscriber);
    try {
      using socket = new Socket(AF_INET, SOCK_DGRAM);
      socket.connect(['127.0.0.1', 9]);
      forbid('socket.connect');
      expect(() => socket.connect(['127.0.0.1', 10])).toThrow(Veto);
      expect(messages).toEqual([
        { event: 'socket.connect', args: [socket, ['127.0.0.1', 9]] },
        { event: 'socket.connect', args: [socket, ['127.0.0.1', 10]] },
      ]);
    } finally {
      unsubscribe('bsd-sockets:socket.connect', subscriber);
    }
    new Socket(AF_INET, SOCK_DGRAM).close();
    expect(messages).toHaveLength(2);
  });
});

test('a second copy of the packages shares the hooks', () => {
  const require = createRequire(import.meta.url);
  const paths = Object.keys(require.cache).filter((path) =>
    /[\\/](packages|@bsd-sockets)[\\/][\w-]+[\\/]dist[\\/]/.test(path),
  );
  const present = paths.map((path) => [path, require.cache[path]] as const);
  for (const path of paths) delete require.cache[path];
  const copy = require('@bsd-sockets/socket') as typeof import('@bsd-sockets/socket');
  for (const [path, module] of present) require.cache[path] = module;
  expect(copy.addAuditHook).not.toBe(addAuditHook);
  const calls = listen();
  const remove = copy.addAuditHook(() => calls.push(['copy', []]));
  copy.getaddrinfo('127.0.0.1', 80);
  getaddrinfo('127.0.0.1', 80);
  remove();
  getaddrinfo('127.0.0.1', 80);
  const one = 'socket.getaddrinfo';
  expect(calls.map(([event]) => event)).toEqual([one, 'copy', one, 'copy', one]);
});

/** The databases of this host may not have what is asked for, and nobody listens at the port. */
function unlessRefused(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
  }
}

test.skipIf(without('python3'))('the events are those of CPython (python3)', () => {
  const program = `
import socket, sys, json
seen = []
def hook(event, args):
    if event.startswith('socket.'):
        seen.append([event, ['self' if isinstance(a, socket.socket) else a for a in args]])
sys.addaudithook(hook)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 0))
s.connect(('127.0.0.1', 9))
s.connect_ex(('127.0.0.1', 9))
s.sendto(b'x', ('127.0.0.1', 9))
d = s.dup()
n = socket.socket(fileno=d.detach())
n.close()
a, b = socket.socketpair()
socket.getaddrinfo('127.0.0.1', 80, socket.AF_INET, socket.SOCK_STREAM, 6)
for rest in [([], 0, ('127.0.0.1', 9)), ()]:
    try: s.sendmsg([b'x'], *rest)
    except OSError: pass
socket.gethostbyname('127.0.0.1')
socket.gethostbyname_ex('127.0.0.1')
try: socket.gethostbyaddr('127.0.0.1')
except OSError: pass
socket.gethostname()
socket.getnameinfo(('127.0.0.1', 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
for name, protocol in [('http', 'tcp'), ('nonesuch', 'udp')]:
    try: socket.getservbyname(name, protocol)
    except OSError: pass
for port in [80, 65535]:
    try: socket.getservbyport(port, 'tcp')
    except OSError: pass
print(json.dumps(seen))`;
  const expected = JSON.parse(execFileSync('python3', ['-c', program], { encoding: 'utf8' })) as unknown;
  const calls = listen();
  using s = new Socket(AF_INET, SOCK_DGRAM);
  s.bind(['127.0.0.1', 0]);
  s.connect(['127.0.0.1', 9]);
  s.connectEx(['127.0.0.1', 9]);
  s.sendto(Buffer.from('x'), ['127.0.0.1', 9]);
  const d = s.dup();
  const n = new Socket({ fileno: d.detach() });
  n.close();
  for (const socket of socketpair()) socket.close();
  getaddrinfo('127.0.0.1', 80, AF_INET, SOCK_STREAM, 6);
  unlessRefused(() => s.sendmsg([Buffer.from('x')], [], 0, ['127.0.0.1', 9]));
  unlessRefused(() => s.sendmsg([Buffer.from('x')]));
  gethostbyname('127.0.0.1');
  gethostbynameEx('127.0.0.1');
  unlessRefused(() => gethostbyaddr('127.0.0.1'));
  gethostname();
  getnameinfo(['127.0.0.1', 80], NI_NUMERICHOST | NI_NUMERICSERV);
  unlessRefused(() => getservbyname('http', 'tcp'));
  unlessRefused(() => getservbyname('nonesuch', 'udp'));
  unlessRefused(() => getservbyport(80, 'tcp'));
  unlessRefused(() => getservbyport(65535, 'tcp'));
  const seen = calls.map(([event, args]) => [
    event,
    args.map((arg) => (arg instanceof Socket ? 'self' : (arg ?? null))),
  ]);
  expect(seen).toEqual(expected);
});
