import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  integer,
  type KnownKeys,
  NETLINK_ROUTE,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  natural,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RT_TABLE_UNSPEC,
  RTA_CACHEINFO,
  RTA_DST,
  RTA_ENCAP,
  RTA_ENCAP_TYPE,
  RTA_EXPIRES,
  RTA_FLOW,
  RTA_GATEWAY,
  RTA_IIF,
  RTA_MARK,
  RTA_METRICS,
  RTA_MULTIPATH,
  RTA_NEWDST,
  RTA_NH_ID,
  RTA_OIF,
  RTA_PREF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_SRC,
  RTA_TABLE,
  RTA_TTL_PROPAGATE,
  RTA_UID,
  RTA_VIA,
  RTAX_ADVMSS,
  RTAX_CC_ALGO,
  RTAX_CWND,
  RTAX_FASTOPEN_NO_COOKIE,
  RTAX_FEATURES,
  RTAX_HOPLIMIT,
  RTAX_INITCWND,
  RTAX_INITRWND,
  RTAX_LOCK,
  RTAX_MTU,
  RTAX_QUICKACK,
  RTAX_REORDERING,
  RTAX_RTO_MIN,
  RTAX_RTT,
  RTAX_RTTVAR,
  RTAX_SSTHRESH,
  RTAX_WINDOW,
  RTM_DELROUTE,
  RTM_F_FIB_MATCH,
  RTM_F_LOOKUP_TABLE,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTN_ANYCAST,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_NAT,
  RTN_UNICAST,
  RTN_UNSPEC,
  RTNH_F_ONLINK,
  RTNH_F_PERVASIVE,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV6_ROUTE,
  RTPROT_STATIC,
  RTPROT_UNSPEC,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { type Attribute, Attributes, AttributeWriter } from './attributes';
import { decodeEncap, type Encap, writeEncap } from './encap';
import { readInt32, readUint16, readUint32, writeUint16, writeUint32 } from './integers';
import { formatIp, parseAddress, parseIp, parseIpOf } from './ip-address';
import { malformed, requireSize } from './malformed';
import { align, type NetlinkMessage } from './message';
import { arrayOf, recordOf } from './record';
import type { NetlinkEvents, NetlinkRequest } from './request';

/** One of the ways of a route that has several. */
export interface Nexthop {
  /** The index of the interface. */
  ifindex: number;
  /** The next router: of an IPv4 route it may have an IPv6 address. */
  gateway: string | undefined;
  /** Its share, against those of the others: 1 to 256. */
  weight: number;
  /** RTNH_F_* constants, joined by `|`. */
  flags: number;
  /** The labels that take the place of those of a packet of MPLS, as hexadecimal text. */
  newDestination: string | undefined;
  encap: Encap | undefined;
  /** The realms of a packet's source and destination: 16 bits each. */
  realms: number | undefined;
}

/** What a route says of the connections that use it: the kernel's own numbers. */
export interface RouteMetrics {
  /** The metrics that TCP may not change: `1 << RTAX_MTU`, … joined by `|`. */
  lock?: number | undefined;
  /** The largest packet in bytes. */
  mtu?: number | undefined;
  /** The largest window to announce, in bytes. */
  window?: number | undefined;
  /** The round trip time, in eighths of a millisecond. */
  rtt?: number | undefined;
  /** Its variance, in quarters of a millisecond. */
  rttvar?: number | undefined;
  ssthresh?: number | undefined;
  cwnd?: number | undefined;
  /** The largest segment that TCP asks the peer for, in bytes. */
  advmss?: number | undefined;
  reordering?: number | undefined;
  hoplimit?: number | undefined;
  /** The congestion window to begin with, in segments. */
  initcwnd?: number | undefined;
  /** Bits: 1 for explicit congestion notification. */
  features?: number | undefined;
  /** The least time until a retransmission, in milliseconds. */
  rtoMin?: number | undefined;
  /** The window to begin with, in segments. */
  initrwnd?: number | undefined;
  quickack?: number | undefined;
  /** The algorithm of congestion control, such as `cubic`. */
  congestion?: string | undefined;
  fastopenNoCookie?: number | undefined;
}

