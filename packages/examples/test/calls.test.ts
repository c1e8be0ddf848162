import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as blocking from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/calls.md'), 'utf8');
const named = new Set(page.match(/[A-Za-z_]\w+/g));

/** The public methods of classes, from the declarations that users get. */
function methods(...files: string[]): string[] {
  const names = files.flatMap((file) => {
    const text = readFileSync(join(root, 'packages/socket/dist', file), 'utf8');
    const documented = text.split('/**').filter((block) => !block.includes('@internal'));
    return Array.from(documented.join('').matchAll(/^ {4}(?:get )?(\w+)(?:<.*>)?\(/gm), ([, name]) => name!);
  });
  return [...new Set(names)].filter((name) => name !== 'constructor');
}

test('has each function and class of both modules, errors by their base', () => {
  const isError = (value: unknown) => typeof value === 'function' && value.prototype instanceof blocking.OSError;
  const names = [blocking, promises].flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) => (typeof value === 'function' && !isError(value) ? [name] : [])),
  );
  expect([...new Set(names)].filter((name) => name !== 'default' && !named.has(name))).toEqual([]);
});

test('has each method of a socket', () => {
  const names = methods('base-socket.d.ts', 'socket.d.ts', 'promises/socket.d.ts');
  expect(names).toEqual(expect.arrayContaining(['bind', 'recvmmsg', 'toDuplex']));
  expect(names.filter((name) => !named.has(name))).toEqual([]);
});

test('has no call that does not exist', () => {
  const known = new Set([
    ...Object.keys(blocking),
    ...Object.keys(promises),
    ...methods('base-socket.d.ts', 'socket.d.ts', 'promises/socket.d.ts'),
    'Socket',
    'from',
  ]);
  const calls = Array.from(page.matchAll(/`(?:new )?(?:Socket\.)?(\w+)\(/g), ([, name]) => name!);
  expect(calls.filter((name) => !known.has(name))).toEqual([]);
});
