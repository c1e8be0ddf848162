import { inspect, types } from 'node:util';
import { loadFailure } from './native';

/** Bytes that a caller hands in: any buffer, or any view of one. */
export type BytesLike = ArrayBufferLike | NodeJS.ArrayBufferView;

/** Arguments that hardly are anything but constants, such as the level and the type of a control message. */
const CONSTANTS =
  /\b(addressFamily|family|type|proto|protocol|level|optname|option|flags|how|event|eventmask|code|op|request|[A-Z][A-Z0-9_]+)$|\]\[[01]\]$/;

function received(name: string, value: unknown): string {
  // Without the addon every constant is undefined: that is the argument's own fault least of all.
  if (value === undefined && loadFailure) throw loadFailure;
  if (value === undefined && CONSTANTS.test(name)) {
    return `undefined (it is missing, or a constant that ${process.platform} does not have)`;
  }
  if (value === undefined) return 'undefined (it is missing, or was given as undefined)';
  if (typeof value === 'function') return `function ${value.name}`;
  const text = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  return `${text.length > 80 ? `${text.slice(0, 80)}…` : text} (${value === null ? 'null' : typeof value})`;
}

/**
 * A TypeError with code `ERR_INVALID_ARG_TYPE`: `value` is of a wrong type, or an address of a wrong shape.
 *
 * @param name - The argument.
 * @param expected - What it should have been, such as `bytes`.
 * @param value - What it was.
 */
export function wrongType(name: string, expected: string, value: unknown): TypeError {
  const error = new TypeError(`${name}: expected ${expected}, got ${received(name, value)}`);
  return Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
}

/**
 * A RangeError with code `ERR_OUT_OF_RANGE`: Python's OverflowError.
 *
 * @param name - The argument.
 * @param expected - What it should have been, such as `bytes`.
 * @param value - What it was.
 */
export function outOfRange(name: string, expected: string, value: unknown): RangeError {
  const error = new RangeError(`${name}: expected ${expected}, got ${received(name, value)}`);
  return Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
}

/**
 * A RangeError with code `ERR_INVALID_ARG_VALUE`: Python's ValueError.
 *
 * @param name - The argument.
 * @param expected - What it should have been, such as `bytes`.
 * @param value - What it was.
 */
export function wrongValue(name: string, expected: string, value: unknown): RangeError {
  const error = new RangeError(`${name}: expected ${expected}, got ${received(name, value)}`);
  return Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' });
}

/**
 * Returns `value` if it is an integer between `min` and `max`, and throws otherwise.
 *
 * @param name - The argument, for the message.
 * @param value - What it was.
 * @param min - The least that it may be.
 * @param max - The most that it may be.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
 */
export function integer(name: string, value: unknown, min: number, max: number): number {
  // The common case is short, so that V8 puts it into the caller, and has a result of 32 bits.
  if (typeof value === 'number') {
    const small = value | 0;
    if (small === value && small >= min && small <= max) return small;
  }
  return otherInteger(name, value, min, max);
}

function otherInteger(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number') throw wrongType(name, `an integer from ${min} to ${max}`, value);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw outOfRange(name, `an integer from ${min} to ${max}`, value);
  }
  return value;
}

/**
 * Returns `value` if it is a C `int`, and throws otherwise.
 *
 * @param name - The argument, for the message.
 * @param value - What it was.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
 */
export function int32(name: string, value: unknown): number {
  if (typeof value === 'number') {
    const small = value | 0;
    if (small === value) return small;
  }
  return otherInt32(name, value);
}

/**
 * Returns `value` if it is an integer from 0 to 2³¹ - 1, and throws otherwise: what the kernel takes as a length in one call.
 *
 * @param name - The argument, for the message.
 * @param value - What it was.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
 */
export function natural(name: string, value: unknown): number {
  if (typeof value === 'number') {
    const small = value & (2 ** 31 - 1);
    if (small === value) return small;
  }
  return otherNatural(name, value);
}

function otherNatural(name: string, value: unknown): number {
  return otherInteger(name, value, 0, 2 ** 31 - 1);
}

function otherInt32(name: string, value: unknown): number {
  return otherInteger(name, value, -(2 ** 31), 2 ** 31 - 1);
}

/**
 * Returns the bytes of any buffer or view, without a copy, and throws for everything else.
 *
 * @param name - The argument, for the message.
 * @param value - What it was.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`).
 */
export function bytes(name: string, value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : viewOf(name, value);
}

function viewOf(name: string, value: unknown): Uint8Array {
  const memory = ArrayBuffer.isView(value) ? value.buffer : value;
  // Not by instanceof: another context (node:vm, Jest) has classes of its own.
  if (types.isAnyArrayBuffer(memory)) {
    try {
      return ArrayBuffer.isView(value)
        ? new Uint8Array(memory, value.byteOffset, value.byteLength)
        : new Uint8Array(memory);
    } catch {
      throw wrongType(name, 'bytes whose memory was not transferred away or shortened', memory);
    }
  }
  if (typeof value === 'string') {
    throw wrongType(name, `bytes (a string has none by itself: use Buffer.from(${name}, 'utf8'))`, value);
  }
  throw wrongType(name, 'bytes: a Buffer, a typed array, a DataView or an ArrayBuffer', value);
}

/**
 * Returns a part of a buffer, without a copy, and throws for what does not lie within it.
 *
 * @param buffer - The whole.
 * @param offset - Where the part begins, in bytes: up to the length of the whole.
 * @param length - How many bytes it has, up to the end of the whole.
 * @param prefix - What the names of both have before them in the message, such as `part.`.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
 */
export function partOf(buffer: Uint8Array, offset: unknown, length: unknown, prefix = ''): Uint8Array {
  const begin = integer(`${prefix}offset`, offset, 0, buffer.length);
  const end = begin + integer(`${prefix}length`, length, 0, buffer.length - begin);
  return begin === 0 && end === buffer.length ? buffer : buffer.subarray(begin, end);
}
