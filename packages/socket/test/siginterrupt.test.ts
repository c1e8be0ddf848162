import { Worker } from 'node:worker_threads';
import { OSError } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { runProgram, startProgram } from './program';

// What every program here finds: how a call ends, and a peer that sends it signals while the main thread is in a call.
const PRELUDE = `
const { siginterrupt } = sockets;
const kill = (signal) => process.kill(process.pid, signal);
const { Worker } = require('node:worker_threads');
/** Sends signals from another thread, each after as many milliseconds. */
const later = (...signals) => {
  const code = 'const { workerData } = require("node:worker_threads");' +
    'const clock = new Int32Array(new SharedArrayBuffer(4));' +
    'for (const [delay, signal] of workerData) { Atomics.wait(clock, 0, 0, delay); process.kill(process.pid, signal); }';
  const worker = new Worker(code, { eval: true, workerData: signals });
  return new Promise((resolve) => worker.once('online', () => { worker.unref(); resolve(); }));
};
/** Gives the event loop turns until something is so, which it may never be. */
const until = async (done) => { for (let left = 500; left > 0 && !done(); left--) await new Promise((resolve) => setTimeout(resolve, 10)); };
const ended = (call) => { try { return call(); } catch (error) { return [error.name, error.code, error.signal]; } };
`;

const run = (body: string, options?: Parameters<typeof runProgram>[1]) =>
  runProgram(`${PRELUDE}(async () => {${body}})();`, options);

const INTERRUPTED = ['InterruptedError', 'EINTR', 'SIGUSR2'];

