import { count64, type FixedCodec, uint8, uint32 } from './codecs';
import { struct } from './struct';

const fields = {
  state: uint8,
  sndWscale: uint8,
  rcvWscale: uint8,
  options: uint32,
  flags: uint32,
  rto: uint32,
  maxseg: uint32,
  sndSsthresh: uint32,
  sndCwnd: uint32,
  sndWnd: uint32,
  sndSbbytes: uint32,
  rcvWnd: uint32,
  rttcur: uint32,
  srtt: uint32,
  rttvar: uint32,
  tfo: uint32,
  txpackets: count64,
  txbytes: count64,
  txretransmitbytes: count64,
  rxpackets: count64,
  rxbytes: count64,
  rxoutoforderbytes: count64,
  txretransmitpackets: count64,
} satisfies Record<string, FixedCodec<number>>;

/**
 * `struct tcp_connection_info`: the kernel's names without `tcpi_`, in its units (`rto`, `rttcur`, `srtt`, `rttvar`:
 * milliseconds; windows and `maxseg`: bytes). `tfo` has the bits that tell of Fast Open, the first of the header in bit 0. What the
 * running kernel does not have yet is left out.
 *
 * Source: Apple, netinet/tcp.h
 */
export type TcpConnectionInfo = { [Name in keyof typeof fields]: number };

export const tcpConnectionInfo = struct<TcpConnectionInfo>(fields);
