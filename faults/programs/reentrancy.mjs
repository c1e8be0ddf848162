// Code of the program's own that runs within a call (hooks, families, signals, getters, listeners) closes the socket, gives
// it away or uses it again. The call ends, well or badly; no descriptor is closed twice, which would be somebody else's.
import { once } from 'node:events';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { createServer as netServer } from 'node:net';
import * as blocking from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { later, trial } from './trial.mjs';

const { addAuditHook, AF_INET, AF_UNIX, registerFamily, SOCK_DGRAM, SOCK_RAW } = blocking;
const BYTE = Buffer.from('x');

/**
 * Closes a socket, and takes its number for a file at once: a second close would close that.
 *
 * @returns What says whether the file is still there, and closes it.
 */
function closeAndTake(socket, end = () => socket.close()) {
  const fd = socket.fileno();
  end();
  const file = openSync('/dev/null');
  return () => {
    const kept = file === fd;
    try {
      fstatSync(file);
      closeSync(file);
    } catch {
      return "somebody else's file was closed";
    }
    return kept ? undefined : `the number ${fd} was not free`;
  };
}

/** How a call ends, whichever face's it is: a code, a name, or `done`. */
async function ending(call) {
  try {
    await call();
    return 'done';
  } catch (error) {
    return error.code ?? error.name;
  }
}

/** Runs where an address of the family below is encoded or decoded. */
let onAddress = () => {};

// A family whose addresses run code of ours. Its sockets need no privilege, and the kernel answers them.
const AF_NETLINK = registerFamily({
  number: 16,
  name: 'AF_NETLINK',
  encode: () => {
    onAddress();
    const address = Buffer.alloc(12);
    address.writeUInt16LE(16);
    return address;
  },
  decode: () => {
    onAddress();
    return 'an address';
  },
});

