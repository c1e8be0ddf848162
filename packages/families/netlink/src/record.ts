import { type KnownKeys, knownKeys, wrongType } from '@bsd-sockets/core-native';

/** A list that a caller handed in. */
export function arrayOf<T>(name: string, value: readonly T[]): readonly T[] {
  if (!Array.isArray(value)) throw wrongType(name, 'an array', value);
  return value;
}

/**
 * What a caller handed in to write: an object with no key that nobody reads. A record that was read may have all keys of
 * its kind.
 */
export function recordOf<T extends object>(name: string, value: T, known: KnownKeys<T>): T {
  if (typeof value !== 'object' || value === null) throw wrongType(name, 'an object', value);
  knownKeys(name, value, known);
  return value;
}
