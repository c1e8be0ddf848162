import { integer, native } from '@bsd-sockets/core-native';
import type * as names from '@bsd-sockets/core-native/constants';
import type {
  Inet6Address,
  Inet6AddressLike,
  InetAddress,
  InetAddressLike,
  AddressFamily as TypedFamily,
} from '@bsd-sockets/resolver';
import type { UnixAddress, UnixAddressLike } from './families/unix-address';

/** Numbers to names. Of two names for one number it has the first of the alphabet. */
type Names = { readonly [number: number]: string | undefined };

/** The constants of a prefix: names to numbers. */
type Members<Prefix extends string> = {
  readonly [Name in keyof typeof names as Name extends `${Prefix}${string}` ? Name : never]: (typeof names)[Name];
};

type TypedFamilies = {
  readonly AF_INET: AddressFamily<InetAddress, InetAddressLike>;
  readonly AF_INET6: AddressFamily<Inet6Address, Inet6AddressLike>;
  readonly AF_UNIX: AddressFamily<UnixAddress, UnixAddressLike>;
};

const { constants } = native;

/** The names of constants that begin with a prefix, by the prefixes. */
const found: Record<string, string[]> = { AF_: [], AI_: [], MSG_: [], SOCK_: [] };

// A function, since V8 would compile all of a module for the sake of such a loop.
function find(): void {
  for (const name in constants) {
    found[name.slice(0, name.indexOf('_') + 1)]?.push(name);
  }
}
find();

/** The constants of a prefix, both ways, as TypeScript's own enumerations have them. */
function enumeration<Prefix extends string>(prefix: Prefix): Members<Prefix> & Names {
  const members: Record<string, number | string> = {};
  const names: Record<number, string> = {};
  for (const name of found[prefix]!) {
    const value = constants[name]!;
    members[name] = value;
    names[value] ??= name;
  }
  return Object.freeze(Object.assign(members, names)) as Members<Prefix> & Names;
}

/**
 * The number of an address family, which carries the type of its addresses.
 *
 * @typeParam Address - What the family's addresses come out as.
 * @typeParam Accepted - What is taken for one, which may be more.
 */
export type AddressFamily<Address, Accepted = Address> = TypedFamily<Address, Accepted>;

/**
 * The AF_* constants of this platform: `AddressFamily.AF_INET` is 2, `AddressFamily[2]` is `'AF_INET'`.
 *
 * Source: Python's `socket.AddressFamily`
 */
export const AddressFamily: Omit<Members<'AF_'>, keyof TypedFamilies> & TypedFamilies & Names = enumeration(
  'AF_',
) as Members<'AF_'> & TypedFamilies;

/**
 * The SOCK_* constants of this platform: `SocketKind.SOCK_STREAM` is 1, `SocketKind[1]` is `'SOCK_STREAM'`.
 *
 * Source: Python's `socket.SocketKind`
 */
export const SocketKind = enumeration('SOCK_');

/**
 * The MSG_* constants of this platform, both ways. {@link flagNames} prints a combination.
 *
 * Source: Python's `socket.MsgFlag`
 */
export const MsgFlag = enumeration('MSG_');

/**
 * The AI_* constants of this platform, both ways. {@link flagNames} prints a combination.
 *
 * Source: Python's `socket.AddressInfo`
 */
export const AddressInfo = enumeration('AI_');

/**
 * The names of the flags in a number: `flagNames(MsgFlag, 66)` is `'MSG_PEEK|MSG_DONTWAIT'`.
 *
 * @param enumeration - {@link MsgFlag} or {@link AddressInfo}.
 * @param flags - Flags joined by `|`; an integer of 32 bits, signed or not.
 * @returns Their names from the lowest bit on, joined by `|`; what has no name follows as one decimal number; `'0'` for
 *   none.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`) for flags that are no such integer.
 *
 * Source: how Python prints its `socket.MsgFlag`
 */
export function flagNames(enumeration: Names, flags: number): string {
  let rest = integer('flags', flags, -(2 ** 31), 2 ** 32 - 1) >>> 0;
  const names: string[] = [];
  for (let bit = 1; bit <= rest; bit *= 2) {
    const name = enumeration[bit];
    if (name === undefined || !(rest & bit)) continue;
    names.push(name);
    rest = (rest & ~bit) >>> 0;
  }
  if (rest !== 0 || names.length === 0) names.push(`${rest}`);
  return names.join('|');
}
