import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as module from '@bsd-sockets/socket';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  type Family,
  familyOf,
  fromfd,
  newSockaddr,
  registerFamily,
  SOCK_DGRAM,
  SOCK_STREAM,
  Socket,
  type SocketInfo,
} from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { refusal } from './open-descriptors';
import { onWindows } from './platform';
import { runProgram } from './program';

const require = createRequire(import.meta.url);

/** A family whose number no kernel has: its sockets are those of IPv4 that were told another family. */
function registerTestFamily<Address>(number: number, family: Partial<Family<Address, Address>>) {
  return registerFamily<Address, Address>({
    number,
    name: `AF_TEST${number}`,
    encode: () => Buffer.alloc(0),
    decode: () => undefined as Address,
    ...family,
  });
}

function socketOf<F extends number>(family: F, type = SOCK_DGRAM): Socket<F> {
  using inet = new Socket(AF_INET, type);
  return fromfd(inet.fileno(), family, type);
}

/** A port of this host. */
interface Port {
  port: number;
}

const encodePort = ({ port }: Port) => {
  const encoded = newSockaddr(AF_INET, 16);
  encoded.writeUInt16BE(port, 2);
  encoded.set([127, 0, 0, 1], 4);
  return encoded;
};
const decodePort = (sockaddr: Uint8Array): Port => ({ port: Buffer.from(sockaddr).readUInt16BE(2) });
/** That of a socket which is bound to one, asked of no family. */
const portOf = (socket: Socket) => {
  using inet = fromfd(socket.fileno(), AF_INET, SOCK_DGRAM);
  return inet.getsockname()[1];
};
/** One that is free. */
const free = { port: 0 };

