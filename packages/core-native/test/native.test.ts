import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { fillCall, native, Slot, slots } from '@bsd-sockets/core-native';
import { describe, expect, test } from 'vitest';
import { without } from './capabilities';
import { NO_SOCKET, onWindows } from './platform';

const library = createRequire(import.meta.url).resolve('@bsd-sockets/core-native');
const { AF_INET, AF_UNIX, SO_REUSEADDR, SOL_SOCKET, SOCK_STREAM } = native.constants as Record<string, number>;
const EFAULT = -native.errnos.EFAULT!;
const EINVAL = -native.errnos.EINVAL!;

/** Runs a program in another process, where a crash is a signal. */
function run(code: string) {
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    [
      '--expose-gc',
      '-e',
      `const { fillCall, native, Slot, slots, sockaddr } = require(process.argv[1]); ${code}`,
      library,
    ],
    { cwd: tmpdir(), encoding: 'utf8', timeout: 60_000 },
  );
  return { stdout, stderr, status, signal };
}

type Kind = 'number' | 'bytes or null' | 'buffers';
const signatures: [name: keyof typeof native, kinds: Kind[]][] = [
  ['acknowledgeReadiness', ['number']],
  ['accept', ['number', 'number', 'number']],
  ['bind', ['number', 'bytes or null']],
  ['cancelLookup', ['number']],
  ['changeSelector', ['number', 'number', 'number', 'number']],
  ['close', ['number']],
  ['closeReadiness', ['number']],
  ['connect', ['number', 'bytes or null', 'number']],
  ['disown', ['number']],
  ['dup', ['number']],
  ['finishConnect', ['number', 'bytes or null']],
  ['gaiStrerror', ['number']],
  ['getFamily', ['number']],
  ['getInheritable', ['number']],
  ['getProtocol', ['number']],
  ['getaddrinfo', ['bytes or null', 'bytes or null', 'number', 'number', 'number', 'number']],
  ['getpeername', ['number']],
  ['getsockname', ['number']],
  ['getsockopt', ['number', 'number', 'number', 'bytes or null']],
  ['ioctl', ['number', 'number', 'bytes or null']],
  ['ioctlNumber', ['number', 'number', 'number']],
  ['ioctlSize', ['number']],
  ['keepAlive', ['number', 'number']],
  ['listen', ['number', 'number']],
  ['mapRing', ['number', 'number']],
  ['own', ['number']],
  ['poll', ['bytes or null', 'number']],
  ['receive', ['bytes or null']],
  ['send', ['bytes or null']],
  ['sendall', ['bytes or null']],
  ['setFilter', ['number', 'number', 'number', 'bytes or null']],
  ['setBusyPoll', ['number', 'number']],
  ['setInheritable', ['number', 'number']],
  ['setNonblocking', ['number', 'number']],
  ['setsockopt', ['number', 'number', 'number', 'bytes or null', 'number']],
  ['shutdown', ['number', 'number']],
  ['socket', ['number', 'number', 'number', 'number']],
  ['socketpair', ['number', 'number', 'number', 'number']],
  ['strerror', ['number']],
  ['takeBlock', ['number', 'number', 'bytes or null']],
  ['unmapRing', ['number']],
  ['waitForBlock', ['number', 'number', 'number', 'number']],
  ['unwatch', ['number', 'number']],
  ['unwatchSignal', ['number']],
  ['waitSelector', ['number', 'bytes or null', 'number']],
  ['watch', ['number', 'number', 'number']],
  ['ifIndextoname', ['number']],
  ['hstrerror', ['number']],
  ['recvmmsg', ['bytes or null', 'bytes or null', 'bytes or null']],
  ['recvmmsgByOnes', ['bytes or null', 'bytes or null', 'bytes or null']],
  ['recvmsg', ['buffers', 'bytes or null']],
  ['recvRights', ['buffers']],
  ['seek', ['number', 'number']],
  ['sendfile', ['number', 'number', 'number', 'number', 'number']],
  ['sendmmsg', ['bytes or null', 'bytes or null', 'bytes or null']],
  ['sendmmsgByOnes', ['bytes or null', 'bytes or null', 'bytes or null']],
  ['sendmsg', ['buffers', 'bytes or null']],
  ['sendRights', ['buffers']],
];
/** Bindings that take no number, or that no test may call at random: they ask a name service, change the host, or what signals do. */
const others: (keyof typeof native)[] = [
  // Of Windows alone.
  'fromShare',
  'share',
  'gethostbyaddr',
  'gethostbyname',
  'gethostname',
  'getnameinfo',
  'monotonicTime',
  'getprotobyname',
  'getservbyname',
  'getservbyport',
  'ifNameindex',
  'ifNametoindex',
  'openReadiness',
  'openSelector',
  'sethostname',
  'takeSignal',
  'watchSignal',
];

