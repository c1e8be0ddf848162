import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { runProgram } from './program';

// What the programs here add: workers that have the package as `sockets`.
const WORKERS = `
const { once } = require('node:events');
const { setTimeout: pause } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const PRELUDE = \`
  const { parentPort, workerData } = require('node:worker_threads');
  const sockets = require(workerData.library);
  const { LOCAL, FREE } = workerData;
  // A server whose backlog takes no more, and those that are in it.
  const full = () => {
    const server = new sockets.Socket(LOCAL);
    server.bind(FREE);
    server.listen(0);
    for (const kept = [server]; ; ) {
      const client = new sockets.Socket(LOCAL);
      kept.push(client);
      client.settimeout(0.3);
      if (client.connectEx(server.getsockname()) !== 0) return kept;
    }
  };
\`;
const start = (body, data = {}) =>
  new Worker(PRELUDE + body, { eval: true, workerData: { ...data, LOCAL, FREE, library: process.argv[1] } });
`;

const READY = "parentPort.postMessage('ready');";
const bodies: [situation: string, body: string][] = [
  [
    'is idle with open sockets',
    `globalThis.kept = [
       new sockets.Socket(), sockets.createServer(['127.0.0.1', 0]), ...sockets.socketpair(), ...full(),
       ...[new sockets.Socket()].flatMap((socket) => [socket, socket.dup()]),
     ];
     parentPort.on('message', () => {});
     ${READY}`,
  ],
  ['waits in recv', `const [a, b] = sockets.socketpair(); ${READY} a.recv(1);`],
  ['waits in recv with a timeout', `const [a, b] = sockets.socketpair(); a.settimeout(600); ${READY} a.recv(1);`],
  [
    'waits in a selector',
    `const [a, b] = sockets.socketpair();
     const selector = new sockets.DefaultSelector();
     selector.register(a, sockets.EVENT_READ);
     ${READY}
     selector.select();`,
  ],
  ['waits in accept', `const server = sockets.createServer(['127.0.0.1', 0]); ${READY} server.accept();`],
  [
    'waits in connect',
    `const [server] = globalThis.kept = full(); const client = new sockets.Socket(LOCAL); ${READY} client.connect(server.getsockname());`,
  ],
  ['waits in sendall', `const [a, b] = sockets.socketpair(); ${READY} for (;;) a.sendall(Buffer.alloc(1e6));`],
];

describe.concurrent.each(bodies)('a worker that %s', (_situation, body) => {
  test('is terminated soon, and leaves no descriptor open', async () => {
    const { said, stderr, code, signal } = await runProgram(
      `${WORKERS}
       const round = async (number) => {
         const workers = [start(args[0]), start(args[0])];
         await Promise.all(workers.map((worker) => once(worker, 'message')));
         // Some are met on their way into the call, most in it.
         await pause((number * 23) % 60);
         const begin = performance.now();
         await Promise.all(workers.map((worker) => worker.terminate()));
         return performance.now() - begin;
       };
       (async () => {
         await round(0);
         const before = descriptors();
         let slowest = 0;
         for (let number = 1; number <= 3; number++) slowest = Math.max(slowest, await round(number));
         say({ slowest, opened: opened(before) });
       })();`,
      { args: [body] },
    );
    expect({ stderr, code, signal }).toEqual({ stderr: '', code: 0, signal: null });
    expect(said[0].slowest).toBeLessThan(2000);
    expect(said[0].opened).toBe(0);
  });

  test('does not hold up process.exit', async () => {
    const { said, stderr, code, signal } = await runProgram(
      `${WORKERS}
       const leave = () => { say(Date.now()); process.exit(7); };
       start(args[0]).on('message', () => setTimeout(leave, 30));`,
      { args: [body] },
    );
    expect({ stderr, code, signal }).toEqual({ stderr: '', code: 7, signal: null });
    expect(Date.now() - said[0]).toBeLessThan(10_000);
  });
});

