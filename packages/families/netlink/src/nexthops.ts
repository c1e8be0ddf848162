import {
  AF_INET,
  AF_UNSPEC,
  integer,
  type KnownKeys,
  NETLINK_ROUTE,
  NHA_BLACKHOLE,
  NHA_ENCAP,
  NHA_ENCAP_TYPE,
  NHA_FDB,
  NHA_GATEWAY,
  NHA_GROUP,
  NHA_GROUP_TYPE,
  NHA_ID,
  NHA_MASTER,
  NHA_OIF,
  NHA_RES_GROUP,
  NHA_RES_GROUP_BUCKETS,
  NHA_RES_GROUP_IDLE_TIMER,
  NHA_RES_GROUP_UNBALANCED_TIMER,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RTM_DELNEXTHOP,
  RTM_GETNEXTHOP,
  RTM_NEWNEXTHOP,
  RTNH_F_ONLINK,
  RTNLGRP_NEXTHOP,
  RTPROT_STATIC,
  wrongType,
} from '@bsd-sockets/core-native';
import { type Attribute, Attributes, AttributeWriter } from './attributes';
import { decodeEncap, type Encap, writeEncap } from './encap';
import { readUint32, writeUint32 } from './integers';
import { formatIp, parseIp } from './ip-address';
import { malformed, requireSize } from './malformed';
import type { NetlinkMessage } from './message';
import { arrayOf, recordOf } from './record';
import type { NetlinkEvents, NetlinkRequest } from './request';

/** One of a group of nexthop objects. */
export interface NexthopMember {
  id: number;
  /** Its share, against those of the others: 1 to 65536; a kernel before 6.12 takes 256 at most. */
  weight: number;
}

/** How a group of the type NEXTHOP_GRP_TYPE_RES keeps flows on their way. */
export interface ResilientGroup {
  /** How many parts the flows are divided into. */
  buckets?: number | undefined;
  /** After how long without a packet a part may move: in 1/100 seconds. */
  idleTimer?: number | undefined;
  /** After how long parts move even so, 0 for never: in 1/100 seconds. */
  unbalancedTimer?: number | undefined;
}

/** A nexthop object: a way, or a group of them, that many routes share. What the kernel did not tell is undefined. */
export interface NexthopObject {
  id: number;
  /** AF_INET or AF_INET6; AF_UNSPEC for a group. */
  family: number;
  /** Who made it: a RTPROT_* constant. */
  protocol: number;
  /** How far it leads: a RT_SCOPE_* constant. */
  scope: number;
  /** RTNH_F_* constants, joined by `|`. */
  flags: number;
  /** The index of the interface. */
  ifindex: number | undefined;
  gateway: string | undefined;
  /** Whether it drops the packets. */
  blackhole: boolean;
  /** Whether it is one for the table of a bridge. */
  fdb: boolean;
  encap: Encap | undefined;
  /** The ways of a group; empty for what is none. */
  group: NexthopMember[];
  /** A NEXTHOP_GRP_TYPE_* constant. */
  groupType: number | undefined;
  resilient: ResilientGroup | undefined;
}

/** A nexthop object that is to be made: what {@link NexthopObject} says. A record that was read is one. */
export interface NewNexthop {
  /** 1 to 2³² - 1; one that is free by default. */
  id?: number | undefined;
  /** What the gateway tells, by default; AF_INET without one. */
  family?: number | undefined;
  /** RTPROT_STATIC by default. */
  protocol?: number | undefined;
  /** RTNH_F_ONLINK; none by default. */
  flags?: number | undefined;
  ifindex?: number | undefined;
  gateway?: string | undefined;
  blackhole?: boolean | undefined;
  fdb?: boolean | undefined;
  encap?: Encap | undefined;
  /** A weight is 1 by default. */
  group?: readonly { id: number; weight?: number | undefined }[] | undefined;
  /** NEXTHOP_GRP_TYPE_MPATH by default. */
  groupType?: number | undefined;
  resilient?: ResilientGroup | undefined;
}

/** What happened to a nexthop object. */
export interface NexthopEvent {
  kind: 'nexthop';
  /** `new` also stands for a change. */
  event: 'new' | 'delete';
  nexthop: NexthopObject;
  /** The id here of the network namespace that it happened in, if it is another: see `NETLINK_LISTEN_ALL_NSID`. */
  nsid: number | undefined;
}

const HEADER_SIZE = 8;
const MEMBER_SIZE = 8;
const ENCAP = [NHA_ENCAP_TYPE, NHA_ENCAP] as const;