/** A route. What the kernel did not tell is undefined. */
export interface Route {
  /** AF_INET or AF_INET6; another for what is no unicast routing. */
  family: number;
  /** Where to: `0.0.0.0` or `::`, with a prefix length of 0, for a default route. Hexadecimal of another family. */
  destination: string;
  /** How many bits of the destination count. */
  prefixlen: number;
  /** From which sources; undefined for all. */
  source: string | undefined;
  sourcePrefixlen: number;
  tos: number;
  /** A RT_TABLE_* constant, or the number of another table. */
  table: number;
  /** Who made it: a RTPROT_* constant. */
  protocol: number;
  /** How far it leads: a RT_SCOPE_* constant. */
  scope: number;
  /** A RTN_* constant. */
  type: number;
  /** RTNH_F_* and RTM_F_* constants, joined by `|`. */
  flags: number;
  /** The next router, of an IPv4 route perhaps one of IPv6; undefined for a network that is reached directly. */
  gateway: string | undefined;
  /** The index of the interface that packets leave by. */
  ifindex: number | undefined;
  /** The index of the interface that packets come in by. */
  inputIfindex: number | undefined;
  /** The source address that it proposes. */
  prefsrc: string | undefined;
  /** The metric: less is preferred. */
  priority: number | undefined;
  metrics: RouteMetrics | undefined;
  /** Its ways, if it has several. */
  nexthops: Nexthop[];
  /** The id of a nexthop object. */
  nexthopId: number | undefined;
  /** IPv6: how its router is preferred: 0 medium, 1 high, 3 low. */
  preference: number | undefined;
  /** IPv6: for how many seconds it stays; undefined for ever. */
  expires: number | undefined;
  encap: Encap | undefined;
  /** The realms of a packet's source and destination: 16 bits each. */
  realms: number | undefined;
  /** MPLS: the labels that take the place of the packet's, as hexadecimal text. */
  newDestination: string | undefined;
  /** MPLS: whether the time to live goes on in the packet inside: 0 or 1. */
  ttlPropagate: number | undefined;
}

/** A route that is to be added or deleted: what {@link Route} says. A record that was read is one. */
export interface NewRoute {
  /** What the destination tells, by default. */
  family?: number | undefined;
  /** The address of a network, such as `192.0.2.0`, or `0.0.0.0` or `::` for a default route. */
  destination: string;
  /** 0 to 32, or 128. All bits by default; 0 for a default route. */
  prefixlen?: number | undefined;
  source?: string | undefined;
  /** All bits by default, if there is a source. */
  sourcePrefixlen?: number | undefined;
  /** 0 by default. */
  tos?: number | undefined;
  /** RTNH_F_ONLINK: the gateway is on the link, whatever the routes say. Those that only the kernel sets count for nothing. */
  flags?: number | undefined;
  /** Of an IPv4 route it may have an IPv6 address. */
  gateway?: string | undefined;
  ifindex?: number | undefined;
  inputIfindex?: number | undefined;
  prefsrc?: string | undefined;
  priority?: number | undefined;
  /** RT_TABLE_MAIN by default. */
  table?: number | undefined;
  /** RTPROT_STATIC by default. */
  protocol?: number | undefined;
  /** What goes with the type and the gateway, by default. */
  scope?: number | undefined;
  /** RTN_UNICAST by default. */
  type?: number | undefined;
  metrics?: RouteMetrics | undefined;
  /** Several ways, in place of `gateway` and `ifindex`. */
  nexthops?: readonly NewRouteNexthop[] | undefined;
  /** A nexthop object, in place of `gateway`, `ifindex`, `nexthops`, `encap` and `flags`, which then count for nothing. */
  nexthopId?: number | undefined;
  preference?: number | undefined;
  /** Seconds. */
  expires?: number | undefined;
  encap?: Encap | undefined;
  realms?: number | undefined;
  newDestination?: string | undefined;
  ttlPropagate?: number | undefined;
}

