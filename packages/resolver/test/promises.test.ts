import { spawnSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { createRequire } from 'node:module';
import { addAuditHook } from '@bsd-sockets/core-native';
import * as blocking from '@bsd-sockets/resolver';
import * as promises from '@bsd-sockets/resolver/promises';
import {
  AbortError,
  AF_INET,
  AF_INET6,
  AI_CANONNAME,
  AI_PASSIVE,
  NI_NAMEREQD,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
  SOCK_STREAM,
} from '@bsd-sockets/resolver/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { noNameServer, runBesideNameServer } from './name-server';

const faces: Record<'blocking' | 'promises', any> = { blocking, promises };

// A name server that does not answer is asked for some time.
const LOOK_UP_TIME = 120_000;

const WAITING = [
  ...['encodeInet', 'encodeInet6', 'getaddrinfo', 'getfqdn', 'gethostbyaddr', 'gethostbyname', 'gethostbynameEx'],
  ...['getnameinfo', 'getprotobyname', 'getservbyname', 'getservbyport'],
] as const;

/** What a call came to, in a form that compares. */
async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return { value: await call() };
  } catch (error) {
    const { name, code, errno, message, syscall, address } = error as any;
    return { class: (error as object).constructor, name, code, errno, message, syscall, address };
  }
}

test('both faces have the same names, and share all that does not wait', () => {
  // 'default' is the module itself, as is 'module.exports', which Node 23 and newer add.
  const { AbortError, default: _itself, 'module.exports': _one, ...rest } = faces.promises;
  const { default: _own, 'module.exports': _other, ...others } = faces.blocking;
  expect(Object.keys(rest).sort()).toEqual(Object.keys(others).sort());
  const different = Object.keys(rest).filter((name) => rest[name] !== others[name]);
  expect(different.sort()).toEqual([...WAITING].sort());
});

test('an ECMAScript module and a CommonJS one get the same functions', () => {
  const required = createRequire(import.meta.url)('@bsd-sockets/resolver/promises');
  expect(required.getaddrinfo).toBe(promises.getaddrinfo);
  expect(required.AbortError).toBe(AbortError);
});

const long = `${'x'.repeat(64)}.invalid`;
const hosts = ['localhost', '', '127.0.0.1', '127.1', '::1', 'fe80::1%lo', '::ffff:1.2.3.4', '<broadcast>', long];
const wrong = [undefined, null, 1, {}, 'nul\0', 'ä/b', Buffer.from('localhost'), Buffer.from('127.0.0.1')];

const calls: Record<(typeof WAITING)[number], unknown[][]> = {
  encodeInet: [...[...hosts, ...wrong].map((host) => [[host, 80]]), [['localhost', -1]], [['localhost']], [5], [null]],
  encodeInet6: [
    ...[...hosts, ...wrong].map((host) => [[host, 80]]),
    [['fe80::1%lo', 80, 1]],
    [['::1', 80, 1, 9]],
    [['localhost', 80, -1]],
    [['::1', 80, 0, 0, 0]],
  ],
  getaddrinfo: [
    ...[...hosts, ...wrong].flatMap((host) => ['http', 80, '80', 'nosuch', null].map((port) => [host, port])),
    ...['70000', ' 80', '-1', -1, 1.5, {}, Buffer.from('80'), 'a\0'].map((port) => ['localhost', port]),
    ['localhost', 80, AF_INET, SOCK_STREAM, 0, AI_CANONNAME],
    ['127.0.0.1', 80, AF_INET, SOCK_STREAM, 6, AI_CANONNAME],
    ['localhost', 80, { family: AF_INET, type: SOCK_STREAM }],
    [null, 80, { flags: AI_PASSIVE }],
    ['127.0.0.1', 80, AF_INET6],
    ['127.0.0.1', 80, 0, 99],
    ['localhost', 80, 99],
    ['127.0.0.1', 80, 0, 0, 0, -1],
    ['localhost', 80, 'inet'],
    ['localhost', 80, null],
  ],
  getfqdn: [...hosts, undefined, null, 5, 'a\0'].map((host) => [host]),
  gethostbyaddr: [...hosts, ...wrong].map((host) => [host]),
  gethostbyname: [...hosts, ...wrong].map((host) => [host]),
  gethostbynameEx: [...hosts, ...wrong].map((host) => [host]),
  getnameinfo: [
    ...[0, NI_NUMERICHOST, NI_NUMERICSERV, NI_NUMERICHOST! | NI_NUMERICSERV!, NI_NAMEREQD, -1].map((flags) => [
      ['127.0.0.1', 80],
      flags,
    ]),
    [['fe80::1', 9, 0, 4000000000], NI_NUMERICHOST],
    [['127.0.0.1', 80, 0, 0], 0],
    [['localhost', 80], 0],
    [['127.0.0.1', -1], 0],
    [['127.0.0.1'], 0],
    [null, 0],
    [['127.0.0.1', 80], 'flags'],
  ],
  getprotobyname: [['icmp'], ['tcp'], ['nosuch'], [''], [5], ['a\0']],
  getservbyname: [['http'], ['http', 'tcp'], ['http', 'nosuch'], ['nosuch'], [null], ['http', 5], ['http', null]],
  getservbyport: [[80], [80, 'tcp'], [80, 'nosuch'], [1], [-1], [70000], ['80'], [80, 5]],
};

