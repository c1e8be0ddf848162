import { integer, LITTLE_ENDIAN } from '@bsd-sockets/core-native';

/** Both ways are the same: a swap of bytes where the host stores the low one first. */
function swap16(x: unknown): number {
  const value = integer('x', x, 0, 0xffff);
  return LITTLE_ENDIAN ? ((value & 0xff) << 8) | (value >> 8) : value;
}

function swap32(x: unknown): number {
  const value = integer('x', x, 0, 0xffffffff);
  if (!LITTLE_ENDIAN) return value;
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

/**
 * A 32-bit number from host to network byte order.
 *
 * @param x - From 0 to 2^32 - 1.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`) for anything else.
 *
 * Source: htonl(3); Python's `socket.htonl`
 */
export function htonl(x: number): number {
  return swap32(x);
}

/**
 * A 16-bit number from host to network byte order.
 *
 * @param x - From 0 to 65535.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`) for anything else.
 *
 * Source: htons(3); Python's `socket.htons`
 */
export function htons(x: number): number {
  return swap16(x);
}

/**
 * A 32-bit number from network to host byte order.
 *
 * @param x - From 0 to 2^32 - 1.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`) for anything else.
 *
 * Source: ntohl(3); Python's `socket.ntohl`
 */
export function ntohl(x: number): number {
  return swap32(x);
}

/**
 * A 16-bit number from network to host byte order.
 *
 * @param x - From 0 to 65535.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`) for anything else.
 *
 * Source: ntohs(3); Python's `socket.ntohs`
 */
export function ntohs(x: number): number {
  return swap16(x);
}
