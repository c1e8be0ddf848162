import { existsSync, readFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import type { OSError } from '@bsd-sockets/core-native';

/** The errors by which a kernel says that it has no code for such a socket. */
const UNKNOWN = new Set<string | undefined>([
  'EAFNOSUPPORT',
  'EPROTONOSUPPORT',
  'ESOCKTNOSUPPORT',
  'ENOPROTOOPT',
  'EPFNOSUPPORT',
]);

/**
 * What to do about a socket that does not open.
 *
 * @param error - Why it does not.
 * @param row - What was tried, as in `Capability`.
 * @param module - The kernel's module that has it; an empty text if it is in no module.
 * @returns A command or a sentence.
 */
export function adviceFor(
  error: OSError,
  row: { family: string; type: string; proto: string },
  module: string,
): string {
  const { family, type, proto } = row;
  if (error.code === 'EACCES' && type === 'SOCK_DGRAM' && proto.startsWith('IPPROTO_ICMP')) {
    return 'allow pings to this group: sysctl net.ipv4.ping_group_range="0 2147483647"';
  }
  if (error.code === 'EPERM' || error.code === 'EACCES') {
    return 'run as root, or with the capability CAP_NET_RAW';
  }
  if (proto === 'IPPROTO_MPTCP' && error.code === 'ENOPROTOOPT') return 'switch it on: sysctl net.mptcp.enabled=1';
  if (proto === 'BTPROTO_ISO' && error.code === 'EPROTONOSUPPORT') {
    return "an experiment of Linux 6.0: KernelExperimental = 6fbaf188-05e0-496a-9885-d6ddfdb4e03e in bluetoothd's main.conf";
  }
  // A module that a trial found missing.
  const missing =
    (family === 'AF_ALG' && error.code === 'ENOENT') || (family === 'AF_VSOCK' && error.code === 'EADDRNOTAVAIL');
  if (!missing && !UNKNOWN.has(error.code)) return error.strerror ?? error.message;
  return module === '' ? 'needs a newer kernel, or one built with it' : adviceOnModule(module);
}

function adviceOnModule(module: string): string {
  const folder = `/lib/modules/${release()}`;
  const lists = [`${folder}/modules.dep`, `${folder}/modules.builtin`].filter((path) => existsSync(path));
  if (lists.length === 0) return `this kernel has no modules: boot one that has ${module}`;
  // File names spell modules with - or _, as they like.
  const file = new RegExp(`/${module.replace(/[-_]/g, '[-_]')}\\.ko`);
  if (lists.some((path) => file.test(readFileSync(path, 'utf8')))) return `modprobe ${module}`;
  return `install ${packageOfModules()}, then modprobe ${module}`;
}

/** The package with the modules that the smaller package of the distribution's kernel leaves out. */
function packageOfModules(): string {
  const { ID = '', ID_LIKE = '' } = osRelease();
  const names = `${ID} ${ID_LIKE}`.split(' ');
  if (names.includes('ubuntu')) return `linux-modules-extra-${release()}`;
  if (names.includes('debian'))
    return `linux-image-${arch() === 'x64' ? 'amd64' : arch()} and boot it (the kernel for clouds has few modules)`;
  if (names.includes('fedora')) return `kernel-modules-extra-${release()}`;
  return "the package with more of this kernel's modules";
}

/** The assignments in os-release(5). */
function osRelease(): Record<string, string | undefined> {
  const path = '/etc/os-release';
  const lines = existsSync(path) ? readFileSync(path, 'utf8').matchAll(/^(\w+)=["']?(.*?)["']?$/gm) : [];
  return Object.fromEntries(Array.from(lines, ([, name, value]) => [name, value]));
}
