import { type BytesLike, bytes, integer, outOfRange, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { type Bits, bytesNeeded, readBits, word, writeBits } from './signal-bits';

/** A signal: a number that lies somewhere in the data of a frame. More fields than these do no harm. */
export interface Signal {
  /** What {@link packSignals} and {@link unpackSignals} call it. */
  readonly name: string;
  /**
   * Where it begins: bit `n` is bit `n % 8`, counted from the least significant, of byte `n / 8`. Of a little-endian signal this is
   * its least significant bit, of a big-endian one its most significant, as in DBC files.
   */
  readonly start: number;
  /** How many bits it has, 1 to 64; of a `'float'` 32 or 64. */
  readonly length: number;
  /** `'little'` (Intel), which is the default, or `'big'` (Motorola). */
  readonly byteOrder?: 'little' | 'big' | undefined;
  /** `'unsigned'`, which is the default, `'signed'` (two's complement), or `'float'` (IEEE 754). */
  readonly type?: 'unsigned' | 'signed' | 'float' | undefined;
  /** What its raw value is multiplied by; 1 by default. */
  readonly factor?: number | undefined;
  /** What is added then; 0 by default. */
  readonly offset?: number | undefined;
  /**
   * Of a multiplexed signal: which raw value, or values, the signal of a name must have in a frame, so that this one is in it. With
   * several names all of them must.
   */
  readonly mux?: { readonly [multiplexor: string]: number | readonly number[] } | undefined;
}

type Multiplexed<S extends Signal> = S extends { readonly mux: object } ? S['name'] : never;

/** The values of signals by their names. A multiplexed signal may be missing. */
export type SignalValues<S extends readonly Signal[]> = {
  -readonly [Name in Exclude<S[number]['name'], Multiplexed<S[number]>>]: number;
} & { -readonly [Name in Multiplexed<S[number]>]?: number };

/** A signal that was looked at. */
interface Layout extends Bits {
  readonly type: 'unsigned' | 'signed' | 'float';
  readonly factor: number;
  readonly offset: number;
}

/** The last bit that a signal may begin at: of the 2048 bytes of a CAN XL frame. */
const LAST_BIT = 2048 * 8 - 1;

function finite(name: string, value: unknown): number {
  if (!Number.isFinite(value)) throw wrongType(name, 'a finite number', value);
  return value as number;
}

function layoutOf(signal: Signal, data: Uint8Array, name: string): Layout {
  if (typeof signal !== 'object' || signal === null) throw wrongType(name, 'a signal { name, start, length }', signal);
  const { byteOrder = 'little', type = 'unsigned', factor = 1, offset = 0 } = signal;
  const start = integer(`${name}.start`, signal.start, 0, LAST_BIT);
  const length = integer(`${name}.length`, signal.length, 1, 64);
  if (byteOrder !== 'little' && byteOrder !== 'big')
    throw wrongValue(`${name}.byteOrder`, "'little' or 'big'", byteOrder);
  if (type !== 'unsigned' && type !== 'signed' && type !== 'float') {
    throw wrongValue(`${name}.type`, "'unsigned', 'signed' or 'float'", type);
  }
  if (type === 'float' && length % 32 !== 0) throw wrongValue(`${name}.length`, '32 or 64 for a float', length);
  if (finite(`${name}.factor`, factor) === 0) throw wrongValue(`${name}.factor`, 'a number that is not 0', factor);
  const isBig = byteOrder === 'big';
  const layout = { start, length, isBig, type, factor, offset: finite(`${name}.offset`, offset) };
  const needed = bytesNeeded(layout);
  if (needed > data.length) throw outOfRange('data', `at least ${needed} bytes for ${name}`, data.length);
  return layout;
}

/** The bits of the word as an integer. */
function rawInteger({ length, type }: Layout): number {
  const [high, low] = [word.getUint32(0), word.getUint32(4)];
  const unused = 64 - length;
  if (type !== 'signed') return high * 2 ** 32 + low;
  return length > 32 ? ((high << unused) >> unused) * 2 ** 32 + low : (low << (unused - 32)) >> (unused - 32);
}

/** The bits of a signal as a number, whatever its factor and offset. */
function rawValue(data: Uint8Array, layout: Layout): number {
  readBits(data, layout);
  if (layout.type !== 'float') return rawInteger(layout);
  return layout.length === 32 ? word.getFloat32(4) : word.getFloat64(0);
}

/**
 * Reads a signal.
 *
 * @param data - The data of a frame: at least the bytes that the signal lies in.
 * @param signal - Where it lies, and what it means.
 * @returns Its raw value, multiplied by `factor`, plus `offset`. More than 53 bits are rounded: {@link unpackRawSignal} has them all.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) that names the field of a
 *   bad signal; RangeError for too little data.
 *
 * Source: the DBC file format
 */
export function unpackSignal(data: BytesLike, signal: Signal): number {
  return unpack(bytes('data', data), signal, 'signal');
}

function unpack(data: Uint8Array, signal: Signal, name: string): number {
  const layout = layoutOf(signal, data, name);
  return rawValue(data, layout) * layout.factor + layout.offset;
}

/**
 * Reads the raw value of a signal, all of its bits.
 *
 * @param data - The data of a frame: at least the bytes that the signal lies in.
 * @param signal - Where it lies; `factor` and `offset` are not looked at. Of a `'float'` it is the bits, as if it were unsigned.
 * @throws As {@link unpackSignal}.
 *
 * Source: the DBC file format
 */
export function unpackRawSignal(data: BytesLike, signal: Signal): bigint {
  const memory = bytes('data', data);
  const layout = layoutOf(signal, memory, 'signal');
  readBits(memory, layout);
  const raw = word.getBigUint64(0);
  return layout.type === 'signed' ? BigInt.asIntN(layout.length, raw) : raw;
}

/**
 * Writes a signal. The other bits of the data stay as they are.
 *
 * @param data - The data of a frame: at least the bytes that the signal lies in.
 * @param signal - Where it lies, and what it means.
 * @param value - Its value, of which `offset` is taken away and what is left divided by `factor` and, but for a `'float'`, rounded to
 *   an integer; or the raw value, as a bigint.
 * @throws RangeError (`ERR_OUT_OF_RANGE`) for a value that the bits do not hold; otherwise as {@link unpackSignal}.
 *
 * Source: the DBC file format
 */
export function packSignal(data: Uint8Array, signal: Signal, value: number | bigint): void {
  pack(writable(data), signal, value, 'signal', 'value');
}

function writable(data: Uint8Array): Uint8Array {
  if (!(data instanceof Uint8Array)) throw wrongType('data', 'a Buffer or Uint8Array', data);
  return data;
}

function pack(data: Uint8Array, signal: Signal, value: number | bigint, name: string, valueName: string): void {
  const layout = layoutOf(signal, data, name);
  const { type, length, factor, offset } = layout;
  if (typeof value !== 'bigint' && typeof value !== 'number') throw wrongType(valueName, 'a number or a bigint', value);
  const isRaw = typeof value === 'bigint';
  const isFloat = type === 'float' && !isRaw;
  const scaled = isRaw ? value : (value - offset) / factor;
  const raw = isRaw || isFloat ? scaled : Math.round(scaled as number);
  // Of floats all numbers go, and of a raw one its bits.
  const [least, end] = type === 'signed' ? [-(2 ** (length - 1)), 2 ** (length - 1)] : [0, 2 ** length];
  if (!isFloat && !(raw >= least && raw < end)) {
    const [first, last] = [least * factor + offset, (end - 1) * factor + offset];
    const range = isRaw ? `${least}n to ${BigInt(end) - 1n}n` : `${Math.min(first, last)} to ${Math.max(first, last)}`;
    throw outOfRange(valueName, `${range} for ${length} bits`, value);
  }
  if (isRaw) {
    word.setBigInt64(0, value);
  } else if (isFloat) {
    if (length === 32) word.setFloat32(4, raw as number);
    else word.setFloat64(0, raw as number);
  } else {
    const high = Math.floor((raw as number) / 2 ** 32);
    word.setUint32(0, high);
    word.setUint32(4, (raw as number) - high * 2 ** 32);
  }
  writeBits(data, layout);
}

/** Signals by their names, of which several may have one, in frames of different kinds. */
type ByName = ReadonlyMap<string, readonly Signal[]>;

function byName(signals: readonly Signal[]): ByName {
  if (!Array.isArray(signals)) throw wrongType('signals', 'an array of signals', signals);
  const all = new Map<string, Signal[]>();
  for (let index = 0; index < signals.length; index++) {
    const signal = signals[index]!;
    if (typeof signal?.name !== 'string') {
      throw wrongType(`signals[${index}].name`, 'the name of a signal', signal?.name);
    }
    const others = all.get(signal.name);
    if (others === undefined) all.set(signal.name, [signal]);
    else others.push(signal);
  }
  return all;
}

/** Whether the data have a signal, by the multiplexors that they have. */
function isPresent(data: Uint8Array, signal: Signal, all: ByName, above: readonly Signal[] = []): boolean {
  if (signal.mux === undefined) return true;
  if (above.includes(signal))
    throw wrongValue(`${signal.name}.mux`, 'multiplexors that do not need each other', above.length);
  return Object.entries(signal.mux).every(([name, wanted]) => {
    const candidates = all.get(name);
    if (candidates === undefined) throw wrongValue(`${signal.name}.mux`, 'the names of signals', name);
    const multiplexor = candidates.find((candidate) => isPresent(data, candidate, all, [...above, signal]));
    if (multiplexor === undefined) return false;
    return [wanted].flat().includes(rawValue(data, layoutOf(multiplexor, data, name)));
  });
}

/**
 * Reads the signals of a frame.
 *
 * @param data - The data of the frame.
 * @param signals - Its signals. Several may have the same name if no frame has more than one of them.
 * @returns Their values by their names, without those multiplexed signals that are not in this frame.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) that names the signal.
 *
 * Source: the DBC file format
 */
export function unpackSignals<const S extends readonly Signal[]>(data: BytesLike, signals: S): SignalValues<S> {
  const memory = bytes('data', data);
  const all = byName(signals);
  const values: Record<string, number> = {};
  for (const signal of signals) {
    if (isPresent(memory, signal, all)) values[signal.name] = unpack(memory, signal, signal.name);
  }
  return values as SignalValues<S>;
}

/**
 * Writes signals into the data of a frame, multiplexors before what they select. The other bits stay as they are.
 *
 * ```ts
 * const data = packSignals(Buffer.alloc(8), signals, { mode: 1, speed: 80 });
 * ```
 *
 * @param data - The data of the frame.
 * @param signals - Its signals, as for {@link unpackSignals}.
 * @param values - The values of some or all of them by their names, each as for {@link packSignal}; undefined is none.
 * @returns The data.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) that names the signal: also
 *   for one that is not in a frame with these multiplexors, and for a name that no signal has.
 *
 * Source: the DBC file format
 */
export function packSignals<const S extends readonly Signal[], D extends Uint8Array>(
  data: D,
  signals: S,
  values: { readonly [Name in S[number]['name']]?: number | bigint | undefined },
): D {
  writable(data);
  const all = byName(signals);
  if (typeof values !== 'object' || values === null) throw wrongType('values', 'an object of values by names', values);
  const left = new Map(Object.entries<number | bigint | undefined>(values).filter(([, value]) => value !== undefined));
  const packOne = (name: string) => {
    const value = left.get(name);
    if (value === undefined) return;
    left.delete(name);
    const candidates = all.get(name) ?? [];
    for (const { mux } of candidates) if (mux !== undefined) Object.keys(mux).forEach(packOne);
    const signal = candidates.find((candidate) => isPresent(data, candidate, all));
    if (signal === undefined) throw wrongValue('values', 'only signals that this frame has', name);
    pack(data, signal, value, name, `values.${name}`);
  };
  for (const name of Object.keys(values)) packOne(name);
  return data;
}