/** One of several ways of a {@link NewRoute}: what {@link Nexthop} says. */
export interface NewRouteNexthop {
  ifindex: number;
  gateway?: string | undefined;
  /** 1 by default. */
  weight?: number | undefined;
  /** RTNH_F_ONLINK; none by default. */
  flags?: number | undefined;
  newDestination?: string | undefined;
  encap?: Encap | undefined;
  realms?: number | undefined;
}

/** Which way {@link getRoute} asks for, besides the destination. */
export interface RouteQuery {
  /** The address that the packet comes from. */
  source?: string | undefined;
  /** The index of the interface that it must leave by. */
  ifindex?: number | undefined;
  /** The index of the interface that it comes in by, which asks about a packet to forward. */
  inputIfindex?: number | undefined;
  /** The mark of the packet, as SO_MARK sets it: 0 to 2³² - 1. */
  mark?: number | undefined;
  tos?: number | undefined;
  /** The user that sends it. */
  uid?: number | undefined;
  /** Whether to answer with the route in the table, in place of the way that comes of it; false by default. */
  fibMatch?: boolean | undefined;
}

/** What happened to a route. */
export interface RouteEvent {
  kind: 'route';
  /** `new` also stands for a change. */
  event: 'new' | 'delete';
  route: Route;
  /** The id here of the network namespace that it happened in, if it is another: see `NETLINK_LISTEN_ALL_NSID`. */
  nsid: number | undefined;
}

const HEADER_SIZE = 12;
const NEXTHOP_SIZE = 8;
/** The kernel counts time in ticks, of which a second has so many for programs. */
const TICKS_PER_SECOND = 100;
const ENCAP = [RTA_ENCAP_TYPE, RTA_ENCAP] as const;
/** The others only the kernel sets. */
const WRITABLE_FLAGS = RTNH_F_PERVASIVE | RTNH_F_ONLINK;

/** The type of each metric that is a number. */
const METRICS = {
  lock: RTAX_LOCK,
  mtu: RTAX_MTU,
  window: RTAX_WINDOW,
  rtt: RTAX_RTT,
  rttvar: RTAX_RTTVAR,
  ssthresh: RTAX_SSTHRESH,
  cwnd: RTAX_CWND,
  advmss: RTAX_ADVMSS,
  reordering: RTAX_REORDERING,
  hoplimit: RTAX_HOPLIMIT,
  initcwnd: RTAX_INITCWND,
  features: RTAX_FEATURES,
  rtoMin: RTAX_RTO_MIN,
  initrwnd: RTAX_INITRWND,
  quickack: RTAX_QUICKACK,
  fastopenNoCookie: RTAX_FASTOPEN_NO_COOKIE,
};
const METRICS_KEYS: KnownKeys<RouteMetrics> = { ...METRICS, congestion: true };
const numbers = Object.entries(METRICS) as [keyof typeof METRICS, number][];

function gatewayOf(family: number, attributes: Attributes): string | undefined {
  const gateway = attributes.get(RTA_GATEWAY);
  if (gateway) return formatIp(family, gateway.data);
  // A router of another family: IPv4 by way of an IPv6 router.
  const via = attributes.get(RTA_VIA);
  if (!via) return undefined;
  requireSize(via.data, 2, 'struct rtvia');
  return formatIp(readUint16(via.data, 0), via.data.subarray(2));
}

function writeGateway(writer: AttributeWriter, family: number, gateway: string | undefined): void {
  if (gateway === undefined) return;
  const router = parseIp('gateway', gateway);
  if (router.family === family) {
    writer.bytes(RTA_GATEWAY, router.bytes);
  } else if (family === AF_INET6) {
    throw wrongValue('gateway', 'an IPv6 address, as the destination is', gateway);
  } else {
    const via = Buffer.alloc(2);
    writeUint16(via, router.family, 0);
    writer.bytes(RTA_VIA, Buffer.concat([via, router.bytes]));
  }
}

function labelsOf(attributes: Attributes): string | undefined {
  return attributes.get(RTA_NEWDST)?.data.toString('hex');
}

