import {
  AF_UNSPEC,
  IFA_ADDRESS,
  IFA_BROADCAST,
  IFA_CACHEINFO,
  IFA_FLAGS,
  IFA_LABEL,
  IFA_LOCAL,
  IFA_PROTO,
  IFA_RT_PRIORITY,
  integer,
  type KnownKeys,
  NETLINK_ROUTE,
  NLM_F_CREATE,
  NLM_F_EXCL,
  natural,
  RT_SCOPE_UNIVERSE,
  RTM_DELADDR,
  RTM_GETADDR,
  RTM_NEWADDR,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV6_IFADDR,
} from '@bsd-sockets/core-native';
import { type Attribute, Attributes, AttributeWriter } from './attributes';
import { readUint32, writeUint32 } from './integers';
import { formatIp, parseAddress, parseIpOf } from './ip-address';
import { requireSize } from './malformed';
import type { NetlinkMessage } from './message';
import { recordOf } from './record';
import type { NetlinkEvents, NetlinkRequest } from './request';

/** An IP address of an interface. What the kernel did not tell is undefined. */
export interface Address {
  /** AF_INET or AF_INET6. */
  family: number;
  /** The interface's index. */
  ifindex: number;
  /** The interface's own address. */
  address: string;
  /** How many bits of it are the network's. */
  prefixlen: number;
  /** The other end's address, of a link between two. */
  peer: string | undefined;
  broadcast: string | undefined;
  /** The name that old programs know it by, such as `eth0:1`. */
  label: string | undefined;
  /** A RT_SCOPE_* constant. */
  scope: number;
  /** IFA_F_* constants, joined by `|`. */
  flags: number;
  /** For how many seconds it may be used for new connections; `Infinity` for ever. */
  preferredLifetime: number | undefined;
  /** For how many seconds it stays; `Infinity` for ever. */
  validLifetime: number | undefined;
  /** The metric of its route. */
  priority: number | undefined;
  /** Who set it: 0 nobody said, 1 the kernel for the loopback interface, 2 by a router's advertisement, 3 link-local; other programs have others. */
  protocol: number | undefined;
}

/** An address that is to be added or deleted: what {@link Address} says. A record that was read is one. */
export interface NewAddress {
  /** What the address tells, by default. */
  family?: number | undefined;
  ifindex: number;
  address: string;
  /** 0 to 32, or 128; all bits by default. */
  prefixlen?: number | undefined;
  peer?: string | undefined;
  broadcast?: string | undefined;
  label?: string | undefined;
  /** RT_SCOPE_UNIVERSE by default. */
  scope?: number | undefined;
  /** IFA_F_* constants, joined by `|`; none by default. */
  flags?: number | undefined;
  /** Seconds, or `Infinity`, the default. */
  preferredLifetime?: number | undefined;
  /** Seconds, or `Infinity`, the default. */
  validLifetime?: number | undefined;
  priority?: number | undefined;
  protocol?: number | undefined;
}

/** What happened to an address. */
export interface AddressEvent {
  kind: 'address';
  /** `new` also stands for a change. */
  event: 'new' | 'delete';
  address: Address;
  /** The id here of the network namespace that it happened in, if it is another: see `NETLINK_LISTEN_ALL_NSID`. */
  nsid: number | undefined;
}

const HEADER_SIZE = 8;
const FOREVER = 2 ** 32 - 1;

function lifetimes(attribute: Attribute | undefined): [preferred: number | undefined, valid: number | undefined] {
  if (!attribute) return [undefined, undefined];
  requireSize(attribute.data, 8, 'struct ifa_cacheinfo');
  const at = (offset: number) => {
    const seconds = readUint32(attribute.data, offset);
    return seconds === FOREVER ? Number.POSITIVE_INFINITY : seconds;
  };
  return [at(0), at(4)];
}

/**
 * The address in a message of the type RTM_NEWADDR or RTM_DELADDR.
 *
 * @param message - The message.
 * @throws OSError (EBADMSG) if it is cut short.
 *
 * Source: rtnetlink(7)
 */
export function decodeAddress({ data }: NetlinkMessage): Address {
  requireSize(data, HEADER_SIZE, 'struct ifaddrmsg');
  const family = data.readUInt8(0);
  const attributes = new Attributes(data.subarray(HEADER_SIZE));
  const text = (type: number) => {
    const attribute = attributes.get(type);
    return attribute && formatIp(family, attribute.data);
  };
  // IFA_ADDRESS is the other end's where there is one, and the same as IFA_LOCAL, or alone, where there is none.
  const far = text(IFA_ADDRESS);
  const own = text(IFA_LOCAL) ?? far;
  const [preferredLifetime, validLifetime] = lifetimes(attributes.get(IFA_CACHEINFO));
  return {
    family,
    ifindex: readUint32(data, 4),
    address: own ?? '',
    prefixlen: data.readUInt8(1),
    peer: far === own ? undefined : far,
    broadcast: text(IFA_BROADCAST),
    label: attributes.get(IFA_LABEL)?.string(),
    scope: data.readUInt8(3),
    // The byte in the header is too small for all of them.
    flags: attributes.get(IFA_FLAGS)?.uint32() ?? data.readUInt8(2),
    preferredLifetime,
    validLifetime,
    priority: attributes.get(IFA_RT_PRIORITY)?.uint32(),
    protocol: attributes.get(IFA_PROTO)?.uint8(),
  };
}

