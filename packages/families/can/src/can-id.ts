import {
  CAN_EFF_FLAG,
  CAN_EFF_MASK,
  CAN_RTR_FLAG,
  CAN_SFF_MASK,
  integer,
  knownKeys,
  outOfRange,
  wrongType,
} from '@bsd-sockets/core-native';
import { needCan } from './platform';

/** What a `canid_t` says. Source: linux/can.h */
export interface CanId {
  /** The identifier: of 11 bits, 0 to 0x7ff, or of 29 bits, 0 to 0x1fffffff, if it is extended. */
  id: number;
  /** Whether the identifier has 29 bits (CAN_EFF_FLAG). */
  extended: boolean;
  /** Whether the frame is a remote transmission request (CAN_RTR_FLAG). */
  rtr: boolean;
}

/** What is taken for one: `extended` and `rtr` are false by default. */
export interface CanIdLike {
  id: number;
  extended?: boolean | undefined;
  rtr?: boolean | undefined;
}

/** Returns a flag of a record, false by default. */
export function flag(name: string, value: unknown): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw wrongType(name, 'true or false', value);
  return value === true;
}

/** Returns a number that is a `canid_t`. JavaScript's `|` makes a negative one of CAN_EFF_FLAG: that is taken too. */
export function canidOf(name: string, value: unknown): number {
  return integer(name, value, -(2 ** 31), 2 ** 32 - 1) >>> 0;
}

/**
 * The `canid_t` of an identifier and its flags: what the addresses of CAN_ISOTP and filters take.
 *
 * @param canId - The identifier and its flags.
 * @param name - What to call it in an error.
 * @throws RangeError (`ERR_OUT_OF_RANGE`) for an identifier of too many bits; TypeError (`ERR_INVALID_ARG_TYPE`).
 *
 * Source: linux/can.h
 */
export function encodeCanId(canId: CanIdLike, name = 'canId'): number {
  needCan('encodeCanId');
  if (typeof canId !== 'object' || canId === null) throw wrongType(name, 'an object { id, extended, rtr }', canId);
  knownKeys(name, canId, { id: true, extended: true, rtr: true });
  return canIdOf(canId, name);
}

/** The `canid_t` of a record that has more than that. */
export function canIdOf(canId: CanIdLike, name: string): number {
  const extended = flag(`${name}.extended`, canId.extended);
  const rtr = flag(`${name}.rtr`, canId.rtr);
  const id = integer(`${name}.id`, canId.id, 0, CAN_EFF_MASK);
  if (!extended && id > CAN_SFF_MASK)
    throw outOfRange(`${name}.id`, 'at most 0x7ff, or `extended: true` beside it', id);
  return (id | (extended ? CAN_EFF_FLAG : 0) | (rtr ? CAN_RTR_FLAG : 0)) >>> 0;
}

/**
 * The identifier and the flags of a `canid_t`.
 *
 * @param canId - An integer of 32 bits, with or without a sign.
 * @throws RangeError (`ERR_OUT_OF_RANGE`); TypeError (`ERR_INVALID_ARG_TYPE`).
 *
 * Source: linux/can.h
 */
export function decodeCanId(canId: number): CanId {
  needCan('decodeCanId');
  canidOf('canId', canId);
  const extended = (canId & CAN_EFF_FLAG) !== 0;
  return { id: canId & (extended ? CAN_EFF_MASK : CAN_SFF_MASK), extended, rtr: (canId & CAN_RTR_FLAG) !== 0 };
}