describe.concurrent('a signal ends', () => {
  const calls: [name: string, body: string][] = [
    ['accept', "const server = sockets.createServer(['127.0.0.1', 0]); call = () => server.accept();"],
    ['recv', 'call = () => a.recv(1);'],
    ['recv with a timeout', 'a.settimeout(20); call = () => a.recv(1);'],
    ['recvfrom', 'call = () => a.recvfrom(1);'],
    ['recvInto', 'call = () => a.recvInto(Buffer.alloc(1));'],
    ['recvExactly', 'call = () => a.recvExactly(1);'],
    ['recvmsg', 'call = () => a.recvmsg(1);'],
    [
      'recvmmsg',
      'const [c, d] = sockets.socketpair(sockets.AF_UNIX, sockets.SOCK_DGRAM); call = () => c.recvmmsg(2, 10);',
    ],
    ['a receive with SO_RCVTIMEO', 'a.setOption(sockets.options.SO_RCVTIMEO, 20); call = () => a.recv(1);'],
    [
      'recv of UDP',
      `const c = new sockets.Socket(sockets.AF_INET, sockets.SOCK_DGRAM);
      c.bind(['127.0.0.1', 0]); call = () => c.recv(1);`,
    ],
    ['send', 'fill(); call = () => a.send(Buffer.alloc(1));'],
    ['sendall', 'call = () => a.sendall(Buffer.alloc(2 ** 24));'],
    ['sendmsg', 'fill(); call = () => a.sendmsg([Buffer.alloc(1)]);'],
    ['sendmmsg', 'fill(); call = () => a.sendmmsg([[Buffer.alloc(1)]]);'],
    ['sendfile', 'fill(); call = () => a.sendfile(process.execPath);'],
    [
      'sendto where the queue of the peer is full',
      `
      const [c, d] = [1, 2].map(() => new sockets.Socket(sockets.AF_UNIX, sockets.SOCK_DGRAM));
      d.bind(''); c.setblocking(false);
      try { for (;;) c.sendto(Buffer.alloc(1), d.getsockname()); } catch {}
      c.setblocking(true);
      call = () => c.sendto(Buffer.alloc(1), d.getsockname());`,
    ],
    [
      'connect to a full backlog of TCP',
      `
      const server = sockets.createServer(['127.0.0.1', 0], { backlog: 0 });
      const others = [1, 2, 3].map(() => { const other = new sockets.Socket(); other.setblocking(false); return other; });
      for (const other of others) other.connectEx(server.getsockname());
      const client = new sockets.Socket();
      call = () => client.connect(server.getsockname());`,
    ],
    [
      'createConnection, which tries no other address',
      `
      const server = sockets.createServer(['127.0.0.1', 0], { backlog: 0 });
      const others = [1, 2, 3].map(() => { const other = new sockets.Socket(); other.setblocking(false); return other; });
      for (const other of others) other.connectEx(server.getsockname());
      call = () => sockets.createConnection(server.getsockname());`,
    ],
    [
      'connect to a full backlog of a unix socket',
      `
      const server = new sockets.Socket(sockets.AF_UNIX);
      server.bind(''); server.listen(0);
      const clients = [1, 2].map(() => new sockets.Socket(sockets.AF_UNIX));
      clients[0].connect(server.getsockname());
      call = () => clients[1].connect(server.getsockname());`,
    ],
    ['select', 'call = () => sockets.select([a], [], []);'],
    ['select of nothing', 'call = () => sockets.select([], [], [], 20);'],
    ['poll', 'const poll = sockets.poll(); poll.register(a, sockets.POLLIN); call = () => poll.poll();'],
    [
      'select of a selector',
      'const selector = new sockets.DefaultSelector(); selector.register(a, sockets.EVENT_READ); call = () => selector.select();',
    ],
    ['read of a file', "const file = a.makefile('rb'); call = () => file.read(10);"],
    ['readline of a text file', "const file = a.makefile('r'); call = () => file.readline();"],
    [
      'flush of a file',
      "fill(); const file = a.makefile('wb'); file.write(Buffer.alloc(1)); call = () => file.flush();",
    ],
  ];
  const SETUP = `
    const [a, b] = sockets.socketpair();
    const fill = () => { a.setblocking(false); try { for (;;) a.send(Buffer.alloc(2 ** 16)); } catch {} a.setblocking(true); };
    let call;`;

  test.each(calls)('%s, and the handler runs afterwards', async (_name, body) => {
    const { said, stderr } = await run(`
      let handled = 0;
      process.on('SIGUSR2', () => { handled++; });
      const interrupts = siginterrupt('SIGUSR2');
      ${SETUP}
      ${body}
      await later([150, 'SIGUSR2']);
      say(ended(call));
      say(handled);
      await until(() => handled > 0);
      say(handled);
      process.exit();
    `);
    expect(stderr).toBe('');
    expect(said).toEqual([INTERRUPTED, 0, 1]);
  });

  test('each of them also if it came right before', async () => {
    const bodies = calls.map(
      ([name, body]) => `{ ${SETUP} ${body} kill('SIGUSR2'); say([${JSON.stringify(name)}, ended(call)]); }`,
    );
    const { said, stderr } = await run(`
      siginterrupt(['SIGUSR2']);
      ${bodies.join('\n')}
      process.exit();
    `);
    expect(stderr).toBe('');
    expect(said).toEqual(calls.map(([name]) => [name, INTERRUPTED]));
  });

  test('connectEx by its number', async () => {
    const { said } = await run(`
      siginterrupt(['SIGUSR2']);
      const server = sockets.createServer(['127.0.0.1', 0]);
      const client = new sockets.Socket();
      kill('SIGUSR2');
      say(client.connectEx(server.getsockname()));
      say(client.connectEx(server.getsockname()));
      process.exit();
    `);
    expect(said).toEqual([4, 0]);
  });
});

