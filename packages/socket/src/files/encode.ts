import { wrongValue } from '@bsd-sockets/core-native';
import type { Encoding } from './encoding';
import type { Errors } from './malformed';

/**
 * The bytes of a text.
 *
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for characters that the encoding does not have, if the errors are strict or they are
 *   no escaped bytes.
 */
export function encode(text: string, encoding: Encoding, errors: Errors): Buffer {
  const { name, node, unencodable } = encoding;
  const wrong = unencodable.exec(text);
  if (wrong === null) return Buffer.from(text, node);
  if (errors === 'ignore' || errors === 'replace') {
    const all = new RegExp(unencodable, 'gu');
    return Buffer.from(text.replace(all, errors === 'ignore' ? '' : '?'), node);
  }
  // A single byte is no UTF-16.
  if (errors === 'strict' || node === 'utf16le') {
    throw wrongValue('text', `characters that ${name} has (at index ${wrong.index})`, wrong[0]);
  }
  // Every second part is an escaped byte.
  const parts = text.split(/([\udc80-\udcff])/u);
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 1 ? Buffer.of(part.charCodeAt(0) & 0xff) : encode(part, encoding, 'strict'),
    ),
  );
}
