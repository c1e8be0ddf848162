import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fillCall, native } from '@bsd-sockets/core-native';
import {
  AF_ALG,
  AF_INET,
  AF_UNIX,
  ALG_OP_DECRYPT,
  ALG_OP_ENCRYPT,
  type AncillaryData,
  BlockingIOError,
  createServer,
  IOV_MAX,
  IPPROTO_IP,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_PEEK,
  MSG_TRUNC,
  OSError,
  SO_PASSCRED,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  TimeoutError,
} from '@bsd-sockets/socket';
import { expect, onTestFinished, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { encodeControl } from '../src/control-messages/cmsg';
import { noSocket, onWindows, pair as pairOfPlatform } from './platform';
import { python } from './python';

function pair(type: number = SOCK_STREAM): [Socket<any>, Socket<any>] {
  const sockets = pairOfPlatform(type);
  for (const socket of sockets) {
    socket.settimeout(20);
    onTestFinished(() => socket.close());
  }
  return sockets;
}

function thrown(call: () => unknown): Error & { code?: string } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const text = (value: string) => Buffer.from(value);

test('a message is gathered from several buffers and scattered into several', () => {
  const [a, b] = pair();
  expect(
    a.sendmsg([text('Mary'), new Uint8Array(0), text(' had a little'), new DataView(text(' lamb').buffer, 0, 0)]),
  ).toBe(17);
  const buffers = [Buffer.alloc(4, '-'), Buffer.alloc(10, '-'), Buffer.alloc(6, '-')];
  expect(b.recvmsgInto([buffers[0]!, buffers[1]!.subarray(2, 9), buffers[2]!])).toEqual([17, [], 0, undefined]);
  expect(buffers.map(String)).toEqual(['Mary', '-- had a -', 'little']);
});

test('any view and any iterable will do', () => {
  const [a, b] = pair();
  const views = [new Uint16Array([0x6161]), text('bc').buffer.slice(0, 0), new DataView(new ArrayBuffer(1)), text('d')];
  expect(a.sendmsg(views.values())).toBe(4);
  expect(b.recvmsg(100)[0]).toEqual(text('aa\0d'));
  function* parts() {
    for (let index = 0; index < 3; index++) yield text(`${index}`);
  }
  expect(a.sendmsg(parts())).toBe(3);
  expect(a.sendmsg(new Set([text('x')]))).toBe(1);
  const target = new Uint16Array(1);
  const shared = new SharedArrayBuffer(2);
  expect(b.recvmsgInto([target, shared])[0]).toBe(4);
  expect(Buffer.from(target.buffer)).toEqual(text('01'));
  expect(Buffer.from(shared)).toEqual(text('2x'));
});

test('IOV_MAX buffers are sent and received, one more is a RangeError', () => {
  const [a, b] = pair();
  const many = Array.from({ length: IOV_MAX }, (_, index) => Buffer.of(index));
  expect(a.sendmsg(many)).toBe(IOV_MAX);
  const targets = many.map(() => Buffer.alloc(1));
  expect(b.recvmsgInto(targets)[0]).toBe(IOV_MAX);
  expect(Buffer.concat(targets)).toEqual(Buffer.concat(many));
  for (const call of [() => a.sendmsg([...many, many[0]!]), () => b.recvmsgInto([...many, many[0]!])]) {
    expect(thrown(call)).toMatchObject({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
    expect(thrown(call).message).toMatch(/^buffers: expected at most 1024 buffers, got 1025/);
  }
});

test('an endless generator of buffers is asked for one too many and ended', () => {
  const [a] = pair();
  let asked = 0;
  let ended = false;
  function* endless() {
    try {
      for (;;) {
        asked++;
        yield text('x');
      }
    } finally {
      ended = true;
    }
  }
  expect(thrown(() => a.sendmsg(endless())).message).toMatch(/^buffers/);
  expect([asked, ended]).toEqual([IOV_MAX + 1, true]);
});

test('no buffers and empty buffers make an empty message', () => {
  const [a, b] = pair(SOCK_DGRAM);
  expect(a.sendmsg([])).toBe(0);
  expect(a.sendmsg([new Uint8Array(0)])).toBe(0);
  expect(a.sendmsg([text('last')])).toBe(4);
  // Only what is named has an address.
  const from = onWindows ? a.getsockname() : undefined;
  expect(b.recvmsg(10)).toEqual([Buffer.alloc(0), [], 0, from]);
  expect(b.recvmsgInto([])).toEqual([0, [], 0, from]);
  expect(b.recvmsg(10)[0]).toEqual(text('last'));
  const [stream, peer] = pair();
  expect(stream.sendmsg([])).toBe(0);
  stream.send(text('x'));
  expect(peer.recvmsg(0)[0]).toEqual(Buffer.alloc(0));
  expect(peer.recvmsgInto([new Uint8Array(0), Buffer.alloc(5)])[0]).toBe(1);
  stream.close();
  expect(peer.recvmsg(10)).toEqual([Buffer.alloc(0), [], 0, undefined]);
});

test.skipIf(without('AF_UNIX'))('a non-blocking stream takes a part of a message, and then none (AF_UNIX)', () => {
  const [a, b] = pair();
  a.setsockopt(SOL_SOCKET, SO_SNDBUF, 8192);
  a.setblocking(false);
  const message = Array.from({ length: 64 }, (_, index) => Buffer.alloc(4096, index));
  const sent = a.sendmsg(message);
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(64 * 4096);
  while (!(thrownBy(() => a.sendmsg([Buffer.alloc(1)])) instanceof BlockingIOError));
  let received = Buffer.alloc(0);
  while (received.length < sent) received = Buffer.concat([received, b.recvmsg(65536)[0]]);
  expect(received.subarray(0, sent).equals(Buffer.concat(message).subarray(0, sent))).toBe(true);
});

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('timeouts hold for both directions', () => {
  const [a, b] = pair();
  b.settimeout(0.05);
  expect(() => b.recvmsg(10, 100)).toThrow(TimeoutError);
  expect(() => b.recvmsgInto([Buffer.alloc(10)])).toThrow(TimeoutError);
  a.settimeout(0.05);
  const message = [Buffer.alloc(1 << 16), Buffer.alloc(1 << 16)];
  const error = thrown(() => {
    for (;;) a.sendmsg(message);
  });
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error).toMatchObject({ syscall: 'sendmsg', strerror: 'timed out' });
});

test.skipIf(without('AF_UNIX'))('non-blocking sockets and flags that say so do not wait (AF_UNIX)', () => {
  const [a, b] = pair(SOCK_DGRAM);
  expect(() => b.recvmsg(10, 0, MSG_DONTWAIT)).toThrow(BlockingIOError);
  expect(() => b.recvmsg(10, 100, MSG_ERRQUEUE)).toThrow(OSError);
  b.setblocking(false);
  expect(() => b.recvmsg(10)).toThrow(BlockingIOError);
  expect(() => b.recvmsgInto([Buffer.alloc(1)])).toThrow(BlockingIOError);
  a.setblocking(false);
  expect(() => {
    for (;;) a.sendmsg([text('x')]);
  }).toThrow(BlockingIOError);
});

test('a closed socket says that it is closed', () => {
  const [a] = pair();
  a.close();
  for (const call of [() => a.sendmsg([]), () => a.recvmsg(1), () => a.recvmsgInto([])]) {
    expect(thrown(call)).toMatchObject({ ...noSocket, message: expect.stringContaining('the socket is closed') });
  }
});

test('a generator that closes the socket gets the same error', () => {
  const [a] = pair();
  function* closing() {
    a.close();
    yield text('x');
  }
  expect(thrown(() => a.sendmsg(closing()))).toMatchObject(noSocket);
});

test('wrong arguments are named', () => {
  const [a] = pair();
  const any = (value: unknown) => value as never;
  const cases: [call: () => unknown, code: string, message: RegExp][] = [
    [() => a.sendmsg(any(text('abc'))), 'ERR_INVALID_ARG_TYPE', /^buffers: expected an array or other iterable/],
    [() => a.sendmsg(any('abc')), 'ERR_INVALID_ARG_TYPE', /^buffers:/],
    [() => a.sendmsg(any(null)), 'ERR_INVALID_ARG_TYPE', /^buffers:/],
    [() => a.sendmsg(any(7)), 'ERR_INVALID_ARG_TYPE', /^buffers:/],
    [() => a.sendmsg(any([text('a'), 'b'])), 'ERR_INVALID_ARG_TYPE', /^buffers\[1\]: .*Buffer\.from/],
    [() => a.sendmsg(any(new Array(2))), 'ERR_INVALID_ARG_TYPE', /^buffers\[0\]:/],
    [() => a.sendmsg([], any(5)), 'ERR_INVALID_ARG_TYPE', /^ancdata:/],
    [() => a.sendmsg([], any([5])), 'ERR_INVALID_ARG_TYPE', /^ancdata\[0\]: expected \[level, type, data\]/],
    [() => a.sendmsg([], any(new Array(1))), 'ERR_INVALID_ARG_TYPE', /^ancdata\[0\]:/],
    [() => a.sendmsg([], any([[1, 2]])), 'ERR_INVALID_ARG_TYPE', /^ancdata\[0\]:/],
    [() => a.sendmsg([], any([[1, 2, 'x']])), 'ERR_INVALID_ARG_TYPE', /^ancdata\[0\]\[2\]:/],
    [
      () => a.sendmsg([], any([[1, undefined, text('')]])),
      'ERR_INVALID_ARG_TYPE',
      /^ancdata\[0\]\[1\]: .*does not have/,
    ],
    [() => a.sendmsg([], [[2 ** 31, 0, text('')]]), 'ERR_OUT_OF_RANGE', /^ancdata\[0\]\[0\]:/],
    [() => a.sendmsg([], [], any('x')), 'ERR_INVALID_ARG_TYPE', /^flags:/],
    [() => a.sendmsg([], [], 0, any(5)), 'ERR_INVALID_ARG_TYPE', /^address:/],
    [() => a.recvmsg(-1), 'ERR_OUT_OF_RANGE', /^bufsize:/],
    [() => a.recvmsg(any('1')), 'ERR_INVALID_ARG_TYPE', /^bufsize:/],
    [() => a.recvmsg(1, -1), 'ERR_OUT_OF_RANGE', /^ancbufsize:/],
    [() => a.recvmsg(1, 2 ** 31), 'ERR_OUT_OF_RANGE', /^ancbufsize:/],
    [() => a.recvmsg(1, 1.5), 'ERR_OUT_OF_RANGE', /^ancbufsize:/],
    [() => a.recvmsg(1, 0, 2 ** 31), 'ERR_OUT_OF_RANGE', /^flags:/],
    [() => a.recvmsgInto(any(Buffer.alloc(1))), 'ERR_INVALID_ARG_TYPE', /^buffers:/],
    [() => a.recvmsgInto([], any(null)), 'ERR_INVALID_ARG_TYPE', /^ancbufsize:/],
  ];
  for (const [call, code, message] of cases) {
    expect(thrown(call)).toMatchObject({ code, message: expect.stringMatching(message) });
  }
});

test('addresses of datagrams, both ways', () => {
  using a = new Socket(AF_INET, SOCK_DGRAM);
  using b = new Socket(AF_INET, SOCK_DGRAM);
  for (const socket of [a, b]) {
    socket.settimeout(20);
    socket.bind(['127.0.0.1', 0]);
  }
  expect(a.sendmsg([text('to '), text('b')], [], 0, b.getsockname())).toBe(4);
  expect(b.recvmsg(10)).toEqual([text('to b'), [], 0, a.getsockname()]);
  b.connect(a.getsockname());
  expect(b.sendmsg([text('back')], undefined, undefined, null)).toBe(4);
  expect(a.recvmsgInto([Buffer.alloc(4)])).toEqual([4, [], 0, b.getsockname()]);
  const error = thrown(() => a.sendmsg([text('x')], [], 0, ['255.255.255.255', 9]));
  expect(error).toMatchObject({ code: 'EACCES', syscall: 'sendmsg', address: ['255.255.255.255', 9] });
});

test.skipIf(without('AF_UNIX'))('addresses of unix datagrams (AF_UNIX)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'messages-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  using a = new Socket(AF_UNIX, SOCK_DGRAM);
  using b = new Socket(AF_UNIX, SOCK_DGRAM);
  a.bind(join(folder, 'a'));
  b.bind(join(folder, 'b'));
  a.sendmsg([text('hello')], [], 0, join(folder, 'b'));
  expect(b.recvmsg(10)).toEqual([text('hello'), [], 0, join(folder, 'a')]);
});

test('a TCP connection has no sender address', () => {
  using server = createServer(['127.0.0.1', 0]);
  using client = new Socket();
  client.connect(server.getsockname() as [string, number]);
  const [connection] = server.accept();
  using _connection = connection;
  connection.settimeout(20);
  client.sendmsg([text('a'), text('b')]);
  expect(connection.recvmsg(10, 100)).toEqual([text('ab'), [], 0, undefined]);
});

test.skipIf(without('MSG_TRUNC as a flag'))('a datagram that is cut short has MSG_TRUNC (MSG_TRUNC as a flag)', () => {
  const [a, b] = pair(SOCK_DGRAM);
  for (let count = 0; count < 4; count++) a.send(text('12345'));
  expect(b.recvmsg(3)).toEqual([text('123'), [], MSG_TRUNC, undefined]);
  expect(b.recvmsg(3, 0, MSG_TRUNC)).toEqual([text('123'), [], MSG_TRUNC, undefined]);
  expect(b.recvmsgInto([Buffer.alloc(1), Buffer.alloc(1)], 0, MSG_TRUNC)).toEqual([5, [], MSG_TRUNC, undefined]);
  expect(b.recvmsg(5)[2]).toBe(0);
});

test.skipIf(without('SO_PASSCRED'))('control data that find no room have MSG_CTRUNC (SO_PASSCRED)', () => {
  const [a, b] = pair();
  b.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
  const receive = (ancbufsize: number) => {
    a.send(text('x'));
    const [, ancdata, flags] = b.recvmsg(1, ancbufsize);
    return [ancdata.map(([, , data]) => data.length), flags];
  };
  expect(receive(0)).toEqual([[], MSG_CTRUNC]);
  expect(receive(15)).toEqual([[], MSG_CTRUNC]);
  expect(receive(16)).toEqual([[0], MSG_CTRUNC]);
  expect(receive(21)).toEqual([[5], MSG_CTRUNC]);
  expect(receive(28)).toEqual([[12], 0]);
  expect(receive(100_000)).toEqual([[12], 0]);
});

test.skipIf(without('MSG_CMSG_CLOEXEC'))(
  'MSG_CMSG_CLOEXEC comes back only to a caller that gave it (MSG_CMSG_CLOEXEC)',
  () => {
    const [a, b] = pair();
    a.send(text('xy'));
    expect(b.recvmsg(1)[2]).toBe(0);
    expect(b.recvmsg(1, 0, MSG_CMSG_CLOEXEC)[2]).toBe(MSG_CMSG_CLOEXEC);
  },
);

test('MSG_PEEK leaves the message', () => {
  const [a, b] = pair();
  a.send(text('peek'));
  expect(b.recvmsg(4, 0, MSG_PEEK)[0]).toEqual(text('peek'));
  expect(b.recvmsg(10)[0]).toEqual(text('peek'));
});

test.skipIf(without('SO_PASSCRED'))('what was received is not written to again (SO_PASSCRED)', () => {
  const [a, b] = pair();
  b.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
  a.send(text('first'));
  const [first, [message]] = b.recvmsg(5, 100);
  const before = Buffer.from(message![2]);
  for (let count = 0; count < 5000; count++) {
    a.sendmsg([text('other')]);
    const [, [later]] = b.recvmsg(5, 100);
    later![2].fill(0xff);
  }
  expect(first).toEqual(text('first'));
  expect(message![2]).toEqual(before);
});

test('a receive with far more room than there is data', () => {
  const [a, b] = pair(SOCK_DGRAM);
  a.setsockopt(SOL_SOCKET, SO_SNDBUF, 1 << 20);
  const data = Buffer.alloc(onWindows ? 60_000 : 100_000, 'abc');
  a.sendmsg([data.subarray(0, 7), data.subarray(7)]);
  expect(b.recvmsg(1 << 20)[0].equals(data)).toBe(true);
});

test.skipIf(without('errors of Linux'))(
  'a control message that the kernel refuses is its OSError (errors of Linux)',
  () => {
    using a = new Socket(AF_INET, SOCK_DGRAM);
    a.bind(['127.0.0.1', 0]);
    expect(thrown(() => a.sendmsg([text('x')], [[IPPROTO_IP, 9999, text('')]], 0, a.getsockname()))).toMatchObject({
      code: 'EINVAL',
      syscall: 'sendmsg',
    });
  },
);

test('a worker that waits in recvmsg can be ended', async () => {
  const code = `
    const { socketpair } = require(${JSON.stringify(require.resolve('@bsd-sockets/socket'))});
    const { parentPort } = require('node:worker_threads');
    const [, b] = socketpair();
    parentPort.postMessage('waits');
    b.recvmsg(1, 100);
  `;
  const worker = new Worker(code, { eval: true });
  await once(worker, 'message');
  expect(await worker.terminate()).toBe(1);
});

test('the bindings refuse what is no memory', () => {
  const [a] = pair();
  fillCall(a.fileno(), MSG_DONTWAIT ?? 0, 0, 0, 0, 0);
  const one = new Uint8Array(1);
  const wrong = [
    null,
    undefined,
    5,
    'x',
    {},
    [null],
    [one, 'x'],
    new Array(1),
    [new Uint16Array(1)],
    new Array(1025).fill(one),
  ];
  for (const binding of [native.sendmsg, native.recvmsg]) {
    for (const buffers of wrong) {
      expect(thrown(() => binding(buffers as never, null))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    }
    expect(thrown(() => binding([one], 'x' as never))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  }
  // A getter that takes away the memory of an earlier element.
  const memory = new Uint8Array(1 << 20);
  const trap: Uint8Array[] = [memory];
  Object.defineProperty(trap, 1, {
    get() {
      structuredClone(memory.buffer, { transfer: [memory.buffer] });
      return one;
    },
  });
  fillCall(a.fileno(), MSG_DONTWAIT ?? 0, 0, memory.length + 1, 0, 0);
  expect(native.sendmsg(trap, null)).toBe(-native.errnos.EFAULT!);
});

/** A socket whose family is AF_ALG only by name, and what it sends. */
class Cipher extends Socket<number> {
  readonly sent: AncillaryData[][] = [];
  override sendmsg(...args: Parameters<Socket<number>['sendmsg']>): number {
    this.sent.push(args[1] as AncillaryData[]);
    return super.sendmsg(...args);
  }
}

function cipher(): [Cipher, Socket<typeof AF_UNIX>] {
  const [a, b] = pair();
  const socket = new Cipher({ family: AF_ALG, type: SOCK_STREAM, proto: 0, fileno: a.detach() });
  onTestFinished(() => socket.close());
  return [socket, b];
}

// The kernel's structures, built by other means: cmsghdr, then a __u32, or af_alg_iv with its length first.
const algControl = `
import json, socket, struct
def cmsg(kind, data):
    length = 16 + len(data)
    return struct.pack('=QII', length, 279, kind) + data + bytes(-length % 8)
OP, IV, ASSOCLEN = socket.ALG_SET_OP, socket.ALG_SET_IV, socket.ALG_SET_AEAD_ASSOCLEN
print(json.dumps([
    cmsg(OP, struct.pack('=I', socket.ALG_OP_ENCRYPT)).hex(),
    (cmsg(OP, struct.pack('=I', socket.ALG_OP_DECRYPT)) + cmsg(IV, struct.pack('=I16s', 16, bytes(range(16))))
        + cmsg(ASSOCLEN, struct.pack('=I', 13))).hex(),
    (cmsg(OP, struct.pack('=I', socket.ALG_OP_ENCRYPT)) + cmsg(IV, struct.pack('=I', 0))
        + cmsg(ASSOCLEN, struct.pack('=I', 0))).hex(),
]))
`;

test.skipIf(without('python3') || without('AF_ALG'))(
  'sendmsgAfalg builds the control data of linux/if_alg.h (python3, AF_ALG)',
  () => {
    const [socket, peer] = cipher();
    expect(socket.sendmsgAfalg([text('ab'), text('c')], { op: ALG_OP_ENCRYPT })).toBe(3);
    const iv = Uint8Array.from({ length: 16 }, (_, index) => index);
    expect(socket.sendmsgAfalg([text('d')], { op: ALG_OP_DECRYPT, iv, assoclen: 13, flags: MSG_DONTWAIT })).toBe(1);
    expect(socket.sendmsgAfalg(null, { op: ALG_OP_ENCRYPT, iv: new Uint8Array(0), assoclen: 0 })).toBe(0);
    expect(socket.sent.map((ancdata) => encodeControl(ancdata)!.toString('hex'))).toEqual(
      JSON.parse(python(algControl)),
    );
    expect(peer.recv(10)).toEqual(text('abcd'));
  },
);

test.skipIf(without('AF_ALG'))('sendmsgAfalg checks its arguments (AF_ALG)', () => {
  const [socket] = cipher();
  const any = (value: unknown) => value as never;
  expect(thrown(() => socket.sendmsgAfalg([], any(undefined)))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  expect(thrown(() => socket.sendmsgAfalg([], any({})))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  expect(thrown(() => socket.sendmsgAfalg([], { op: -1 })).message).toMatch(/^op: /);
  expect(thrown(() => socket.sendmsgAfalg([], { op: 0, assoclen: -1 })).message).toMatch(/^assoclen: /);
  expect(thrown(() => socket.sendmsgAfalg([], { op: 0, iv: any('x') })).message).toMatch(/^iv: /);
  const [other] = pair();
  expect(thrown(() => other.sendmsgAfalg([], { op: 0 }))).toMatchObject({ code: 'EOPNOTSUPP' });
});
