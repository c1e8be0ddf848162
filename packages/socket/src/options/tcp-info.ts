import { layout } from '@bsd-sockets/core-native';
import { count64, type FixedCodec, rate, uint8, uint16, uint32 } from './codecs';
import { struct } from './struct';

type Numbers<T> = { [Name in keyof T]: number };

/** What every kernel of this century has. Where C has two values in one byte, so far the byte. */
const first = {
  state: uint8,
  caState: uint8,
  retransmits: uint8,
  probes: uint8,
  backoff: uint8,
  options: uint8,
  wscale: uint8,
  flags: uint8,
  rto: uint32,
  ato: uint32,
  sndMss: uint32,
  rcvMss: uint32,
  unacked: uint32,
  sacked: uint32,
  lost: uint32,
  retrans: uint32,
  fackets: uint32,
  lastDataSent: uint32,
  lastAckSent: uint32,
  lastDataRecv: uint32,
  lastAckRecv: uint32,
  pmtu: uint32,
  rcvSsthresh: uint32,
  rtt: uint32,
  rttvar: uint32,
  sndSsthresh: uint32,
  sndCwnd: uint32,
  advmss: uint32,
  reordering: uint32,
  rcvRtt: uint32,
  rcvSpace: uint32,
} satisfies Record<string, FixedCodec<number>>;

/** What FreeBSD has behind that. */
const onFreebsd = {
  sndWnd: uint32,
  sndBwnd: uint32,
  sndNxt: uint32,
  rcvNxt: uint32,
  toeTid: uint32,
  totalRetrans: uint32,
  rcvOoopack: uint32,
  sndZerowin: uint32,
} satisfies Record<string, FixedCodec<number>>;

/** What Linux has, in the order in which it came. */
const onLinux = {
  totalRetrans: uint32,
  pacingRate: rate,
  maxPacingRate: rate,
  bytesAcked: count64,
  bytesReceived: count64,
  segsOut: uint32,
  segsIn: uint32,
  notsentBytes: uint32,
  minRtt: uint32,
  dataSegsIn: uint32,
  dataSegsOut: uint32,
  deliveryRate: count64,
  busyTime: count64,
  rwndLimited: count64,
  sndbufLimited: count64,
  delivered: uint32,
  deliveredCe: uint32,
  bytesSent: count64,
  bytesRetrans: count64,
  dsackDups: uint32,
  reordSeen: uint32,
  rcvOoopack: uint32,
  sndWnd: uint32,
  rcvWnd: uint32,
  rehash: uint32,
  totalRto: uint16,
  totalRtoRecoveries: uint16,
  totalRtoTime: uint32,
  receivedCe: uint32,
  deliveredE1Bytes: uint32,
  deliveredE0Bytes: uint32,
  deliveredCeBytes: uint32,
  receivedE1Bytes: uint32,
  receivedE0Bytes: uint32,
  receivedCeBytes: uint32,
  accecnFailMode: uint16,
  accecnOptSeen: uint16,
} satisfies Record<string, FixedCodec<number>>;

/**
 * `struct tcp_info`: the kernel's names without `tcpi_`, in its units (`rto`, `ato`, `rtt`, `rttvar`, `minRtt` and the
 * times of being limited: microseconds; `last…`: milliseconds; rates: bytes a second, `Infinity` for no limit). What the
 * running kernel does not have yet is left out. On FreeBSD `state` counts otherwise (4 for established), and what its kernel
 * does not fill in is 0.
 *
 * Source: linux/tcp.h; FreeBSD, netinet/tcp.h
 */
export type TcpInfo = Omit<Numbers<typeof first>, 'wscale' | 'flags'> &
  Partial<Numbers<typeof onLinux & typeof onFreebsd>> & {
    totalRetrans: number;
    sndWscale: number;
    rcvWscale: number;
    deliveryRateAppLimited: boolean;
    /** Why Fast Open failed: a TFO_* number of linux/tcp.h. */
    fastopenClientFail: number;
  };

// Either has fields that the result need not have.
const further = (layout.sockaddr.sa_len ? onFreebsd : onLinux) as typeof onLinux;
const raw = struct<Numbers<typeof first & typeof onLinux>>({ ...first, ...further });

// The bit fields as compilers for little-endian machines lay them out.
export const tcpInfo = {
  size: raw.size,
  decode: (bytes: Buffer): TcpInfo => {
    const { wscale, flags, ...info } = raw.decode(bytes);
    return {
      ...info,
      sndWscale: wscale & 15,
      rcvWscale: wscale >> 4,
      deliveryRateAppLimited: (flags & 1) === 1,
      fastopenClientFail: (flags >> 1) & 3,
    };
  },
};