const right: Record<Kind, unknown> = { number: -1, 'bytes or null': new Uint8Array(4), buffers: [] };
const wrong: Record<Kind, unknown[]> = {
  number: ['1', null, undefined, true, {}, [], 1n, Symbol('one'), () => 1, new Uint8Array(1)],
  buffers: [1, 'text', true, {}, 1n, Symbol('one'), [1], [new Int8Array(1)], [undefined]],
  'bytes or null': [
    1,
    'text',
    true,
    {},
    [],
    1n,
    Symbol('one'),
    new ArrayBuffer(4),
    new DataView(new ArrayBuffer(4)),
    new Int8Array(4),
    new Uint16Array(4),
    new Float64Array(4),
    new Uint8ClampedArray(4),
  ],
};

test('every binding is tried here', () => {
  const bindings = Object.keys(native).filter((name) => typeof (native as any)[name] === 'function');
  expect(bindings.sort()).toEqual([...signatures.map(([name]) => name), ...others].sort());
});

/** Whether the platform has nothing of it, whatever its arguments are. */
function isAbsent(name: keyof typeof native, kinds: Kind[]): boolean {
  const call = native[name] as unknown as (...args: unknown[]) => unknown;
  return onWindows && call(...kinds.map((kind) => right[kind])) === -native.errnos.ENOSYS!;
}

describe.each(signatures.filter((row) => !isAbsent(...row)))('%s', (name, kinds) => {
  const call = native[name] as unknown as (...args: unknown[]) => unknown;

  test('refuses an argument of a wrong type', () => {
    for (const [position, kind] of kinds.entries()) {
      for (const value of wrong[kind]) {
        const args = kinds.map((other, index) => (index === position ? value : right[other]));
        expect(() => call(...args), `argument ${position + 1}`).toThrow(
          expect.objectContaining({
            name: 'TypeError',
            code: 'ERR_INVALID_ARG_TYPE',
            message: `core-native: argument ${position + 1} is of a wrong type`,
          }),
        );
      }
    }
  });

  test('refuses to go without its numbers', () => {
    if (kinds.includes('number')) expect(() => call()).toThrow(TypeError);
    else if (!kinds.includes('buffers')) expect(call()).toBeTypeOf('number');
  });
});

test('monotonicTime is the clock of process.hrtime in microseconds', () => {
  const [before, now, after] = [process.hrtime.bigint(), BigInt(native.monotonicTime()), process.hrtime.bigint()];
  // Each rounds by itself.
  expect(now).toBeGreaterThanOrEqual(before / 1000n - 1n);
  expect(now).toBeLessThanOrEqual(after / 1000n + 1n);
});

test('openReadiness refuses all but a function and an Int32Array of the right size', () => {
  const open = native.openReadiness as (...args: unknown[]) => unknown;
  const size = 3 + 3 * 1024;
  for (const args of [
    [],
    [1, new Int32Array(size), 0],
    [() => {}, new Uint32Array(size), 0],
    [() => {}, new Int32Array(size - 1), 0],
    [() => {}, new Int32Array(size)],
  ]) {
    expect(() => open(...args)).toThrow(TypeError);
  }
});

// Under the sanitizers it is a fault to copy from null.
test('an address that is null has no bytes', () => {
  const none = null as never;
  expect(native.gethostbyaddr(none)).toBeTypeOf('number');
  expect(native.getnameinfo(none, 0)).toBeTypeOf('number');
  if (onWindows) return;
  expect([native.bind(-1, none), native.connect(-1, none, 0), native.ioctl(-1, 0, none)]).toEqual([
    NO_SOCKET,
    NO_SOCKET,
    NO_SOCKET,
  ]);
});

