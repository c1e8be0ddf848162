import { LITTLE_ENDIAN, structView } from './struct-view';

/**
 * A zeroed `struct sockaddr` of `length` bytes with its family set.
 *
 * @param family - The AF_* number.
 * @param length - Bytes; at least 2.
 */
export function newSockaddr(family: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  structView(bytes).setUint16(0, family, LITTLE_ENDIAN);
  return bytes;
}