describe.concurrent('a signal that was named', () => {
  test('ends one call, and each of several one', async () => {
    const { said } = await run(`
      siginterrupt(['SIGUSR2', 'SIGHUP', 'SIGTERM']);
      const [a, b] = sockets.socketpair();
      kill('SIGTERM'); kill('SIGHUP'); kill('SIGTERM');
      say(ended(() => b.recv(1)));
      say(ended(() => b.sendall(Buffer.from('not this')))); // one that need not wait too, before it does anything
      b.sendall(Buffer.from('x'));
      say(a.recv(10).toString());
      process.exit();
    `);
    expect(said).toEqual([['InterruptedError', 'EINTR', 'SIGTERM'], ['InterruptedError', 'EINTR', 'SIGHUP'], 'x']);
  });

  test('ends no call that never waits', async () => {
    const { said } = await run(`
      siginterrupt(['SIGUSR2']);
      const [a, b] = sockets.socketpair();
      kill('SIGUSR2');
      say(ended(() => a.recv(1, sockets.MSG_DONTWAIT))[1]);
      say(ended(() => sockets.select([a], [], [], 0)));
      a.setblocking(false);
      say(ended(() => a.recv(1))[1]);
      a.setblocking(true);
      say(ended(() => a.recv(1))[1]);
      process.exit();
    `);
    expect(said).toEqual(['EAGAIN', [[], [], []], 'EAGAIN', 'EINTR']);
  });

  test('ends no call once its handler has run', async () => {
    const { said } = await run(`
      const handled = new Promise((resolve) => process.once('SIGUSR2', resolve));
      siginterrupt(['SIGUSR2']);
      const [a, b] = sockets.socketpair();
      setTimeout(() => {}, 5000); // a handler keeps no process alive
      kill('SIGUSR2');
      await handled;
      a.settimeout(0.05);
      say(ended(() => a.recv(1))[1]);
      process.exit();
    `);
    expect(said).toEqual(['ETIMEDOUT']);
  });

  // [when the handler comes, relative to the request; and goes]
  test.each([
    ['before the request', "process.on('SIGUSR2', handler); siginterrupt('SIGUSR2');"],
    ['after the request', "siginterrupt('SIGUSR2'); process.on('SIGUSR2', handler);"],
    [
      'and went before',
      "process.on('SIGUSR2', () => {}); siginterrupt('SIGUSR2'); process.removeAllListeners('SIGUSR2'); process.on('SIGUSR2', handler);",
    ],
    [
      'and another request has gone',
      "const first = siginterrupt('SIGUSR2'); siginterrupt('SIGUSR2'); process.on('SIGUSR2', handler); first.close(); first.close();",
    ],
    [
      'after a request that has gone',
      "siginterrupt('SIGUSR2').close(); process.on('SIGUSR2', handler); siginterrupt('SIGUSR2');",
    ],
  ])('ends a call with a handler that came %s', async (_name, body) => {
    const { said, stderr } = await run(`
      let handled = 0;
      const handler = () => { handled++; };
      ${body}
      const [a, b] = sockets.socketpair();
      for (let time = 0; time < 3; time++) {
        await later([50, 'SIGUSR2']);
        say(ended(() => a.recv(1)));
        await until(() => handled > time);
        say(handled);
      }
      process.exit();
    `);
    expect(stderr).toBe('');
    expect(said).toEqual([INTERRUPTED, 1, INTERRUPTED, 2, INTERRUPTED, 3]);
  });

  test('ends a call whose handler was removed, and does nothing more', async () => {
    const { said, signal, code } = await run(`
      siginterrupt('SIGUSR2');
      process.on('SIGUSR2', () => {});
      process.removeAllListeners('SIGUSR2');
      const [a, b] = sockets.socketpair();
      await later([50, 'SIGUSR2']);
      say(ended(() => a.recv(1)));
      setTimeout(() => say('alive'), 100);
    `);
    expect(said).toEqual([INTERRUPTED, 'alive']);
    expect([code, signal]).toEqual([0, null]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'])(
    '%s without a handler ends the program between calls',
    async (name) => {
      using program = startProgram(`sockets.siginterrupt('${name}'); say('ready'); setInterval(() => {}, 1000);`);
      await program.ready;
      program.process.kill(name as NodeJS.Signals);
      expect((await program.ended).signal).toBe(name);
    },
  );

  test('that nobody handles and that does nothing goes on being watched', async () => {
    const { said, code } = await run(`
      siginterrupt(['SIGCHLD', 'SIGUSR2']);
      kill('SIGCHLD');
      await new Promise((resolve) => setTimeout(resolve, 50));
      const [a, b] = sockets.socketpair();
      await later([50, 'SIGCHLD'], [50, 'SIGUSR2']);
      say(ended(() => a.recv(1)));
      say(ended(() => a.recv(1)));
    `);
    expect(said).toEqual([['InterruptedError', 'EINTR', 'SIGCHLD'], INTERRUPTED]);
    expect(code).toBe(0);
  });

  test('ends a program that does not catch it, as an exception', async () => {
    const { stderr, code } = await run(`
      siginterrupt('SIGINT');
      const [a, b] = sockets.socketpair();
      await later([50, 'SIGINT']);
      a.recv(1);
    `);
    expect(stderr).toContain('InterruptedError: EINTR: Interrupted system call (SIGINT came), recv');
    expect(code).toBe(1);
  });

  test('keeps no process alive', async () => {
    expect(await run(`siginterrupt(['SIGINT', 'SIGTERM']); say('end');`)).toMatchObject({ said: ['end'], code: 0 });
  });
});

describe.concurrent('taking the request back', () => {
  test('lets calls wait again, and a signal do what it did', async () => {
    const { said, signal } = await run(`
      let handled = 0;
      process.on('SIGUSR2', () => { handled++; });
      const [a, b] = sockets.socketpair();
      { const interrupts = siginterrupt('SIGUSR2'); say(ended(() => { kill('SIGUSR2'); a.recv(1); })[1]); interrupts[Symbol.dispose](); }
      await later([50, 'SIGUSR2']);
      a.settimeout(0.2);
      say(ended(() => a.recv(1))[1]);
      await until(() => handled > 1);
      say(handled);
      siginterrupt('SIGTERM').close();
      kill('SIGTERM');
      setTimeout(() => {}, 5000);
    `);
    expect(said).toEqual(['EINTR', 'ETIMEDOUT', 2]);
    expect(signal).toBe('SIGTERM');
  });

  test('lets a signal that has come and was not told act', async () => {
    const { said, signal } = await run(`
      const interrupts = siginterrupt('SIGTERM');
      kill('SIGTERM');
      say('still here');
      interrupts.close();
      say('not any more');
    `);
    expect(said).toEqual(['still here']);
    expect(signal).toBe('SIGTERM');
  });

  test('leaves what was ignored ignored', async () => {
    const { said, code } = await run(`
      siginterrupt('SIGPIPE').close();
      kill('SIGPIPE');
      say('alive');
    `);
    expect(said).toEqual(['alive']);
    expect(code).toBe(0);
  });

  test('leaves no descriptor, signal by signal', async () => {
    const { said } = await run(`
      const { readdirSync } = require('node:fs');
      const open = () => readdirSync('/proc/self/fd').length;
      siginterrupt('SIGUSR2').close(); // what the first opens for good
      const before = open();
      for (let time = 0; time < 20; time++) {
        const both = [siginterrupt('SIGUSR2'), siginterrupt(['SIGHUP', 'SIGUSR2'])];
        kill('SIGHUP');
        ended(() => sockets.select([], [], [], 1));
        for (const request of both) request.close();
      }
      say(open() - before);
    `);
    expect(said).toEqual([0]);
  });
});

describe.concurrent('what had come before the signal is not lost', () => {
  const first = "siginterrupt('SIGUSR2'); const [a, b] = sockets.socketpair(); b.sendall(Buffer.from('half'));";
  const cases: [name: string, body: string][] = [
    ['recvExactly', `try { a.recvExactly(8); } catch (error) { say(error.partial.toString() + ' ' + error.signal); }`],
    ['recv with MSG_WAITALL', `say(a.recv(8, sockets.MSG_WAITALL).toString() + ' ' + ended(() => a.recv(8))[2]);`],
    [
      'read of a file',
      `const file = a.makefile('rb'); const signal = ended(() => file.read(8))[2]; rest(); say(file.read(4).toString() + ' ' + signal); say(file.read(4).toString());`,
    ],
    [
      'read of a file with a small buffer',
      `const file = a.makefile('rb', 2); const signal = ended(() => file.read(8))[2]; rest(); say(file.read(4).toString() + ' ' + signal); say(file.read(4).toString());`,
    ],
    [
      'read of a file to its end',
      `const file = a.makefile('rb'); const signal = ended(() => file.read())[2]; rest(); say(file.read(4).toString() + ' ' + signal); say(file.read(4).toString());`,
    ],
    [
      'readline of a file',
      `const file = a.makefile('rb'); const signal = ended(() => file.readline())[2]; rest(); say(file.read(4).toString() + ' ' + signal); say(file.read(4).toString());`,
    ],
    [
      'readline of a text file',
      `const file = a.makefile('r'); const signal = ended(() => file.readline())[2]; rest(); say(file.read(4) + ' ' + signal); say(file.read(4));`,
    ],
    [
      'read of a text file',
      `const file = a.makefile('r'); const signal = ended(() => file.read(8))[2]; rest(); say(file.read(4) + ' ' + signal); say(file.read(4));`,
    ],
    [
      'read of a text file to its end',
      `const file = a.makefile('r'); const signal = ended(() => file.read())[2]; rest(); say(file.read(4) + ' ' + signal); say(file.read(4));`,
    ],
    [
      'a file without a buffer',
      `const file = a.makefile('rb', 0); try { file.readline(); } catch (error) { say(error.partial.toString() + ' ' + error.signal); }`,
    ],
    [
      'a file without a buffer to its end',
      `const file = a.makefile('rb', 0); try { file.read(); } catch (error) { say(error.partial.toString() + ' ' + error.signal); }`,
    ],
  ];

  test.each(cases)('%s', async (_name, body) => {
    const { said, stderr } = await run(`
      ${first}
      const rest = () => b.sendall(Buffer.from('rest'));
      await later([500, 'SIGUSR2']);
      ${body}
      process.exit();
    `);
    expect(stderr).toBe('');
    expect(said).toEqual(body.includes('rest()') ? ['half SIGUSR2', 'rest'] : ['half SIGUSR2']);
  });

  test('a sendmmsg tells how many messages were sent, and the next call the signal', async () => {
    const { said } = await run(`
      siginterrupt('SIGUSR2');
      const [a, b] = sockets.socketpair(sockets.AF_UNIX, sockets.SOCK_DGRAM);
      await later([500, 'SIGUSR2']);
      const sent = a.sendmmsg(Array.from({ length: 1000 }, () => [Buffer.alloc(1)]));
      say(sent > 0 && sent < 1000);
      say(ended(() => a.send(Buffer.alloc(1))));
      process.exit();
    `);
    expect(said).toEqual([true, INTERRUPTED]);
  });
});

describe.concurrent('siginterrupt', () => {
  test("leaves a connect the timeout of the kernel's own", async () => {
    const { said } = await run(`
      siginterrupt('SIGUSR2');
      const server = new sockets.Socket(sockets.AF_UNIX);
      server.bind('');
      server.listen(0);
      const [first, second] = [1, 2].map(() => new sockets.Socket(sockets.AF_UNIX));
      first.connect(server.getsockname());
      second.setOption(sockets.options.SO_SNDTIMEO, 0.2);
      say(ended(() => second.connect(server.getsockname()))[1]);
      process.exit();
    `);
    expect(said).toEqual(['EAGAIN']);
  });

  test('says that a worker gets no signals', async () => {
    const code = `const { parentPort, workerData } = require('node:worker_threads');
      try { require(workerData).siginterrupt('SIGUSR2'); } catch (error) { parentPort.postMessage(error.message); }`;
    const worker = new Worker(code, { eval: true, workerData: require.resolve('@bsd-sockets/socket') });
    const message = await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    expect(message).toMatch(/^EOPNOTSUPP: .* \(signals come only to the main thread\), siginterrupt$/);
  });

  test('leaves the calls of workers alone', async () => {
    const { said } = await run(`
      siginterrupt('SIGUSR2');
      const [a, b] = sockets.socketpair();
      const worker = new Worker(
        'const { parentPort, workerData } = require("node:worker_threads");' +
        'const { Socket } = require(workerData.library);' +
        'parentPort.postMessage("ready"); parentPort.postMessage(new Socket({ fileno: workerData.fd }).recv(10).toString());',
        { eval: true, workerData: { library: process.argv[1], fd: a.detach() } });
      await new Promise((resolve) => worker.once('message', resolve));
      kill('SIGUSR2');
      say(ended(() => b.recv(1)));
      const answer = new Promise((resolve) => worker.once('message', resolve));
      b.sendall(Buffer.from('more'));
      say(await answer);
    `);
    expect(said).toEqual([INTERRUPTED, 'more']);
  });

  test.each([
    ['SIGKILL', OSError, 'EINVAL'],
    [['SIGUSR2', 'SIGSTOP'], OSError, 'EINVAL'],
    ['SIGNONE', RangeError, 'ERR_INVALID_ARG_VALUE'],
    ['toString', RangeError, 'ERR_INVALID_ARG_VALUE'],
    [15, TypeError, 'ERR_INVALID_ARG_TYPE'],
    [[15], TypeError, 'ERR_INVALID_ARG_TYPE'],
    [undefined, TypeError, 'ERR_INVALID_ARG_TYPE'],
  ])('refuses %j', async (signals, errorClass, code) => {
    const { said } = await run(`
      try { siginterrupt(${JSON.stringify(signals)}); } catch (error) { say([error.constructor.name, error.code]); }
      say(process.listenerCount('SIGUSR2'));
      kill('SIGCONT');
    `);
    expect(said).toEqual([[errorClass.name, code], 0]);
  });

  test('without it, a call goes on waiting', async () => {
    const { said } = await run(`
      process.on('SIGUSR2', () => {});
      const [a, b] = sockets.socketpair();
      await later([50, 'SIGUSR2']);
      a.settimeout(0.3);
      say(ended(() => a.recv(1))[1]);
      process.exit();
    `);
    expect(said).toEqual(['ETIMEDOUT']);
  });
});
