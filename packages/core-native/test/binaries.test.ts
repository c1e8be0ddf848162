import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, '../../docs/binaries.md'), 'utf8');
const prebuilds = join(root, 'prebuilds');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const missing = spawnSync('readelf', ['--version']).error ? '(readelf, of binutils)' : '';
const folder = mkdtempSync(join(tmpdir(), 'bsd-binaries-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(script: string, args: string[], cwd = root) {
  // pnpm has the workspace's packages found from everywhere.
  const { NODE_PATH: _, ...env } = process.env;
  return spawnSync(process.execPath, [join(cwd, 'scripts', script), ...args], { cwd, encoding: 'utf8', env });
}

/** The dynamic symbols of a library. */
function symbols(file: string): [name: string, section: string, bind: string][] {
  const { stdout } = spawnSync('readelf', ['--wide', '--dyn-syms', file], { encoding: 'utf8' });
  const rows = stdout.matchAll(/^ *\d+: \S+ +\d+ \S+ +(\S+) +\S+ +(\S+) (\S+)/gm);
  return Array.from(rows, ([, bind, section, name]) => [name!, section!, bind!]);
}

/** The files of the tarball. */
function packed(): string[] {
  const options = ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'];
  const { stdout } = spawnSync('npm', options, { cwd: root, encoding: 'utf8' });
  return JSON.parse(stdout)[0].files.map(({ path }: { path: string }) => path);
}

/** What `needs.mjs` says of the binary for each platform. */
const NEEDS: Record<string, RegExp> = {
  'linux-x64': /: x64, .*GLIBC 2\.\d+.*, libstdc\+\+\.so\.6, libgcc_s\.so\.1, libc\.so\.6$/,
  'linux-arm64': /: arm64, .*GLIBC 2\.\d+.*, libstdc\+\+\.so\.6, libgcc_s\.so\.1, libc\.so\.6$/,
  'linux-x64-musl': /: x64, libc\.so$/,
  'linux-arm64-musl': /: arm64, libc\.so$/,
  'darwin-x64': /: x64, macOS 12\.0, \/usr\/lib\/libSystem\.B\.dylib$/,
  'darwin-arm64': /: arm64, macOS 12\.0, \/usr\/lib\/libSystem\.B\.dylib$/,
  'win32-x64': /: .*ws2_32\.dll/,
};

describe(`what a binary needs of the system ${missing}`, () => {
  const here = existsSync(prebuilds) ? readdirSync(prebuilds).filter((platform) => platform in NEEDS) : [];
  const own = join('build', 'Release', 'core_native.node');
  const binaries = [
    [own, NEEDS[`${process.platform}-${process.arch}`]!] as const,
    ...here.map((platform) => [join('prebuilds', platform, 'core_native.node'), NEEDS[platform]!] as const),
  ];

  test.skipIf(missing).each(binaries)('%s is as old as docs/binaries.md says', (binary, needs) => {
    const { stdout, stderr, status } = run('needs.mjs', [binary]);
    expect([stderr, status]).toEqual(['', 0]);
    expect(stdout.trim()).toMatch(needs);
  });

  test('each platform with a toolchain is on the page', () => {
    const toolchains = readdirSync(join(root, 'toolchains')).flatMap((file) => file.match(/^(.*)\.cmake$/)?.[1] ?? []);
    expect(toolchains.sort()).toEqual(Object.keys(NEEDS).sort());
    for (const platform of toolchains) expect(page).toContain(`| \`${platform}\` |`);
  });

  const musl = join(prebuilds, 'linux-x64-musl', 'core_native.node');
  const library = '/usr/lib/x86_64-linux-musl/libc.so';
  const muslMissing = existsSync(musl) && existsSync(library) ? missing : '(pnpm binaries, and musl-tools)';
  test.skipIf(muslMissing)(`is nothing that musl has not where it is for musl ${muslMissing}`, () => {
    const provided = new Set(Array.from(symbols(library), ([name]) => name));
    const wanted = Array.from(
      symbols(musl).filter(([, section, bind]) => section === 'UND' && bind === 'GLOBAL'),
      ([name]) => name,
    );
    expect(wanted).toContain('getaddrinfo');
    expect(wanted.filter((name) => !/^napi_/.test(name) && !provided.has(name))).toEqual([]);
  });

  const windows = join(prebuilds, 'win32-x64', 'core_native.node');
  const windowsMissing = existsSync(windows) ? '' : '(pnpm binaries, with g++-mingw-w64-ucrt64 or windows/root.sh)';
  test.skipIf(windowsMissing)(`is Windows 10 alone where it is for Windows ${windowsMissing}`, () => {
    const { stdout, stderr, status } = run('needs.mjs', [windows]);
    expect([stderr, status]).toEqual(['', 0]);
    expect(stdout).toContain('ws2_32.dll');
    // Node's names are those of the program that loads it, by whatever name.
    expect(stdout).not.toContain('node.exe');
  });

  test.skipIf(windowsMissing)(`is told where a library is not of Windows 10 ${windowsMissing}`, () => {
    const other = join(folder, 'other.node');
    const binary = readFileSync(windows);
    binary.write('WS3_32.dll', binary.indexOf('WS2_32.dll'));
    writeFileSync(other, binary);
    const { stderr, status } = run('needs.mjs', [other]);
    expect([stderr, status]).toEqual([`${other} needs ws3_32.dll, which Windows 10 does not have\n`, 1]);
  });

  test.skipIf(missing)('is told where it is newer', () => {
    const newer = join(folder, 'newer.node');
    const binary = readFileSync(join(root, own));
    for (const version of ['GLIBC_2.17', 'GLIBCXX_3.4.21']) {
      binary.write(version.replace(/[23]/, '9'), binary.indexOf(`${version}\0`));
    }
    writeFileSync(newer, binary);
    const { stderr, status } = run('needs.mjs', [newer]);
    expect(status).toBe(1);
    expect(stderr).toContain('needs GLIBC 9.17, but at most 2.17 is promised');
    expect(stderr).toContain('needs GLIBCXX 9.4.21, but at most 3.4.21 is promised');
    expect(page).toContain('glibc 2.17');
    expect(page).toContain('GLIBCXX_3.4.21');
  });

  const mac = join(prebuilds, 'darwin-arm64', 'core_native.node');
  const macMissing = existsSync(mac) ? '' : '(pnpm binaries, on x64)';
  test.skipIf(macMissing)(
    `is told where one for macOS is newer, not signed or for another system ${macMissing}`,
    () => {
      const binary = readFileSync(mac);
      const changed = join(folder, 'mac.node');
      const command = (number: number) => {
        let at = 32;
        while (binary.readUInt32LE(at) !== number) at += binary.readUInt32LE(at + 4);
        return at;
      };
      binary.writeUInt32LE(13 << 16, command(0x32) + 12); // LC_BUILD_VERSION: minos
      binary.write('B', binary.lastIndexOf('_uv_poll_init\0') + 1); // in the symbol table
      const library = binary.indexOf('libSystem.B', command(0xc)); // LC_LOAD_DYLIB
      binary.write('libSystem.C', library);
      binary.writeUInt32LE(0x1e, command(0x1d)); // LC_CODE_SIGNATURE is another
      writeFileSync(changed, binary);
      const { stderr, status } = run('needs.mjs', [changed]);
      expect(status).toBe(1);
      expect(stderr.replaceAll(`${changed} `, '').split('\n')).toEqual(
        expect.arrayContaining([
          expect.stringContaining('needs macOS 13.0, but at most 12.0 is promised'),
          'needs /usr/lib/libSystem.C.dylib',
          'needs Bv_poll_init, which nobody has',
          'is not signed',
        ]),
      );
    },
  );
});

describe('the tarball', () => {
  test('has what a build from source takes, and runs nothing at its installation', { timeout: 120_000 }, () => {
    const files = packed();
    const sources = readdirSync(join(root, 'addon'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(cc|h|inc)$/.test(file),
    );
    expect(files).toEqual(expect.arrayContaining(['CMakeLists.txt', ...sources.map((file) => `addon/${file}`)]));
    expect(files).toEqual(expect.arrayContaining(Object.values(manifest.bin).map((file) => (file as string).slice(2))));
    for (const script of ['preinstall', 'install', 'postinstall']) expect(manifest.scripts).not.toHaveProperty(script);
    // npm would build it with node-gyp.
    expect(files).not.toContain('binding.gyp');
  });

  /** The package as it is installed from npm, without the published binaries. */
  function installed(name: string): string {
    const target = join(folder, name);
    for (const file of packed().filter((one) => !one.startsWith('prebuilds/'))) {
      mkdirSync(dirname(join(target, file)), { recursive: true });
      cpSync(join(root, file), join(target, file));
    }
    return target;
  }

  test('says what a build from source needs', () => {
    const { stderr, status } = run('build.mjs', ['build'], installed('bare'));
    const versions = Object.entries(manifest.devDependencies).map((entry) => entry.join('@'));
    expect([status, stderr]).toEqual([1, `The build needs: npm install --save-dev ${versions.join(' ')}\n`]);
  });

  test('explains its command', () => {
    const { stderr, status } = run('build.mjs', []);
    expect([status, stderr]).toEqual([2, 'usage: npx @bsd-sockets/core-native build [--libc]\n']);
  });

  const long = process.env.BSD_SOCKETS_BINARIES ? '' : '(a minute: pnpm test:binaries)';
  test.skipIf(long)(`builds itself, and for preloaded tools ${long}`, { timeout: 600_000 }, () => {
    const target = installed('complete');
    symlinkSync(join(root, 'node_modules'), join(target, 'node_modules'));
    const { stdout, stderr, status } = run('build.mjs', ['build', '--libc'], target);
    expect(status, stdout + stderr).toBe(0);
    const code = `const core = require(${JSON.stringify(target)}); console.log(core.addonPath, core.native.strerror(9));`;
    const { BSD_SOCKETS_ADDON: _, ...env } = process.env;
    const built = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', env });
    expect(built.stdout).toBe(`${join(target, 'build/Release/core_native.node')} Bad file descriptor\n`);

    // A library that is put before the C library sees what is sent by this build, and not what is by the ordinary one.
    const preloaded = join(folder, 'preloaded.so');
    const source = '#include <errno.h>\nlong sendto() { errno = EDOM; return -1; }\n';
    const compiler = ['-xc', '-', '-shared', '-fPIC', '-w', '-o', preloaded];
    expect(spawnSync('cc', compiler, { input: source, encoding: 'utf8' }).stderr).toBe('');
    const send = `const { socketpair } = require(${JSON.stringify(join(root, '../socket'))});
      try { console.log(socketpair()[0].send(Buffer.from('x'))); } catch (error) { console.log(error.code); }
      process.exit();`;
    const sent = (addon: string) =>
      spawnSync(process.execPath, ['-e', send], {
        encoding: 'utf8',
        env: { ...env, LD_PRELOAD: preloaded, BSD_SOCKETS_ADDON: addon },
      }).stdout;
    expect(sent(join(target, 'build/Release/core_native.node'))).toBe('EDOM\n');
    expect(sent('build')).toBe('1\n');
  });
});