describe.each(WAITING)('%s', (name) => {
  test('comes to what the blocking one comes to, errors too', { timeout: LOOK_UP_TIME }, async () => {
    for (const args of calls[name]) {
      const expected = await outcome(() => faces.blocking[name](...args));
      expect([args, await outcome(() => faces.promises[name](...args))]).toEqual([args, expected]);
    }
  });

  test('never throws: what it returns is a promise', async () => {
    for (const args of [[], [null], [{}], [Symbol()]]) {
      const promise = faces.promises[name](...args);
      expect(promise).toBeInstanceOf(Promise);
      await outcome(() => promise);
    }
  });
});

test('many lookups at once get what they asked for', async () => {
  const numbers = Array.from({ length: 300 }, (_, index) => index + 1);
  const found = await Promise.all(
    numbers.map(async (number) => [
      (await promises.getaddrinfo('localhost', number, { type: SOCK_STREAM }))[0]![4][1],
      (await promises.getnameinfo(['127.0.0.1', number], NI_NUMERICSERV!))[1],
      (await promises.gethostbynameEx(`127.0.1.${number % 256}`))[0],
    ]),
  );
  expect(found).toEqual(numbers.map((number) => [number, `${number}`, `127.0.1.${number % 256}`]));
});

test.each<[what: string, call: () => Promise<unknown>]>([
  ['a numeric address', () => promises.getaddrinfo('127.0.0.1', 80)],
  ['the address of a socket', () => promises.encodeInet(['127.0.0.1', 80])],
  ['a number in place of a name', () => promises.getnameinfo(['127.0.0.1', 80], NI_NUMERICHOST | NI_NUMERICSERV)],
  ['a bad host', () => promises.gethostbyname('\0')],
  ['bad options', () => promises.getaddrinfo('localhost', 80, { bad: true } as never)],
  ['an aborted signal', () => promises.getaddrinfo('localhost', 80, { signal: AbortSignal.abort() })],
])('others have their turn while %s is looked up again and again', async (_what, call) => {
  let turn = false;
  setImmediate(() => {
    turn = true;
  });
  for (let count = 0; count < 1000 && !turn; count++) await call().catch(() => {});
  expect(turn).toBe(true);
});

