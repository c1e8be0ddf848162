import { int32, native, osError, wrongType, wrongValue } from '@bsd-sockets/core-native';

/**
 * How an option's value lies in memory. Without `encode` an option is read-only, without `decode` write-only.
 *
 * @typeParam Value - What `decode` returns.
 * @typeParam Accepted - What `encode` takes, which may be more.
 */
export interface OptionCodec<Value, Accepted = Value> {
  /** The bytes to make room for when the option is read. */
  readonly size: number;
  /**
   * The bytes of a value.
   *
   * @param name - What to call the value in an error.
   * @throws TypeError or RangeError that names what is wrong.
   */
  readonly encode: (value: Accepted, name: string) => Uint8Array;
  /** The value in the bytes that the kernel wrote: `size` or fewer. */
  readonly decode: (bytes: Buffer) => Value;
}

/** A socket option with its type: what `getOption` and `setOption` take. */
export interface Option<Value, Accepted = Value> {
  /** The constant's name, such as `TCP_NODELAY`. */
  readonly name: string;
  /** SOL_SOCKET, IPPROTO_TCP, … */
  readonly level: number;
  /** The constant's number, which has a meaning only in its level. */
  readonly option: number;
  readonly codec: { readonly size: number } & Partial<OptionCodec<Value, Accepted>>;
}

/** What `getOption` returns for an option; never for a write-only one. */
export type OptionValue<O> = O extends Option<infer Value, never> ? Value : never;

/** What `setOption` takes for an option; never for a read-only one. */
export type AcceptedOptionValue<O> = O extends Option<any, infer Accepted> ? Accepted : never;

// One registry for all copies of this package in a process.
const key = Symbol.for('@bsd-sockets/options');
const global = globalThis as { [key]?: Map<string, Option<any, any>> };
global[key] ??= new Map();
const defined = global[key];

/**
 * Defines a typed socket option.
 *
 * @param definition - The constant's name, its level and number, and the codec of its values (see `codecs`).
 * @returns The option. Another copy of a package that defines it again gets the first one.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) if the name stands for another level or number already.
 */
export function defineOption<Value = never, Accepted = never>(
  definition: Option<Value, Accepted>,
): Option<Value, Accepted> {
  if (typeof definition?.codec !== 'object') {
    throw wrongType('definition', 'an object { name, level, option, codec }', definition);
  }
  const { name, level, option } = definition;
  const present = defined.get(name);
  if (!present) {
    defined.set(name, definition);
    return definition;
  }
  if (present.level !== level || present.option !== option) {
    const expected = `a name of its own (${name} is option ${present.option} of level ${present.level})`;
    throw wrongValue('name', expected, name);
  }
  return present;
}

function checked(option: Option<any, never>): Option<any, any> {
  if (typeof option !== 'object' || option === null || typeof option.codec !== 'object') {
    throw wrongType('option', 'a typed option such as options.TCP_NODELAY (numbers repeat between levels)', option);
  }
  int32(`${option.name}: level`, option.level);
  int32(option.name, option.option);
  return option as Option<any, any>;
}

/** What to call an option that was given by its numbers: its names, if it is defined. */
function optionName(level: number, option: number): string {
  const names = [...defined.values()].filter((one) => one.level === level && one.option === option);
  return names.map(({ name }) => name).join(' or ') || `option ${option} of level ${level}`;
}

/** The result of a call with an option that was given by its numbers, or the error that names the option. */
export function checkOption(result: number, syscall: string, level: number, option: number): number {
  if (result < 0) throw osError(result, { syscall, hint: optionName(level, option) });
  return result;
}

/** Reads an option of a descriptor: see `BaseSocket.getOption`. */
export function readOption<O extends Option<any, never>>(fd: number, option: O): OptionValue<O> {
  const { name, level, option: number, codec } = checked(option);
  if (!codec.decode) throw wrongValue('option', `one that can be read (${name} is write-only)`, name);
  const memory = Buffer.alloc(codec.size);
  const length = native.getsockopt(fd, level, number, memory);
  if (length < 0) throw osError(length, { syscall: 'getsockopt', hint: name });
  return codec.decode(memory.subarray(0, length));
}

/** Sets an option of a descriptor: see `BaseSocket.setOption`. */
export function writeOption<O extends Option<any, never>>(fd: number, option: O, value: AcceptedOptionValue<O>): void {
  const { name, level, option: number, codec } = checked(option);
  if (!codec.encode) throw wrongValue('option', `one that can be set (${name} is read-only)`, name);
  const result = native.setsockopt(fd, level, number, codec.encode(value, name), 0);
  if (result < 0) throw osError(result, { syscall: 'setsockopt', hint: name });
}
