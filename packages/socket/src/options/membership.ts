import { layout } from '@bsd-sockets/core-native';
import { type FixedCodec, int32, uint32, writeOnly } from './codecs';
import { in6Addr, inAddr } from './in-addr';
import type { OptionCodec } from './option';
import { optional, struct } from './struct';

/** `struct ip_mreqn`: a multicast group, and the interface to join it on. Source: ip(7) */
export interface IpMreqn {
  /** The group, such as `'239.1.2.3'`. */
  multiaddr: string;
  /** An address of the interface; `'0.0.0.0'`, the default, for any. */
  address?: string | undefined;
  /** The interface's index, which counts more than its address; 0, the default, for none. */
  ifindex?: number | undefined;
}

/** `struct ip_mreq_source`: a multicast group and the one sender to hear, or not to. Source: ip(7) */
export interface IpMreqSource {
  /** The group, such as `'232.1.2.3'`. */
  multiaddr: string;
  /** An address of the interface; `'0.0.0.0'`, the default, for any. */
  interface?: string | undefined;
  /** The sender. */
  sourceaddr: string;
}

/** `struct ipv6_mreq`: a multicast (or anycast) group, and the interface to join it on. Source: ipv6(7) */
export interface Ipv6Mreq {
  /** The group, such as `'ff02::1'`. */
  multiaddr: string;
  /** The interface's index; 0, the default, for any. */
  ifindex?: number | undefined;
}

const mreqn: FixedCodec<IpMreqn> = struct<IpMreqn>({
  multiaddr: inAddr,
  address: optional(inAddr),
  ifindex: optional(int32),
});

/** Joining or leaving a group: nothing that could be read. */
export const ipMreqn = writeOnly(mreqn);

const { imr_interface, imr_sourceaddr } = layout.ip_mreq_source;

export const ipMreqSource = writeOnly(
  struct<IpMreqSource>(
    imr_interface.offset < imr_sourceaddr.offset
      ? { multiaddr: inAddr, interface: optional(inAddr), sourceaddr: inAddr }
      : { multiaddr: inAddr, sourceaddr: inAddr, interface: optional(inAddr) },
  ),
);

export const ipv6Mreq = writeOnly(struct<Ipv6Mreq>({ multiaddr: in6Addr, ifindex: optional(uint32) }));

/** The interface for multicast: an address of it or its index is taken, the address is read. Source: ip(7) */
export const multicastInterface: OptionCodec<string, string | number> = {
  ...inAddr,
  encode: (value, name) =>
    typeof value === 'number'
      ? Buffer.concat([Buffer.alloc(mreqn.size - int32.size), int32.encode(value, name)])
      : inAddr.encode(value, name),
};
