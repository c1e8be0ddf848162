// What tests need that not every host has, by the words that stand in the titles of these tests. Those of families ask the testkit.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { arch, endianness, networkInterfaces } from 'node:os';
import { native } from '@bsd-sockets/core-native';

const { env, platform, versions } = process;

/** What Windows does not have, or has in a way of its own. */
const NOT_ON_WINDOWS = new Set([
  '/proc',
  'a backlog that is silent',
  'a list of descriptors',
  'a pair of the kernel',
  'a row for each type',
  'a set of the kernel',
  'a type of service',
  'AF_NETLINK',
  'AF_UNIX',
  'after EMFILE',
  'an end of datagrams',
  'descriptors',
  'descriptors of AF_UNIX',
  'EAI_* of glibc',
  'ECONNREFUSED of UDP',
  'EFAULT of Linux',
  'EMFILE',
  'EPOLLEXCLUSIVE',
  'errnos of at most 4096',
  'errors of Linux',
  'file names of any bytes',
  'inherited descriptors',
  'IP_RECVERR',
  'IP_RECVTTL',
  'IP_TTL of Linux',
  'mkfifo',
  'MSG_CMSG_CLOEXEC',
  'MSG_DONTWAIT',
  'MSG_TRUNC as a flag',
  'MSG_TRUNC of Linux',
  'names of scopes',
  'net.Socket',
  'numbers of files',
  'pairs of AF_UNIX',
  'poll of files',
  'records of recvmmsg(2)',
  'room of a unix pair',
  'signals',
  'situations of Linux',
  'SO_MAX_PACING_RATE',
  'SO_PASSCRED',
  'SO_PEERCRED',
  'SO_RCVLOWAT',
  'SOCK_NONBLOCK',
  'SOCK_SEQPACKET',
  'struct timeval',
  'TCP_CONGESTION',
  'TCP_INFO',
  'twice SO_RCVBUF',
  'UDP_SEGMENT',
]);

const isPlain = env.BSD_SOCKETS_SANITIZE === undefined && env.BSD_SOCKETS_EXECPATH === undefined;
const pollsBusily = env.BSD_SOCKETS_READINESS !== 'thread' && platform !== 'win32';
const hasFfi = process.getBuiltinModule?.('node:ffi' as never) !== undefined;

const OTHERS: Record<string, () => boolean> = {
  '/dev/vsock': () => existsSync('/dev/vsock'),
  'no /dev/vsock': () => !existsSync('/dev/vsock'),
  AF_ALG: () => platform === 'linux',
  'busy polling': () => pollsBusily,
  'no busy polling': () => !pollsBusily,
  EAI_SYSTEM: () => native.constants.EAI_SYSTEM !== undefined,
  IPv6: () => Object.values(networkInterfaces()).some((list) => list!.some(({ address }) => address === '::1')),
  'little-endian': () => endianness() === 'LE',
  Linux: () => platform === 'linux',
  Node: () => !versions.bun && !versions.deno,
  'node:ffi': () => hasFfi,
  'no node:ffi': () => !hasFfi,
  'not FreeBSD': () => platform !== 'freebsd',
  'not macOS': () => platform !== 'darwin',
  'not Windows': () => platform !== 'win32',
  'only under test:sanitize': () => env.BSD_SOCKETS_SANITIZE !== undefined,
  'not under test:sanitize': () => env.BSD_SOCKETS_SANITIZE === undefined,
  'outside of the lab': () => env.BSD_SOCKETS_LAB === undefined,
  python3: () => spawnSync('python3', ['--version']).status === 0,
  root: () => process.getuid?.() === 0,
  'steady times': () => isPlain && platform !== 'win32',
  Windows: () => platform === 'win32',
  'x64 or arm64': () => ['x64', 'arm64'].includes(arch()),
};

const known = new Map<string, boolean>();

/**
 * Whether this host is without what a test needs: `test.skipIf(without('mkfifo'))('… (mkfifo)', …)`. The title says the same words.
 *
 * @throws Error for words that are none of the lists.
 */
export function without(capability: string): boolean {
  if (NOT_ON_WINDOWS.has(capability)) return platform === 'win32';
  const has = OTHERS[capability];
  if (has === undefined) throw new Error(`capabilities.ts does not know ${capability}`);
  if (!known.has(capability)) known.set(capability, has());
  return !known.get(capability);
}
