import {
  AF_INET,
  AF_UNSPEC,
  integer,
  NETLINK_ROUTE,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RT_TABLE_UNSPEC,
  RTA_DST,
  RTA_GATEWAY,
  RTA_IIF,
  RTA_METRICS,
  RTA_MULTIPATH,
  RTA_NH_ID,
  RTA_OIF,
  RTA_PREF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_SRC,
  RTA_TABLE,
  RTA_VIA,
  RTAX_ADVMSS,
  RTAX_HOPLIMIT,
  RTAX_MTU,
  RTM_DELROUTE,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTN_LOCAL,
  RTN_NAT,
  RTN_UNICAST,
  RTN_UNSPEC,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV6_ROUTE,
  RTPROT_STATIC,
  RTPROT_UNSPEC,
} from '@bsd-sockets/core-native';
import { type Attribute, Attributes, AttributeWriter } from './attributes';
import { readUint16, readUint32, writeUint16, writeUint32 } from './integers';
import { formatIp, parseIp, parseIpOf } from './ip-address';
import { malformed, requireSize } from './malformed';
import { align, type NetlinkMessage } from './message';
import type { NetlinkEvents, NetlinkRequest } from './request';

/** One of the ways of a route that has several. */
export interface Nexthop {
  /** The index of the interface. */
  ifindex: number;
  gateway: string | undefined;
  /** Its share, against those of the others: 1 to 256. */
  weight: number;
  /** RTNH_F_* constants, joined by `|`. */
  flags: number;
}

/** What a route says of the connections that use it. */
export interface RouteMetrics {
  /** The largest packet in bytes. */
  mtu?: number | undefined;
  /** The largest segment that TCP asks the peer for, in bytes. */
  advmss?: number | undefined;
  hoplimit?: number | undefined;
}

/** A route. What the kernel did not tell is undefined. */
export interface Route {
  /** AF_INET or AF_INET6; another for what is no unicast routing. */
  family: number;
  /** Where to: `0.0.0.0` or `::`, with a prefix length of 0, for a default route. */
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
  /** The next router; undefined for a network that is reached directly. */
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
}

/** A route that is to be added or deleted: what {@link Route} says. */
export interface NewRoute {
  /** The address of a network, such as `192.0.2.0`, or `0.0.0.0` or `::` for a default route. */
  destination: string;
  /** 0 to 32, or 128. All bits by default; 0 for a default route. */
  prefixlen?: number | undefined;
  gateway?: string | undefined;
  ifindex?: number | undefined;
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
  nexthops?: readonly { ifindex: number; gateway?: string | undefined; weight?: number }[] | undefined;
}

/** What happened to a route. */
export interface RouteEvent {
  kind: 'route';
  /** `new` also stands for a change. */
  event: 'new' | 'delete';
  route: Route;
}

const HEADER_SIZE = 12;
const NEXTHOP_SIZE = 8;

function gatewayOf(family: number, attributes: Attributes): string | undefined {
  const gateway = attributes.get(RTA_GATEWAY);
  if (gateway) return formatIp(family, gateway.data);
  // A router of another family: IPv4 by way of an IPv6 router.
  const via = attributes.get(RTA_VIA);
  if (!via) return undefined;
  requireSize(via.data, 2, 'struct rtvia');
  return formatIp(readUint16(via.data, 0), via.data.subarray(2));
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
    nexthops.push({
      ifindex: readUint32(data, 4),
      gateway: gatewayOf(family, new Attributes(data.subarray(NEXTHOP_SIZE, length))),
      weight: data.readUInt8(3) + 1,
      flags: data.readUInt8(2),
    });
    data = data.subarray(align(length));
  }
  return nexthops;
}

function decodeMetrics(attribute: Attribute | undefined): RouteMetrics | undefined {
  const metrics = attribute?.attributes();
  return (
    metrics && {
      mtu: metrics.get(RTAX_MTU)?.uint32(),
      advmss: metrics.get(RTAX_ADVMSS)?.uint32(),
      hoplimit: metrics.get(RTAX_HOPLIMIT)?.uint32(),
    }
  );
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
    destination: text(RTA_DST) ?? (family === AF_INET ? '0.0.0.0' : '::'),
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
  };
}

interface Header {
  family: number;
  prefixlen?: number;
  table?: number;
  protocol?: number;
  scope?: number;
  type?: number;
}

