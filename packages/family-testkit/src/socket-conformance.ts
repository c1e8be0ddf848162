import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import {
  type AcceptedAddressOf,
  type AddressOf,
  BlockingIOError,
  familyOf,
  OSError,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
  TimeoutError,
} from '@bsd-sockets/socket';
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
  /** Whether they are connected: the first one's `getpeername` is the second one's `getsockname`, and the reverse. */
  readonly connected: boolean;
  /** The address of the second one, for `sendto`. Without it the first one uses `send`. */
  readonly to?: (second: Socket<F>) => AcceptedAddressOf<F>;
  /**
   * What `recvfrom` tells of the first one. By default nothing (undefined) for connected streams and sequenced packets,
   * and the first one's `getsockname` for others.
   */
  readonly from?: (first: Socket<F>) => AddressOf<F> | undefined;
  /** Bytes that the first one may send; a short text by default. */
  readonly data?: Uint8Array;
  /** What the second one receives of them; the same by default. */
  readonly received?: Uint8Array;
  /** Whether a receive waits while nothing has been sent; true by default. */
  readonly waits?: boolean;
}

/** Two sockets of a family. */
export type SocketPair<F extends number> = readonly [first: Socket<F>, second: Socket<F>];

/**
 * The checks of a family's sockets, on a kernel that has it, for one type and protocol.
 *
 * @param subject - The family, and how to open two of its sockets.
 * @returns Checks to hand to a test runner, one test each, one after the other.
 */
export function socketConformance<F extends number>(subject: SocketSubject<F>): Check[] {
  const { family, type, proto = 0, binds, connected, to, waits = true } = subject;
  const { data = Buffer.from('conformance'), received = data } = subject;
  const hasEnd = connected && (type === SOCK_STREAM || type === SOCK_SEQPACKET);
  const from = subject.from ?? ((first) => (hasEnd ? undefined : first.getsockname()));
  const create = () => new Socket(family, type, proto);

  const pairCheck = (name: string, body: (first: Socket<F>, second: Socket<F>) => void | Promise<void>) =>
    check(name, async () => {
      const [first, second] = await subject.open();
      using _first = first;
      using _second = second;
      // A check that would wait for ever fails.
      for (const socket of [first, second]) socket.settimeout(LONG);
      await body(first, second);
    });
  const send = (first: Socket<F>, second: Socket<F>) => {
    const sent = to ? first.sendto(data, to(second)) : first.send(data);
    assert.equal(sent, data.length);
  };
  /** Calls `receive` until all that was sent is there: a stream may come in pieces. */
  const collect = (receive: (missing: number) => Uint8Array) => {
    const pieces: Uint8Array[] = [];
    let missing = received.length;
    do {
      const piece = receive(missing);
      assert(piece.length > 0 || received.length === 0, 'the stream ended early');
      pieces.push(piece);
      missing -= piece.length;
    } while (missing > 0 && type === SOCK_STREAM);
    assert.deepStrictEqual(Buffer.concat(pieces), Buffer.from(received));
  };
  const assertName = (socket: Socket<F>, name: AddressOf<F>) => {
    const codec = familyOf(family);
    const again = codec.decode(codec.encode(name as AcceptedAddressOf<F>, socket), socket);
    assert.deepStrictEqual(again, name, 'an address that came out must mean the same when it goes in');
  };

  return [
    ...binds.map(([address, name]) =>
      check(`bind to ${inspect(address)}`, () => {
        using socket = create();
        socket.bind(address);
        if (name === undefined) return;
        const actual = socket.getsockname();
        if (isJudge(name)) assert(name(actual), `getsockname returned ${inspect(actual)}`);
        else assert.deepStrictEqual(actual, name);
        assertName(socket, actual);
      }),
    ),
    ...(connected
      ? [
          pairCheck('getpeername is the name of the peer', (first, second) => {
            assert.deepStrictEqual(first.getpeername(), second.getsockname());
            assert.deepStrictEqual(second.getpeername(), first.getsockname());
            assertName(second, second.getpeername());
          }),
        ]
      : []),
    pairCheck('recv', (first, second) => {
      send(first, second);
      collect((missing) => second.recv(missing));
    }),
    pairCheck('recvInto', (first, second) => {
      send(first, second);
      const memory = Buffer.alloc(received.length);
      collect((missing) => memory.subarray(0, second.recvInto(memory, missing)));
    }),
    pairCheck('recvfrom tells who sent', (first, second) => {
      const sender = from(first);
      send(first, second);
      collect((missing) => {
        const [bytes, address] = second.recvfrom(missing);
        assert.deepStrictEqual(address, sender);
        return bytes;
      });
    }),
    pairCheck('sendmsg and recvmsg', (first, second) => {
      const sender = from(first);
      const sent = first.sendmsg([data.subarray(0, 1), data.subarray(1)], [], 0, to?.(second));
      assert.equal(sent, data.length);
      collect((missing) => {
        const [bytes, , , address] = second.recvmsg(missing);
        assert.deepStrictEqual(address, sender);
        return bytes;
      });
    }),
    ...(waits
      ? [
          pairCheck('a time-out ends a receive', (_first, second) => {
            second.settimeout(0.05);
            const start = performance.now();
            assert.throws(() => second.recv(1), isError(TimeoutError, 'ETIMEDOUT'));
            const elapsed = performance.now() - start;
            assert(elapsed >= 45, `it was over after ${elapsed} ms of 50`);
          }),
          pairCheck('a non-blocking socket does not wait', (first, second) => {
            second.setblocking(false);
            assert.throws(() => second.recv(1), isError(BlockingIOError, 'EAGAIN'));
            second.settimeout(LONG);
            send(first, second);
            collect((missing) => second.recv(missing));
          }),
        ]
      : []),
    pairCheck('a closed socket is of no use', (first) => {
      first.close();
      first.close();
      assert.equal(first.fileno(), -1);
      const calls = [() => first.recv(1), () => first.send(data), () => first.getsockname(), () => first.listen()];
      for (const call of calls) assert.throws(call, isError(OSError, 'EBADF'));
    }),
    ...(hasEnd
      ? [
          pairCheck('a close ends the stream of the peer', (first, second) => {
            first.close();
            assert.deepStrictEqual(second.recv(1), Buffer.alloc(0));
          }),
        ]
      : []),
    pairCheck('inspect tells the family, the descriptor and the names', (first) => {
      using fresh = create();
      for (const socket of [fresh, first]) {
        const text = inspect(socket);
        assert(text.includes(`fd=${socket.fileno()}, family=${familyOf(family).name}`), text);
        socket.close();
        assert(inspect(socket).includes('[closed]'), inspect(socket));
      }
    }),
  ];
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
