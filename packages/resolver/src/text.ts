import { wrongType, wrongValue } from '@bsd-sockets/core-native';

/**
 * Returns `value` if it is a string that C can hold.
 *
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) if it is none.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) if it has a NUL, which would cut it short, or a lone surrogate.
 */
export function text(name: string, value: unknown): string {
  if (typeof value !== 'string') throw wrongType(name, 'a string', value);
  if (value.includes('\0')) throw wrongValue(name, 'text without NUL', value);
  if (!value.isWellFormed()) throw wrongValue(name, 'text without lone surrogates', value);
  return value;
}
