import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const packages = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'packed-'));
const tarballs = join(folder, 'tarballs');
afterAll(() => rmSync(folder, { recursive: true }));

function run(cwd: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
}

// All packages, each from a registry, are what `pnpm run release:check` tries.
test('a family that is packed and installed in an empty project loads both ways', { timeout: 240_000 }, () => {
  const filter = ['core-native', 'resolver', 'socket', 'vsock'].flatMap((name) => ['--filter', `@bsd-sockets/${name}`]);
  run(packages, 'npx', '-y', 'pnpm@12.21.0', '-r', ...filter, 'pack', '--pack-destination', tarballs);
  const project = join(folder, 'project');
  mkdirSync(project);
  run(project, 'npm', 'init', '-y');
  const files = readdirSync(tarballs).map((file) => join(tarballs, file));
  expect(files).toHaveLength(4);
  run(project, 'npm', 'install', '--offline', '--no-audit', '--no-fund', ...files);
  // Nothing of others comes with it.
  expect(readdirSync(join(project, 'node_modules')).filter((entry) => !entry.startsWith('.'))).toEqual([
    '@bsd-sockets',
  ]);

  const look = `
    const names = Object.keys(vsock).filter((key) => key !== 'default');
    const [a, b] = socketpair();
    a.send(Buffer.from('works'));
    console.log(names.length > 2, b.recv(5).toString());
    for (const socket of [a, b]) socket.close();`;
  const required = `const vsock = require('@bsd-sockets/vsock'); const { socketpair } = require('@bsd-sockets/socket');`;
  const imported = `import * as vsock from '@bsd-sockets/vsock'; import { socketpair } from '@bsd-sockets/socket';`;
  expect(run(project, process.execPath, '-e', required + look)).toBe('true works\n');
  expect(run(project, process.execPath, '--input-type=module', '-e', imported + look)).toBe('true works\n');
});
