import { LITTLE_ENDIAN, native, newSockaddr, OSError, structView } from '@bsd-sockets/core-native';
import type * as constants from '@bsd-sockets/core-native/constants';
import { check } from './handle';
import { adviceFor } from './probe-advice';
import { Socket } from './socket';

/** One kind of socket that a kernel may offer, and whether this one does. */
export interface Capability {
  /** The family's constant, such as `AF_CAN`. */
  family: string;
  /** The type's constant, such as `SOCK_RAW`. */
  type: string;
  /**
   * The protocol's constant, or an empty text for the family's usual one. Two families have more to try than that:
   * `AF_ALG` the types of its algorithms, such as `hash`, and `AF_VSOCK` the way to this host itself, `VMADDR_CID_LOCAL`.
   */
  proto: string;
  /** Whether such a socket was opened just now. */
  available: boolean;
  /** Why it could not be opened. */
  error?: OSError;
  /** What to do about it. */
  advice?: string;
}

type Name = keyof typeof constants;
type Candidate = [family: Name, type: Name, proto: Name | '' | keyof typeof trials, module: string];

/** A bind that is tried beyond opening the socket, by the text in the place of a protocol. */
const trials = {
  aead: algorithm('aead', 'gcm(aes)'),
  hash: algorithm('hash', 'sha256'),
  rng: algorithm('rng', 'stdrng'),
  skcipher: algorithm('skcipher', 'cbc(aes)'),
  VMADDR_CID_LOCAL(fd: number) {
    const sockaddr = newSockaddr(native.constants.AF_VSOCK!, 16); // struct sockaddr_vm: family, reserved, port, cid
    const view = structView(sockaddr);
    view.setUint32(4, native.constants.VMADDR_PORT_ANY!, LITTLE_ENDIAN);
    view.setUint32(8, native.constants.VMADDR_CID_LOCAL!, LITTLE_ENDIAN);
    check(native.bind(fd, sockaddr), 'bind');
  },
};

function algorithm(type: string, name: string) {
  return (fd: number) => {
    const sockaddr = newSockaddr(native.constants.AF_ALG!, 88); // struct sockaddr_alg: family, type, feat, mask, name
    sockaddr.write(type, 2);
    sockaddr.write(name, 24);
    check(native.bind(fd, sockaddr), 'bind');
  };
}

// The module is what brings the socket into a kernel without it.
const candidates: Candidate[] = [
  ['AF_INET', 'SOCK_STREAM', 'IPPROTO_TCP', ''],
  ['AF_INET', 'SOCK_STREAM', 'IPPROTO_MPTCP', ''],
  ['AF_INET', 'SOCK_STREAM', 'IPPROTO_SCTP', 'sctp'],
  ['AF_INET', 'SOCK_SEQPACKET', 'IPPROTO_SCTP', 'sctp'],
  ['AF_INET', 'SOCK_DCCP', 'IPPROTO_DCCP', 'dccp'],
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
  ['AF_NETLINK', 'SOCK_RAW', 'NETLINK_KOBJECT_UEVENT', ''],
  ['AF_NETLINK', 'SOCK_RAW', 'NETLINK_NETFILTER', 'nfnetlink'],
  ['AF_NETLINK', 'SOCK_RAW', 'NETLINK_XFRM', 'xfrm_user'],
  ['AF_NETLINK', 'SOCK_RAW', 'NETLINK_CRYPTO', 'crypto_user'],
  ['AF_NETLINK', 'SOCK_RAW', 'NETLINK_USERSOCK', ''],
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
  ['AF_BLUETOOTH', 'SOCK_SEQPACKET', 'BTPROTO_ISO', 'bluetooth'],
  ['AF_ALG', 'SOCK_SEQPACKET', '', 'af_alg'],
  ['AF_ALG', 'SOCK_SEQPACKET', 'hash', 'algif_hash'],
  ['AF_ALG', 'SOCK_SEQPACKET', 'skcipher', 'algif_skcipher'],
  ['AF_ALG', 'SOCK_SEQPACKET', 'aead', 'algif_aead'],
  ['AF_ALG', 'SOCK_SEQPACKET', 'rng', 'algif_rng'],
  ['AF_VSOCK', 'SOCK_STREAM', '', 'vsock'],
  ['AF_VSOCK', 'SOCK_SEQPACKET', '', 'vsock'],
  ['AF_VSOCK', 'SOCK_STREAM', 'VMADDR_CID_LOCAL', 'vsock_loopback'],
  ['AF_TIPC', 'SOCK_RDM', '', 'tipc'],
  ['AF_TIPC', 'SOCK_DGRAM', '', 'tipc'],
  ['AF_TIPC', 'SOCK_SEQPACKET', '', 'tipc'],
  ['AF_TIPC', 'SOCK_STREAM', '', 'tipc'],
  ['AF_QIPCRTR', 'SOCK_DGRAM', '', 'qrtr'],
  ['AF_RDS', 'SOCK_SEQPACKET', '', 'rds'],
  ['AF_SMC', 'SOCK_STREAM', '', 'smc'],
  ['AF_XDP', 'SOCK_RAW', '', ''],
];

/**
 * What this host's kernel offers: every kind of socket is really opened, and closed again. It can be called again, for
 * instance after a module was loaded: nothing is remembered.
 *
 * @returns A row for each kind, with advice where it does not open.
 */
export function probe(): Capability[] {
  return candidates.map(([family, type, proto, module]) => {
    const row = { family, type, proto };
    const trial = proto in trials ? trials[proto as keyof typeof trials] : undefined;
    const numbers = [family, type, trial ? '' : proto].map((name) => (name === '' ? 0 : native.constants[name]));
    if (numbers.includes(undefined)) {
      return { ...row, available: false, advice: `${process.platform} has no such socket` };
    }
    const socket = resultOf(() => new Socket(...(numbers as [number, number, number])));
    const error = socket instanceof OSError ? socket : resultOf(() => trial?.(socket.fileno()));
    if (socket instanceof Socket) socket.close();
    return error === undefined
      ? { ...row, available: true }
      : { ...row, available: false, error, advice: adviceFor(error, row, module) };
  });
}

/** What a function returns, or the error of its system call. */
function resultOf<T>(call: () => T): T | OSError {
  try {
    return call();
  } catch (error) {
    if (error instanceof OSError) return error;
    throw error;
  }
}
