import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const packages = fileURLToPath(new URL('../..', import.meta.url));
const families = readdirSync(join(packages, 'families'));
const folder = mkdtempSync(join(tmpdir(), 'packed-'));
const tarballs = join(folder, 'tarballs');
afterAll(() => rmSync(folder, { recursive: true }));

interface Manifest {
  name: string;
  version: string;
  dependencies?: Record<string, string>;
}

function manifest(name: string): Manifest {
  const path = families.includes(name) ? join(packages, 'families', name) : join(packages, name);
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
}

/** A package and all of ours that it depends on, by their names without the scope. */
function needs(name: string): string[] {
  const direct = Object.keys(manifest(name).dependencies ?? {}).map((dependency) => dependency.split('/')[1]!);
  return [...new Set([name, ...direct.flatMap(needs)])].sort();
}

function run(cwd: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
}

beforeAll(() => {
  const published = ['--filter', './packages/{core-native,resolver,socket,families/*}'];
  run(packages, 'npx', '-y', 'pnpm@12.21.0', '-r', ...published, 'pack', '--pack-destination', tarballs);
}, 120_000);

describe('installed alone in an empty project', () => {
  test.each(families)('%s brings what it needs and no more, and loads both ways', { timeout: 120_000 }, (name) => {
    const project = join(folder, name);
    mkdirSync(project);
    run(project, 'npm', 'init', '-y');
    const files = needs(name).map((one) => join(tarballs, `bsd-sockets-${one}-${manifest(one).version}.tgz`));
    run(project, 'npm', 'install', '--offline', '--no-audit', '--no-fund', ...files);
    expect(readdirSync(join(project, 'node_modules')).filter((entry) => !entry.startsWith('.'))).toEqual([
      '@bsd-sockets',
    ]);
    expect(readdirSync(join(project, 'node_modules/@bsd-sockets')).sort()).toEqual(needs(name));

    const look = `
      const names = Object.keys(family).filter((key) => key !== 'default');
      const [a, b] = socketpair();
      a.send(Buffer.from('works'));
      console.log(names.length > 2, b.recv(5).toString());
      for (const socket of [a, b]) socket.close();`;
    const required = `const family = require('@bsd-sockets/${name}'); const { socketpair } = require('@bsd-sockets/socket');`;
    const imported = `import * as family from '@bsd-sockets/${name}'; import { socketpair } from '@bsd-sockets/socket';`;
    expect(run(project, process.execPath, '-e', required + look)).toBe('true works\n');
    expect(run(project, process.execPath, '--input-type=module', '-e', imported + look)).toBe('true works\n');
  });
});
