import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  BaseSocket,
  ConnectionRefusedError,
  close,
  createConnection,
  createServer,
  defineOption,
  EAI_ADDRFAMILY,
  EAI_NONAME,
  EAI_SERVICE,
  fromfd,
  GaiError,
  OSError,
  options,
  PermissionError,
  registerControlMessage,
  registerFamily,
  SHUT_RDWR,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  setdefaulttimeout,
  socketpair,
} from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { refusal } from './open-descriptors';
import { errorOf, noSocket, onWindows } from './platform';

// A name that no name service is asked for: a label has at most 63 bytes.
const UNKNOWN_HOST = `${'x'.repeat(64)}.invalid`;
const PORT = 9;
// Of the family of a pair.
const NOBODY = onWindows ? ['127.0.0.1', PORT] : '\0nobody';

type Kind = [kind: string, value: unknown];

const noIntegers: Kind[] = [
  ['a string', '2'],
  ['undefined', undefined],
  ['a boolean', true],
  ['a bigint', 2n],
  ['a symbol', Symbol('two')],
  ['a function', () => 2],
];
const outOfInt32: Kind[] = [
  ['a fraction', 1.5],
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['more than 32 bits', 2 ** 31],
];

function expectRefusal(call: () => unknown, errorClass: ErrorConstructor, code: string, name: string) {
  const error = refusal(call);
  expect(error.constructor).toBe(errorClass);
  expect(error).toMatchObject({ code, message: expect.stringMatching(`^${name}: expected `) });
  return error;
}

function expectWrongType(name: string, call: () => unknown) {
  return expectRefusal(call, TypeError, 'ERR_INVALID_ARG_TYPE', name);
}

function expectOutOfRange(name: string, call: () => unknown) {
  return expectRefusal(call, RangeError, 'ERR_OUT_OF_RANGE', name);
}

function expectWrongValue(name: string, call: () => unknown) {
  return expectRefusal(call, RangeError, 'ERR_INVALID_ARG_VALUE', name);
}

describe('the constructor', () => {
  const parameters = ['family', 'type', 'proto', 'fileno'];
  const construct = (name: string, value: unknown) => {
    const args = parameters.map((parameter) => (parameter === name ? value : null));
    return new Socket(...(args as []));
  };

  for (const name of parameters) {
    test.each(noIntegers)(`${name}: %s is a TypeError`, (_kind, value) => {
      expectWrongType(name, () => construct(name, value));
      expectWrongType(name, () => new Socket({ [name]: value }));
    });

    test.each(outOfInt32)(`${name}: %s is a RangeError`, (_kind, value) => {
      expectOutOfRange(name, () => construct(name, value));
    });
  }

  test('an array is no options object', () => {
    expectWrongType('family', () => Reflect.construct(Socket, [[AF_UNIX, SOCK_DGRAM]]));
  });

  test('a constant that the platform does not have is named as such', () => {
    expect(refusal(() => new Socket(undefined as never)).message).toContain(
      `a constant that ${process.platform} does not have`,
    );
  });

  test('a negative descriptor is refused', () => {
    expectOutOfRange('fileno', () => new Socket(null, null, null, -1));
  });

  test.each([
    ['family', () => new Socket(999), 'EAFNOSUPPORT', '999'],
    ['type', () => new Socket(AF_INET, 77), onWindows ? 'ESOCKTNOSUPPORT' : 'EINVAL', '77'],
    ['protocol', () => new Socket(AF_INET, SOCK_STREAM, 77), 'EPROTONOSUPPORT', '77'],
  ])('a %s that the kernel refuses is in the message', (_name, call, code, number) => {
    const error = refusal(call);
    expect(error.constructor).toBe(OSError);
    expect(error).toMatchObject({ ...errorOf(code), syscall: 'socket' });
    expect(error.message).toContain(number);
  });

  test.skipIf(without('a pair of the kernel'))(
    'a family of a pair that the kernel refuses is in the message (a pair of the kernel)',
    () => {
      const error = refusal(() => socketpair(999));
      expect(error.constructor).toBe(OSError);
      expect(error).toMatchObject({ ...errorOf('EAFNOSUPPORT'), syscall: 'socketpair' });
      expect(error.message).toContain('999');
    },
  );
});

