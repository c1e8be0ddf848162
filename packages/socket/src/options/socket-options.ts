import { SOL_SOCKET } from '@bsd-sockets/core-native';
import { boolean, int32, list, rate, readOnly, text, uint32, uint64, writeOnly } from './codecs';
import { linger } from './linger';
import { struct } from './struct';
import { type Table, table } from './table';
import { timeval } from './timeval';

/** IFNAMSIZ: the most bytes of an interface's name, with its NUL. */
const INTERFACE_NAME_SIZE = 16;
const NGROUPS_MAX = 65536;

/** `struct ucred`: who the peer of a unix socket was when it connected. Source: unix(7) */
export interface Ucred {
  /** The process; 0 if there is no peer, or if it is not visible from here. */
  pid: number;
  /** The user; 4294967295 if there is no peer. */
  uid: number;
  /** The group; 4294967295 if there is no peer. */
  gid: number;
}

/** What SO_MEMINFO tells of a socket's memory, in bytes but for `drops`. Source: linux/sock_diag.h */
export interface SocketMemory {
  rmemAlloc: number;
  rcvbuf: number;
  wmemAlloc: number;
  sndbuf: number;
  fwdAlloc: number;
  wmemQueued: number;
  optmem: number;
  backlog: number;
  /** Datagrams that were dropped. */
  drops: number;
}

