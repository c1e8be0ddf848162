import { openSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import * as blocking from '@bsd-sockets/socket';
import {
  createServer,
  EVENT_READ,
  EVENT_WRITE,
  OSError,
  PermissionError,
  Socket,
  socketpair,
} from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { openDescriptors } from './open-descriptors';
import { onWindows } from './platform';
import { startProgram } from './program';
import { python } from './python';

const BOTH = EVENT_READ | EVENT_WRITE;

function pair(): [Socket<any>, Socket<any>] {
  const sockets = socketpair();
  onTestFinished(() => {
    for (const socket of sockets) socket.close();
  });
  return sockets;
}

type Selector = blocking.DefaultSelector<any> | promises.DefaultSelector<any>;

const faces: [name: string, make: () => Selector][] = [
  ['blocking', () => new blocking.DefaultSelector()],
  ['promises', () => new promises.DefaultSelector()],
];

describe.each(faces)('a selector, %s', (_face, make) => {
  const open = () => {
    const selector = make();
    onTestFinished(() => selector.close());
    return selector;
  };

  test('tells what is ready, with its data', async () => {
    const selector = open();
    const [a, b] = pair();
    const data = { name: 'a' };
    const key = selector.register(a, EVENT_READ, data);
    expect(key).toEqual({ fileobj: a, fd: a.fileno(), events: EVENT_READ, data });
    expect(await selector.select(0)).toEqual([]);
    b.send(Buffer.from('x'));
    const ready = await selector.select(5);
    expect(ready).toEqual([[key, EVENT_READ]]);
    expect(ready[0]![0].data).toBe(data);
    // As long as it is ready.
    expect(await selector.select()).toEqual([[key, EVENT_READ]]);
    a.recv(10);
    expect(await selector.select(0.01)).toEqual([]);
  });

  test('takes what has a descriptor, in any number', async () => {
    const selector = open();
    const pairs = Array.from({ length: 1500 }, () => socketpair());
    onTestFinished(() => {
      for (const socket of pairs.flat()) socket.close();
    });
    for (const [index, [a]] of pairs.entries()) {
      selector.register([a, a.fileno(), { fd: a.fileno() }][index % 3]!, BOTH, index);
    }
    const ready = await selector.select(5);
    expect(ready.map(([key]) => key.data).sort((one, other) => one - other)).toEqual(pairs.map((_, index) => index));
    expect(new Set(ready.map(([, events]) => events))).toEqual(new Set([EVENT_WRITE]));
  });

  test('forgets what it was told, and changes it', async () => {
    const selector = open();
    const [a, b] = pair();
    selector.register(a, BOTH, 1);
    b.send(Buffer.from('x'));
    expect((await selector.select(5)).map(([, events]) => events)).toEqual([BOTH]);
    const changed = selector.modify(a.fileno(), EVENT_WRITE, 2);
    expect(changed).toEqual({ fileobj: a, fd: a.fileno(), events: EVENT_WRITE, data: 2 });
    expect(await selector.select(5)).toEqual([[changed, EVENT_WRITE]]);
    expect(selector.getKey(a)).toBe(changed);
    expect([...selector.getMap()]).toEqual([[a, changed]]);
    expect(selector.unregister(a)).toBe(changed);
    expect(await selector.select(0.01)).toEqual([]);
    expect(selector.getMap().size).toBe(0);
  });

  test.skipIf(without('a set of the kernel'))(
    'may be told of what is closed already (a set of the kernel)',
    async () => {
      const selector = open();
      const [a, b] = pair();
      selector.register(a, EVENT_READ, 'a');
      const fd = a.fileno();
      a.close();
      expect(await selector.select(0.01)).toEqual([]);
      expect(selector.unregister(a)).toMatchObject({ fd, data: 'a' });
      expect(() => selector.unregister(a)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
      selector.register(b, EVENT_READ, 'b');
      expect((await selector.select(5)).map(([key, events]) => [key.data, events])).toEqual([['b', EVENT_READ]]);
    },
  );

  test('is not told of a socket that was closed while a duplicate is open', async () => {
    const selector = open();
    const [a, b] = pair();
    const copy = a.dup();
    onTestFinished(() => copy.close());
    const { fd } = selector.register(a, EVENT_READ);
    b.send(Buffer.from('x'));
    a.close();
    expect(selector.unregister(fd).fileobj).toBe(a);
    const start = performance.now();
    expect(await selector.select(0.05)).toEqual([]);
    expect(performance.now() - start).toBeGreaterThan(45);
    // Nor of another one that has its number.
    const [other] = pair();
    selector.register(other, EVENT_READ);
    expect(await selector.select(0)).toEqual([]);
    const key = selector.register(copy, EVENT_READ);
    expect(await selector.select(5)).toEqual([[key, EVENT_READ]]);
  });

  test('refuses what it cannot do', () => {
    const selector = open();
    const [a] = pair();
    const refused = (call: () => unknown, error: object) => expect(call).toThrow(expect.objectContaining(error));
    selector.register(a, EVENT_READ);
    const value = { code: 'ERR_INVALID_ARG_VALUE' };
    refused(() => selector.register(a, EVENT_READ), value);
    refused(() => selector.register(a.fileno(), EVENT_READ), value);
    for (const events of [0, 4, 8, -1, 1.5]) refused(() => selector.modify(a, events), value);
    refused(() => selector.register(a, '1' as any), { code: 'ERR_INVALID_ARG_TYPE' });
    refused(() => selector.register({} as any, EVENT_READ), { code: 'ERR_INVALID_ARG_TYPE' });
    refused(() => selector.register(-1, EVENT_READ), value);
    if (!onWindows) refused(() => selector.register(1_000_000, EVENT_READ), { code: 'EBADF' });
    refused(() => selector.getKey(0), value);
    refused(() => selector.modify(0, EVENT_READ), value);
    if (!onWindows) {
      expect(() => selector.register(openSync(process.execPath, 'r'), EVENT_READ)).toThrow(PermissionError);
    }
    expect(selector.getMap().size).toBe(1);
  });

  test('is closed with all it has, once', async () => {
    const [a] = pair();
    const before = openDescriptors();
    {
      using selector = make();
      selector.register(a, EVENT_READ);
      selector.close();
      expect(selector.fileno()).toBe(-1);
      expect(selector.getMap().size).toBe(0);
      const closed = { code: 'EBADF', message: expect.stringContaining('the selector is closed') };
      expect(() => selector.register(a, EVENT_READ)).toThrow(expect.objectContaining(closed));
      await expect((async () => selector.select(0))()).rejects.toMatchObject(closed);
    }
    expect(openDescriptors()).toEqual(before);
    expect(a.fileno()).toBeGreaterThanOrEqual(0);
  });

  test.skipIf(without('a set of the kernel'))(
    'is readable itself when anything is ready (a set of the kernel)',
    async () => {
      const [inner, outer] = [open(), open()];
      const [a, b] = pair();
      inner.register(a, EVENT_READ, 'a');
      outer.register(inner, EVENT_READ, 'inner');
      expect(await outer.select(0)).toEqual([]);
      b.send(Buffer.from('x'));
      expect((await outer.select(5)).map(([key]) => key.data)).toEqual(['inner']);
      expect((await inner.select(5)).map(([key]) => key.data)).toEqual(['a']);
    },
  );
});

describe('a selector of the blocking face', () => {
  test('waits for as long as it may', () => {
    using selector = new blocking.DefaultSelector();
    const start = performance.now();
    expect(selector.select(0.05)).toEqual([]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(49);
    expect(selector.select(-1)).toEqual([]);
    expect(() => selector.select('1' as any)).toThrow(TypeError);
    expect(() => selector.select(Number.NaN)).toThrow(RangeError);
  });

  const woken = async (exclusive: boolean) => {
    using server = createServer(['127.0.0.1', 0]);
    const program = `
      const server = new sockets.Socket({ fileno: 3 });
      const selector = new sockets.DefaultSelector();
      selector.register(server, sockets.EVENT_READ, undefined, { exclusive: ${exclusive} });
      say('ready');
      say(selector.select().length);
      sleep(60);`;
    const waiting = Array.from({ length: 4 }, () => startProgram(program, { descriptors: [server.fileno()] }));
    try {
      let told = 0;
      for (const { process } of waiting) process.stdout!.on('data', (text) => (told += /^1$/m.test(`${text}`) ? 1 : 0));
      await Promise.all(waiting.map(({ ready }) => ready));
      // What they have said, they said before they wait.
      const asleep = ({ process }: (typeof waiting)[0]) =>
        /\) S/.test(readFileSync(`/proc/${process.pid}/stat`, 'utf8'));
      await setTimeout(200);
      await expect.poll(() => waiting.every(asleep), { timeout: 10_000 }).toBe(true);
      using _client = blocking.createConnection(server.getsockname());
      // Nobody accepts it: all that are told have time to say so.
      await expect.poll(() => told, { timeout: 10_000 }).toBeGreaterThanOrEqual(exclusive ? 1 : 4);
      await setTimeout(500);
      return told;
    } finally {
      for (const program of waiting) program[Symbol.dispose]();
    }
  };

  test.skipIf(without('EPOLLEXCLUSIVE'))(
    'that is exclusive is the only one told (EPOLLEXCLUSIVE), of the processes that share a listening socket',
    async () => {
      expect(await woken(false)).toBe(4);
      expect(await woken(true)).toBe(1);
    },
    30_000,
  );

  test('that is exclusive can be changed', () => {
    using selector = new blocking.DefaultSelector<string>();
    const [a, b] = pair();
    selector.register(a, EVENT_READ, 'a', { exclusive: true });
    selector.modify(a, BOTH, 'both');
    b.send(Buffer.from('x'));
    expect(selector.select(5).map(([key, events]) => [key.data, events])).toEqual([['both', BOTH]]);
    selector.unregister(a);
    expect(selector.select(0)).toEqual([]);
    expect(() => selector.register(a, EVENT_READ, 'a', { exklusive: true } as any)).toThrow(
      "did you mean 'exclusive'?",
    );
  });
});

describe('a selector of promises', () => {
  test('waits while others go on, also for what comes to it meanwhile', async () => {
    using selector = new promises.DefaultSelector<string>();
    const [a, b] = pair();
    const [c, d] = pair();
    selector.register(a, EVENT_READ, 'a');
    const ready = selector.select();
    setTimeout(10).then(() => selector.register(c, EVENT_READ, 'c'));
    setTimeout(20).then(() => d.send(Buffer.from('x')));
    expect((await ready).map(([key]) => key.data)).toEqual(['c']);
    c.recv(1);
    const both = [selector.select(5), selector.select(5)];
    setTimeout(10).then(() => b.send(Buffer.from('x')));
    for (const one of both) expect((await one).map(([key]) => key.data)).toEqual(['a']);
  });

  test('ends by its time, a signal, or its end', async () => {
    using selector = new promises.DefaultSelector();
    const [a] = pair();
    selector.register(a, EVENT_READ);
    const start = performance.now();
    expect(await selector.select(0.05)).toEqual([]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(49);
    await expect(selector.select(5, { signal: AbortSignal.timeout(10) })).rejects.toMatchObject({ name: 'AbortError' });
    const waiting = selector.select();
    setTimeout(10).then(() => selector.close());
    await expect(waiting).rejects.toMatchObject({ code: 'ECANCELED' });
    await expect(waiting).rejects.toBeInstanceOf(OSError);
  });

  test('is never exclusive, which the kernel would not heed', () => {
    using selector = new promises.DefaultSelector();
    const [a] = pair();
    const register = selector.register as (...args: unknown[]) => unknown;
    expect(() => register.call(selector, a, EVENT_READ, 'a', { exclusive: true })).toThrow('only the blocking face');
  });
});

test.skipIf(without('python3'))('selectors do what those of Python do (python3)', async () => {
  const program = `
import selectors, socket, json
said = []
def refusal(call):
    try: call()
    except Exception as error: return 'refused'
selector = selectors.DefaultSelector()
def look(timeout=0): said.append(sorted([key.data, events] for key, events in selector.select(timeout)))
a, b = socket.socketpair(); c, d = socket.socketpair()
selector.register(a, 1, 'a'); selector.register(c, 3, 'c'); look()
b.send(b'x'); look(); look(-1)
selector.modify(c, 1, 'C'); look()
a.recv(1); look()
d.close(); look()                     # a hang-up
selector.modify(c, 2, 'C'); look()
selector.modify(c, 3, 'C'); look()
said.append(refusal(lambda: selector.register(a, 1)))
said.append(refusal(lambda: selector.register(b, 0)))
said.append(refusal(lambda: selector.unregister(b)))
a.close(); look()
said.append(selector.unregister(a).data)
said.append(len(selector.get_map()))
key = selector.get_key(c)
said.append([key.fd == c.fileno(), key.events, key.data, key.fileobj is c])
server = socket.create_server(('127.0.0.1', 0)); client = socket.socket(); client.setblocking(False)
try: client.connect(server.getsockname())
except BlockingIOError: pass
selector.unregister(c)
selector.register(server, 1, 'server'); selector.register(client, 3, 'client'); look(1)
print(json.dumps(said))`;
  const theirs = JSON.parse(python(program));
  for (const { DefaultSelector } of [blocking, promises]) {
    const said: unknown[] = [];
    const refusal = (call: () => unknown) => {
      try {
        call();
      } catch {
        return 'refused';
      }
    };
    using selector = new DefaultSelector<string>();
    const look = async (timeout = 0) => {
      const ready = (await selector.select(timeout)).map(([key, events]) => [key.data, events]);
      said.push(ready.sort(([one], [other]) => (one! < other! ? -1 : 1)));
    };
    const [a, b] = pair();
    const [c, d] = pair();
    selector.register(a, 1, 'a');
    selector.register(c, 3, 'c');
    await look();
    b.send(Buffer.from('x'));
    await look();
    await look(-1);
    selector.modify(c, 1, 'C');
    await look();
    a.recv(1);
    await look();
    d.close();
    await look();
    selector.modify(c, 2, 'C');
    await look();
    selector.modify(c, 3, 'C');
    await look();
    said.push(refusal(() => selector.register(a, 1, '')));
    said.push(refusal(() => selector.register(b, 0, '')));
    said.push(refusal(() => selector.unregister(b)));
    a.close();
    await look();
    said.push(selector.unregister(a).data);
    said.push(selector.getMap().size);
    const key = selector.getKey(c);
    said.push([key.fd === c.fileno(), key.events, key.data, key.fileobj === c]);
    using server = createServer(['127.0.0.1', 0]);
    using client = new Socket();
    client.setblocking(false);
    client.connectEx(server.getsockname());
    selector.unregister(c);
    selector.register(server, 1, 'server');
    selector.register(client, 3, 'client');
    await look(1);
    expect(said).toEqual(theirs);
  }
});