describe('other openers', () => {
  test('a pair of a family without pairs', () => {
    // Windows has them of AF_INET alone, by the loopback.
    const error = refusal(() => socketpair(onWindows ? AF_UNIX : AF_INET));
    expect(error).toMatchObject({ ...errorOf('EOPNOTSUPP'), syscall: 'socketpair' });
  });

  test.each(noIntegers.filter(([, value]) => value !== undefined))('socketpair: %s for a number', (_kind, value) => {
    expectWrongType('family', () => socketpair(value as never));
    expectWrongType('type', () => socketpair(AF_UNIX, value as never));
    expectWrongType('proto', () => socketpair(AF_UNIX, SOCK_STREAM, value as never));
  });

  test('fromfd refuses what is no descriptor', () => {
    expectWrongType('fd', () => fromfd('3' as never, AF_INET, SOCK_STREAM));
    expect(refusal(() => fromfd(-1, AF_INET, SOCK_STREAM))).toMatchObject(noSocket);
    expect(refusal(() => fromfd(999_999, AF_INET, SOCK_STREAM))).toMatchObject(noSocket);
  });

  test('fromfd closes its duplicate if another argument is wrong', () => {
    using socket = new Socket();
    expectWrongType('family', () => fromfd(socket.fileno(), 'AF_INET' as never, SOCK_STREAM));
    expectWrongType('type', () => fromfd(socket.fileno(), AF_INET, 'x' as never));
    expectWrongType('proto', () => fromfd(socket.fileno(), AF_INET, SOCK_STREAM, 'x' as never));
  });

  test('close refuses what is no descriptor', () => {
    expectWrongType('fd', () => close('3' as never));
    for (const fd of [-1, 999_999]) {
      expect(refusal(() => close(fd))).toMatchObject({ ...noSocket, syscall: 'close' });
    }
  });

  test.each([
    ['a string', 'localhost:80'],
    ['null', null],
    ['one element', ['127.0.0.1']],
    ['three elements', ['127.0.0.1', 80, 0]],
  ])('createConnection: %s for an address', (_kind, address) => {
    expectWrongType('address', () => createConnection(address as never));
  });

  test('createConnection closes its socket when the source address or the timeout is wrong', () => {
    expectWrongType('port', () => createConnection(['127.0.0.1', PORT], null, ['127.0.0.1', '0'] as never));
    expectWrongValue('timeout', () => createConnection(['127.0.0.1', PORT], -1));
    expectWrongType('timeout', () => createConnection(['127.0.0.1', PORT], '5' as never));
  });

  test.each([
    ['a string', '127.0.0.1'],
    ['one element', ['127.0.0.1']],
    ['options', { allErrors: true }],
  ])('createConnection: %s for a source address is not taken for the address', async (_kind, source) => {
    const address = ['127.0.0.1', PORT] as const;
    expectWrongType('sourceAddress', () => createConnection(address, null, source as never));
    const error = await promises.createConnection(address, null, source as never).catch((error) => error);
    expectWrongType('sourceAddress', () => {
      throw error;
    });
  });

  test('createServer closes its socket when an argument is wrong', () => {
    expectOutOfRange('port', () => createServer(['127.0.0.1', 65536]));
    expectWrongType('backlog', () => createServer(['127.0.0.1', 0], { backlog: '5' as never }));
    expectWrongType('family', () => createServer(['127.0.0.1', 0] as never, { family: 'AF_INET' as never }));
    expectWrongValue('dualstackIpv6', () => createServer(['127.0.0.1', 0], { dualstackIpv6: true }));
  });

  test('setdefaulttimeout', () => {
    expectWrongType('timeout', () => setdefaulttimeout('1' as never));
    expectWrongValue('timeout', () => setdefaulttimeout(-1));
  });
});

