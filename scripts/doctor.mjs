// Says what this machine has of what the project needs: to build it, to test all of it, and for more. Needs nothing but
// Node itself, before anything is installed. Ends with 1 if anything is missing that the build needs.
// usage: node scripts/doctor.mjs
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { homedir, networkInterfaces, release } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { platform, arch, execPath, versions, env } = process;

/** What a command prints, without white space around it; undefined where it is missing or fails. */
function output(command, args, input = '') {
  const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: 'utf8', input });
  return status === 0 ? stdout.trim() : undefined;
}

/** The version that a program names. */
function version(command) {
  const text = output(command, ['--version']);
  return text === undefined ? undefined : (text.match(/\d+(\.\d+)+/)?.[0] ?? 'found');
}

/** Whether a version is not below the least one. */
function isAtLeast(least, found = '') {
  const [wanted, actual] = [least, found].map((text) => text.split('.').map(Number));
  const differing = wanted.findIndex((number, index) => (actual[index] ?? 0) !== number);
  return differing < 0 || actual[differing] > wanted[differing];
}

function textOf(path) {
  return fs.readFileSync(join(root, path), 'utf8');
}

const leastNode = JSON.parse(textOf('package.json')).engines.node.match(/[\d.]+/)[0];
const cmake = version('cmake');
const leastCmake = textOf('packages/core-native/CMakeLists.txt').match(/cmake_minimum_required\(VERSION ([\d.]+)\)/)[1];

/** The first C++ compiler that compiles C++17 with the headers of the system. */
function compiler() {
  const program = '#include <optional>\n#include <sys/socket.h>\nint main() { return std::optional<int>(0).value(); }';
  const works = (name) => output(name, ['-std=c++17', '-fsyntax-only', '-x', 'c++', '-'], program) !== undefined;
  const name = [env.CXX, 'c++', 'g++', 'clang++'].filter(Boolean).find(works);
  return name && `${name} ${version(name)}`;
}

function nodeHeaders() {
  const folders = [
    join(dirname(execPath), '../include/node'),
    join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'node-gyp', versions.node, 'include/node'),
  ];
  return folders.find((folder) => ['node_api.h', 'uv.h'].every((header) => fs.existsSync(join(folder, header))));
}

/** The Debian packages of the kernel lab, of the clients and of Wine's Debian that are missing on this machine. */
const debianPackages = output('bash', ['lab/packages.sh', 'build', 'test']);
const lackingClients = output('bash', ['lab/packages.sh', 'clients']);
const lackingWindows = output('bash', ['lab/packages.sh', 'windows']);

/** The GiB that are free for a folder; undefined where Node is too old to tell. */
function freeSpace(folder) {
  if (fs.statfsSync === undefined) return undefined;
  const { bavail, bsize } = fs.statfsSync(folder);
  return (bavail * bsize) / 2 ** 30;
}

const isRoot = process.getuid?.() === 0;
const hasLoopback6 = Object.values(networkInterfaces()).some((list) => list.some(({ address }) => address === '::1'));
const hasNamespaces = output('unshare', [...(isRoot ? [] : ['-r']), '-n', 'true']) !== undefined;
const hasSanitizers = output(execPath, ['scripts/sanitize.mjs']) !== undefined;

/** What to install where a program is missing: on Debian and Ubuntu, and on Fedora. */
function install(debian, fedora = debian) {
  return `Debian, Ubuntu: apt install ${debian}; Fedora: dnf install ${fedora}`;
}

/** A line: what, what was found, what it is for, how to mend it, and whether what was found is enough. */
const row = (what, found, use, mend, enough = found !== undefined) => ({ what, found, use, mend, enough });
const yes = (found) => (found ? 'yes' : undefined);

/** A line for the space that a folder has. */
function disk(what, folder, least, use) {
  const free = freeSpace(folder);
  return row(what, `${free?.toFixed(1) ?? '?'} GiB`, `${least} GiB ${use}`, 'free some space', !(free < least));
}

