import {
  AF_BRIDGE,
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  integer,
  type KnownKeys,
  NDA_DST,
  NDA_FLAGS_EXT,
  NDA_IFINDEX,
  NDA_LLADDR,
  NDA_MASTER,
  NDA_NH_ID,
  NDA_PORT,
  NDA_PROBES,
  NDA_PROTOCOL,
  NDA_SRC_VNI,
  NDA_VLAN,
  NDA_VNI,
  NETLINK_ROUTE,
  NLM_F_CREATE,
  NLM_F_REPLACE,
  NTF_MASTER,
  NTF_OFFLOADED,
  NTF_PROXY,
  NTF_SELF,
  NUD_PERMANENT,
  natural,
  RTM_DELNEIGH,
  RTM_GETNEIGH,
  RTM_NEWNEIGH,
  RTNLGRP_NEIGH,
  wrongType,
} from '@bsd-sockets/core-native';
import { Attributes, AttributeWriter } from './attributes';
import { networkUint16, readUint16, readUint32, writeUint16, writeUint32 } from './integers';
import { formatIp, parseAddress, parseIp } from './ip-address';
import { formatLladdr, parseLladdr } from './link-layer-address';
import { requireSize } from './malformed';
import type { NetlinkMessage } from './message';
import { recordOf } from './record';
import type { NetlinkEvents, NetlinkRequest } from './request';

/**
 * A neighbour: what hardware address an IP address has; or an entry of a bridge's or VXLAN's table: where a hardware
 * address is. What the kernel did not tell is undefined.
 */
export interface Neighbour {
  /** AF_INET or AF_INET6; AF_BRIDGE for an entry of a bridge. */
  family: number;
  /** The interface's index. */
  ifindex: number;
  /** The IP address; of an entry of VXLAN that of the other end. */
  address: string | undefined;
  /** The hardware address, such as `02:00:00:00:00:01`. */
  lladdr: string | undefined;
  /** A NUD_* constant. */
  state: number;
  /** NTF_* constants, joined by `|`. */
  flags: number;
  /** NTF_EXT_* constants, joined by `|`. */
  extendedFlags: number | undefined;
  /** A RTN_* constant. */
  type: number;
  /** How often it was asked for without an answer. */
  probes: number | undefined;
  vlan: number | undefined;
  /** The index of the bridge that the interface is a part of. */
  master: number | undefined;
  /** Who made it: a RTPROT_* constant. */
  protocol: number | undefined;
  /** VXLAN: the port of the other end. */
  port: number | undefined;
  /** VXLAN: the network to send with. */
  vni: number | undefined;
  /** VXLAN: the network that it is for. */
  sourceVni: number | undefined;
  /** VXLAN: the index of the interface to send by. */
  outputIfindex: number | undefined;
  /** The id of a nexthop object. */
  nexthopId: number | undefined;
}

/** A neighbour that is to be added or deleted: what {@link Neighbour} says. A record that was read is one. */
export interface NewNeighbour {
  /** What the address tells, by default; AF_BRIDGE for an entry of a bridge. */
  family?: number | undefined;
  ifindex: number;
  /** Of an entry of a bridge it may be missing. */
  address?: string | undefined;
  lladdr?: string | undefined;
  /** NUD_PERMANENT by default. */
  state?: number | undefined;
  /** NTF_SELF or NTF_MASTER says whose table an entry of a bridge is for. None by default. */
  flags?: number | undefined;
  extendedFlags?: number | undefined;
  vlan?: number | undefined;
  /** The index of the bridge: the same as `ifindex` for an entry of the bridge itself. */
  master?: number | undefined;
  protocol?: number | undefined;
  port?: number | undefined;
  vni?: number | undefined;
  sourceVni?: number | undefined;
  outputIfindex?: number | undefined;
  nexthopId?: number | undefined;
}

/** What happened to a neighbour. */
export interface NeighbourEvent {
  kind: 'neighbour';
  /** `new` also stands for a change. */
  event: 'new' | 'delete';
  neighbour: Neighbour;
  /** The id here of the network namespace that it happened in, if it is another: see `NETLINK_LISTEN_ALL_NSID`. */
  nsid: number | undefined;
}

