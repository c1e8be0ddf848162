import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  INET_DIAG_CONG,
  INET_DIAG_INFO,
  INET_DIAG_MARK,
  INET_DIAG_SHUTDOWN,
  INET_DIAG_SKV6ONLY,
  IPPROTO_TCP,
  integer,
  type KnownKeys,
  NETLINK_SOCK_DIAG,
  newSockaddr,
  SOCK_DIAG_BY_FAMILY,
  UDIAG_SHOW_ICONS,
  UDIAG_SHOW_NAME,
  UDIAG_SHOW_PEER,
  UDIAG_SHOW_RQLEN,
  UDIAG_SHOW_UID,
  UNIX_DIAG_ICONS,
  UNIX_DIAG_NAME,
  UNIX_DIAG_PEER,
  UNIX_DIAG_RQLEN,
  UNIX_DIAG_SHUTDOWN,
  UNIX_DIAG_UID,
  wrongValue,
} from '@bsd-sockets/core-native';
import { familyOf, options, type TcpInfo, type UnixAddress } from '@bsd-sockets/socket';
import { Attributes } from './attributes';
import { readUint32, writeUint32 } from './integers';
import { formatIp } from './ip-address';
import { requireSize } from './malformed';
import type { NetlinkMessage } from './message';
import { arrayOf, recordOf } from './record';
import type { NetlinkRequest } from './request';

/** A socket of AF_INET or AF_INET6, of any process. What the kernel did not tell is undefined. */
export interface InetSocket {
  /** AF_INET or AF_INET6. */
  family: number;
  /** A TCP_* constant such as TCP_LISTEN; for UDP TCP_ESTABLISHED if it is connected, and TCP_CLOSE if not. */
  state: number;
  /** Its own address. */
  local: [host: string, port: number];
  /** The peer's; a port of 0 for none. */
  remote: [host: string, port: number];
  /** The index of the interface that it is bound to, 0 for none. */
  ifindex: number;
  /** What no other socket has until the next boot. */
  cookie: bigint;
  /** Bytes that wait to be received; of a listening socket, connections that wait to be accepted. */
  receiveQueue: number;
  /** Bytes that wait to be sent or acknowledged; of a listening socket, how many connections may wait. */
  sendQueue: number;
  /** The user that it belongs to. */
  uid: number;
  /** The number that /proc/PID/fd shows; 0 if no process has it open. */
  inode: number;
  /** The running timer: 0 none, 1 retransmission, 2 keep-alive, 3 TIME_WAIT, 4 zero window. */
  timer: number;
  /** When it expires, in seconds from now. */
  expires: number;
  /** How often what was last sent was sent again. */
  retransmits: number;
  /** Which directions are shut down: a bit 1 for receiving, a bit 2 for sending. */
  shutdown: number | undefined;
  /** IPv6: whether it refuses IPv4. */
  v6only: boolean | undefined;
  /** SO_MARK, for those who may know it. */
  mark: number | undefined;
  /** The algorithm of congestion control, such as `cubic`. */
  congestion: string | undefined;
  /** What TCP_INFO says of it. */
  tcpInfo: TcpInfo | undefined;
}

/** A socket of AF_UNIX, of any process. What the kernel did not tell is undefined. */
export interface UnixSocket {
  /** A SOCK_* constant. */
  type: number;
  /** TCP_LISTEN, TCP_ESTABLISHED or TCP_CLOSE. */
  state: number;
  /** The number that /proc/PID/fd shows. */
  inode: number;
  /** What no other socket has until the next boot. */
  cookie: bigint;
  /** The address that it is bound to. */
  path: UnixAddress | undefined;
  /** The inode of the socket that it is connected to. */
  peer: number | undefined;
  /** Of a listening socket: the inodes of the sockets that wait to be accepted, 0 for one whose file is gone. */
  pending: number[] | undefined;
  /** Bytes that wait to be received; of a listening socket, connections that wait to be accepted. */
  receiveQueue: number | undefined;
  /** Bytes that the peer has not received yet; of a listening socket, how many connections may wait. */
  sendQueue: number | undefined;
  /** Which directions are shut down: a bit 1 for receiving, a bit 2 for sending. */
  shutdown: number | undefined;
  /** The user that it belongs to: from Linux 5.3 on. */
  uid: number | undefined;
}

const INET_REQUEST_SIZE = 56;
const INET_SIZE = 72;
const UNIX_REQUEST_SIZE = 24;
const UNIX_SIZE = 16;
const ALL_STATES = 2 ** 32 - 1;
/** Queues of UNIX_DIAG_RQLEN: 4 bytes each. */
const QUEUES_SIZE = 8;

/** A bit for each state. */
function statesMask(states: readonly number[] | undefined): number {
  if (states === undefined) return ALL_STATES;
  return (
    arrayOf('filter: states', states).reduce(
      (mask, state, index) => mask | (1 << integer(`states[${index}]`, state, 0, 31)),
      0,
    ) >>> 0
  );
}

/** A bit for each part that is asked for. */
function extensionsMask(...extensions: number[]): number {
  return extensions.reduce((mask, extension) => mask | (1 << (extension - 1)), 0);
}

/** The 64 bits of a cookie: two halves, the low one first. */
function cookieAt(data: Buffer, offset: number): bigint {
  return BigInt(readUint32(data, offset)) | (BigInt(readUint32(data, offset + 4)) << 32n);
}

function inetAddress(family: number, data: Buffer, host: number, port: number): [host: string, port: number] {
  const size = family === AF_INET ? 4 : 16;
  return [formatIp(family, data.subarray(host, host + size)), data.readUInt16BE(port)];
}

/**
 * The socket in an answer to {@link getInetSockets}.
 *
 * @param message - The message.
 * @throws OSError (EBADMSG) if it is cut short.
 *
 * Source: sock_diag(7)
 */