const parts = {
  'To build': [
    row(
      'Linux',
      platform === 'linux' ? release() : undefined,
      'the one platform yet',
      'use Linux, in a container perhaps',
    ),
    row(
      'Node',
      versions.node,
      `${leastNode} or newer`,
      `install a release from ${leastNode} on`,
      isAtLeast(leastNode, versions.node),
    ),
    row('npx', version('npx'), 'fetches pnpm', install('npm', 'nodejs-npm')),
    row('git', version('git'), 'lists the files to check', install('git')),
    row('C++17 compiler', compiler(), 'the addon', install('g++', 'gcc-c++')),
    row('CMake', cmake, `${leastCmake} or newer: the addon`, install('cmake'), isAtLeast(leastCmake, cmake)),
    row('ninja or make', version('ninja') ?? version('make'), 'what CMake runs', install('make')),
    disk('disk', root, 0.5, 'for packages of npm and the builds'),
  ],
  'To test': [
    row('python3', version('python3'), 'comparisons with CPython', install('python3')),
    row('sanitizers', yes(hasSanitizers), 'pnpm test:sanitize', install('g++', 'gcc-c++ libasan libubsan')),
    row(
      'kernel lab',
      yes(debianPackages === '' && platform === 'linux' && arch === 'x64'),
      'pnpm test:lab, test:clients',
      `only Linux on x64; on Debian: apt install ${debianPackages || 'bash'}`,
    ),
    row(
      'programs of clients',
      yes(lackingClients === '' && platform === 'linux'),
      'pnpm test:clients',
      `Debian, Ubuntu: apt install ${lackingClients || 'bash'}`,
    ),
    disk('disk of the lab', homedir(), 3, 'while its kernel is built'),
    row(
      'Debian with Wine',
      yes(lackingWindows === '' && platform === 'linux' && arch === 'x64'),
      'pnpm test:windows',
      `only Linux on x64; on Debian: apt install ${lackingWindows || 'bash'}`,
    ),
    disk('disk of Wine', homedir(), 2, 'for its Debian'),
    row('IPv6 loopback', yes(hasLoopback6), 'tests over ::1', 'sysctl -w net.ipv6.conf.lo.disable_ipv6=0'),
    row('strace', version('strace'), 'pnpm test:faults', install('strace')),
    row('prlimit', version('prlimit'), 'pnpm test:faults', install('util-linux')),
    row('network namespaces', yes(hasNamespaces), 'tests that change interfaces', 'be root, or allow user namespaces'),
    row('root', yes(isRoot), 'tests of raw sockets and privileges', 'use sudo, or pnpm test:lab, whose guest is root'),
  ],
  'For more': [
    row("Node's headers", nodeHeaders(), 'packages that pnpm bench compares with', 'npx node-gyp install'),
    row('C compiler', version('cc'), 'pnpm bench', install('gcc')),
    row('gdb', version('gdb'), 'the debug build', install('gdb')),
    row('ccache', version('ccache'), 'faster builds: CMAKE_CXX_COMPILER_LAUNCHER=ccache', install('ccache')),
    row(
      'arm64 compiler',
      version('aarch64-linux-gnu-g++'),
      'the addon for arm64',
      install('g++-aarch64-linux-gnu', 'gcc-c++-aarch64-linux-gnu'),
    ),
    row('musl-gcc', version('musl-gcc'), 'tests on Bun for musl', install('musl-tools')),
    row('qemu-aarch64', version('qemu-aarch64'), 'tests of the addon for arm64', install('qemu-user')),
    row('Chromium', version('chromium') ?? version('google-chrome'), 'tests of the pages', install('chromium')),
  ],
};

const columns = ['what', 'found'];
const rows = Object.values(parts).flat();
const widths = columns.map((column) => Math.max(...rows.map((row) => (row[column] ?? 'missing').length)));
for (const [title, rows] of Object.entries(parts)) {
  console.log(`${title}:`);
  for (const row of rows) {
    const cells = columns.map((column, index) => (row[column] ?? 'missing').padEnd(widths[index]));
    console.log(`${row.enough ? '  ' : '! '}${cells.join('  ')}  ${row.use}${row.enough ? '' : ` -> ${row.mend}`}`);
  }
}
const missing = parts['To build'].filter(({ enough }) => !enough).map(({ what }) => what);
console.log(
  missing.length === 0 ? 'The build has all that it needs.' : `Missing for the build: ${missing.join(', ')}.`,
);
process.exitCode = missing.length === 0 ? 0 : 1;
