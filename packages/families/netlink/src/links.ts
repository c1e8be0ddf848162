import {
  AF_INET6,
  AF_UNSPEC,
  fsencode,
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_DEBUG,
  IFF_DYNAMIC,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_UP,
  IFLA_ADDRESS,
  IFLA_AF_SPEC,
  IFLA_ALT_IFNAME,
  IFLA_BROADCAST,
  IFLA_GRO_MAX_SIZE,
  IFLA_GROUP,
  IFLA_GSO_MAX_SEGS,
  IFLA_GSO_MAX_SIZE,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_INET6_ADDR_GEN_MODE,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_INFO_SLAVE_DATA,
  IFLA_INFO_SLAVE_KIND,
  IFLA_INFO_XSTATS,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_LINKMODE,
  IFLA_MASTER,
  IFLA_MAX_MTU,
  IFLA_MIN_MTU,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  IFLA_NET_NS_PID,
  IFLA_NUM_RX_QUEUES,
  IFLA_NUM_TX_QUEUES,
  IFLA_OPERSTATE,
  IFLA_PERM_ADDRESS,
  IFLA_PROMISCUITY,
  IFLA_PROP_LIST,
  IFLA_PROTO_DOWN,
  IFLA_QDISC,
  IFLA_STATS64,
  IFLA_TXQLEN,
  integer,
  type KnownKeys,
  NETLINK_ROUTE,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  natural,
  RTM_DELLINK,
  RTM_DELLINKPROP,
  RTM_GETLINK,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
  RTNLGRP_LINK,
  VETH_INFO_PEER,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { type Attribute, Attributes, AttributeWriter, attributesOf } from './attributes';
import { type CanStatistics, can, decodeCanStatistics } from './can-link';
import { type FieldTable, freshValues, readFields, type ValuesOf, writeFields } from './fields';
import { readUint16, readUint32, readUint64, writeUint32 } from './integers';
import * as kinds from './link-kinds';
import { formatLladdr, parseLladdr } from './link-layer-address';
import { requireSize } from './malformed';
import type { NetlinkMessage } from './message';
import { arrayOf, recordOf } from './record';
import type { NetlinkEvents, NetlinkRequest } from './request';

/** What an interface has counted since it was made. */
export interface LinkStatistics {
  rxPackets: number;
  txPackets: number;
  rxBytes: number;
  txBytes: number;
  rxErrors: number;
  txErrors: number;
  rxDropped: number;
  txDropped: number;
  /** Received packets that were sent to a multicast group. */
  multicast: number;
  collisions: number;
}

/** A network interface. What the kernel did not tell is undefined. */
export interface Link {
  index: number;
  name: string;
  /** Its kind of hardware: an ARPHRD_* number. */
  type: number;
  /** IFF_* constants, joined by `|`. */
  flags: number;
  /** The largest packet in bytes. */
  mtu: number | undefined;
  minMtu: number | undefined;
  maxMtu: number | undefined;
  /** The hardware address, such as `02:00:00:00:00:01`; of a tunnel the bytes of an IP address in the same form. */
  address: string | undefined;
  broadcast: string | undefined;
  /** The address that the hardware came with. */
  permanentAddress: string | undefined;
  /** An IF_OPER_* constant. */
  operstate: number | undefined;
  /** The queueing discipline, such as `noqueue`. */
  qdisc: string | undefined;
  /** How many packets may wait to be sent. */
  txqlen: number | undefined;
  /** The index of the bridge or bond that it is a part of. */
  master: number | undefined;
  /** The index of the interface underneath, or of the other end of a veth pair. */
  link: number | undefined;
  /** The id of the network namespace that `link` is in, if it is in another. */
  linkNetnsid: number | undefined;
  /** Its kind, such as `veth`; undefined for hardware. */
  kind: string | undefined;
  /** What only its kind has: the attributes of IFLA_INFO_DATA. */
  data: Attributes | undefined;
  /** The same of the kinds that this package knows: each is undefined but for the link's own. */
  vlan: VlanLink | undefined;
  bridge: BridgeLink | undefined;
  bond: BondLink | undefined;
  vxlan: VxlanLink | undefined;
  /** Of `macvtap` too. */
  macvlan: MacvlanLink | undefined;
  /** Of `ipvtap` too. */
  ipvlan: IpvlanLink | undefined;
  vrf: VrfLink | undefined;
  tun: TunLink | undefined;
  can: CanLink | undefined;
  /** What a CAN interface has counted. */
  canStatistics: CanStatistics | undefined;
  /** The kind of `master`, such as `bridge`. */
  slaveKind: string | undefined;
  /** What the bridge says of it that it is a part of. */
  bridgeSlave: BridgeSlave | undefined;
  /** What the bond says of it that it is a part of. */
  bondSlave: BondSlave | undefined;
  /** What the VRF says of it that it is a part of. */
  vrfSlave: VrfSlave | undefined;
  /** How it makes IPv6 addresses: an IN6_ADDR_GEN_MODE_* constant. */
  addrGenMode: number | undefined;
  numTxQueues: number | undefined;
  numRxQueues: number | undefined;
  /** The largest packet that it cuts up by itself, in bytes. */
  gsoMaxSize: number | undefined;
  /** Into how many segments, at most. */
  gsoMaxSegs: number | undefined;
  /** The largest packet that it puts together, in bytes. */
  groMaxSize: number | undefined;
  /** 0, or 1 for one that becomes dormant before it is up. */
  linkmode: number | undefined;
  /** Whether a program holds it down. */
  protoDown: boolean | undefined;
  /** The group, 0 for the default one. */
  group: number | undefined;
  /** How many users want it promiscuous. */
  promiscuity: number | undefined;
  alias: string | undefined;
  /** Other names that it goes by. */
  altnames: string[];
  statistics: LinkStatistics | undefined;
}

/** What is to change in an interface. What is undefined stays as it is. */
export interface LinkChanges {
  /** Whether it should be up. */
  up?: boolean | undefined;
  /** IFF_* constants, joined by `|`: all that a program can set, IFF_UP too, becomes as it is here. `up` goes before. */
  flags?: number | undefined;
  /** Which of `flags` change: all that a program can set, by default. */
  change?: number | undefined;
  /** Another name: the interface must be given by its index then. */
  name?: string | undefined;
  /** Bytes. */
  mtu?: number | undefined;
  /** The hardware address, such as `02:00:00:00:00:01`. */
  address?: string | undefined;
  broadcast?: string | undefined;
  /** The index of the bridge or bond to put it into, 0 for none. */
  master?: number | undefined;
  /** How many packets may wait to be sent. */
  txqlen?: number | undefined;
  alias?: string | undefined;
  group?: number | undefined;
  /** A process, into whose network namespace it goes. */
  netnsPid?: number | undefined;
  /** An open file of the network namespace that it goes into. */
  netnsFd?: number | undefined;
  /** How it makes IPv6 addresses: an IN6_ADDR_GEN_MODE_* constant. */
  addrGenMode?: number | undefined;
  gsoMaxSize?: number | undefined;
  gsoMaxSegs?: number | undefined;
  groMaxSize?: number | undefined;
  linkmode?: number | undefined;
  protoDown?: boolean | undefined;
  /** What only its kind has. One of these names the kind. */
  vlan?: VlanLink | undefined;
  bridge?: BridgeLink | undefined;
  bond?: BondLink | undefined;
  vxlan?: VxlanLink | undefined;
  macvlan?: MacvlanLink | undefined;
  ipvlan?: IpvlanLink | undefined;
  vrf?: VrfLink | undefined;
  can?: CanLink | undefined;
  /** What the bridge says of it that it is a part of. */
  bridgeSlave?: BridgeSlave | undefined;
  /** What the bond says of it that it is a part of. */
  bondSlave?: BondSlave | undefined;
}

/** An interface that is to be made: what {@link Link} says. A record that was read is one. */
export interface NewLink extends LinkChanges {
  name: string;
  /** `dummy`, `veth`, `vcan`, `bridge`, `vlan`, …; what the fields of a kind tell, by default. */
  kind?: string | undefined;
  /** One that is free by default. */
  index?: number | undefined;
  /** Other names that it goes by. */
  altnames?: readonly string[] | undefined;
  numTxQueues?: number | undefined;
  numRxQueues?: number | undefined;
  /** The index of the interface underneath, for a kind that has one. */
  link?: number | undefined;
  /** What only its kind has, of a kind that this package does not know: the attributes of IFLA_INFO_DATA. */
  data?: AttributeWriter | Attributes | undefined;
  /** Of a veth pair: the other end. */
  peer?: NewLink | undefined;
}

/** The fields of each kind, and the kinds that have them; the first is that of a new link. */
const KINDS = {
  vlan: { fields: kinds.vlan, names: ['vlan'] },
  bridge: { fields: kinds.bridge, names: ['bridge'] },
  bond: { fields: kinds.bond, names: ['bond'] },
  vxlan: { fields: kinds.vxlan, names: ['vxlan'] },
  macvlan: { fields: kinds.macvlan, names: ['macvlan', 'macvtap'] },
  ipvlan: { fields: kinds.ipvlan, names: ['ipvlan', 'ipvtap'] },
  vrf: { fields: kinds.vrf, names: ['vrf'] },
  tun: { fields: kinds.tun, names: ['tun'] },
  can: { fields: can, names: ['can'] },
} as const;
const SLAVES = {
  bridgeSlave: { fields: kinds.bridgeSlave, names: ['bridge'] },
  bondSlave: { fields: kinds.bondSlave, names: ['bond'] },
  vrfSlave: { fields: kinds.vrfSlave, names: ['vrf'] },
} as const;

/** The fields of a link of the kind `vlan`. */
export type VlanLink = ValuesOf<typeof kinds.vlan>;
/** The fields of a link of the kind `bridge`. Times are in 1/100 seconds. */
export type BridgeLink = ValuesOf<typeof kinds.bridge>;
/** What a bridge says of a link that is a part of it. */
export type BridgeSlave = ValuesOf<typeof kinds.bridgeSlave>;
/** The fields of a link of the kind `bond`. Times are in milliseconds. */
export type BondLink = ValuesOf<typeof kinds.bond>;
/** What a bond says of a link that is a part of it. */
export type BondSlave = ValuesOf<typeof kinds.bondSlave>;
/** The fields of a link of the kind `vxlan`. */
export type VxlanLink = ValuesOf<typeof kinds.vxlan>;
/** The fields of a link of the kind `macvlan` or `macvtap`. */
export type MacvlanLink = ValuesOf<typeof kinds.macvlan>;
/** The fields of a link of the kind `ipvlan` or `ipvtap`. */
export type IpvlanLink = ValuesOf<typeof kinds.ipvlan>;
/** The fields of a link of the kind `vrf`. */
export type VrfLink = ValuesOf<typeof kinds.vrf>;
/** What a VRF says of a link that is a part of it. */
export type VrfSlave = ValuesOf<typeof kinds.vrfSlave>;
/** The fields of a link of the kind `tun`, which the kernel makes only for /dev/net/tun. */
export type TunLink = ValuesOf<typeof kinds.tun>;
/** The fields of a link of the kind `can`. */
export type CanLink = ValuesOf<typeof can>;

/** What happened to an interface. */
export interface LinkEvent {
  kind: 'link';
  /** `new` also stands for a change. */
  event: 'new' | 'delete';
  link: Link;
  /** The id here of the network namespace that it happened in, if it is another: see `NETLINK_LISTEN_ALL_NSID`. */
  nsid: number | undefined;
}

const HEADER_SIZE = 16;
/** The bytes of an interface's name, with the NUL. */
const IFNAMSIZ = 16;

function decodeStatistics(attribute: Attribute | undefined): LinkStatistics | undefined {
  if (!attribute) return undefined;
  requireSize(attribute.data, 80, 'struct rtnl_link_stats64');
  const at = (index: number) => Number(readUint64(attribute.data, 8 * index));
  return {
    rxPackets: at(0),
    txPackets: at(1),
    rxBytes: at(2),
    txBytes: at(3),
    rxErrors: at(4),
    txErrors: at(5),
    rxDropped: at(6),
    txDropped: at(7),
    multicast: at(8),
    collisions: at(9),
  };
}

function lladdr(attribute: Attribute | undefined): string | undefined {
  return attribute && formatLladdr(attribute.data);
}

type KindTable = Record<string, { fields: FieldTable; names: readonly string[] }>;

function decodeKinds<Table extends KindTable>(
  table: Table,
  kind: string | undefined,
  data: Attribute | undefined,
): { [Name in keyof Table]: ValuesOf<Table[Name]['fields']> | undefined } {
  const entries = Object.entries(table).map(([name, { fields, names }]) => [
    name,
    kind !== undefined && names.includes(kind) && data ? readFields(fields, data.attributes()) : undefined,
  ]);
  return Object.fromEntries(entries);
}

function decodeXstats(info: Attributes | undefined): CanStatistics | undefined {
  const data = info?.get(IFLA_INFO_XSTATS)?.data;
  return data && info?.get(IFLA_INFO_KIND)?.string() === 'can' ? decodeCanStatistics(data) : undefined;
}

function inet6Of(attributes: Attributes): Attributes | undefined {
  return attributes.get(IFLA_AF_SPEC)?.attributes().get(AF_INET6)?.attributes();
}

/**
 * The interface in a message of the type RTM_NEWLINK or RTM_DELLINK.
 *
 * @param message - The message.
 * @throws OSError (EBADMSG) if it is cut short.
 *
 * Source: rtnetlink(7)
 */
export function decodeLink({ data }: NetlinkMessage): Link {
  requireSize(data, HEADER_SIZE, 'struct ifinfomsg');
  const attributes = new Attributes(data.subarray(HEADER_SIZE));
  const info = attributes.get(IFLA_LINKINFO)?.attributes();
  const names = attributes.get(IFLA_PROP_LIST)?.attributes();
  const protoDown = attributes.get(IFLA_PROTO_DOWN)?.uint8();
  return {
    index: readUint32(data, 4),
    name: attributes.get(IFLA_IFNAME)?.string() ?? '',
    type: readUint16(data, 2),
    flags: readUint32(data, 8),
    mtu: attributes.get(IFLA_MTU)?.uint32(),
    minMtu: attributes.get(IFLA_MIN_MTU)?.uint32(),
    maxMtu: attributes.get(IFLA_MAX_MTU)?.uint32(),
    address: lladdr(attributes.get(IFLA_ADDRESS)),
    broadcast: lladdr(attributes.get(IFLA_BROADCAST)),
    permanentAddress: lladdr(attributes.get(IFLA_PERM_ADDRESS)),
    operstate: attributes.get(IFLA_OPERSTATE)?.uint8(),
    qdisc: attributes.get(IFLA_QDISC)?.string(),
    txqlen: attributes.get(IFLA_TXQLEN)?.uint32(),
    master: attributes.get(IFLA_MASTER)?.uint32(),
    link: attributes.get(IFLA_LINK)?.uint32(),
    linkNetnsid: attributes.get(IFLA_LINK_NETNSID)?.int32(),
    kind: info?.get(IFLA_INFO_KIND)?.string(),
    data: info?.get(IFLA_INFO_DATA)?.attributes(),
    ...decodeKinds(KINDS, info?.get(IFLA_INFO_KIND)?.string(), info?.get(IFLA_INFO_DATA)),
    canStatistics: decodeXstats(info),
    slaveKind: info?.get(IFLA_INFO_SLAVE_KIND)?.string(),
    ...decodeKinds(SLAVES, info?.get(IFLA_INFO_SLAVE_KIND)?.string(), info?.get(IFLA_INFO_SLAVE_DATA)),
    addrGenMode: inet6Of(attributes)?.get(IFLA_INET6_ADDR_GEN_MODE)?.uint8(),
    numTxQueues: attributes.get(IFLA_NUM_TX_QUEUES)?.uint32(),
    numRxQueues: attributes.get(IFLA_NUM_RX_QUEUES)?.uint32(),
    gsoMaxSize: attributes.get(IFLA_GSO_MAX_SIZE)?.uint32(),
    gsoMaxSegs: attributes.get(IFLA_GSO_MAX_SEGS)?.uint32(),
    groMaxSize: attributes.get(IFLA_GRO_MAX_SIZE)?.uint32(),
    linkmode: attributes.get(IFLA_LINKMODE)?.uint8(),
    protoDown: protoDown === undefined ? undefined : protoDown !== 0,
    group: attributes.get(IFLA_GROUP)?.uint32(),
    promiscuity: attributes.get(IFLA_PROMISCUITY)?.uint32(),
    alias: attributes.get(IFLA_IFALIAS)?.string(),
    altnames: names?.getAll(IFLA_ALT_IFNAME).map((name) => name.string()) ?? [],
    statistics: decodeStatistics(attributes.get(IFLA_STATS64)),
  };
}

/** What a program can set of the flags. */
const SETTABLE =
  IFF_UP |
  IFF_DEBUG |
  IFF_NOTRAILERS |
  IFF_NOARP |
  IFF_PROMISC |
  IFF_ALLMULTI |
  IFF_MULTICAST |
  IFF_PORTSEL |
  IFF_AUTOMEDIA |
  IFF_DYNAMIC;

function header(
  index: number,
  { up, flags, change = SETTABLE }: Pick<LinkChanges, 'up' | 'flags' | 'change'> = {},
): Buffer {
  const memory = Buffer.alloc(HEADER_SIZE);
  memory.writeUInt8(AF_UNSPEC, 0);
  writeUint32(memory, index, 4);
  let mask = flags === undefined ? 0 : integer('change', change, 0, 2 ** 32 - 1);
  let values = flags === undefined ? 0 : integer('flags', flags, 0, 2 ** 32 - 1) & mask;
  if (up !== undefined) {
    if (typeof up !== 'boolean') throw wrongType('up', 'true or false', up);
    mask |= IFF_UP;
    values = up ? values | IFF_UP : values & ~IFF_UP;
  }
  writeUint32(memory, values >>> 0, 8);
  writeUint32(memory, mask >>> 0, 12);
  return memory;
}

function indexOf(link: number | string): number {
  return typeof link === 'string' ? 0 : integer('link', link, 1, 2 ** 31 - 1);
}

/** The attribute for a name: alternative ones may be longer than the others. */
function writeName(link: number | string): AttributeWriter {
  const writer = new AttributeWriter();
  if (typeof link !== 'string') return writer;
  const isLong = Buffer.byteLength(link) >= IFNAMSIZ;
  return writer.string(isLong ? IFLA_ALT_IFNAME : IFLA_IFNAME, link);
}

function writeChanges(writer: AttributeWriter, changes: LinkChanges): void {
  const { protoDown, addrGenMode } = changes;
  writer
    .uint32(IFLA_MTU, changes.mtu)
    .bytes(IFLA_ADDRESS, parseLladdr('address', changes.address))
    .bytes(IFLA_BROADCAST, parseLladdr('broadcast', changes.broadcast))
    .uint32(IFLA_TXQLEN, changes.txqlen)
    .uint32(IFLA_MASTER, changes.master)
    .uint32(IFLA_GROUP, changes.group)
    .bytes(IFLA_IFALIAS, textWithoutNul('alias', changes.alias))
    .uint32(IFLA_NET_NS_PID, changes.netnsPid)
    .uint32(IFLA_NET_NS_FD, changes.netnsFd)
    .uint8(IFLA_LINKMODE, changes.linkmode)
    .uint32(IFLA_GSO_MAX_SIZE, changes.gsoMaxSize)
    .uint32(IFLA_GSO_MAX_SEGS, changes.gsoMaxSegs)
    .uint32(IFLA_GRO_MAX_SIZE, changes.groMaxSize);
  if (protoDown !== undefined) {
    if (typeof protoDown !== 'boolean') throw wrongType('protoDown', 'true or false', protoDown);
    writer.uint8(IFLA_PROTO_DOWN, protoDown ? 1 : 0);
  }
  if (addrGenMode !== undefined) {
    const inet6 = new AttributeWriter().uint8(IFLA_INET6_ADDR_GEN_MODE, addrGenMode);
    writer.bytes(IFLA_AF_SPEC, new AttributeWriter().bytes(AF_INET6, inet6.encode()).encode());
  }
}

/** Text as ip(8) writes some: without the NUL at its end. */
function textWithoutNul(name: string, text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== 'string') throw wrongType(name, 'a string', text);
  if (text.includes('\0')) throw wrongValue(name, 'text without NUL', text);
  return fsencode(name, text);
}