/** Asks for all interfaces: RTM_GETLINK with NLM_F_REQUEST and NLM_F_DUMP. */
const REQUEST = Buffer.from([20, 0, 0, 0, 18, 0, 1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/** What looks at an address. */
const addressCalls = {
  bind: (socket) => socket.bind('any'),
  getsockname: (socket) => socket.getsockname(),
  connect: (socket) => socket.connect('any'),
  sendto: (socket) => socket.sendto(REQUEST, 'any'),
  sendmsg: (socket) => socket.sendmsg([REQUEST], [], 0, 'any'),
  sendmmsg: (socket) => socket.sendmmsg([[REQUEST, 'any']]),
  recvfrom: (socket) => socket.recvfrom(1000),
  recvfromInto: (socket) => socket.recvfromInto(Buffer.alloc(1000)),
  recvmsg: (socket) => socket.recvmsg(1000),
  recvmmsg: (socket) => socket.recvmmsg(2, 1000),
};

const faces = { blocking, promises };

for (const [face, { Socket, socketpair, sendFds, recvFds }] of Object.entries(faces)) {
  const open = () => {
    const pair = socketpair();
    for (const socket of pair) socket.settimeout(2);
    return pair;
  };
  /** A call that runs `meanwhile` by what it is given. */
  const calls = {
    'the items of sendmsg': ([near], meanwhile) =>
      near.sendmsg({
        *[Symbol.iterator]() {
          yield BYTE;
          meanwhile();
        },
      }),
    'the control messages of sendmsg': ([near], meanwhile) =>
      near.sendmsg([BYTE], {
        *[Symbol.iterator]() {
          meanwhile();
          yield* [];
        },
      }),
    'the descriptors of sendFds': ([near], meanwhile) =>
      sendFds(near, [BYTE], {
        *[Symbol.iterator]() {
          yield 0;
          meanwhile();
        },
      }),
    'the messages of sendmmsg': ([near], meanwhile) =>
      near.sendmmsg({
        *[Symbol.iterator]() {
          yield [BYTE];
          meanwhile();
        },
      }),
    'the buffers of recvmsgInto': ([near, far], meanwhile) => {
      far.send(BYTE);
      return near.recvmsgInto({
        *[Symbol.iterator]() {
          yield Buffer.alloc(1);
          meanwhile();
        },
      });
    },
    'a getter of bytes': ([near], meanwhile) => {
      const bytes = new Uint8Array(1);
      Object.defineProperty(bytes, 'length', {
        get() {
          meanwhile();
          return 1;
        },
      });
      return near.sendall(bytes);
    },
    "a signal's getter": ([near], meanwhile) =>
      near.recv(1, 0, {
        get signal() {
          meanwhile();
          return undefined;
        },
      }),
    'a value that is no number': ([near], meanwhile) =>
      near.recv({
        valueOf() {
          meanwhile();
          return 1;
        },
      }),
  };
  for (const [name, call] of Object.entries(calls)) {
    await trial(`re-entered by ${name} (${face})`, async (expect) => {
      const pair = open();
      pair[1].send(BYTE);
      let check;
      const ended = await ending(() => call(pair, () => (check ??= closeAndTake(pair[0]))));
      expect(ended !== 'ETIMEDOUT', 'it waits for what is closed');
      pair[0].close();
      const told = check?.();
      expect(told === undefined, told);
      pair[1].close();
    });
  }

  await trial(`re-entered by an audit hook (${face})`, async (expect) => {
    const socket = new Socket(AF_INET);
    let check;
    let asked = true;
    addAuditHook((event, [subject]) => {
      if (asked && event === 'socket.connect' && subject === socket) check = closeAndTake(socket);
    });
    const ended = await ending(() => socket.connect(['127.0.0.1', 9]));
    asked = false;
    expect(ended === 'EBADF' || ended === 'ECANCELED', `it ends with ${ended}`);
    socket.close();
    const told = check();
    expect(told === undefined, told);
  });

  await trial(`received descriptors that nobody takes (${face})`, async (expect) => {
    const [near, far] = open();
    const file = openSync('/dev/null');
    await sendFds(far, [BYTE], [file, file]);
    closeSync(file);
    const [, fds] = await recvFds(near, 1, 2);
    for (const fd of fds) blocking.close(fd);
    expect(fds.length === 2, `${fds.length} of 2`);
    near.close();
    far.close();
  });

  for (const [name, call] of Object.entries(addressCalls)) {
    await trial(`re-entered by the family: ${name} (${face})`, async (expect) => {
      const socket = new Socket(AF_NETLINK, SOCK_RAW);
      socket.settimeout(2);
      await socket.sendto(REQUEST, 'the kernel');
      let check;
      onAddress = () => (check ??= closeAndTake(socket));
      const ended = await ending(() => call(socket));
      onAddress = () => {};
      expect(ended !== 'ETIMEDOUT', 'it waits for what is closed');
      socket.close();
      const told = check?.();
      expect(check !== undefined && told === undefined, told ?? 'no address was looked at');
    });
  }
}

const { Socket, socketpair } = promises;

/** What ends a socket while something waits for it. */
const endings = {
  close: (socket) => socket.close(),
  detach: (socket) => closeSync(socket.detach()),
  'being turned into the other face': (socket) => {
    try {
      blocking.Socket.from(socket).close();
    } catch (error) {
      if (error.code !== 'EBUSY') throw error;
      socket.close();
    }
  },
  'its own scope': (socket) => socket[Symbol.dispose](),
};
for (const [name, end] of Object.entries(endings)) {
  await trial(`re-entered by what waits: ${name}`, async (expect) => {
    const [near, far] = socketpair();
    // Each is told of the end, and ends it again.
    const waits = Array.from({ length: 5 }, () =>
      near.recv(1).catch((error) => {
        near.close();
        return error.code;
      }),
    );
    const aborted = new AbortController();
    aborted.signal.addEventListener('abort', () => near.close());
    waits.push(near.recv(1, 0, { signal: aborted.signal }).catch((error) => error.code ?? error.name));
    await later(5);
    const check = closeAndTake(near, () => end(near));
    aborted.abort();
    const ends = await Promise.all(waits);
    expect(
      ends.every((code) => code === 'ECANCELED'),
      `they end with ${ends}`,
    );
    const told = check();
    expect(told === undefined, told);
    far.close();
  });
}

await trial('re-entered by a signal that closes', async (expect) => {
  const [near, far] = socketpair();
  const controller = new AbortController();
  const { signal } = controller;
  let check;
  const waits = [1, 2, 3].map(() => near.recv(1, 0, { signal }).catch((error) => error.name ?? error.code));
  signal.addEventListener('abort', () => (check = closeAndTake(near)));
  await later(5);
  controller.abort();
  expect((await Promise.all(waits)).length === 3, 'not all end');
  near.close();
  const told = check();
  expect(told === undefined, told);
  far.close();
});

await trial(
  'sockets that close each other when they hear',
  async (expect) => {
    const pairs = Array.from({ length: 20 }, () => socketpair());
    const heard = pairs.map(async ([near], index) => {
      await near.recv(1).catch(() => {});
      for (const socket of pairs[(index + 1) % pairs.length]) socket.close();
    });
    await later(5);
    await pairs[0][1].send(BYTE);
    await Promise.all(heard);
    expect(
      pairs.flat().every((socket) => socket.fileno() < 0),
      'some are still open',
    );
  },
  20,
);

await trial(
  'a stream that is destroyed by its own listeners',
  async (expect) => {
    for (const event of ['data', 'end', 'error', 'finish', 'close', 'drain']) {
      const [near, far] = socketpair();
      const stream = near.toDuplex();
      const closed = once(stream, 'close').catch(() => {});
      let check;
      stream.on(event, () => {
        if (near.fileno() >= 0) check ??= closeAndTake(near, () => stream.destroy());
        near.close();
      });
      stream.on('error', () => {});
      stream.resume();
      stream.write(Buffer.alloc(1 << 20));
      stream.end();
      far.settimeout(2);
      await far.send(BYTE);
      far.shutdown(blocking.SHUT_WR);
      while ((await far.recv(1 << 16).catch(() => '')).length > 0);
      await Promise.race([closed, later(500)]);
      stream.destroy();
      far.close();
      const told = check?.();
      expect(told === undefined || told.startsWith('the number'), `${event}: ${told}`);
    }
  },
  6,
);

await trial('a descriptor that Node has taken over', async (expect) => {
  const listener = await promises.createServer(['127.0.0.1', 0]);
  const socket = new Socket();
  await socket.connect(listener.getsockname());
  const failed = socket.toNetServer(netServer()).catch((error) => error);
  const files = Array.from({ length: 8 }, () => openSync('/dev/null'));
  await failed;
  await later(50);
  for (const file of files) {
    try {
      closeSync(file);
    } catch (error) {
      expect(false, `somebody else's file was closed: ${error.code}`);
    }
  }
  listener.close();
});

await trial('a datagram whose sender is looked up by a hook that closes', async (expect) => {
  const near = new Socket(AF_UNIX, SOCK_DGRAM);
  await near.bind('');
  const far = new Socket(AF_UNIX, SOCK_DGRAM);
  const received = near.recvfrom(10).catch((error) => error.code);
  await far.sendto(BYTE, near.getsockname());
  near.close();
  const ended = await received;
  expect(ended === 'ECANCELED' || `${ended[0]}` === 'x', `it ends with ${ended}`);
  far.close();
});
process.exit();
