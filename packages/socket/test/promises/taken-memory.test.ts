import * as blocking from '@bsd-sockets/socket';
import { SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from '@bsd-sockets/socket';
import type { Socket } from '@bsd-sockets/socket/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { onWindows, promisePair } from '../platform';

const gone = { code: 'EFAULT', message: expect.stringContaining('the memory became shorter, or was transferred') };

/** The ways to take memory from a view that covers the whole of it. */
const ways: [name: string, take: (buffer: any) => void][] = [
  ['transferred', (buffer) => structuredClone(buffer, { transfer: [buffer] })],
  ['shrunk', (buffer) => buffer.resize(1)],
];

function memory(size: number): Uint8Array {
  return new Uint8Array(new (ArrayBuffer as any)(size, { maxByteLength: size * 2 }));
}

/** What keeps the borders of messages. */
const MESSAGES = onWindows ? SOCK_DGRAM : SOCK_SEQPACKET!;

let a: Socket;
let b: Socket;

function connect(type: number): void {
  [a, b] = promisePair(type);
}

afterEach(() => {
  a.close();
  b.close();
});

/** Sends until nothing more is taken; how many messages of a byte. */
async function fill(): Promise<number> {
  a.settimeout(0);
  for (let count = 0; ; count++) {
    try {
      await a.send(Buffer.alloc(1));
    } catch (error) {
      expect(error).toMatchObject({ code: 'EAGAIN' });
      a.settimeout(null);
      return count;
    }
  }
}

describe.each(ways)('memory that is %s while a call waits', (_name, take) => {
  // Over TCP the peer's buffer takes it all.
  test.skipIf(without('AF_UNIX'))('is not called sent by sendall (AF_UNIX)', async () => {
    connect(SOCK_STREAM!);
    const data = memory(4 << 20);
    const refused = expect(a.sendall(data)).rejects.toMatchObject({ ...gone, syscall: 'sendall' });
    take(data.buffer);
    const reading = (async () => {
      for (let got = 0; ; ) {
        const { length } = await b.recv(100_000);
        if (length === 0) return got;
        got += length;
      }
    })();
    await refused;
    a.close();
    expect(await reading).toBeLessThan(4 << 20);
  });

  const sends: [name: string, send: (data: Uint8Array) => Promise<unknown>][] = [
    ['send', (data) => a.send(data)],
    ['sendmsg', (data) => a.sendmsg([Buffer.from('x'), data])],
  ];
  test.skipIf(without('SOCK_SEQPACKET')).each(sends)('is not sent by %s (SOCK_SEQPACKET)', async (_, send) => {
    connect(SOCK_SEQPACKET!);
    const before = await fill();
    const data = memory(100);
    const refused = expect(send(data)).rejects.toMatchObject(gone);
    take(data.buffer);
    for (let count = 0; count < before; count++) expect(await b.recv(10)).toHaveLength(1);
    await refused;
    a.close();
    expect(await b.recv(10)).toHaveLength(0);
  });

  const receives: [name: string, receive: (buffer: Uint8Array) => Promise<unknown>][] = [
    ['recvInto', (buffer) => b.recvInto(buffer)],
    ['recvfromInto', (buffer) => b.recvfromInto(buffer)],
    ['recvmsgInto', (buffer) => b.recvmsgInto([Buffer.alloc(1), buffer])],
  ];
  test.each(receives)('takes nothing from the socket in %s', async (name, receive) => {
    connect(SOCK_DGRAM!);
    const buffer = memory(100);
    const refused = expect(receive(buffer)).rejects.toMatchObject({ ...gone, syscall: name });
    take(buffer.buffer);
    await a.send(Buffer.from('datagram'));
    await refused;
    expect((await b.recv(100)).toString()).toBe('datagram');
  });

  const writes: [name: string, chunks: number][] = [
    ['one chunk', 1],
    ['chunks that were corked', 2],
  ];
  test.skipIf(without('AF_UNIX')).each(writes)(
    'ends a stream that has %s to write with the error (AF_UNIX)',
    async (_, count) => {
      connect(SOCK_STREAM!);
      const stream = a.toDuplex();
      const chunks = Array.from({ length: count }, () => memory(2 << 20));
      const ends: unknown[] = [];
      stream.on('error', () => {});
      stream.cork();
      for (const chunk of chunks) stream.write(chunk, (error) => ends.push(error?.message));
      stream.uncork();
      take(chunks.at(-1)!.buffer);
      const closed = new Promise((resolve) => stream.once('close', resolve));
      const received = (async () => {
        while ((await b.recv(100_000)).length > 0);
      })();
      await closed;
      await received;
      expect(ends).toEqual(chunks.map(() => gone.message));
    },
  );
});

test.skipIf(without('SOCK_SEQPACKET'))('what a buffer has grown by is not sent (SOCK_SEQPACKET)', async () => {
  connect(SOCK_SEQPACKET!);
  const before = await fill();
  const data = memory(10);
  const sending = a.send(data);
  (data.buffer as any).resize(20);
  for (let count = 0; count < before; count++) await b.recv(10);
  expect([await sending, (await b.recv(100)).length]).toEqual([10, 10]);
});

describe.each([0, 5, 1000])('a class that says its views have %d bytes', (said) => {
  class Liar extends Uint8Array {
    override get length(): number {
      return said;
    }
  }
  const filled = () => {
    const view = new Liar(10);
    Uint8Array.prototype.fill.call(view, 7);
    return view;
  };

  test('is not believed by promises', async () => {
    connect(MESSAGES);
    await a.sendall(filled());
    expect(await a.send(filled())).toBe(10);
    expect(await a.sendmsg([filled(), filled()])).toBe(20);
    for (const length of [10, 10, 20]) expect(await b.recv(100)).toEqual(Buffer.alloc(length, 7));
    // A datagram that does not fit is an error of Winsock's.
    await a.send(Buffer.alloc(onWindows ? 10 : 20, 8));
    const view = new Liar(10);
    expect(await b.recvInto(view)).toBe(10);
    expect([...Buffer.from(view.buffer)]).toEqual(new Array(10).fill(8));
  });

  test('is not believed by calls that block', () => {
    connect(MESSAGES);
    const [c, d] = [blocking.Socket.from(a), blocking.Socket.from(b)];
    c.sendall(filled());
    expect(c.send(filled())).toBe(10);
    expect(c.sendmsg([filled(), filled()])).toBe(20);
    for (const length of [10, 10, 20]) expect(d.recv(100)).toEqual(Buffer.alloc(length, 7));
    c.send(Buffer.alloc(onWindows ? 10 : 20, 8));
    expect(d.recvInto(new Liar(10))).toBe(10);
    c.close();
    d.close();
  });
});