/** The kind of the fields that a caller gave, and the fields. @throws RangeError for those of two kinds. */
function givenKind(
  link: LinkChanges & { kind?: string | undefined },
  table: KindTable,
): { name: string; fields: FieldTable; kind: string } | undefined {
  const given = Object.keys(table).filter((name) => link[name as keyof LinkChanges] !== undefined);
  const [name, another] = given;
  if (name === undefined) return undefined;
  if (another !== undefined) throw wrongValue(another, `undefined beside ${name}`, link[another as keyof LinkChanges]);
  const { fields, names } = table[name] as KindTable[string];
  recordOf<object>(name, link[name as keyof LinkChanges] as object, fields);
  const { kind = names[0] as string } = link;
  if (!names.includes(kind)) throw wrongValue('kind', names.join(' or '), kind);
  return { name, fields, kind };
}

function writeSlave(writer: AttributeWriter, changes: LinkChanges, hasKind: boolean): void {
  const given = givenKind({ ...changes, kind: undefined }, SLAVES);
  if (!given) return;
  const { name, fields, kind } = given;
  // As ip(8) writes it; beside the fields of its own kind, which names itself, the kernel needs no other.
  if (!hasKind) writer.bytes(IFLA_INFO_KIND, textWithoutNul('kind', `${kind}_slave`));
  const values = changes[name as keyof LinkChanges] as ValuesOf<FieldTable>;
  writer.bytes(IFLA_INFO_SLAVE_DATA, writeFields(name, fields, values).encode());
}

