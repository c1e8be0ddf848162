import { once } from 'node:events';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fillCall, native } from '@bsd-sockets/core-native';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  addAuditHook,
  BlockingIOError,
  CMSG_SPACE,
  ConnectionRefusedError,
  close,
  createConnection,
  createServer,
  IOV_MAX,
  IpTtl,
  MessageBatch,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_PEEK,
  MSG_TRUNC,
  newSockaddr,
  options,
  registerFamily,
  ScmRights,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  socketpair,
  TimeoutError,
  UdpGro,
  UdpSegment,
} from '@bsd-sockets/socket';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { openDescriptors, refusal } from './open-descriptors';
import { noSocket, onWindows, pair as pairOfPlatform } from './platform';

const text = (value: string) => Buffer.from(value);

function kept<T extends Socket<any>>(socket: T): T {
  socket.settimeout(20);
  onTestFinished(() => socket.close());
  return socket;
}

function udp<F extends number = typeof AF_INET>(family = AF_INET as unknown as F, host = '127.0.0.1'): Socket<F> {
  const socket = kept(new Socket(family, SOCK_DGRAM));
  socket.bind([host, 0] as never);
  return socket;
}

function pair(type: number = SOCK_DGRAM): [Socket<any>, Socket<any>] {
  const [a, b] = pairOfPlatform(type);
  return [kept(a), kept(b)];
}

/** A file that is open until the end of the test. */
function openFile(): number {
  const fd = openSync('/dev/null', 'r');
  onTestFinished(() => closeSync(fd));
  return fd;
}

function isCloseOnExec(fd: number): boolean {
  const [, flags] = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))!;
  return (Number.parseInt(flags!, 8) & 0o2000000) !== 0;
}

/** The data of a batch, as text. */
function texts(batch: MessageBatch<any>): string[] {
  return Array.from({ length: batch.length }, (_, index) => batch.data(index).toString());
}

const { recvmmsg, recvmmsgByOnes, sendmmsg, sendmmsgByOnes } = native;

