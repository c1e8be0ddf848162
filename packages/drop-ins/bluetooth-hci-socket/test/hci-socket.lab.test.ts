import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { encodeBdaddr } from '@bsd-sockets/bluetooth';
import BluetoothHciSocket, * as exported from '@bsd-sockets/bluetooth-hci-socket';
import { afterEach, describe, expect, test } from 'vitest';
import { advertise, lab, twoAdapters } from '../../../families/bluetooth/test/adapters';

const hci = lab('SOCK_RAW', 'BTPROTO_HCI');
const [here, there] = await twoAdapters(hci, 'btvirt', '-l2');

const READ_BD_ADDR = Buffer.from('01091000', 'hex');
const EVENTS = Buffer.from('10000000ffffffffffffffff0000', 'hex');

const PATH = createRequire(import.meta.url).resolve('@bsd-sockets/bluetooth-hci-socket');

const open: BluetoothHciSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.stop();
});

function opened(): { socket: BluetoothHciSocket; packets: Buffer[]; codes: unknown[] } {
  const socket = new BluetoothHciSocket();
  open.push(socket);
  const packets: Buffer[] = [];
  const codes: unknown[] = [];
  socket.on('data', (packet) => void packets.push(packet));
  socket.on('error', ({ code }) => void codes.push(code));
  return { socket, packets, codes };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(1);
}

const descriptors = () => readdirSync('/proc/self/fd').length;

test('is required as the addons are, as the class itself', () => {
  const required = createRequire(import.meta.url)('@bsd-sockets/bluetooth-hci-socket');
  expect(required).toBe(BluetoothHciSocket);
  expect([required.default, required.BluetoothHciSocket, required.loadDriver('native')]).toEqual(
    Array(3).fill(required),
  );
  expect(() => new (exported.loadDriver('usb'))()).toThrow('no USB');
});

describe.skipIf(!hci.available)(`HCI sockets ${hci.reason}`, () => {
  test('know the adapters, and write to one and hear its answer', async () => {
    const { socket, packets } = opened();
    const adapters = socket.getDeviceList().map(({ devId, devUp, idVendor }) => [devId, devUp, idVendor]);
    const indices = [here, there].map(({ index }) => index).sort();
    expect(adapters).toEqual(indices.map((index) => [index, true, null]));
    expect(socket.bindRaw()).toBe(indices[0]);
    expect([socket.bindRaw(there.index), socket.isDevUp()]).toEqual([there.index, true]);
    socket.setFilter(EVENTS);
    socket.start();
    socket.start();
    socket.write(READ_BD_ADDR);
    await until(() => packets.length > 0);
    const bdaddr = Buffer.from(encodeBdaddr(there.bdaddr)).toString('hex');
    expect(packets.map((packet) => packet.toString('hex'))).toEqual([`040e0a01091000${bdaddr}`]);
  });

  test('stop gives back the descriptors, and start binds again with the filter', async () => {
    const { socket, packets } = opened();
    socket.bindRaw(here.index);
    socket.setFilter(EVENTS);
    socket.start();
    socket.write(READ_BD_ADDR);
    await until(() => packets.length === 1);
    socket.stop();
    const before = descriptors();
    for (let round = 0; round < 10; round++) {
      socket.start();
      socket.write(READ_BD_ADDR);
      await until(() => packets.length === round + 2);
      socket.stop();
    }
    expect(descriptors()).toBe(before);
  });

  test('errors have a code, and bad arguments their names', async () => {
    const { socket, codes } = opened();
    expect(() => socket.bindUser(here.index)).toThrow(expect.objectContaining({ code: 'EBUSY' }));
    expect(() => socket.bindRaw(99)).toThrow(expect.objectContaining({ code: 'ENODEV' }));
    socket.write(READ_BD_ADDR);
    expect(codes).toEqual(['ENOTCONN']);
    socket.bindRaw(here.index);
    socket.write(Buffer.of(0x77, 1, 2, 3));
    await until(() => codes.length === 2);
    expect(codes[1]).toBe('EINVAL');
    socket.write(Buffer.of(0x77, 1, 2, 3));
    socket.stop();
    await setTimeout(20);
    expect(codes).toHaveLength(2);
    expect(() => socket.write('text' as any)).toThrow('data');
    expect(() => socket.setFilter(Buffer.alloc(17))).toThrow('filter');
    expect(() => socket.bindRaw('hci0' as any)).toThrow('devId');
  });

  test('what a listener for errors throws is an uncaught exception', () => {
    const source = `
      const socket = new (require(${JSON.stringify(PATH)}))();
      process.on('uncaughtException', ({ message }, origin) => console.log(message, origin));
      socket.on('error', ({ code }) => {
        throw new Error(code);
      });
      socket.bindRaw(${here.index});
      socket.write(Buffer.of(0x77, 1, 2, 3));`;
    const { stdout } = spawnSync(process.execPath, ['-e', source], { encoding: 'utf8', timeout: 60_000 });
    expect(stdout).toBe('EINVAL uncaughtException\n');
  });

  test('the management interface answers', async () => {
    const { socket, packets } = opened();
    socket.start();
    socket.bindControl();
    socket.write(Buffer.from('0100ffff0000', 'hex'));
    await until(() => packets.length > 0);
    expect(packets[0]!.subarray(0, 9).toString('hex')).toBe('0100ffff0600010000');
  });

  test('works in a worker thread, which leaves nothing behind', async () => {
    const before = descriptors();
    const worker = new Worker(
      `const { parentPort, workerData: { path, index, filter, command } } = require('node:worker_threads');
       const socket = new (require(path))();
       socket.bindRaw(index);
       socket.setFilter(filter);
       socket.on('data', (packet) => parentPort.postMessage(packet.toString('hex')));
       socket.start();
       socket.write(command);`,
      { eval: true, workerData: { path: PATH, index: here.index, filter: EVENTS, command: READ_BD_ADDR } },
    );
    const [packet] = await once(worker, 'message');
    expect(packet).toBe(`040e0a01091000${Buffer.from(encodeBdaddr(here.bdaddr)).toString('hex')}`);
    await worker.terminate();
    await until(() => descriptors() <= before);
  });

  test('a connection of Low Energy lasts, beside the kernel, until it is ended', async () => {
    const { socket, packets, codes } = opened();
    await advertise(there);
    socket.bindRaw(here.index);
    socket.setFilter(EVENTS);
    socket.start();
    const before = descriptors();
    const command = Buffer.from('010d1019600030000000aabbccddeeff001800280000002a0000000000', 'hex');
    command.writeUInt16LE(0x200d, 1);
    command.set(encodeBdaddr(there.bdaddr), 10);
    socket.write(command);
    const isConnected = (packet: Buffer) => packet[1] === 0x3e && (packet[3] === 1 || packet[3] === 10);
    await until(() => packets.some(isConnected));
    const connected = packets.find(isConnected)!;
    expect([connected[4], connected.subarray(9, 15)]).toEqual([0, Buffer.from(encodeBdaddr(there.bdaddr))]);
    // For longer than the kernel keeps a connection that nobody uses.
    await setTimeout(4000);
    expect(packets.some((packet) => packet[1] === 0x05)).toBe(false);
    expect(descriptors()).toBe(before + 1);
    const disconnect = Buffer.from('01060403000013', 'hex');
    connected.copy(disconnect, 4, 5, 7);
    socket.write(disconnect);
    await until(() => packets.some((packet) => packet[1] === 0x05));
    await until(() => descriptors() === before);
    expect(codes).toEqual([]);
  });
});