/** IFLA_LINKINFO; nothing for no attributes. ip(8) leaves the flag NLA_F_NESTED out of it. */
function writeInfo(writer: AttributeWriter, info: AttributeWriter): void {
  const bytes = info.encode();
  if (bytes.length > 0) writer.bytes(IFLA_LINKINFO, bytes);
}

const CHANGES_KEYS: KnownKeys<LinkChanges> = {
  up: true,
  flags: true,
  change: true,
  name: true,
  mtu: true,
  address: true,
  broadcast: true,
  master: true,
  txqlen: true,
  alias: true,
  group: true,
  netnsPid: true,
  netnsFd: true,
  addrGenMode: true,
  gsoMaxSize: true,
  gsoMaxSegs: true,
  groMaxSize: true,
  linkmode: true,
  protoDown: true,
  vlan: true,
  bridge: true,
  bond: true,
  vxlan: true,
  macvlan: true,
  ipvlan: true,
  vrf: true,
  can: true,
  bridgeSlave: true,
  bondSlave: true,
};
/** Those of a record too that only the kernel sets, which count for nothing. */
const LINK_KEYS: KnownKeys<NewLink & Link> = {
  ...CHANGES_KEYS,
  index: true,
  type: true,
  minMtu: true,
  maxMtu: true,
  permanentAddress: true,
  operstate: true,
  qdisc: true,
  link: true,
  linkNetnsid: true,
  kind: true,
  data: true,
  peer: true,
  tun: true,
  canStatistics: true,
  slaveKind: true,
  vrfSlave: true,
  numTxQueues: true,
  numRxQueues: true,
  promiscuity: true,
  altnames: true,
  statistics: true,
};

