import { execFileSync } from 'node:child_process';
import { AF_CAN, CAN_RAW, CANFD_MTU, type CanFrame, canOptions, frames, sendFrames } from '@bsd-sockets/can';
import { program } from '@bsd-sockets/family-testkit';
import { SOCK_DGRAM, SOCK_RAW, Socket } from '@bsd-sockets/socket';
import { AbortError, Socket as AsyncSocket } from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { LONG, lab, Peer, receiver, virtualBus } from './vcan';

const raw = lab('SOCK_RAW', 'CAN_RAW');
const canUtils = program('candump', 'can-utils');
const bus = 'vcan-frames';

/** Makes a socket one of the bus, with CAN FD. */
function ready<S extends Socket<typeof AF_CAN> | AsyncSocket<typeof AF_CAN>>(socket: S): S {
  socket.settimeout(LONG);
  socket.setOption(canOptions.CAN_RAW_FD_FRAMES, true);
  socket.bind([bus]);
  return socket;
}

const openBlocking = () => ready(new Socket(AF_CAN, SOCK_RAW, CAN_RAW));
const openAsync = () => ready(new AsyncSocket(AF_CAN, SOCK_RAW, CAN_RAW));

function* numbered(count: number) {
  for (let index = 0; index < count; index++) yield { id: index & 0x7ff, data: Buffer.of(index >> 8, index & 0xff) };
}

const numberOf = ({ data }: CanFrame) => data.readUInt16BE(0);