describe('a family of a third party', () => {
  const AF_PORTS = registerTestFamily<Port>(200, { encode: encodePort, decode: decodePort });

  test('encodes and decodes the addresses of its sockets', () => {
    using server = socketOf(AF_PORTS, SOCK_STREAM);
    server.bind(free);
    server.listen();
    const address = server.getsockname();
    expect(address).toEqual({ port: expect.any(Number) });
    using client = socketOf(AF_PORTS, SOCK_STREAM);
    client.bind(free);
    client.connect(address);
    const own = client.getsockname();
    expect(own.port).not.toBe(address.port);
    const [accepted, from] = server.accept();
    using _accepted = accepted;
    expect([from, client.getpeername(), accepted.getpeername()]).toEqual([own, address, own]);
    expect(accepted.family).toBe(AF_PORTS);
  });

  test('serves sendto and recvfrom', () => {
    using a = socketOf(AF_PORTS);
    using b = socketOf(AF_PORTS);
    a.bind(free);
    b.bind(free);
    expect(a.sendto(Buffer.from('x'), b.getsockname())).toBe(1);
    expect(b.recvfrom(1)).toEqual([Buffer.from('x'), a.getsockname()]);
  });

  test('is told about the socket', () => {
    const seen: SocketInfo[] = [];
    const family = registerTestFamily<string>(201, {
      encode: (_address, socket) => {
        seen.push(socket);
        return encodePort(free);
      },
      decode: (_sockaddr, socket) => {
        seen.push(socket);
        return '';
      },
    });
    using inet = new Socket(AF_INET, SOCK_DGRAM);
    using socket = fromfd(inet.fileno(), family, SOCK_DGRAM, 7);
    socket.bind('anything');
    socket.getsockname();
    const about = seen.map((info) => [info.family, info.type, info.proto, info.fileno()]);
    expect(about).toEqual([1, 2].map(() => [201, SOCK_DGRAM, 7, socket.fileno()]));
  });

  test('gets no more bytes than the address has', () => {
    const lengths: number[] = [];
    const family = registerTestFamily<undefined>(202, {
      decode: (sockaddr) => {
        lengths.push(sockaddr.length);
        return undefined;
      },
    });
    const name = `\0${process.pid} of a length`;
    const kinds: [kind: number, address: unknown, length: number][] = [
      [AF_INET, ['127.0.0.1', 0], 16],
      [AF_INET6, ['::1', 0], 28],
      ...(onWindows ? [] : ([[AF_UNIX, name, 2 + name.length]] as [number, string, number][])),
    ];
    for (const [kind, address] of kinds) {
      using bound = new Socket<any>(kind, SOCK_DGRAM);
      bound.bind(address);
      using copy = fromfd(bound.fileno(), family, SOCK_DGRAM);
      copy.getsockname();
    }
    expect(lengths).toEqual(kinds.map(([, , length]) => length));
  });

  test('may use a socket itself while it decodes', async () => {
    using other = new Socket(AF_INET, SOCK_DGRAM);
    other.bind(['127.0.0.1', 0]);
    const family = registerTestFamily<Port>(214, {
      encode: encodePort,
      decode: (sockaddr) => {
        other.getsockname();
        return decodePort(sockaddr);
      },
    });
    using sender = socketOf(family);
    using receiver = socketOf(family);
    sender.bind(free);
    receiver.bind(free);
    receiver.settimeout(2);
    using promised = promises.Socket.from(receiver.dup());
    const port = portOf(sender);
    for (let sent = 0; sent < 4; sent++) sender.sendto(Buffer.from('x'), { port: portOf(receiver) });
    const addresses = [
      sender.getsockname(),
      receiver.recvfrom(1)[1],
      receiver.recvmsg(1)[3],
      (await promised.recvfrom(1))[1],
      receiver.recvmmsg(1, 1)[0]?.[3],
    ];
    expect(addresses).toEqual(addresses.map(() => ({ port })));
    expect(String(sender)).toContain(`laddr={ port: ${port} }`);
  });

  test('may use a socket itself while it encodes', () => {
    const family = registerTestFamily<Port>(203, {
      encode: (address) => {
        using other = new Socket(AF_INET, SOCK_DGRAM);
        other.bind(['127.0.0.1', 0]);
        other.sendto(Buffer.from('elsewhere'), other.getsockname());
        other.recvfrom(100);
        return encodePort(address);
      },
      decode: decodePort,
    });
    using a = socketOf(family);
    a.bind(free);
    const address = a.getsockname();
    expect(a.sendto(Buffer.from('here'), address)).toBe(4);
    expect(a.recvfrom(100)).toEqual([Buffer.from('here'), address]);
  });

  test('that throws in encode leaves everything as it was', () => {
    const family = registerTestFamily<string>(204, {
      encode: () => {
        throw new TypeError('no address of mine');
      },
    });
    using socket = socketOf(family);
    for (const call of [() => socket.bind('x'), () => socket.connect('x'), () => socket.sendto(Buffer.alloc(1), 'x')]) {
      expect(refusal(call).message).toBe('no address of mine');
    }
  });

  test('that throws in decode leaves no accepted connection open', () => {
    const family = registerTestFamily<Port>(205, {
      encode: encodePort,
      decode: () => {
        throw new Error('cannot decode');
      },
    });
    using server = socketOf(family, SOCK_STREAM);
    server.bind(free);
    server.listen();
    using inet = fromfd(server.fileno(), AF_INET, SOCK_STREAM);
    using client = new Socket(AF_INET);
    client.connect(inet.getsockname());
    expect(refusal(() => server.accept()).message).toBe('cannot decode');
    // The peer sees the end of the connection.
    expect(client.recv(1)).toHaveLength(0);
  });
});