/**
 * Asks for all interfaces: for `dump`.
 *
 * Source: rtnetlink(7)
 */
export function getLinks(): NetlinkRequest<Link> {
  return { protocol: NETLINK_ROUTE, type: RTM_GETLINK, data: header(0), decode: decodeLink };
}

/**
 * Asks for one interface: for `execute`.
 *
 * @param link - Its index, its name, or an alternative name.
 *
 * Source: rtnetlink(7)
 */
export function getLink(link: number | string): NetlinkRequest<Link> {
  const data = Buffer.concat([header(indexOf(link)), writeName(link).encode()]);
  return { protocol: NETLINK_ROUTE, type: RTM_GETLINK, data, decode: decodeLink };
}

/**
 * Changes an interface: for `execute`.
 *
 * @param link - Its index, its name, or an alternative name.
 * @param changes - What is to change.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7)
 */
export function setLink(link: number | string, changes: LinkChanges): NetlinkRequest<never> {
  const { name } = recordOf('changes', changes, CHANGES_KEYS);
  if (typeof link === 'string' && name !== undefined) {
    throw wrongType('link', 'the index of the interface, where its name changes', link);
  }
  const attributes = new AttributeWriter();
  writeChanges(attributes, changes);
  const named = name === undefined ? writeName(link) : new AttributeWriter().string(IFLA_IFNAME, name);
  const info = new AttributeWriter();
  const given = givenKind(changes, KINDS);
  if (given) {
    info.bytes(IFLA_INFO_KIND, textWithoutNul('kind', given.kind));
    const values = changes[given.name as keyof LinkChanges] as ValuesOf<FieldTable>;
    info.bytes(IFLA_INFO_DATA, writeFields(given.name, given.fields, values).encode());
  }
  writeSlave(info, changes, given !== undefined);
  const kind = new AttributeWriter();
  writeInfo(kind, info);
  const data = Buffer.concat([header(indexOf(link), changes), attributes.encode(), named.encode(), kind.encode()]);
  return { protocol: NETLINK_ROUTE, type: RTM_NEWLINK, data, decode: () => undefined };
}