function decodeNexthops(family: number, attribute: Attribute | undefined): Nexthop[] {
  const nexthops: Nexthop[] = [];
  let data = attribute?.data ?? Buffer.alloc(0);
  while (data.length > 0) {
    requireSize(data, NEXTHOP_SIZE, 'struct rtnexthop');
    const length = readUint16(data, 0);
    if (length < NEXTHOP_SIZE || length > data.length) {
      throw malformed(`a nexthop says it has ${length} bytes, of ${data.length} that are left`);
    }
    const attributes = new Attributes(data.subarray(NEXTHOP_SIZE, length));
    nexthops.push({
      ifindex: readUint32(data, 4),
      gateway: gatewayOf(family, attributes),
      weight: data.readUInt8(3) + 1,
      flags: data.readUInt8(2),
      newDestination: labelsOf(attributes),
      encap: decodeEncap(attributes, ENCAP),
      realms: attributes.get(RTA_FLOW)?.uint32(),
    });
    data = data.subarray(align(length));
  }
  return nexthops;
}

function decodeMetrics(attribute: Attribute | undefined): RouteMetrics | undefined {
  const metrics = attribute?.attributes();
  if (!metrics) return undefined;
  const values = numbers.map(([name, type]) => [name, metrics.get(type)?.uint32()]);
  return { ...Object.fromEntries(values), congestion: metrics.get(RTAX_CC_ALGO)?.string() };
}

function decodeExpires(attribute: Attribute | undefined): number | undefined {
  if (!attribute) return undefined;
  requireSize(attribute.data, 12, 'struct rta_cacheinfo');
  const ticks = readInt32(attribute.data, 8);
  return ticks === 0 ? undefined : Math.ceil(ticks / TICKS_PER_SECOND);
}

/**
 * The route in a message of the type RTM_NEWROUTE or RTM_DELROUTE.
 *
 * @param message - The message.
 * @throws OSError (EBADMSG) if it is cut short.
 *
 * Source: rtnetlink(7)
 */
export function decodeRoute({ data }: NetlinkMessage): Route {
  requireSize(data, HEADER_SIZE, 'struct rtmsg');
  const family = data.readUInt8(0);
  const attributes = new Attributes(data.subarray(HEADER_SIZE));
  const text = (type: number) => {
    const attribute = attributes.get(type);
    return attribute && formatIp(family, attribute.data);
  };
  return {
    family,
    destination: text(RTA_DST) ?? anyOf(family),
    prefixlen: data.readUInt8(1),
    source: text(RTA_SRC),
    sourcePrefixlen: data.readUInt8(2),
    tos: data.readUInt8(3),
    // The byte in the header is too small for all of them.
    table: attributes.get(RTA_TABLE)?.uint32() ?? data.readUInt8(4),
    protocol: data.readUInt8(5),
    scope: data.readUInt8(6),
    type: data.readUInt8(7),
    flags: readUint32(data, 8),
    gateway: gatewayOf(family, attributes),
    ifindex: attributes.get(RTA_OIF)?.uint32(),
    inputIfindex: attributes.get(RTA_IIF)?.uint32(),
    prefsrc: text(RTA_PREFSRC),
    priority: attributes.get(RTA_PRIORITY)?.uint32(),
    metrics: decodeMetrics(attributes.get(RTA_METRICS)),
    nexthops: decodeNexthops(family, attributes.get(RTA_MULTIPATH)),
    nexthopId: attributes.get(RTA_NH_ID)?.uint32(),
    preference: attributes.get(RTA_PREF)?.uint8(),
    expires: decodeExpires(attributes.get(RTA_CACHEINFO)),
    encap: decodeEncap(attributes, ENCAP),
    realms: attributes.get(RTA_FLOW)?.uint32(),
    newDestination: labelsOf(attributes),
    ttlPropagate: attributes.get(RTA_TTL_PROPAGATE)?.uint8(),
  };
}

function anyOf(family: number): string {
  if (family === AF_INET) return '0.0.0.0';
  return family === AF_INET6 ? '::' : '';
}