const HEADER_SIZE = 12;

/**
 * The neighbour in a message of the type RTM_NEWNEIGH or RTM_DELNEIGH.
 *
 * @param message - The message.
 * @throws OSError (EBADMSG) if it is cut short.
 *
 * Source: rtnetlink(7)
 */
export function decodeNeighbour({ data }: NetlinkMessage): Neighbour {
  requireSize(data, HEADER_SIZE, 'struct ndmsg');
  const family = data.readUInt8(0);
  const attributes = new Attributes(data.subarray(HEADER_SIZE));
  const address = attributes.get(NDA_DST)?.data;
  const lladdr = attributes.get(NDA_LLADDR);
  return {
    family,
    ifindex: readUint32(data, 4),
    address: address && formatIp(ipFamilyOf(family, address), address),
    lladdr: lladdr && formatLladdr(lladdr.data),
    state: readUint16(data, 8),
    flags: data.readUInt8(10),
    extendedFlags: attributes.get(NDA_FLAGS_EXT)?.uint32(),
    type: data.readUInt8(11),
    probes: attributes.get(NDA_PROBES)?.uint32(),
    vlan: attributes.get(NDA_VLAN)?.uint16(),
    master: attributes.get(NDA_MASTER)?.uint32(),
    protocol: attributes.get(NDA_PROTOCOL)?.uint8(),
    port: attributes.get(NDA_PORT)?.uint16({ networkOrder: true }),
    vni: attributes.get(NDA_VNI)?.uint32(),
    sourceVni: attributes.get(NDA_SRC_VNI)?.uint32(),
    outputIfindex: attributes.get(NDA_IFINDEX)?.uint32(),
    nexthopId: attributes.get(NDA_NH_ID)?.uint32(),
  };
}

/** The family of an address: an entry of a bridge does not tell it but by its size. */
function ipFamilyOf(family: number, address: Buffer): number {
  if (family !== AF_BRIDGE) return family;
  if (address.length === 4) return AF_INET;
  return address.length === 16 ? AF_INET6 : family;
}

function header(family: number, ifindex: number, state: number, flags: number): Buffer {
  const memory = Buffer.alloc(HEADER_SIZE);
  memory.writeUInt8(integer('family', family, 0, 0xff), 0);
  writeUint32(memory, natural('ifindex', ifindex), 4);
  writeUint16(memory, integer('state', state, 0, 0xffff), 8);
  memory.writeUInt8(integer('flags', flags, 0, 0xff), 10);
  return memory;
}

const FILTER_KEYS = { family: true, ifindex: true, proxy: true };

/**
 * Asks for neighbours: for `dump`.
 *
 * @param filter - `family`: AF_INET or AF_INET6, or AF_BRIDGE for the entries of bridges, which are no others' neighbours;
 *   `ifindex`: the index of an interface; `proxy`: whether to list what the host answers for (NTF_PROXY) in place of the
 *   others, false by default. All of them by default.
 * @throws TypeError or RangeError for a bad filter.
 *
 * Source: rtnetlink(7)
 */
export function getNeighbours(
  filter: { family?: number; ifindex?: number; proxy?: boolean } = {},
): NetlinkRequest<Neighbour> {
  const { family = AF_UNSPEC, ifindex, proxy = false } = recordOf('filter', filter, FILTER_KEYS);
  if (typeof proxy !== 'boolean') throw wrongType('filter: proxy', 'true or false', proxy);
  const attributes = new AttributeWriter().uint32(NDA_IFINDEX, family === AF_BRIDGE ? undefined : ifindex);
  // Of bridges the header tells it.
  const fixed = header(family, family === AF_BRIDGE ? (ifindex ?? 0) : 0, 0, proxy ? NTF_PROXY : 0);
  return {
    protocol: NETLINK_ROUTE,
    type: RTM_GETNEIGH,
    data: Buffer.concat([fixed, attributes.encode()]),
    decode(message) {
      const neighbour = decodeNeighbour(message);
      // A kernel before 4.20 may list all interfaces.
      return ifindex === undefined || neighbour.ifindex === ifindex ? neighbour : undefined;
    },
  };
}

