import {
  type BytesLike,
  bytes,
  integer,
  knownKeys,
  LITTLE_ENDIAN,
  native,
  natural,
  SOL_PACKET,
  structView,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { codecs, defineOption, type Option, type OptionCodec, struct } from '@bsd-sockets/socket';

/** What an interface should take in beside the frames for itself: `struct packet_mreq`. Source: packet(7) */
export interface PacketMreq {
  /** The interface's index (see `ifNametoindex`). */
  ifindex: number;
  /** PACKET_MR_PROMISC, PACKET_MR_ALLMULTI, PACKET_MR_MULTICAST or PACKET_MR_UNICAST. */
  type: number;
  /** The hardware address of the group, for PACKET_MR_MULTICAST and PACKET_MR_UNICAST; at most 8 bytes. */
  address?: BytesLike;
}

/** The group of sockets that share the frames of one: each frame goes to one of them. Source: packet(7) */
export interface PacketFanout {
  /** The group's number in its network namespace, 0 to 65535; 0 with PACKET_FANOUT_FLAG_UNIQUEID for a free one. */
  id: number;
  /** How the socket of a frame is found: PACKET_FANOUT_HASH, PACKET_FANOUT_LB, PACKET_FANOUT_CPU, … */
  type: number;
  /** PACKET_FANOUT_FLAG_* constants, joined by `|`. */
  flags: number;
}

/** What joins a group, or makes it. */
export interface PacketFanoutLike extends Omit<PacketFanout, 'flags'> {
  /** None by default. */
  flags?: number;
  /** The most sockets that the group may have, for the first one of it; 256 by default. Linux 5.11 and later. */
  maxMembers?: number;
}

/** What became of the frames since this was last read: `struct tpacket_stats_v3`. Source: packet(7) */
export interface PacketStatistics {
  /** The frames that the filter let pass, those that were dropped among them. */
  packets: number;
  /** The frames that were dropped because there was no room for them. */
  drops: number;
  /** How often a ring was full; undefined for a socket without a ring of TPACKET_V3. */
  freezes?: number;
}

/** How often frames went to another socket of a group than their own: `struct tpacket_rollover_stats`. */
export interface PacketRolloverStatistics {
  /** Frames that went to another socket. */
  all: number;
  /** Those of them that belong to a flow of many frames. */
  huge: number;
  /** Frames for which no socket had room. */
  failed: number;
}

const MREQ_ADDRESS_SIZE = 8;

const mreq: Pick<OptionCodec<never, PacketMreq>, 'size' | 'encode'> = {
  size: 16,
  encode: (value, name) => {
    if (typeof value !== 'object' || value === null)
      throw wrongType(name, 'an object { ifindex, type, address? }', value);
    knownKeys(name, value, { ifindex: true, type: true, address: true });
    const { ifindex, type, address = new Uint8Array() } = value;
    const group = bytes(`${name}.address`, address);
    if (group.length > MREQ_ADDRESS_SIZE) {
      throw wrongValue(`${name}.address`, `at most ${MREQ_ADDRESS_SIZE} bytes`, address);
    }
    const encoded = Buffer.alloc(16);
    const view = structView(encoded);
    view.setInt32(0, natural(`${name}.ifindex`, ifindex), LITTLE_ENDIAN);
    view.setUint16(4, integer(`${name}.type`, type, 0, 0xffff), LITTLE_ENDIAN);
    view.setUint16(6, group.length, LITTLE_ENDIAN);
    encoded.set(group, 8);
    return encoded;
  },
};

// struct fanout_args: the id lies in the low 16 bits of an integer, type and flags in the high ones.
const fanout: OptionCodec<PacketFanout, PacketFanoutLike> = {
  size: 4,
  encode: (value, name) => {
    if (typeof value !== 'object' || value === null) throw wrongType(name, 'an object { id, type, … }', value);
    knownKeys(name, value, { id: true, type: true, flags: true, maxMembers: true });
    const { id, type, flags = 0, maxMembers } = value;
    const low = integer(`${name}.id`, id, 0, 0xffff);
    const high = integer(`${name}.type`, type, 0, 0xff) | integer(`${name}.flags`, flags, 0, 0xffff);
    const group = codecs.uint32.encode(high * 0x1_0000 + low, name);
    // Older kernels know only the integer.
    return maxMembers === undefined
      ? group
      : Buffer.concat([group, codecs.uint32.encode(maxMembers, `${name}.maxMembers`)]);
  },
  decode: (value) => {
    const group = codecs.uint32.decode(value);
    return { id: group & 0xffff, type: (group >>> 16) & 0xff, flags: (group >>> 16) & 0xff00 };
  },
};

function define<Value = never, Accepted = never>(
  name: string,
  codec: Option<Value, Accepted>['codec'],
): Option<Value, Accepted> {
  // Where the platform does not have the constant, using the option says so.
  return defineOption({ name, level: SOL_PACKET, option: native.constants[name] as number, codec });
}

/**
 * The typed options of packet sockets, under the names of their constants, for `getOption` and `setOption`.
 *
 * Source: packet(7), linux/if_packet.h
 */
export const packetOptions = {
  /** Make an interface take in more than the frames for itself. It ends with the socket, or by PACKET_DROP_MEMBERSHIP. */
  PACKET_ADD_MEMBERSHIP: define<never, PacketMreq>('PACKET_ADD_MEMBERSHIP', mreq),
  /** Get a control message with each frame: see `PacketAuxdata`. */
  PACKET_AUXDATA: define('PACKET_AUXDATA', codecs.boolean),
  /** End what PACKET_ADD_MEMBERSHIP began. */
  PACKET_DROP_MEMBERSHIP: define<never, PacketMreq>('PACKET_DROP_MEMBERSHIP', mreq),
  /** Share the frames with other sockets. The socket must be bound, or have a protocol. */
  PACKET_FANOUT: define('PACKET_FANOUT', fanout),
  /** Leave out the frames that this host sends. Linux 4.20 and later. */
  PACKET_IGNORE_OUTGOING: define('PACKET_IGNORE_OUTGOING', codecs.boolean),
  /** Report the interface that a frame came in by, not the one above it (a bridge, a bond). */
  PACKET_ORIGDEV: define('PACKET_ORIGDEV', codecs.boolean),
  /** Send past the traffic control of the kernel: faster, and frames may be lost. */
  PACKET_QDISC_BYPASS: define('PACKET_QDISC_BYPASS', codecs.boolean),
  /** How many bytes to leave free before each frame of a ring. */
  PACKET_RESERVE: define('PACKET_RESERVE', codecs.uint32),
  /** How often frames went to another socket of the group, since it began. */
  PACKET_ROLLOVER_STATS: define(
    'PACKET_ROLLOVER_STATS',
    codecs.readOnly(
      struct<PacketRolloverStatistics>({ all: codecs.count64, huge: codecs.count64, failed: codecs.count64 }),
    ),
  ),
  /** What became of the frames. Reading it sets the numbers to 0. */
  PACKET_STATISTICS: define(
    'PACKET_STATISTICS',
    codecs.readOnly(
      struct<PacketStatistics, Required<PacketStatistics>>({
        packets: codecs.uint32,
        drops: codecs.uint32,
        freezes: codecs.uint32,
      }),
    ),
  ),
  /** Which clock stamps the frames of a ring: SOF_TIMESTAMPING_* constants; 0 for the kernel's. */
  PACKET_TIMESTAMP: define('PACKET_TIMESTAMP', codecs.int32),
  /** Have a `struct virtio_net_hdr` (see `decodeVnetHeader`) before each frame, sent or received. */
  PACKET_VNET_HDR: define('PACKET_VNET_HDR', codecs.boolean),
};
