import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { native, OSError } from '@bsd-sockets/core-native';
import type * as constants from '@bsd-sockets/core-native/constants';
import { Socket } from './socket';

/** One kind of socket that a kernel may offer, and whether this one does. */
export interface Capability {
  /** The family's constant, such as `AF_CAN`. */
  family: string;
  /** The type's constant, such as `SOCK_RAW`. */
  type: string;
  /** The protocol's constant, or an empty text for the family's usual one. */
  proto: string;
  /** Whether such a socket was opened just now. */
  available: boolean;
  /** Why it could not be opened. */
  error?: OSError;
  /** What to do about it. */
  advice?: string;
}

type Name = keyof typeof constants;
type Candidate = [family: Name, type: Name, proto: Name | '', module: string];

// The module is what brings the socket into a kernel that lacks it.
const candidates: Candidate[] = [
  ['AF_INET', 'SOCK_STREAM', 'IPPROTO_TCP', ''],
  ['AF_INET', 'SOCK_STREAM', 'IPPROTO_MPTCP', ''],
  ['AF_INET', 'SOCK_STREAM', 'IPPROTO_SCTP', 'sctp'],
  ['AF_INET', 'SOCK_DGRAM', 'IPPROTO_UDP', ''],
  ['AF_INET', 'SOCK_DGRAM', 'IPPROTO_UDPLITE', ''],
  ['AF_INET', 'SOCK_DGRAM', 'IPPROTO_ICMP', ''],
  ['AF_INET', 'SOCK_RAW', 'IPPROTO_ICMP', ''],
  ['AF_INET6', 'SOCK_STREAM', 'IPPROTO_TCP', 'ipv6'],
  ['AF_INET6', 'SOCK_DGRAM', 'IPPROTO_UDP', 'ipv6'],
  ['AF_INET6', 'SOCK_DGRAM', 'IPPROTO_ICMPV6', 'ipv6'],
  ['AF_INET6', 'SOCK_RAW', 'IPPROTO_ICMPV6', 'ipv6'],
  ['AF_UNIX', 'SOCK_STREAM', '', 'unix'],
  ['AF_UNIX', 'SOCK_DGRAM', '', 'unix'],
  ['AF_UNIX', 'SOCK_SEQPACKET', '', 'unix'],
  ['AF_NETLINK', 'SOCK_RAW', 'NETLINK_ROUTE', ''],
  ['AF_NETLINK', 'SOCK_RAW', 'NETLINK_GENERIC', ''],
  ['AF_NETLINK', 'SOCK_RAW', 'NETLINK_SOCK_DIAG', ''],
  ['AF_PACKET', 'SOCK_RAW', '', 'af_packet'],
  ['AF_PACKET', 'SOCK_DGRAM', '', 'af_packet'],
  ['AF_CAN', 'SOCK_RAW', 'CAN_RAW', 'can-raw'],
  ['AF_CAN', 'SOCK_DGRAM', 'CAN_BCM', 'can-bcm'],
  ['AF_CAN', 'SOCK_DGRAM', 'CAN_ISOTP', 'can-isotp'],
  ['AF_CAN', 'SOCK_DGRAM', 'CAN_J1939', 'can-j1939'],
  ['AF_BLUETOOTH', 'SOCK_RAW', 'BTPROTO_HCI', 'bluetooth'],
  ['AF_BLUETOOTH', 'SOCK_SEQPACKET', 'BTPROTO_L2CAP', 'bluetooth'],
  ['AF_BLUETOOTH', 'SOCK_STREAM', 'BTPROTO_RFCOMM', 'rfcomm'],
  ['AF_BLUETOOTH', 'SOCK_SEQPACKET', 'BTPROTO_SCO', 'bluetooth'],
  ['AF_ALG', 'SOCK_SEQPACKET', '', 'af_alg'],
  ['AF_VSOCK', 'SOCK_STREAM', '', 'vsock'],
  ['AF_VSOCK', 'SOCK_SEQPACKET', '', 'vsock'],
  ['AF_TIPC', 'SOCK_RDM', '', 'tipc'],
  ['AF_TIPC', 'SOCK_STREAM', '', 'tipc'],
  ['AF_QIPCRTR', 'SOCK_DGRAM', '', 'qrtr'],
  ['AF_RDS', 'SOCK_SEQPACKET', '', 'rds'],
  ['AF_SMC', 'SOCK_STREAM', '', 'smc'],
  ['AF_XDP', 'SOCK_RAW', '', ''],
];

/**
 * What this host's kernel offers: every kind of socket is really opened, and closed again. It can be called again, for
 * instance after a module was loaded.
 *
 * @returns A row for each kind, with advice where it does not open.
 */
export function probe(): Capability[] {
  return candidates.map(([family, type, proto, module]) => {
    const row = { family, type, proto };
    const numbers = [family, type, proto].map((name) => (name === '' ? 0 : native.constants[name]));
    if (numbers.includes(undefined)) {
      return { ...row, available: false, advice: `${process.platform} has no such socket` };
    }
    try {
      new Socket(...(numbers as [number, number, number])).close();
      return { ...row, available: true };
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      return { ...row, available: false, error, advice: adviceFor(error, row, module) };
    }
  });
}

/** The errors by which a kernel says that it has no code for such a socket. */
const UNKNOWN = new Set(['EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT', 'ENOPROTOOPT', 'EPFNOSUPPORT']);

function adviceFor(error: OSError, { type, proto }: { type: string; proto: string }, module: string): string {
  if (error.code === 'EACCES' && type === 'SOCK_DGRAM' && proto.startsWith('IPPROTO_ICMP')) {
    return 'allow pings to this group: sysctl net.ipv4.ping_group_range="0 2147483647"';
  }
  if (error.code === 'EPERM' || error.code === 'EACCES') {
    return 'run as root, or with the capability CAP_NET_RAW';
  }
  if (!UNKNOWN.has(error.code)) return error.strerror;
  return module === '' ? 'needs a newer kernel, or one built with it' : adviceOnModule(module);
}

function adviceOnModule(module: string): string {
  const folder = `/lib/modules/${release()}`;
  const lists = [`${folder}/modules.dep`, `${folder}/modules.builtin`].filter((path) => existsSync(path));
  // File names spell modules with - or _, as they like.
  const file = new RegExp(`/${module.replace(/[-_]/g, '[-_]')}\\.ko`);
  if (lists.some((path) => file.test(readFileSync(path, 'utf8')))) return `modprobe ${module}`;
  const package_ = `linux-modules-extra-${release()}`;
  return lists.length > 0
    ? `install the kernel's module ${module} (Debian and Ubuntu: perhaps ${package_}), then modprobe ${module}`
    : `this kernel has no modules: boot one that has ${module}`;
}
