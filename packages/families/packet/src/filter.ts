import { isIPv4, isIPv6 } from 'node:net';
import {
  bytes,
  ETH_P_IP,
  ETH_P_IPV6,
  IPPROTO_FRAGMENT,
  IPPROTO_TCP,
  IPPROTO_UDP,
  integer,
  optionsOf,
  SKF_AD_PROTOCOL,
  SKF_AD_VLAN_TAG,
  SKF_AD_VLAN_TAG_PRESENT,
  SOCK_DGRAM,
  structView,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { AF_INET, AF_INET6, type BytesLike, inetPton } from '@bsd-sockets/socket';
import { Assembler, type FieldSize, type Label } from './assembler';
import type { BpfInstruction } from './instruction';
import { needPacket } from './platform';

/**
 * A condition on a frame, which {@link assemble} turns into instructions. A frame that is too short for a field that is
 * looked at is dropped by the kernel, whatever the rest of the condition says.
 */
export class Filter {
  /** @internal */
  readonly write: (assembler: Assembler, yes: Label, no: Label) => Label;

  /** @internal */
  constructor(write: (assembler: Assembler, yes: Label, no: Label) => Label) {
    this.write = write;
  }
}

/** Where {@link filter.field} looks, and for what. */
export interface Field {
  /** Where the bytes begin, from 0 on. */
  offset: number;
  /** How many bytes there are, in network order. */
  size: FieldSize;
  /** What they should be, after the mask. */
  value: number;
  /** The bits that count; all by default. */
  mask?: number;
  /** From where the offset counts: the frame (the default), or the network's header. */
  from?: 'frame' | 'network';
}

const UINT32 = 2 ** 32 - 1;
/** As for tcpdump: more bytes than a frame can have. */
const WHOLE = 262_144;

function check(name: string, value: unknown): Filter {
  if (value instanceof Filter) return value;
  throw wrongType(name, 'a filter', value);
}

function checkAll(values: readonly Filter[]): readonly Filter[] {
  if (values.length === 0) throw wrongValue('filters', 'at least one filter', values);
  return values.map((value, index) => check(`filters[${index}]`, value));
}

function and(...filters: Filter[]): Filter {
  const all = checkAll(filters);
  return new Filter((assembler, yes, no) => all.reduceRight((next, { write }) => write(assembler, next, no), yes));
}

function or(...filters: Filter[]): Filter {
  const all = checkAll(filters);
  return new Filter((assembler, yes, no) => all.reduceRight((next, { write }) => write(assembler, yes, next), no));
}

function not(filter: Filter): Filter {
  const { write } = check('filter', filter);
  return new Filter((assembler, yes, no) => write(assembler, no, yes));
}

function field({ offset, size, value, mask, from = 'frame' }: Field): Filter {
  if (size !== 1 && size !== 2 && size !== 4) throw wrongValue('size', '1, 2 or 4', size);
  if (from !== 'frame' && from !== 'network') throw wrongValue('from', "'frame' or 'network'", from);
  const most = 2 ** (8 * size) - 1;
  integer('offset', offset, 0, 0xffff);
  integer('value', value, 0, most);
  if (mask !== undefined) integer('mask', mask, 0, most);
  return new Filter((assembler, yes, no) => {
    assembler.equal(value, yes, no);
    if (mask !== undefined) assembler.mask(mask);
    return assembler.load(size, offset + (from === 'network' ? assembler.network : 0));
  });
}

function network(offset: number, size: FieldSize, value: number): Filter {
  return field({ offset, size, value, from: 'network' });
}

/** Bytes in a row. */
function run(offset: number, value: Uint8Array, from: 'frame' | 'network'): Filter {
  const view = structView(value);
  const parts: Filter[] = [];
  let at = 0;
  for (; at + 4 <= value.length; at += 4)
    parts.push(field({ offset: offset + at, size: 4, value: view.getUint32(at), from }));
  if (at < value.length) parts.push(field({ offset: offset + at, size: 2, value: view.getUint16(at), from }));
  return and(...parts);
}

function etherType(type: number): Filter {
  integer('type', type, 0, 0xffff);
  return new Filter((assembler, yes, no) => {
    assembler.equal(type, yes, no);
    return assembler.ethernet ? assembler.load(2, 12) : assembler.loadAncillary(SKF_AD_PROTOCOL);
  });
}

function etherHost(address: BytesLike): Filter {
  const host = bytes('address', address);
  if (host.length !== 6) throw wrongValue('address', 'an address of 6 bytes', address);
  const either = or(run(6, host, 'frame'), run(0, host, 'frame'));
  return new Filter((assembler, yes, no) => {
    if (!assembler.ethernet) throw wrongValue('filter', 'no etherHost on a SOCK_DGRAM socket', 'etherHost');
    return either.write(assembler, yes, no);
  });
}

function vlan(id?: number): Filter {
  if (id !== undefined) integer('id', id, 0, 0xfff);
  return new Filter((assembler, yes, no) => {
    let tagged = yes;
    if (id !== undefined) {
      assembler.equal(id, yes, no);
      assembler.mask(0xfff);
      tagged = assembler.loadAncillary(SKF_AD_VLAN_TAG);
    }
    assembler.equal(1, tagged, no);
    return assembler.loadAncillary(SKF_AD_VLAN_TAG_PRESENT);
  });
}

function host(address: string): Filter {
  if (typeof address !== 'string') throw wrongType('address', 'an IP address as a string', address);
  if (isIPv4(address)) {
    const ip = inetPton(AF_INET, address);
    return and(etherType(ETH_P_IP), or(run(12, ip, 'network'), run(16, ip, 'network')));
  }
  if (!isIPv6(address) || address.includes('%')) throw wrongValue('address', 'an IP address', address);
  const ip = inetPton(AF_INET6, address);
  return and(etherType(ETH_P_IPV6), or(run(8, ip, 'network'), run(24, ip, 'network')));
}

function ipProtocol(protocol: number): Filter {
  integer('protocol', protocol, 0, 0xff);
  const fragmented = and(network(6, 1, IPPROTO_FRAGMENT), network(40, 1, protocol));
  return or(
    and(etherType(ETH_P_IP), network(9, 1, protocol)),
    and(etherType(ETH_P_IPV6), or(network(6, 1, protocol), fragmented)),
  );
}

function ports(protocol: number, port: number): Filter {
  integer('port', port, 0, 0xffff);
  const fragment = new Filter((assembler, yes, no) => {
    assembler.anyBit(0x1fff, yes, no);
    return assembler.load(2, assembler.network + 6);
  });
  const behindIpv4 = (offset: number) =>
    new Filter((assembler, yes, no) => {
      assembler.equal(port, yes, no);
      return assembler.loadBehindIpv4(2, offset);
    });
  return or(
    and(etherType(ETH_P_IPV6), network(6, 1, protocol), or(network(40, 2, port), network(42, 2, port))),
    and(etherType(ETH_P_IP), network(9, 1, protocol), not(fragment), or(behindIpv4(0), behindIpv4(2))),
  );
}

function longerThan(length: number): Filter {
  integer('length', length, 0, UINT32);
  return new Filter((assembler, yes, no) => {
    assembler.greater(length, yes, no);
    return assembler.loadLength();
  });
}

/**
 * Conditions on frames, to put together and to hand to `attachFilter`. Those of IP look at frames without a tag in their
 * bytes, as the kernel hands them over; a frame with two tags is none of theirs.
 *
 * Source: pcap-filter(7)
 */
export const filter = {
  /** All of them hold; the first that does not ends the look. @param filters - One or more. */
  and,
  /** The sender or the receiver of an Ethernet frame. Only for SOCK_RAW. @param address - 6 bytes. */
  etherHost,
  /** The EtherType. @param type - An ETH_P_* number, such as ETH_P_ARP. */
  etherType,
  /** Bytes of the frame. @param field - Where they are, and what they should be. */
  field,
  /** The sender or the receiver of an IP packet. @param address - An IPv4 or IPv6 address as text. */
  host,
  /**
   * What an IP packet carries: of IPv6, what its first header says, or a fragment header in that place.
   * @param protocol - An IPPROTO_* number, such as IPPROTO_ICMP.
   */
  ipProtocol,
  /** Frames of more bytes. @param length - From 0 on. */
  longerThan,
  /** It does not hold. @param filter - The condition. */
  not,
  /** Any of them holds; the first that does ends the look. @param filters - One or more. */
  or,
  /** The source or destination port of TCP, in the first fragment of IPv4, or in IPv6 without extension headers. @param port - 0 to 65535. */
  tcpPort: (port: number) => ports(IPPROTO_TCP, port),
  /** The source or destination port of UDP, as for `tcpPort`. @param port - 0 to 65535. */
  udpPort: (port: number) => ports(IPPROTO_UDP, port),
  /** A tag that the kernel took off the frame. @param id - The number of the virtual LAN, 0 to 4095; any by default. */
  vlan,
};

/** How {@link assemble} makes a program. */
export interface AssembleOptions {
  /** The type of the socket: SOCK_RAW (the default; Ethernet), or SOCK_DGRAM, whose frames have no header of the link. */
  type?: number;
  /** The most bytes of a frame to keep, 1 to 2³² - 1; all of them by default. */
  snaplen?: number;
}

/**
 * The instructions that a condition stands for.
 *
 * @param filter - A condition.
 * @param options - What the frames begin with, and how much of them to keep.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`);
 *   Error (`ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`).
 *
 * Source: linux/filter.h
 */
export function assemble(filter: Filter, options?: AssembleOptions | null): BpfInstruction[] {
  needPacket('assemble');
  const { type, snaplen = WHOLE } = optionsOf(options, { type: true, snaplen: true });
  const assembler = new Assembler(type !== SOCK_DGRAM);
  const no = assembler.return(0);
  const yes = assembler.return(integer('snaplen', snaplen, 1, UINT32));
  check('filter', filter).write(assembler, yes, no);
  return assembler.program();
}