interface Header {
  family: number;
  prefixlen?: number | undefined;
  sourcePrefixlen?: number | undefined;
  tos?: number | undefined;
  table?: number | undefined;
  protocol?: number | undefined;
  scope?: number | undefined;
  type?: number | undefined;
  flags?: number | undefined;
}

function header(fields: Header): Buffer {
  const { family, prefixlen = 0, sourcePrefixlen = 0, tos = 0, table = 0, flags = 0 } = fields;
  const { protocol = 0, scope = 0, type = 0 } = fields;
  const memory = Buffer.alloc(HEADER_SIZE);
  memory.writeUInt8(integer('family', family, 0, 0xff), 0);
  memory.writeUInt8(prefixlen, 1);
  memory.writeUInt8(sourcePrefixlen, 2);
  memory.writeUInt8(integer('tos', tos, 0, 0xff), 3);
  // A larger one is only in an attribute.
  memory.writeUInt8(integer('table', table, 0, 2 ** 32 - 1) > 0xff ? RT_TABLE_UNSPEC : table, 4);
  memory.writeUInt8(integer('protocol', protocol, 0, 0xff), 5);
  memory.writeUInt8(integer('scope', scope, 0, 0xff), 6);
  memory.writeUInt8(integer('type', type, 0, 0xff), 7);
  writeUint32(memory, integer('flags', flags, 0, 2 ** 32 - 1), 8);
  return memory;
}

const FILTER_KEYS = { family: true, table: true, ifindex: true };

/**
 * Asks for routes: for `dump`.
 *
 * @param filter - `family`: AF_INET or AF_INET6; `table`: a RT_TABLE_* constant or another number; `ifindex`: the index of
 *   an interface. All routes by default.
 * @throws TypeError or RangeError for a bad filter.
 *
 * Source: rtnetlink(7)
 */
export function getRoutes(filter: { family?: number; table?: number; ifindex?: number } = {}): NetlinkRequest<Route> {
  const { family = AF_UNSPEC, table, ifindex } = recordOf('filter', filter, FILTER_KEYS);
  const attributes = new AttributeWriter().uint32(RTA_TABLE, table).uint32(RTA_OIF, ifindex);
  return {
    protocol: NETLINK_ROUTE,
    type: RTM_GETROUTE,
    data: Buffer.concat([header({ family, table: table ?? 0 }), attributes.encode()]),
    decode(message) {
      const route = decodeRoute(message);
      // A kernel before 4.20 lists all of them; a later one all the ways of a route with several.
      if (table !== undefined && route.table !== table) return undefined;
      const interfaces = [route.ifindex, ...route.nexthops.map((nexthop) => nexthop.ifindex)];
      return ifindex === undefined || interfaces.includes(ifindex) ? route : undefined;
    },
  };
}

const QUERY_KEYS: KnownKeys<RouteQuery> = {
  source: true,
  ifindex: true,
  inputIfindex: true,
  mark: true,
  tos: true,
  uid: true,
  fibMatch: true,
};

/**
 * Asks which way packets to an address take: for `execute`.
 *
 * @param destination - The address.
 * @param query - What else is known of the packet.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7); ip-route(8)
 */
export function getRoute(destination: string, query: RouteQuery = {}): NetlinkRequest<Route> {
  const { source, ifindex, inputIfindex, mark, tos, uid, fibMatch = false } = recordOf('query', query, QUERY_KEYS);
  if (typeof fibMatch !== 'boolean') throw wrongType('query: fibMatch', 'true or false', fibMatch);
  const { family, bytes } = parseIp('destination', destination);
  const bits = 8 * bytes.length;
  const attributes = new AttributeWriter()
    .bytes(RTA_DST, bytes)
    .bytes(RTA_SRC, parseIpOf(family, 'source', source))
    .uint32(RTA_OIF, ifindex)
    .uint32(RTA_IIF, inputIfindex)
    .uint32(RTA_MARK, mark)
    .uint32(RTA_UID, uid);
  // Without it IPv4 tells the main table, wherever the route is; IPv6 tells the right one, and refuses it.
  const flags = (family === AF_INET ? RTM_F_LOOKUP_TABLE : 0) | (fibMatch ? RTM_F_FIB_MATCH : 0);
  const sourcePrefixlen = source === undefined ? 0 : bits;
  const data = Buffer.concat([header({ family, prefixlen: bits, sourcePrefixlen, tos, flags }), attributes.encode()]);
  return { protocol: NETLINK_ROUTE, type: RTM_GETROUTE, data, decode: decodeRoute };
}