describe('a result', () => {
  test('of a descriptor that is none says so', () => {
    fillCall(-1, 0, 0, 8, 0, 0);
    const memory = new Uint8Array(8);
    // Windows may look at the address or the option first.
    const ofBytes = {
      bind: native.bind(-1, memory),
      setsockopt: native.setsockopt(-1, 1, 2, memory, 0),
    };
    for (const result of Object.values(ofBytes)) expect(result).toBeLessThan(0);
    const results = {
      ...(onWindows ? {} : ofBytes),
      accept: native.accept(-1, 0, 0),
      close: native.close(-1),
      connect: native.connect(-1, memory, 0),
      dup: native.dup(-1),
      getFamily: native.getFamily(-1),
      getInheritable: native.getInheritable(-1),
      getProtocol: native.getProtocol(-1),
      getpeername: native.getpeername(-1),
      getsockname: native.getsockname(-1),
      getsockopt: native.getsockopt(-1, 1, 2, memory),
      listen: native.listen(-1, 1),
      own: native.own(-1),
      receive: native.receive(memory),
      send: native.send(memory),
      sendall: native.sendall(memory),
      setInheritable: native.setInheritable(-1, 1),
      setNonblocking: native.setNonblocking(-1, 1),
      shutdown: native.shutdown(-1, 0),
    };
    expect(results).toEqual(Object.fromEntries(Object.keys(results).map((name) => [name, NO_SOCKET])));
  });

  test('of getFamily and getProtocol is what the socket was opened with', () => {
    const { SOCK_DGRAM, IPPROTO_UDP } = native.constants;
    const fd = native.socket(AF_INET!, SOCK_DGRAM!, 0, 0);
    expect([native.getFamily(fd), native.getProtocol(fd)]).toEqual([AF_INET, IPPROTO_UDP]);
    expect(native.close(fd)).toBe(0);
  });

  test('of getsockopt is the length that the kernel wrote', () => {
    const fd = native.socket(AF_INET!, SOCK_STREAM!, 0, 0);
    expect(native.getsockopt(fd, SOL_SOCKET!, SO_REUSEADDR!, new Uint8Array(16))).toBe(4);
    // Windows may refuse to cut it off.
    const cut = native.getsockopt(fd, SOL_SOCKET!, SO_REUSEADDR!, new Uint8Array(1));
    expect(onWindows ? [1, EFAULT] : [1]).toContain(cut);
    expect(native.close(fd)).toBe(0);
  });
});

