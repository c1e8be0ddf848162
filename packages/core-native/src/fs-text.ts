import { isUtf8 } from 'node:buffer';
import { wrongValue } from './arguments';

const SURROGATE = 0xdc00;

/**
 * The bytes of a name that the kernel knows: UTF-8, where a lone surrogate U+DC80 to U+DCFF stands for the byte 0x80 to
 * 0xFF.
 *
 * @param name - What the argument is called, for the message of an error.
 * @param text - The name as text.
 * @returns The bytes, without a zero at the end.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for another lone surrogate.
 *
 * Source: Python's `os.fsencode`, with `surrogateescape`
 */
export function fsencode(name: string, text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const parts = Array.from(text, (character) => {
    const code = character.codePointAt(0) as number;
    if (code < 0xd800 || code > 0xdfff) return Buffer.from(character);
    if (code >= SURROGATE + 0x80 && code <= SURROGATE + 0xff) return Buffer.of(code - SURROGATE);
    throw wrongValue(name, 'text that UTF-8 can encode', text);
  });
  return Buffer.concat(parts);
}

/**
 * The text that {@link fsencode} makes these bytes of.
 *
 * @param name - The bytes of a name; any are allowed.
 * @returns The text: UTF-8, and a lone surrogate U+DC80 to U+DCFF for each byte that is none.
 *
 * Source: Python's `os.fsdecode`
 */
export function fsdecode(name: Uint8Array): string {
  const bytes = Buffer.from(name.buffer, name.byteOffset, name.length);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  for (let start = 0; start < bytes.length; ) {
    const end = [4, 3, 2, 1]
      .map((size) => start + size)
      .find((end) => end <= bytes.length && isUtf8(bytes.subarray(start, end)));
    // A sequence of four bytes that is four characters is as right as one of a single character.
    text += end === undefined ? String.fromCharCode(SURROGATE + bytes[start]!) : bytes.toString('utf8', start, end);
    start = end ?? start + 1;
  }
  return text;
}
