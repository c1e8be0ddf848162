import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import { without } from './capabilities';

const require = createRequire(import.meta.url);
const library = require.resolve('@bsd-sockets/core-native');
const root = dirname(dirname(library));
const module = pathToFileURL(join(root, 'dist', 'index.mjs')).href;
const folder = mkdtempSync(join(tmpdir(), 'bsd-loader-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Copies the built package, without an addon. */
function copyTo(place: string): string {
  for (const name of ['dist', 'package.json']) cpSync(join(root, name), join(place, name), { recursive: true });
  return join(place, 'dist', 'index.js');
}

const SAY = `const say = (call) => {
  try { console.log(JSON.stringify({ returned: call() })); }
  catch (error) { console.log(JSON.stringify({ code: error.code, message: error.message, isError: error instanceof Error })); }
};`;

interface Saying {
  returned?: unknown;
  code?: string;
  message?: string;
  isError?: boolean;
}

function run(flags: string[], code: string, addon: string | undefined, cwd = folder) {
  const { BSD_SOCKETS_ADDON: _, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '-e', code], {
    cwd,
    encoding: 'utf8',
    env: addon === undefined ? env : { ...env, BSD_SOCKETS_ADDON: addon },
  });
  const said = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Saying);
  return { said, stderr, status };
}

const asCommonJs = (body: string, addon?: string, path = library, cwd?: string) =>
  run([], `${SAY} const core = require(${JSON.stringify(path)}); ${body}`, addon, cwd);
const asModule = (body: string, addon?: string) =>
  run(['--input-type=module'], `${SAY} import * as core from ${JSON.stringify(module)}; ${body}`, addon);

const missing = join(folder, 'missing.node');
const broken = join(folder, 'broken.node');
writeFileSync(broken, 'this is no shared object\n');
const foreign = join(folder, 'foreign.node');
// A shared object that is no addon of Node.
copyFileSync(process.execPath, foreign);
const folderNamed = join(folder, 'folder.node');
mkdirSync(folderNamed);

describe.each([
  ['is missing', missing, 'no such file'],
  ['is broken', broken, broken],
  ['is something else', foreign, foreign],
  ['is a folder', folderNamed, folderNamed],
])('an addon that %s', (_state, addon, reason) => {
  describe.each([
    ['CommonJS', asCommonJs],
    ['an ECMAScript module', asModule],
  ])('from %s', (_kind, load) => {
    test('does not keep the package from being imported', () => {
      const body = 'say(() => [typeof core.OSError, typeof core.native.socket, core.AF_INET === undefined]);';
      expect(load(body, addon)).toEqual({
        said: [{ returned: ['function', 'function', true] }],
        stderr: '',
        status: 0,
      });
    });

    test('is one clear error at the first call, and at the next', () => {
      const { said, stderr } = load('for (const call of [1, 2]) say(() => core.native.socket(2, 1, 0));', addon);
      expect(stderr).toBe('');
      const [first, second] = said as [Saying, Saying];
      expect(second).toEqual(first);
      expect(first).toMatchObject({ code: 'ERR_BSD_SOCKETS_ADDON', isError: true });
      const lines = first.message!.split('\n');
      expect(lines[0]).toContain(`${process.platform}-${process.arch}`);
      expect(lines[0]).toContain(process.version);
      expect(lines.filter((line) => line.startsWith(`  ${addon}: `))).toHaveLength(1);
      expect(first.message).toContain(reason);
      expect(first.message).toContain('BSD_SOCKETS_ADDON=FILE');
    });
  });

  test('is the error of every binding', () => {
    const { said } = asCommonJs(
      `for (const name of ['accept', 'close', 'getaddrinfo', 'receive', 'sendall', 'strerror']) say(() => core.native[name](0));
       say(() => core.osError(-9));`,
      addon,
    );
    expect(said.map(({ code }) => code)).toEqual(new Array(7).fill('ERR_BSD_SOCKETS_ADDON'));
  });

  test('is the error of a check of a constant, which would be the wrong one to blame', () => {
    const { said } = asCommonJs("say(() => core.int32('family', core.AF_INET));", addon);
    expect(said[0]?.code).toBe('ERR_BSD_SOCKETS_ADDON');
  });
});

describe('without BSD_SOCKETS_ADDON', () => {
  test('the build of the package is loaded', () => {
    expect(asCommonJs('say(() => core.native.strerror(9));').said).toEqual([{ returned: 'Bad file descriptor' }]);
    expect(asModule('say(() => core.native.strerror(9));').said).toEqual([{ returned: 'Bad file descriptor' }]);
  });

  test('every place is named if none has it', () => {
    const { said } = asCommonJs('say(() => core.native.socket(2, 1, 0));', undefined, copyTo(join(folder, 'copy')));
    expect(said[0]?.code).toBe('ERR_BSD_SOCKETS_ADDON');
    for (const place of ['build/Release', 'build/Debug', `prebuilds/${process.platform}-${process.arch}`]) {
      const path = join(folder, 'copy', place, 'core_native.node');
      expect(said[0]?.message).toContain(`  ${path}: no such file`);
    }
  });
});