describe('memory', () => {
  const pair = () => {
    const first = native.socketpair(onWindows ? AF_INET! : AF_UNIX!, SOCK_STREAM!, 0, 0);
    return [first, slots[Slot.secondFd]!] as const;
  };
  const prepare = (fd: number, offset: number, length: number) =>
    fillCall(fd, native.constants.MSG_DONTWAIT ?? 0, offset, length, 0, 0);

  test('is read and written at the offset, and not at all if it is shorter than the call says', () => {
    const [a, b] = pair();
    const data = Uint8Array.from({ length: 64 }, (_, index) => index);
    for (const [offset, length] of [
      [2, 9],
      [1000, 0],
      [-1, 3],
      [0, -1],
      [Number.NaN, 1],
      [0, Number.POSITIVE_INFINITY],
    ]) {
      prepare(a, offset!, length!);
      expect(native.send(data.subarray(10, 20))).toBe(EFAULT);
      expect(native.sendall(data.subarray(10, 20))).toBe(EFAULT);
    }
    prepare(a, 2, 8);
    expect(native.send(data.subarray(10, 20))).toBe(8);
    const target = new Uint8Array(64);
    prepare(b, 3, 28);
    expect(native.receive(target.subarray(10, 40))).toBe(EFAULT);
    expect(native.recvmsg(target.subarray(10, 40), null)).toBe(EFAULT);
    prepare(b, 3, 27);
    expect(native.receive(target.subarray(10, 40))).toBe(8);
    expect([...target]).toEqual([...new Array(13).fill(0), 12, 13, 14, 15, 16, 17, 18, 19, ...new Array(43).fill(0)]);
    native.close(a);
    native.close(b);
  });

  test('of several buffers has to be as long as the call says', () => {
    const [a, b] = pair();
    const buffers = [Buffer.from('abc'), Buffer.from('de')];
    for (const length of [4, 6]) {
      prepare(a, 0, length);
      expect(native.sendmsg(buffers, null)).toBe(EFAULT);
    }
    prepare(a, 0, 5);
    expect(native.sendmsg(buffers, null)).toBe(5);
    prepare(b, 0, 6);
    expect(native.recvmsg(buffers, null)).toBe(EFAULT);
    prepare(b, 0, 5);
    expect(native.recvmsg(buffers, null)).toBe(5);
    native.close(a);
    native.close(b);
  });

  test('that was detached has no bytes', () => {
    const [a, b] = pair();
    const view = new Uint8Array(64);
    structuredClone(view.buffer, { transfer: [view.buffer] });
    prepare(a, 8, 32);
    expect(native.send(view)).toBe(EFAULT);
    expect(native.bind(a, view)).toBe(onWindows ? EFAULT : EINVAL);
    native.close(a);
    native.close(b);
  });

  test('that was shrunk is used if the part that counts is still there', () => {
    const [a, b] = pair();
    const buffer = new (ArrayBuffer as any)(64, { maxByteLength: 128 });
    const view = new Uint8Array(buffer);
    buffer.resize(16);
    prepare(a, 8, 9);
    expect(native.send(view)).toBe(EFAULT);
    prepare(a, 8, 8);
    expect(native.send(view)).toBe(8);
    const fixed = new Uint8Array(buffer, 8, 8);
    buffer.resize(4);
    prepare(a, 0, 8);
    expect(native.send(fixed)).toBe(EFAULT);
    native.close(a);
    native.close(b);
  });

  test('may be shared', () => {
    const [a, b] = pair();
    const shared = new Uint8Array(new SharedArrayBuffer(8));
    shared.set([1, 2, 3]);
    prepare(a, 0, 3);
    expect(native.send(shared)).toBe(3);
    prepare(b, 4, 3);
    expect(native.receive(shared)).toBe(3);
    expect([...shared]).toEqual([1, 2, 3, 0, 1, 2, 3, 0]);
    native.close(a);
    native.close(b);
  });
});