describe.each([
  ['by recvmmsg(2) and sendmmsg(2)', { recvmmsg, sendmmsg }],
  ['by a call for each message', { recvmmsg: recvmmsgByOnes, sendmmsg: sendmmsgByOnes }],
])('%s', (_name, bindings) => {
  beforeAll(() => void Object.assign(native, bindings));
  afterAll(() => void Object.assign(native, { recvmmsg, sendmmsg }));

  test('64 datagrams of all sizes arrive in order, each with its sender', () => {
    const a = udp();
    const b = udp();
    const outgoing = new MessageBatch(a, 64, 1500);
    for (let index = 0; index < 64; index++) outgoing.push(Buffer.alloc(index * 20, index), b.getsockname());
    expect(a.sendmmsg(outgoing)).toBe(64);
    const incoming = new MessageBatch(b, 64, 1500);
    expect(b.recvmmsg(incoming)).toBe(64);
    expect(incoming.length).toBe(64);
    for (let index = 0; index < 64; index++) {
      expect(incoming.data(index).equals(Buffer.alloc(index * 20, index))).toBe(true);
      expect([incoming.nbytes(index), incoming.msgFlags(index)]).toEqual([index * 20, 0]);
      expect(incoming.address(index)).toEqual(a.getsockname());
      expect(incoming.ancdata(index)).toEqual([]);
    }
    // They lie where the documentation says.
    expect(incoming.buffer.subarray(5 * 1500, 5 * 1500 + 100)).toEqual(Buffer.alloc(100, 5));
  });

  test('what was received can be sent back as it is', () => {
    const a = udp();
    const b = udp();
    const batch = new MessageBatch(b, 8, 100);
    expect(a.sendmmsg(['one', 'two', ''].map((word) => [text(word), b.getsockname()] as const))).toBe(3);
    expect(b.recvmmsg(batch)).toBe(3);
    expect(b.sendmmsg(batch)).toBe(3);
    expect(a.recvmmsg(8, 100)).toEqual(['one', 'two', ''].map((word) => [text(word), [], 0, b.getsockname()]));
  });

  test('it can be passed on to others, and to a connected peer', () => {
    const [a, b, c, d] = [udp(), udp(), udp(), udp()];
    const batch = new MessageBatch(b, 4, 100);
    a.sendmmsg([
      [text('x'), b.getsockname()],
      [text('y'), b.getsockname()],
    ]);
    b.recvmmsg(batch);
    batch.setAddress(1, c.getsockname());
    batch.setAddress(0, null);
    expect([batch.address(0), batch.address(1)]).toEqual([undefined, c.getsockname()]);
    b.connect(d.getsockname());
    expect(b.sendmmsg(batch)).toBe(2);
    expect(d.recv(10)).toEqual(text('x'));
    expect(c.recv(10)).toEqual(text('y'));
  });

  test.skipIf(without('AF_UNIX'))(
    'addresses of unix sockets, with names, without and of different lengths (AF_UNIX)',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'batches-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const named = ['a', 'bcdefghij'].map((name) => {
        const socket = kept(new Socket(AF_UNIX, SOCK_DGRAM));
        socket.bind(join(folder, name));
        return socket;
      });
      const unnamed = kept(new Socket(AF_UNIX, SOCK_DGRAM));
      const receiver = kept(new Socket(AF_UNIX, SOCK_DGRAM));
      receiver.bind(join(folder, 'receiver'));
      const batch = new MessageBatch(receiver, 8, 10);
      for (const sender of [named[1]!, unnamed, named[0]!]) {
        sender.sendmmsg([[text('x'), join(folder, 'receiver')]]);
      }
      expect(receiver.recvmmsg(batch)).toBe(3);
      expect([0, 1, 2].map((index) => batch.address(index))).toEqual([
        join(folder, 'bcdefghij'),
        undefined,
        join(folder, 'a'),
      ]);
    },
  );

  test('a receive waits only for the first message, and takes no more than there is room for', () => {
    const [a, b] = pair();
    const batch = new MessageBatch(b, 3, 10);
    a.sendmmsg([[text('1')]]);
    expect([b.recvmmsg(batch), texts(batch)]).toEqual([1, ['1']]);
    b.settimeout(null);
    a.sendmmsg(['2', '3'].map((word) => [text(word)] as const));
    expect([b.recvmmsg(batch), texts(batch)]).toEqual([2, ['2', '3']]);
    a.sendmmsg(['4', '5', '6', '7'].map((word) => [text(word)] as const));
    expect([b.recvmmsg(batch), texts(batch)]).toEqual([3, ['4', '5', '6']]);
    expect([b.recvmmsg(batch), texts(batch)]).toEqual([1, ['7']]);
  });

  test('timeouts and non-blocking sockets', () => {
    const [a, b] = pair();
    const batch = new MessageBatch(b, 2, 10);
    b.settimeout(0.05);
    expect(() => b.recvmmsg(batch)).toThrow(TimeoutError);
    expect(() => b.recvmmsg(2, 10)).toThrow(expect.objectContaining({ code: 'ETIMEDOUT', syscall: 'recvmmsg' }));
    b.settimeout(20);
    if (!onWindows) expect(() => b.recvmmsg(batch, MSG_DONTWAIT)).toThrow(BlockingIOError);
    b.setblocking(false);
    expect(() => b.recvmmsg(batch)).toThrow(BlockingIOError);
    expect(batch.length).toBe(0);
    a.send(text('x'));
    expect([b.recvmmsg(batch), texts(batch)]).toEqual([1, ['x']]);
  });

  // Windows drops datagrams that find no room.
  test.skipIf(without('AF_UNIX'))('a full queue takes a part of a batch, the rest can be sent later (AF_UNIX)', () => {
    const [a, b] = pair();
    const words = Array.from({ length: 1000 }, (_, index) => `${index}`);
    const outgoing = MessageBatch.from(
      a,
      words.map((word) => [text(word)] as const),
    );
    const incoming = new MessageBatch(b, 1000, 10);
    a.setblocking(false);
    const received: string[] = [];
    let sent = 0;
    let calls = 0;
    while (sent < outgoing.length) {
      sent += a.sendmmsg(outgoing, 0, sent);
      calls++;
      if (sent < outgoing.length) expect(() => a.sendmmsg(outgoing, 0, sent)).toThrow(BlockingIOError);
      b.recvmmsg(incoming);
      received.push(...texts(incoming));
    }
    expect(calls).toBeGreaterThan(1);
    expect(received).toEqual(words);
    expect(a.sendmmsg(outgoing, 0, 1000)).toBe(0);
    a.settimeout(0.05);
    expect(a.sendmmsg(outgoing)).toBeLessThan(1000);
    expect(() => a.sendmmsg(outgoing)).toThrow(TimeoutError);
  });

  describe.skipIf(without('room of a unix pair'))(
    'a stream that takes a part of a message (room of a unix pair)',
    () => {
      const words = Array.from({ length: 30 }, (_, index) => Buffer.alloc(50_000, index));
      const messages = words.map((data) => [data] as const);

      test.each([0, 0.02])('is sent the rest by the next call with the batch (timeout %f)', (timeout) => {
        const [a, b] = pair(SOCK_STREAM);
        a.settimeout(timeout);
        const batch = MessageBatch.from(a, messages);
        const received: Buffer[] = [];
        let sent = 0;
        while (sent < batch.length) {
          try {
            sent += a.sendmmsg(batch, 0, sent);
          } catch (error) {
            expect(error).toBeInstanceOf(timeout === 0 ? BlockingIOError : TimeoutError);
            received.push(b.recv(60_000));
          }
        }
        a.close();
        for (let data = b.recv(1 << 20); data.length > 0; data = b.recv(1 << 20)) received.push(data);
        expect(Buffer.concat(received).equals(Buffer.concat(words))).toBe(true);
      });

      test('is an error where there is no batch to go on with', () => {
        const [a, b] = pair(SOCK_STREAM);
        a.setblocking(false);
        expect(() => a.sendmmsg(messages)).toThrow(BlockingIOError);
        b.recv(1);
        a.settimeout(0.02);
        expect(() => a.sendmmsg(messages)).toThrow(TimeoutError);
      });

      test('is sent its control data once', () => {
        const [a, b] = pair(SOCK_STREAM);
        a.setblocking(false);
        const batch = new MessageBatch(a, 1, 1_000_000, CMSG_SPACE(4));
        batch.push(Buffer.alloc(1_000_000), null, [ScmRights.encode([openFile()])]);
        let passed = 0;
        const take = () => {
          const [data, ancdata] = b.recvmsg(1_000_000, CMSG_SPACE(4));
          for (const fd of ScmRights.decode(ancdata) ?? []) {
            close(fd);
            passed++;
          }
          return data.length;
        };
        let received = 0;
        let sent = 0;
        while (sent === 0) {
          try {
            sent = a.sendmmsg(batch);
          } catch (error) {
            expect(error).toBeInstanceOf(BlockingIOError);
            received += take();
          }
        }
        while (received < 1_000_000) received += take();
        expect(passed).toBe(1);
      });

      test('leaves the batch whole for another socket, and when it is filled anew', () => {
        const [a] = pair(SOCK_STREAM);
        const [c, d] = pair(SOCK_STREAM);
        a.setblocking(false);
        const batch = MessageBatch.from(a, [[Buffer.alloc(1_000_000, 1)]]);
        expect(() => a.sendmmsg(batch)).toThrow(BlockingIOError);
        c.setblocking(false);
        expect(() => c.sendmmsg(batch)).toThrow(BlockingIOError);
        while (d.recv(1 << 20).length === 1 << 20);
        batch.clear();
        batch.push(text('other'));
        expect(c.sendmmsg(batch)).toBe(1);
        d.setblocking(false);
        let last: Buffer = Buffer.alloc(0);
        expect(() => {
          for (;;) last = d.recv(1 << 20);
        }).toThrow(BlockingIOError);
        expect(last.subarray(-5)).toEqual(text('other'));
      });
    },
  );

  test('an error behind the first message is that of the next call', () => {
    const a = udp();
    const b = udp();
    const batch = new MessageBatch(a, 4, 65535);
    for (const size of [1, 2, 65535, 3]) batch.push(Buffer.alloc(size), b.getsockname());
    expect(a.sendmmsg(batch)).toBe(2);
    expect(() => a.sendmmsg(batch, 0, 2)).toThrow(expect.objectContaining({ code: 'EMSGSIZE', syscall: 'sendmmsg' }));
    expect(a.sendmmsg(batch, 0, 3)).toBe(1);
    expect(b.recvmmsg(9, 10).map(([data]) => data.length)).toEqual([1, 2, 3]);
  });

  test.skipIf(without('ECONNREFUSED of UDP'))(
    'an error that waits does not cost the messages that wait with it (ECONNREFUSED of UDP)',
    () => {
      const a = udp();
      const b = udp();
      const address = b.getsockname();
      a.connect(address);
      b.sendmmsg(['x', 'y'].map((word) => [text(word), a.getsockname()] as const));
      b.close();
      a.send(text('nobody is there'));
      const batch = new MessageBatch(a, 4, 10);
      expect(() => a.recvmmsg(batch)).toThrow(ConnectionRefusedError);
      expect([a.recvmmsg(batch), texts(batch)]).toEqual([2, ['x', 'y']]);
    },
  );

  test.skipIf(without('IP_RECVERR'))('the error queue is read in batches (IP_RECVERR)', () => {
    const a = udp();
    const gone = udp();
    const address = gone.getsockname();
    gone.close();
    a.setOption(options.IP_RECVERR, true);
    for (let count = 0; count < 3; count++) {
      // Each second send meets the error of the one before.
      try {
        a.sendto(text(`${count}`), address);
      } catch (error) {
        expect(error).toBeInstanceOf(ConnectionRefusedError);
      }
    }
    const batch = new MessageBatch(a, 8, 10, 200);
    expect(a.recvmmsg(batch, MSG_ERRQUEUE)).toBeGreaterThan(0);
    expect([batch.data(0).toString(), batch.address(0)]).toEqual(['0', address]);
    expect(batch.msgFlags(0) & MSG_ERRQUEUE!).toBe(MSG_ERRQUEUE);
    expect(batch.ancdata(0)).toHaveLength(1);
    expect(() => a.recvmmsg(batch, MSG_ERRQUEUE)).toThrow(BlockingIOError);
  });

  test.skipIf(without('MSG_TRUNC as a flag'))('messages that are cut short say so (MSG_TRUNC as a flag)', () => {
    const [a, b] = pair();
    const batch = new MessageBatch(b, 4, 3);
    a.sendmmsg(['12345', '123', '1234'].map((word) => [text(word)] as const));
    expect([b.recvmmsg(batch), texts(batch)]).toEqual([3, ['123', '123', '123']]);
    expect([0, 1, 2].map((index) => [batch.nbytes(index), batch.msgFlags(index)])).toEqual([
      [3, MSG_TRUNC],
      [3, 0],
      [3, MSG_TRUNC],
    ]);
    a.sendmmsg([[text('12345')]]);
    b.recvmmsg(batch, MSG_TRUNC);
    expect([batch.nbytes(0), texts(batch)]).toEqual([5, ['123']]);
    a.sendmmsg([[text('peek')]]);
    b.recvmmsg(batch, MSG_PEEK);
    expect(texts(batch)[0]).toBe('pee');
    expect(b.recv(10)).toEqual(text('peek'));
  });

  test.skipIf(without('SOCK_SEQPACKET'))('the end of a connection is an empty message (SOCK_SEQPACKET)', () => {
    const [a, b] = pair(SOCK_SEQPACKET);
    const batch = new MessageBatch(b, 2, 10);
    a.sendmmsg([[text('last')]]);
    a.close();
    b.recvmmsg(batch);
    expect(texts(batch)[0]).toBe('last');
    b.recvmmsg(batch);
    expect(texts(batch)[0]).toBe('');
    const [c, d] = pair();
    d.close();
    expect(() => c.sendmmsg([[text('x')]])).toThrow(expect.objectContaining({ code: 'ECONNREFUSED' }));
  });

  test.skipIf(without('IP_RECVTTL'))('control messages, each with its own message (IP_RECVTTL)', () => {
    const a = udp();
    const b = udp();
    b.setOption(options.IP_RECVTTL, true);
    const outgoing = new MessageBatch(a, 3, 10, CMSG_SPACE(4));
    outgoing.push(text('x'), b.getsockname(), [[0, IpTtl.type, Buffer.from(Int32Array.of(7).buffer)]]);
    outgoing.push(text('y'), b.getsockname());
    outgoing.push(text('z'), b.getsockname(), [[0, IpTtl.type, Buffer.from(Int32Array.of(9).buffer)]]);
    expect(a.sendmmsg(outgoing)).toBe(3);
    const incoming = new MessageBatch(b, 3, 10, 64);
    expect(b.recvmmsg(incoming)).toBe(3);
    const ttls = [0, 1, 2].map((index) => IpTtl.decode(incoming.ancdata(index)));
    expect(ttls).toEqual([7, a.getOption(options.IP_TTL), 9]);
    expect(incoming.segments(1)).toEqual([text('y')]);
  });

  test.skipIf(without('AF_UNIX'))('descriptors arrive close-on-exec, and are the same at each look (AF_UNIX)', () => {
    const [a, b] = pair();
    const file = openFile();
    const before = openDescriptors();
    a.sendmmsg([
      [text('one'), null, [ScmRights.encode([file])]],
      [text('none')],
      [text('two'), null, [ScmRights.encode([file, file])]],
    ]);
    const batch = new MessageBatch(b, 4, 10, CMSG_SPACE(8));
    expect(b.recvmmsg(batch)).toBe(3);
    expect([0, 1, 2].map((index) => batch.msgFlags(index))).toEqual([0, 0, 0]);
    const fds = [0, 1, 2].map((index) => ScmRights.decode(batch.ancdata(index)) ?? []);
    expect(fds.map((list) => list.length)).toEqual([1, 0, 2]);
    expect(fds.flat().map(isCloseOnExec)).toEqual([true, true, true]);
    expect(fds.flat().map((fd) => fstatSync(fd).ino)).toEqual(new Array(3).fill(fstatSync(file).ino));
    expect(ScmRights.decode(batch.ancdata(2))).toEqual(fds[2]);
    batch.closeRights();
    expect(openDescriptors()).toEqual(before);
    expect(batch.ancdata(0)).toEqual([]);
    batch.closeRights();
    expect(openDescriptors()).toEqual(before);
  });

  test.skipIf(without('AF_UNIX'))('descriptors that find no room, or are not wanted, are closed (AF_UNIX)', () => {
    const [a, b] = pair();
    const file = openFile();
    const before = openDescriptors();
    const send = () => a.sendmmsg(new Array(3).fill([text('x'), null, [ScmRights.encode([file, file])]]));
    send();
    const [first] = b.recvmmsg(3, 10, 0);
    expect(first!.slice(1, 3)).toEqual([[], MSG_CTRUNC]);
    send();
    const batch = new MessageBatch(b, 3, 10, CMSG_SPACE(4) - 4);
    b.recvmmsg(batch);
    expect([0, 1, 2].map((index) => batch.msgFlags(index))).toEqual([MSG_CTRUNC, MSG_CTRUNC, MSG_CTRUNC]);
    expect(ScmRights.decode(batch.ancdata(1))).toHaveLength(1);
    batch.closeRights();
    expect(openDescriptors()).toEqual(before);
  });

  test.skipIf(without('AF_UNIX'))(
    'descriptors of all messages are closed if an address cannot be decoded (AF_UNIX)',
    () => {
      const unreadable = registerFamily<never, string>({
        number: 251,
        name: 'AF_UNREADABLE',
        package: 'batches.test',
        encode: () => newSockaddr(251, 2),
        decode() {
          throw new Error('unreadable');
        },
      });
      const sender = kept(new Socket(AF_UNIX, SOCK_DGRAM));
      sender.bind('');
      const named = new Socket(AF_UNIX, SOCK_DGRAM);
      named.bind('');
      const name = named.getsockname();
      const receiver = kept(new Socket({ family: unreadable, type: SOCK_DGRAM, proto: 0, fileno: named.detach() }));
      const file = openFile();
      const before = openDescriptors();
      sender.sendmmsg(new Array(3).fill([text('x'), name, [ScmRights.encode([file])]]));
      expect(() => receiver.recvmmsg(8, 10, CMSG_SPACE(4))).toThrow('unreadable');
      expect(openDescriptors()).toEqual(before);
    },
  );

  test.skipIf(without('UDP_SEGMENT'))(
    'UDP_SEGMENT cuts a message of a batch, and UDP_GRO joins it again (UDP_SEGMENT)',
    () => {
      const a = udp();
      const b = udp();
      b.setsockopt(SOL_SOCKET, SO_RCVBUF, 1 << 20);
      const data = Buffer.from(Array.from({ length: 12_500 }, (_, index) => index % 251));
      const outgoing = new MessageBatch(a, 2, 65_000, CMSG_SPACE(2));
      outgoing.push(data, b.getsockname(), [UdpSegment.encode(1200)]);
      outgoing.push(text('single'), b.getsockname());
      const parts = Array.from({ length: 11 }, (_, index) => data.subarray(index * 1200, (index + 1) * 1200));

      expect(a.sendmmsg(outgoing)).toBe(2);
      const apart = new MessageBatch(b, 64, 1500);
      let received: Buffer[] = [];
      while (received.length < 12) {
        b.recvmmsg(apart);
        for (let index = 0; index < apart.length; index++) received.push(Buffer.from(apart.data(index)));
      }
      expect(Buffer.concat(received.slice(0, 11)).equals(data)).toBe(true);
      expect(received.map(({ length }) => length)).toEqual([...parts.map(({ length }) => length), 6]);

      b.setOption(options.UDP_GRO, true);
      expect(a.sendmmsg(outgoing)).toBe(2);
      const joined = new MessageBatch(b, 4, 65_535, CMSG_SPACE(4));
      received = [];
      let messages = 0;
      while (received.length < 12) {
        messages += b.recvmmsg(joined);
        for (let index = 0; index < joined.length; index++) {
          received.push(...joined.segments(index).map((segment) => Buffer.from(segment)));
        }
      }
      expect(messages).toBe(2);
      expect(received.slice(0, 11)).toEqual(parts);
      expect(received[11]).toEqual(text('single'));
      expect(a.sendmmsg(outgoing)).toBe(2);
      b.recvmmsg(joined);
      expect(UdpGro.decode(joined.ancdata(0))).toBe(1200);
    },
  );

  test.skipIf(without('UDP_SEGMENT'))('the option UDP_SEGMENT cuts all messages of a socket (UDP_SEGMENT)', () => {
    const a = udp();
    const b = udp();
    a.setOption(options.UDP_SEGMENT, 4);
    a.sendmmsg([
      [text('onetwothree'), b.getsockname()],
      [text('four'), b.getsockname()],
    ]);
    expect(b.recvmmsg(8, 100).map(([data]) => data.toString())).toEqual(['onet', 'woth', 'ree', 'four']);
  });

  test('a batch of as many messages as one call takes', () => {
    using server = createServer(['127.0.0.1', 0]);
    const a = kept(createConnection(server.getsockname() as [string, number]));
    const b = kept(server.accept()[0]);
    const outgoing = new MessageBatch(a, IOV_MAX, 1);
    for (let index = 0; index < IOV_MAX; index++) outgoing.push(Buffer.of(index));
    expect(a.sendmmsg(outgoing)).toBe(IOV_MAX);
    const incoming = new MessageBatch(b, IOV_MAX, 1);
    // All of them are there.
    while (b.recv(IOV_MAX + 1, MSG_PEEK).length < IOV_MAX);
    expect(b.recvmmsg(incoming)).toBe(IOV_MAX);
    expect(incoming.buffer).toEqual(outgoing.buffer);
  });

  test('a closed socket says that it is closed', () => {
    const [a] = pair();
    const batch = new MessageBatch(a, 1, 1);
    batch.push(text('x'));
    a.close();
    for (const call of [() => a.sendmmsg(batch), () => a.recvmmsg(batch), () => a.recvmmsg(1, 1)]) {
      expect(call).toThrow(
        expect.objectContaining({ ...noSocket, message: expect.stringContaining('the socket is closed') }),
      );
    }
  });

  // Of the layout of Linux.
  test.skipIf(without('records of recvmmsg(2)'))(
    'the bindings bear any numbers, and memory of any kind (records of recvmmsg(2))',
    () => {
      const [a, b] = pair();
      a.setblocking(false);
      b.setblocking(false);
      const records = () => new Uint8Array(144 * 2);
      const odd = new Uint8Array(144 * 2 + 1).subarray(1);
      for (const number of [Number.NaN, Number.POSITIVE_INFINITY, -1e300, 2 ** 31, 2 ** 64, -1, 1.5]) {
        for (const place of ['flags', 'offset', 'length', 'timeout']) {
          for (const [socket, binding] of [
            [a, native.sendmmsg],
            [b, native.recvmmsg],
          ] as const) {
            const at = (name: string, usual: number) => (name === place ? number : usual);
            fillCall(socket.fileno(), at('flags', 0), at('offset', 0), at('length', 2), at('timeout', 0), 0);
            expect(binding(new Uint8Array(10), records(), null)).toBeLessThanOrEqual(2);
          }
        }
      }
      fillCall(a.fileno(), 0, 0, 2, 0, 0);
      const wild = records();
      new Int32Array(wild.buffer).fill(-1);
      expect(native.sendmmsg(new Uint8Array(10), wild, new Uint8Array(100))).toBe(2);
      new Int32Array(wild.buffer).fill(2 ** 31 - 1);
      expect(native.sendmmsg(new Uint8Array(10), wild, null)).toBeLessThan(0);
      expect(native.sendmmsg(new Uint8Array(10), odd, null)).toBe(0);
      expect(native.recvmmsg(new Uint8Array(0), new Uint8Array(143), null)).toBe(0);
      for (const binding of [native.sendmmsg, native.recvmmsg]) {
        expect(() => binding('x' as never, records(), null)).toThrow(TypeError);
        expect(() => binding(new Uint8Array(1), new Int32Array(36) as never, null)).toThrow(TypeError);
      }
    },
  );
});

