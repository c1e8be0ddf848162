import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fillCall, native } from '@bsd-sockets/core-native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { messagePair, onWindows } from './platform';

const EFAULT = -native.errnos.EFAULT!;
// Windows has neither, and needs neither.
const { MSG_DONTWAIT = 0, MSG_NOSIGNAL = 0 } = native.constants;

let sender: number;
let receiver: number;

beforeEach(() => {
  [sender, receiver] = messagePair('SOCK_DGRAM');
});

afterEach(() => {
  native.close(sender);
  native.close(receiver);
});

const bindings = { send: native.send, sendall: native.sendall };

function send(data: Uint8Array, flags = 0, binding = native.send): number {
  fillCall(sender, flags, 0, data.length, 0, 0);
  return binding(data);
}

/** What arrived, read into other memory than that of the test: at least so many bytes. */
function arrived(length = 0): Buffer {
  const memory = Buffer.alloc(100_000);
  let count = 0;
  for (let more = 1; more > 0; count += Math.max(more, 0)) {
    const waits = count < length;
    fillCall(receiver, waits ? 0 : MSG_DONTWAIT, count, memory.length - count, 0, waits ? -1 : 0);
    more = native.receive(memory);
  }
  return memory.subarray(0, count);
}

function filled(size: number, value: number): Buffer {
  return Buffer.alloc(size, value);
}

function detach(view: Uint8Array): void {
  structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
}

describe.each(Object.entries(bindings))('%s', (name, binding) => {
  const all = (length: number) => (name === 'sendall' ? 0 : length);

  // One that is copied, one that is not, one that is not kept.
  test.each([1, 64, 1024, 1025, 5000, 65_537])('of %d bytes sends what is there each time', (size) => {
    const data = filled(size, 0);
    for (let time = 0; time < 5; time++) {
      data.fill(time);
      expect(send(data, 0, binding)).toBe(all(size));
      expect(arrived(size).equals(filled(size, time))).toBe(true);
    }
  });

  test('takes turns with other memory, and with flags', () => {
    const memory = [filled(10, 1), filled(10, 2), filled(3000, 3), filled(3000, 4), new Uint8Array(7).fill(5)];
    for (let time = 0; time < 100; time++) {
      const data = memory[(time * time + (time >> 3)) % memory.length]!;
      expect(send(data, time % 3 === 0 ? MSG_NOSIGNAL : 0, binding)).toBe(all(data.length));
      expect(arrived(data.length).equals(data)).toBe(true);
    }
  });

  test.each([64, 5000])('of %d bytes that were taken away sends nothing', (size) => {
    const data = new Uint8Array(size).fill(1);
    for (let time = 0; time < 3; time++) {
      send(data, 0, binding);
      arrived(data.length);
    }
    detach(data);
    fillCall(sender, 0, 0, size, 0, 0);
    expect(binding(data)).toBe(EFAULT);
    expect(arrived()).toHaveLength(0);
  });

  test('believes the memory, not a property that says another length', () => {
    const data = new Uint8Array(64).fill(1);
    for (let time = 0; time < 3; time++) {
      send(data, 0, binding);
      arrived(data.length);
    }
    Object.defineProperty(data, 'length', { value: 64 });
    detach(data);
    fillCall(sender, 0, 0, 64, 0, 0);
    expect(binding(data)).toBe(EFAULT);
    expect(arrived()).toHaveLength(0);
  });

  test('begins at the offset', () => {
    const data = Buffer.from('0123456789');
    for (let time = 0; time < 4; time++) {
      fillCall(sender, 0, 4, 3, 0, 0);
      binding(data);
      expect(arrived(3).toString()).toBe('456');
    }
  });
});

describe('receive', () => {
  test('into the same memory, and into other memory in turn', () => {
    const memory = [filled(10, 0), filled(10, 0), filled(70_000, 0)];
    for (let time = 0; time < 60; time++) {
      const text = `message ${time % 10}`;
      send(Buffer.from(text));
      const buffer = memory[(time >> 2) % memory.length]!;
      fillCall(receiver, 0, 0, buffer.length, 0, -1);
      expect(native.receive(buffer)).toBe(text.length);
      expect(buffer.toString('utf8', 0, text.length)).toBe(text);
    }
  });

  test('into memory that was taken away writes nothing', () => {
    const buffer = new Uint8Array(64);
    for (let time = 0; time < 3; time++) {
      send(Buffer.from('data'));
      fillCall(receiver, 0, 0, 64, 0, -1);
      expect(native.receive(buffer)).toBe(4);
    }
    Object.defineProperty(buffer, 'length', { value: 64 });
    detach(buffer);
    send(Buffer.from('data'));
    fillCall(receiver, 0, 0, 64, 0, 0);
    expect(native.receive(buffer)).toBe(EFAULT);
    expect(arrived(4).toString()).toBe('data');
  });

  test('into a view whose buffer is resized writes no further than it goes', () => {
    const buffer = new (ArrayBuffer as any)(64, { maxByteLength: 4096 });
    const view = new Uint8Array(buffer);
    for (const size of [64, 64, 4, 64, 4096, 4096]) {
      buffer.resize(size);
      send(filled(10, size % 251));
      fillCall(receiver, 0, 0, size + 1, 0, 0);
      expect(native.receive(view)).toBe(EFAULT);
      fillCall(receiver, 0, 0, size, 0, -1);
      expect(native.receive(view)).toBe(Math.min(size, 10));
      expect([...view.subarray(0, 4)]).toEqual(new Array(4).fill(size % 251));
      // A stream keeps what found no room.
      if (onWindows && size < 10) arrived(10 - size);
    }
  });
});

test('memory is let go with the next close', () => {
  const code = `
    const { native, fillCall, slots, Slot } = require(process.argv[1]);
    const { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } = native.constants;
    const fd = process.platform === 'win32'
      ? native.socketpair(AF_INET, SOCK_STREAM, 0, 0)
      : native.socketpair(AF_UNIX, SOCK_DGRAM, 0, 0);
    const views = new FinalizationRegistry((name) => console.log(name));
    (() => {
      for (const size of [64, 5000]) {
        const view = new Uint8Array(size);
        views.register(view, 'sent ' + size);
        for (let time = 0; time < 3; time++) { fillCall(fd, 0, 0, size, 0, 0); native.send(view); }
      }
      const view = new Uint8Array(64);
      views.register(view, 'received');
      fillCall(slots[Slot.secondFd], 0, 0, 64, 0, 0);
      for (let time = 0; time < 3; time++) native.receive(view);
    })();
    native.close(fd);
    setTimeout(() => { gc(); setTimeout(() => {}, 50); }, 50);
  `;
  const library = createRequire(import.meta.url).resolve('@bsd-sockets/core-native');
  const { stdout } = spawnSync(process.execPath, ['--expose-gc', '-e', code, library], { encoding: 'utf8' });
  expect(stdout.trim().split('\n').sort()).toEqual(['received', 'sent 5000', 'sent 64']);
});

test('copies of the package that load the same addon know the same', () => {
  const code = `
    const first = require(process.argv[1]);
    for (const file of Object.keys(require.cache)) if (!file.endsWith('.node')) delete require.cache[file];
    const second = require(process.argv[1]);
    console.log(first === second, first.native === second.native);
  `;
  const library = createRequire(import.meta.url).resolve('@bsd-sockets/core-native');
  const { stdout } = spawnSync(process.execPath, ['-e', code, library], { encoding: 'utf8' });
  expect(stdout).toBe('false true\n');
});
