import { bytes, FastBuffer, wrongType, wrongValue } from '@bsd-sockets/core-native';
import type { AcceptedAddressOf, AddressOf } from '@bsd-sockets/resolver';
import type { AddressFamily } from './enumerations';

/** What a family may ask of the socket that an address is for. */
export interface SocketInfo {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  /** The descriptor, or -1. */
  fileno(): number;
}

/**
 * An address family: what stands between the addresses of a program and the `struct sockaddr` of the kernel. inet, inet6
 * and unix are such objects, and so is what a package for another family registers.
 *
 * @typeParam Address - What `decode` returns.
 * @typeParam Accepted - What `encode` takes.
 */
export interface Family<Address = unknown, Accepted = Address> {
  /** The AF_* number of this platform. */
  readonly number: number;
  /** The constant's name, such as `AF_CAN`. */
  readonly name: string;
  /**
   * The package that the family comes from, such as `@bsd-sockets/can`. Another copy of the same package may register
   * it again: the first one stays.
   */
  readonly package?: string;
  /**
   * The whole `struct sockaddr` of an address.
   *
   * @throws TypeError or RangeError that names the wrong part, for an address of another shape. It may wait for a name
   *   service only if `resolve` is there for callers who must not.
   */
  encode(address: Accepted, socket: SocketInfo): Uint8Array;
  /**
   * The address in a `struct sockaddr` of any length and content. It never throws, and keeps no view of the bytes. It may use
   * sockets itself.
   */
  decode(sockaddr: Uint8Array, socket: SocketInfo): Address;
  /**
   * An address with the same meaning that `encode` takes without waiting; undefined, and no promise, where `encode` takes
   * the address itself without waiting, or refuses it.
   *
   * @param signal - Ends the wait with an {@link AbortError}.
   */
  resolve?(address: Accepted, socket: SocketInfo, signal?: AbortSignal | null): Promise<Accepted> | undefined;
}

/** What sockets make of a family that is not one of ours. */
interface Guarded extends Family<any, any> {
  readonly original: Family<any, any>;
}

// One registry for all copies of this package in a process.
const key = Symbol.for('@bsd-sockets/families');
const global = globalThis as { [key]?: Map<number, Family<any, any> | Guarded> };
global[key] ??= new Map();
const families = global[key];

/**
 * Adds a family: sockets with its number use its addresses from now on.
 *
 * @param family - Its number, its name and how its addresses are encoded.
 * @returns The number, typed with the family's addresses.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) if the number has a different family already.
 */
export function registerFamily<Address, Accepted>(family: Family<Address, Accepted>): AddressFamily<Address, Accepted> {
  if (typeof family?.encode !== 'function' || typeof family.decode !== 'function') {
    throw wrongType('family', 'an object { number, name, encode, decode }', family);
  }
  // A platform without the family has no number for it: its package imports all the same.
  if (family.number === undefined) return family.number;
  const present = originalOf(families.get(family.number));
  const same = present === family || (present?.package !== undefined && present.package === family.package);
  if (present && !same) {
    throw wrongValue('family', `a number without a family (${family.number} is ${present.name})`, family.name);
  }
  if (!present) families.set(family.number, family.package?.startsWith('@bsd-sockets/') ? family : guarded(family));
  return family.number as AddressFamily<Address, Accepted>;
}

/** A family whose `decode` may use a socket, which writes to the memory that all addresses lie in: it has a copy. Ours use none. */
function guarded(family: Family<any, any>): Guarded {
  return {
    original: family,
    number: family.number,
    name: family.name,
    encode: (address, socket) => family.encode(address, socket),
    decode: (sockaddr, socket) => family.decode(new FastBuffer(sockaddr), socket),
    resolve: (address, socket, signal) => family.resolve?.(address, socket, signal),
  };
}

function originalOf<F extends Family<any, any>>(family: F | Guarded | undefined): F | undefined {
  return family !== undefined && 'original' in family ? (family.original as F) : family;
}

/** A number that nobody registered: addresses are the bytes of the `struct sockaddr`. */
function rawFamily(number: number): Family<Buffer, Uint8Array> {
  return {
    number,
    name: `${number}`,
    encode: (address) => bytes('address', address),
    decode: (sockaddr) => new FastBuffer(sockaddr),
  };
}

/** The family of a number, as sockets use it: see {@link familyOf}. */
export function codecOf(number: number): Family<any, any> {
  return families.get(number) ?? rawFamily(number);
}

/**
 * The family of a number, which for an unregistered one takes and returns raw `struct sockaddr` bytes.
 *
 * @param number - An AF_* constant.
 */
export function familyOf<F extends number>(number: F): Family<AddressOf<F>, AcceptedAddressOf<F>> {
  return originalOf(codecOf(number)) as Family<AddressOf<F>, AcceptedAddressOf<F>>;
}
