import { randomBytes } from 'node:crypto';
import { newSockaddr } from '@bsd-sockets/socket';

/** The most bytes of an address that a call can carry: what the socket object's call block has room for. */
export const MOST_SOCKADDR = 256;

/** Bytes in the place of a `struct sockaddr`: every length with extreme and random content, and broken samples. */
export function* hostileSockaddrs(family: number | undefined, samples: readonly Uint8Array[]): Iterable<Buffer> {
  for (let length = 0; length <= MOST_SOCKADDR; length++) {
    const contents = [Buffer.alloc(length), Buffer.alloc(length, 0xff), randomBytes(length), randomBytes(length)];
    for (const content of contents) {
      yield content;
      if (family !== undefined && length >= 2) yield Buffer.concat([newSockaddr(family, 2), content.subarray(2)]);
    }
  }
  for (const sample of samples) {
    for (let length = 0; length < sample.length; length++) yield Buffer.from(sample.subarray(0, length));
    for (let index = 0; index < sample.length; index++) {
      const flipped = Buffer.from(sample);
      flipped[index] = ~sample[index]!;
      yield flipped;
    }
    yield Buffer.concat([sample], MOST_SOCKADDR);
  }
}

const values: readonly unknown[] = [
  undefined,
  null,
  true,
  -1,
  1.5,
  2 ** 16,
  2 ** 32,
  2 ** 53,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1n,
  2n ** 64n,
  '',
  '\0',
  '\ud800',
  'x'.repeat(300),
  Symbol('x'),
  () => 0,
  {},
  [],
  Object.create(null),
  { length: 2, 0: '', 1: 0 },
  new Map(),
  Buffer.alloc(0),
  Buffer.alloc(300),
  new DataView(new ArrayBuffer(8)),
];

/** What is no address, or hardly one: any value, and sample addresses with such a value in each place. */
export function* hostileAddresses(samples: readonly unknown[]): Iterable<unknown> {
  yield* values;
  for (const value of values) yield [value];
  yield new Array(2);
  yield new Array(1000).fill(0);
  for (const sample of samples.filter(Array.isArray)) {
    for (let index = 0; index <= sample.length; index++) {
      yield sample.slice(0, index);
      for (const value of values) yield [...sample.slice(0, index), value, ...sample.slice(index + 1)];
    }
  }
}
