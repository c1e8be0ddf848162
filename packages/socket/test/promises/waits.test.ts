import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { onWindows } from '../platform';
import { runProgram } from '../program';

// What the programs here add: the promise face, and what a wait of one second costs.
const PRELUDE = `
const promises = require(process.argv[1].replace('index.js', 'promises.js'));
const pause = require('node:timers/promises').setTimeout;
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
const cost = async () => {
  await pause(200);
  const before = process.cpuUsage();
  await pause(1000);
  const { user, system } = process.cpuUsage(before);
  say({ milliseconds: (user + system) / 1000, timers: timers() });
};
const { AF_INET, AF_UNIX, SOCK_DGRAM } = sockets;
const fullDatagrams = async (face) => {
  const receiver = new face.Socket(AF_UNIX, SOCK_DGRAM);
  await receiver.bind('');
  const sender = new sockets.Socket(AF_UNIX, SOCK_DGRAM);
  sender.setblocking(false);
  try { for (;;) sender.sendto(Buffer.from('old'), receiver.getsockname()); } catch {}
  sender.settimeout(null);
  return [face.Socket.from(sender), receiver];
};
`;

// Not all sockets here are closed.
const run = async (body: string, options = {}) => {
  const program = `process.removeAllListeners('warning'); ${PRELUDE}(async () => {${body}})();`;
  const { said, stderr, code, signal } = await runProgram(program, options);
  expect({ stderr, signal }).toEqual({ stderr: '', signal: null });
  return { said, code };
};

const LINGERING: [situation: string, body: string][] = [
  [
    'sendto a unix datagram socket whose queue is full',
    `const [sender, receiver] = await fullDatagrams(promises);
     const wait = sender.sendto(Buffer.from('x'), receiver.getsockname());`,
  ],
  [
    'sends of four sockets to it',
    `const [, receiver] = await fullDatagrams(promises);
     for (let number = 0; number < 4; number++) {
       new promises.Socket(AF_UNIX, SOCK_DGRAM).sendto(Buffer.from('x'), receiver.getsockname());
     }`,
  ],
  [
    'sendmmsg to it',
    `const [sender, receiver] = await fullDatagrams(promises);
     sender.sendmmsg([[Buffer.from('x'), receiver.getsockname()]]);`,
  ],
  [
    'connect to a unix socket whose backlog is full',
    `const server = new sockets.Socket(AF_UNIX);
     server.bind('');
     server.listen(0);
     new sockets.Socket(AF_UNIX).connect(server.getsockname());
     new promises.Socket(AF_UNIX).connect(server.getsockname());`,
  ],
  [
    'recv while the error queue has something',
    `const socket = new promises.Socket(AF_INET, SOCK_DGRAM);
     socket.setsockopt(sockets.IPPROTO_IP, sockets.IP_RECVERR, 1);
     await socket.connect(['127.0.0.1', 9]);
     await socket.send(Buffer.from('x'));
     await socket.recv(1).catch(() => {});
     socket.recv(1);`,
  ],
  [
    'send after MSG_ZEROCOPY on a full stream',
    `const server = await promises.createServer(['127.0.0.1', 0]);
     const socket = await promises.createConnection(server.getsockname());
     socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_ZEROCOPY, 1);
     await socket.send(Buffer.alloc(1000), sockets.MSG_ZEROCOPY);
     socket.sendall(Buffer.alloc(1e8));`,
  ],
];

describe.skipIf(without('situations of Linux')).concurrent.each(LINGERING)(
  '%s (situations of Linux)',
  (_situation, body) => {
    test('takes next to no processor time, and one timer', async () => {
      const { said } = await run(`${body} await cost(); process.exit();`);
      // A spin takes 1000; the sanitizers make what there is take more.
      expect(said[0].milliseconds).toBeLessThan(300);
      expect(said[0].timers).toBeLessThanOrEqual(6);
    });
  },
);

