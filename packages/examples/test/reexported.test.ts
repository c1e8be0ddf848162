import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'reexported-'));
afterAll(() => rmSync(project, { recursive: true }));

/** What each package depends on. */
const packages = {
  'core-native': [],
  resolver: ['core-native'],
  socket: ['core-native', 'resolver'],
  'families/vsock': ['core-native', 'socket'],
};

/** Where pnpm has a package: beside what it depends on, and nothing else. */
const store = (name: string) => join(project, 'node_modules/.pnpm', name, 'node_modules/@bsd-sockets');

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(relative(dirname(path), target), path);
}

/** Installs the packages as pnpm does, of which a library sees only those that it names. */
function install(): void {
  for (const [folder, dependencies] of Object.entries(packages)) {
    const name = folder.replace('families/', '');
    for (const part of ['dist', 'package.json']) {
      cpSync(join(root, 'packages', folder, part), join(store(name), name, part), { recursive: true });
    }
    for (const other of dependencies) link(join(store(other), other), join(store(name), other));
  }
  for (const name of ['socket', 'vsock'])
    link(join(store(name), name), join(project, 'node_modules/@bsd-sockets', name));
  link(realpathSync(join(root, 'node_modules/@types/node')), join(project, 'node_modules/@types/node'));
  cpSync(fileURLToPath(new URL('reexported/library.mts', import.meta.url)), join(project, 'library.mts'));
}

test('the declarations of a library that re-exports ours name nothing that it does not import', {
  timeout: 120_000,
}, () => {
  install();
  const program = ts.createProgram([join(project, 'library.mts')], {
    declaration: true,
    emitDeclarationOnly: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    outDir: join(project, 'out'),
    skipLibCheck: true,
    strict: true,
    target: ts.ScriptTarget.ES2022,
    types: ['node'],
    typeRoots: [join(project, 'node_modules/@types')],
  });
  let text = '';
  const { diagnostics } = program.emit(undefined, (_, written) => {
    text = written;
  });
  const messages = [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  );
  expect(messages).toEqual([]);
  expect(text).toContain('socket: () => blocking.Socket<blocking.AddressFamily<blocking.InetAddress');
  expect(text.match(/import\("(?!node:|@bsd-sockets\/(socket|vsock)")[^"]*"\)/g) ?? []).toEqual([]);
});
