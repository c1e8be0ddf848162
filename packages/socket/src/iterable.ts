import { outOfRange, wrongType } from '@bsd-sockets/core-native';

/**
 * The items of an iterable, to be read once.
 *
 * @param expected - What the items are, such as `buffers`.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) for what is no iterable, and for a string or bytes, whose items are
 *   characters and numbers; RangeError (`ERR_OUT_OF_RANGE`) for more items than `most`.
 */
export function itemsOf<T>(name: string, value: Iterable<T>, expected: string, most = 2 ** 31 - 1): readonly T[] {
  const isIterable = typeof value === 'object' && value !== null && Symbol.iterator in value;
  if (!isIterable || ArrayBuffer.isView(value))
    throw wrongType(name, `an array or other iterable of ${expected}`, value);
  const items = Array.isArray(value) ? value : takeItems(value, most + 1);
  if (items.length > most) throw outOfRange(name, `at most ${most} ${expected}`, items.length);
  return items;
}

function takeItems<T>(iterable: Iterable<T>, most: number): T[] {
  const items: T[] = [];
  for (const item of iterable) {
    items.push(item);
    if (items.length === most) break;
  }
  return items;
}
