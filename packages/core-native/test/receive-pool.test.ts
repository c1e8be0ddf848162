import { fillCall, keep, native, type Receiver, receiveBuffer, reserve, shorten } from '@bsd-sockets/core-native';
import { afterEach, describe, expect, test } from 'vitest';
import { messagePair, NO_SOCKET, onWindows } from './platform';
import { randomNumbers } from './random-numbers';

/** A connection, one of many: all that it sends is its own number. */
class Connection {
  pool: Receiver['pool'];
  readonly sender: number;
  readonly receiver: number;
  readonly kept: Buffer[] = [];

  constructor(readonly number: number) {
    [this.sender, this.receiver] = messagePair('SOCK_SEQPACKET');
  }

  receive(length: number, size: number): Buffer {
    fillCall(this.sender, 0, 0, length, 0, 0);
    expect(native.send(Buffer.alloc(length, this.number))).toBe(length);
    // A stream has a part of it before all is there.
    for (let there = 0; onWindows && there < length; ) {
      fillCall(this.receiver, native.constants.MSG_PEEK!, 0, length, 0, -1);
      there = native.receive(Buffer.alloc(length));
    }
    return receiveBuffer(this, this.receiver, 0, size, 0, 0) as Buffer;
  }

  close(): void {
    native.close(this.sender);
    native.close(this.receiver);
  }
}

const connections: Connection[] = [];

function connect(count: number): Connection[] {
  for (let number = 1; number <= count; number++) connections.push(new Connection(number));
  return connections;
}

afterEach(() => {
  for (const connection of connections.splice(0)) connection.close();
});

const SIZES = [1, 64, 100, 4096, 8192, 16_384, 65_536, 100_000, 1_048_576, 1_100_000];

describe('what is received', () => {
  test('lies beside no bytes of others, is never written to again, and keeps little alive', () => {
    const random = randomNumbers(20261128);
    const below = (limit: number) => random() % limit;
    const all = connect(5);
    let current = all[0]!;
    for (let time = 0; time < 3000; time++) {
      if (below(3) === 0) current = all[below(all.length)]!;
      const size = SIZES[below(SIZES.length)]!;
      const length = 1 + below(Math.min(size, below(4) === 0 ? 70_000 : 5000));
      const data = current.receive(length, size);
      expect(data).toHaveLength(length);
      if (data.buffer.byteLength > Math.max(8192, 16 * length)) {
        throw new Error(`${length} bytes of ${size} keep ${data.buffer.byteLength} alive`);
      }
      if (time % 7 === 0) current.kept.push(data);
    }
    for (const { kept, number } of all) {
      for (const data of kept) {
        expect(data.equals(Buffer.alloc(data.length, number))).toBe(true);
        // All that a copy of it hands over: zeros, and what the same connection has received.
        const others = Buffer.from(structuredClone(data).buffer).filter((byte) => byte !== 0 && byte !== number);
        expect(others).toHaveLength(0);
      }
    }
  });

  test('is not harmed by a transfer of what was received beside it', () => {
    const [connection] = connect(1);
    const kept = [10, 64, 65, 500, 500, 4096, 4096, 4096, 20_000, 65_536, 500].map((length) =>
      connection!.receive(length, 65_536),
    );
    for (const [index, data] of kept.entries()) {
      const buffer = data.buffer as ArrayBuffer;
      try {
        structuredClone(buffer, { transfer: [buffer] });
      } catch (error) {
        // What Node says of its own pool.
        expect(error).toMatchObject({ name: 'DataCloneError' });
      }
      for (const other of kept.slice(index + 1)) expect(other.every((byte) => byte === 1)).toBe(true);
      expect(connection!.receive(500, 4096)).toEqual(Buffer.alloc(500, 1));
    }
  });

  test('into the memory that all use is not seen by the next', () => {
    const [first, second] = connect(2);
    first!.receive(40_000, 131_072);
    const data = second!.receive(70_000, 131_072);
    expect(Buffer.from(data.buffer).includes(1)).toBe(false);
  });
});

test('a block is used again for the next receive of any socket, unless the answer has filled it', () => {
  const [first, second] = connect(2);
  const block = reserve(first!, 65_536, 0);
  first!.receive(64, 65_536);
  second!.receive(64, 65_536);
  expect(reserve(second!, 65_536, 0)).toBe(block);
  expect(second!.receive(65_536, 65_536).buffer).toBe(block.memory);
  expect(reserve(first!, 65_536, 0)).not.toBe(block);
});

test('memory of one answer is kept as a whole only if the answer fills half of it', () => {
  const whole = Buffer.alloc(40_000, 1);
  expect(shorten({ pool: undefined }, whole, 30_000).buffer).toBe(whole.buffer);
  expect([...whole.subarray(29_999, 30_002)]).toEqual([1, 0, 0]);
  expect(shorten({ pool: undefined }, Buffer.alloc(40_000, 1), 100).buffer.byteLength).toBe(100);
});

test('each receiver has a pool of its own, until too many others have one', () => {
  const receivers: Receiver[] = Array.from({ length: 1100 }, () => ({ pool: undefined }));
  const [one, other] = receivers as [Receiver, Receiver];
  const bytes = Buffer.alloc(100, 1);
  const [, first, second] = [keep(one, bytes), keep(one, bytes), keep(one, bytes)];
  expect(second!.buffer).toBe(first!.buffer);
  expect(second!.byteOffset % 8).toBe(0);
  expect(keep(other, bytes).buffer).not.toBe(keep(other, bytes).buffer);
  expect(keep(other, bytes).buffer).not.toBe(first!.buffer);
  expect(keep(one, bytes).buffer).toBe(first!.buffer);
  const lengths = () => receivers.reduce((sum, { pool }) => sum + (pool?.bytes.length ?? 0), 0);
  for (let time = 0; time < 2; time++) for (const receiver of receivers) keep(receiver, bytes);
  expect(lengths()).toBe(8 * 2 ** 20);
  expect(keep(one, bytes).buffer).not.toBe(first!.buffer);
  expect(lengths()).toBe(8 * 2 ** 20);
});

test.each([
  [200, 4096],
  [1000, 500],
  [2000, 500],
])('%i receivers in turn of %i bytes each do not clear a pool for each answer', (count, length) => {
  const receivers: Receiver[] = Array.from({ length: count }, () => ({ pool: undefined }));
  const bytes = Buffer.alloc(length, 1);
  const rounds = 200;
  const memories = new Set<ArrayBufferLike>();
  for (let round = 0; round < rounds; round++) {
    for (const receiver of receivers) memories.add(keep(receiver, bytes).buffer);
  }
  const cleared = [...memories].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(cleared).toBeLessThan(3 * count * rounds * length);
});

test('an error is a negative errno', () => {
  expect(receiveBuffer({ pool: undefined }, -1, 0, 100, 0, 0)).toBe(NO_SOCKET);
  expect(receiveBuffer({ pool: undefined }, -1, 0, 100_000, 0, 0)).toBe(NO_SOCKET);
  expect(receiveBuffer({ pool: undefined }, -1, 0, 2 ** 24, 0, 0)).toBe(NO_SOCKET);
});