describe('code that was bundled', () => {
  const bundle = join(folder, 'bundle.cjs');
  buildSync({ entryPoints: [library], bundle: true, platform: 'node', outfile: bundle, logLevel: 'error' });
  const body = 'say(() => core.native.strerror(9));';

  test('says so, and what to tell the bundler', () => {
    const { said } = asCommonJs(body, undefined, bundle);
    expect(said[0]?.code).toBe('ERR_BSD_SOCKETS_ADDON');
    expect(said[0]?.message).toContain('This code was bundled');
    expect(said[0]?.message).toContain('--external:@bsd-sockets/*');
    expect(said[0]?.message).not.toContain('CMake');
  });

  test('takes the addon that BSD_SOCKETS_ADDON names', () => {
    const built = join(root, 'build', 'Release', 'core_native.node');
    expect(asCommonJs(body, built, bundle).said).toEqual([{ returned: 'Bad file descriptor' }]);
  });
});

describe('BSD_SOCKETS_ADDON', () => {
  const built = join(root, 'build', 'Release', 'core_native.node');

  test('names another place', () => {
    const elsewhere = join(folder, 'elsewhere.node');
    copyFileSync(built, elsewhere);
    expect(asCommonJs('say(() => core.native.strerror(9));', elsewhere).said).toEqual([
      { returned: 'Bad file descriptor' },
    ]);
  });

  test('may be relative to the working directory', () => {
    copyFileSync(built, join(folder, 'relative.node'));
    for (const path of ['relative.node', './relative.node']) {
      const { said } = asCommonJs('say(() => core.native.strerror(9));', path);
      expect(said, path).toEqual([{ returned: 'Bad file descriptor' }]);
    }
  });

  test('counts for nothing if it is empty', () => {
    expect(asCommonJs('say(() => core.native.strerror(9));', '').said).toEqual([{ returned: 'Bad file descriptor' }]);
  });

  const both = join(folder, 'both');
  const library2 = copyTo(both);
  const places = ['build/Release', `prebuilds/${process.platform}-${process.arch}`].map((place) =>
    join(both, place, 'core_native.node'),
  ) as [string, string];
  for (const file of places) {
    mkdirSync(dirname(file), { recursive: true });
    copyFileSync(built, file);
  }

  test('chooses between an own build, which comes first, and the published binary', () => {
    const loaded = (addon?: string) => asCommonJs('say(() => core.addonPath);', addon, library2).said[0]?.returned;
    expect([loaded(), loaded('build'), loaded('prebuilt')]).toEqual([places[0], places[0], places[1]]);
  });

  test('takes no other than what it chooses', () => {
    const library3 = copyTo(join(folder, 'neither'));
    for (const [addon, there, elsewhere] of [
      ['build', 'build/Release', 'prebuilds'],
      ['prebuilt', 'prebuilds', 'build/'],
    ] as const) {
      const { said } = asCommonJs('say(() => core.native.socket(2, 1, 0));', addon, library3);
      expect(said[0]?.code).toBe('ERR_BSD_SOCKETS_ADDON');
      expect(said[0]?.message).toContain(`  ${join(folder, 'neither', there)}`);
      expect(said[0]?.message).not.toContain(join(folder, 'neither', elsewhere));
    }
  });
});

describe('the published binary', () => {
  test.skipIf(without('Linux'))('of a newer glibc than that of the system is refused in plain words (Linux)', () => {
    const newer = join(folder, 'newer.node');
    const binary = readFileSync(join(root, 'build', 'Release', 'core_native.node'));
    // The version that memcpy, accept4 and others are looked for in.
    binary.write('GLIBC_9.17', binary.indexOf('GLIBC_2.17\0'));
    writeFileSync(newer, binary);
    const { said } = asCommonJs('say(() => core.native.strerror(9));', newer);
    expect(said[0]?.code).toBe('ERR_BSD_SOCKETS_ADDON');
    expect(said[0]?.message).toMatch(/version `GLIBC_9.17' not found/);
    expect(said[0]?.message).toContain('The glibc of this system is too old for this binary, which needs 9.17');
    expect(said[0]?.message).toContain('npx @bsd-sockets/core-native build');
  });

  test.skipIf(without('Linux'))('is that of musl where the program was started by the loader of musl (Linux)', () => {
    const program = join(folder, 'node-of-musl');
    writeFileSync(program, '\x7fELF … /lib/ld-musl-x86_64.so.1\0');
    const body = 'say(() => core.native.strerror(9));';
    const load = `process.execPath = ${JSON.stringify(program)}; const core = require(${JSON.stringify(library)});`;
    const { said } = run([], `${SAY} ${load} ${body}`, 'prebuilt');
    expect(said[0]?.message).toContain(`no addon for linux-${process.arch}-musl`);
    expect(said[0]?.message).toContain(join(`prebuilds/linux-${process.arch}-musl`, 'core_native.node'));
  });
});
