import { types } from 'node:util';
import { wrongType } from './arguments';

/** The keys that a record of this type may have: an object with each of them, whatever its value. */
export type KnownKeys<T extends object> = { readonly [Key in keyof T]-?: unknown };

/**
 * Refuses a key that nobody reads, such as a misspelt one.
 *
 * @param name - The argument, for the message.
 * @param value - A record that a caller handed in.
 * @param known - An object with every key that the record may have.
 * @param others - Whether others read more of it, such as Node: only another spelling of a known key is refused then.
 * @throws TypeError (`ERR_INVALID_ARG_VALUE`), which names the nearest right key; Python's spelling leads to ours.
 */
export function knownKeys<T extends object>(name: string, value: T, known: KnownKeys<T>, others = false): void {
  // Inherited keys count: they are read too, and an AbortSignal in place of `{ signal }` has no others.
  for (const key in value) if (!Object.hasOwn(known, key)) refuse(name, value, key, Object.keys(known), others);
}

/**
 * Whether what stands in the place of another argument is options: an object that is neither a list nor bytes.
 *
 * @param value - What the caller handed in.
 */
export function isOptions(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Symbol.iterator in value) return false;
  return !ArrayBuffer.isView(value) && !types.isAnyArrayBuffer(value);
}

/**
 * The options that a caller handed in, or none, with no key that nobody reads.
 *
 * @param options - What the caller handed in: an object, undefined or null.
 * @param known - An object with every key that the options may have.
 * @param name - The argument, for the message.
 * @returns The options; for undefined and null an object without any.
 * @throws TypeError: `ERR_INVALID_ARG_TYPE` for what is no object, `ERR_INVALID_ARG_VALUE` for an unknown key.
 */
export function optionsOf<T extends object>(
  options: T | null | undefined,
  known: KnownKeys<T>,
  name = 'options',
): Partial<T> {
  if (options === undefined || options === null) return {};
  if (typeof options !== 'object') throw wrongType(name, `an object, such as { ${Object.keys(known)[0]} }`, options);
  knownKeys(name, options, known);
  return options;
}

function refuse(name: string, value: object, key: string, known: readonly string[], others: boolean): void {
  // What a program put into the prototype of all objects says nothing of this one.
  if (!Object.hasOwn(value, key) && key in Object.prototype) return;
  const nearest = nearestOf(key, known, others ? 0 : 1 / 3);
  if (others && nearest === undefined) return;
  const advice = nearest === undefined ? `known are ${known.join(', ')}` : `did you mean '${nearest}'?`;
  const error = new TypeError(`${name}: unknown key '${key}': ${advice}`);
  throw Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' });
}

/** The key that is meant: the same but for case, underscores and a part of its letters at most. */
function nearestOf(key: string, known: readonly string[], part: number): string | undefined {
  const plain = (text: string) => text.replaceAll('_', '').toLowerCase();
  const [nearest] = known
    .map((name) => ({ name, distance: distance(plain(key), plain(name)) }))
    .filter((other) => other.distance <= other.name.length * part)
    .sort((one, other) => one.distance - other.distance);
  return nearest?.name;
}

/** How many letters to insert, delete or replace to make one text of the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [count, letter] of [...one].entries()) {
    const next = [count + 1];
    for (let index = 0; index < other.length; index++) {
      const replaced = row[index]! + (letter === other[index] ? 0 : 1);
      next.push(Math.min(replaced, row[index + 1]! + 1, next[index]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
