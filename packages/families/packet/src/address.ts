import * as core from '@bsd-sockets/core-native';
import {
  bytes,
  FastBuffer,
  integer,
  LITTLE_ENDIAN,
  newSockaddr,
  structView,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { ifIndextoname, ifNametoindex, registerFamily } from '@bsd-sockets/socket';

/** An address of AF_PACKET, as the kernel reports it. */
export type PacketAddress = [
  /** The interface; `''` for none, for all, or for one that is gone. */
  ifname: string,
  /** The ETH_P_* number of the protocol, in host order. */
  proto: number,
  /** PACKET_HOST, PACKET_BROADCAST, … */
  pkttype: number,
  /** ARPHRD_ETHER, ARPHRD_LOOPBACK, … */
  hatype: number,
  /** The hardware address; empty where there is none. */
  addr: Buffer,
];

/** What is taken for one: the last three parts, which only a send from a SOCK_DGRAM socket heeds, may be left out. */
export type PacketAddressLike = readonly [
  ifname: string | Uint8Array,
  proto: number,
  pkttype?: number,
  hatype?: number,
  addr?: core.BytesLike,
];

// struct sockaddr_ll. Source: packet(7)
const PROTOCOL = 2;
const IFINDEX = 4;
const HATYPE = 8;
const PKTTYPE = 10;
const HALEN = 11;
const ADDR = 12;
const ADDR_SIZE = 8;
const SIZE = ADDR + ADDR_SIZE;

const SHAPE = '[ifname, proto, pkttype?, hatype?, addr?] for AF_PACKET';

function interfaceIndex(name: unknown): number {
  if (typeof name !== 'string' && !(name instanceof Uint8Array)) {
    throw wrongType('address[0]', "an interface's name as a string or bytes", name);
  }
  return name.length === 0 ? 0 : ifNametoindex(name);
}

function interfaceName(index: number): string {
  if (index === 0) return '';
  try {
    return ifIndextoname(index);
  } catch {
    // The interface is gone by now.
    return '';
  }
}

function encode(address: PacketAddressLike): Buffer {
  if (!Array.isArray(address) || address.length < 2 || address.length > 5) throw wrongType('address', SHAPE, address);
  const [ifname, proto, pkttype = 0, hatype = 0, addr] = address as unknown as PacketAddressLike;
  const sockaddr = newSockaddr(core.AF_PACKET, SIZE);
  const view = structView(sockaddr);
  view.setInt32(IFINDEX, interfaceIndex(ifname), LITTLE_ENDIAN);
  view.setUint16(PROTOCOL, integer('address[1]', proto, 0, 0xffff));
  view.setUint8(PKTTYPE, integer('address[2]', pkttype, 0, 0xff));
  view.setUint16(HATYPE, integer('address[3]', hatype, 0, 0xffff), LITTLE_ENDIAN);
  if (addr !== undefined) {
    const hardware = bytes('address[4]', addr);
    if (hardware.length > ADDR_SIZE) {
      throw wrongValue('address[4]', `a hardware address of at most ${ADDR_SIZE} bytes`, addr);
    }
    view.setUint8(HALEN, hardware.length);
    sockaddr.set(hardware, ADDR);
  }
  return sockaddr;
}

/** The address in a `struct sockaddr_ll`, of which the end, or all, may be missing. */
export function decodeAddress(sockaddr: Uint8Array): PacketAddress {
  const view = structView(sockaddr, SIZE);
  return [
    interfaceName(view.getUint32(IFINDEX, LITTLE_ENDIAN)),
    view.getUint16(PROTOCOL),
    view.getUint8(PKTTYPE),
    view.getUint16(HATYPE, LITTLE_ENDIAN),
    // Some links have addresses of more than 8 bytes: the kernel writes them whole.
    new FastBuffer(sockaddr.subarray(ADDR, ADDR + view.getUint8(HALEN))),
  ];
}

/**
 * Frames of a link, below IP: with SOCK_RAW whole frames, with SOCK_DGRAM what follows the link's header. The protocol of
 * the socket is an ETH_P_* number in network order (`htons(ETH_P_ALL)`), that of an address one in host order. It needs
 * the capability CAP_NET_RAW. `undefined` on a platform that does not have it, which `new Socket` refuses.
 *
 * Source: packet(7); Python's `socket`, socket families
 */
export const AF_PACKET = registerFamily<PacketAddress, PacketAddressLike>({
  number: core.AF_PACKET,
  name: 'AF_PACKET',
  package: '@bsd-sockets/packet',
  encode,
  decode: decodeAddress,
});