type AddressCall = [name: string, call: (socket: any, address: unknown) => unknown];

const addressCalls: AddressCall[] = [
  ['bind', (socket, address) => socket.bind(address)],
  ['connect', (socket, address) => socket.connect(address)],
  ['connectEx', (socket, address) => socket.connectEx(address)],
  ['sendto', (socket, address) => socket.sendto(Buffer.from('x'), address)],
  ['sendto with flags', (socket, address) => socket.sendto(Buffer.from('x'), 0, address)],
];

describe.each(addressCalls)('an address for %s', (_name, call) => {
  const shapes: Kind[] = [
    ['undefined', undefined],
    ['null', null],
    ['a number', 80],
    ['a string', '127.0.0.1'],
    ['bytes', Buffer.alloc(16)],
    ['an empty array', []],
    ['only a host', ['127.0.0.1']],
    ['an object', { host: '127.0.0.1', port: 80 }],
  ];

  test.each([...shapes, ['three elements', ['127.0.0.1', 80, 0]] as Kind])('AF_INET: %s', (_kind, address) => {
    using socket = new Socket(AF_INET, SOCK_DGRAM);
    const error = expectWrongType('address', () => call(socket, address));
    expect(error.message).toContain('AF_INET');
  });

  test.each([...shapes, ['five elements', ['::1', 80, 0, 0, 0]] as Kind])('AF_INET6: %s', (_kind, address) => {
    using socket = new Socket(AF_INET6, SOCK_DGRAM);
    const error = expectWrongType('address', () => call(socket, address));
    expect(error.message).toContain('AF_INET6');
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 80],
    ['a pair', ['127.0.0.1', 80]],
    ['an object', {}],
  ])('AF_UNIX: %s', (_kind, address) => {
    // Whether the kernel has such sockets or not.
    using inet = new Socket(AF_INET, SOCK_DGRAM);
    using socket = fromfd(inet.fileno(), AF_UNIX, SOCK_DGRAM);
    const error = expectWrongType('address', () => call(socket, address));
    expect(error.message).toContain('AF_UNIX');
  });

  test.each([
    ['a string', '80'],
    ['no number in a string', '80x'],
    ['null', null],
    ['undefined', undefined],
    ['a bigint', 80n],
  ])('a port that is %s', (_kind, port) => {
    using ip4 = new Socket(AF_INET, SOCK_DGRAM);
    expectWrongType('port', () => call(ip4, ['127.0.0.1', port]));
    using ip6 = new Socket(AF_INET6, SOCK_DGRAM);
    expectWrongType('port', () => call(ip6, ['::1', port]));
  });

  test.each([-1, 65536, Number.NaN, 1.5, Number.POSITIVE_INFINITY])('the port %s', (port) => {
    using ip4 = new Socket(AF_INET, SOCK_DGRAM);
    expectOutOfRange('port', () => call(ip4, ['127.0.0.1', port]));
    using ip6 = new Socket(AF_INET6, SOCK_DGRAM);
    expectOutOfRange('port', () => call(ip6, ['::1', port]));
  });

  test.each([
    ['null', null],
    ['a number', 0x7f000001],
    ['an array', [127, 0, 0, 1]],
  ])('a host that is %s', (_kind, host) => {
    using ip4 = new Socket(AF_INET, SOCK_DGRAM);
    expectWrongType('host', () => call(ip4, [host, 80]));
    using ip6 = new Socket(AF_INET6, SOCK_DGRAM);
    expectWrongType('host', () => call(ip6, [host, 80]));
  });

  test('a host with a NUL', () => {
    using socket = new Socket(AF_INET, SOCK_DGRAM);
    for (const host of ['127.0.0.1\0.invalid', Buffer.from('127.0.0.1\0')]) {
      expectWrongValue('host', () => call(socket, [host, 80]));
    }
  });

  test('an unknown host', () => {
    using socket = new Socket(AF_INET, SOCK_DGRAM);
    const error = refusal(() => call(socket, [UNKNOWN_HOST, 80]));
    expect(error).toBeInstanceOf(GaiError);
    expect(error).toMatchObject({ code: 'EAI_NONAME', errno: EAI_NONAME, address: UNKNOWN_HOST });
    expect(error.message).toContain(UNKNOWN_HOST);
  });

  test('a host of the other family', () => {
    using ip4 = new Socket(AF_INET, SOCK_DGRAM);
    const error = onWindows
      ? { code: 'EAI_NONAME', errno: EAI_NONAME }
      : { code: 'EAI_ADDRFAMILY', errno: EAI_ADDRFAMILY };
    expect(refusal(() => call(ip4, ['::1', 80]))).toMatchObject({ ...error, address: '::1' });
    using ip6 = new Socket(AF_INET6, SOCK_DGRAM);
    expect(refusal(() => call(ip6, ['127.0.0.1', 80]))).toMatchObject({ ...error, address: '127.0.0.1' });
  });

  test('flow information and scope of IPv6', () => {
    using socket = new Socket(AF_INET6, SOCK_DGRAM);
    for (const flowinfo of [-1, 2 ** 20, 0.5]) {
      expectOutOfRange('flowinfo', () => call(socket, ['::1', 80, flowinfo]));
    }
    for (const scopeId of [-1, 2 ** 32, Number.NaN]) {
      expectOutOfRange('scopeId', () => call(socket, ['::1', 80, 0, scopeId]));
    }
    expectWrongType('flowinfo', () => call(socket, ['::1', 80, '0']));
    expectWrongType('scopeId', () => call(socket, ['::1', 80, 0, 'lo']));
  });
});

