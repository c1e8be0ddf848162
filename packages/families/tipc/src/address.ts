import * as core from '@bsd-sockets/core-native';
import {
  integer,
  LITTLE_ENDIAN,
  newSockaddr,
  structView,
  TIPC_ADDR_ID,
  TIPC_ADDR_NAME,
  TIPC_ADDR_NAMESEQ,
  TIPC_CLUSTER_SCOPE,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { type AddressFamily, registerFamily } from '@bsd-sockets/socket';

/** The member of a group that a message came from: the group, and what the member joined it as. */
export type TipcMember = [type: number, instance: number];

/**
 * An address of AF_TIPC. What the three numbers are depends on the first element:
 *
 * - TIPC_ADDR_NAME, a service: its type, the instance, and the node to look in (0 for any of them)
 * - TIPC_ADDR_NAMESEQ, a range of services: their type, the lowest instance, and the highest one
 * - TIPC_ADDR_ID, a socket: its node, its number there, and 0
 *
 * The scope is TIPC_CLUSTER_SCOPE or TIPC_NODE_SCOPE, and 0 in an address that the kernel tells. The last element is there
 * in the address of a member of a group whose message was received.
 */
export type TipcAddress =
  | [addrType: number, v1: number, v2: number, v3: number, scope: number]
  | [addrType: number, v1: number, v2: number, v3: number, scope: number, member: TipcMember];

/**
 * What is taken for one: the scope is TIPC_CLUSTER_SCOPE by default. `bind` to a negative scope takes back a bind to the
 * same address with the positive one. A member counts for nothing.
 */
export type TipcAddressLike = readonly [
  addrType: number,
  v1: number,
  v2: number,
  v3: number,
  scope?: number | undefined,
  member?: Readonly<TipcMember>,
];

// struct sockaddr_tipc. Source: linux/tipc.h
const ADDR_TYPE = 2;
const SCOPE = 3;
const ADDR = 4;
const SIZE = 16;
/** Behind the address of a sender in a group there is a second one, of the member. */
const PAIR_SIZE = 2 * SIZE;

const UINT32_MAX = 2 ** 32 - 1;

function encode(address: TipcAddressLike): Buffer {
  if (!Array.isArray(address) || address.length < 4 || address.length > 6) {
    throw wrongType('address', '[addrType, v1, v2, v3, scope?] for AF_TIPC', address);
  }
  const [addrType, v1, v2, v3, scope = TIPC_CLUSTER_SCOPE] = address as unknown[];
  const sockaddr = newSockaddr(core.AF_TIPC, SIZE);
  const view = structView(sockaddr);
  const known = [TIPC_ADDR_NAME, TIPC_ADDR_NAMESEQ, TIPC_ADDR_ID];
  if (!known.includes(integer('address[0]', addrType, 0, 0xff))) {
    throw wrongValue('address[0]', 'TIPC_ADDR_NAME, TIPC_ADDR_NAMESEQ or TIPC_ADDR_ID', addrType);
  }
  view.setUint8(ADDR_TYPE, addrType as number);
  const words = [v1, v2, v3].map((value, index) => integer(`address[${index + 1}]`, value, 0, UINT32_MAX));
  view.setInt8(SCOPE, integer('address[4]', scope, -128, 127));
  for (const [index, word] of inKernelOrder(addrType, words).entries()) {
    view.setUint32(ADDR + 4 * index, word, LITTLE_ENDIAN);
  }
  return sockaddr;
}

/** In the structure a socket's number comes first, and then its node; nothing is third. */
function inKernelOrder(addrType: unknown, [v1, v2, v3]: readonly number[]): number[] {
  return addrType === TIPC_ADDR_ID ? [v2!, v1!, 0] : [v1!, v2!, v3!];
}

function decode(sockaddr: Uint8Array): TipcAddress {
  const view = structView(sockaddr, PAIR_SIZE);
  const word = (offset: number) => view.getUint32(offset, LITTLE_ENDIAN);
  const addrType = view.getUint8(ADDR_TYPE);
  const [v1, v2, v3] = inKernelOrder(addrType, [word(ADDR), word(ADDR + 4), word(ADDR + 8)]);
  const address = [addrType, v1!, v2!, v3!, view.getInt8(SCOPE)] as const;
  return sockaddr.length < PAIR_SIZE ? [...address] : [...address, [word(SIZE + ADDR), word(SIZE + ADDR + 4)]];
}

/**
 * Transparent inter-process communication: `[addrType, v1, v2, v3, scope?]`. `undefined` on a platform that does not have it, which
 * `new Socket` refuses.
 *
 * Source: linux/tipc.h; Python's `socket`, socket families
 */
export const AF_TIPC: AddressFamily<TipcAddress, TipcAddressLike> = registerFamily({
  number: core.AF_TIPC,
  name: 'AF_TIPC',
  package: '@bsd-sockets/tipc',
  encode,
  decode,
});
