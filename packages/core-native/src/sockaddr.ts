import { integer } from './arguments';
import { layout } from './layout';
import { LITTLE_ENDIAN } from './struct-view';

const { sa_family, sa_len } = layout.sockaddr;
/** Where the bytes of the family lie. Where it is one byte, its high one is nowhere. */
const [LOW, HIGH] = LITTLE_ENDIAN
  ? [sa_family.offset, sa_family.offset + 1]
  : [sa_family.offset + sa_family.size - 1, sa_family.offset];
const TWO_BYTES = sa_family.size === 2;

/**
 * A zeroed `struct sockaddr` of `length` bytes with its family set.
 *
 * @param family - The AF_* number.
 * @param length - Bytes; at least 2.
 */
export function newSockaddr(family: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const number = integer('family', family, 0, 0xffff);
  bytes[LOW] = number;
  if (TWO_BYTES) bytes[HIGH] = number >> 8;
  if (sa_len) bytes[sa_len.offset] = length;
  return bytes;
}

/**
 * The AF_* number in a `struct sockaddr`.
 *
 * @param sockaddr - The structure; bytes past its end count as 0.
 */
export function sockaddrFamily(sockaddr: Uint8Array): number {
  const low = sockaddr[LOW] ?? 0;
  return TWO_BYTES ? low | ((sockaddr[HIGH] ?? 0) << 8) : low;
}
