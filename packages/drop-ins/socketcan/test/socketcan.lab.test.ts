import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { AF_CAN, CAN_RAW, CANFD_MTU, decodeFrame } from '@bsd-sockets/can';
import { program } from '@bsd-sockets/family-testkit';
import { SO_RCVBUFFORCE, SOCK_RAW, SOL_SOCKET, Socket } from '@bsd-sockets/socket';
import * as can from '@bsd-sockets/socketcan';
import { afterEach, describe, expect, test } from 'vitest';
import { lab, receiver, virtualBus } from '../../../families/can/test/vcan';

const raw = lab('SOCK_RAW', 'CAN_RAW');
const canUtils = program('candump', 'can-utils');
const bus = 'vcan-drop-in';
const PATH = createRequire(import.meta.url).resolve('@bsd-sockets/socketcan');

const started: can.RawChannel[] = [];
afterEach(() => {
  for (const channel of started.splice(0)) channel.stop();
});

/** A channel that has begun, and the messages that have come. */
function opened(options: can.ChannelOptions = {}): { channel: can.RawChannel; messages: can.CanMessage[] } {
  const channel = can.createRawChannelWithOptions(bus, options).start();
  started.push(channel);
  const messages: can.CanMessage[] = [];
  channel.addListener('onMessage', (message) => void messages.push(message));
  return { channel, messages };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(1);
}

const descriptors = () => readdirSync('/proc/self/fd').length;
const data = (hex: string) => Buffer.from(hex, 'hex');