function altnamesRequest(type: number, link: number | string, names: readonly string[]): NetlinkRequest<never> {
  const list = new AttributeWriter();
  for (const name of arrayOf('names', names)) list.string(IFLA_ALT_IFNAME, name);
  const attributes = writeName(link).nested(IFLA_PROP_LIST, list);
  const data = Buffer.concat([header(indexOf(link)), attributes.encode()]);
  return {
    protocol: NETLINK_ROUTE,
    type,
    flags: type === RTM_NEWLINKPROP ? NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND : 0,
    data,
    decode: () => undefined,
  };
}

/**
 * Gives an interface more names: for `execute`. Linux takes them from 5.5 on.
 *
 * @param link - Its index, its name, or an alternative name.
 * @param names - Of 1 to 127 bytes each.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: ip-link(8)
 */
export function newAltnames(link: number | string, names: readonly string[]): NetlinkRequest<never> {
  return altnamesRequest(RTM_NEWLINKPROP, link, names);
}

/**
 * Takes names from an interface that {@link newAltnames} gave it: for `execute`.
 *
 * @param link - Its index, its name, or an alternative name.
 * @param names - The names to take.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: ip-link(8)
 */
export function deleteAltnames(link: number | string, names: readonly string[]): NetlinkRequest<never> {
  return altnamesRequest(RTM_DELLINKPROP, link, names);
}

