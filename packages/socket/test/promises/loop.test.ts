import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { onWindows } from '../platform';
import { runProgram, startProgram } from '../program';

// What the programs here add: the promise face.
const PRELUDE = `
const promises = require(process.argv[1].replace('index.js', 'promises.js'));
const pause = require('node:timers/promises').setTimeout;
`;

const run = async (body: string, options = {}) => {
  const { said, stderr, code, signal } = await runProgram(`${PRELUDE}(async () => {${body}})();`, options);
  expect({ stderr, signal }).toEqual({ stderr: '', signal: null });
  return { said, code };
};

/** How a call stands when its socket could have been collected. */
const afterCollection = async (beginCall: string) => {
  const { said } = await run(
    `
    const kept = (globalThis.kept = []);
    let outcome = 'waits';
    (() => { ${beginCall} })().then(() => { outcome = 'done'; }, (error) => { outcome = error.code; });
    for (let round = 0; round < 5; round++) { await pause(20); gc(); }
    await pause(20);
    say(outcome);
    process.exit();
  `,
    { flags: ['--expose-gc', '--no-warnings'] },
  );
  return said[0];
};

describe('the event loop', () => {
  test('ends while sockets are open on which nothing waits', async () => {
    const { code } = await run(`
      const server = await promises.createServer(['127.0.0.1', 0]);
      const [a, b] = promises.socketpair();
      const received = a.recv(1);
      await b.send(Buffer.from('x'));
      await received;
      globalThis.kept = [server, a, b];
    `);
    expect(code).toBe(0);
  });

  test.each(['accept', 'recv', 'send'])('goes on while %s waits', async (name) => {
    const { said } = await run(
      `
      const server = await promises.createServer(['127.0.0.1', 0]);
      const { spawn } = require('node:child_process');
      // Another process ends the wait, so that nothing else keeps this one alive.
      const ANSWERS = {
        accept: '',
        recv: "setTimeout(() => peer.send(Buffer.from('x')), 200)",
        send: "setTimeout(() => { while (peer.recv(100000).length > 0); }, 200)",
      };
      // Kept, so that no collection finds it unclosed.
      const connect = "const peer = globalThis.kept = require(process.argv[1]).createConnection(['127.0.0.1', Number(process.argv[2])]);";
      const child = spawn(process.execPath, ['-e', connect + ANSWERS[args[0]], process.argv[1], server.getsockname()[1]],
        { stdio: ['ignore', 'ignore', 'inherit'] });
      child.unref();
      const [connection] = await server.accept();
      if (args[0] === 'accept') say('accept');
      if (args[0] === 'recv') say((await connection.recv(1)).length === 1 ? 'recv' : 'nothing');
      if (args[0] !== 'send') return;
      for (let megabyte = 0; megabyte < 30; megabyte++) await connection.sendall(Buffer.alloc(1e6));
      say('send');
      process.exit();
    `,
      { args: [name] },
    );
    expect(said).toEqual([name]);
  });

  test('ends once a wait is aborted or timed out', async () => {
    const { code } = await run(`
      const [a, b] = promises.socketpair();
      globalThis.kept = [a, b];
      const controller = new AbortController();
      const first = a.recv(1, 0, { signal: controller.signal }).catch(() => {});
      await pause(10);
      controller.abort();
      await first;
      a.settimeout(0.02);
      await a.recv(1).catch(() => {});
    `);
    expect(code).toBe(0);
  });

  test('reports an exception of a program that answers an event', async () => {
    const { said, stderr } = await runProgram(`${PRELUDE}
      process.on('unhandledRejection', (error) => say(error.message));
      const [a, b] = promises.socketpair();
      a.recv(1).then(() => { throw new Error('from the program'); });
      setTimeout(() => b.send(Buffer.from('x')), 10);
    `);
    expect({ said, stderr }).toEqual({ said: ['from the program'], stderr: '' });
  });

  test('finds a socket that nobody holds any more, and closes it', async () => {
    const { said } = await run(
      `
      const before = openSockets();
      let warnings = 0;
      process.removeAllListeners('warning');
      process.on('warning', ({ name }) => name === 'ResourceWarning' && warnings++);
      await (async () => {
        const [a, b] = promises.socketpair();
        const received = a.recv(1);
        await b.send(Buffer.from('x'));
        await received;
      })();
      for (let round = 0; round < 50 && warnings < 2; round++) { gc(); await pause(10); }
      say([warnings, openSockets() - before]);
    `,
      { flags: ['--expose-gc'] },
    );
    expect(said).toEqual([[2, 0]]);
  });

  const outcomeOf = (call: string) =>
    afterCollection(`const [socket, peer] = promises.socketpair(); kept.push(peer); return ${call};`);

  test('keeps a socket that nobody else holds while recv waits', async () => {
    expect(await outcomeOf('socket.recv(1)')).toBe('waits');
  });

  test.skipIf(without('room of a unix pair')).each([
    ['sendall', 'socket.sendall(Buffer.alloc(2e7))'],
    ['sendfile of a path', 'socket.sendfile(process.execPath)'],
    ['sendfile of a descriptor', "socket.sendfile(require('node:fs').openSync(process.execPath))"],
  ])('keeps a socket that nobody else holds while %s waits (room of a unix pair)', async (_name, call) => {
    expect(await outcomeOf(call)).toBe('waits');
  });

  test.skipIf(without('situations of Linux'))(
    'keeps a socket that nobody else holds while connect waits (situations of Linux)',
    async () => {
      const outcome = await afterCollection(`
        const listener = new sockets.Socket(sockets.AF_UNIX);
        listener.bind('');
        listener.listen(0);
        const first = new sockets.Socket(sockets.AF_UNIX);
        first.connect(listener.getsockname());
        kept.push(listener, first);
        return new promises.Socket(sockets.AF_UNIX).connect(listener.getsockname());
      `);
      expect(outcome).toBe('waits');
    },
  );
});

