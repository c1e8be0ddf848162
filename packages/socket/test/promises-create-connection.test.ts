import { spawnSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as blocking from '@bsd-sockets/socket';
import {
  AF_INET6,
  addAuditHook,
  ConnectionRefusedError,
  hasIpv6,
  type OSError,
  TimeoutError,
} from '@bsd-sockets/socket';
import { AbortError, createConnection, createServer, GaiError, Socket } from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { Full, fullTcpBacklog } from './full-queues';
import { openDescriptors } from './open-descriptors';
import { onWindows } from './platform';

const noIpv6 = hasIpv6 && blocking.getaddrinfo(null, 80)[0]![0] === AF_INET6 ? '' : ': needs IPv6';
const noMounts =
  spawnSync('unshare', ['-r', '-m', 'mount', '--bind', '/etc/hosts', '/etc/hosts']).status === 0
    ? ''
    : ': needs mount namespaces';

/** A port at which nobody listens, on any address of this host. */
function refusedPort(): number {
  using socket = new blocking.Socket();
  socket.bind(['127.0.0.1', 0]);
  return socket.getsockname()[1];
}

/** What a promise is rejected with; fails if that leaves a descriptor more or less than before. */
async function rejection(call: () => Promise<unknown>): Promise<any> {
  // The first promise that waits may open descriptors of the loop's own.
  await createConnection(['127.0.0.1', refusedPort()]).catch(() => {});
  const before = openDescriptors();
  const error = await call().then(
    () => 'nothing was thrown',
    (error) => error,
  );
  expect(openDescriptors()).toEqual(before);
  return error;
}

/** A port that is a black hole on ::1, and where 127.0.0.1 does as the server says: together they are the host null. */
async function withBlackHoleFirst<T>(body: (port: number, server: Socket<any>) => Promise<T>): Promise<T> {
  for (;;) {
    await using server = await createServer(['127.0.0.1', 0]);
    const port = server.getsockname()[1];
    let hole: Full<unknown> | undefined;
    try {
      hole = blackHole(port);
    } catch (error) {
      // The port may be taken on ::1.
      if ((error as OSError).code === 'EADDRINUSE') continue;
      throw error;
    }
    try {
      return await body(port, server);
    } finally {
      hole[Symbol.dispose]();
    }
  }
}

function blackHole(port: number): Full<unknown> {
  const listener = blocking.createServer<typeof AF_INET6>(['::1', port], { family: AF_INET6, backlog: 0 });
  const others: blocking.Socket<any>[] = [];
  for (;;) {
    const client = new blocking.Socket(AF_INET6);
    others.push(client);
    client.settimeout(0.2);
    if (client.connectEx(['::1', port]) !== 0) return new Full(listener, undefined, others);
  }
}

const faces = [{ happyEyeballs: false }, { happyEyeballs: true }];

describe.each(faces)('createConnection with %j', (face) => {
  test('connects, with the timeout and the source that it was given', async () => {
    await using server = await createServer(['127.0.0.1', 0]);
    const connection = createConnection(server.getsockname(), { ...face, timeout: 5, sourceAddress: ['127.0.0.1', 0] });
    const [accepted, peer] = await server.accept();
    await using client = await connection;
    expect(client).toBeInstanceOf(Socket);
    expect(client.gettimeout()).toBe(5);
    expect(client.getsockname()).toEqual(peer);
    await client.sendall(Buffer.from('ping'));
    expect((await accepted.recv(10)).toString()).toBe('ping');
    accepted.close();
  });

  test('takes its arguments by position too, and has no timeout by default', async () => {
    await using server = await createServer(['127.0.0.1', 0]);
    await using first = await createConnection(server.getsockname(), 7, ['127.0.0.2', 0], face);
    expect([first.gettimeout(), first.getsockname()[0]]).toEqual([7, '127.0.0.2']);
    await using second = await createConnection(server.getsockname(), null, null, face);
    expect(second.gettimeout()).toBeUndefined();
    await using third = await createConnection(['localhost', server.getsockname()[1]], face);
    expect(third.getpeername()).toEqual(server.getsockname());
  });

  test('fails as the blocking one does', async () => {
    const port = refusedPort();
    const calls: [address: any, options?: object][] = [
      [['127.0.0.1', port]],
      [[null, port]],
      [['127.0.0.1', port], { allErrors: true }],
      [[null, port], { allErrors: true }],
      [['127.0.0.1', port], { sourceAddress: ['192.0.2.1', 0] }],
      [['127.0.0.1', port], { sourceAddress: ['127.0.0.1', -1] }],
      [['127.0.0.1', port], { timeout: -1 }],
      [['127.0.0.1', port], { timeout: 'soon' }],
      [[`${'x'.repeat(64)}.invalid`, 80]],
      [['127.0.0.1', 'nosuch']],
      [['127.0.0.1', 70000]],
      [['127.0.0.1']],
      [5],
      [null],
    ];
    const described = (error: any): unknown => ({
      class: error.constructor,
      message: error.message,
      code: error.code,
      errors: error.errors?.map(described),
    });
    for (const [address, options] of calls) {
      const error = await rejection(() => createConnection(address, { ...face, ...options } as object));
      let expected: unknown;
      try {
        blocking.createConnection(address, options);
      } catch (thrown) {
        expected = thrown;
      }
      expect(described(error)).toEqual(described(expected));
    }
  });

  test('that times out says so, for each address', async () => {
    using full = fullTcpBacklog();
    const options = { ...face, timeout: 0.2 };
    const error = await rejection(() => createConnection(full.address, options));
    expect(error).toBeInstanceOf(TimeoutError);
    const all = await rejection(() => createConnection(full.address, { ...options, allErrors: true }));
    expect(all).toBeInstanceOf(AggregateError);
    expect(all.errors).toEqual([expect.objectContaining({ code: 'ETIMEDOUT', strerror: 'timed out' })]);
  });

  test('with a timeout of 0 does not wait', async () => {
    using full = fullTcpBacklog();
    const error = await rejection(() => createConnection(full.address, { ...face, timeout: 0 }));
    expect(error.code).toBe(onWindows ? 'EAGAIN' : 'EINPROGRESS');
  });

  test('is aborted before it begins, in the lookup, and while it connects', async () => {
    using full = fullTcpBacklog();
    const reason = new Error('enough');
    const early = await rejection(() => createConnection(full.address, { ...face, signal: AbortSignal.abort(reason) }));
    expect(early).toBeInstanceOf(AbortError);
    for (const [address, turns] of [
      [['localhost', full.address[1]] as const, 0],
      [full.address, 0],
      [full.address, 1],
      [full.address, 20],
      [['localhost', full.address[1]] as const, 200],
    ] as const) {
      const controller = new AbortController();
      const { signal } = controller;
      const error = await rejection(async () => {
        const connection = createConnection(address, { ...face, signal });
        for (let turn = 0; turn < turns; turn++) await setImmediate();
        controller.abort(reason);
        return connection;
      });
      expect(error).toBeInstanceOf(AbortError);
      expect(error).toMatchObject({ code: 'ABORT_ERR', cause: reason });
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    }
  });

  test('lets go of a signal when it is done', async () => {
    await using server = await createServer(['127.0.0.1', 0]);
    const { signal } = new AbortController();
    await using _client = await createConnection(server.getsockname(), { ...face, signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await createConnection(['127.0.0.1', refusedPort()], { ...face, signal }).catch(() => {});
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('is forbidden by a hook that throws', async () => {
    const port = refusedPort();
    const error = await rejection(async () => {
      const remove = addAuditHook((event) => {
        if (event === 'socket.connect') throw new Error('no');
      });
      try {
        return await createConnection([null, port], face);
      } finally {
        remove();
      }
    });
    expect(error.message).toBe('no');
  });
});

test('an attemptDelay that cannot be is refused by its name', async () => {
  for (const [attemptDelay, code] of [
    ['soon', 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
    [0, 'ERR_OUT_OF_RANGE'],
    [-1, 'ERR_OUT_OF_RANGE'],
    [Number.NaN, 'ERR_OUT_OF_RANGE'],
    [1e9, 'ERR_OUT_OF_RANGE'],
  ]) {
    const attempt = createConnection(['127.0.0.1', 1], { attemptDelay: attemptDelay as never });
    await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(/^attemptDelay: /) });
  }
});

test('a host that does not exist is a GaiError, not an AggregateError', async () => {
  const attempt = createConnection([`${'x'.repeat(64)}.invalid`, 80], { allErrors: true, happyEyeballs: true });
  await expect(attempt).rejects.toBeInstanceOf(GaiError);
});

describe(`two addresses, of which the first does not answer${noIpv6}`, { skip: noIpv6 !== '' }, () => {
  test('in turn, the second has its chance after the timeout', () =>
    withBlackHoleFirst(async (port, server) => {
      const start = performance.now();
      await using client = await createConnection([null, port], { timeout: 0.5 });
      expect(performance.now() - start).toBeGreaterThanOrEqual(499);
      expect(client.getpeername()).toEqual(server.getsockname());
    }));

  test('side by side, the second is tried after the delay, and the loser is closed', () =>
    withBlackHoleFirst(async (port, server) => {
      const before = openDescriptors().length;
      for (const [attemptDelay, least] of [
        [undefined, 249],
        [0.05, 49],
      ] as const) {
        const start = performance.now();
        const options = attemptDelay === undefined ? {} : { attemptDelay };
        const client = await createConnection([null, port], { happyEyeballs: true, timeout: 60, ...options });
        const elapsed = performance.now() - start;
        expect(elapsed).toBeGreaterThanOrEqual(least);
        expect(elapsed).toBeLessThan(10_000);
        expect(client.getpeername()).toEqual(server.getsockname());
        const [accepted] = await server.accept();
        if (!onWindows) expect(openDescriptors()).toHaveLength(before + 2);
        accepted.close();
        client.close();
      }
    }));

  test('side by side, both have failed before the last error is told', () =>
    withBlackHoleFirst(async (port, server) => {
      server.close();
      const options = { happyEyeballs: true, timeout: 0.6, attemptDelay: 0.1 };
      const error = await rejection(() => createConnection([null, port], { ...options, allErrors: true }));
      expect(error.errors).toEqual([expect.any(TimeoutError), expect.any(ConnectionRefusedError)]);
      const last = await rejection(() => createConnection([null, port], options));
      expect(last).toBeInstanceOf(ConnectionRefusedError);
    }));

  test('side by side, an abort before and after the second attempt ends both', () =>
    withBlackHoleFirst(async (port, server) => {
      server.close();
      using second = blackHoleOfIpv4(port);
      for (const pause of [20, 400]) {
        const controller = new AbortController();
        const error = await rejection(async () => {
          const connection = createConnection([null, port], { happyEyeballs: true, signal: controller.signal });
          connection.catch(() => {});
          await new Promise((resolve) => setTimeout(resolve, pause));
          controller.abort('enough');
          return connection;
        });
        expect(error).toMatchObject({ name: 'AbortError', cause: 'enough' });
      }
      expect(second.socket.fileno()).toBeGreaterThan(-1);
    }));

  test('side by side, the second is tried at once when the first fails', async () => {
    await using server = await createServer(['127.0.0.1', 0]);
    const [, port] = server.getsockname();
    const start = performance.now();
    await using client = await createConnection([null, port], { happyEyeballs: true, attemptDelay: 60 });
    expect(performance.now() - start).toBeLessThan(30_000);
    expect(client.getpeername()).toEqual(server.getsockname());
  });
});

function blackHoleOfIpv4(port: number): Full<unknown> {
  const listener = blocking.createServer(['127.0.0.1', port], { backlog: 0 });
  const others: blocking.Socket<any>[] = [];
  for (;;) {
    const client = new blocking.Socket();
    others.push(client);
    client.settimeout(0.2);
    if (client.connectEx(['127.0.0.1', port]) !== 0) return new Full(listener, undefined, others);
  }
}

test.skipIf(noMounts !== '' || noIpv6 !== '')(
  `side by side, the families of many addresses alternate${noMounts || noIpv6}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'hosts-'));
    try {
      const addresses = [...Array.from({ length: 12 }, (_, index) => `127.0.1.${index}`), '::1', '::ffff:127.0.0.1'];
      writeFileSync(join(folder, 'hosts'), addresses.map((address) => `${address} many.test\n`).join(''));
      writeFileSync(join(folder, 'nsswitch.conf'), 'hosts: files\n');
      const code = `
        const { addAuditHook } = require('@bsd-sockets/socket');
        const { createConnection } = require('@bsd-sockets/socket/promises');
        const tried = [];
        addAuditHook((event, args) => { if (event === 'socket.connect') tried.push(args[1][0]); });
        createConnection(['many.test', ${refusedPort()}], { happyEyeballs: true, allErrors: true }).catch(({ errors }) => {
          console.log(JSON.stringify({ tried, errors: errors.map(({ address }) => address[0]) }));
        });`;
      const mounts = ['hosts', 'nsswitch.conf']
        .map((file) => `mount --bind ${folder}/${file} /etc/${file}`)
        .join(' && ');
      const { stdout, stderr } = spawnSync(
        'unshare',
        ['-r', '-m', 'sh', '-c', `${mounts} && exec "$@"`, 'sh', process.execPath, '--eval', code],
        { cwd: import.meta.dirname, encoding: 'utf8' },
      );
      expect(stderr).toBe('');
      const { tried, errors } = JSON.parse(stdout);
      expect([...tried].sort()).toEqual([...addresses].sort());
      expect(errors).toEqual(tried);
      const isIpv6 = tried.map((address: string) => address.includes(':'));
      expect(isIpv6.slice(0, 4)).toEqual([isIpv6[0], !isIpv6[0], isIpv6[0], !isIpv6[0]]);
      expect(isIpv6.slice(4)).toEqual(new Array(10).fill(false));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