type BytesCall = [name: string, parameter: string, call: (socket: any, value: unknown) => unknown];

const bytesCalls: BytesCall[] = [
  ['send', 'data', (socket, value) => socket.send(value)],
  ['sendall', 'data', (socket, value) => socket.sendall(value)],
  ['sendto', 'data', (socket, value) => socket.sendto(value, NOBODY)],
  ['recvInto', 'buffer', (socket, value) => socket.recvInto(value)],
  ['recvfromInto', 'buffer', (socket, value) => socket.recvfromInto(value)],
];

describe.each(bytesCalls)('bytes for %s', (_name, parameter, call) => {
  test('a string is refused and told how to be encoded', () => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    const error = expectWrongType(parameter, () => call(a, 'text'));
    expect(error.message).toContain(`Buffer.from(${parameter}, 'utf8')`);
  });

  test.each([
    ['undefined', undefined],
    ['an array of numbers', [1, 2, 3]],
    ['an object', { length: 3 }],
    ['a symbol', Symbol('bytes')],
    ['a bigint', 1n],
  ])('%s is refused', (_kind, value) => {
    const [a, b] = socketpair();
    using _a = a;
    using _b = b;
    expectWrongType(parameter, () => call(a, value));
  });
});

describe('other arguments', () => {
  test.each(['1', undefined, 1n, Symbol('one')])('setsockopt: %s is no value', (value) => {
    using socket = new Socket();
    const { message } = expectWrongType('value', () => socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, value as never));
    expect(message).toMatch(/^value: expected an integer or bytes, such as Buffer.from\(.eth0.\), got /);
  });

  test.each(['no', undefined, null, 0n])('setblocking: %s is no flag', (flag) => {
    using socket = new Socket();
    const { message } = expectWrongType('flag', () => socket.setblocking(flag as never));
    expect(message).toMatch(/^flag: expected true or false, got /);
  });

  test.each([undefined, null, 5, {}])('Socket.from: %s is no socket', (value) => {
    for (const Face of [Socket, promises.Socket]) expectWrongType('socket', () => Face.from(value as never));
  });

  test.each([undefined, null, 5, {}])(
    'registerFamily, defineOption and registerControlMessage: %s is no definition',
    (value) => {
      expectWrongType('family', () => registerFamily(value as never));
      expectWrongType('definition', () => defineOption(value as never));
      expectWrongType('definition', () => registerControlMessage(value as never));
    },
  );

  test.each([promises.HttpAgent, promises.HttpsAgent])('%o without options', (Agent) => {
    expectWrongType('options', () => new Agent(undefined as never));
  });

  type NumberCall = [name: string, parameter: string, call: (socket: any, value: unknown) => unknown];
  const one = Buffer.of(1);
  const numberCalls: NumberCall[] = [
    ['recv', 'bufsize', (socket, value) => socket.recv(value)],
    ['recvfrom', 'bufsize', (socket, value) => socket.recvfrom(value)],
    ['recv', 'flags', (socket, value) => socket.recv(1, value)],
    ['recvfrom', 'flags', (socket, value) => socket.recvfrom(1, value)],
    ['recvInto', 'nbytes', (socket, value) => socket.recvInto(Buffer.alloc(1), value)],
    ['recvInto', 'flags', (socket, value) => socket.recvInto(Buffer.alloc(1), 0, value)],
    ['recvfromInto', 'nbytes', (socket, value) => socket.recvfromInto(Buffer.alloc(1), value)],
    ['recvfromInto', 'flags', (socket, value) => socket.recvfromInto(Buffer.alloc(1), 0, value)],
    ['send', 'flags', (socket, value) => socket.send(one, value)],
    ['sendall', 'flags', (socket, value) => socket.sendall(one, value)],
    ['sendto', 'flags', (socket, value) => socket.sendto(one, value, NOBODY)],
    ['listen', 'backlog', (socket, value) => socket.listen(value)],
    ['shutdown', 'how', (socket, value) => socket.shutdown(value)],
    ['getsockopt', 'level', (socket, value) => socket.getsockopt(value, SO_REUSEADDR)],
    ['getsockopt', 'optname', (socket, value) => socket.getsockopt(SOL_SOCKET, value)],
    ['getsockopt', 'buflen', (socket, value) => socket.getsockopt(SOL_SOCKET, SO_REUSEADDR, value)],
    ['setsockopt', 'level', (socket, value) => socket.setsockopt(value, SO_REUSEADDR, 1)],
    ['setsockopt', 'optname', (socket, value) => socket.setsockopt(SOL_SOCKET, value, 1)],
    ['setsockopt', 'optlen', (socket, value) => socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, null, value)],
  ];

  const pair = () => {
    const [a, b] = socketpair();
    // No call here may wait.
    a.setblocking(false);
    return [a, b] as const;
  };

  describe.each(numberCalls)('%s: %s', (_name, parameter, call) => {
    test.each(noIntegers.filter(([, value]) => value !== undefined))('%s', (_kind, value) => {
      const [a, b] = pair();
      using _a = a;
      using _b = b;
      expectWrongType(parameter, () => call(a, value));
    });

    // No buffer is as large: that is what is wrong with the number, as in Python.
    const tooLarge = parameter === 'nbytes' ? expectWrongValue : expectOutOfRange;
    test.each(outOfInt32)('%s', (_kind, value) => {
      const [a, b] = pair();
      using _a = a;
      using _b = b;
      (value === 2 ** 31 ? tooLarge : expectOutOfRange)(parameter, () => call(a, value));
    });
  });

  test('a negative size', () => {
    const [a, b] = pair();
    using _a = a;
    using _b = b;
    expectOutOfRange('bufsize', () => a.recv(-1));
    expectOutOfRange('bufsize', () => a.recvfrom(-1));
    expectOutOfRange('nbytes', () => a.recvInto(Buffer.alloc(4), -1));
    for (const buflen of [-1, 1025]) {
      const error = refusal(() => a.getsockopt(SOL_SOCKET, SO_REUSEADDR, buflen));
      expect(error).toMatchObject({ code: 'EINVAL', syscall: 'getsockopt' });
      expect(error.message).toContain(`buflen is from 0 to 1024, got ${buflen}`);
    }
  });

  test('recv without a size', () => {
    const [a, b] = pair();
    using _a = a;
    using _b = b;
    expectWrongType('bufsize', () => a.recv(undefined as never));
  });

  test('more bytes than the buffer holds', () => {
    const [a, b] = pair();
    using _a = a;
    using _b = b;
    expectWrongValue('nbytes', () => a.recvInto(Buffer.alloc(4), 5));
    expectWrongValue('nbytes', () => a.recvfromInto(Buffer.alloc(4), 5));
  });

  test.each([
    ['a string', '1'],
    ['a boolean', true],
    ['a bigint', 1n],
  ])('a timeout that is %s', (_kind, value) => {
    using socket = new Socket();
    expectWrongType('timeout', () => socket.settimeout(value as never));
    expect(socket.gettimeout()).toBeUndefined();
  });

  test.each([-1, Number.NaN])('a timeout of %s', (value) => {
    using socket = new Socket();
    expectWrongValue('timeout', () => socket.settimeout(value));
    expect(socket.gettimeout()).toBeUndefined();
  });

  test.each([Number.POSITIVE_INFINITY, 9_223_372_037])('a timeout of %s, which is too long', (value) => {
    using socket = new Socket();
    expectOutOfRange('timeout', () => socket.settimeout(value));
    expect(socket.gettimeout()).toBeUndefined();
  });

  test('a direction that is none', () => {
    const [a, b] = pair();
    using _a = a;
    using _b = b;
    expect(refusal(() => a.shutdown(99))).toMatchObject({ ...errorOf('EINVAL'), syscall: 'shutdown' });
  });
});