const NEXTHOP_KEYS: KnownKeys<NewRouteNexthop> = {
  ifindex: true,
  gateway: true,
  weight: true,
  flags: true,
  newDestination: true,
  encap: true,
  realms: true,
};

function encodeNexthops(family: number, nexthops: NewRoute['nexthops']): Buffer | undefined {
  // A route that was read has none, unless it has several.
  if (nexthops === undefined || arrayOf('nexthops', nexthops).length === 0) return undefined;
  const parts = nexthops.map((nexthop, index) => {
    const { ifindex, gateway, weight = 1, flags = 0 } = recordOf(`nexthops[${index}]`, nexthop, NEXTHOP_KEYS);
    const writer = new AttributeWriter();
    writeGateway(writer, family, gateway);
    writer.bytes(RTA_NEWDST, parseIpOf(AF_UNSPEC, 'newDestination', nexthop.newDestination));
    writeEncap(writer, ENCAP, nexthop.encap);
    const attributes = writer.uint32(RTA_FLOW, nexthop.realms).encode();
    const memory = Buffer.alloc(NEXTHOP_SIZE);
    writeUint16(memory, NEXTHOP_SIZE + attributes.length, 0);
    memory.writeUInt8(integer('flags', flags, 0, 0xff) & WRITABLE_FLAGS, 2);
    memory.writeUInt8(integer('weight', weight, 1, 256) - 1, 3);
    writeUint32(memory, natural('ifindex', ifindex), 4);
    return Buffer.concat([memory, attributes]);
  });
  return Buffer.concat(parts);
}

function encodeMetrics(metrics: RouteMetrics | undefined): AttributeWriter | undefined {
  if (metrics === undefined) return undefined;
  recordOf('metrics', metrics, METRICS_KEYS);
  const writer = new AttributeWriter();
  for (const [name, type] of numbers) writer.uint32(type, metrics[name]);
  return writer.string(RTAX_CC_ALGO, metrics.congestion);
}

const ROUTE_KEYS: KnownKeys<NewRoute & Route> = {
  family: true,
  destination: true,
  prefixlen: true,
  source: true,
  sourcePrefixlen: true,
  tos: true,
  flags: true,
  gateway: true,
  ifindex: true,
  inputIfindex: true,
  prefsrc: true,
  priority: true,
  table: true,
  protocol: true,
  scope: true,
  type: true,
  metrics: true,
  nexthops: true,
  nexthopId: true,
  preference: true,
  expires: true,
  encap: true,
  realms: true,
  newDestination: true,
  ttlPropagate: true,
};

/** The ways of a route: the kernel refuses them beside a nexthop object, whose ways it tells all the same. */
function writeWays(writer: AttributeWriter, family: number, route: NewRoute): void {
  if (route.nexthopId !== undefined) {
    writer.uint32(RTA_NH_ID, route.nexthopId);
    return;
  }
  const nexthops = encodeNexthops(family, route.nexthops);
  if (nexthops) {
    writer.bytes(RTA_MULTIPATH, nexthops);
    return;
  }
  writeGateway(writer, family, route.gateway);
  writer.uint32(RTA_OIF, route.ifindex);
  writer.bytes(RTA_NEWDST, parseIpOf(AF_UNSPEC, 'newDestination', route.newDestination));
  writeEncap(writer, ENCAP, route.encap);
}

