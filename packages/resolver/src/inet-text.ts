const ZERO = 48;
const DOT = 46;

/** A dotted quad as a number of 32 bits, whose high byte is the first; -1 for all other text. */
export function ipv4Number(text: string): number {
  let ip = 0;
  let byte = 0;
  let digits = 0;
  let dots = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === DOT) {
      if (digits === 0 || dots === 3) return -1;
      ip = ip * 256 + byte;
      byte = digits = 0;
      dots++;
    } else {
      const digit = code - ZERO;
      const leadingZero = digits > 0 && byte === 0;
      if (digit < 0 || digit > 9 || leadingZero) return -1;
      byte = byte * 10 + digit;
      if (byte > 255) return -1;
      digits++;
    }
  }
  return dots === 3 && digits > 0 ? ip * 256 + byte : -1;
}

/**
 * Parses a dotted quad.
 *
 * @param text - Four decimal numbers from 0 to 255 without leading zeros, such as `127.0.0.1`.
 * @returns Its 4 bytes; undefined for all other text.
 *
 * Source: inet_pton(3)
 */
export function parseIpv4(text: string): Uint8Array | undefined {
  const ip = ipv4Number(text);
  return ip < 0 ? undefined : Uint8Array.of(ip >>> 24, ip >>> 16, ip >>> 8, ip);
}

// A number is decimal, octal after a 0 or hexadecimal after 0x. What follows white space does not count.
const NUMBER = '(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)';
const NUMBERS_AND_DOTS = new RegExp(
  `^${NUMBER}(?:\\.${NUMBER})?(?:\\.${NUMBER})?(?:\\.${NUMBER})?(?:[ \\t-\\r].*)?$`,
  'is',
);

function parseNumber(digits: string): number {
  return /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
}

/** An IPv4 address in numbers and dots as its 4 bytes; undefined for all other text, as inet_aton(3) refuses it. */
export function parseNumbersAndDots(text: string): Uint8Array | undefined {
  const match = NUMBERS_AND_DOTS.exec(text);
  if (!match) return undefined;
  const numbers = match
    .slice(1)
    .filter((digits) => digits !== undefined)
    .map(parseNumber);
  // The last number fills all the bytes that are left.
  const last = numbers.pop() as number;
  if (numbers.some((number) => number > 0xff) || last >= 2 ** (32 - 8 * numbers.length)) return undefined;
  const ip = new Uint8Array(4);
  new DataView(ip.buffer).setUint32(0, last);
  for (const [index, number] of numbers.entries()) ip[index] = number;
  return ip;
}

/**
 * Prints 4 bytes as a dotted quad.
 *
 * @param bytes - Where the address is; bytes past the end count as 0.
 * @param offset - Where it begins, in bytes; 0 by default.
 * @returns The text, such as `127.0.0.1`.
 *
 * Source: inet_ntop(3)
 */
export function formatIpv4(bytes: Uint8Array, offset = 0): string {
  const high = ((bytes[offset] ?? 0) << 24) | ((bytes[offset + 1] ?? 0) << 16);
  return ipv4Text(high | ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0));
}

// The texts of the last addresses, because a socket hears from the same few again and again. At first all have 0.0.0.0,
// which belongs at 0.
const RECENT = 256;
const recentIps = new Uint32Array(RECENT);
const recentTexts = new Array<string>(RECENT).fill('0.0.0.0');

/**
 * The dotted quad of a number.
 *
 * @param ip - 32 bits, whose high byte is the first; with a sign or without.
 */
export function ipv4Text(ip: number): string {
  const place = (ip ^ (ip >>> 8) ^ (ip >>> 16) ^ (ip >>> 24)) & 0xff;
  if (recentIps[place] !== ip >>> 0) {
    recentIps[place] = ip;
    recentTexts[place] = `${ip >>> 24}.${(ip >>> 16) & 0xff}.${(ip >>> 8) & 0xff}.${ip & 0xff}`;
  }
  return recentTexts[place] as string;
}

/** The 16-bit groups of a part of an IPv6 address that has no `::` in it; undefined if it is malformed. */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    const ipv4 = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4) groups.push((ipv4[0]! << 8) | ipv4[1]!, (ipv4[2]! << 8) | ipv4[3]!);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/**
 * Parses an IPv6 address.
 *
 * @param text - The address without a zone, such as `::1` or `::ffff:127.0.0.1`.
 * @returns Its 16 bytes; undefined for all other text.
 *
 * Source: inet_pton(3)
 */
export function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] as string, true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  // `::` stands for one group of zeros at least.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/**
 * Prints 16 bytes as an IPv6 address.
 *
 * @param bytes - Where the address is; bytes past the end count as 0.
 * @param offset - Where it begins, in bytes; 0 by default.
 * @returns The text in its short form, such as `::1`.
 *
 * Source: inet_ntop(3)
 */
export function formatIpv6(bytes: Uint8Array, offset = 0): string {
  const group = (index: number) => ((bytes[offset + 2 * index] ?? 0) << 8) | (bytes[offset + 2 * index + 1] ?? 0);
  // The longest run of two or more zeros, the first of equals, is left out.
  let start = 8;
  let length = 1;
  for (let index = 0, zeros = 0; index < 8; index++) {
    zeros = group(index) === 0 ? zeros + 1 : 0;
    if (zeros > length) {
      length = zeros;
      start = index + 1 - zeros;
    }
  }
  const embedsIpv4 = start === 0 && (length === 6 || (length === 5 && group(5) === 0xffff));
  let text = '';
  for (let index = 0; index < (embedsIpv4 ? 6 : 8); index++) {
    if (index === start) text += '::';
    if (index >= start && index < start + length) continue;
    if (index > 0 && index !== start + length) text += ':';
    text += group(index).toString(16);
  }
  if (!embedsIpv4) return text;
  return `${text}${length === 5 ? ':' : ''}${formatIpv4(bytes, offset + 12)}`;
}

/** The text of bytes, one character a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Whether a host is an IPv4 address or an IPv6 one, which may have a zone. */
export function isNumericHost(host: string): boolean {
  return ipv4Number(host) >= 0 || parseIpv6(host.replace(/%.*$/s, '')) !== undefined;
}
