import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  AF_INET,
  AF_UNIX,
  connectDuplex,
  createServer,
  feed,
  HttpAgent,
  SOCK_SEQPACKET,
  Socket,
  SocketDuplex,
  socketpair,
} from '@bsd-sockets/socket/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const page = readFileSync(new URL('../../../../docs/streams.md', import.meta.url), 'utf8');
const rows = [
  ...page.slice(page.indexOf('## Where it differs from Node')).matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm),
].map(([, what, node, ours]) => [what!, ...[node!, ours!].map((cell) => cell.replaceAll('`', ''))] as const);

const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-differences-'));
const path = join(folder, 'socket');
const servers: net.Server[] = [];
let port: number;
let other: number;

async function listen(server: net.Server, ...where: [number, string] | [string]): Promise<net.Server> {
  servers.push(server);
  server.listen(...(where as [number, string]));
  await once(server, 'listening');
  return server;
}

const portOf = (server: net.Server) => (server.address() as net.AddressInfo).port;

beforeAll(async () => {
  const named = (name: string) => http.createServer((_request, response) => response.end(name));
  port = portOf(await listen(named('one'), 0, '127.0.0.1'));
  other = portOf(await listen(named('other'), 0, '127.0.0.1'));
  await listen(net.createServer(), path);
});

