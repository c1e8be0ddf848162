import { wrongType, wrongValue } from '@bsd-sockets/core-native';

const choices = ['strict', 'ignore', 'replace', 'surrogateescape'] as const;

/**
 * What becomes of bytes that the encoding does not allow, and of characters that it does not have: an error, nothing, U+FFFD or
 * `?`, or (only bytes) a lone surrogate U+DC80 to U+DCFF for each byte, which writing turns back into the byte.
 *
 * Source: Python's error handlers of `codecs`
 */
export type Errors = (typeof choices)[number];

/** The choice of a name; `strict` by default. */
export function errorsOf(name: unknown): Errors {
  if (name === null || name === undefined) return 'strict';
  const expected = `one of ${choices.map((choice) => `'${choice}'`).join(', ')}`;
  if (typeof name !== 'string') throw wrongType('errors', expected, name);
  if (!choices.includes(name as Errors)) throw wrongValue('errors', expected, name);
  return name as Errors;
}