describe('what the kernel refuses', () => {
  test('a second bind of a socket', () => {
    using socket = new Socket();
    socket.bind(['127.0.0.1', 0]);
    const error = refusal(() => socket.bind(['127.0.0.1', 0]));
    expect(error.constructor).toBe(OSError);
    expect(error).toMatchObject({ ...errorOf('EINVAL'), syscall: 'bind', address: ['127.0.0.1', 0] });
    expect(error.message).toContain("[ '127.0.0.1', 0 ]");
  });

  test('an address that is taken', () => {
    using first = createServer(['127.0.0.1', 0]);
    const address = first.getsockname();
    using second = new Socket();
    const error = refusal(() => second.bind(address));
    expect(error).toMatchObject({ ...errorOf('EADDRINUSE'), syscall: 'bind', address });
    expect(error.message).toContain(`${address[1]}`);
    expect(refusal(() => createServer(address))).toMatchObject({ code: 'EADDRINUSE', syscall: 'bind', address });
  });

  test('an address that is not of this machine', () => {
    using socket = new Socket();
    expect(refusal(() => socket.bind(['192.0.2.1', 0]))).toMatchObject(errorOf('EADDRNOTAVAIL'));
  });

  test('a refused connection', () => {
    using closed = createServer(['127.0.0.1', 0]);
    const address = closed.getsockname();
    closed.close();
    using socket = new Socket();
    const error = refusal(() => socket.connect(address));
    expect(error.constructor).toBe(ConnectionRefusedError);
    expect(error).toMatchObject({ ...errorOf('ECONNREFUSED'), syscall: 'connect', address });
    expect(error.message).toContain(`'127.0.0.1', ${address[1]}`);
    const whole = refusal(() => createConnection(address));
    expect(whole.constructor).toBe(ConnectionRefusedError);
    expect(whole).toMatchObject({ syscall: 'connect', address });
    const all = refusal(() => createConnection(address, { allErrors: true }));
    expect(all).toBeInstanceOf(AggregateError);
    expect(all.errors).toEqual([expect.objectContaining({ code: 'ECONNREFUSED', address })]);
  });

  test('an unknown host for createConnection', () => {
    const error = refusal(() => createConnection([UNKNOWN_HOST, 80]));
    expect(error).toBeInstanceOf(GaiError);
    expect(error.message).toContain(UNKNOWN_HOST);
  });

  test('a service that is unknown for createConnection', () => {
    expect(refusal(() => createConnection(['127.0.0.1', '80x']))).toMatchObject({
      code: 'EAI_SERVICE',
      errno: EAI_SERVICE,
    });
  });

  test('broadcast without its option', () => {
    using socket = new Socket(AF_INET, SOCK_DGRAM);
    const error = refusal(() => socket.connect(['<broadcast>', PORT]));
    expect(error.constructor).toBe(PermissionError);
    expect(error).toMatchObject({ ...errorOf('EACCES'), address: ['<broadcast>', PORT] });
  });

  type Row = [name: string, call: (socket: Socket) => unknown, code: string];
  const shutdown: Row = ['shutdown', (socket) => socket.shutdown(SHUT_RDWR), 'ENOTCONN'];
  test.each<Row>([
    ['listen', (socket) => socket.listen(), 'EOPNOTSUPP'],
    ['accept', (socket) => socket.accept(), 'EOPNOTSUPP'],
    ['getpeername', (socket) => socket.getpeername(), 'ENOTCONN'],
    ['send', (socket) => socket.send(Buffer.from('x')), onWindows ? 'ENOTCONN' : 'EDESTADDRREQ'],
    // Windows shuts it down.
    ...(onWindows ? [] : [shutdown]),
  ])('%s on an unconnected datagram socket', (name, call, code) => {
    using socket = new Socket(AF_INET, SOCK_DGRAM);
    expect(refusal(() => call(socket))).toMatchObject({ code, syscall: name });
  });
});

