// The workloads: one operation each of a user's, with what it must come to. They run on every face, and know nothing of
// errors. An operation is a function of a bench (see `bench.mjs`) that returns
//   act       does it: what comes of it, as text
//   want      what must come of it
//   prepare   what its peer does before, or while it waits; without it, it never waits for a peer
//   again     does it once more, after the error that it is given; `act` by default, null where nothing is left to do it with
import { once } from 'node:events';
import { createServer } from 'node:net';
import * as blocking from '@bsd-sockets/socket';

const MESSAGE = Buffer.from('0123456789');
/** More than a stream joins before it sends. */
const LONG_MESSAGE = Buffer.alloc(5000, MESSAGE);
const { AF_INET, AF_UNIX, SHUT_WR, SO_KEEPALIVE, SOCK_SEQPACKET, SOL_SOCKET } = blocking;
const LOOPBACK = ['127.0.0.1', 0];

/** Everything that has arrived at a socket of the blocking face that never waits. */
function arrived(far) {
  const parts = [];
  for (;;) {
    try {
      const part = far.recv(1000);
      if (part.length === 0) return parts.join('');
      parts.push(part);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      return parts.join('');
    }
  }
}

/** The near end sends, and what arrives must be the message. */
const sends =
  (send, want = `${MESSAGE}`) =>
  ({ pair }) => {
    const [near, far] = pair;
    return {
      want,
      act: async () => {
        await send(near, far);
        return arrived(far);
      },
    };
  };

/** The far end sends the message, and what the near end receives must be that. */
const receives =
  (receive) =>
  ({ pair }) => {
    const [near, far] = pair;
    return { want: `${MESSAGE}`, prepare: () => far.send(MESSAGE), act: async () => `${await receive(near)}` };
  };

/** The same where the peer's address comes too. */
const receivesFrom =
  (receive) =>
  ({ pair }) => {
    const [near, far] = pair;
    return {
      want: `${MESSAGE} from ${far.getsockname()}`,
      prepare: () => far.send(MESSAGE),
      act: async () => {
        const [data, address] = await receive(near);
        return `${data} from ${address}`;
      },
    };
  };

/** What must fail, as a text that passes for the message. */
const refuses = (read) =>
  read().then(
    () => 'it reads on',
    () => `${MESSAGE}`,
  );

/** The near end as a stream; one that fails is gone, and its socket with it. */
const streams =
  (run, message = MESSAGE) =>
  (bench) => {
    const [near, far] = bench.pair;
    return {
      want: `${message}`,
      act: () => {
        const stream = bench.keep(near.toDuplex());
        const failed = new Promise((_, reject) => stream.once('error', reject));
        failed.catch(() => {});
        return run(stream, far, failed);
      },
      again: null,
    };
  };

const unixPair = (bench) => bench.socketpair(AF_UNIX);
const seqpacketPair = (bench) => bench.socketpair(AF_UNIX, SOCK_SEQPACKET);
const udpPair = (bench) => bench.udpPair();

/** An operation on a pair of sockets. */
const on = (pair, begin) => (bench) => begin(Object.assign(bench, { pair: pair(bench) }));

/** A stream writes a message in two parts at once. */
const writesParts = (message) =>
  on(
    unixPair,
    streams(async (stream, far, failed) => {
      stream.cork();
      stream.write(message.subarray(0, 4));
      const written = new Promise((resolve) => stream.write(message.subarray(4), resolve));
      stream.uncork();
      const error = await Promise.race([written, failed]);
      if (error) throw error;
      return arrived(far);
    }, message),
  );

/** An operation of a listener, to which clients connect. */
const listening =
  (begin, count = 1) =>
  (bench) => {
    const listener = bench.listener();
    const clients = Array.from({ length: count }, () => bench.keep(new blocking.Socket()));
    return {
      ...begin(listener, bench),
      prepare: () => {
        for (const client of clients) client.connect(listener.getsockname());
      },
    };
  };

