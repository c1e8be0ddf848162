import { rmSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { AbortError, BlockingIOError, OSError, TimeoutError } from '@bsd-sockets/socket/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { openDescriptors } from '../open-descriptors';
import { noSocket } from '../platform';
import { type Scene, scenes, sentFile, unansweredConnect } from './scenes';

afterAll(() => rmSync(sentFile));

/** What a call comes to: `done`, or its error. */
const outcome = (call: Promise<unknown>): Promise<any> =>
  call.then(
    () => 'done',
    (error) => error,
  );

/** Runs a test with a scene, and looks that it leaves no descriptor behind. */
async function on(build: () => Scene, body: (scene: Scene) => Promise<void>): Promise<void> {
  const before = openDescriptors().length;
  const scene = build();
  try {
    await body(scene);
  } finally {
    scene.socket.close();
    for (const other of scene.others) other.close();
  }
  // A file that was being opened is closed by the thread pool.
  for (let tries = 0; tries < 100 && openDescriptors().length !== before; tries++) await pause(10);
  expect(openDescriptors().length).toBeLessThanOrEqual(before);
}

/** The call can still be made, waits, and is done when it can be. */
async function stillUsable({ socket, call, makeReady }: Scene): Promise<void> {
  socket.settimeout(null);
  const again = outcome(call());
  expect(await Promise.race([again, pause(20, 'waits')])).toBe('waits');
  makeReady();
  expect(await again).toBe('done');
}

const reason = new Error('the reason');
const isAbort = (error: any) => {
  expect(error).toBeInstanceOf(AbortError);
  expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: reason });
};
/** An iteration ends where a call fails with this code. */
const isClosed = (error: any, code: string, name: string) => {
  if (name.startsWith('the iteration') || name === 'datagrams') return expect(error.code).toBe('END');
  expect(error).toBeInstanceOf(OSError);
  return expect(error.code).toBe(code);
};

/** The thread pool opens the file of a call, and then this one. */
async function untilItWaits(): Promise<void> {
  await access(sentFile);
  await pause(20);
}

// What epoll and thread pool keep open from their first use on.
beforeAll(async () => {
  for (const name of ['recv', 'sendfile']) {
    const { socket, call, makeReady, others } = scenes[name]!();
    const done = call();
    await pause(10);
    makeReady();
    await done;
    for (const each of [socket, ...others]) each.close();
  }
});

describe.each(Object.entries(scenes))('%s', (name, build) => {
  test('is done at once if it can be', () =>
    on(build, async ({ call, makeReady }) => {
      makeReady();
      expect(await outcome(call())).toBe('done');
    }));

  test('is done when it can be', () => on(build, stillUsable));

  test('fails at once with a signal that is aborted', () =>
    on(build, async (scene) => {
      isAbort(await outcome(scene.call({ signal: AbortSignal.abort(reason) })));
      await stillUsable(scene);
    }));

  test('fails at once with a timeout of 0', () =>
    on(build, async (scene) => {
      scene.socket.settimeout(0);
      const error = await outcome(scene.call());
      // Python has sendfile refuse it.
      if (name === 'sendfile') expect(error.code).toBe('ERR_INVALID_ARG_VALUE');
      else expect(error).toBeInstanceOf(BlockingIOError);
      await stillUsable(scene);
    }));

  test('fails at once on a closed socket', () =>
    on(build, async ({ socket, call }) => {
      socket.close();
      isClosed(await outcome(call()), noSocket.code, name);
    }));

  test('can be aborted while it waits', () =>
    on(build, async (scene) => {
      const controller = new AbortController();
      const waiting = outcome(scene.call({ signal: controller.signal }));
      await untilItWaits();
      controller.abort(reason);
      isAbort(await waiting);
      await stillUsable(scene);
    }));

  test('can time out while it waits', () =>
    on(build, async (scene) => {
      scene.socket.settimeout(0.05);
      const begin = performance.now();
      const error = await outcome(scene.call());
      expect(performance.now() - begin).toBeGreaterThanOrEqual(50);
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toMatchObject({ code: 'ETIMEDOUT', strerror: 'timed out' });
      await stillUsable(scene);
    }));

  test('ends when the socket is closed while it waits', () =>
    on(build, async ({ socket, call }) => {
      const waiting = outcome(call());
      await untilItWaits();
      socket.close();
      isClosed(await waiting, 'ECANCELED', name);
    }));

  test('can be aborted when it is ready, and takes nothing then', () =>
    on(build, async (scene) => {
      const controller = new AbortController();
      const waiting = outcome(scene.call({ signal: controller.signal }));
      await untilItWaits();
      scene.makeReady();
      controller.abort(reason);
      isAbort(await waiting);
      // What made it ready is still there.
      expect(await outcome(scene.call())).toBe('done');
    }));

  test('can time out when it is ready, and takes nothing then', () =>
    on(build, async (scene) => {
      scene.socket.settimeout(0.02);
      const waiting = outcome(scene.call());
      await pause(0);
      // The loop finds the time over, and the socket ready, in one turn.
      for (const begin = performance.now(); performance.now() - begin < 40; );
      scene.makeReady();
      const result = await waiting;
      scene.socket.settimeout(null);
      if (result === 'done') return;
      expect(result).toBeInstanceOf(TimeoutError);
      expect(await outcome(scene.call())).toBe('done');
    }));

  test('ends when the socket is closed when it is ready', () =>
    on(build, async ({ socket, call, makeReady }) => {
      const waiting = outcome(call());
      await untilItWaits();
      makeReady();
      socket.close();
      isClosed(await waiting, 'ECANCELED', name);
    }));
});

// Windows refuses what a full backlog has no room for.
describe.skipIf(without('a backlog that is silent'))(
  'a TCP connect without an answer (a backlog that is silent)',
  () => {
    test('can be aborted', () =>
      on(unansweredConnect, async ({ call }) => {
        const controller = new AbortController();
        const waiting = outcome(call({ signal: controller.signal }));
        await pause(20);
        controller.abort(reason);
        isAbort(await waiting);
      }));

    test('can time out', () =>
      on(unansweredConnect, async ({ socket, call }) => {
        socket.settimeout(0.05);
        expect(await outcome(call())).toBeInstanceOf(TimeoutError);
      }));

    test('fails with EINPROGRESS with a timeout of 0', () =>
      on(unansweredConnect, async ({ socket, call }) => {
        socket.settimeout(0);
        expect(await outcome(call())).toMatchObject({ name: 'BlockingIOError', code: 'EINPROGRESS' });
      }));

    test('ends when the socket is closed', () =>
      on(unansweredConnect, async ({ socket, call }) => {
        const waiting = outcome(call());
        await pause(20);
        socket.close();
        isClosed(await waiting, 'ECANCELED', 'connect');
      }));
  },
);
