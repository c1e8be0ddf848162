import {
  AF_UNSPEC,
  integer,
  NDA_DST,
  NDA_IFINDEX,
  NDA_LLADDR,
  NDA_PROBES,
  NDA_VLAN,
  NETLINK_ROUTE,
  NLM_F_CREATE,
  NLM_F_REPLACE,
  NUD_PERMANENT,
  RTM_DELNEIGH,
  RTM_GETNEIGH,
  RTM_NEWNEIGH,
  RTNLGRP_NEIGH,
} from '@bsd-sockets/core-native';
import { Attributes, AttributeWriter } from './attributes';
import { readUint16, readUint32, writeUint16, writeUint32 } from './integers';
import { formatIp, parseIp } from './ip-address';
import { formatLladdr, parseLladdr } from './link-layer-address';
import { requireSize } from './malformed';
import type { NetlinkMessage } from './message';
import type { NetlinkEvents, NetlinkRequest } from './request';

/** A neighbour: what hardware address an IP address has. What the kernel did not tell is undefined. */
export interface Neighbour {
  /** AF_INET or AF_INET6; another for an entry of a bridge. */
  family: number;
  /** The interface's index. */
  ifindex: number;
  /** The IP address. */
  address: string | undefined;
  /** The hardware address, such as `02:00:00:00:00:01`. */
  lladdr: string | undefined;
  /** A NUD_* constant. */
  state: number;
  /** NTF_* constants, joined by `|`. */
  flags: number;
  /** A RTN_* constant. */
  type: number;
  /** How often it was asked for without an answer. */
  probes: number | undefined;
  vlan: number | undefined;
}

/** A neighbour that is to be added or deleted: what {@link Neighbour} says. */
export interface NewNeighbour {
  ifindex: number;
  address: string;
  lladdr?: string | undefined;
  /** NUD_PERMANENT by default. */
  state?: number | undefined;
  /** None by default. */
  flags?: number | undefined;
}

/** What happened to a neighbour. */
export interface NeighbourEvent {
  kind: 'neighbour';
  /** `new` also stands for a change. */
  event: 'new' | 'delete';
  neighbour: Neighbour;
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
  const address = attributes.get(NDA_DST);
  const lladdr = attributes.get(NDA_LLADDR);
  return {
    family,
    ifindex: readUint32(data, 4),
    address: address && formatIp(family, address.data),
    lladdr: lladdr && formatLladdr(lladdr.data),
    state: readUint16(data, 8),
    flags: data.readUInt8(10),
    type: data.readUInt8(11),
    probes: attributes.get(NDA_PROBES)?.uint32(),
    vlan: attributes.get(NDA_VLAN)?.uint16(),
  };
}

function header(family: number, ifindex: number, state: number, flags: number): Buffer {
  const memory = Buffer.alloc(HEADER_SIZE);
  memory.writeUInt8(integer('family', family, 0, 0xff), 0);
  writeUint32(memory, integer('ifindex', ifindex, 0, 2 ** 31 - 1), 4);
  writeUint16(memory, integer('state', state, 0, 0xffff), 8);
  memory.writeUInt8(integer('flags', flags, 0, 0xff), 10);
  return memory;
}

/**
 * Asks for neighbours: for `dump`.
 *
 * @param filter - `family`: AF_INET or AF_INET6; `ifindex`: the index of an interface. All of them by default.
 * @throws TypeError or RangeError for a bad filter.
 *
 * Source: rtnetlink(7)
 */
export function getNeighbours(filter: { family?: number; ifindex?: number } = {}): NetlinkRequest<Neighbour> {
  const { family = AF_UNSPEC, ifindex } = filter;
  return {
    protocol: NETLINK_ROUTE,
    type: RTM_GETNEIGH,
    data: Buffer.concat([header(family, 0, 0, 0), new AttributeWriter().uint32(NDA_IFINDEX, ifindex).encode()]),
    decode(message) {
      const neighbour = decodeNeighbour(message);
      // A kernel before 4.20 may list all interfaces.
      return ifindex === undefined || neighbour.ifindex === ifindex ? neighbour : undefined;
    },
  };
}

function encode({ ifindex, address, lladdr, state = NUD_PERMANENT, flags = 0 }: NewNeighbour): Buffer {
  const { family, bytes } = parseIp('address', address);
  const attributes = new AttributeWriter().bytes(NDA_DST, bytes).bytes(NDA_LLADDR, parseLladdr('lladdr', lladdr));
  return Buffer.concat([header(family, ifindex, state, flags), attributes.encode()]);
}

/**
 * Adds a neighbour, or changes it: for `execute`.
 *
 * @param neighbour - The neighbour.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7); ip-neighbour(8)
 */
export function newNeighbour(neighbour: NewNeighbour): NetlinkRequest<never> {
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
 * @param neighbour - Its interface and address.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7)
 */
export function deleteNeighbour(neighbour: Pick<NewNeighbour, 'ifindex' | 'address'>): NetlinkRequest<never> {
  const { ifindex, address } = neighbour;
  return {
    protocol: NETLINK_ROUTE,
    type: RTM_DELNEIGH,
    data: encode({ ifindex, address, state: 0 }),
    decode: () => undefined,
  };
}

/** What happens to neighbours: for `watch`. Source: rtnetlink(7) */
export const neighbourEvents: NetlinkEvents<NeighbourEvent> = {
  protocol: NETLINK_ROUTE,
  groups: [RTNLGRP_NEIGH],
  decode(message) {
    if (message.type !== RTM_NEWNEIGH && message.type !== RTM_DELNEIGH) return undefined;
    const event = message.type === RTM_NEWNEIGH ? 'new' : 'delete';
    return { kind: 'neighbour', event, neighbour: decodeNeighbour(message) };
  },
};
