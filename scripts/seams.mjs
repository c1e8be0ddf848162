// Fails for a file that would have to change for another platform, and is not where such files are: `addon/posix`,
// `addon/linux` and `addon/bsd`, or below with its reason. Comments may name what they like.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ORDER = 'these numbers begin with their low byte on every machine';

const RULES = [
  {
    says: 'names epoll, /proc or a header of Linux',
    pattern: /\b(epoll|EPOLL)|\/proc\b|\blinux\/\w/,
    allowed: {
      'packages/core-native/addon/constants.cc': 'includes every header that the platform has',
      'packages/family-testkit/src/open-descriptors.ts': 'finds none without /proc',
    },
  },
  {
    says: 'takes the low byte for the first: use LITTLE_ENDIAN',
    pattern: /\b(read|write)\w*LE\b|\.[gs]et\w+\d\((?:[^()]|\([^()]*\))*,\s*true,?\s*\)/,
    allowed: {
      'packages/families/bluetooth/src/hci-links.ts': ORDER,
      'packages/drop-ins/sd-notify/src/journal.ts': 'the journal asks for it',
      'packages/examples/src/dbus-descriptor.ts': 'a message of D-Bus tells its byte order',
      'packages/families/bluetooth/src/family.ts': ORDER,
      'packages/families/bluetooth/src/hci-filter.ts': ORDER,
      'packages/families/bluetooth/src/messages.ts': ORDER,
      'packages/families/bluetooth/src/packets.ts': ORDER,
      'packages/families/netlink/src/integers.ts': 'has both byte orders, and takes that of the machine',
      'packages/families/qipcrtr/src/control-packet.ts': ORDER,
    },
  },
  {
    says: 'tests process.platform: ask for a constant or a binding',
    pattern: /process\.platform\s*[!=]=|[!=]=\s*process\.platform|switch \(process\.platform/,
    allowed: {
      'packages/core-native/src/loader.ts': 'chooses a file by the platform',
      'packages/socket/src/probe-report.ts': 'tells what the C library is',
    },
  },
];

/** The code without its comments; lines stay where they are. */
function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, '')).replace(/(^|\s)\/\/.*/g, '$1');
}

/** What is wrong with a file's text: one line for each rule that it breaks. */
export function problemsIn(path, text) {
  const code = withoutComments(text);
  return RULES.flatMap(({ says, pattern, allowed }) => {
    const found = pattern.exec(code);
    if (!found) return path in allowed ? [`${path}: needs no exception any more (${says})`] : [];
    if (path in allowed) return [];
    return [`${path}:${code.slice(0, found.index).split('\n').length}: ${says}`];
  });
}

const HERE = /^packages\/.*\/(src|addon)\/.*\.(ts|cc|h)$/;
const PLATFORMS = /^packages\/core-native\/addon\/(posix|linux|bsd)\//;

function main() {
  const listing = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'packages'], { encoding: 'utf8' });
  const files = listing.split('\n').filter((path) => HERE.test(path) && !PLATFORMS.test(path));
  const problems = files.flatMap((path) => problemsIn(path, readFileSync(path, 'utf8')));
  for (const { allowed } of RULES) {
    for (const path of Object.keys(allowed)) if (!files.includes(path)) problems.push(`${path}: no such file`);
  }
  for (const problem of problems) console.error(problem);
  console.log(`${problems.length === 0 ? '✔' : 'x'} ${problems.length} seams broken (${files.length} files)`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