const NEIGHBOUR_KEYS: KnownKeys<NewNeighbour & Neighbour> = {
  family: true,
  ifindex: true,
  address: true,
  lladdr: true,
  state: true,
  flags: true,
  extendedFlags: true,
  type: true,
  probes: true,
  vlan: true,
  master: true,
  protocol: true,
  port: true,
  vni: true,
  sourceVni: true,
  outputIfindex: true,
  nexthopId: true,
};

/** What only the kernel sets. */
const READ_ONLY_FLAGS = NTF_OFFLOADED;

function addressOf({ family, address }: NewNeighbour): { family: number; bytes?: Buffer } {
  if (family === AF_BRIDGE) return address === undefined ? { family } : { ...parseIp('address', address), family };
  return parseAddress('address', address as string, family);
}

/** Whose table a bridge's entry is in, which the kernel tells by `master`, but takes by the flags. */
function tableOf({ family, ifindex, master, flags = 0 }: NewNeighbour): number {
  if (family !== AF_BRIDGE || master === undefined || flags & (NTF_SELF | NTF_MASTER)) return 0;
  return master === ifindex ? NTF_SELF : NTF_MASTER;
}

function encode(neighbour: NewNeighbour): Buffer {
  const { family, bytes } = addressOf(neighbour);
  const { ifindex, state = NUD_PERMANENT, flags = 0, port } = neighbour;
  const attributes = new AttributeWriter()
    .bytes(NDA_DST, bytes)
    .bytes(NDA_LLADDR, parseLladdr('lladdr', neighbour.lladdr))
    .uint32(NDA_FLAGS_EXT, neighbour.extendedFlags)
    .uint16(NDA_VLAN, neighbour.vlan)
    .uint8(NDA_PROTOCOL, neighbour.protocol)
    .bytes(NDA_PORT, port === undefined ? undefined : networkUint16('port', port))
    .uint32(NDA_VNI, neighbour.vni)
    .uint32(NDA_SRC_VNI, neighbour.sourceVni)
    .uint32(NDA_IFINDEX, neighbour.outputIfindex)
    .uint32(NDA_NH_ID, neighbour.nexthopId);
  const written = (integer('flags', flags, 0, 0xff) & ~READ_ONLY_FLAGS) | tableOf(neighbour);
  const fixed = header(family, ifindex, state, written);
  return Buffer.concat([fixed, attributes.encode()]);
}

/**
 * Adds a neighbour, or changes it: for `execute`.
 *
 * @param neighbour - The neighbour, such as a record of a dump.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7); ip-neighbour(8); bridge(8)
 */
export function newNeighbour(neighbour: NewNeighbour): NetlinkRequest<never> {
  recordOf('neighbour', neighbour, NEIGHBOUR_KEYS);
  return {
    protocol: NETLINK_ROUTE,
    type: RTM_NEWNEIGH,
    flags: NLM_F_CREATE | NLM_F_REPLACE,
    data: encode(neighbour),
    decode: () => undefined,
  };
}

/**
 * Deletes a neighbour: for `execute`.
 *
 * @param neighbour - Such as a record of a dump. Its interface and address tell which; of an entry of a bridge `family`,
 *   `lladdr`, `vlan` and `flags` do; of one that the host answers for, `flags` has NTF_PROXY.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7)
 */
export function deleteNeighbour(neighbour: NewNeighbour): NetlinkRequest<never> {
  recordOf('neighbour', neighbour, NEIGHBOUR_KEYS);
  return { protocol: NETLINK_ROUTE, type: RTM_DELNEIGH, data: encode(neighbour), decode: () => undefined };
}

/** What happens to neighbours: for `watch`. Source: rtnetlink(7) */
export const neighbourEvents: NetlinkEvents<NeighbourEvent> = {
  protocol: NETLINK_ROUTE,
  groups: [RTNLGRP_NEIGH],
  decode(message) {
    if (message.type !== RTM_NEWNEIGH && message.type !== RTM_DELNEIGH) return undefined;
    const event = message.type === RTM_NEWNEIGH ? 'new' : 'delete';
    return { kind: 'neighbour', event, neighbour: decodeNeighbour(message), nsid: message.nsid };
  },
};
