import { IPPROTO_TCP } from '@bsd-sockets/core-native';
import { boolean, bytes, int32, readOnly, text, uint32, writeOnly } from './codecs';
import { struct } from './struct';
import { type Table, table } from './table';
import { tcpConnectionInfo } from './tcp-connection-info';
import { tcpInfo } from './tcp-info';

/** `struct tcp_repair_window`. */
export interface RepairWindow {
  sndWl1: number;
  sndWnd: number;
  maxWindow: number;
  rcvWnd: number;
  rcvWup: number;
}

const rows = {
  /** What the congestion control tells of itself: `union tcp_cc_info`. Read-only. */
  TCP_CC_INFO: readOnly(bytes(64)),
  /** The congestion control, such as `'cubic'`. */
  TCP_CONGESTION: text(16),
  /** What the kernel of macOS knows of the connection. Read-only. macOS only. */
  TCP_CONNECTION_INFO: readOnly(tcpConnectionInfo),
  /** Send only full segments, until it is turned off or 200 ms are over. */
  TCP_CORK: boolean,
  /** Seconds for which `accept` waits until data arrives; the kernel rounds them up. */
  TCP_DEFER_ACCEPT: int32,
  /** The most microseconds that an acknowledgement waits. */
  TCP_DELACK_MAX_US: int32,
  /** How many Fast Open requests may wait at a listening socket. */
  TCP_FASTOPEN: int32,
  /** Let `connect` wait for the first data, to send it along. */
  TCP_FASTOPEN_CONNECT: boolean,
  /** The key of Fast Open cookies: 16 bytes, or 32 for a second one. */
  TCP_FASTOPEN_KEY: bytes(32),
  /** Use Fast Open without cookies. */
  TCP_FASTOPEN_NO_COOKIE: boolean,
  /** What the kernel knows of the connection. Read-only. */
  TCP_INFO: tcpInfo,
  /** Receive how many bytes are left to receive, as a control message. */
  TCP_INQ: boolean,
  /** Whether the connection is one of Multipath TCP. Read-only. */
  TCP_IS_MPTCP: readOnly(boolean),
  /** Keepalive probes without an answer until the connection is dropped, 1 to 127. */
  TCP_KEEPCNT: int32,
  /** Seconds of silence until the first keepalive probe, 1 to 32767. */
  TCP_KEEPIDLE: int32,
  /** Seconds between keepalive probes, 1 to 32767. */
  TCP_KEEPINTVL: int32,
  /** Seconds in the state FIN_WAIT2; below 0 for none. */
  TCP_LINGER2: int32,
  /** The largest segment to send, in bytes. */
  TCP_MAXSEG: int32,
  /** A key of RFC 2385 for a peer: `struct tcp_md5sig`. Write-only. */
  TCP_MD5SIG: writeOnly(bytes(216)),
  /** A key of RFC 2385 for a range of peers: `struct tcp_md5sig`. Write-only. */
  TCP_MD5SIG_EXT: writeOnly(bytes(216)),
  /** Send small segments at once. */
  TCP_NODELAY: boolean,
  /** Writable means: fewer bytes than this wait to be sent. */
  TCP_NOTSENT_LOWAT: uint32,
  /** The sequence number of the queue under repair. */
  TCP_QUEUE_SEQ: uint32,
  /** Acknowledge at once; the kernel sets it off again when it sees fit. */
  TCP_QUICKACK: boolean,
  /** 1 to take a connection apart or build one, 0 to end that, -1 to end it without a probe. */
  TCP_REPAIR: int32,
  /** The options of the connection under repair: a list of `struct tcp_repair_opt`. Write-only. */
  TCP_REPAIR_OPTIONS: writeOnly(bytes(128)),
  /** The queue under repair: 0 for none, 1 to receive, 2 to send. */
  TCP_REPAIR_QUEUE: int32,
  /** The windows of the connection under repair. */
  TCP_REPAIR_WINDOW: struct<RepairWindow>({
    sndWl1: uint32,
    sndWnd: uint32,
    maxWindow: uint32,
    rcvWnd: uint32,
    rcvWup: uint32,
  }),
  /** The longest retransmission timeout in milliseconds, 1000 to 120000. */
  TCP_RTO_MAX_MS: int32,
  /** The shortest retransmission timeout in microseconds. */
  TCP_RTO_MIN_US: int32,
  /** The headers of the SYN of an accepted connection; read once. Read-only. */
  TCP_SAVED_SYN: readOnly(bytes(1024)),
  /** Keep the SYN of connections for TCP_SAVED_SYN: 1, or 2 with the link layer's header. */
  TCP_SAVE_SYN: int32,
  /** How often a SYN is sent until `connect` fails, 1 to 255. */
  TCP_SYNCNT: int32,
  /** Accepted by the kernel, without an effect since Linux 4.11. */
  TCP_THIN_DUPACK: boolean,
  /** Retransmit at even times where little is on the way. */
  TCP_THIN_LINEAR_TIMEOUTS: boolean,
  /** The time stamp to send. */
  TCP_TIMESTAMP: uint32,
  /** Microseconds to delay what is sent. */
  TCP_TX_DELAY: int32,
  /** The protocol on top, such as `'tls'`; `''` for none. */
  TCP_ULP: text(16),
  /** Milliseconds without an acknowledgement until the connection is dropped; 0 for the system's default. */
  TCP_USER_TIMEOUT: uint32,
  /** The largest receive window, in bytes. */
  TCP_WINDOW_CLAMP: int32,
};

/** The options of TCP. Source: tcp(7) */
export const tcpOptions: Table<typeof rows> = table(IPPROTO_TCP, rows);