const rows = {
  /** Whether the socket listens. Read-only. */
  SO_ACCEPTCONN: readOnly(boolean),
  /** Filter what arrives by an eBPF program, given as its descriptor. Write-only. */
  SO_ATTACH_BPF: writeOnly(int32),
  /** Choose the socket of a SO_REUSEPORT group by an eBPF program, given as its descriptor. Write-only. */
  SO_ATTACH_REUSEPORT_EBPF: writeOnly(int32),
  /** The name of the only interface to use; `''` for all. */
  SO_BINDTODEVICE: text(INTERFACE_NAME_SIZE),
  /** The index of the only interface to use; 0 for all. */
  SO_BINDTOIFINDEX: int32,
  /** Allow datagrams to broadcast addresses. */
  SO_BROADCAST: boolean,
  /** Which buffer sizes the kernel may not change by itself: 1 for sending, 2 for receiving, 3 for both. */
  SO_BUF_LOCK: uint32,
  /** Microseconds to poll the network device in a blocking receive. */
  SO_BUSY_POLL: int32,
  /** The most packets of one busy poll. Write-only. */
  SO_BUSY_POLL_BUDGET: writeOnly(int32),
  /** Tell the kernel that the path is bad: 1 looks for another route. Write-only. */
  SO_CNX_ADVICE: writeOnly(int32),
  /** A number of the socket that no other socket has. Read-only. */
  SO_COOKIE: readOnly(uint64),
  /** Collect debugging information. */
  SO_DEBUG: boolean,
  /** Remove the eBPF filter; the value does not matter. Write-only. */
  SO_DETACH_BPF: writeOnly(int32),
  /** Remove the filter; the value does not matter. Write-only. */
  SO_DETACH_FILTER: writeOnly(int32),
  /** The address family. Read-only. */
  SO_DOMAIN: readOnly(int32),
  /** Send only to hosts of the own network. */
  SO_DONTROUTE: boolean,
  /** The pending error, an errno or 0. Reading it clears it. Read-only. */
  SO_ERROR: readOnly(int32),
  /** The processor that the socket is served by. */
  SO_INCOMING_CPU: int32,
  /** The NAPI instance that the last packet came by. Read-only. */
  SO_INCOMING_NAPI_ID: readOnly(uint32),
  /** Ask a silent peer now and then whether it is alive. */
  SO_KEEPALIVE: boolean,
  /** Seconds for which a close waits until all is sent; null sets it off, and off reads as undefined. */
  SO_LINGER: linger,
  /** Forbid to change the filter; it cannot be taken back. */
  SO_LOCK_FILTER: boolean,
  /** The mark of the packets sent, for routing and filters. */
  SO_MARK: uint32,
  /** The most bytes a second to send; `Infinity` for no limit. */
  SO_MAX_PACING_RATE: rate,
  /** What memory the socket uses. Read-only. */
  SO_MEMINFO: readOnly(
    struct<SocketMemory>({
      rmemAlloc: uint32,
      rcvbuf: uint32,
      wmemAlloc: uint32,
      sndbuf: uint32,
      fwdAlloc: uint32,
      wmemQueued: uint32,
      optmem: uint32,
      backlog: uint32,
      drops: uint32,
    }),
  ),
  /** A number of the network namespace that no other has. Read-only. */
  SO_NETNS_COOKIE: readOnly(uint64),
  /** Let the caller compute the checksum of a frame. */
  SO_NOFCS: boolean,
  /** Receive urgent data among the rest. */
  SO_OOBINLINE: boolean,
  /** Receive the credentials of senders, as control messages. */
  SO_PASSCRED: boolean,
  /** Receive a descriptor of the sending process, as a control message. */
  SO_PASSPIDFD: boolean,
  /** Whether descriptors may be received. */
  SO_PASSRIGHTS: boolean,
  /** Receive the security context of senders, as control messages. */
  SO_PASSSEC: boolean,
  /** Where MSG_PEEK looks, in bytes from the beginning; -1 for the beginning always. */
  SO_PEEK_OFF: int32,
  /** Who the peer was when it connected. Read-only. */
  SO_PEERCRED: readOnly(
    struct<Ucred>({
      pid: int32,
      uid: uint32,
      gid: uint32,
    }),
  ),
  /** The further groups of the peer when it connected. Read-only. */
  SO_PEERGROUPS: readOnly(list(uint32, NGROUPS_MAX)),
  /** A descriptor of the peer's process, which is close-on-exec and the caller's to close. Read-only. */
  SO_PEERPIDFD: readOnly(int32),
  /** The security context of the peer. Read-only. */
  SO_PEERSEC: readOnly(text(1024)),
  /** Poll the network device rather than take its interrupts. */
  SO_PREFER_BUSY_POLL: boolean,
  /** The priority of the packets sent, 0 to 6 without privileges. */
  SO_PRIORITY: int32,
  /** The protocol. Read-only. */
  SO_PROTOCOL: readOnly(int32),
  /** Bytes of the receive buffer; the kernel doubles what it is given. */
  SO_RCVBUF: int32,
  /** The same, above the limit that the system sets. Write-only. */
  SO_RCVBUFFORCE: writeOnly(int32),
  /** The fewest bytes that a receive waits for. */
  SO_RCVLOWAT: int32,
  /** Receive the marks of packets, as control messages. */
  SO_RCVMARK: boolean,
  /** Receive the priorities of packets, as control messages. */
  SO_RCVPRIORITY: boolean,
  /** Seconds after which the kernel ends a receive with EAGAIN; 0 for never. `settimeout` is the usual way. */
  SO_RCVTIMEO: timeval,
  /** Bytes of memory to set aside for the socket. */
  SO_RESERVE_MEM: int32,
  /** Bind to an address that a closed connection still holds. */
  SO_REUSEADDR: boolean,
  /** Let several sockets bind to one address. */
  SO_REUSEPORT: boolean,
  /** Receive the number of datagrams dropped so far, as a control message. */
  SO_RXQ_OVFL: boolean,
  /** Report an error queue that is not empty as POLLPRI. */
  SO_SELECT_ERR_QUEUE: boolean,
  /** Bytes of the send buffer; the kernel doubles what it is given. */
  SO_SNDBUF: int32,
  /** The same, above the limit that the system sets. Write-only. */
  SO_SNDBUFFORCE: writeOnly(int32),
  /** The fewest bytes that a send waits for: always 1. Read-only. */
  SO_SNDLOWAT: readOnly(int32),
  /** Seconds after which the kernel ends a send with EAGAIN; 0 for never. `settimeout` is the usual way. */
  SO_SNDTIMEO: timeval,
  /** Receive the time of arrival in microseconds, as a control message. */
  SO_TIMESTAMP: boolean,
  /** What to take the time of: SOF_TIMESTAMPING_* numbers of linux/net_tstamp.h, joined by `|`. */
  SO_TIMESTAMPING: uint32,
  /** Receive the time of arrival in nanoseconds, as a control message. */
  SO_TIMESTAMPNS: boolean,
  /** Choose another path after a timeout: 0, 1, or 255 for the system's default. */
  SO_TXREHASH: int32,
  /** Send at a time that a control message gives: the clock (a CLOCK_* number), and SOF_TXTIME_* flags. */
  SO_TXTIME: struct<{ clockid: number; flags: number }>({ clockid: int32, flags: uint32 }),
  /** The socket type. Read-only. */
  SO_TYPE: readOnly(int32),
  /** Receive whether frames were acknowledged, as control messages. */
  SO_WIFI_STATUS: boolean,
  /** Allow MSG_ZEROCOPY. */
  SO_ZEROCOPY: boolean,
};

/** The options of every socket, and those of unix sockets. Source: socket(7), unix(7) */
export const socketOptions: Table<typeof rows> = table(SOL_SOCKET, rows);