function header(family: number, prefixlen: number, scope: number, ifindex: number): Buffer {
  const memory = Buffer.alloc(HEADER_SIZE);
  memory.writeUInt8(integer('family', family, 0, 0xff), 0);
  memory.writeUInt8(prefixlen, 1);
  memory.writeUInt8(integer('scope', scope, 0, 0xff), 3);
  writeUint32(memory, natural('ifindex', ifindex), 4);
  return memory;
}

const FILTER_KEYS = { family: true, ifindex: true };

/**
 * Asks for addresses: for `dump`.
 *
 * @param filter - `family`: AF_INET or AF_INET6; `ifindex`: the index of an interface. Both, all of them, by default.
 * @throws TypeError or RangeError for a bad filter.
 *
 * Source: rtnetlink(7)
 */
export function getAddresses(filter: { family?: number; ifindex?: number } = {}): NetlinkRequest<Address> {
  const { family = AF_UNSPEC, ifindex = 0 } = recordOf('filter', filter, FILTER_KEYS);
  return {
    protocol: NETLINK_ROUTE,
    type: RTM_GETADDR,
    data: header(family, 0, 0, ifindex),
    decode(message) {
      const address = decodeAddress(message);
      // A kernel before 4.20 lists all interfaces.
      return ifindex === 0 || address.ifindex === ifindex ? address : undefined;
    },
  };
}

function encodeLifetime(name: string, seconds = Number.POSITIVE_INFINITY): number {
  return seconds === Number.POSITIVE_INFINITY ? FOREVER : integer(name, seconds, 0, FOREVER - 1);
}

function encodeLifetimes({ preferredLifetime, validLifetime }: NewAddress): Buffer | undefined {
  if (preferredLifetime === undefined && validLifetime === undefined) return undefined;
  const memory = Buffer.alloc(16);
  writeUint32(memory, encodeLifetime('preferredLifetime', preferredLifetime), 0);
  writeUint32(memory, encodeLifetime('validLifetime', validLifetime), 4);
  return memory;
}

const ADDRESS_KEYS: KnownKeys<NewAddress & Address> = {
  family: true,
  ifindex: true,
  address: true,
  prefixlen: true,
  peer: true,
  broadcast: true,
  label: true,
  scope: true,
  flags: true,
  preferredLifetime: true,
  validLifetime: true,
  priority: true,
  protocol: true,
};

function encode(address: NewAddress): Buffer {
  const { family, bytes } = parseAddress('address', address.address, address.family);
  const bits = 8 * bytes.length;
  const prefixlen = integer('prefixlen', address.prefixlen ?? bits, 0, bits);
  const attributes = new AttributeWriter()
    .bytes(IFA_LOCAL, bytes)
    .bytes(IFA_ADDRESS, parseIpOf(family, 'peer', address.peer) ?? bytes)
    .bytes(IFA_BROADCAST, parseIpOf(family, 'broadcast', address.broadcast))
    .string(IFA_LABEL, address.label)
    .uint32(IFA_FLAGS, address.flags)
    .uint32(IFA_RT_PRIORITY, address.priority)
    .uint8(IFA_PROTO, address.protocol)
    .bytes(IFA_CACHEINFO, encodeLifetimes(address));
  const scope = address.scope ?? RT_SCOPE_UNIVERSE;
  return Buffer.concat([header(family, prefixlen, scope, address.ifindex), attributes.encode()]);
}

/**
 * Adds an address to an interface: for `execute`.
 *
 * @param address - The address, such as a record of a dump.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7); ip-address(8)
 */
export function newAddress(address: NewAddress): NetlinkRequest<never> {
  recordOf('address', address, ADDRESS_KEYS);
  return {
    protocol: NETLINK_ROUTE,
    type: RTM_NEWADDR,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    data: encode(address),
    decode: () => undefined,
  };
}

/**
 * Takes an address from an interface: for `execute`.
 *
 * @param address - The address, such as a record of a dump.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: rtnetlink(7)
 */
export function deleteAddress(
  address: Pick<NewAddress, 'family' | 'ifindex' | 'address' | 'prefixlen' | 'peer'>,
): NetlinkRequest<never> {
  const { family, ifindex, address: own, prefixlen, peer } = recordOf<NewAddress>('address', address, ADDRESS_KEYS);
  const data = encode({ family, ifindex, address: own, prefixlen, peer });
  return { protocol: NETLINK_ROUTE, type: RTM_DELADDR, data, decode: () => undefined };
}

/** What happens to addresses: for `watch`. Source: rtnetlink(7) */
export const addressEvents: NetlinkEvents<AddressEvent> = {
  protocol: NETLINK_ROUTE,
  groups: [RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR],
  decode(message) {
    if (message.type !== RTM_NEWADDR && message.type !== RTM_DELADDR) return undefined;
    const event = message.type === RTM_NEWADDR ? 'new' : 'delete';
    return { kind: 'address', event, address: decodeAddress(message), nsid: message.nsid };
  },
};
