import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import {
  type AcceptedAddressOf,
  type AddressOf,
  type BaseSocket,
  BlockingIOError,
  ConnectionResetError,
  familyOf,
  OSError,
  SO_EXCLUSIVEADDRUSE,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
  TimeoutError,
} from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { type Check, check } from './check';
import { LONG } from './pair';

/** A family on a kernel that has it: how to open two of its sockets, and what passes between them. */
export interface SocketSubject<F extends number> {
  /** The family's constant, as `registerFamily` returned it. */
  readonly family: F;
  /** A SOCK_* constant. */
  readonly type: number;
  /** The protocol; 0 by default. */
  readonly proto?: number;
  /**
   * Addresses to bind a new socket to, each with the name that `getsockname` must return then: a value, or a function
   * that judges it. Without a name the socket is only bound.
   */
  readonly binds: readonly (readonly [
    address: AcceptedAddressOf<F>,
    name?: AddressOf<F> | ((name: AddressOf<F>) => boolean),
  ])[];
  /**
   * Opens two sockets: what the first one sends, the second one receives. See `connectedPair` and `boundPair`. It may
   * return one socket twice. The checks close them.
   */
  readonly open: () => SocketPair<F> | Promise<SocketPair<F>>;
  /** Where a server may listen: then `connect` and `accept` of the promise face are checked too. */
  readonly listen?: AcceptedAddressOf<F>;
  /** Whether they are connected: the first one's `getpeername` is the second one's `getsockname`, and the reverse. */
  readonly connected: boolean;
  /** The address of the second one, for `sendto`. Without it the first one uses `send`. */
  readonly to?: (second: BaseSocket<F>) => AcceptedAddressOf<F>;
  /**
   * What `recvfrom` tells of the first one. By default nothing (undefined) for connected streams and sequenced packets,
   * and the first one's `getsockname` for others.
   */
  readonly from?: (first: BaseSocket<F>) => AddressOf<F> | undefined;
  /** Bytes that the first one may send; a short text by default. */
  readonly data?: Uint8Array;
  /** What the second one receives of them; the same by default. */
  readonly received?: Uint8Array;
  /** Whether a close resets the connection, so that the peer's receive fails with ECONNRESET; false by default. */
  readonly closeResets?: boolean;
  /** Whether a receive waits while nothing has been sent; true by default. */
  readonly waits?: boolean;
}

/** Two sockets of a family. */
export type SocketPair<F extends number> = readonly [first: Socket<F>, second: Socket<F>];

/** A socket with one of the two faces. For the common checks, which await every result, they are of one type. */
type Face = <F extends number>(socket: Socket<F>) => Socket<F>;

const faces: readonly (readonly [name: string, face: Face])[] = [
  ['', (socket) => socket],
  ['promises: ', <F extends number>(socket: Socket<F>) => promises.Socket.from(socket) as unknown as Socket<F>],
];

/**
 * The checks of a family's sockets, on a kernel that has it, for one type and protocol, on both faces.
 *
 * @param subject - The family, and how to open two of its sockets.
 * @returns Checks to hand to a test runner, one test each, one after the other.
 */
export function socketConformance<F extends number>(subject: SocketSubject<F>): Check[] {
  return [
    ...bindChecks(subject),
    ...faces.flatMap(([name, face]) => faceChecks(subject, name, face)),
    ...waitChecks(subject),
  ];
}

/** What a connected socket of this type tells at its end: that nothing comes any more. */
function hasEnd<F extends number>({ connected, type }: SocketSubject<F>): boolean {
  return connected && (type === SOCK_STREAM || type === SOCK_SEQPACKET);
}

/** A check with the subject's two sockets. */
function pairCheck<F extends number, S extends BaseSocket<F>>(
  subject: SocketSubject<F>,
  name: string,
  face: (socket: Socket<F>) => S,
  body: (first: S, second: S) => Promise<void>,
): Check {
  return check(name, async () => {
    const opened = await subject.open();
    using _0 = opened[0];
    using _1 = opened[1];
    // A check that would wait for ever fails.
    for (const socket of opened) socket.settimeout(LONG);
    using first = face(opened[0]);
    using second = opened[1] === opened[0] ? first : face(opened[1]);
    await body(first, second);
  });
}