test('many lookups with one signal add one listener to it', async () => {
  const { signal } = new AbortController();
  const lookups = Array.from({ length: 12 }, () => promises.getaddrinfo('localhost', 80, { signal }));
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  await Promise.all(lookups);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('a hook hears of the same events, and forbids a lookup by throwing', async () => {
  const heard: unknown[] = [];
  const remove = addAuditHook((event, args) => heard.push([event, ...args]));
  try {
    await promises.getaddrinfo('localhost', 80);
    await promises.gethostbyname('localhost');
    await promises.getfqdn('localhost');
    const ours = heard.splice(0);
    blocking.getaddrinfo('localhost', 80);
    blocking.gethostbyname('localhost');
    blocking.getfqdn('localhost');
    expect(ours).toEqual(heard);
    expect(ours).toHaveLength(3);
  } finally {
    remove();
  }
  const forbid = addAuditHook(() => {
    throw new Error('no');
  });
  try {
    await expect(promises.gethostbyname('localhost')).rejects.toThrow('no');
  } finally {
    forbid();
  }
});

describe('a signal', () => {
  test('that is aborted already ends a lookup before it begins', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    const heard: string[] = [];
    const remove = addAuditHook((event) => heard.push(event));
    const attempts = [
      promises.getaddrinfo('localhost', 80, { signal }),
      promises.getaddrinfo('127.0.0.1', 80, 0, 0, 0, 0, { signal }),
      promises.getnameinfo(['127.0.0.1', 80], 0, { signal }),
      promises.gethostbyname('localhost', { signal }),
      promises.gethostbynameEx('localhost', { signal }),
      promises.gethostbyaddr('localhost', { signal }),
      promises.getfqdn('localhost', { signal }),
      promises.getservbyname('http', null, { signal }),
      promises.getservbyport(80, null, { signal }),
      promises.getprotobyname('icmp', { signal }),
      promises.encodeInet(['localhost', 80], { signal }),
      promises.encodeInet6(['localhost', 80], { signal }),
    ];
    remove();
    for (const attempt of attempts) {
      const error = await attempt.then(
        () => 'no error',
        (error) => error,
      );
      expect(error).toBeInstanceOf(AbortError);
      expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: reason });
    }
    expect(heard).toEqual([]);
  });

  test('rejects at once, and a lookup that is done or aborted lets go of it', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    await promises.getaddrinfo('localhost', 80, { signal });
    await promises.getaddrinfo('127.0.0.1', 80, { signal });
    await outcome(() => promises.getaddrinfo(long, 80, { signal }));
    await outcome(() => promises.getaddrinfo(5 as never, 80, { signal }));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const pending = promises.getfqdn('localhost', { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    controller.abort();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError', cause: signal.reason });
  });

  test('aborted by a hook in the middle ends the lookup', async () => {
    const controller = new AbortController();
    const remove = addAuditHook(() => controller.abort());
    try {
      const attempt = promises.getaddrinfo('localhost', 80, { signal: controller.signal });
      await expect(attempt).rejects.toBeInstanceOf(AbortError);
    } finally {
      remove();
    }
  });

  test('of a wrong type is refused by its name', async () => {
    for (const signal of [5, 'abort', {}, []]) {
      const attempt = promises.gethostbyname('localhost', { signal: signal as never });
      await expect(attempt).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', message: /^signal: / });
    }
    const attempt = promises.gethostbyname('localhost', 5 as never);
    await expect(attempt).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', message: /^options: / });
    for (const none of [undefined, null, {}, { signal: null }, { signal: undefined }]) {
      expect(await promises.gethostbyname('localhost', none as never)).toBe('127.0.0.1');
    }
  });
});

/** Runs a program that has the resolver on promises as `p` and prints a value by `say`. */
function run(body: string) {
  const code = `
    const p = require('@bsd-sockets/resolver/promises');
    const { Worker } = require('node:worker_threads');
    const { once } = require('node:events');
    const say = (value) => console.log(JSON.stringify(value));
    (async () => { ${body} })();`;
  const options = { cwd: import.meta.dirname, encoding: 'utf8', timeout: 60_000 } as const;
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, ['--eval', code], options);
  return {
    said: stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
    stderr,
    status,
    signal,
  };
}