// A worker of which each kind of call waits, or has just been served.
const TRAFFIC = `
  const { parentPort, workerData } = require('node:worker_threads');
  const promises = require(workerData);
  (async () => {
    const server = await promises.createServer(['127.0.0.1', 0]);
    const echo = async (connection) => {
      for (;;) await connection.sendall(await connection.recv(4096));
    };
    (async () => { for await (const [connection] of server) echo(connection); })();
    const exchange = async () => {
      const client = new promises.Socket();
      await client.connect(server.getsockname());
      for (;;) {
        await client.sendall(Buffer.from('ping'));
        await client.recv(4096);
      }
    };
    const [a] = globalThis.kept = promises.socketpair();
    a.recv(1);
    a.settimeout(100);
    a.sendall(Buffer.alloc(1e7));
    for (let number = 0; number < 4; number++) exchange();
    parentPort.postMessage('ready');
  })();
`;

// Workers begin slowly in Wine.
const ROUNDS = Number(process.env.WORKER_ROUNDS ?? (onWindows ? 4 : 6));

test(`workers with traffic are terminated at any moment without a crash or a leak (${ROUNDS} rounds; WORKER_ROUNDS for more)`, {
  timeout: 600_000,
}, async () => {
  using program = startProgram(
    `${PRELUDE}(async () => {
    const { Worker } = require('node:worker_threads');
    const { once } = require('node:events');
    const library = process.argv[1].replace('index.js', 'promises.js');
    const round = async (number) => {
      const workers = Array.from({ length: 8 }, () => new Worker(args[0], { eval: true, workerData: library }));
      if (number % 4) await Promise.all(workers.map((worker) => once(worker, 'message')));
      await pause((number * 7) % 20);
      await Promise.all(workers.map((worker) => worker.terminate()));
    };
    const rounds = async (most) => {
      for (let number = 0; number < most; number++) await round(number);
      gc();
      return process.memoryUsage().rss;
    };
    // The C library keeps memory of threads that have ended, for the next.
    const warm = await rounds(${Math.ceil(ROUNDS / 2)});
    const before = descriptors();
    const grown = (await rounds(${Math.floor(ROUNDS / 2)})) / warm - 1;
    // Deno closes its own of a worker somewhat later.
    for (let tries = 0; tries < 100 && opened(before) > 0; tries++) await pause(20);
    say([opened(before), grown]);
    })();`,
    { args: [TRAFFIC], flags: ['--expose-gc'] },
  );
  const { said, stderr, code, signal } = await program.ended;
  expect({ stderr, code, signal }).toEqual({ stderr: '', code: 0, signal: null });
  const [leaked, grown] = said[0];
  expect(leaked).toBeLessThanOrEqual(0);
  // The first rounds grow in any case.
  if (ROUNDS >= 50) expect(grown).toBeLessThan(0.25);
});

test('a worker ends by itself when nothing waits any more, and process.exit ends one where something does', async () => {
  const { said } = await run(`
    const { Worker } = require('node:worker_threads');
    const { once } = require('node:events');
    const library = process.argv[1].replace('index.js', 'promises.js');
    const start = (body) => new Worker('const promises = require(require("worker_threads").workerData);' + body, { eval: true, workerData: library });
    const [first] = await once(start('const [a, b] = promises.socketpair(); b.send(Buffer.from("x")); a.recv(1);'), 'exit');
    const [second] = await once(start('const [a, b] = promises.socketpair(); a.recv(1); setTimeout(() => process.exit(3), 20);'), 'exit');
    say([first, second]);
  `);
  expect(said).toEqual([[0, 3]]);
});
