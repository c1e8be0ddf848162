// Says what each of these addons needs of the system, and ends with 1 if that is more than docs/binaries.md promises, or if
// Node-API would not find its way in:
//   node scripts/needs.mjs [FILE...]   without a file of the build of this machine
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dllsOf } from './dlls.mjs';
import { isMachO, readMachO } from './mach-o.mjs';

/** The newest versions that a published binary may ask for: glibc of 2012, libstdc++ of GCC 5; macOS of 2021. */
const FLOOR = { GLIBC: '2.17', GLIBCXX: '3.4.21', CXXABI: '1.3.9', GCC: '4.3.0', macOS: '12.0' };
/** The libraries that may be needed, by those of the C library. */
const LIBRARIES = {
  'libc.so.6': ['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'libstdc++.so.6', 'libgcc_s.so.1'],
  // musl: the C++ library is inside.
  'libc.so': ['libc.so'],
  '/usr/lib/libSystem.B.dylib': ['/usr/lib/libSystem.B.dylib'],
};
/** What Node-API looks for. */
const OFFERED = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];
const PROCESSORS = { 'Advanced Micro Devices X86-64': 'x64', AArch64: 'arm64' };

const byVersion = new Intl.Collator('en', { numeric: true }).compare;

function readElf(file) {
  const readelf = (...options) => execFileSync('readelf', ['--wide', ...options, file], { encoding: 'utf8' });
  const dynamic = readelf('--dynamic');
  const offered = [];
  const newest = {};
  for (const [, bind, section, name, library, version] of readelf('--dyn-syms').matchAll(
    /^ *\d+: \S+ +\d+ \S+ +(\S+) +\S+ +(\S+) (\w+)(?:@+(\w+?)_([\d.]+))?/gm,
  )) {
    if (section !== 'UND') offered.push(name);
    else if (bind !== 'LOCAL' && library && byVersion(version, newest[library] ?? '') > 0) newest[library] = version;
  }
  return {
    processor: PROCESSORS[/Machine: +(.*)/.exec(readelf('--file-header'))[1]],
    libraries: Array.from(dynamic.matchAll(/\(NEEDED\).*\[(.*)\]/g), ([, library]) => library),
    versions: Object.entries(newest),
    offered,
  };
}

/** The libraries of Windows 10 that a published binary may name: those of Winsock and the Universal CRT. */
const WINDOWS = /^(iphlpapi|kernel32|ws2_32|api-ms-win-crt-[a-z]+-l1-1-0)\.dll$/;

function checkWindows(file, bytes) {
  const names = dllsOf(bytes);
  console.log(`${file}: ${names.join(', ')}`);
  const others = names.filter((name) => !WINDOWS.test(name));
  if (others.length === 0) return;
  console.error(`${file} needs ${others.join(', ')}, which Windows 10 does not have`);
  process.exitCode = 1;
}

function readMac(bytes) {
  const { system, signed, ...binary } = readMachO(bytes);
  // arm64 runs nothing that is not signed; by whom does not count.
  return { ...binary, versions: [system.split(' ')], unsigned: binary.processor === 'arm64' && !signed };
}

/** What is wrong with a binary: one sentence each. */
function problems({ libraries, versions, offered, wanted = [], unsigned }) {
  const allowed = LIBRARIES[libraries.find((library) => library in LIBRARIES)] ?? [];
  const found = versions
    .filter(([library, version]) => byVersion(version, FLOOR[library] ?? '') > 0)
    .map(
      ([library, version]) =>
        `needs ${library} ${version}, but at most ${FLOOR[library]} is promised: addon/linux/old_libraries.cc`,
    );
  for (const library of libraries.filter((one) => !allowed.includes(one))) found.push(`needs ${library}`);
  for (const name of OFFERED.filter((one) => !offered.includes(one))) found.push(`does not offer ${name}`);
  // Node has these, and libuv a few.
  for (const name of wanted.filter((one) => !/^(napi|uv)_/.test(one))) found.push(`needs ${name}, which nobody has`);
  if (unsigned) found.push('is not signed');
  return found;
}

const own = fileURLToPath(new URL('../build/Release/core_native.node', import.meta.url));
const [, , ...files] = process.argv;
for (const file of files.length > 0 ? files : [own]) {
  const bytes = readFileSync(file);
  if (bytes.toString('latin1', 0, 2) === 'MZ') {
    checkWindows(file, bytes);
    continue;
  }
  const binary = isMachO(bytes) ? readMac(bytes) : readElf(file);
  const versions = binary.versions.map((need) => need.join(' '));
  console.log(`${file}: ${[binary.processor, ...versions, ...binary.libraries].join(', ')}`);
  for (const problem of problems(binary)) {
    console.error(`${file} ${problem}`);
    process.exitCode = 1;
  }
}