describe('a closed socket', () => {
  const calls: Record<string, (socket: Socket) => unknown> = {
    accept: (socket) => socket.accept(),
    bind: (socket) => socket.bind(['127.0.0.1', 0]),
    connect: (socket) => socket.connect(['127.0.0.1', PORT]),
    dup: (socket) => socket.dup(),
    getInheritable: (socket) => socket.getInheritable(),
    disconnect: (socket) => socket.disconnect(),
    getOption: (socket) => socket.getOption(options.TCP_NODELAY),
    getpeername: (socket) => socket.getpeername(),
    getsockname: (socket) => socket.getsockname(),
    getsockopt: (socket) => socket.getsockopt(SOL_SOCKET, SO_REUSEADDR),
    listen: (socket) => socket.listen(),
    recv: (socket) => socket.recv(1),
    recvExactly: (socket) => socket.recvExactly(1),
    recvInto: (socket) => socket.recvInto(Buffer.alloc(1)),
    recvfrom: (socket) => socket.recvfrom(1),
    recvfromInto: (socket) => socket.recvfromInto(Buffer.alloc(1)),
    recvmmsg: (socket) => socket.recvmmsg(1, 1),
    recvmsg: (socket) => socket.recvmsg(1),
    recvmsgInto: (socket) => socket.recvmsgInto([Buffer.alloc(1)]),
    send: (socket) => socket.send(Buffer.from('x')),
    sendall: (socket) => socket.sendall(Buffer.from('x')),
    sendfile: (socket) => socket.sendfile(process.execPath),
    sendmmsg: (socket) => socket.sendmmsg([[Buffer.from('x')]]),
    sendmsg: (socket) => socket.sendmsg([Buffer.from('x')]),
    sendto: (socket) => socket.sendto(Buffer.from('x'), ['127.0.0.1', PORT]),
    setInheritable: (socket) => socket.setInheritable(true),
    setOption: (socket) => socket.setOption(options.TCP_NODELAY, true),
    setblocking: (socket) => socket.setblocking(false),
    setsockopt: (socket) => socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1),
    settimeout: (socket) => socket.settimeout(1),
    shutdown: (socket) => socket.shutdown(SHUT_RDWR),
    sockatmark: (socket) => socket.sockatmark(),
  };
  const answers: Record<string, [call: (socket: Socket) => unknown, answer: unknown]> = {
    close: [(socket) => socket.close(), undefined],
    connectEx: [(socket) => socket.connectEx(['127.0.0.1', PORT]), noSocket.errno],
    detach: [(socket) => socket.detach(), -1],
    fileno: [(socket) => socket.fileno(), -1],
    getblocking: [(socket) => socket.getblocking(), true],
    gettimeout: [(socket) => socket.gettimeout(), undefined],
  };
  const ways: [string, (socket: Socket) => void][] = [
    ['closed', (socket) => socket.close()],
    ['detached', (socket) => close(socket.detach())],
  ];

  test('every public method is tried here', () => {
    // As in Python, a file may be made of a closed socket, and sendmsgAfalg asks for another family first.
    const inner = [
      'makefile',
      'sendmsgAfalg',
      // A closed socket has a text too.
      'toString',
      'toJSON',
      // Only Windows has these.
      'ioctl',
      'share',
      'constructor',
      'accepted',
      'check',
      'closedHint',
      'decode',
      'methodOf',
      'encode',
      'fail',
      'nonblockingBelow',
      'prepare',
      'prepareMessage',
      'receive',
      'receiveBatch',
      'receiveInto',
      'received',
      // Under sendFds and recvFds, which are tried in fds.test.ts.
      'recvRights',
      'release',
      'retain',
      'sendRights',
      'startConnect',
      // What turns one face into the other: tested with the promises.
      'surrender',
    ];
    const methods = [BaseSocket.prototype, Socket.prototype].flatMap((prototype) =>
      Object.entries(Object.getOwnPropertyDescriptors(prototype))
        .filter(([name, { value }]) => typeof value === 'function' && !inner.includes(name))
        .map(([name]) => name),
    );
    expect(methods.sort()).toEqual([...Object.keys(calls), ...Object.keys(answers)].sort());
  });

  describe.each(ways)('that was %s', (_way, end) => {
    test.each(Object.entries(calls))('%s is refused', (_name, call) => {
      const socket = new Socket();
      end(socket);
      const error = refusal(() => call(socket));
      expect(error.constructor).toBe(OSError);
      expect(error).toMatchObject(noSocket);
      expect(error.message).toContain('the socket is closed');
      expect(error.syscall).toBeTypeOf('string');
    });

    test.each(Object.entries(answers))('%s answers', (_name, [call, answer]) => {
      const socket = new Socket();
      end(socket);
      expect(call(socket)).toBe(answer);
    });
  });

  test('keeps what it was', () => {
    const socket = new Socket(AF_INET6, SOCK_DGRAM);
    socket.close();
    expect([socket.family, socket.type, socket.proto, socket.timeout]).toEqual([AF_INET6, SOCK_DGRAM, 0, undefined]);
  });
});