function encode(route: NewRoute, defaults: Required<Pick<Header, 'protocol' | 'scope' | 'type'>>): Buffer {
  const { family, bytes } = parseAddress('destination', route.destination, route.family);
  const bits = 8 * bytes.length;
  const { protocol = defaults.protocol, scope = defaults.scope, type = defaults.type, table = RT_TABLE_MAIN } = route;
  const prefixlen = integer('prefixlen', route.prefixlen ?? (isDefault(bytes) ? 0 : bits), 0, bits);
  const source = parseIpOf(family, 'source', route.source);
  const sourceBits = 8 * (source?.length ?? 0);
  const sourcePrefixlen = integer('sourcePrefixlen', route.sourcePrefixlen ?? sourceBits, 0, sourceBits);
  const flags = route.nexthopId === undefined ? integer('flags', route.flags ?? 0, 0, 2 ** 32 - 1) & WRITABLE_FLAGS : 0;
  const attributes = new AttributeWriter()
    .bytes(RTA_DST, prefixlen === 0 ? undefined : bytes)
    .bytes(RTA_SRC, sourcePrefixlen === 0 ? undefined : source)
    .uint32(RTA_TABLE, table)
    .uint32(RTA_IIF, route.inputIfindex)
    .bytes(RTA_PREFSRC, parseIpOf(family, 'prefsrc', route.prefsrc))
    .uint32(RTA_PRIORITY, route.priority)
    .nested(RTA_METRICS, encodeMetrics(route.metrics))
    .uint8(RTA_PREF, route.preference)
    .uint32(RTA_EXPIRES, route.expires)
    .uint32(RTA_FLOW, route.realms)
    .uint8(RTA_TTL_PROPAGATE, route.ttlPropagate);
  writeWays(attributes, family, route);
  const fields = { family, prefixlen, sourcePrefixlen, tos: route.tos, table, protocol, scope, type, flags };
  return Buffer.concat([header(fields), attributes.encode()]);
}

function isDefault(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/** The scope that goes with a route: how near what it leads to must be. */
function usualScope({ type = RTN_UNICAST, gateway, nexthops = [], nexthopId }: NewRoute): number {
  if (type === RTN_LOCAL || type === RTN_NAT) return RT_SCOPE_HOST;
  if (type === RTN_BROADCAST || type === RTN_MULTICAST || type === RTN_ANYCAST) return RT_SCOPE_LINK;
  if (type !== RTN_UNICAST || gateway !== undefined || arrayOf('nexthops', nexthops).length > 0)
    return RT_SCOPE_UNIVERSE;
  return nexthopId === undefined ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

const NEW_KEYS = { replace: true };

/**
 * Adds a route: for `execute`.
 *
 * @param route - The route, such as a record of a dump.
 * @param options - `replace`: whether it may take the place of the one that is there; false by default: EEXIST.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7); ip-route(8)
 */
export function newRoute(route: NewRoute, options: { replace?: boolean } = {}): NetlinkRequest<never> {
  recordOf('route', route, ROUTE_KEYS);
  const { replace = false } = recordOf('options', options, NEW_KEYS);
  return {
    protocol: NETLINK_ROUTE,
    type: RTM_NEWROUTE,
    flags: NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL),
    data: encode(route, { protocol: RTPROT_STATIC, scope: usualScope(route), type: RTN_UNICAST }),
    decode: () => undefined,
  };
}

/**
 * Deletes the first route that has all that is given: for `execute`.
 *
 * @param route - The route, such as a record of a dump, or what is known of it.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7); ip-route(8)
 */
export function deleteRoute(route: NewRoute): NetlinkRequest<never> {
  recordOf('route', route, ROUTE_KEYS);
  const any = { protocol: RTPROT_UNSPEC, scope: RT_SCOPE_NOWHERE, type: RTN_UNSPEC };
  return { protocol: NETLINK_ROUTE, type: RTM_DELROUTE, data: encode(route, any), decode: () => undefined };
}

/** What happens to routes: for `watch`. Source: rtnetlink(7) */
export const routeEvents: NetlinkEvents<RouteEvent> = {
  protocol: NETLINK_ROUTE,
  groups: [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE],
  decode(message) {
    if (message.type !== RTM_NEWROUTE && message.type !== RTM_DELROUTE) return undefined;
    const event = message.type === RTM_NEWROUTE ? 'new' : 'delete';
    return { kind: 'route', event, route: decodeRoute(message), nsid: message.nsid };
  },
};
