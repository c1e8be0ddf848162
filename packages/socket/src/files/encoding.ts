import { isAscii, isUtf8 } from 'node:buffer';
import { wrongType, wrongValue } from '@bsd-sockets/core-native';

/** How characters and bytes go together, and which of each have no counterpart. */
export interface Encoding {
  readonly name: string;
  /** What Node calls it where all is well formed. */
  readonly node: BufferEncoding;
  isWellFormed(bytes: Uint8Array): boolean;
  /**
   * The length of the well-formed character at `at`; for a malformed one, its length below 0; 0 for one that the end of
   * the bytes cuts off.
   */
  lengthAt(bytes: Uint8Array, at: number): number;
  /** Matches the first character that has no bytes. */
  readonly unencodable: RegExp;
}

// Not by its property, whose characters V8 would ask ICU for with each import.
const SURROGATE = /[\u{d800}-\u{dfff}]/u;

const utf8: Encoding = {
  name: 'utf-8',
  node: 'utf8',
  isWellFormed: isUtf8,
  lengthAt: utf8LengthAt,
  unencodable: SURROGATE,
};

const latin1: Encoding = {
  name: 'latin1',
  node: 'latin1',
  isWellFormed: () => true,
  lengthAt: () => 1,
  unencodable: /[^\0-\u{ff}]/u,
};

const ascii: Encoding = {
  name: 'ascii',
  node: 'latin1',
  isWellFormed: isAscii,
  lengthAt: (bytes, at) => (bytes[at]! < 0x80 ? 1 : -1),
  unencodable: /[\u{80}-\u{10ffff}]/u,
};

const utf16le: Encoding = {
  name: 'utf-16le',
  node: 'utf16le',
  isWellFormed: (bytes) => bytes.length % 2 === 0 && Buffer.from(bytes).toString('utf16le').isWellFormed(),
  lengthAt: utf16leLengthAt,
  unencodable: SURROGATE,
};

const encodings = new Map<string, Encoding>([
  ['ascii', ascii],
  ['iso-8859-1', latin1],
  ['latin-1', latin1],
  ['latin1', latin1],
  ['us-ascii', ascii],
  ['utf-16-le', utf16le],
  ['utf-16le', utf16le],
  ['utf-8', utf8],
  ['utf16le', utf16le],
  ['utf8', utf8],
]);

/** The encoding of a name; UTF-8 by default. */
export function encodingOf(name: unknown): Encoding {
  if (name === null || name === undefined) return utf8;
  const expected = `one of ${Array.from(encodings.keys(), (known) => `'${known}'`).join(', ')}`;
  if (typeof name !== 'string') throw wrongType('encoding', expected, name);
  const found = encodings.get(name.toLowerCase().replaceAll('_', '-'));
  if (found === undefined) throw wrongValue('encoding', expected, name);
  return found;
}

/** Source: the table of well-formed sequences of the Unicode Standard (3.9, D92), and its practice for the others. */
function utf8LengthAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // The second byte's range keeps out overlong forms, surrogates and what lies above U+10FFFF.
  let least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let index = 1; index < length; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return 0;
    if (byte < least || byte > most) return -index;
    least = 0x80;
    most = 0xbf;
  }
  return length;
}

function utf16leLengthAt(bytes: Uint8Array, at: number): number {
  const high = bytes[at + 1];
  if (high === undefined) return 0;
  if (high < 0xd8 || high > 0xdf) return 2;
  if (high > 0xdb) return -2;
  const low = bytes[at + 3];
  if (low === undefined) return 0;
  return low >= 0xdc && low <= 0xdf ? 4 : -2;
}