afterAll(() => {
  for (const server of servers) {
    (server as http.Server).closeAllConnections?.();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

const address = () => ['127.0.0.1', port] as const;
const streams = {
  node: () => net.connect(port, '127.0.0.1'),
  ours: () => connectDuplex({ family: AF_INET, address: address() }),
};

/** What a call of each kind of stream says. */
const both = (ask: (stream: net.Socket) => unknown) => () =>
  Promise.all(
    Object.values(streams).map(async (open) => {
      const stream = open() as unknown as net.Socket;
      await once(stream, 'connect');
      const answer = await ask(stream);
      stream.destroy();
      return String(answer);
    }),
  );

const codeOf = (call: () => unknown, fine: string) => {
  try {
    call();
    return fine;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

async function refused(open: () => net.Socket | SocketDuplex): Promise<any> {
  const stream = open();
  return (await once(stream, 'error'))[0];
}
const refusals = () =>
  Promise.all([
    refused(() => net.connect(1, '127.0.0.1')),
    refused(() => connectDuplex({ family: AF_INET, address: ['127.0.0.1', 1] })),
  ]);

/** What a request with these options is answered by each kind of agent. */
const answers = async (options: http.AgentOptions & http.RequestOptions, agentOptions: http.AgentOptions = {}) =>
  Promise.all(
    [new http.Agent(agentOptions), new HttpAgent({ ...agentOptions, family: AF_INET, address: address() })].map(
      async (agent) => {
        const [response] = (await once(http.get({ agent, ...options }), 'response')) as [http.IncomingMessage];
        const { localAddress } = response.socket;
        const text = (await response.toArray()).join('');
        agent.destroy();
        return { text, localAddress };
      },
    ),
  );

async function nagle(noDelay: boolean): Promise<string> {
  const server = await listen(http2.createServer(), 0, '127.0.0.1');
  const stream = connectDuplex({ family: AF_INET, address: ['127.0.0.1', portOf(server)], noDelay });
  await once(stream, 'connect');
  const client = http2.connect('http://localhost', { createConnection: () => stream });
  await once(client, 'connect');
  const on = stream.socket.getsockopt(6, 1) === 0;
  client.destroy();
  return on ? 'on' : 'off';
}

const found: Record<string, () => Promise<readonly unknown[]> | readonly unknown[]> = {
  '`stream instanceof net.Socket`': both((stream) => stream instanceof net.Socket),
  'the address in the error of a failed `connect`': async () =>
    (await refusals()).map(({ address, port }) =>
      inspect(port === undefined ? { address } : { address, port }).slice(2, -2),
    ),
  'the message of that error': async () => (await refusals()).map(({ message }) => message),
  '`connect(port, host)`': async () => {
    const answer = async (stream: net.Socket | SocketDuplex) => {
      stream.connect(other, '127.0.0.1');
      stream.end('GET / HTTP/1.0\r\n\r\n');
      return `${(await stream.toArray()).join('')}`.split('\r\n\r\n')[1];
    };
    return [
      (await answer(new net.Socket())) === 'other' && 'connects there',
      (await answer(connectDuplex({ family: AF_INET, address: address(), lazyConnect: true }))) === 'one' &&
        'connects to the address that it has',
    ];
  },
  'the event `lookup`': () =>
    Promise.all(
      [net.connect(port, 'localhost'), connectDuplex({ family: AF_INET, address: ['localhost', port] })].map(
        async (stream) => {
          let told = 'not emitted';
          stream.on('lookup', () => {
            told = 'emitted';
          });
          await once(stream, 'connect');
          stream.destroy();
          return told;
        },
      ),
    ),
  '`localAddress` of a unix socket at a path': async () => {
    const node = await new Promise<unknown>((resolve) => {
      const server = net.createServer((socket) => {
        resolve(socket.localAddress);
        socket.destroy();
        server.close();
      });
      server.listen(join(folder, 'node'), () => net.connect(join(folder, 'node')).on('error', () => {}));
    });
    const listener = new Socket(AF_UNIX);
    await listener.bind(join(folder, 'ours'));
    listener.listen();
    const client = new Socket(AF_UNIX);
    await client.connect(listener.getsockname());
    const stream = (await listener.accept())[0].toDuplex();
    const ours = stream.localAddress;
    stream.destroy();
    client.close();
    listener.close();
    return [node, ours === join(folder, 'ours') && 'the path'];
  },
  'the option `onread`': () => {
    const onread = { buffer: Buffer.alloc(10), callback: () => true };
    return [
      codeOf(() => new net.Socket({ onread } as never), 'taken'),
      codeOf(() => connectDuplex({ family: AF_INET, address: address(), onread } as never), 'taken'),
    ];
  },
  '`bufferSize`, which is deprecated': both((stream) => typeof stream.bufferSize),
  "Nagle's algorithm under `http2.connect`": async () => {
    // Node says so itself: "Do not use nagle's algorithm" is what its session does to the socket.
    let off = false;
    const server = await listen(http2.createServer(), 0, '127.0.0.1');
    const socket = net.connect(portOf(server), '127.0.0.1');
    const { setNoDelay } = socket;
    socket.setNoDelay = (noDelay) => {
      off = noDelay ?? true;
      return setNoDelay.call(socket, noDelay);
    };
    const client = http2.connect('http://localhost', { createConnection: () => socket });
    await once(client, 'connect');
    client.destroy();
    const ours = [await nagle(false), await nagle(true)];
    return [off ? 'off' : 'on', ours.join() === 'on,off' && 'on, unless noDelay is true'];
  },
  'the callback of a write that `destroy` has cut short': both(
    (stream) =>
      new Promise((resolve) => {
        stream.write(Buffer.alloc(20_000_000), (error?: NodeJS.ErrnoException | null) =>
          resolve(error?.code ?? 'no error'),
        );
        stream.destroy();
      }),
  ),
  'objects for messages': () => {
    const [a, b] = socketpair(AF_UNIX, SOCK_SEQPACKET).map((socket) => socket.toDuplex());
    const ours = a!.readableObjectMode && a!.writableObjectMode && 'seqpacket sockets';
    a!.destroy();
    b!.destroy();
    return [codeOf(() => new net.Socket({ objectMode: true } as never), 'taken'), ours];
  },
  'whom `host`, `port` and `socketPath` of a request name': async () => {
    const [node, ours] = await answers({ host: '127.0.0.1', port: other });
    const [, byPath] = await answers({ host: '127.0.0.1', port: other, socketPath: undefined });
    return [node!.text === 'other' && 'the server', ours!.text === 'one' && byPath!.text === 'one' && 'nobody'];
  },
  '`localAddress` of the options': async () => {
    const [node, ours] = await answers({ host: '127.0.0.1', port }, { localAddress: '127.0.0.2' } as never);
    return [
      node!.localAddress === '127.0.0.2' && 'bound to',
      ours!.localAddress === '127.0.0.1' && 'ignored: bind in dial',
    ];
  },
  '`lookup` of the options': async () => {
    const looked: string[] = [];
    const lookup = (host: string, options: { all?: boolean }, done: any) => {
      looked.push(host);
      if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
      else done(null, '127.0.0.1', 4);
    };
    await answers({ host: 'any.invalid', port, lookup: lookup as never });
    return [looked.length === 1 && 'called', looked.length === 1 && 'ignored: look up in dial'];
  },
  'when it emits `listening`': async () => {
    const when = async (begin: (server: net.Server) => unknown) => {
      const server = net.createServer();
      let told = false;
      server.on('listening', () => {
        told = true;
      });
      begin(server);
      const early = told;
      if (!told) await once(server, 'listening');
      server.close();
      return early ? 'at once' : 'later';
    };
    const listener = await createServer(['127.0.0.1', 0]);
    return [await when((server) => server.listen(0)), await when((server) => feed(server, listener))];
  },
  'the connections that `connection` tells': async () => {
    const kind = async (server: net.Server, where: number) => {
      const client = net.connect(where, '127.0.0.1');
      const [stream] = await once(server, 'connection');
      client.destroy();
      stream.destroy();
      server.close();
      return stream instanceof net.Socket ? 'net.Socket' : stream instanceof SocketDuplex ? 'SocketDuplex' : '';
    };
    const node = await listen(net.createServer(), 0, '127.0.0.1');
    const listener = await createServer(['127.0.0.1', 0]);
    const fed = net.createServer();
    feed(fed, listener);
    return [await kind(node, portOf(node)), await kind(fed, listener.getsockname()[1])];
  },
  'two listening sockets of one server': async () => {
    const node = await listen(net.createServer(), 0, '127.0.0.1');
    const fed = net.createServer();
    const listeners = [await createServer(['127.0.0.1', 0]), await createServer(['127.0.0.1', 0])];
    const feeding = listeners.map((listener) => feed(fed, listener).then(() => 'taken'));
    fed.close();
    return [codeOf(() => node.listen(0), 'taken'), [...new Set(await Promise.all(feeding))].join()];
  },
};

test('the page tells of the differences that are tried here, and of no other', () => {
  expect(rows.map(([what]) => what)).toEqual(Object.keys(found));
});

test.each(rows)('%s: %s with Node, %s here', async (what, node, ours) => {
  expect((await found[what]!()).map((value) => `${value}`)).toEqual([node, ours]);
});

describe('what is the same', () => {
  test('the public names of a net.Socket', () => {
    const names = (object: object | null): string[] =>
      object === null || object === Object.prototype
        ? []
        : [...Object.getOwnPropertyNames(object), ...names(Object.getPrototypeOf(object))];
    const [a, b] = socketpair().map((socket) => socket.toDuplex());
    const have = new Set(names(a!));
    const missing = new Set(names(new net.Socket()).filter((name) => !name.startsWith('_') && !have.has(name)));
    // Of the server, and deprecated.
    expect([...missing].filter((name) => name !== 'autoSelectFamilyAttemptedAddresses').sort()).toEqual([
      'bufferSize',
      'server',
    ]);
    a!.destroy();
    b!.destroy();
  });

  test.each<[string, (stream: net.Socket) => unknown]>([
    [
      'its state when it is connected',
      (stream) => [stream.readyState, stream.pending, stream.connecting, stream.allowHalfOpen],
    ],
    [
      'its addresses',
      ({ remoteAddress, remotePort, remoteFamily, localAddress, localFamily }) => [
        remoteAddress,
        remotePort,
        remoteFamily,
        localAddress,
        localFamily,
      ],
    ],
    ['the keys of its address', (stream) => Object.keys(stream.address()).sort()],
    [
      'what its methods return',
      (stream) =>
        [stream.ref(), stream.unref(), stream.setNoDelay(), stream.setKeepAlive(), stream.setTimeout(0)].map(
          (value) => value === stream,
        ),
    ],
    [
      'the events of a close',
      async (stream) => {
        const events: unknown[] = [];
        for (const event of ['end', 'finish', 'close', 'error'])
          stream.on(event, (...args) => events.push(event, ...args));
        stream.destroy();
        stream.write('late', () => {});
        await once(stream, 'close');
        return inspect([events, stream.pending, stream.readyState, stream.destroyed]);
      },
    ],
    [
      'the events of a failure',
      async (stream) => {
        const events: unknown[] = [];
        for (const event of ['end', 'finish', 'close', 'error'])
          stream.on(event, (...args) => events.push(event, ...args));
        stream.destroy(new Error('enough'));
        await new Promise((resolve) => stream.once('close', resolve));
        return inspect(events.map(String));
      },
    ],
    [
      'a reset',
      async (stream) => {
        stream.resetAndDestroy();
        const [hadError] = await once(stream, 'close');
        return [hadError, codeOf(() => stream.resetAndDestroy(), 'again')];
      },
    ],
    [
      'what is a timeout',
      (stream) =>
        [0, 0.5, 100, 2 ** 31, -1, Number.NaN, Number.POSITIVE_INFINITY, '100', null, undefined].map((value) =>
          codeOf(() => stream.setTimeout(value as number), 'taken'),
        ),
    ],
    [
      'the bytes of writes that are sent in part',
      (stream) => {
        stream.write(Buffer.alloc(20_000_000));
        stream.write('more');
        return stream.bytesWritten;
      },
    ],
    [
      'what is told of writes that `destroy` leaves unsent',
      async (stream) => {
        const told: unknown[] = [];
        const tell = (error?: NodeJS.ErrnoException | null) => told.push(error?.code);
        stream.write(Buffer.alloc(20_000_000));
        stream.write('more', tell);
        stream.end(tell);
        stream.destroy();
        await once(stream, 'close');
        return [told, stream.bytesWritten];
      },
    ],
    [
      'a write after the peer’s end',
      async (stream) => {
        stream.end('GET / HTTP/1.0\r\n\r\n');
        stream.resume();
        await once(stream, 'end');
        const failed = new Promise((resolve) => stream.write('late', resolve));
        stream.on('error', () => {});
        return ((await failed) as NodeJS.ErrnoException).code;
      },
    ],
  ])('%s', async (_what, ask) => {
    const [node, ours] = await both(async (stream) => JSON.stringify(await ask(stream)))();
    expect(ours).toBe(node);
  });

  test('what is not TCP cannot be reset', async () => {
    const [a, b] = socketpair().map((socket) => socket.toDuplex());
    const node = net.connect(path);
    await once(node, 'connect');
    const codes = [node, a!].map((stream) => codeOf(() => stream.resetAndDestroy(), 'reset'));
    expect(codes).toEqual(['ERR_INVALID_HANDLE_TYPE', 'ERR_INVALID_HANDLE_TYPE']);
    node.destroy();
    a!.destroy();
    b!.destroy();
  });
});