function decodeGroup(attribute: Attribute | undefined): NexthopMember[] {
  const data = attribute?.data ?? Buffer.alloc(0);
  if (data.length % MEMBER_SIZE !== 0)
    throw malformed(`a group has ${data.length} bytes, no multiple of ${MEMBER_SIZE}`);
  return Array.from({ length: data.length / MEMBER_SIZE }, (_, index) => {
    const offset = MEMBER_SIZE * index;
    return { id: readUint32(data, offset), weight: 1 + data.readUInt8(offset + 4) + (data.readUInt8(offset + 5) << 8) };
  });
}

function decodeResilient(attribute: Attribute | undefined): ResilientGroup | undefined {
  const attributes = attribute?.attributes();
  return (
    attributes && {
      buckets: attributes.get(NHA_RES_GROUP_BUCKETS)?.uint16(),
      idleTimer: attributes.get(NHA_RES_GROUP_IDLE_TIMER)?.uint32(),
      unbalancedTimer: attributes.get(NHA_RES_GROUP_UNBALANCED_TIMER)?.uint32(),
    }
  );
}

/**
 * The nexthop object in a message of the type RTM_NEWNEXTHOP or RTM_DELNEXTHOP.
 *
 * @param message - The message.
 * @throws OSError (EBADMSG) if it is cut short.
 *
 * Source: linux/nexthop.h
 */
export function decodeNexthop({ data }: NetlinkMessage): NexthopObject {
  requireSize(data, HEADER_SIZE, 'struct nhmsg');
  const family = data.readUInt8(0);
  const attributes = new Attributes(data.subarray(HEADER_SIZE));
  const gateway = attributes.get(NHA_GATEWAY);
  return {
    id: attributes.get(NHA_ID)?.uint32() ?? 0,
    family,
    protocol: data.readUInt8(2),
    scope: data.readUInt8(1),
    flags: readUint32(data, 4),
    ifindex: attributes.get(NHA_OIF)?.uint32(),
    gateway: gateway && formatIp(family, gateway.data),
    blackhole: attributes.get(NHA_BLACKHOLE) !== undefined,
    fdb: attributes.get(NHA_FDB) !== undefined,
    encap: decodeEncap(attributes, ENCAP),
    group: decodeGroup(attributes.get(NHA_GROUP)),
    groupType: attributes.get(NHA_GROUP_TYPE)?.uint16(),
    resilient: decodeResilient(attributes.get(NHA_RES_GROUP)),
  };
}

const FILTER_KEYS = { ifindex: true, master: true };

/**
 * Asks for nexthop objects: for `dump`. Linux has them from 5.3 on.
 *
 * @param filter - `ifindex`: the index of an interface; `master`: that of the bridge or VRF that the interfaces are parts
 *   of. All of them by default.
 * @throws TypeError or RangeError for a bad filter.
 *
 * Source: linux/nexthop.h; ip-nexthop(8)
 */
export function getNexthops(filter: { ifindex?: number; master?: number } = {}): NetlinkRequest<NexthopObject> {
  const { ifindex, master } = recordOf('filter', filter, FILTER_KEYS);
  const attributes = new AttributeWriter().uint32(NHA_OIF, ifindex).uint32(NHA_MASTER, master);
  const data = Buffer.concat([Buffer.alloc(HEADER_SIZE), attributes.encode()]);
  return { protocol: NETLINK_ROUTE, type: RTM_GETNEXTHOP, data, decode: decodeNexthop };
}

/**
 * Asks for one nexthop object: for `execute`.
 *
 * @param id - Its id.
 * @throws TypeError or RangeError if it is none.
 *
 * Source: linux/nexthop.h; ip-nexthop(8)
 */
export function getNexthop(id: number): NetlinkRequest<NexthopObject> {
  const attributes = new AttributeWriter().uint32(NHA_ID, integer('id', id, 1, 2 ** 32 - 1));
  const data = Buffer.concat([Buffer.alloc(HEADER_SIZE), attributes.encode()]);
  return { protocol: NETLINK_ROUTE, type: RTM_GETNEXTHOP, data, decode: decodeNexthop };
}

const NEXTHOP_KEYS: KnownKeys<NewNexthop & NexthopObject> = {
  id: true,
  family: true,
  protocol: true,
  scope: true,
  flags: true,
  ifindex: true,
  gateway: true,
  blackhole: true,
  fdb: true,
  encap: true,
  group: true,
  groupType: true,
  resilient: true,
};
const MEMBER_KEYS = { id: true, weight: true };
const RESILIENT_KEYS: KnownKeys<ResilientGroup> = { buckets: true, idleTimer: true, unbalancedTimer: true };
const NEW_KEYS = { replace: true };