test('IPv6 has its addresses too (needs ::1)', ({ skip }) => {
  let a: Socket<typeof AF_INET6>;
  try {
    a = udp(AF_INET6, '::1');
  } catch {
    return skip();
  }
  const b = udp(AF_INET6, '::1');
  a.sendmmsg([[text('six'), b.getsockname()]]);
  expect(b.recvmmsg(2, 10)).toEqual([[text('six'), [], 0, a.getsockname()]]);
});

test('a batch in memory of its own is written in place', () => {
  const [a, b] = pair();
  const batch = new MessageBatch(a, 2, 10);
  for (const word of ['in', 'place']) {
    const begin = batch.length * batch.size;
    batch.push(batch.buffer.subarray(begin, begin + batch.buffer.write(word, begin)));
  }
  a.sendmmsg(batch);
  expect(b.recvmmsg(4, 10).map(([data]) => data.toString())).toEqual(['in', 'place']);
  batch.clear();
  expect([batch.length, a.sendmmsg(batch), a.sendmmsg([])]).toEqual([0, 0, 0]);
});

test('the messages of the convenient form are not written to again', () => {
  const [a, b] = pair();
  a.sendmmsg([[text('first')], [Buffer.alloc(10_000, 'f')]]);
  const first = b.recvmmsg(64, 20_000);
  for (let count = 0; count < 100; count++) {
    a.sendmmsg([[text('other')], [Buffer.alloc(10_000, 'o')]]);
    for (const [data] of b.recvmmsg(64, 20_000)) data.fill(0);
  }
  expect(first.map(([data]) => data.toString())).toEqual(['first', 'f'.repeat(10_000)]);
});

