// Memory that the program takes away, gives to another thread or shrinks while a call uses it: the call does what it was
// asked for with the bytes of that moment, or fails and says so. Nothing is called done that is not.
import * as blocking from '@bsd-sockets/socket';
import { AF_INET, SOCK_DGRAM, Socket, socketpair } from '@bsd-sockets/socket/promises';
import { later, trial } from './trial.mjs';

const SIZE = 4 << 20;

/** Gives a buffer's memory away. */
function transfer(view) {
  structuredClone(view.buffer, { transfer: [view.buffer] });
}

/** How a promise ends: its value, or the error's name. */
const ending = (promise) =>
  promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );

/** Counts what arrives, until nothing more does. */
async function count(far) {
  far.settimeout(0.3);
  let received = 0;
  for (;;) {
    const part = await far.recv(1 << 16).catch((error) => error);
    if (part instanceof Error || part.length === 0) return received;
    received += part.length;
  }
}

/** A pair of the promise face, closed in the end. */
async function withPair(run) {
  const [near, far] = socketpair();
  try {
    await run(near, far);
  } finally {
    near.close();
    far.close();
  }
}

const sending = {
  sendall: (near, data) => near.sendall(data),
  sendmsg: async (near, data) => {
    // Enough to fill the socket first.
    const first = near.sendall(Buffer.alloc(SIZE));
    const second = near.sendmsg([data]);
    await first;
    if ((await second) === 0) throw new Error('0 bytes');
  },
  'duplex.write': (near, data) =>
    new Promise((resolve, reject) => {
      const stream = near.toDuplex();
      stream.on('error', reject);
      stream.write(data, (error) => (error ? reject(error) : resolve()));
    }),
  'file.write': async (near, data) => {
    const file = near.makefile('wb');
    try {
      await file.write(data);
      await file.flush();
    } finally {
      await file.close().catch(() => {});
    }
  },
};

for (const [name, send] of Object.entries(sending)) {
  await trial(`taken away: what ${name} sends`, (expect) =>
    withPair(async (near, far) => {
      const data = new Uint8Array(SIZE).fill(1);
      const sent = ending(send(near, data));
      await later(20);
      transfer(data);
      const received = await count(far);
      near.close();
      const { error } = await sent;
      const all = name === 'sendmsg' ? SIZE + 1 : SIZE;
      expect(error !== undefined || received >= all, `it is done after ${received} of ${SIZE} bytes`);
    }),
  );
}

/** What receives, and where the bytes are to be found if it fails. */
const receiving = {
  recvInto: (near) => ({ receive: (memory) => near.recvInto(memory), rest: () => near.recv(100) }),
  recvmsgInto: (near) => ({
    receive: async (memory) => (await near.recvmsgInto([memory]))[0],
    rest: () => near.recv(100),
  }),
  'file.readinto': (near) => {
    const file = near.makefile('rb');
    return {
      receive: (memory) => file.readinto(memory),
      rest: async () => {
        const data = await file.read(10);
        await file.close();
        return data;
      },
    };
  },
};

for (const [name, begin] of Object.entries(receiving)) {
  await trial(`taken away: what ${name} fills`, (expect) =>
    withPair(async (near, far) => {
      const memory = new Uint8Array(10);
      const { receive, rest } = begin(near);
      const received = ending(receive(memory));
      await later(5);
      transfer(memory);
      await far.send(Buffer.from('0123456789'));
      const { value, error } = await received;
      expect(error !== undefined, `it says ${value}, which reads as the end`);
      near.settimeout(2);
      expect(`${await rest()}` === '0123456789', 'the bytes are lost');
    }),
  );
}

await trial('taken away: what recvfromInto fills', async (expect) => {
  const [near, far] = [0, 1].map(() => new Socket(AF_INET, SOCK_DGRAM));
  await near.bind(['127.0.0.1', 0]);
  const memory = new Uint8Array(10);
  const received = ending(near.recvfromInto(memory));
  await later(5);
  transfer(memory);
  await far.sendto(Buffer.from('datagram'), near.getsockname());
  const { value, error } = await received;
  expect(error !== undefined, `it says ${value?.[0]}`);
  near.settimeout(1);
  expect(`${await near.recv(100)}` === 'datagram', 'the datagram is lost');
  near.close();
  far.close();
});

await trial('shrunk: what recvInto fills', (expect) =>
  withPair(async (near, far) => {
    const memory = new Uint8Array(new ArrayBuffer(10, { maxByteLength: 10 }));
    const received = ending(near.recvInto(memory));
    await later(5);
    memory.buffer.resize(4);
    await far.send(Buffer.from('0123456789'));
    const { value, error } = await received;
    expect(error !== undefined || value === 4, `it says ${value}`);
  }),
);

await trial('a length that lies', (expect) =>
  withPair(async (near, far) => {
    class Lying extends Uint8Array {
      get length() {
        return 1000;
      }
    }
    const sent = ending(near.sendall(new Lying(10)));
    const received = await count(far);
    await Promise.race([sent, later(500)]);
    expect(received === 10, `${received} of 10 bytes arrived`);
  }),
);

await trial(
  'given away: what recv returned',
  async (expect) => {
    const [a, b] = blocking.socketpair();
    const [c, d] = blocking.socketpair();
    c.send(Buffer.from('SECRET'));
    d.recv(100);
    a.send(Buffer.from('first'));
    const first = b.recv(100);
    a.send(Buffer.from('second'));
    const second = b.recv(100);
    expect(!Buffer.from(structuredClone(first).buffer).includes('SECRET'), 'bytes of another connection go with it');
    const third = await (async () => {
      const near = Socket.from(b);
      a.send(Buffer.from('third'));
      const data = await near.recv(100);
      near.close();
      return data;
    })();
    try {
      transfer(first);
    } catch (error) {
      expect(error.name === 'DataCloneError', error.message);
    }
    expect(`${second}` === 'second' && `${third}` === 'third', `others are emptied: ${second}, ${third}`);
    for (const socket of [a, b, c, d]) socket.close();
  },
  2,
);

await trial('taken away: what a stream is about to send', (expect) =>
  withPair(async (near, far) => {
    const stream = near.toDuplex();
    let error;
    stream.on('error', (told) => {
      error = told;
    });
    const data = new Uint8Array(SIZE);
    stream.write(data);
    transfer(data);
    const received = await count(far);
    expect(error !== undefined || received === SIZE, `${received} of ${SIZE} bytes without an error`);
    stream.destroy();
  }),
);
process.exit();