test
  .skipIf(without('AF_UNIX'))
  .concurrent(
    'all messages of four senders (AF_UNIX) come, in the order of each, to a reader that is slow',
    async () => {
      const { said } = await run(`
    const receiver = new promises.Socket(AF_UNIX, SOCK_DGRAM);
    await receiver.bind('');
    for (let sender = 0; sender < 4; sender++) {
      const socket = new promises.Socket(AF_UNIX, SOCK_DGRAM);
      for (let number = 0; number < 60; number++) socket.sendto(Buffer.of(sender, number), receiver.getsockname());
    }
    const next = [0, 0, 0, 0];
    for (let count = 0; count < 240; count++) {
      await pause(2);
      const [sender, number] = await receiver.recv(2);
      if (next[sender]++ !== number) say('out of order');
    }
    say(next);
    process.exit();
  `);
      expect(said).toEqual([[60, 60, 60, 60]]);
    },
  );

// Each of these fails at once, or ends at once.
const HASTY_ON_UNIX: [situation: string, call: string][] = [
  ['accept without a descriptor that is left', 'server.accept()'],
  ['connect to a path that is missing', "unix.connect('/nonexistent')"],
  ['connectEx to a path that is missing', "unix.connectEx('/nonexistent')"],
  ['bind to a path that is missing', "unix.bind('/nonexistent/path')"],
];
const HASTY: [situation: string, call: string][] = [
  ...(onWindows ? [] : HASTY_ON_UNIX),
  ['accept on a socket that does not listen', 'unconnected.accept()'],
  ['send to a peer that has closed', "closed.send(Buffer.from('x'))"],
  ['recv on an unconnected socket', 'unconnected.recv(1)'],
  ['recv at the end', 'closed.recv(1)'],
  ['recv with a timeout of 0', 'impatient.recv(1)'],
  ['recv with a timeout of 0 behind another', 'busy.recv(1)'],
  ['recv of a size that cannot be', 'unconnected.recv(-1)'],
  ['recv with a signal that is aborted', 'unconnected.recv(1, 0, { signal: AbortSignal.abort() })'],
  ['bind', 'bind()'],
  ['sendfile with a timeout of 0', 'impatient.sendfile(process.argv[1])'],
  ['select of what is ready', 'promises.select([closed], [], [])'],
  ['select with a timeout of 0', 'promises.select([impatient], [], [], 0)'],
  ['readline of a file at its end', 'file.readline()'],
  ['readline of a file that is closed', 'closedFile.readline()'],
  ['write into the buffer of a file', "large.write('x')"],
  ['write to a file that is closed', "closedFile.write('x')"],
  ['flush of a file that is closed', 'closedFile.flush()'],
  ['send without room, with a timeout of 0', 'full.send(data)'],
];

describe.concurrent.each(HASTY)('a loop over %s', (situation, call) => {
  test('lets timers and other sockets have their turn', async () => {
    const { said } = await run(
      `
      const [left, right] = promises.socketpair();
      const server = await promises.createServer(['127.0.0.1', 0]);
      const [closed, gone] = promises.socketpair();
      gone.close();
      const [impatient] = promises.socketpair();
      impatient.settimeout(0);
      const [full] = promises.socketpair();
      full.settimeout(0);
      const data = Buffer.alloc(2 ** 22);
      const [busy] = promises.socketpair();
      busy.recv(1);
      busy.settimeout(0);
      const unconnected = new promises.Socket();
      const unix = new promises.Socket(LOCAL);
      const bind = async () => {
        const socket = new promises.Socket(LOCAL);
        try { await socket.bind(FREE); } finally { socket.close(); }
      };
      const [end, endOfEnd] = promises.socketpair();
      endOfEnd.close();
      const file = end.makefile('r');
      const large = left.makefile('w', { buffering: 2 ** 28 });
      const closedFile = right.makefile('rw');
      await closedFile.close();
      if (args[0].startsWith('accept without')) {
        await promises.createConnection(server.getsockname());
        try { for (;;) require('node:fs').openSync('/dev/null'); } catch {}
      }
      let turns = 0;
      (async () => {
        for (;;) {
          await right.send(Buffer.from('x'));
          await left.recv(1);
          turns++;
          await pause(5);
          if (turns > 2) break;
        }
        say(true);
        process.exit();
      })();
      for (;;) { try { await (${call}); } catch {} }
      `,
      { args: [situation], openFiles: 200 },
    );
    expect(said).toEqual([true]);
  });
});