// The numbers of Winsock's errors are no results that the program here expects.
test.skipIf(without('errnos of at most 4096'))(
  'no arguments of any kind make it crash (errnos of at most 4096)',
  { timeout: 90_000 },
  () => {
    const { stdout, stderr, status, signal } = run(`
    let state = 20241121;
    const random = () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    const below = (limit) => Math.floor(random() * limit);
    const pick = (values) => values[below(values.length)];
    // Descriptors of the process itself stay out of it, and so does what an integer of 32 bits makes of other numbers.
    const own = [];
    const open = () => {
      for (const [family, type] of [[1, 1], [1, 2], [2, 1], [2, 2], [10, 1], [10, 2]]) own.push(native.socket(family, type, 0, 1));
      own.push(native.socketpair(1, 1, 0, 1), slots[Slot.secondFd]);
    };
    while (own.every((fd) => fd < 100)) open();
    const descriptors = own.filter((fd) => fd > 40);
    const fd = () => pick([...descriptors, -1, -2, -2147483648, 100000, 2147483647]);
    const number = () => pick([0, 1, 2, 3, 6, 10, 16, 17, 41, below(64), -1, below(2 ** 31), -below(2 ** 31), 2147483647, 1.5, NaN, Infinity, -Infinity, 2 ** 40, Number.MAX_VALUE, -0]);
    const detached = () => { const view = new Uint8Array(32); structuredClone(view.buffer, { transfer: [view.buffer] }); return view; };
    const shrunk = () => { const buffer = new ArrayBuffer(64, { maxByteLength: 64 }); const view = new Uint8Array(buffer, 32, 16); buffer.resize(8); return view; };
    // Addresses are of this machine and no path; other bytes are of no family.
    const address = () => {
      const bytes = pick([
        [1, 0, 0, ...Buffer.from(String(below(1000)))],
        [2, 0, below(256), below(256), 127, 0, 0, below(4), 0, 0, 0, 0, 0, 0, 0, 0],
        [10, 0, below(256), below(256), ...new Array(19).fill(0), 1, 0, 0, 0, 0],
      ]);
      return Uint8Array.from(bytes.slice(0, below(2) ? bytes.length : below(bytes.length)));
    };
    const view = () => pick([
      address, address,
      () => new Uint8Array(below(300)).map((_, index) => (index === 1 ? 255 : below(256))),
      () => new Uint8Array(0), () => Buffer.alloc(below(64)), () => new Uint8Array(new SharedArrayBuffer(16)), detached, shrunk,
      () => new Uint8Array(new ArrayBuffer(64, { maxByteLength: 128 })), () => sockaddr.subarray(0, below(256)), () => null, () => undefined,
    ])();
    const odd = () => pick([undefined, null, true, '1', {}, [], 1n, Symbol('x'), () => 1, new Date(), new Proxy({}, {}), new ArrayBuffer(4), new DataView(new ArrayBuffer(4)), new Float32Array(4), new Uint8ClampedArray(2), /x/, new Map(), new Proxy(new Uint8Array(4), {})]);
    const text = () => pick([null, Buffer.from(pick(['127.0.0.1', '::1', '80', 'http', '1.2.3', ':::', '%', '-1', '']))]);
    // AI_NUMERICHOST, so that nobody is asked.
    const buffers = () => pick([view, () => Array.from({ length: below(20) }, view), () => [], () => new Array(3), () => Array.from({ length: 1500 }, () => new Uint8Array(1))])();
    const signatures = {
      recvmsg: [buffers, view], recvRights: [buffers], sendmsg: [buffers, view], sendRights: [buffers], seek: [fd, number], sendfile: [fd, fd, number, number, () => 0], ifIndextoname: [number], hstrerror: [number],
      accept: [fd, number, () => 0], bind: [fd, view], connect: [fd, view, () => 0], disown: [fd], dup: [fd], finishConnect: [fd, view], gaiStrerror: [number], getInheritable: [fd], getFamily: [fd], getProtocol: [fd],
      getaddrinfo: [text, text, number, number, number, () => pick([4, 5, 0x404, 0x407])], getpeername: [fd], getsockname: [fd],
      getsockopt: [fd, number, number, view], listen: [fd, number], own: [fd], receive: [view], send: [view], sendall: [view], setInheritable: [fd, number],
      setNonblocking: [fd, () => 1], setsockopt: [fd, number, number, view, number], shutdown: [fd, number], socket: [number, number, number, number],
      mapRing: [fd, number], setFilter: [fd, number, number, view], takeBlock: [number, number, view], unmapRing: [number], waitForBlock: [fd, number, number, () => 0],
      socketpair: [number, number, number, number], strerror: [number], close: [() => pick([-1, -2, 100000])],
    };
    const counts = { results: 0, refusals: 0 };
    for (let round = 0; round < 40000; round++) {
      fillCall(fd(), pick([0x40, 0x4040, number() | 0x40]), number(), number(), 0, number());
      for (let slot = 3; slot < slots.length; slot++) slots[slot] = number();
      const [name, makers] = pick(Object.entries(signatures));
      const args = makers.map((make) => (below(12) === 0 ? odd() : make()));
      if (below(20) === 0) args.length = below(args.length + 1);
      try {
        const result = native[name](...args);
        const kind = /strerror$/i.test(name) ? 'string' : 'number';
        if (typeof result !== kind && !(name === 'getaddrinfo' && Buffer.isBuffer(result)) && name !== 'ifIndextoname') throw new Error(name + ' returned a ' + typeof result);
        if (kind === 'number' && !(result >= -4096 && result < 2 ** 31) && typeof result === 'number') throw new Error(name + ' returned ' + result);
        counts.results++;
        // What was opened is closed again.
        if (['accept', 'dup', 'socket', 'socketpair'].includes(name) && result > 40) native.close(result);
        if (name === 'socketpair' && result >= 0) native.close(slots[Slot.secondFd]);
      } catch (error) {
        if (!(error instanceof TypeError) || error.code !== 'ERR_INVALID_ARG_TYPE') throw error;
        counts.refusals++;
      }
      if (round % 5000 === 0) gc();
    }
    console.log(JSON.stringify(counts));
  `);
    expect({ stderr, status, signal }).toEqual({ stderr: '', status: 0, signal: null });
    const { results, refusals } = JSON.parse(stdout) as { results: number; refusals: number };
    expect(results).toBeGreaterThan(20_000);
    expect(refusals).toBeGreaterThan(3000);
  },
);
