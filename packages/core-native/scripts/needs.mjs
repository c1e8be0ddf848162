// Says which versions of the system's libraries each of these addons needs, and ends with 1 if that is more than
// docs/binaries.md promises:
//   node scripts/needs.mjs FILE...
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dllsOf } from './dlls.mjs';

/** The newest versions that a published binary may ask for: glibc of 2012, libstdc++ of GCC 5. */
const FLOOR = { GLIBC: '2.17', GLIBCXX: '3.4.21', CXXABI: '1.3.9', GCC: '4.3.0' };

const byVersion = new Intl.Collator('en', { numeric: true }).compare;

/** The newest version of each library that the file needs: `{ GLIBC: '2.17', … }`. */
function needs(file) {
  const symbols = execFileSync('readelf', ['--wide', '--dyn-syms', file], { encoding: 'utf8' });
  const newest = {};
  for (const [, library, version] of symbols.matchAll(/ UND \S+@(\w+?)_([\d.]+)/g)) {
    if (byVersion(version, newest[library] ?? '') > 0) newest[library] = version;
  }
  return newest;
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

for (const file of process.argv.slice(2)) {
  const bytes = readFileSync(file);
  if (bytes.toString('latin1', 0, 2) === 'MZ') {
    checkWindows(file, bytes);
    continue;
  }
  const found = Object.entries(needs(file));
  const tooNew = found.filter(([library, version]) => byVersion(version, FLOOR[library] ?? '') > 0);
  console.log(`${file}: ${found.map((need) => need.join(' ')).join(', ')}`);
  for (const [library, version] of tooNew) {
    console.error(
      `${file} needs ${library} ${version}, but at most ${FLOOR[library]} is promised: addon/linux/old_libraries.cc`,
    );
    process.exitCode = 1;
  }
}