/** What the other end of a veth pair is, in VETH_INFO_PEER. */
function encodePeer(peer: NonNullable<NewLink['peer']>): AttributeWriter {
  recordOf<object>('peer', peer, LINK_KEYS);
  const { name, index } = peer;
  const attributes = new AttributeWriter();
  writeChanges(attributes, { ...peer, master: undefined, alias: undefined, addrGenMode: undefined });
  attributes
    .uint32(IFLA_NUM_TX_QUEUES, peer.numTxQueues)
    .uint32(IFLA_NUM_RX_QUEUES, peer.numRxQueues)
    .string(IFLA_IFNAME, name);
  const header_ = header(index === undefined ? 0 : natural('peer: index', index));
  return new AttributeWriter().bytes(VETH_INFO_PEER, Buffer.concat([header_, attributes.encode()]));
}

function writeOwnKind(info: AttributeWriter, link: NewLink): void {
  const given = givenKind(link, KINDS);
  const kind = given?.kind ?? link.kind;
  if (kind === undefined) throw wrongType('kind', 'a string', kind);
  info.bytes(IFLA_INFO_KIND, textWithoutNul('kind', kind));
  if (link.peer) {
    info.bytes(IFLA_INFO_DATA, encodePeer(link.peer).encode());
  } else if (given) {
    const values = link[given.name as keyof LinkChanges] as ValuesOf<FieldTable>;
    info.bytes(IFLA_INFO_DATA, writeFields(given.name, given.fields, freshValues(given.fields, values)).encode());
  } else if (link.data) {
    info.bytes(IFLA_INFO_DATA, attributesOf('data', link.data).encode());
  }
}

