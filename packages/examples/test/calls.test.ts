import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as blocking from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import ts from 'typescript';
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

/** The names of the parameters of all functions and methods of a name, from the declarations that users get. */
function parameters(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const visit = (node: ts.Node) => {
    if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isMethodSignature(node)) {
      const name = node.name?.getText() ?? '';
      const known = found.get(name) ?? new Set();
      for (const parameter of node.parameters) known.add(parameter.name.getText());
      found.set(name, known);
    }
    ts.forEachChild(node, visit);
  };
  for (const dist of ['core-native', 'resolver', 'socket'].map((name) => join(root, 'packages', name, 'dist'))) {
    for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.d.ts')) continue;
      visit(ts.createSourceFile(file, readFileSync(join(dist, file), 'utf8'), ts.ScriptTarget.Latest, true));
    }
  }
  return found;
}

test('names arguments as the calls and their errors do', () => {
  const known = parameters();
  const calls = page.matchAll(/`(?!new )(?:Socket\.)?(\w+)\(([^`]*)\)`/g);
  const wrong = Array.from(calls).flatMap(([call, name, args]) => {
    return args!.split(', ').some((argument) => /^\w/.test(argument) && !known.get(name!)?.has(argument)) ? [call] : [];
  });
  expect(known.get('recvExactly')).toEqual(new Set(['nbytes', 'options']));
  expect(wrong).toEqual([]);
});