describe('the registry', () => {
  test('refuses a different family for a number that has one', () => {
    const before = familyOf(AF_INET);
    const other = { number: AF_INET, name: 'AF_OTHER', encode: () => Buffer.alloc(0), decode: () => '' };
    for (const family of [other, { ...other, package: 'somebody-else' }]) {
      const error = refusal(() => registerFamily(family));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({
        code: 'ERR_INVALID_ARG_VALUE',
        message: expect.stringMatching(/^family: .*2 is AF_INET.*AF_OTHER/),
      });
    }
    expect(familyOf(AF_INET)).toBe(before);
  });

  test('refuses a second one without a package of its own', () => {
    registerTestFamily(210, {});
    expect(refusal(() => registerTestFamily(210, {}))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
  });

  test('takes the same family again', () => {
    const family = { number: 211, name: 'AF_SAME', encode: () => Buffer.alloc(0), decode: () => '' };
    expect([registerFamily(family), registerFamily(family)]).toEqual([211, 211]);
    expect(familyOf(211)).toBe(family);
  });

  test('takes another copy of the same package, and the first one stays', () => {
    const family = { number: 212, name: 'AF_COPY', package: 'copied', encode: () => Buffer.alloc(0), decode: () => '' };
    registerFamily(family);
    expect(registerFamily({ ...family })).toBe(212);
    expect(familyOf(212)).toBe(family);
  });

  test('gives a number without a family one that deals in bytes', () => {
    const family = familyOf(213);
    const bytes = Buffer.of(1, 2, 3);
    const socket = { family: 213, type: 1, proto: 0, fileno: () => -1 };
    expect(family.encode(bytes, socket)).toEqual(bytes);
    const decoded = family.decode(bytes, socket);
    expect(decoded).toEqual(bytes);
    expect(decoded.buffer).not.toBe(bytes.buffer);
  });
});

describe('copies of the package', () => {
  test('as an ECMAScript module and as CommonJS are one', () => {
    const commonJs = require('@bsd-sockets/socket') as typeof module;
    // The promise face, which `require` has when it is asked for, is an entry of its own for `import`.
    const names = Object.keys(commonJs).filter((name) => name !== 'promises');
    expect(names.sort()).toEqual(
      Object.keys(module)
        // Node 23 and newer add 'module.exports'.
        .filter((name) => name !== 'default' && name !== 'module.exports')
        .sort(),
    );
    const unlike = names.filter((name) => (commonJs as any)[name] !== (module as any)[name]);
    expect(unlike).toEqual([]);
  });

  test('in a folder of its own share the registry and know the errors of each other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bsd-copy-'));
    try {
      const copyOf = (name: string, ...parts: string[]) => {
        const root = dirname(require.resolve(`@bsd-sockets/${name}/package.json`));
        const target = join(folder, 'node_modules', '@bsd-sockets', name);
        for (const part of ['package.json', 'dist', ...parts]) {
          cpSync(join(root, part), join(target, part), { recursive: true });
        }
        return target;
      };
      // Of Windows the checkout has the binary that is published.
      copyOf('core-native', onWindows ? 'prebuilds' : join('build', 'Release'));
      copyOf('resolver');
      const copy = copyOf('socket');
      const { said, stderr } = await runProgram(
        `const copy = require(args[0]);
         const AF_TEST = 200;
         const family = { number: AF_TEST, name: 'AF_TEST', encode: () => Buffer.alloc(0), decode: () => 'decoded' };
         sockets.registerFamily(family);
         const error = (() => { try { new copy.Socket(999); } catch (error) { return error; } })();
         const [a, b] = sockets.socketpair();
         say({
           different: copy.Socket !== sockets.Socket && copy.OSError !== sockets.OSError,
           families: [sockets.AF_INET, sockets.AF_UNIX, AF_TEST].map((number) => copy.familyOf(number) === sockets.familyOf(number)),
           error: [error instanceof sockets.OSError, error instanceof sockets.PermissionError, error.code],
           address: copy.fromfd(a.fileno(), AF_TEST, sockets.SOCK_STREAM).getsockname(),
         });
         process.exit();`,
        { args: [copy] },
      );
      expect({ said, stderr }).toEqual({
        said: [
          { different: true, families: [true, true, true], error: [true, false, 'EAFNOSUPPORT'], address: 'decoded' },
        ],
        stderr: '',
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
