// Signals by the description of a network, over a channel that is none: socketcan.lab.test.ts has real ones.
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as can from '@bsd-sockets/socketcan';
import { afterAll, expect, test } from 'vitest';

const FILE = join(import.meta.dirname, 'tank.kcd');
const folder = mkdtempSync(join(tmpdir(), 'socketcan-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A service, what it has sent, and what it receives. */
function served(network = can.parseNetworkDescription(FILE)) {
  const sent: [kind: string, message: can.CanMessage][] = [];
  let receive: (message: can.CanMessage) => void = () => {};
  const channel = {
    addListener(_event: string, callback: typeof receive, instance: object) {
      receive = callback.bind(instance);
    },
    send: (message: can.CanMessage) => sent.push(['classic', message]),
    sendFD: (message: can.CanMessage) => sent.push(['fd', message]),
  };
  const service = new can.DatabaseService(channel as unknown as can.RawChannel, network.buses.Main!);
  const received = (id: number, hex: string, more = {}) => receive({ id, data: Buffer.from(hex, 'hex'), ...more });
  const send = (name: string) => {
    service.send(name);
    return sent.pop()![1].data.toString('hex');
  };
  return { service, sent, received, send };
}

test('a description has the fields that the addon gives it', () => {
  const { buses, nodes } = can.parseNetworkDescription(FILE);
  const [level, pump] = buses.Main!.messages;
  expect(level).toMatchObject({
    ...{ name: 'Level', id: 0x1a0, ext: false, triggered: false, length: 8, interval: 200, muxed: false },
    producers: [{ id: '1' }],
  });
  expect(level!.signals[1]).toMatchObject({
    ...{
      name: 'level',
      bitOffset: 4,
      bitLength: 12,
      endianess: 'little',
      type: 'unsigned',
      slope: 0.5,
      intercept: -40,
    },
    ...{ unit: 'l', defaultValue: 0, minValue: -40, maxValue: 2007.5, spn: undefined, mux: undefined },
    labels: { 4095: 'broken' },
  });
  expect(level!.signals[2]).toMatchObject({ bitOffset: 20, bitLength: 12, endianess: 'big', type: 'signed' });
  expect(level!.signals[3]).toMatchObject({ type: 'single', minValue: undefined });
  expect(pump).toMatchObject({ ext: true, muxed: true, mux: { name: 'page', offset: 0, length: 8 }, triggered: true });
  expect(pump!.signals.map(({ name, mux }) => [name, mux])).toEqual([
    ['serial', 10],
    ['mode', 10],
    ['hours', 11],
    ['mode', 11],
    ['running', undefined],
  ]);
  expect(nodes).toEqual({
    1: { id: '1', name: 'Pump', buses: { Main: { produces: [0x1a0, 0x1a1], consumes: [] } } },
    2: {
      id: '2',
      name: 'Display',
      buses: { Main: { produces: [], consumes: [{ id: 0x1a0, signal_name: 'level' }] } },
    },
    3: { id: '3', name: 'Nobody', buses: {} },
  });
  expect(can.parseNetworkDescription(openSync(FILE, 'r'))).toEqual({ buses, nodes });
});

test('messages are there by name and by identifier', () => {
  const { messages } = served().service;
  expect(messages[0x1a0]).toBe(messages.Level);
  expect(messages[0x1a1 | (1 << 31)]).toBe(messages.Pump);
  const { id, name, ext, len, interval, muxed, mux, signals } = messages.Pump!;
  expect({ id, name, ext, len, interval, muxed, mux }).toEqual({
    ...{ id: 0x1a1, name: 'Pump', ext: true, len: 7, interval: 0, muxed: true },
    mux: { name: 'page', offset: 0, length: 8 },
  });
  expect(Object.values(signals).map(({ name, muxGroup }) => [name, muxGroup])).toEqual([
    ['serial', [10]],
    ['mode', [10, 11]],
    ['hours', [11]],
    ['running', []],
  ]);
  expect([signals.mode!.value, messages.Level!.signals.level!.labels]).toEqual([undefined, { 4095: 'broken' }]);
});

test('what comes sets the signals, and tells of each, and of changes', () => {
  const { service, received } = served();
  const { Level, Pump } = service.messages;
  const told: unknown[] = [];
  const { valid, level, temperature, flow } = Level!.signals;
  level!.onUpdate((signal) => told.push(['update', signal === level, signal.value]));
  const listener = level!.onChange((signal) => told.push(['change', signal.value]));
  Level!.onMessageUpdate((message) => told.push(message.name));
  received(0x1a0, '11050fff0000c03f');
  expect([valid, level, temperature, flow].map((signal) => signal!.value)).toEqual([1, 0.5, -1, 1.5]);
  received(0x1a0, '11050fff0000c03f');
  expect(told).toEqual([['update', true, 0.5], ['change', 0.5], 'Level', ['update', true, 0.5], 'Level']);
  // Too little, of another kind, or nobody's.
  received(0x1a0, '0105');
  expect([level!.value, flow!.value]).toEqual([0, 0]);
  for (const more of [{ ext: true }, { rtr: true }, { err: true }]) received(0x1a0, '11ff000000000000', more);
  received(0x7ff, '11');
  expect([level!.value, told.length]).toEqual([0, 8]);
  level!.removeListener(listener);
  received(0x1a0, '21050fff0000c03f');
  expect(told.slice(8)).toEqual([['update', true, 1], 'Level']);

  const { serial, mode, hours, running } = Pump!.signals;
  const values = () => [serial, mode, hours, running].map((signal) => signal!.value);
  received(0x1a1, '0a010403020105', { ext: true });
  expect(values()).toEqual([0x01020304, 5, undefined, 1]);
  received(0x1a1, '0b000403000006', { ext: true });
  expect(values()).toEqual([0x01020304, 6, 0x0304, 0]);
  received(0x1a1, '0c010403000007', { ext: true });
  expect(values()).toEqual([0x01020304, 6, 0x0304, 1]);
});

test('a message is sent with the values of its signals', () => {
  const { service, sent, send } = served();
  const { Level, Pump, Long } = service.messages;
  expect(send('Level')).toBe('0000000000000000');
  const told: unknown[] = [];
  Level!.signals.valid!.onUpdate(({ value }) => told.push(value));
  Level!.signals.valid!.update(true);
  Level!.signals.level!.update(0.6);
  Level!.signals.temperature!.update(-1);
  Level!.signals.flow!.update(1.5);
  expect(told).toEqual([1]);
  service.send('Level');
  expect(sent.pop()).toEqual([
    'classic',
    { id: 0x1a0, ext: false, rtr: false, data: Buffer.from('11050fff0000c03f', 'hex') },
  ]);
  Pump!.signals.serial!.update(0x01020304);
  Pump!.signals.hours!.update(0x0506);
  Pump!.signals.mode!.update(7);
  Pump!.signals.running!.update(1);
  expect(['Pump', 'Pump.a', 'Pump.B', 'Pump.ff'].map(send)).toEqual([
    '00010000000000',
    '0a010403020107',
    '0b010605000007',
    'ff010000000000',
  ]);
  Long!.signals.last!.update(0xaa);
  service.send('Long');
  expect(sent.pop()).toMatchObject(['fd', { data: Buffer.from(`${'00'.repeat(11)}aa`, 'hex') }]);
});

test('what a listener throws is an uncaught exception, and no other listener goes without', async () => {
  const { service, received } = served();
  const { valid, level } = service.messages.Level!.signals;
  const thrown: unknown[] = [];
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').once('uncaughtException', (error) => thrown.push(error.message));
  valid!.onUpdate(() => {
    throw new Error('of the listener');
  });
  received(0x1a0, '11050fff0000c03f');
  await new Promise(setImmediate);
  for (const other of others) process.on('uncaughtException', other);
  expect([thrown, level!.value]).toEqual([['of the listener'], 0.5]);
});

test('bad files, names and values are refused by what is wrong with them', () => {
  const { service } = served();
  const { level, valid } = service.messages.Level!.signals;
  const written = (text: string) => {
    const path = join(folder, 'bad.kcd');
    writeFileSync(path, text);
    return path;
  };
  const message = (inner: string) =>
    `<NetworkDefinition><Bus name="Main"><Message id="0x1" name="M" length="4">${inner}</Message></Bus></NetworkDefinition>`;
  const long = can.parseNetworkDescription(written(message('<Signal name="long" offset="8" length="32"/>')));
  for (const [call, told, code] of [
    [() => can.parseNetworkDescription(join(folder, 'none.kcd')), 'none.kcd', 'ENOENT'],
    [() => can.parseNetworkDescription(written('<html>')), 'no XML', 'ERR_INVALID_ARG_VALUE'],
    [() => can.parseNetworkDescription(written(message('<Signal name="s"/>'))), 'Signal s', 'ERR_INVALID_ARG_VALUE'],
    [() => served(long), 'at least 5 bytes for long', 'ERR_OUT_OF_RANGE'],
    [() => service.send('Levels'), 'msg_name: expected the name of a message', 'ERR_INVALID_ARG_VALUE'],
    [() => service.send('Pump.100'), 'values.page', 'ERR_OUT_OF_RANGE'],
    [() => level!.update('1' as any), 'newValue', 'ERR_INVALID_ARG_TYPE'],
    [() => level!.onChange(1 as any), 'listener', 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    expect(call).toThrow(told);
    expect(call).toThrow(expect.objectContaining({ code }));
  }
  valid!.update(2);
  expect(() => service.send('Level')).toThrow('values.valid: expected 0 to 1 for 1 bits, got 2');
});