function header({ family, prefixlen = 0, table = 0, protocol = 0, scope = 0, type = 0 }: Header): Buffer {
  const memory = Buffer.alloc(HEADER_SIZE);
  memory.writeUInt8(integer('family', family, 0, 0xff), 0);
  memory.writeUInt8(prefixlen, 1);
  // A larger one is in an attribute alone.
  memory.writeUInt8(integer('table', table, 0, 2 ** 32 - 1) > 0xff ? RT_TABLE_UNSPEC : table, 4);
  memory.writeUInt8(integer('protocol', protocol, 0, 0xff), 5);
  memory.writeUInt8(integer('scope', scope, 0, 0xff), 6);
  memory.writeUInt8(integer('type', type, 0, 0xff), 7);
  return memory;
}

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
  const { family = AF_UNSPEC, table, ifindex } = filter;
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

/**
 * Asks which way packets to an address take: for `execute`.
 *
 * @param destination - The address.
 * @throws TypeError or RangeError if it is none.
 *
 * Source: rtnetlink(7); ip-route(8)
 */
export function getRoute(destination: string): NetlinkRequest<Route> {
  const { family, bytes } = parseIp('destination', destination);
  const data = Buffer.concat([
    header({ family, prefixlen: 8 * bytes.length }),
    new AttributeWriter().bytes(RTA_DST, bytes).encode(),
  ]);
  return { protocol: NETLINK_ROUTE, type: RTM_GETROUTE, data, decode: decodeRoute };
}

function encodeNexthops(family: number, nexthops: NewRoute['nexthops']): Buffer | undefined {
  if (nexthops === undefined) return undefined;
  const parts = nexthops.map(({ ifindex, gateway, weight = 1 }) => {
    const attributes = new AttributeWriter().bytes(RTA_GATEWAY, parseIpOf(family, 'gateway', gateway)).encode();
    const memory = Buffer.alloc(NEXTHOP_SIZE);
    writeUint16(memory, NEXTHOP_SIZE + attributes.length, 0);
    memory.writeUInt8(integer('weight', weight, 1, 256) - 1, 3);
    writeUint32(memory, integer('ifindex', ifindex, 0, 2 ** 31 - 1), 4);
    return Buffer.concat([memory, attributes]);
  });
  return Buffer.concat(parts);
}

function encodeMetrics(metrics: RouteMetrics | undefined): AttributeWriter | undefined {
  if (metrics === undefined) return undefined;
  return new AttributeWriter()
    .uint32(RTAX_MTU, metrics.mtu)
    .uint32(RTAX_ADVMSS, metrics.advmss)
    .uint32(RTAX_HOPLIMIT, metrics.hoplimit);
}

function isDefault(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

function encode(route: NewRoute, defaults: Required<Pick<Header, 'protocol' | 'scope' | 'type'>>): Buffer {
  const { family, bytes } = parseIp('destination', route.destination);
  const bits = 8 * bytes.length;
  const { protocol = defaults.protocol, scope = defaults.scope, type = defaults.type, table = RT_TABLE_MAIN } = route;
  const prefixlen = integer('prefixlen', route.prefixlen ?? (isDefault(bytes) ? 0 : bits), 0, bits);
  const attributes = new AttributeWriter()
    .bytes(RTA_DST, prefixlen === 0 ? undefined : bytes)
    .uint32(RTA_TABLE, table)
    .bytes(RTA_GATEWAY, parseIpOf(family, 'gateway', route.gateway))
    .uint32(RTA_OIF, route.ifindex)
    .bytes(RTA_PREFSRC, parseIpOf(family, 'prefsrc', route.prefsrc))
    .uint32(RTA_PRIORITY, route.priority)
    .nested(RTA_METRICS, encodeMetrics(route.metrics))
    .bytes(RTA_MULTIPATH, encodeNexthops(family, route.nexthops));
  return Buffer.concat([header({ family, prefixlen, table, protocol, scope, type }), attributes.encode()]);
}

/** The scope that goes with a route: how near what it leads to must be. */
function usualScope({ type = RTN_UNICAST, gateway, nexthops }: NewRoute): number {
  if (type === RTN_LOCAL || type === RTN_NAT) return RT_SCOPE_HOST;
  if (type === RTN_UNICAST && gateway === undefined && nexthops === undefined) return RT_SCOPE_LINK;
  return RT_SCOPE_UNIVERSE;
}

/**
 * Adds a route: for `execute`.
 *
 * @param route - The route.
 * @param options - `replace`: whether it may take the place of the one that is there; false by default: EEXIST.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7); ip-route(8)
 */
export function newRoute(route: NewRoute, { replace = false }: { replace?: boolean } = {}): NetlinkRequest<never> {
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
 * @param route - The route, or what is known of it.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7); ip-route(8)
 */
export function deleteRoute(route: NewRoute): NetlinkRequest<never> {
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
    return { kind: 'route', event, route: decodeRoute(message) };
  },
};