const KEPT = 'globalThis.kept = [new sockets.Socket(), ...sockets.socketpair()];';
test.concurrent.each([
  ['a worker that ends by itself leaves no descriptor open', KEPT, 5],
  ['a worker that calls process.exit leaves no descriptor open', `${KEPT} process.exit(3);`, 5],
  [
    'a worker that ends while a file is opened for sendfile leaves it closed',
    'sockets.promises.socketpair()[0].sendfile(process.execPath); process.exit();',
    10,
  ],
])('%s', async (_, body, times) => {
  const { said, stderr, code } = await runProgram(
    `${WORKERS}
     (async () => {
       await once(start(args[0]), 'exit');
       const before = descriptors();
       for (let number = 0; number < args[1]; number++) await once(start(args[0]), 'exit');
       say(opened(before));
     })();`,
    { args: [body, times] },
  );
  expect({ said, stderr, code }).toEqual({ said: [0], stderr: '', code: 0 });
});

test.concurrent('a descriptor that a worker detached outlives it, and blocks again', async () => {
  const { said, stderr } = await runProgram(
    `${WORKERS}
     const worker = start("const [a, b] = sockets.socketpair(); b.send(Buffer.from('x')); parentPort.postMessage([a.detach(), b.detach()]);");
     worker.on('message', async ([a, b]) => {
       await once(worker, 'exit');
       const socket = new sockets.Socket({ fileno: a });
       const received = socket.recv(1).toString();
       // On Windows the mode is the library's alone.
       if (onWindows) return say([received, false]);
       const flags = /flags:\\s*(\\d+)/.exec(require('node:fs').readFileSync('/proc/self/fdinfo/' + a, 'latin1'))[1];
       say([received, (parseInt(flags, 8) & 0o4000) !== 0]);
     });`,
  );
  expect({ said, stderr }).toEqual({ said: [['x', false]], stderr: '' });
});

