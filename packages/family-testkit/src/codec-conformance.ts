import assert from 'node:assert/strict';
import { inspect, isDeepStrictEqual } from 'node:util';
import { type Family, newSockaddr, OSError, SOCK_STREAM, type SocketInfo } from '@bsd-sockets/socket';
import { type Check, check } from './check';
import { hostileAddresses, hostileSockaddrs, MOST_SOCKADDR } from './hostile';

/** A family and samples of its addresses. */
export interface CodecSubject<Address, Accepted> {
  /** The family's object: `familyOf(AF_CAN)`, or the object itself where the platform has no number for it. */
  readonly family: Family<Address, Accepted>;
  /** The SOCK_* constant of the socket that the addresses are for; SOCK_STREAM by default. */
  readonly type?: number;
  /** Its protocol; 0 by default. */
  readonly proto?: number;
  /** Addresses of every form that is taken, and what each of them comes out as. */
  readonly accepted: readonly (readonly [address: Accepted, comesOutAs: Address])[];
  /** The numbers that a sockaddr of the family may begin with; its own by default. RDS has those of IPv4 and IPv6. */
  readonly sockaddrFamilies?: readonly number[];
  /** What is taken for no address, and the error that it gets. */
  readonly refused: readonly (readonly [address: unknown, error: Refusal])[];
}

/** The error of an address that is refused. */
export interface Refusal {
  /** `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`, or an errno's name. */
  readonly code: string;
  /** What the message must match: that it names the part which is wrong. */
  readonly message?: RegExp;
}

/**
 * The checks of a family's codec. They need neither a kernel that has the family nor a socket.
 *
 * @param subject - The family and samples of its addresses.
 * @returns Checks to hand to a test runner, one test each, one after the other.
 */
export function codecConformance<Address, Accepted>(subject: CodecSubject<Address, Accepted>): Check[] {
  const { family, type = SOCK_STREAM, proto = 0, accepted, refused } = subject;
  const numbers = subject.sockaddrFamilies ?? [family.number];
  const socket: SocketInfo = { family: family.number, type, proto, fileno: () => -1 };
  const encode = (address: unknown) => family.encode(address as Accepted, socket);
  const decode = (bytes: Uint8Array) => family.decode(bytes, socket);
  const eachHostile = (examine: (bytes: Buffer) => void) => {
    const encoded = accepted.map(([address]) => attempt(() => encode(address)));
    const samples = encoded.flatMap((outcome) =>
      'value' in outcome && outcome.value instanceof Uint8Array ? [outcome.value] : [],
    );
    for (const bytes of hostileSockaddrs(family.number, samples)) examine(bytes);
  };

  return [
    check('the family has a name and, on a platform that has it, a number', () => {
      assert.match(family.name, /^AF_\w+$/);
      if (family.number !== undefined) assert(Number.isInteger(family.number) && family.number >= 0);
    }),
    ...accepted.map(([address, comesOutAs]) =>
      check(`encode takes ${print(address)}, which comes out as ${print(comesOutAs)}`, () => {
        const encoded = encode(address);
        assertSockaddr(encoded, numbers, address);
        const decoded = decode(encoded);
        assert.deepStrictEqual(decoded, comesOutAs);
        const again = decode(encode(decoded));
        assert.deepStrictEqual(again, decoded, 'an address that came out must mean the same when it goes in');
      }),
    ),
    ...refused.map(([address, { code, message }]) =>
      check(`encode refuses ${print(address)} with ${code}`, () => {
        assert.throws(
          () => encode(address),
          (error: unknown) => {
            assertPlain(error, address);
            assert.equal(error.code, code);
            if (message) assert.match(error.message, message);
            return true;
          },
        );
      }),
    ),
    check('encode returns a sockaddr or throws a plain error, whatever it is given', () => {
      for (const address of hostileAddresses(accepted.map(([sample]) => sample))) {
        const outcome = attempt(() => encode(address));
        if ('error' in outcome) assertPlain(outcome.error, address);
        else assertSockaddr(outcome.value, numbers, address);
      }
    }),
    check('decode never throws', () => {
      eachHostile((bytes) => {
        const outcome = attempt(() => decode(bytes));
        if ('error' in outcome) assert.fail(`decode of ${hex(bytes)} threw ${inspect(outcome.error)}`);
      });
    }),
    check('decode changes none of its bytes', () => {
      eachHostile((bytes) => {
        const copy = Buffer.from(bytes);
        attempt(() => decode(copy));
        assert(copy.equals(bytes), `decode of ${hex(bytes)} made them ${hex(copy)}`);
      });
    }),
    check('decode reads no bytes beside its own', () => {
      eachHostile((bytes) => {
        const inZeros = attempt(() => decode(surrounded(bytes, 0)));
        const inOnes = attempt(() => decode(surrounded(bytes, 0xff)));
        assert(isDeepStrictEqual(inZeros, inOnes), `decode of ${hex(bytes)} depends on what lies beside them`);
      });
    }),
    check('decode keeps no view of its bytes', () => {
      eachHostile((bytes) => {
        const copy = surrounded(bytes, 0);
        const decoded = attempt(() => decode(copy));
        for (const [index, byte] of copy.entries()) copy[index] = ~byte;
        const fresh = attempt(() => decode(surrounded(bytes, 0)));
        assert(isDeepStrictEqual(decoded, fresh), `the address in ${hex(bytes)} changed with them`);
      });
    }),
  ];
}

function assertSockaddr(encoded: unknown, numbers: readonly (number | undefined)[], address: unknown): void {
  const what = `encode(${print(address)})`;
  assert(encoded instanceof Uint8Array, `${what} must return a Uint8Array`);
  const { length } = encoded;
  assert(length >= 2 && length <= MOST_SOCKADDR, `${what} must have 2 to ${MOST_SOCKADDR} bytes, it has ${length}`);
  const begins = (number: number | undefined) =>
    number === undefined || newSockaddr(number, 2).equals(encoded.subarray(0, 2));
  assert(numbers.some(begins), `${what} must begin with the family's number`);
}

/** An error that a program can act on: of a documented class, with a code. An accident of the code has none. */
function assertPlain(error: unknown, address: unknown): asserts error is Error & { code: string } {
  const ofArgument =
    (error instanceof TypeError || error instanceof RangeError) &&
    /^ERR_/.test((error as { code?: string }).code ?? '');
  if (ofArgument || error instanceof OSError) return;
  assert.fail(
    `encode(${print(address)}) must throw an OSError, or a TypeError or RangeError with a code, not ${inspect(error)}`,
  );
}

function attempt<T>(call: () => T): { value: T } | { error: unknown } {
  try {
    return { value: call() };
  } catch (error) {
    return { error };
  }
}

/** The same bytes in the middle of a larger buffer. */
function surrounded(bytes: Uint8Array, fill: number): Uint8Array {
  const memory = Buffer.alloc(bytes.length + 2 * MOST_SOCKADDR, fill);
  memory.set(bytes, MOST_SOCKADDR);
  return memory.subarray(MOST_SOCKADDR, MOST_SOCKADDR + bytes.length);
}

function print(value: unknown): string {
  const text = inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 2 });
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function hex(bytes: Buffer): string {
  return `<${bytes.toString('hex')}>`;
}