/** An address that came out must mean the same when it goes in. */
function assertName<F extends number>(socket: BaseSocket<F>, name: AddressOf<F>): void {
  const codec = familyOf(socket.family);
  const again = codec.decode(codec.encode(name as AcceptedAddressOf<F>, socket), socket);
  assert.deepStrictEqual(again, name, 'an address that came out must mean the same when it goes in');
}

function bindChecks<F extends number>({ family, type, proto = 0, binds }: SocketSubject<F>): Check[] {
  return binds.map(([address, name]) =>
    check(`bind to ${inspect(address)}`, () => {
      using socket = new Socket(family, type, proto);
      socket.bind(address);
      if (name === undefined) return;
      const actual = socket.getsockname();
      if (isJudge(name)) assert(name(actual), `getsockname returned ${inspect(actual)}`);
      else assert.deepStrictEqual(actual, name);
      assertName(socket, actual);
    }),
  );
}

/** The checks that both faces have in common: `await` takes what either returns. */
function faceChecks<F extends number>(subject: SocketSubject<F>, prefix: string, face: Face): Check[] {
  const { family, type, proto = 0, connected, to, waits = true } = subject;
  const { data = Buffer.from('conformance'), received = data } = subject;
  const from = subject.from ?? ((first) => (hasEnd(subject) ? undefined : first.getsockname()));

  const on = (name: string, body: (first: Socket<F>, second: Socket<F>) => Promise<void>) =>
    pairCheck<F, Socket<F>>(subject, prefix + name, face, body);
  const send = async (first: Socket<F>, second: Socket<F>) => {
    const sent = await (to ? first.sendto(data, to(second)) : first.send(data));
    assert.equal(sent, data.length);
  };
  /** Calls `receive` until all that was sent is there: a stream may come in pieces. */
  const collect = async (receive: (missing: number) => Promise<Uint8Array>) => {
    const pieces: Uint8Array[] = [];
    let missing = received.length;
    do {
      const piece = await receive(missing);
      assert(piece.length > 0 || received.length === 0, 'the stream ended early');
      pieces.push(piece);
      missing -= piece.length;
    } while (missing > 0 && type === SOCK_STREAM);
    assert.deepStrictEqual(Buffer.concat(pieces), Buffer.from(received));
  };

  const checks = [
    on('recv', async (first, second) => {
      await send(first, second);
      await collect(async (missing) => second.recv(missing));
    }),
    on('recvInto', async (first, second) => {
      await send(first, second);
      const memory = Buffer.alloc(received.length);
      await collect(async (missing) => memory.subarray(0, await second.recvInto(memory, missing)));
    }),
    on('recvfrom tells who sent', async (first, second) => {
      const sender = from(first);
      await send(first, second);
      await collect(async (missing) => {
        const [bytes, address] = await second.recvfrom(missing);
        assert.deepStrictEqual(address, sender);
        return bytes;
      });
    }),
    on('sendmsg and recvmsg', async (first, second) => {
      const sender = from(first);
      const parts = [data.subarray(0, 1), data.subarray(1)];
      assert.equal(await first.sendmsg(parts, [], 0, to?.(second)), data.length);
      await collect(async (missing) => {
        const [bytes, , , address] = await second.recvmsg(missing);
        assert.deepStrictEqual(address, sender);
        return bytes;
      });
    }),
    on('sendmmsg and recvmmsg', async (first, second) => {
      const sender = from(first);
      assert.equal(await first.sendmmsg([[data, to?.(second)]]), 1);
      await collect(async (missing) => {
        const [message] = await second.recvmmsg(1, Math.max(missing, 1));
        const [bytes, , , address] = message!;
        assert.deepStrictEqual(address, sender);
        return bytes;
      });
    }),
    on('a closed socket is of no use', async (first) => {
      first.close();
      first.close();
      assert.equal(first.fileno(), -1);
      const calls = [() => first.recv(1), () => first.send(data), () => first.getsockname(), () => first.listen()];
      const code = SO_EXCLUSIVEADDRUSE !== undefined ? 'ENOTSOCK' : 'EBADF';
      for (const call of calls) await assert.rejects(async () => call(), isError(OSError, code));
    }),
    on('inspect tells the family and the descriptor', async (first) => {
      using fresh = face(new Socket(family, type, proto));
      for (const socket of [fresh, first]) {
        const text = inspect(socket);
        assert(text.includes(`fd=${socket.fileno()}, family=${familyOf(family).name}`), text);
        socket.close();
        assert(inspect(socket).includes('[closed]'), inspect(socket));
      }
    }),
  ];
  if (connected) {
    checks.push(
      on('getpeername is the name of the peer', async (first, second) => {
        assert.deepStrictEqual(first.getpeername(), second.getsockname());
        assert.deepStrictEqual(second.getpeername(), first.getsockname());
        assertName(second, second.getpeername());
      }),
    );
  }
  if (waits) {
    checks.push(
      on('a timeout ends a receive', async (_first, second) => {
        second.settimeout(0.05);
        const start = performance.now();
        await assert.rejects(async () => second.recv(1), isError(TimeoutError, 'ETIMEDOUT'));
        const elapsed = performance.now() - start;
        assert(elapsed >= 45, `it was over after ${elapsed} ms of 50`);
      }),
      on('a non-blocking socket does not wait', async (first, second) => {
        second.setblocking(false);
        await assert.rejects(async () => second.recv(1), isError(BlockingIOError, 'EAGAIN'));
        second.settimeout(LONG);
        await send(first, second);
        await collect(async (missing) => second.recv(missing));
      }),
    );
  }
  if (hasEnd(subject) && subject.closeResets) {
    checks.push(
      on('a close resets the connection of the peer', async (first, second) => {
        first.close();
        await assert.rejects(async () => second.recv(1), isError(ConnectionResetError, 'ECONNRESET'));
      }),
    );
  } else if (hasEnd(subject)) {
    checks.push(
      on('a close ends the stream of the peer', async (first, second) => {
        first.close();
        assert.deepStrictEqual(await second.recv(1), Buffer.alloc(0));
      }),
    );
  }
  return checks;
}