describe.skipIf(without('mkfifo'))('while every thread of the pool is busy (mkfifo)', () => {
  // Each open of a pipe without a writer blocks a thread.
  const BUSY = `
    const fs = require('node:fs');
    const folder = fs.mkdtempSync(require('node:os').tmpdir() + '/pool-');
    require('node:child_process').execFileSync('mkfifo', [folder + '/pipe']);
    const opened = Array.from({ length: 4 }, () => fs.promises.open(folder + '/pipe', 'r'));
    const free = async () => {
      const writer = fs.openSync(folder + '/pipe', 'w');
      for (const file of await Promise.all(opened)) await file.close();
      fs.closeSync(writer);
      fs.rmSync(folder, { recursive: true });
    };`;

  test('what needs no name service is found at once, and the rest waits for a thread', () => {
    const result = run(`${BUSY}
      let found = false;
      const waiting = p.gethostbyname('localhost').finally(() => { found = true; });
      say([
        await p.getaddrinfo('127.0.0.1', 80, { type: p.SOCK_STREAM }),
        await p.getaddrinfo('fe80::1%lo', '80', { type: p.SOCK_STREAM }),
        await p.getaddrinfo(null, 80, { type: p.SOCK_STREAM, family: p.AF_INET }),
        await p.getnameinfo(['127.0.0.1', 80], p.NI_NUMERICHOST | p.NI_NUMERICSERV),
        await p.gethostbyname('127.0.0.1'),
        await p.encodeInet(['1.2.3.4', 80]),
        found,
      ]);
      await free();
      say(await waiting);`);
    expect(result).toMatchObject({ stderr: '', status: 0 });
    expect(result.said[0].slice(0, 5)).toEqual([
      [[2, 1, 6, '', ['127.0.0.1', 80]]],
      [[10, 1, 6, '', ['fe80::1', 80, 0, 1]]],
      [[2, 1, 6, '', ['127.0.0.1', 80]]],
      ['127.0.0.1', '80'],
      '127.0.0.1',
    ]);
    expect(result.said[0][6]).toBe(false);
    expect(result.said[1]).toBe('127.0.0.1');
  });

  test('a lookup that has not begun can be aborted, and never begins', () => {
    const result = run(`${BUSY}
      const controller = new AbortController();
      require('node:events').setMaxListeners(0, controller.signal);
      const all = Array.from({ length: 100 }, () => p.gethostbyname('localhost', { signal: controller.signal }));
      const kept = p.gethostbyname('localhost');
      controller.abort('enough');
      say((await Promise.allSettled(all)).map(({ reason }) => reason.code + reason.cause));
      await free();
      say(await kept);`);
    expect(result).toMatchObject({ stderr: '', status: 0 });
    expect(result.said).toEqual([new Array(100).fill('ABORT_ERRenough'), '127.0.0.1']);
  });

  test('process.exit ends the program', () => {
    // A thread that blocks for good would hold up the end of the process, as it does without a lookup: it is set free.
    const result = run(`${BUSY}
      for (let count = 0; count < 100; count++) p.gethostbyname('localhost');
      const writer = fs.openSync(folder + '/pipe', 'w');
      fs.rmSync(folder, { recursive: true });
      process.exit(7);`);
    expect(result).toMatchObject({ stderr: '', status: 7 });
  });
});

// Each starts two workers, which takes seconds in Wine.
const ROUNDS = process.platform === 'win32' ? 2 : 8;

test('workers that are terminated in the middle of lookups leave the process alone', { timeout: 60_000 }, () => {
  const result = run(`
    const body = \`
      const p = require(require('node:worker_threads').workerData);
      const { parentPort } = require('node:worker_threads');
      const again = () => p.getaddrinfo('localhost', 'http').then(again);
      for (let count = 0; count < 20; count++) again();
      parentPort.postMessage('ready');
      \`;
    for (let round = 0; round < ${ROUNDS}; round++) {
      const workers = [0, 1].map(() =>
        new Worker(body, { eval: true, workerData: require.resolve('@bsd-sockets/resolver/promises') }));
      await Promise.all(workers.map((worker) => once(worker, 'message')));
      await new Promise((resolve) => setTimeout(resolve, (round * 3) % 17));
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
    say(await p.gethostbyname('localhost'));`);
  expect(result).toMatchObject({ said: ['127.0.0.1'], stderr: '', status: 0, signal: null });
});