function encodeGroup(group: NewNexthop['group']): Buffer | undefined {
  // An object that was read has none, unless it is a group.
  if (group === undefined || arrayOf('group', group).length === 0) return undefined;
  const memory = Buffer.alloc(MEMBER_SIZE * group.length);
  for (const [index, member] of group.entries()) {
    const { id, weight = 1 } = recordOf(`group[${index}]`, member, MEMBER_KEYS);
    writeUint32(memory, integer(`group[${index}]: id`, id, 1, 2 ** 32 - 1), MEMBER_SIZE * index);
    const above = integer(`group[${index}]: weight`, weight, 1, 0x10000) - 1;
    memory.writeUInt8(above & 0xff, MEMBER_SIZE * index + 4);
    memory.writeUInt8(above >> 8, MEMBER_SIZE * index + 5);
  }
  return memory;
}

function encodeResilient(resilient: ResilientGroup | undefined): AttributeWriter | undefined {
  if (resilient === undefined) return undefined;
  const { buckets, idleTimer, unbalancedTimer } = recordOf('resilient', resilient, RESILIENT_KEYS);
  return new AttributeWriter()
    .uint16(NHA_RES_GROUP_BUCKETS, buckets)
    .uint32(NHA_RES_GROUP_IDLE_TIMER, idleTimer)
    .uint32(NHA_RES_GROUP_UNBALANCED_TIMER, unbalancedTimer);
}

function flag(name: string, value: boolean | undefined): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw wrongType(name, 'true or false', value);
  return value ?? false;
}

function encode(nexthop: NewNexthop): Buffer {
  const { protocol = RTPROT_STATIC, flags = 0 } = nexthop;
  const gateway = nexthop.gateway === undefined ? undefined : parseIp('gateway', nexthop.gateway);
  const group = encodeGroup(nexthop.group);
  const family = nexthop.family ?? gateway?.family ?? (group ? AF_UNSPEC : AF_INET);
  const header = Buffer.alloc(HEADER_SIZE);
  header.writeUInt8(integer('family', family, 0, 0xff), 0);
  header.writeUInt8(integer('protocol', protocol, 0, 0xff), 2);
  writeUint32(header, integer('flags', flags, 0, 2 ** 32 - 1) & RTNH_F_ONLINK, 4);
  const attributes = new AttributeWriter().uint32(NHA_ID, nexthop.id).bytes(NHA_GROUP, group);
  // The kernel takes a type only with a group.
  if (group) attributes.uint16(NHA_GROUP_TYPE, nexthop.groupType);
  attributes.nested(NHA_RES_GROUP, encodeResilient(nexthop.resilient));
  if (flag('blackhole', nexthop.blackhole)) attributes.flag(NHA_BLACKHOLE);
  if (flag('fdb', nexthop.fdb)) attributes.flag(NHA_FDB);
  attributes.uint32(NHA_OIF, nexthop.ifindex).bytes(NHA_GATEWAY, gateway?.bytes);
  writeEncap(attributes, ENCAP, nexthop.encap);
  return Buffer.concat([header, attributes.encode()]);
}

/**
 * Makes a nexthop object: for `execute`.
 *
 * @param nexthop - The object, such as a record of a dump.
 * @param options - `replace`: whether it may take the place of the one with its id; false by default: EEXIST.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: linux/nexthop.h; ip-nexthop(8)
 */
export function newNexthop(nexthop: NewNexthop, options: { replace?: boolean } = {}): NetlinkRequest<never> {
  recordOf('nexthop', nexthop, NEXTHOP_KEYS);
  const { replace = false } = recordOf('options', options, NEW_KEYS);
  return {
    protocol: NETLINK_ROUTE,
    type: RTM_NEWNEXTHOP,
    flags: NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL),
    data: encode(nexthop),
    decode: () => undefined,
  };
}

/**
 * Deletes a nexthop object, and the routes that use it: for `execute`.
 *
 * @param nexthop - Such as a record of a dump; its id tells which.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: linux/nexthop.h; ip-nexthop(8)
 */
export function deleteNexthop(nexthop: Pick<NexthopObject, 'id'>): NetlinkRequest<never> {
  const { id } = recordOf<NewNexthop>('nexthop', nexthop, NEXTHOP_KEYS);
  return { ...getNexthop(id as number), type: RTM_DELNEXTHOP, decode: () => undefined };
}

/** What happens to nexthop objects: for `watch`. Source: linux/nexthop.h */
export const nexthopEvents: NetlinkEvents<NexthopEvent> = {
  protocol: NETLINK_ROUTE,
  groups: [RTNLGRP_NEXTHOP],
  decode(message) {
    if (message.type !== RTM_NEWNEXTHOP && message.type !== RTM_DELNEXTHOP) return undefined;
    const event = message.type === RTM_NEWNEXTHOP ? 'new' : 'delete';
    return { kind: 'nexthop', event, nexthop: decodeNexthop(message), nsid: message.nsid };
  },
};
