import { integer, LITTLE_ENDIAN } from '@bsd-sockets/core-native';

// Integers of C structures, in the byte order of this machine. Node's own methods refuse a place outside the buffer.

export const readUint16: (memory: Buffer, offset: number) => number = LITTLE_ENDIAN
  ? (memory, offset) => memory.readUInt16LE(offset)
  : (memory, offset) => memory.readUInt16BE(offset);

export const readUint32: (memory: Buffer, offset: number) => number = LITTLE_ENDIAN
  ? (memory, offset) => memory.readUInt32LE(offset)
  : (memory, offset) => memory.readUInt32BE(offset);

export const readInt32: (memory: Buffer, offset: number) => number = LITTLE_ENDIAN
  ? (memory, offset) => memory.readInt32LE(offset)
  : (memory, offset) => memory.readInt32BE(offset);

export const readUint64: (memory: Buffer, offset: number) => bigint = LITTLE_ENDIAN
  ? (memory, offset) => memory.readBigUInt64LE(offset)
  : (memory, offset) => memory.readBigUInt64BE(offset);

export const writeUint16: (memory: Buffer, value: number, offset: number) => void = LITTLE_ENDIAN
  ? (memory, value, offset) => memory.writeUInt16LE(value, offset)
  : (memory, value, offset) => memory.writeUInt16BE(value, offset);

export const writeUint32: (memory: Buffer, value: number, offset: number) => void = LITTLE_ENDIAN
  ? (memory, value, offset) => memory.writeUInt32LE(value, offset)
  : (memory, value, offset) => memory.writeUInt32BE(value, offset);

export const writeUint64: (memory: Buffer, value: bigint, offset: number) => void = LITTLE_ENDIAN
  ? (memory, value, offset) => memory.writeBigUInt64LE(value, offset)
  : (memory, value, offset) => memory.writeBigUInt64BE(value, offset);

/** The bytes of an integer of 16 bits in network byte order, of an attribute that is so without saying so. */
export function networkUint16(name: string, value: number): Buffer {
  const memory = Buffer.alloc(2);
  memory.writeUInt16BE(integer(name, value, 0, 0xffff));
  return memory;
}