test.skipIf(without('situations of Linux'))(
  'sendfile from what has nothing yet leaves the thread pool to others (situations of Linux)',
  async () => {
    const { said } = await run(`
      const { readFile } = require('node:fs/promises');
      const sources = Array.from({ length: 8 }, () => sockets.socketpair());
      const pairs = sources.map(() => promises.socketpair());
      const sends = pairs.map(([socket], index) => socket.sendfile(sources[index][0].fileno(), 0, 4));
      await pause(50);
      say(await Promise.race([readFile(process.argv[1]).then(() => 'read'), pause(1000, 'waits')]));
      for (const [, peer] of sources) peer.send(Buffer.from('text'));
      say(await Promise.all(sends));
      process.exit();
    `);
    expect(said).toEqual(['read', Array(8).fill(4)]);
  },
);

/** What a datagram socket tells whose peer's port nobody has. */
const UNREACHABLE = onWindows ? 'ECONNRESET' : 'ECONNREFUSED';

describe.concurrent('an iteration', () => {
  test.skipIf(without('EMFILE'))('over connections goes on after passing errors (EMFILE), and tells them', async () => {
    const { said } = await run(
      `
      const { openSync, closeSync } = require('node:fs');
      const server = await promises.createServer(['127.0.0.1', 0]);
      const errors = [];
      const connections = server.connections({ onError: (error) => errors.push(error.code) });
      const first = connections.next();
      const client = await promises.createConnection(server.getsockname());
      await first;
      const waiting = await promises.createConnection(server.getsockname());
      const files = [];
      try { for (;;) files.push(openSync('/dev/null')); } catch {}
      const second = connections.next();
      await pause(300);
      const told = errors.length;
      say([...new Set(errors)]);
      // It pauses for up to 50 ms each time.
      say(told > 3 && told < 20);
      for (const file of files) closeSync(file);
      say((await second).done);
      server.close();
      say((await connections.next()).done);
      process.exit();
      `,
      { openFiles: 60 },
    );
    expect(said).toEqual([['EMFILE'], true, false, true]);
  });

  test.skipIf(without('after EMFILE'))(
    'ends in its pause (after EMFILE) when the socket is closed, and with the error of a signal',
    async () => {
      const { said } = await run(
        `
      const { openSync } = require('node:fs');
      const servers = [await promises.createServer(['127.0.0.1', 0]), await promises.createServer(['127.0.0.1', 0])];
      for (const server of servers) await promises.createConnection(server.getsockname());
      const controller = new AbortController();
      const [closed, aborted] = servers.map((server) => server.connections({ signal: controller.signal }));
      try { for (;;) openSync('/dev/null'); } catch {}
      const ends = [closed.next(), aborted.next()];
      await pause(200);
      servers[0].close();
      say((await ends[0]).done);
      controller.abort();
      say(await ends[1].catch((error) => error.name));
      say((await aborted.next()).done);
      process.exit();
      `,
        { openFiles: 60 },
      );
      expect(said).toEqual([true, 'AbortError', true]);
    },
  );

  test('over datagrams goes on when there was nobody at the port', async () => {
    const { said } = await run(`
      const socket = new promises.Socket(AF_INET, SOCK_DGRAM);
      const peer = new promises.Socket(AF_INET, SOCK_DGRAM);
      await peer.bind(['127.0.0.1', 0]);
      const address = peer.getsockname();
      peer.close();
      await socket.connect(address);
      const errors = [];
      const datagrams = socket.datagrams({ onError: ({ code }) => errors.push(code) });
      const next = datagrams.next();
      await socket.send(Buffer.from('x'));
      await pause(50);
      const again = new promises.Socket(AF_INET, SOCK_DGRAM);
      await again.bind(address);
      await again.sendto(Buffer.from('answer'), socket.getsockname());
      say(String((await next).value[0]));
      say(errors);
    `);
    expect(said).toEqual(['answer', [UNREACHABLE]]);
  });

  const OUTCOME = `
      const outcome = (promise) => promise.then(({ done }) => done, (error) => error.code ?? error.message);
  `;

  test('ends at other errors', async () => {
    const { said } = await run(`${OUTCOME}
      const bad = new promises.Socket().connections();
      say([await outcome(bad.next()), await outcome(bad.next())]);
      const socket = new promises.Socket(AF_INET, SOCK_DGRAM);
      try { socket.datagrams({ onError: 1 }); } catch (error) { say(error.message); }
    `);
    expect(said).toEqual([['EINVAL', true], expect.stringContaining('onError')]);
  });

  test('ends at what onError throws', async () => {
    const { said } = await run(`${OUTCOME}
      const socket = new promises.Socket(AF_INET, SOCK_DGRAM);
      await socket.connect(['127.0.0.1', 9]);
      const throwing = socket.datagrams({ onError: () => { throw new Error('mine'); } });
      const next = outcome(throwing.next());
      await socket.send(Buffer.from('x'));
      say([await next, await outcome(throwing.next())]);
    `);
    expect(said).toEqual([['mine', true]]);
  });
});

