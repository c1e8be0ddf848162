import { bytes, partOf, wrongType } from '@bsd-sockets/core-native';

/** A part of a buffer. */
export interface ChecksumPart {
  readonly buffer: Uint8Array;
  /** Where it begins; 0 by default. */
  readonly offset?: number;
  /** How many bytes it has; all that follow by default. */
  readonly length?: number;
}

function bytesOf(name: string, part: Uint8Array | ChecksumPart): Uint8Array {
  if (ArrayBuffer.isView(part)) return bytes(name, part);
  if (typeof part !== 'object' || part === null) throw wrongType(name, 'a Buffer or { buffer, offset, length }', part);
  const buffer = bytes(`${name}.buffer`, part.buffer);
  const offset = part.offset ?? 0;
  return partOf(buffer, offset, part.length ?? buffer.length - offset, `${name}.`);
}

/**
 * The checksum of IP, ICMP, TCP and UDP: the one's complement of the one's complement sum of all 16-bit words.
 *
 * @param parts - Buffers, or parts of them, that count as if they were one buffer.
 * @returns The checksum, 0 to 65535.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`) for a bad part.
 *
 * Source: RFC 1071
 */
export function createChecksum(...parts: (Uint8Array | ChecksumPart)[]): number {
  let sum = 0;
  let shift = 8;
  for (const [index, part] of parts.entries()) {
    for (const byte of bytesOf(`parts[${index}]`, part)) {
      sum += byte << shift;
      shift = 8 - shift;
    }
  }
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/**
 * Writes a checksum into a packet.
 *
 * @param buffer - The packet.
 * @param offset - Where the checksum's two bytes lie.
 * @param checksum - What {@link createChecksum} has returned.
 * @returns The buffer.
 * @throws RangeError or TypeError as `Buffer.writeUInt16BE`.
 */
export function writeChecksum<B extends Buffer>(buffer: B, offset: number, checksum: number): B {
  buffer.writeUInt16BE(checksum, offset);
  return buffer;
}