describe.skipIf(!raw.available)(`channels ${raw.reason}`, () => {
  virtualBus(bus, CANFD_MTU);

  test.skipIf(!canUtils.available)(`exchange messages of all kinds with can-utils ${canUtils.reason}`, async () => {
    const { channel, messages } = opened();
    for (const frame of ['123#C0FFEE', '1F334455#', '042#R3', '123##1112233445566778899AABBCC']) {
      execFileSync('cansend', [bus, frame]);
    }
    await until(() => messages.length === 4);
    expect(messages).toEqual([
      { id: 0x123, data: data('c0ffee') },
      { id: 0x1f334455, ext: true, data: data('') },
      { id: 0x42, rtr: true, data: data('000000') },
      { id: 0x123, data: data('112233445566778899aabbcc') },
    ]);
    const candump = await receiver(bus, 'candump', '-L', '-n', '4', bus);
    expect(channel.send({ id: 0x123, data: data('c0ffee') })).toBe(16);
    expect(channel.send({ id: 0x1f334455, ext: true, data: data('') })).toBe(16);
    expect(channel.send({ id: 0x42, rtr: true, data: Buffer.alloc(3) })).toBe(16);
    expect(channel.sendFD({ id: 0x123, fd_brs: true, data: data('112233445566778899') })).toBe(72);
    const lines = [];
    for (let count = 0; count < 4; count++) lines.push((await candump.line()).replace(/^.* /, ''));
    expect(lines).toEqual(['123#C0FFEE', '1F334455#', '042#R3', '123##5112233445566778899000000']);
  });

  test.skipIf(!canUtils.available)(`signals come and go beside can-utils ${canUtils.reason}`, async () => {
    const { channel } = opened();
    const network = can.parseNetworkDescription(join(import.meta.dirname, 'tank.kcd'));
    const service = new can.DatabaseService(channel, network.buses.Main!);
    const { Level, Pump, Long } = service.messages;
    const told: unknown[] = [];
    Level!.signals.level!.onChange(({ value }) => told.push(value));
    Pump!.onMessageUpdate(({ signals }) => told.push([signals.hours!.value, signals.running!.value]));
    const candump = await receiver(bus, 'candump', '-L', '-n', '5', bus);
    const line = async () => (await candump.line()).replace(/^.* /, '');
    for (const frame of ['1A0#11050FFF0000C03F', '000001A1#0B010605000007']) execFileSync('cansend', [bus, frame]);
    await until(() => told.length === 2);
    expect(told).toEqual([0.5, [0x0506, 1]]);
    expect([await line(), await line()]).toEqual(['1A0#11050FFF0000C03F', '000001A1#0B010605000007']);
    Level!.signals.level!.update(1);
    Pump!.signals.serial!.update(0xffffffff);
    Long!.signals.last!.update(1);
    for (const name of ['Level', 'Pump.a', 'Long']) service.send(name);
    expect([await line(), await line(), await line()]).toEqual([
      '1A0#21050FFF0000C03F',
      '000001A1#0A01FFFFFFFF07',
      '1A2##4000000000000000000000001',
    ]);
  });

  test('a burst of messages comes whole, in order, with its time', async () => {
    const { channel: sender } = opened({ non_block_send: true });
    const { messages } = opened({ timestamps: true });
    const message: can.CanMessage = { id: 10, data: Buffer.alloc(8) };
    for (let count = 0; count < 200; count++) {
      message.data[0] = count;
      sender.send(message);
    }
    expect([typeof message.ts_sec, typeof message.ts_usec]).toEqual(['number', 'number']);
    await until(() => messages.length === 200);
    const sequence = messages.map(({ data }) => data[0]);
    expect(sequence).toEqual(Array.from({ length: 200 }, (_, count) => count));
    for (const { ts_sec, ts_usec } of messages) {
      expect(Math.abs(ts_sec! + ts_usec! / 1e6 - Date.now() / 1000)).toBeLessThan(60);
    }
    expect(Object.keys(messages[0]!)).toEqual(['ts_sec', 'ts_usec', 'id', 'data']);
  });

  test('filters, loopback and what was set stay over a stop and a start', async () => {
    const { channel, messages } = opened();
    const { channel: other, messages: all } = opened();
    channel.setRxFilters([
      { id: 0x120, mask: 0x7f0 },
      { id: 0x300, mask: 0x700, invert: true },
    ]);
    channel.stop().start();
    for (const id of [0x121, 0x300, 0x7ff]) other.send({ id, data: data('01') });
    await until(() => messages.length >= 2);
    expect(messages.map(({ id }) => id)).toEqual([0x121, 0x7ff]);
    channel.setRxFilters({ id: 0x300, mask: 0x7ff });
    other.send({ id: 0x121, data: data('01') });
    other.send({ id: 0x300, data: data('01') });
    await until(() => messages.length >= 3);
    expect(messages[2]!.id).toBe(0x300);
    expect(channel.setErrorFilters(0).disableLoopback()).toBe(channel);
    channel.send({ id: 1, data: data('') });
    other.setErrorFilters(0);
    await setTimeout(20);
    expect(all).toEqual([]);
  });

  test('stop tells and gives back the descriptors, in the middle of a burst too', async () => {
    const before = descriptors();
    for (let round = 0; round < 10; round++) {
      const channel = can.createRawChannel(bus);
      const { channel: other } = opened();
      const events: string[] = [];
      const instance = { name: 'instance' };
      channel.addListener(
        'onStopped',
        function (this: typeof instance) {
          events.push(this.name);
        },
        instance,
      );
      channel.addListener('onMessage', () => {
        events.push('message');
        channel.stop();
      });
      expect(() => channel.stop()).toThrow(expect.objectContaining({ code: 'ERR_INVALID_STATE' }));
      channel.start().start();
      for (let count = 0; count < 5; count++) other.send({ id: count, data: data('') });
      await until(() => events.length === 2);
      await setTimeout(1);
      expect(events).toEqual(['message', 'instance']);
      started.pop()!.stop();
    }
    expect(descriptors()).toBe(before);
  });

  test('a failed send is -1, and told with its code; a channel whose interface goes down stops', async () => {
    execFileSync('ip', ['link', 'add', 'dev', 'vcan-down', 'type', 'vcan']);
    const channel = can.createRawChannel('vcan-down');
    const errors: unknown[] = [];
    channel.addListener('onError', ({ code }) => errors.push(code));
    expect(channel.send({ id: 1, data: data('') })).toBe(-1);
    expect(errors).toEqual(['ENETDOWN']);
    const stopped = new Promise<void>((resolve) => channel.addListener('onStopped', resolve));
    execFileSync('ip', ['link', 'set', 'up', 'vcan-down']);
    channel.start();
    expect(channel.sendFD({ id: 1, data: Buffer.alloc(64) })).toBeGreaterThanOrEqual(-1);
    execFileSync('ip', ['link', 'del', 'vcan-down']);
    await stopped;
    expect(() => channel.start()).toThrow(expect.objectContaining({ code: 'ENODEV' }));
    expect(() => can.createRawChannel('vcan-none')).toThrow(expect.objectContaining({ code: 'ENODEV' }));
  });

  test('a full send buffer is waited for, or is an error of its own; so is a full queue', async () => {
    // Its buffer has room for all that comes while a send blocks.
    using reader = new Socket(AF_CAN, SOCK_RAW, CAN_RAW);
    reader.setsockopt(SOL_SOCKET, SO_RCVBUFFORCE!, 2 ** 22);
    reader.settimeout(20);
    reader.bind([bus]);
    const tc = (...args: string[]) => execFileSync('tc', ['qdisc', ...args]);
    const numbered = (number: number) => ({ id: number, data: Buffer.alloc(8) });
    /** Sends until one fails: how many were sent, and why no more. */
    const sendMany = (channel: can.RawChannel, count: number) => {
      const errors: unknown[] = [];
      channel.addListener('onError', ({ code }) => errors.push(code));
      let sent = 0;
      while (sent < count && channel.send(numbered(sent)) > 0) sent++;
      return { sent, errors };
    };
    const expectArrived = (count: number) => {
      const ids = Array.from({ length: count }, () => decodeFrame(reader.recv(CANFD_MTU)) as { id?: number });
      expect(ids.map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, id) => id));
    };
    // A thousand frames a second: what waits for its time fills the send buffer.
    const slow = ['maxrate', '128kbit', 'quantum', '16', 'initial_quantum', '16', 'flow_limit', '5000'];
    tc('add', 'dev', bus, 'root', 'fq', ...slow);
    try {
      const { channel: patient } = opened();
      expect(sendMany(patient, 600)).toEqual({ sent: 600, errors: [] });
      expectArrived(600);
      const { channel: impatient } = opened({ non_block_send: true });
      const { sent, errors } = sendMany(impatient, 2000);
      expect([...errors]).toEqual(['EAGAIN']);
      expect(sent).toBeGreaterThan(0);
      expectArrived(sent);
      while (impatient.send(numbered(0)) < 0) await setTimeout(10);
      expectArrived(1);
      for (const channel of [opened().channel, opened({ non_block_send: true }).channel]) {
        tc('del', 'dev', bus, 'root');
        tc('add', 'dev', bus, 'root', 'netem', 'delay', '1s', 'limit', '4');
        expect(sendMany(channel, 10)).toEqual({ sent: 4, errors: ['ENOBUFS'] });
        expectArrived(4);
      }
    } finally {
      tc('del', 'dev', bus, 'root');
    }
  });

  test('bad arguments are refused by their names', () => {
    const { channel } = opened();
    for (const [call, name] of [
      [() => can.createRawChannel(1 as any), 'name'],
      [() => can.createRawChannel(''), 'name'],
      [() => channel.addListener('onNothing' as any, () => {}), 'event'],
      [() => channel.addListener('toString' as any, () => {}), 'event'],
      [() => channel.addListener('onMessage', 1 as any), 'callback'],
      [() => channel.send(1 as any), 'message'],
      [() => channel.send({ id: 1, data: 'text' as any }), 'message.data'],
      [() => channel.send({ id: 1, data: Buffer.alloc(9) }), 'message.data'],
      [() => channel.send({ id: 1, rtr: true, data: Buffer.alloc(64) }), 'message.dlc'],
      [() => channel.sendFD({ id: 1, data: Buffer.alloc(65) }), 'message.data'],
      [() => channel.send({ id: 0x800, data: Buffer.alloc(1) }), 'message.id'],
      [() => channel.setRxFilters([{ id: 1 } as any]), 'filters[0].mask'],
      [() => channel.setRxFilters(null as any), 'filters[0]'],
      [() => channel.setErrorFilters('all' as any), 'CAN_RAW_ERR_FILTER'],
    ] as const) {
      expect(call).toThrow(name);
    }
  });

  test('promises of a listener are done before the next message; what it throws is an uncaught exception', () => {
    const source = `
      const can = require(${JSON.stringify(PATH)});
      const channel = can.createRawChannel('${bus}');
      const sender = can.createRawChannel('${bus}');
      process.on('uncaughtException', ({ message }) => console.log(message));
      channel.addListener('onMessage', ({ id }) => {
        console.log(id);
        Promise.resolve().then(() => console.log('then', id));
        if (id === 2) throw new Error('of the listener');
        if (id === 3) channel.stop();
      });
      channel.start();
      for (const id of [1, 2, 3]) sender.send({ id, data: Buffer.alloc(1) });`;
    const { stdout, status } = spawnSync(process.execPath, ['-e', source], { encoding: 'utf8', timeout: 60_000 });
    expect([stdout.trim().split('\n').sort(), status]).toEqual([
      ['1', '2', '3', 'of the listener', 'then 1', 'then 2', 'then 3'],
      0,
    ]);
    expect(stdout.indexOf('then 1')).toBeLessThan(stdout.indexOf('\n2'));
  });

  test('a listener that is added by one is called from the next message on', async () => {
    const { channel, messages } = opened();
    let calls = 0;
    const again = () => {
      if (++calls < 100) channel.addListener('onMessage', again);
    };
    channel.addListener('onMessage', again);
    const sender = opened().channel;
    for (const [id, wanted] of [
      [1, 1],
      [2, 3],
      [3, 7],
    ] as const) {
      sender.send({ id, data: Buffer.alloc(1) });
      await until(() => messages.length === id);
      expect(calls).toBe(wanted);
    }
  });

  test('works in a worker thread, which leaves nothing behind', async () => {
    const { channel } = opened();
    const before = descriptors();
    const source = `
      const { parentPort } = require('node:worker_threads');
      const channel = require(${JSON.stringify(PATH)}).createRawChannel('${bus}');
      channel.addListener('onMessage', ({ id }) => parentPort.postMessage(id));
      channel.start();
      parentPort.postMessage('ready');`;
    const worker = new Worker(source, { eval: true });
    await once(worker, 'message');
    channel.send({ id: 7, data: data('') });
    expect(await once(worker, 'message')).toEqual([7]);
    await worker.terminate();
    expect(descriptors()).toBe(before);
  });
});
