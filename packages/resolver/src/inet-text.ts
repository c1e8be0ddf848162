/**
 * Parses a dotted quad.
 *
 * @param text - Four decimal numbers from 0 to 255 without leading zeros, such as `127.0.0.1`.
 * @returns Its 4 bytes; undefined for all other text.
 *
 * Source: inet_pton(3)
 */
export function parseIpv4(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  const ip = new Uint8Array(4);
  for (let index = 0; index < 4; index++) {
    const digits = match[index + 1] as string;
    const value = Number(digits);
    if (value > 255 || (digits.length > 1 && digits.startsWith('0'))) return undefined;
    ip[index] = value;
  }
  return ip;
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
  return `${bytes[offset] ?? 0}.${bytes[offset + 1] ?? 0}.${bytes[offset + 2] ?? 0}.${bytes[offset + 3] ?? 0}`;
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

/** Where the longest run of two or more zeros begins, and its length; the first of equals. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
    start = Math.max(start, end - 1);
  }
  return best;
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
  const groups = Array.from({ length: 8 }, (_, index) => {
    const at = offset + 2 * index;
    return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  });
  const { start, length } = longestZeroRun(groups);
  const embedsIpv4 = start === 0 && (length === 6 || (length === 5 && groups[5] === 0xffff));
  const words = groups.map((group) => group.toString(16));
  if (embedsIpv4) words.splice(6, 2, formatIpv4(bytes, offset + 12));
  if (start < 0) return words.join(':');
  return `${words.slice(0, start).join(':')}::${words.slice(start + length).join(':')}`;
}

/** The text of bytes, one character a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Whether a host is an IPv4 address or an IPv6 one, which may have a zone. */
export function isNumericHost(host: string): boolean {
  return parseIpv4(host) !== undefined || parseIpv6(host.replace(/%.*$/s, '')) !== undefined;
}