describe
  .skipIf(without('an end of datagrams'))
  .concurrent('a receive on a socket that is shut down for receiving (an end of datagrams)', () => {
    const SHUT = `
    const socket = new promises.Socket(AF_INET, SOCK_DGRAM);
    await socket.connect(['127.0.0.1', 9]);
  `;
    test.each([
      ['recv', 'socket.recv(1)', { type: 'Buffer', data: [] }],
      ['recvInto', 'socket.recvInto(Buffer.alloc(9))', 0],
      ['recvfrom', 'socket.recvfrom(9)', [{ type: 'Buffer', data: [] }, null]],
      ['recvmsg', 'socket.recvmsg(9, 100)', [{ type: 'Buffer', data: [] }, [], 0, null]],
      ['recvmmsg', 'socket.recvmmsg(4, 9).then((messages) => messages.map(([data]) => data.length))', [0]],
    ])('%s has the end', async (_name, call, end) => {
      const { said } = await run(`
      ${SHUT}
      const waiting = ${call};
      await pause(20);
      socket.shutdown(sockets.SHUT_RD);
      say(await waiting);
      say(await ${call});
    `);
      expect(said).toEqual([end, end]);
    });

    test('accept of a unix socket fails, as in the blocking face', async () => {
      const { said } = await run(`
      const server = new promises.Socket(AF_UNIX);
      await server.bind('');
      server.listen();
      const waiting = server.accept().catch((error) => error.code);
      await pause(20);
      server.shutdown(sockets.SHUT_RD);
      say(await waiting);
    `);
      expect(said).toEqual(['EINVAL']);
    });
  });

describe.concurrent('the process ends', () => {
  test('while a wait with a timeout is unreferenced', async () => {
    const { said, code } = await run(`
      const begin = performance.now();
      process.on('exit', () => say(performance.now() - begin < 5000));
      const [a, b] = promises.socketpair();
      globalThis.kept = b;
      a.settimeout(20);
      a.unref();
      a.recv(1);
      b.settimeout(20);
      b.recv(1);
      b.unref();
      if (onWindows) return;
      const [sender, receiver] = await fullDatagrams(promises);
      sender.settimeout(20);
      sender.unref();
      sender.sendto(Buffer.from('x'), receiver.getsockname());
    `);
    expect({ said, code }).toEqual({ said: [true], code: 0 });
  });

  test('after a signal that cannot be listened to was refused', async () => {
    const { said, code } = await run(`
      const [a, b] = promises.socketpair();
      globalThis.kept = b;
      for (const signal of [{ aborted: false }, { aborted: false, addEventListener() {} }]) {
        say(await a.recv(1, 0, { signal }).catch((error) => error.code));
      }
      const signal = { aborted: false, addEventListener() { throw new Error('mine'); }, removeEventListener() {} };
      a.settimeout(20);
      say(await a.recv(1, 0, { signal }).catch((error) => error.message));
    `);
    expect({ said, code }).toEqual({ said: ['ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_TYPE', 'mine'], code: 0 });
  });
});

test.concurrent('a descriptor that cannot be watched rejects everything that waits for it', async () => {
  const { said } = await run(`
    const { readiness } = require(require('node:path').join(process.argv[1], '../../../core-native/dist/index.js'));
    const [a, b] = promises.socketpair();
    const { watch } = readiness;
    // Its turn is over: the calls wait for the next before anything watches the descriptor.
    while (readiness.takeTurn());
    const all = [a.recv(1), a.recv(1), a.recv(1)].map((wait) => wait.catch((error) => error.code));
    readiness.watch = () => { throw new sockets.OSError(28, { syscall: 'epoll_ctl' }); };
    say(await Promise.all(all));
    readiness.watch = watch;
  `);
  expect(said).toEqual([['ENOSPC', 'ENOSPC', 'ENOSPC']]);
});
