import { endianness } from 'node:os';

/** Whether this machine stores integers with the low byte first: for the fields of C structures. */
export const LITTLE_ENDIAN = endianness() === 'LE';

/**
 * A zeroed `struct sockaddr` of `length` bytes with its family set.
 *
 * @param family - The AF_* number.
 * @param length - Bytes; at least 2.
 */
export function newSockaddr(family: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  if (LITTLE_ENDIAN) bytes.writeUInt16LE(family, 0);
  else bytes.writeUInt16BE(family, 0);
  return bytes;
}