describe.concurrent('calls in a worker', () => {
  const inWorker = async (body: string) => {
    const { said, stderr } = await runProgram(
      `${WORKERS}
       start(args[0]).on('message', say);`,
      { args: [body] },
    );
    expect(stderr).toBe('');
    return said;
  };

  test('a worker may receive from, and connect to, another thread', async () => {
    const { said, stderr } = await runProgram(
      `${WORKERS}
       const worker = start(\`
         const server = sockets.createServer(['127.0.0.1', 0]);
         parentPort.postMessage(server.getsockname());
         const [connection] = server.accept();
         for (let data; (data = connection.recv(100)).length > 0; ) connection.sendall(data);
         connection.close();
       \`);
       worker.on('message', (address) => {
         const client = sockets.createConnection(address);
         client.sendall(Buffer.from('ping'));
         say(client.recv(100).toString());
         client.close();
       });`,
    );
    expect({ said, stderr }).toEqual({ said: ['ping'], stderr: '' });
  });

  test('a timeout holds', async () => {
    const [{ code, elapsed }] = await inWorker(
      `const [a, b] = sockets.socketpair();
       a.settimeout(0.3);
       const start = performance.now();
       try { a.recv(1); } catch ({ code }) { parentPort.postMessage({ code, elapsed: performance.now() - start }); }`,
    );
    expect(code).toBe('ETIMEDOUT');
    expect(elapsed).toBeGreaterThanOrEqual(300);
    expect(elapsed).toBeLessThan(5000);
  });

  test('a non-blocking socket does not wait', async () => {
    const said = await inWorker(
      `const [a, b] = sockets.socketpair();
       a.setblocking(false);
       try { a.recv(1); } catch ({ code }) { parentPort.postMessage(code); }`,
    );
    expect(said).toEqual(['EAGAIN']);
  });

  test('MSG_WAITALL waits for all', async () => {
    const { said } = await runProgram(
      `${WORKERS}
       const [a, b] = sockets.socketpair();
       const body = \`
         const socket = new sockets.Socket({ fileno: workerData.fileno });
         parentPort.postMessage('ready');
         parentPort.postMessage(socket.recv(6, sockets.MSG_WAITALL).toString());
       \`;
       const worker = start(body, { fileno: a.detach() });
       worker.on('message', async (message) => {
         say(message);
         if (message !== 'ready') return;
         for (const letter of 'abcdef') {
           b.send(Buffer.from(letter));
           await pause(20);
         }
       });`,
    );
    expect(said).toEqual(['ready', 'abcdef']);
  });

  test("a timeout of the kernel's own is EAGAIN, as in the main thread", async () => {
    const { said } = await runProgram(
      `${WORKERS}
       const [a, b] = sockets.socketpair();
       const timeval = Buffer.alloc(16);
       timeval.writeUInt32LE(100_000, 8);
       // Windows has it in milliseconds.
       a.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVTIMEO, onWindows ? 100 : timeval);
       const body = \`
         const socket = new sockets.Socket({ fileno: workerData.fileno });
         try { parentPort.postMessage(socket.recv(10).toString()); } catch ({ code }) { parentPort.postMessage(code); }
       \`;
       globalThis.kept = b;
       start(body, { fileno: a.detach() }).on('message', say);`,
    );
    expect(said).toEqual(['EAGAIN']);
  });

  test.skipIf(without('AF_UNIX'))("a timeout of the kernel's own ends a connect (AF_UNIX)", async () => {
    const said = await inWorker(
      `const tcp = sockets.createServer(['127.0.0.1', 0], { backlog: 0 });
       const kept = [];
       for (let code = 0; code === 0; ) {
         kept.push(new sockets.Socket());
         kept.at(-1).settimeout(0.2);
         code = kept.at(-1).connectEx(tcp.getsockname());
       }
       const [unix] = full();
       for (const server of [tcp, unix]) {
         const client = new sockets.Socket(server.family);
         client.setOption(sockets.options.SO_SNDTIMEO, 0.2);
         try { client.connect(server.getsockname()); } catch ({ code }) { parentPort.postMessage(code); }
       }`,
    );
    expect(said).toEqual(['EINPROGRESS', 'EAGAIN']);
  });

  test('a socket that a worker has duplicated waits in the main thread as before', async () => {
    const { said } = await runProgram(
      `${WORKERS}
       const [a, b] = sockets.socketpair();
       const copy = 'sockets.fromfd(workerData.fileno, LOCAL, sockets.SOCK_STREAM)';
       start(copy + '.close();', { fileno: a.fileno() }).on('exit', () => {
         const later = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);";
         const worker = start(READY + later + copy + ".send(Buffer.from('later'));", { fileno: b.fileno() });
         worker.on('message', () => say(outcome(() => a.recv(10).toString())));
       });`.replace('READY', JSON.stringify(READY)),
    );
    expect(said).toEqual(['later']);
  });
});

test.concurrent('connections that were detached and posted are served by workers, and closed there', async () => {
  const { said, stderr, code } = await runProgram(
    `${WORKERS}
     const body = \`
       parentPort.on('message', (fileno) => {
         const connection = new sockets.Socket({ fileno });
         connection.settimeout(10);
         connection.sendall(Buffer.concat([Buffer.from('worker got '), connection.recv(100)]));
         connection.close();
       });
       parentPort.postMessage('ready');
     \`;
     const server = sockets.createServer(['127.0.0.1', 0]);
     const ask = (worker) => {
       const client = sockets.createConnection(server.getsockname(), 10);
       client.sendall(Buffer.from('hello'));
       const [connection] = server.accept();
       worker.postMessage(connection.detach());
       const answer = client.recv(100).toString() + client.recv(100).length;
       client.close();
       return [answer, connection.fileno()];
     };
     (async () => {
       const workers = [start(body), start(body)];
       await Promise.all(workers.map((worker) => once(worker, 'message')));
       const before = descriptors();
       const answers = new Set();
       for (let count = 0; count < 100; count++) answers.add(ask(workers[count % 2]).join());
       say([...answers]);
       say(opened(before));
       for (const worker of workers) await worker.terminate();
       server.close();
     })();`,
  );
  expect({ said, stderr, code }).toEqual({ said: [['worker got hello0,-1'], 0], stderr: '', code: 0 });
});
