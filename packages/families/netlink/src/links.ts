import {
  AF_UNSPEC,
  IFF_UP,
  IFLA_ADDRESS,
  IFLA_ALT_IFNAME,
  IFLA_BROADCAST,
  IFLA_GROUP,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MAX_MTU,
  IFLA_MIN_MTU,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  IFLA_NET_NS_PID,
  IFLA_OPERSTATE,
  IFLA_PERM_ADDRESS,
  IFLA_PROMISCUITY,
  IFLA_PROP_LIST,
  IFLA_QDISC,
  IFLA_STATS64,
  IFLA_TXQLEN,
  integer,
  NETLINK_ROUTE,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_NEWLINK,
  RTNLGRP_LINK,
  VETH_INFO_PEER,
  wrongType,
} from '@bsd-sockets/core-native';
import { type Attribute, Attributes, AttributeWriter } from './attributes';
import { readUint16, readUint32, readUint64, writeUint32 } from './integers';
import { formatLladdr, parseLladdr } from './link-layer-address';
import { requireSize } from './malformed';
import type { NetlinkMessage } from './message';
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
  /** Whether it shall be up. */
  up?: boolean | undefined;
  /** Another name: the interface must be given by its index then. */
  name?: string | undefined;
  /** Bytes. */
  mtu?: number | undefined;
  /** The hardware address, such as `02:00:00:00:00:01`. */
  address?: string | undefined;
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
}

/** An interface that is to be made. */
export interface NewLink extends LinkChanges {
  name: string;
  /** `dummy`, `veth`, `vcan`, `bridge`, `vlan`, … */
  kind: string;
  /** The index of the interface underneath, for a kind that has one. */
  link?: number | undefined;
  /** What only its kind has: the attributes of IFLA_INFO_DATA. */
  data?: AttributeWriter | undefined;
  /** Of a veth pair: the other end, which the kernel makes before this one, so that it cannot be up yet. */
  peer?: (Omit<LinkChanges, 'up'> & { name: string }) | undefined;
}

/** What happened to an interface. */
export interface LinkEvent {
  kind: 'link';
  /** `new` also stands for a change. */
  event: 'new' | 'delete';
  link: Link;
}

const HEADER_SIZE = 16;

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
    group: attributes.get(IFLA_GROUP)?.uint32(),
    promiscuity: attributes.get(IFLA_PROMISCUITY)?.uint32(),
    alias: attributes.get(IFLA_IFALIAS)?.string(),
    altnames: names?.getAll(IFLA_ALT_IFNAME).map((name) => name.string()) ?? [],
    statistics: decodeStatistics(attributes.get(IFLA_STATS64)),
  };
}

function header(index: number, up?: boolean): Buffer {
  const memory = Buffer.alloc(HEADER_SIZE);
  memory.writeUInt8(AF_UNSPEC, 0);
  writeUint32(memory, index, 4);
  if (up === undefined) return memory;
  if (typeof up !== 'boolean') throw wrongType('up', 'true or false', up);
  writeUint32(memory, up ? IFF_UP : 0, 8);
  writeUint32(memory, IFF_UP, 12);
  return memory;
}

function indexOf(link: number | string): number {
  return typeof link === 'string' ? 0 : integer('link', link, 1, 2 ** 31 - 1);
}

function nameOf(link: number | string): string | undefined {
  return typeof link === 'string' ? link : undefined;
}

function writeChanges(changes: LinkChanges, name = changes.name): AttributeWriter {
  return new AttributeWriter()
    .string(IFLA_IFNAME, name)
    .uint32(IFLA_MTU, changes.mtu)
    .bytes(IFLA_ADDRESS, parseLladdr('address', changes.address))
    .uint32(IFLA_MASTER, changes.master)
    .uint32(IFLA_TXQLEN, changes.txqlen)
    .string(IFLA_IFALIAS, changes.alias)
    .uint32(IFLA_GROUP, changes.group)
    .uint32(IFLA_NET_NS_PID, changes.netnsPid)
    .uint32(IFLA_NET_NS_FD, changes.netnsFd);
}

function objectOf<T extends object>(name: string, value: T): T {
  if (typeof value !== 'object' || value === null) throw wrongType(name, 'an object', value);
  return value;
}

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
 * @param link - Its index, or its name.
 *
 * Source: rtnetlink(7)
 */
export function getLink(link: number | string): NetlinkRequest<Link> {
  const attributes = new AttributeWriter().string(IFLA_IFNAME, nameOf(link));
  const data = Buffer.concat([header(indexOf(link)), attributes.encode()]);
  return { protocol: NETLINK_ROUTE, type: RTM_GETLINK, data, decode: decodeLink };
}

/**
 * Changes an interface: for `execute`.
 *
 * @param link - Its index, or its name.
 * @param changes - What is to change.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7)
 */
export function setLink(link: number | string, changes: LinkChanges): NetlinkRequest<never> {
  const { name, up } = objectOf('changes', changes);
  if (typeof link === 'string' && name !== undefined) {
    throw wrongType('link', 'the index of the interface, where its name changes', link);
  }
  const data = Buffer.concat([header(indexOf(link), up), writeChanges(changes, nameOf(link) ?? name).encode()]);
  return { protocol: NETLINK_ROUTE, type: RTM_NEWLINK, data, decode: () => undefined };
}

/**
 * Makes an interface: for `execute`.
 *
 * @param link - What it shall be.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7); ip-link(8)
 */
export function newLink(link: NewLink): NetlinkRequest<never> {
  const { kind, data, peer } = objectOf('link', link);
  const info = new AttributeWriter().string(IFLA_INFO_KIND, kind);
  if (peer) {
    const end = Buffer.concat([header(0), writeChanges(peer).encode()]);
    info.nested(IFLA_INFO_DATA, new AttributeWriter().bytes(VETH_INFO_PEER, end));
  } else {
    info.nested(IFLA_INFO_DATA, data);
  }
  const attributes = writeChanges(link).uint32(IFLA_LINK, link.link).nested(IFLA_LINKINFO, info);
  return {
    protocol: NETLINK_ROUTE,
    type: RTM_NEWLINK,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    data: Buffer.concat([header(0, link.up), attributes.encode()]),
    decode: () => undefined,
  };
}

/**
 * Deletes an interface: for `execute`. Of a veth pair the other end goes too.
 *
 * @param link - Its index, or its name.
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
    return { kind: 'link', event, link: decodeLink(message) };
  },
};