test('any view and any iterable will do', () => {
  const [a, b] = pair();
  function* messages() {
    yield [text('ab').buffer.slice(0, 0)] as const;
    yield [new Uint16Array([0x6161]), undefined, []] as const;
    yield [new DataView(new ArrayBuffer(1)), null, null] as const;
  }
  expect(a.sendmmsg(messages())).toBe(3);
  expect(b.recvmmsg(4, 10).map(([data]) => data.toString('latin1'))).toEqual(['', 'aa', '\0']);
});

test('wrong arguments are named', () => {
  const address = onWindows ? ['127.0.0.1', 9] : '';
  const [a] = pair();
  const any = (value: unknown) => value as never;
  const batch = new MessageBatch(a, 2, 4, 32);
  batch.push(text('x'));
  const other = new MessageBatch(udp(AF_INET6, '::1'), 1, 1);
  const full = new MessageBatch(a, 1, 1);
  full.push(text('x'));
  const cases: [call: () => unknown, code: string, message: RegExp][] = [
    [() => new MessageBatch(any(null), 1, 1), 'ERR_INVALID_ARG_TYPE', /^socket: /],
    [() => new MessageBatch(a, 0, 1), 'ERR_OUT_OF_RANGE', /^count: expected an integer from 1 to 1024/],
    [() => new MessageBatch(a, 1025, 1), 'ERR_OUT_OF_RANGE', /^count: /],
    [() => new MessageBatch(a, any('1'), 1), 'ERR_INVALID_ARG_TYPE', /^count: /],
    [() => new MessageBatch(a, 1, 0), 'ERR_OUT_OF_RANGE', /^size: /],
    [() => new MessageBatch(a, 1, 2 ** 31), 'ERR_OUT_OF_RANGE', /^size: /],
    [() => new MessageBatch(a, 1024, 2 ** 21), 'ERR_OUT_OF_RANGE', /^size: expected an integer from 1 to 2097151/],
    [() => new MessageBatch(a, 1, 1, -1), 'ERR_OUT_OF_RANGE', /^ancbufsize: /],
    [() => new MessageBatch(a, 2, 1, 2 ** 30), 'ERR_OUT_OF_RANGE', /^ancbufsize: /],
    [() => full.push(text('y')), 'ERR_OUT_OF_RANGE', /^batch: /],
    [() => batch.push(any('y')), 'ERR_INVALID_ARG_TYPE', /^data: .*Buffer\.from/],
    [() => batch.push(text('12345')), 'ERR_INVALID_ARG_VALUE', /^data: expected at most the batch's 4 bytes/],
    [() => batch.push(text('1'), any(5)), 'ERR_INVALID_ARG_TYPE', /^address: /],
    [() => batch.push(text('1'), null, any(5)), 'ERR_INVALID_ARG_TYPE', /^ancdata: /],
    [() => batch.push(text('1'), null, [[1, 1, Buffer.alloc(17)]]), 'ERR_INVALID_ARG_VALUE', /^ancdata: .* 32 bytes/],
    [() => batch.data(1), 'ERR_OUT_OF_RANGE', /^index: expected the number of a message \(the batch holds 1\)/],
    [() => batch.data(-1), 'ERR_OUT_OF_RANGE', /^index: /],
    [() => batch.nbytes(0.5), 'ERR_OUT_OF_RANGE', /^index: /],
    [() => batch.msgFlags(any('0')), 'ERR_INVALID_ARG_TYPE', /^index: /],
    [() => batch.address(Number.NaN), 'ERR_OUT_OF_RANGE', /^index: /],
    [() => batch.ancdata(1), 'ERR_OUT_OF_RANGE', /^index: /],
    [() => batch.segments(1), 'ERR_OUT_OF_RANGE', /^index: /],
    [() => batch.setAddress(1, address), 'ERR_OUT_OF_RANGE', /^index: /],
    [() => batch.setAddress(0, any(5)), 'ERR_INVALID_ARG_TYPE', /^address: /],
    [() => a.recvmmsg(any('x')), 'ERR_INVALID_ARG_TYPE', /^batch: expected a MessageBatch/],
    [() => a.recvmmsg(any(undefined)), 'ERR_INVALID_ARG_TYPE', /^batch: /],
    [() => a.recvmmsg(any(other)), 'ERR_INVALID_ARG_VALUE', /^batch: expected a batch for the family AF_/],
    [() => a.recvmmsg(batch, any('x')), 'ERR_INVALID_ARG_TYPE', /^flags: /],
    [() => a.recvmmsg(1025, 1), 'ERR_OUT_OF_RANGE', /^count: /],
    [() => a.recvmmsg(1, any(undefined)), 'ERR_INVALID_ARG_TYPE', /^size: /],
    [() => a.recvmmsg(1, 1, 0, 2 ** 31), 'ERR_OUT_OF_RANGE', /^flags: /],
    [() => a.sendmmsg(any(5)), 'ERR_INVALID_ARG_TYPE', /^messages: expected an array or other iterable/],
    [() => a.sendmmsg(any(text('x'))), 'ERR_INVALID_ARG_TYPE', /^messages: /],
    [() => a.sendmmsg(any([text('x')])), 'ERR_INVALID_ARG_TYPE', /^messages\[0\]: expected \[data, address\?/],
    [() => a.sendmmsg(any([[text('x')], ['y']])), 'ERR_INVALID_ARG_TYPE', /^messages\[1\]\[0\]: /],
    [() => a.sendmmsg(new Array(1025).fill([text('x')])), 'ERR_OUT_OF_RANGE', /^messages: expected at most 1024/],
    [() => a.sendmmsg(any(other)), 'ERR_INVALID_ARG_VALUE', /^batch: /],
    [() => a.sendmmsg(batch, any('x')), 'ERR_INVALID_ARG_TYPE', /^flags: /],
    [() => a.sendmmsg(batch, 0, 2), 'ERR_OUT_OF_RANGE', /^start: expected an integer from 0 to 1/],
  ];
  for (const [call, code, message] of cases) {
    expect(refusal(call)).toMatchObject({ code, message: expect.stringMatching(message) });
  }
  expect(texts(batch)).toEqual(['x']);
});

test('memory that was transferred away is a clear error', () => {
  const [a] = pair();
  const batch = new MessageBatch(a, 2, 4);
  batch.push(text('x'));
  structuredClone(batch.buffer.buffer, { transfer: [batch.buffer.buffer as ArrayBuffer] });
  for (const call of [
    () => a.sendmmsg(batch),
    () => a.recvmmsg(batch),
    () => batch.push(text('y')),
    () => batch.data(0),
  ]) {
    expect(call).toThrow(/^batch: expected a batch with its memory/);
  }
});

test('an audit hook hears of each message, and forbids them all', () => {
  const a = udp();
  const b = udp();
  const heard: unknown[] = [];
  const remove = addAuditHook((event, [self, address]) => {
    if (event !== 'socket.sendmsg') return;
    heard.push(self === a, address);
    if (heard.length === 4) throw new Error('no');
  });
  onTestFinished(remove);
  const messages = [[text('x'), b.getsockname()] as const, [text('y'), b.getsockname()] as const];
  expect(() => a.sendmmsg(messages)).toThrow('no');
  expect(heard).toEqual([true, b.getsockname(), true, b.getsockname()]);
  b.setblocking(false);
  expect(() => b.recv(1)).toThrow(BlockingIOError);
  expect(a.sendmmsg(messages)).toBe(2);
});

const WORKER = `
  const sockets = require(${JSON.stringify(require.resolve('@bsd-sockets/socket'))});
  const { parentPort, workerData } = require('node:worker_threads');
`;

test('a worker that waits for a batch can be ended', async () => {
  const worker = new Worker(
    `${WORKER}
     const b = new sockets.Socket(sockets.AF_INET, sockets.SOCK_DGRAM);
     b.bind(['127.0.0.1', 0]);
     parentPort.postMessage('waits');
     b.recvmmsg(64, 100);`,
    { eval: true },
  );
  await once(worker, 'message');
  expect(await worker.terminate()).toBe(1);
});

test.skipIf(without('AF_UNIX')).each(['main thread', 'worker'])(
  'a blocking stream, or one with time, sends all bytes of its messages (AF_UNIX, in the %s)',
  async (where) => {
    for (const timeout of [null, 20]) {
      const [a, b] = socketpair();
      const sender = `
        const sender = new sockets.Socket({ fileno: workerData });
        sender.settimeout(${timeout});
        const batch = sockets.MessageBatch.from(sender, Array.from({ length: 30 }, () => [Buffer.alloc(50000)]));
        let sent = 0;
        while (sent < 30) sent += sender.sendmmsg(batch, 0, sent);
        sender.close();
      `;
      const receiver = `
        const receiver = new sockets.Socket({ fileno: workerData });
        // The sender has to wait.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
        let received = 0;
        for (let data; (data = receiver.recv(65536)).length > 0; ) received += data.length;
        parentPort.postMessage(received);
      `;
      const start = (program: string, fd: number) => new Worker(WORKER + program, { eval: true, workerData: fd });
      const answer = once(start(receiver, b.detach()), 'message');
      if (where === 'worker') start(sender, a.detach());
      else {
        using here = a;
        here.settimeout(timeout);
        const batch = MessageBatch.from(
          here,
          Array.from({ length: 30 }, () => [Buffer.alloc(50_000)] as const),
        );
        for (let sent = 0; sent < 30; ) sent += here.sendmmsg(batch, 0, sent);
      }
      expect(await answer).toEqual([1_500_000]);
    }
  },
);

test.skipIf(without('AF_UNIX')).each(['main thread', 'worker'])(
  'a blocking socket sends all (AF_UNIX, in the %s)',
  async (where) => {
    const [a, b] = socketpair(AF_UNIX, SOCK_DGRAM);
    const sender = `
    const sender = new sockets.Socket({ fileno: workerData });
    parentPort.postMessage(sender.sendmmsg(Array.from({ length: 1000 }, (_, index) => [Buffer.from([index])])));
  `;
    const receiver = `
    const receiver = new sockets.Socket({ fileno: workerData });
    for (let received = 0; received < 1000; ) received += receiver.recvmmsg(5, 10).length;
    parentPort.postMessage(1000);
  `;
    const inWorker = where === 'worker';
    const worker = new Worker(WORKER + (inWorker ? sender : receiver), {
      eval: true,
      workerData: (inWorker ? a : b).detach(),
    });
    const answer = once(worker, 'message');
    const here = kept(inWorker ? b : a);
    if (inWorker) for (let received = 0; received < 1000; ) received += here.recvmmsg(5, 10).length;
    else {
      here.settimeout(null);
      expect(here.sendmmsg(Array.from({ length: 1000 }, (_, index) => [Buffer.from([index])] as const))).toBe(1000);
    }
    expect(await answer).toEqual([1000]);
  },
);