test('workers that are terminated in the middle of blocking lookups leave the process alone', {
  timeout: 60_000,
}, () => {
  const result = run(`
    const body = \`
      const r = require(require('node:worker_threads').workerData);
      const { parentPort } = require('node:worker_threads');
      parentPort.postMessage('ready');
      for (;;) { r.getaddrinfo('localhost', 'http'); r.gethostbynameEx('localhost'); r.getnameinfo(['127.0.0.1', 80], 0); }
      \`;
    for (let round = 0; round < ${ROUNDS}; round++) {
      const workers = [0, 1].map(() =>
        new Worker(body, { eval: true, workerData: require.resolve('@bsd-sockets/resolver') }));
      await Promise.all(workers.map((worker) => once(worker, 'message')));
      await new Promise((resolve) => setTimeout(resolve, (round * 3) % 17));
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
    say(await p.gethostbyname('localhost'));`);
  expect(result).toMatchObject({ said: ['127.0.0.1'], stderr: '', status: 0, signal: null });
});

describe(`beside a name server${noNameServer}`, { skip: noNameServer !== '', timeout: LOOK_UP_TIME }, () => {
  test('the loop goes on while a lookup waits: the server that answers it runs there', () => {
    const body = `return [
      await p.gethostbyname('host-a.test'),
      (await p.getaddrinfo('host-b.test', 80, { type: p.SOCK_STREAM }))[0],
      await p.gethostbynameEx('host-c.test'),
      await p.gethostbyaddr('host-d.test').catch(({ name, code }) => ({ name, code })),
      await p.getfqdn('host-e.test'),
      await p.gethostbyname('nosuch.test').catch(({ name, code }) => ({ name, code })),
      [...await p.encodeInet(['host-f.test', 80])],
      r.decodeInet6(await p.encodeInet6(['six.test', 80, 5, 9])),
    ];`;
    expect(runBesideNameServer(body)).toEqual([
      '192.0.2.1',
      [2, 1, 6, '', ['192.0.2.1', 80]],
      ['host-c.test', [], ['192.0.2.1']],
      { name: 'HError', code: 'HOST_NOT_FOUND' },
      'host-e.test',
      { name: 'GaiError', code: 'EAI_NONAME' },
      [2, 0, 0, 80, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0],
      ['2001:db8::7', 80, 5, 9],
    ]);
  });

  test('an abort does not wait for the answer', () => {
    const body = `
      const controller = new AbortController();
      const { signal } = controller;
      const attempt = p.gethostbyname('silent.test', { signal }).catch((error) => error);
      await once(server, 'asked');
      const start = performance.now();
      controller.abort('enough');
      const { name, code, cause } = await attempt;
      return { name, code, cause, elapsed: performance.now() - start, listeners: getEventListeners(signal, 'abort').length,
        after: await p.gethostbyname('host.test') };`;
    const { elapsed, ...rest } = runBesideNameServer(body);
    expect(rest).toEqual({ name: 'AbortError', code: 'ABORT_ERR', cause: 'enough', listeners: 0, after: '192.0.2.1' });
    expect(elapsed).toBeLessThan(1000);
  });

  test('a worker that is terminated while its lookups wait leaves the process alone', () => {
    const body = `
      const worker = () => new Worker(\`
        const p = require(require('node:worker_threads').workerData);
        for (let count = 0; count < 10; count++) {
          p.getaddrinfo('silent' + count + '.test', 80);
          p.gethostbynameEx('silent' + count + '.test');
        }\`, { eval: true, workerData: require.resolve('@bsd-sockets/resolver/promises') });
      for (let round = 0; round < 3; round++) {
        const workers = [worker(), worker()];
        await once(server, 'asked');
        await Promise.all(workers.map((worker) => worker.terminate()));
      }
      return await p.gethostbyname('host.test');`;
    expect(runBesideNameServer(body)).toBe('192.0.2.1');
  });

  test('process.exit does not crash while lookups wait', () => {
    const body = `
      for (let count = 0; count < 10; count++) p.gethostbyname('silent' + count + '.test');
      await once(server, 'asked');
      console.log('"leaving"');
      process.exit(0);`;
    expect(runBesideNameServer(body)).toBe('leaving');
  });
});
