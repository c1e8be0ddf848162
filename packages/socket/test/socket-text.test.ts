import { inspect } from 'node:util';
import * as blocking from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { expect, test } from 'vitest';
import { onWindows } from './platform';

// What is asked of both here never waits, so that one type will do.
const faces: [name: string, face: typeof blocking][] = [
  ['Socket', blocking],
  ['AsyncSocket', promises as unknown as typeof blocking],
];

test.each(faces)('the text of a %s is what repr says, and JSON has nothing else', (name, { socketpair }) => {
  const [a, b] = socketpair();
  const about = onWindows
    ? `family=AF_INET, type=SOCK_STREAM, proto=0, laddr=${inspect(a.getsockname())}, raddr=${inspect(a.getpeername())}`
    : 'family=AF_UNIX, type=SOCK_STREAM, proto=0';
  const text = `<${name} fd=${a.fileno()}, ${about}>`;
  expect(`${a}`).toBe(text);
  expect(inspect(a)).toBe(text);
  expect(JSON.stringify({ a })).toBe(JSON.stringify({ a: text }));
  a.close();
  b.close();
  expect(`${a}`).toBe(
    `<${name} [closed] fd=-1, family=${onWindows ? 'AF_INET' : 'AF_UNIX'}, type=SOCK_STREAM, proto=0>`,
  );
});

test.each(faces)('the text of a file of a %s is what repr says', async (_name, { socketpair }) => {
  const [a, b] = socketpair();
  const fd = a.fileno();
  const [text, binary] = [a.makefile('r'), a.makefile('wb')];
  expect(`${text}`).toBe(`<${text.constructor.name} name=${fd} mode='r' encoding='utf-8'>`);
  expect(inspect(binary)).toBe(`<${binary.constructor.name} name=${fd} mode='wb'>`);
  expect(JSON.stringify([binary])).toBe(JSON.stringify([`${binary}`]));
  await binary.close();
  expect(`${binary}`).toBe(`<${binary.constructor.name} [closed] name=-1 mode='wb'>`);
  a.close();
  b.close();
});

test('the frames of an error have the names of the classes', async () => {
  const [a, b] = blocking.socketpair();
  a.close();
  b.close();
  const socket = new promises.Socket();
  socket.close();
  const stackOf = async (call: () => unknown): Promise<string> => {
    try {
      await call();
    } catch (error) {
      return (error as Error).stack!;
    }
    return 'nothing thrown';
  };
  const calls = [() => a.recv(1), () => socket.recv(1), () => socket.connect('nonsense' as never)];
  const stacks = await Promise.all(calls.map(stackOf));
  for (const stack of stacks) expect(stack).not.toMatch(/ at (async )?(new )?_[A-Z]|Socket2/);
  // They begin with the caller's, unless an argument is wrong.
  expect(stacks.map((stack) => /\bat\b.*/.exec(stack)?.[0])).toEqual([
    expect.stringContaining('socket-text.test.ts'),
    expect.stringContaining('socket-text.test.ts'),
    expect.any(String),
  ]);
});

test('no exported class has a name that a bundler made', () => {
  for (const face of [blocking, promises]) {
    const classes = Object.values(face).filter((value): value is new () => unknown => {
      return typeof value === 'function' && /^class\b/.test(`${value}`);
    });
    expect(classes.length).toBeGreaterThan(20);
    expect(classes.map((one) => /^class (\w*)/.exec(`${one}`)?.[1]).filter((name) => name?.startsWith('_'))).toEqual(
      [],
    );
    expect(classes.map((one) => one.name).filter((name) => !/^[A-Z][A-Za-z]*$/.test(name))).toEqual([]);
  }
});

test('both faces have no class of the same name that is not the same', () => {
  const ours = Object.values(blocking).filter((value) => /^class\b/.test(`${value}`)) as { name: string }[];
  const theirs = Object.values(promises) as unknown[] as { name?: string }[];
  const alike = ours.filter((one) => !theirs.includes(one) && theirs.some((other) => other?.name === one.name));
  expect(alike).toEqual([]);
});

test('a missing size is not taken for a missing constant', async () => {
  const [a, b] = blocking.socketpair();
  const recv = a.recv as () => Buffer;
  expect(() => recv.call(a)).toThrow(/^bufsize: expected an integer .* got undefined \(it is missing/);
  expect(() => a.setsockopt(blocking.SOL_SOCKET, undefined as never, 1)).toThrow(/a constant that/);
  const socket = promises.Socket.from(a);
  const receive = socket.recv as unknown as () => Promise<Buffer>;
  await expect(receive.call(socket)).rejects.toThrow(/^bufsize: expected an integer .* got undefined \(it is missing/);
  socket.close();
  b.close();
});