/** What the kernel takes of a link only once it is there, and before it is up; and then the rest. */
function followUps(link: NewLink, isPeer = false): NetlinkRequest<never>[] {
  const { name, altnames = [], up, flags, change, addrGenMode, master, alias } = link;
  const given = givenKind({ ...link, kind: undefined }, SLAVES);
  const requests: NetlinkRequest<never>[] = [];
  if (alias !== undefined) requests.push(setLink(name, { alias }));
  if (isPeer && master !== undefined) requests.push(setLink(name, { master }));
  if (isDeferred(link) || (isPeer && (up ?? flags) !== undefined)) {
    const values = given && { [given.name]: freshValues(given.fields, link[given.name as keyof NewLink] as object) };
    requests.push(setLink(name, { addrGenMode, ...values }), setLink(name, { up, flags, change }));
  }
  if (arrayOf('altnames', altnames).length > 0) requests.push(newAltnames(name, altnames));
  return requests;
}

function isDeferred({ bridgeSlave, bondSlave, addrGenMode }: NewLink): boolean {
  return bridgeSlave !== undefined || bondSlave !== undefined || addrGenMode !== undefined;
}

/**
 * Makes an interface: for `execute`.
 *
 * @param link - What it should be, such as a record of a dump. Of a veth pair that was read `peer` is to be added: the record
 *   of the other end.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7); ip-link(8)
 */
