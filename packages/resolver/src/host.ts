import { domainToASCII } from 'node:url';
import { bytes, wrongType, wrongValue } from '@bsd-sockets/core-native';

/** A host name or address, as text or as the bytes that the resolver gets. */
export type Host = string | Uint8Array;

/**
 * The bytes of a host name: ASCII as it is, other text by IDNA.
 *
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) if it is neither text nor bytes.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) if it has a NUL, which would cut it short, or is no name by IDNA.
 */
export function encodeHost(host: unknown): Uint8Array {
  if (typeof host !== 'string' && !ArrayBuffer.isView(host)) throw wrongType('host', 'a string or bytes', host);
  const encoded = typeof host === 'string' ? Buffer.from(toAscii(host), 'latin1') : bytes('host', host);
  if (encoded.includes(0)) throw wrongValue('host', 'a name without NUL', host);
  return encoded;
}

function toAscii(host: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII goes through as it is
  if (/^[\x00-\x7f]*$/.test(host)) return host;
  // domainToASCII reads a URL's host: it would end at what ends one, drop blanks and decode percent signs.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among them
  const ascii = /[\x00-\x20/\\?#%@:[\]]/.test(host) ? '' : domainToASCII(host);
  if (ascii === '') throw wrongValue('host', 'a name that IDNA can encode', host);
  return ascii;
}
