import { endianness } from 'node:os';

/** Whether this machine stores integers with the low byte first: for the fields of C structures. */
export const LITTLE_ENDIAN = endianness() === 'LE';

/**
 * The bytes of a C structure: those that are missing at its end count as 0.
 *
 * @param bytes - What the kernel wrote of it.
 * @param size - The least bytes to return.
 * @returns `bytes` themselves if they are enough; else a copy.
 */
export function structBytes(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.length < size ? Buffer.concat([bytes], size) : bytes;
}

/**
 * A view of a C structure, by which to read and write its fields.
 *
 * @param bytes - The structure. What is written to the view is written to them, unless they are too few.
 * @param size - The least bytes that can be read: those that are missing count as 0. All of `bytes` by default.
 */
export function structView(bytes: Uint8Array, size = 0): DataView {
  const { buffer, byteOffset, byteLength } = structBytes(bytes, size);
  return new DataView(buffer, byteOffset, byteLength);
}
