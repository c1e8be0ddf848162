import { type BufferedReader, type FileMode, SHUT_WR, socketpair } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { python } from './python';

const forms: [mode: FileMode, buffering: number | null][] = [
  ['rb', null],
  ['wb', null],
  ['rwb', null],
  ['rb', 0],
];

/** Nothing for a socket: CPython has them because its classes are one family. */
const elsewhere: Record<string, string[]> = {
  // A writer has them to refuse them.
  wb: ['read1', 'readinto', 'readinto1'],
};

test.skipIf(without('python3'))('files have all that those of python3 have (python3)', async () => {
  const rows = JSON.parse(
    python(`
import json, socket
a, b = socket.socketpair()
print(json.dumps([[n for n in dir(a.makefile(m, f)) if n[0] != '_'] for m, f in [('rb', None), ('wb', None), ('rwb', None), ('rb', 0)]]))`),
  ) as string[][];
  const [a, b] = socketpair();
  const [c, d] = promises.socketpair();
  for (const [index, [mode, buffering]] of forms.entries()) {
    const names = rows[index]!.filter((name) => !elsewhere[mode]?.includes(name));
    expect(names.length).toBeGreaterThan(15);
    const ours = a.makefile(mode, buffering ?? -1);
    const theirs = c.makefile(mode, buffering ?? -1);
    expect(names.filter((name) => !(name in ours))).toEqual([]);
    // There are no layers there, so nothing is below, and all can be read by readall's other name.
    expect(names.filter((name) => !(name in theirs) && name !== 'raw' && name !== 'readall')).toEqual([]);
    ours.close();
    await theirs.close();
  }
  for (const socket of [a, b, c, d]) socket.close();
});

describe('a file of the blocking face', () => {
  test.each(['rb', 'rwb'] as const)('%s shows what comes without taking it', (mode) => {
    const [a, b] = socketpair();
    const file = a.makefile(mode, 8);
    b.send(Buffer.from('0123456789'));
    expect(`${file.peek(1)}`).toBe('01234567');
    expect(`${file.peek()}`).toBe('01234567');
    expect(`${file.read(2)}`).toBe('01');
    expect(`${file.peek()}`).toBe('234567');
    const memory = Buffer.alloc(20);
    expect(file.readinto1(memory)).toBe(6);
    expect(file.readinto1(memory.subarray(6, 7))).toBe(1);
    expect(file.readinto1(memory.subarray(7))).toBe(1);
    expect(`${memory.subarray(0, 8)}`).toBe('23456789');
    expect(file.readinto1(Buffer.alloc(0))).toBe(0);
    b.shutdown(SHUT_WR!);
    expect(file.peek()).toHaveLength(0);
    expect(file.readinto1(memory)).toBe(0);
    a.setblocking(false);
    file.close();
    expect(() => file.peek()).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
    a.close();
    b.close();
  });

  test('shows nothing where a non-blocking socket has nothing', () => {
    const [a, b] = socketpair();
    a.setblocking(false);
    const file = a.makefile('rb');
    expect(file.peek()).toHaveLength(0);
    expect(file.readinto1(Buffer.alloc(4))).toBeUndefined();
    a.close();
    b.close();
  });

  test('separates what is below it', () => {
    const [a, b] = socketpair();
    const writer = a.makefile('wb');
    writer.write(Buffer.from('kept'));
    const raw = writer.detach();
    expect(`${b.recv(9)}`).toBe('kept');
    raw.write(Buffer.from('raw'));
    expect(`${b.recv(9)}`).toBe('raw');
    const detached = { code: 'ERR_INVALID_ARG_VALUE', message: 'the file under this one was detached' };
    for (const use of [() => writer.write(Buffer.alloc(1)), () => writer.raw, () => writer.detach()]) {
      expect(use).toThrow(expect.objectContaining(detached));
    }
    raw.close();
    const text = a.makefile('r');
    const binary = text.detach() as BufferedReader;
    b.send(Buffer.from('below'));
    expect(`${binary.read1()}`).toBe('below');
    expect(() => text.read(1)).toThrow(expect.objectContaining(detached));
    expect(() => a.makefile('rwb').detach()).toThrow(expect.objectContaining({ name: 'UnsupportedOperation' }));
    a.close();
    b.close();
  });
});

describe('a file of the promise face', () => {
  test.each(['rb', 'rwb'] as const)('%s shows what comes without taking it', async (mode) => {
    const [a, b] = promises.socketpair();
    const file = a.makefile(mode);
    await b.send(Buffer.from('0123456789'));
    expect(`${await file.peek(1)}`).toBe('0123456789');
    expect(`${await file.read(2)}`).toBe('01');
    expect(`${await file.peek()}`).toBe('23456789');
    const memory = Buffer.alloc(20);
    expect(await file.readinto1(memory.subarray(0, 3))).toBe(3);
    expect(await file.readinto1(memory.subarray(3))).toBe(5);
    expect(`${memory.subarray(0, 8)}`).toBe('23456789');
    const waiting = file.peek();
    await b.send(Buffer.from('x'));
    expect(`${await waiting}${await file.read(1)}`).toBe('xx');
    b.shutdown(SHUT_WR!);
    expect(await file.peek()).toHaveLength(0);
    await file.close();
    await expect(file.peek()).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    await expect(a.makefile('rb', 0).peek()).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    a.close();
    b.close();
  });

  test('separates a file without a buffer, or without an encoding', async () => {
    const [a, b] = promises.socketpair();
    const writer = a.makefile('wb');
    await writer.write(Buffer.from('kept'));
    const raw = await writer.detach();
    expect(`${await b.recv(9)}`).toBe('kept');
    await raw.write(Buffer.from('raw'));
    expect(`${await b.recv(9)}`).toBe('raw');
    expect(writer.closed).toBe(true);
    await expect(raw.detach()).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    const binary = await a.makefile('r').detach();
    await b.send(Buffer.from('below'));
    expect(`${await binary.read1()}`).toBe('below');
    await expect(a.makefile('rwb').detach()).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    await Promise.all([raw.close(), binary.close()]);
    a.close();
    b.close();
  });
});

test('no file has a position, or is a terminal', async () => {
  const [a, b] = socketpair();
  const [c, d] = promises.socketpair();
  const modes: FileMode[] = ['r', 'rb', 'wb', 'rwb'];
  for (const file of modes.flatMap((mode) => [a.makefile(mode), c.makefile(mode)])) {
    expect(file.isatty()).toBe(false);
    expect(() => file.tell()).toThrow(expect.objectContaining({ name: 'UnsupportedOperation', code: 'ESPIPE' }));
    expect(() => file.seek(0)).toThrow(expect.objectContaining({ name: 'UnsupportedOperation', code: 'ESPIPE' }));
    expect(() => file.truncate(0)).toThrow(expect.objectContaining({ name: 'UnsupportedOperation', code: 'EINVAL' }));
    await file.close();
    expect(() => file.isatty()).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  }
  for (const socket of [a, b, c, d]) socket.close();
});
