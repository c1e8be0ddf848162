import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Socket as BlockingSocket } from '@bsd-sockets/socket';
import {
  type Abortable,
  AF_UNIX,
  createServer,
  recvFds,
  SOCK_DGRAM,
  Socket,
  sendFds,
} from '@bsd-sockets/socket/promises';
import { fullStream, fullTcpBacklog, fullUnixBacklog } from '../full-queues';
import { onWindows, pair } from '../platform';

/** A socket on which a call has to wait, and what ends that wait. */
export interface Scene {
  socket: Socket<any>;
  /** Makes the call that has to wait. */
  call(options?: Abortable): Promise<unknown>;
  /** Lets it go on. */
  makeReady(): void;
  /** What else there is to close. */
  others: { close(): void }[];
}

const text = Buffer.from('text');

function receiving(type: number, call: (socket: Socket<any>, options?: Abortable) => Promise<unknown>): () => Scene {
  return () => {
    const [one, peer] = pair(type);
    const socket = Socket.from(one);
    return {
      socket,
      call: (options) => call(socket, options),
      makeReady: () => void peer.send(text),
      others: [peer],
    };
  };
}

function sending(call: (socket: Socket<any>, options?: Abortable) => Promise<unknown>): () => Scene {
  return () => {
    const { socket: full, peer } = fullStream();
    const socket = Socket.from(full);
    peer.setblocking(false);
    const makeReady = () => {
      try {
        for (;;) peer.recv(65536);
      } catch {
        // It is empty.
      }
    };
    return { socket, call: (options) => call(socket, options), makeReady, others: [peer] };
  };
}

const path = join(tmpdir(), `bsd-sockets-sendfile-${process.pid}`);
export const sentFile = path;
writeFileSync(path, 'a file to send');

const everywhere: Record<string, () => Scene> = {
  accept: () => {
    const server = new Socket();
    server.bind(['127.0.0.1', 0]);
    server.listen();
    const client = new BlockingSocket();
    const others: { close(): void }[] = [client];
    return {
      socket: server,
      call: (options) => server.accept(options).then(([connection]) => void others.push(connection)),
      makeReady: () => client.connect(server.getsockname()),
      others,
    };
  },
  'the iteration over connections': () => {
    const server = new Socket();
    server.bind(['127.0.0.1', 0]);
    server.listen();
    const client = new BlockingSocket();
    const others: { close(): void }[] = [client];
    return {
      socket: server,
      call: (options) =>
        server[Symbol.asyncIterator](options)
          .next()
          .then(({ value }) => {
            if (value === undefined) throw Object.assign(new Error('the iteration is over'), { code: 'END' });
            others.push(value[0]);
          }),
      makeReady: () => client.connect(server.getsockname()),
      others,
    };
  },
  datagrams: receiving(SOCK_DGRAM, async (socket, options) => {
    const { value } = await socket.datagrams({ ...options }).next();
    if (value === undefined) throw Object.assign(new Error('the iteration is over'), { code: 'END' });
  }),
  recv: receiving(SOCK_DGRAM, (socket, options) => socket.recv(100, 0, options)),
  recvInto: receiving(SOCK_DGRAM, (socket, options) => socket.recvInto(Buffer.alloc(10), 0, 0, options)),
  recvfrom: receiving(SOCK_DGRAM, (socket, options) => socket.recvfrom(100, 0, options)),
  recvfromInto: receiving(SOCK_DGRAM, (socket, options) => socket.recvfromInto(Buffer.alloc(10), 0, 0, options)),
  recvmsg: receiving(SOCK_DGRAM, (socket, options) => socket.recvmsg(100, 100, 0, options)),
  recvmsgInto: receiving(SOCK_DGRAM, (socket, options) => socket.recvmsgInto([Buffer.alloc(10)], 0, 0, options)),
  send: sending((socket, options) => socket.send(text, 0, options)),
  sendall: sending((socket, options) => socket.sendall(text, 0, options)),
  sendfile: sending((socket, options) => socket.sendfile(path, 0, null, options)),
  sendmsg: sending((socket, options) => socket.sendmsg([text], [], 0, null, options)),
};

const ofUnix: Record<string, () => Scene> = {
  'connect to a full unix socket': () => {
    const full = fullUnixBacklog();
    const socket = new Socket(AF_UNIX);
    const { socket: listener, address } = full;
    const others: { close(): void }[] = [{ close: () => full[Symbol.dispose]() }];
    return {
      socket,
      call: (options) => socket.connect(address, options),
      makeReady: () => others.push(listener.accept()[0]),
      others,
    };
  },
  recvFds: receiving(SOCK_DGRAM, (socket, options) => recvFds(socket, 100, 1, 0, options)),
  sendFds: sending((socket, options) => sendFds(socket, [text], [0], 0, null, options)),
  'sendto a full unix socket': () => {
    const receiver = new BlockingSocket(AF_UNIX, SOCK_DGRAM);
    receiver.bind('');
    const address = receiver.getsockname();
    const socket = new Socket(AF_UNIX, SOCK_DGRAM);
    const filler = new BlockingSocket(AF_UNIX, SOCK_DGRAM);
    filler.setblocking(false);
    try {
      for (;;) filler.sendto(text, address);
    } catch {
      // It is full.
    }
    return {
      socket,
      call: (options) => socket.sendto(text, address, options),
      makeReady: () => void receiver.recv(100),
      others: [receiver, filler],
    };
  },
};

/** By the name of the call: how to make it wait. */
export const scenes = onWindows ? everywhere : { ...everywhere, ...ofUnix };

/** A TCP connect that the peer does not answer: it cannot be made ready. */
export function unansweredConnect(): Scene {
  const full = fullTcpBacklog();
  const socket = new Socket();
  return {
    socket,
    call: (options) => socket.connect(full.address, options),
    makeReady: () => {},
    others: [{ close: () => full[Symbol.dispose]() }],
  };
}

export { createServer };