export function decodeInetSocket({ data }: NetlinkMessage): InetSocket {
  requireSize(data, INET_SIZE, 'struct inet_diag_msg');
  const family = data.readUInt8(0);
  const attributes = new Attributes(data.subarray(INET_SIZE));
  const v6only = attributes.get(INET_DIAG_SKV6ONLY)?.uint8();
  const info = attributes.get(INET_DIAG_INFO)?.data;
  return {
    family,
    state: data.readUInt8(1),
    local: inetAddress(family, data, 8, 4),
    remote: inetAddress(family, data, 24, 6),
    ifindex: readUint32(data, 40),
    cookie: cookieAt(data, 44),
    receiveQueue: readUint32(data, 56),
    sendQueue: readUint32(data, 60),
    uid: readUint32(data, 64),
    inode: readUint32(data, 68),
    timer: data.readUInt8(2),
    expires: readUint32(data, 52) / 1000,
    retransmits: data.readUInt8(3),
    shutdown: attributes.get(INET_DIAG_SHUTDOWN)?.uint8(),
    v6only: v6only === undefined ? undefined : v6only !== 0,
    mark: attributes.get(INET_DIAG_MARK)?.uint32(),
    congestion: attributes.get(INET_DIAG_CONG)?.string(),
    tcpInfo: info && options.TCP_INFO.codec.decode?.(info),
  };
}

/** What {@link getInetSockets} asks for. */
export interface InetSocketFilter {
  /** AF_INET or AF_INET6. */
  family: number;
  /** IPPROTO_TCP, the default, IPPROTO_UDP, IPPROTO_UDPLITE, … */
  protocol?: number;
  /** TCP_* constants, such as `[TCP_LISTEN]`; all by default. */
  states?: readonly number[];
}

const INET_KEYS: KnownKeys<InetSocketFilter> = { family: true, protocol: true, states: true };
const UNIX_KEYS = { states: true };

/**
 * Asks for the sockets of an internet protocol: for `dump`.
 *
 * @param filter - Which.
 * @throws TypeError or RangeError for a bad filter.
 *
 * Source: sock_diag(7); ss(8)
 */
export function getInetSockets(filter: InetSocketFilter): NetlinkRequest<InetSocket> {
  const { family, protocol = IPPROTO_TCP, states } = recordOf('filter', filter, INET_KEYS);
  if (family !== AF_INET && family !== AF_INET6) throw wrongValue('filter: family', 'AF_INET or AF_INET6', family);
  const data = Buffer.alloc(INET_REQUEST_SIZE);
  data.writeUInt8(family, 0);
  data.writeUInt8(integer('filter: protocol', protocol, 0, 0xff), 1);
  data.writeUInt8(extensionsMask(INET_DIAG_INFO, INET_DIAG_CONG, INET_DIAG_SHUTDOWN), 2);
  writeUint32(data, statesMask(states), 4);
  return { protocol: NETLINK_SOCK_DIAG, type: SOCK_DIAG_BY_FAMILY, data, decode: decodeInetSocket };
}

function unixPath(name: Buffer): UnixAddress {
  const sockaddr = Buffer.concat([newSockaddr(AF_UNIX, 2), name]);
  return familyOf(AF_UNIX).decode(sockaddr, { family: AF_UNIX, type: 0, proto: 0, fileno: () => -1 });
}

/**
 * The socket in an answer to {@link getUnixSockets}.
 *
 * @param message - The message.
 * @throws OSError (EBADMSG) if it is cut short.
 *
 * Source: sock_diag(7)
 */
export function decodeUnixSocket({ data }: NetlinkMessage): UnixSocket {
  requireSize(data, UNIX_SIZE, 'struct unix_diag_msg');
  const attributes = new Attributes(data.subarray(UNIX_SIZE));
  const name = attributes.get(UNIX_DIAG_NAME)?.data;
  const queues = attributes.get(UNIX_DIAG_RQLEN)?.data;
  if (queues) requireSize(queues, QUEUES_SIZE, 'struct unix_diag_rqlen');
  return {
    type: data.readUInt8(1),
    state: data.readUInt8(2),
    inode: readUint32(data, 4),
    cookie: cookieAt(data, 8),
    path: name && unixPath(name),
    peer: attributes.get(UNIX_DIAG_PEER)?.uint32(),
    pending: attributes.get(UNIX_DIAG_ICONS)?.uint32Array(),
    receiveQueue: queues && readUint32(queues, 0),
    sendQueue: queues && readUint32(queues, 4),
    shutdown: attributes.get(UNIX_DIAG_SHUTDOWN)?.uint8(),
    uid: attributes.get(UNIX_DIAG_UID)?.uint32(),
  };
}

/**
 * Asks for the sockets of AF_UNIX: for `dump`.
 *
 * @param filter - `states`: TCP_LISTEN, TCP_ESTABLISHED, TCP_CLOSE; all by default.
 * @throws TypeError or RangeError for a bad filter.
 *
 * Source: sock_diag(7); ss(8)
 */
export function getUnixSockets(filter: { states?: readonly number[] } = {}): NetlinkRequest<UnixSocket> {
  const { states } = recordOf('filter', filter, UNIX_KEYS);
  const data = Buffer.alloc(UNIX_REQUEST_SIZE);
  data.writeUInt8(AF_UNIX, 0);
  writeUint32(data, statesMask(states), 4);
  const show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_ICONS | UDIAG_SHOW_RQLEN | UDIAG_SHOW_UID;
  writeUint32(data, show, 12);
  return { protocol: NETLINK_SOCK_DIAG, type: SOCK_DIAG_BY_FAMILY, data, decode: decodeUnixSocket };
}
