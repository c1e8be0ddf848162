// A platform that has no system call: what a port starts from compiles, and all packages import over it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const core = join(import.meta.dirname, '..');
const require = createRequire(join(core, 'package.json'));
const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-stub-'));
afterAll(() => rmSync(folder, { recursive: true }));
const addon = join(folder, 'stub.node');

const sources = ['', 'stub'].flatMap((platform) =>
  readdirSync(join(core, 'addon', platform))
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(core, 'addon', platform, name)),
);
const OPTIONS = [
  ...['-std=c++17', '-O0', '-fPIC', '-shared', '-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Werror'],
  ...['-DNAPI_VERSION=8', '-DNODE_ADDON_API_DISABLE_DEPRECATED', '-DNAPI_DISABLE_CPP_EXCEPTIONS'],
  ...['-I', join(core, 'addon')],
  ...['-isystem', join(require.resolve('node-api-headers'), '../include')],
  ...['-isystem', join(require.resolve('node-addon-api'), '..')],
];

/** What a program prints whose packages have this addon, from JSON. */
function run(code: string): unknown {
  const env = { ...process.env, BSD_SOCKETS_ADDON: addon };
  return JSON.parse(execFileSync(process.execPath, ['-e', code], { cwd: root, env, encoding: 'utf8' }));
}

/** Bindings that are the same on every platform. They are asked for what nobody has opened. */
const SHARED = new Set([
  'acknowledgeReadiness',
  'cancelLookup',
  'closeReadiness',
  'keepAlive',
  'monotonicTime',
  'setBusyPoll',
  'unwatch',
  'watch',
]);

describe('a platform without system calls', () => {
  beforeAll(() => {
    execFileSync('g++', [...OPTIONS, ...sources, '-o', addon], { stdio: ['ignore', 'ignore', 'inherit'] });
  }, 300_000);

  test('each binding answers ENOSYS', () => {
    const answers = run(`
      const { native } = require('@bsd-sockets/core-native');
      const names = Object.keys(native).filter((name) => typeof native[name] === 'function');
      const memory = new Int32Array(3 + 3 * 1024); // struct ReadyBlock
      const answer = (name) => {
        if (name === 'openReadiness') return native.openReadiness(() => {}, memory, 0);
        try {
          return native[name](0, 0, 0, 0);
        } catch (error) {
          return error.message;
        }
      };
      console.log(JSON.stringify(names.map((name) => [name, answer(name)])))`) as [string, unknown][];
    expect(answers.length).toBeGreaterThan(60);
    const others = answers.filter(([, answer]) => answer !== -38).map(([name]) => name);
    expect(new Set(others)).toEqual(SHARED);
  });

  test('all packages import, and a socket says that there is none', () => {
    const packages = [...readdirSync(join(root, 'packages/families')), 'socket', 'socket/promises', 'resolver'];
    const codes = run(`
      const codes = ${JSON.stringify(packages)}.map((name) => {
        require('@bsd-sockets/' + name);
        try {
          new (require('@bsd-sockets/socket').Socket)();
        } catch (error) {
          return error.code;
        }
      });
      console.log(JSON.stringify(codes))`);
    expect(codes).toEqual(packages.map(() => 'ENOSYS'));
  });
});