/** The checks of waits on the event loop, which only the promise face has. */
function waitChecks<F extends number>(subject: SocketSubject<F>): Check[] {
  const { family, type, proto = 0, listen, to, waits = true } = subject;
  const { data = Buffer.from('conformance') } = subject;
  const on = (name: string, body: (first: promises.Socket<F>, second: promises.Socket<F>) => Promise<void>) =>
    pairCheck(subject, `promises: ${name}`, (socket) => promises.Socket.from(socket), body);
  const checks: Check[] = [];
  if (waits) {
    checks.push(
      on('a receive waits for what is sent', async (first, second) => {
        const address = to?.(second);
        const sending = () => (to ? first.sendto(data, address as AcceptedAddressOf<F>) : first.send(data));
        const [bytes] = await Promise.all([second.recv(65_536), sending()]);
        assert(bytes.length > 0);
      }),
      on('an abort ends a receive', async (_first, second) => {
        const controller = new AbortController();
        const receiving = second.recv(1, 0, { signal: controller.signal });
        controller.abort('enough');
        await assert.rejects(receiving, { name: 'AbortError', code: 'ABORT_ERR', cause: 'enough' });
      }),
      on('a close ends a receive', async (_first, second) => {
        const receiving = second.recv(1);
        second.close();
        await assert.rejects(receiving, isError(OSError, 'ECANCELED'));
      }),
    );
  }
  if (listen !== undefined) {
    checks.push(
      check('promises: connect and accept', async () => {
        using server = new promises.Socket(family, type, proto);
        using client = new promises.Socket(family, type, proto);
        for (const socket of [server, client]) socket.settimeout(LONG);
        await server.bind(listen);
        server.listen();
        const name = server.getsockname() as AcceptedAddressOf<F>;
        const [[connection, address]] = await Promise.all([server.accept(), client.connect(name)]);
        using _connection = connection;
        assert.deepStrictEqual(address, connection.getpeername());
        assert.deepStrictEqual(client.getpeername(), connection.getsockname());
      }),
    );
  }
  return checks;
}

function isJudge<Address>(name: Address | ((name: Address) => boolean)): name is (name: Address) => boolean {
  return typeof name === 'function';
}

function isError(type: new (...args: any[]) => OSError, code: string) {
  return (error: unknown) => {
    assert(error instanceof type && error.code === code, `expected ${type.name} ${code}, got ${inspect(error)}`);
    return true;
  };
}