export function newLink(link: NewLink): NetlinkRequest<never> {
  recordOf<object>('link', link, LINK_KEYS);
  const early = { ...link, alias: undefined, addrGenMode: undefined };
  const first = isDeferred(link) ? { ...early, flags: undefined, up: undefined } : early;
  const attributes = new AttributeWriter();
  writeChanges(attributes, first);
  attributes
    .uint32(IFLA_NUM_TX_QUEUES, link.numTxQueues)
    .uint32(IFLA_NUM_RX_QUEUES, link.numRxQueues)
    .uint32(IFLA_LINK, link.link)
    .string(IFLA_IFNAME, link.name);
  const info = new AttributeWriter();
  writeOwnKind(info, link);
  writeInfo(attributes, info);
  const index = link.index === undefined ? 0 : integer('index', link.index, 1, 2 ** 31 - 1);
  const request = {
    protocol: NETLINK_ROUTE,
    type: RTM_NEWLINK,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    data: Buffer.concat([header(index, first), attributes.encode()]),
    decode: () => undefined,
  };
  const later = [...(link.peer ? followUps(link.peer, true) : []), ...followUps(link)];
  return [request, ...later].reduceRight((next, one) => ({ ...one, next })) as NetlinkRequest<never>;
}

/**
 * Deletes an interface: for `execute`. Of a veth pair the other end goes too.
 *
 * @param link - Its index, its name, or an alternative name.
 *
 * Source: rtnetlink(7)
 */
export function deleteLink(link: number | string): NetlinkRequest<never> {
  return { ...getLink(link), type: RTM_DELLINK, decode: () => undefined };
}

/** What happens to interfaces: for `watch`. Source: rtnetlink(7) */
export const linkEvents: NetlinkEvents<LinkEvent> = {
  protocol: NETLINK_ROUTE,
  groups: [RTNLGRP_LINK],
  decode(message) {
    if (message.type !== RTM_NEWLINK && message.type !== RTM_DELLINK) return undefined;
    // A bridge tells of its ports in the same group, with messages of its own family.
    if (message.data[0] !== AF_UNSPEC) return undefined;
    const event = message.type === RTM_NEWLINK ? 'new' : 'delete';
    return { kind: 'link', event, link: decodeLink(message), nsid: message.nsid };
  },
};