describe('without an addon', () => {
  const library = createRequire(import.meta.url).resolve('@bsd-sockets/socket');
  const tryWithout = (body: string) => {
    const code = `const sockets = require(process.argv[1]); try { ${body} } catch (error) { console.log(error.code) }`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', code, library], {
      encoding: 'utf8',
      env: { ...process.env, BSD_SOCKETS_ADDON: '/nowhere/core_native.node' },
    });
    return stdout + stderr;
  };

  test.each([
    ['a socket of the default family', 'new sockets.Socket()'],
    ['a socket of a named family', 'new sockets.Socket(sockets.AF_INET, sockets.SOCK_STREAM)'],
    ['a pair', 'sockets.socketpair()'],
    ['a server', "sockets.createServer(['127.0.0.1', 0])"],
    ['a connection', "sockets.createConnection(['127.0.0.1', 9])"],
    [
      'another family',
      "sockets.registerFamily({ number: sockets.AF_CAN, name: 'AF_CAN', encode() {}, decode() {} }); new sockets.Socket()",
    ],
  ])('%s says that there is none', (_name, body) => {
    expect(tryWithout(body)).toBe('ERR_BSD_SOCKETS_ADDON\n');
  });
});

test('a family may not encode to more than a sockaddr holds', () => {
  const number = registerFamily<Uint8Array, Uint8Array>({
    number: 250,
    name: 'AF_HUGE',
    encode: (address) => address,
    decode: (sockaddr) => sockaddr,
  });
  using inet = new Socket();
  using socket = fromfd(inet.fileno(), number, SOCK_STREAM);
  expectWrongValue('address', () => socket.bind(Buffer.alloc(257)));
});