describe.skipIf(!raw.available)(`many CAN frames ${raw.reason}`, () => {
  virtualBus(bus, CANFD_MTU);

  test('come and go in their order, more than one batch of them', () => {
    using sender = openBlocking();
    using receiving = openBlocking();
    const numbers: number[] = [];
    const iterator = frames(receiving);
    for (let round = 0; round < 10; round++) {
      // Fewer than the kernel keeps for a receiver that is late.
      expect(sendFrames(sender, numbered(200))).toBe(200);
      for (let count = 0; count < 200; count++) numbers.push(numberOf(iterator.next().value!));
    }
    expect(numbers).toEqual(Array.from({ length: 2000 }, (_, index) => index % 200));
    expect(sendFrames(sender, [])).toBe(0);
  });

  test('come and go by promises too, and end with the socket', async () => {
    using sender = openAsync();
    const receiving = openAsync();
    const numbers: number[] = [];
    const reading = (async () => {
      for await (const frame of frames(receiving)) numbers.push(numberOf(frame));
    })();
    for (let round = 0; round < 10; round++) {
      expect(await sendFrames(sender, numbered(200))).toBe(200);
      await expect.poll(() => numbers.length).toBe(200 * (round + 1));
    }
    receiving.close();
    await reading;
    expect(numbers).toEqual(Array.from({ length: 2000 }, (_, index) => index % 200));
  });

  test('of CAN FD come as what they are, among classic ones', () => {
    using sender = openBlocking();
    using receiving = openBlocking();
    sendFrames(sender, [{ id: 1 }, { kind: 'fd', id: 2, brs: true, data: Buffer.alloc(64, 7) }]);
    const iterator = frames(receiving);
    expect(iterator.next().value).toMatchObject({ kind: 'classic', id: 1 });
    expect(iterator.next().value).toMatchObject({ kind: 'fd', id: 2, brs: true, data: Buffer.alloc(64, 7) });
  });

  test('stay for the next iterator where one ends early', () => {
    using sender = openBlocking();
    using receiving = openBlocking();
    sendFrames(sender, numbered(5));
    for (const frame of frames(receiving)) if (numberOf(frame) === 1) break;
    sendFrames(sender, numbered(1));
    const rest: number[] = [];
    for (const frame of frames(receiving)) if (rest.push(numberOf(frame)) === 4) break;
    expect(rest).toEqual([2, 3, 4, 0]);
  });

  test('come once each to iterators that wait at once, and to those after them', async () => {
    using sender = openAsync();
    const receiving = openAsync();
    const numbers: number[] = [];
    const read = async () => {
      for await (const frame of frames(receiving)) numbers.push(numberOf(frame));
    };
    const reading = [read(), read(), read()];
    for (let round = 0; round < 10; round++) {
      for (const frame of numbered(20)) await sendFrames(sender, [frame]);
      await sendFrames(sender, numbered(20));
      await expect.poll(() => numbers.length).toBe(40 * (round + 1));
    }
    receiving.close();
    await Promise.all(reading);
    const each = Array.from({ length: 400 }, (_, index) => Math.floor(index / 20));
    expect(numbers.sort((first, second) => first - second)).toEqual(each);
  });

  test('end by the timeout and by a signal', async () => {
    using blocking = openBlocking();
    blocking.settimeout(0.01);
    expect(() => frames(blocking).next()).toThrow(expect.objectContaining({ code: 'ETIMEDOUT' }));
    using waiting = openAsync();
    const signal = AbortSignal.timeout(20);
    await expect(frames(waiting, { signal }).next()).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('that are bad are told by their number, after those before them are sent', async () => {
    using sender = openBlocking();
    using receiving = openBlocking();
    const bad = [{ id: 1, data: Buffer.of(0, 1) }, { id: 0x800 }];
    expect(() => sendFrames(sender, bad)).toThrow('frames[1].id');
    expect(numberOf(frames(receiving).next().value!)).toBe(1);
    using waiting = openAsync();
    await expect(sendFrames(waiting, bad)).rejects.toThrow('frames[1].id');
    expect(() => sendFrames(sender, 7 as never)).toThrow('frames: expected an iterable of frames, got 7');
    using other = new Socket(AF_CAN, SOCK_DGRAM, 2);
    expect(() => frames(other)).toThrow('socket: expected a socket with the protocol CAN_RAW');
  });

  test.skipIf(!canUtils.available)(`are those of can-utils ${canUtils.reason}`, async () => {
    using sender = openBlocking();
    const candump = await receiver(bus, 'candump', '-L', '-n', '3', bus);
    sendFrames(sender, [
      { id: 0x123, data: Buffer.of(1, 2) },
      { id: 0x1abcdef0, extended: true },
      { id: 5, rtr: true },
    ]);
    expect(await candump.line()).toMatch(/ 123#0102$/);
    expect(await candump.line()).toMatch(/ 1ABCDEF0#$/);
    expect(await candump.line()).toMatch(/ 005#R/);
    using receiving = openBlocking();
    await new Peer('cangen', bus, '-g', '0', '-n', '100', '-I', 'i', '-L', '2', '-D', 'i').finish();
    const iterator = frames(receiving);
    for (let index = 0; index < 100; index++) expect(iterator.next().value).toMatchObject({ id: index });
  });

  test('wait for a controller whose queue is full, and fail when the time is over', async () => {
    // Four frames at most wait their time there: the kernel says ENOBUFS to more, as for a busy controller.
    const tc = (...args: string[]) => execFileSync('tc', ['qdisc', ...args]);
    tc('add', 'dev', bus, 'root', 'netem', 'delay', '2ms', 'limit', '4');
    try {
      using sender = openBlocking();
      expect(sendFrames(sender, numbered(30))).toBe(30);
      tc('change', 'dev', bus, 'root', 'netem', 'delay', '1s', 'limit', '4');
      sender.settimeout(0.05);
      expect(() => sendFrames(sender, numbered(300))).toThrow(expect.objectContaining({ code: 'ENOBUFS' }));
      using waiting = AsyncSocket.from(openBlocking());
      waiting.settimeout(null);
      const options = { signal: AbortSignal.timeout(50) };
      await expect(sendFrames(waiting, numbered(300), options)).rejects.toBeInstanceOf(AbortError);
    } finally {
      tc('del', 'dev', bus, 'root');
    }
  });
});