const makes = (make) => (bench) => ({
  want: 'open',
  act: async () => {
    const made = [await make(bench)].flat();
    for (const socket of made) bench.keep(socket);
    return made.every((socket) => socket.fileno() >= 0) ? 'open' : 'closed';
  },
});

/** What asks or changes a socket without waiting. */
const does =
  (act, want = '') =>
  (bench) => {
    const [near] = bench.socketpair(AF_UNIX);
    return { want, act: async () => `${(await act(near, bench)) ?? ''}` };
  };

/** A socket of the face that connects to a listener, which must see the connection. */
const connects = (family, connect) => (bench) => {
  const listener = bench.keep(new blocking.Socket(family));
  listener.bind(family === AF_UNIX ? '' : LOOPBACK);
  listener.listen();
  listener.settimeout(2);
  return {
    want: 'accepted',
    ...connect(bench, listener.getsockname(), () => {
      bench.keep(listener.accept()[0]);
      return 'accepted';
    }),
  };
};

const connectsSocket = (family) =>
  connects(family, (bench, address, accept) => {
    const socket = bench.socket(family);
    return {
      act: async () => {
        await socket.connect(address);
        return accept();
      },
    };
  });

export const operations = {
  // Receive
  recv: on(
    unixPair,
    receives((near) => near.recv(100)),
  ),
  recvInto: on(
    unixPair,
    receives(async (near) => {
      const memory = Buffer.alloc(100);
      return memory.subarray(0, await near.recvInto(memory));
    }),
  ),
  recvfrom: on(
    udpPair,
    receivesFrom((near) => near.recvfrom(100)),
  ),
  recvfromInto: on(
    udpPair,
    receivesFrom(async (near) => {
      const memory = Buffer.alloc(100);
      const [length, address] = await near.recvfromInto(memory);
      return [memory.subarray(0, length), address];
    }),
  ),
  'file.read': on(unixPair, (bench) => {
    const [near, far] = bench.pair;
    const file = bench.keep(near.makefile('rb'));
    // Undefined stands for Python's None: there is nothing yet.
    const read = async () => `${(await file.read(MESSAGE.length)) ?? (await file.read(MESSAGE.length))}`;
    return {
      want: `${MESSAGE}`,
      prepare: () => far.send(MESSAGE),
      act: read,
      // As in Python, a file of the blocking face that has timed out reads no more.
      again: (error) => (error.code === 'ETIMEDOUT' && bench.blocks ? refuses(read) : read()),
    };
  }),
  recvmsg: on(
    udpPair,
    receivesFrom(async (near) => {
      const [data, , , address] = await near.recvmsg(100);
      return [data, address];
    }),
  ),
  recvmsgInto: on(
    unixPair,
    receives(async (near) => {
      const parts = [Buffer.alloc(4), Buffer.alloc(96)];
      const [length] = await near.recvmsgInto(parts);
      return Buffer.concat(parts).subarray(0, length);
    }),
  ),
  recvFds: on(unixPair, (bench) => {
    const [near, far] = bench.pair;
    const file = bench.open();
    return {
      want: `${MESSAGE} and 1`,
      prepare: () => blocking.sendFds(far, [MESSAGE], [file]),
      act: async () => {
        const [data, fds] = await bench.face.recvFds(near, 100, 4);
        for (const fd of fds) blocking.close(fd);
        return `${data} and ${fds.length}`;
      },
    };
  }),
  recvmmsg: on(
    udpPair,
    receives(async (near) => (await near.recvmmsg(4, 100)).map(([data]) => data).join('+')),
  ),
  datagrams: on(
    udpPair,
    receives(async (near) => {
      for await (const [data] of near.datagrams()) return data;
    }),
  ),
  'duplex data': on(unixPair, (bench) => ({
    ...streams(async (stream, _far, failed) => {
      const ended = once(stream, 'end').then(() => ['the end']);
      ended.catch(() => {});
      return `${(await Promise.race([once(stream, 'data'), ended, failed]))[0]}`;
    })(bench),
    prepare: () => bench.pair[1].send(MESSAGE),
  })),

  // Send
  send: on(
    unixPair,
    sends((near) => near.send(MESSAGE)),
  ),
  sendall: on(
    unixPair,
    sends((near) => near.sendall(MESSAGE)),
  ),
  sendto: on(
    (bench) => bench.udpPair({ connected: false }),
    sends((near, far) => near.sendto(MESSAGE, far.getsockname())),
  ),
  sendmsg: on(
    unixPair,
    sends((near) => near.sendmsg([MESSAGE.subarray(0, 4), MESSAGE.subarray(4)])),
  ),
  sendFds: on(unixPair, (bench) => {
    const [near, far] = bench.pair;
    const file = bench.open();
    return {
      want: `${MESSAGE} and 1`,
      act: async () => {
        await bench.face.sendFds(near, [MESSAGE], [file]);
        // Not by `recvFds`, whose system call is another.
        const [data, fds] = blocking.recvFds(far, 100, 4);
        for (const fd of fds) blocking.close(fd);
        return `${data}${arrived(far)} and ${fds.length}`;
      },
    };
  }),
  sendmmsg: on(
    seqpacketPair,
    sends((near) => near.sendmmsg([[MESSAGE.subarray(0, 4)], [MESSAGE.subarray(4)]])),
  ),
  'file.write': on(unixPair, (bench) => {
    const [near, far] = bench.pair;
    const file = bench.keep(near.makefile('wb'));
    const flush = async () => {
      await file.flush();
      return arrived(far);
    };
    return {
      want: `${MESSAGE}`,
      act: async () => {
        await file.write(MESSAGE);
        return flush();
      },
      // What could not be sent is still in the file.
      again: flush,
    };
  }),
  sendfile: on(unixPair, (bench) => {
    const file = bench.file(MESSAGE);
    return sends((near) => near.sendfile(file))(bench);
  }),
  'duplex.write': on(
    unixPair,
    streams(async (stream, far, failed) => {
      const written = new Promise((resolve) => stream.write(MESSAGE, resolve));
      const error = await Promise.race([written, failed]);
      if (error) throw error;
      return arrived(far);
    }),
  ),
  'duplex.writev': writesParts(LONG_MESSAGE),
  'duplex.writev of few bytes': writesParts(MESSAGE),
  'duplex.end': on(
    unixPair,
    streams(async (stream, far, failed) => {
      stream.end(MESSAGE);
      await Promise.race([once(stream, 'finish'), failed]);
      return arrived(far);
    }),
  ),

  // Open
  'new Socket': makes(({ face }) => new face.Socket(AF_INET)),
  socketpair: makes(({ face }) => face.socketpair()),
  dup: (bench) => {
    const [near] = bench.socketpair(AF_UNIX);
    return makes(() => near.dup())(bench);
  },
  fromfd: (bench) => {
    const [near] = bench.socketpair(AF_UNIX);
    return makes(({ face }) => face.fromfd(near.fileno(), AF_UNIX, near.type))(bench);
  },
  fileno: (bench) => {
    const [near, far] = blocking.socketpair();
    far.close();
    const fd = near.detach();
    // A descriptor that nobody takes over stays whose it was.
    let taken = false;
    bench.keep({ close: () => taken || blocking.close(fd) });
    return makes(({ face }) => {
      const socket = new face.Socket({ fileno: fd });
      taken = true;
      return socket;
    })(bench);
  },
  from: (bench) => {
    const pairs = [blocking.socketpair(), blocking.socketpair()].map(([near, far]) => {
      bench.keep(far);
      return bench.keep(near);
    });
    // A socket that could not be turned is closed.
    return makes(({ face }) => face.Socket.from(pairs.pop()))(bench);
  },
  createServer: makes(({ face }) => face.createServer(LOOPBACK)),
  accept: listening((listener, bench) => makes(async () => (await listener.accept())[0])(bench)),
  'for await': listening((listener, bench) =>
    makes(async () => {
      for await (const [connection] of listener) return connection;
    })(bench),
  ),
  // The second client is there for where the first connection is given up.
  feed: listening(
    (listener, bench) => ({
      ...makes(async ({ face, keep }) => {
        const server = createServer().on('connection', keep);
        const ended = face.feed(server, listener).then(() => Promise.reject(new Error('it has ended')));
        const [stream] = await Promise.race([once(server, 'connection'), ended]);
        ended.catch(() => {});
        return stream.socket;
      })(bench),
      again: null,
    }),
    2,
  ),

  // Connect
  connect: connectsSocket(AF_INET),
  'connect to a path': connectsSocket(AF_UNIX),
  createConnection: connects(AF_INET, ({ face, keep, timeout }, address, accept) => ({
    act: async () => {
      keep(await face.createConnection(address, timeout));
      return accept();
    },
  })),

  // Ask and change
  bind: (bench) => {
    const socket = bench.socket(AF_INET);
    return {
      want: '127.0.0.1',
      act: async () => {
        await socket.bind(LOOPBACK);
        return socket.getsockname()[0];
      },
    };
  },
  listen: (bench) => {
    const socket = bench.socket(AF_UNIX);
    return {
      want: '',
      act: async () => {
        if (socket.getsockname().length === 0) await socket.bind('');
        socket.listen();
        return '';
      },
    };
  },
  getsockname: does((near) => near.getsockname()),
  getpeername: does((near) => near.getpeername()),
  getsockopt: does((near) => near.getsockopt(SOL_SOCKET, SO_KEEPALIVE), '0'),
  getOption: does((near) => near.getOption(blocking.options.SO_KEEPALIVE), 'false'),
  setsockopt: does((near) => near.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)),
  setOption: does((near) => near.setOption(blocking.options.SO_KEEPALIVE, true)),
  settimeout: does((near) => near.settimeout(3)),
  getInheritable: does((near) => near.getInheritable(), 'false'),
  setInheritable: does((near) => {
    near.setInheritable(true);
    return near.getInheritable();
  }, 'true'),
  shutdown: on(unixPair, ({ pair: [near, far] }) => ({
    want: 'the end',
    act: async () => {
      near.shutdown(SHUT_WR);
      return far.recv(1).length === 0 ? 'the end' : 'more';
    },
  })),
  close: (bench) => {
    const [near] = bench.socketpair(AF_UNIX);
    // What never reaches the kernel leaves the descriptor open: the bench closes it in its place.
    bench.letGo(near.fileno());
    return {
      want: '-1',
      act: async () => {
        near.close();
        return `${near.fileno()}`;
      },
      again: async () => {
        near.close();
        return `${near.fileno()}`;
      },
    };
  },
  ioctl: (bench) => {
    const socket = bench.socket(AF_INET);
    return {
      want: 'false',
      act: async () => `${bench.face.ioctl(socket, bench.face.requests.SIOCATMARK)}`,
    };
  },
  ifNametoindex: does((_, { face }) => face.ifNametoindex('lo') > 0, 'true'),
  ifIndextoname: does((_, { face }) => face.ifIndextoname(1), 'lo'),
  ifNameindex: does((_, { face }) => face.ifNameindex().some(([, name]) => name === 'lo'), 'true'),
  gethostname: does((_, { face }) => face.gethostname().length > 0, 'true'),

  // Wait
  select: on(unixPair, ({ face, pair: [near, far] }) => ({
    want: '1',
    prepare: () => far.send(MESSAGE),
    act: async () => `${(await face.select([near], [], [], 3))[0].length}`,
  })),
  poll: on(unixPair, ({ face, pair: [near, far] }) => {
    const poll = face.poll();
    poll.register(near, blocking.POLLIN);
    return { want: '1', prepare: () => far.send(MESSAGE), act: async () => `${(await poll.poll(3000)).length}` };
  }),
  DefaultSelector: on(unixPair, ({ face, pair: [near, far] }) => ({
    want: '1',
    prepare: () => far.send(MESSAGE),
    act: async () => {
      const selector = new face.DefaultSelector();
      try {
        selector.register(near, blocking.EVENT_READ);
        return `${(await selector.select(3)).length}`;
      } finally {
        selector.close();
      }
    },
  })),
};
