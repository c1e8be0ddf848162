import { AF_INET, AF_INET6, integer, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { inetNtop, inetPton } from '@bsd-sockets/socket';
import { malformed } from './malformed';

/** An IP address as the kernel takes it. */
export interface IpBytes {
  /** AF_INET or AF_INET6. */
  family: number;
  bytes: Buffer;
}

/** The bytes of an address in text, and its family. @throws TypeError or RangeError that names it. */
export function parseIp(name: string, text: unknown): IpBytes {
  if (typeof text !== 'string') throw wrongType(name, 'an IP address as text', text);
  const family = text.includes(':') ? AF_INET6 : AF_INET;
  try {
    return { family, bytes: inetPton(family, text) };
  } catch {
    throw wrongValue(name, 'an IP address', text);
  }
}

/** The bytes of an address that goes with one of `family`, as {@link formatIp} writes it; undefined for undefined. */
export function parseIpOf(family: number, name: string, text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  if (family !== AF_INET && family !== AF_INET6) return parseHexadecimal(name, text);
  const ip = parseIp(name, text);
  if (ip.family !== family) throw wrongValue(name, `an address of the same family as the others`, text);
  return ip.bytes;
}

function parseHexadecimal(name: string, text: unknown): Buffer {
  if (typeof text !== 'string') throw wrongType(name, 'an address as hexadecimal text', text);
  if (!/^([0-9a-f]{2})*$/i.test(text)) throw wrongValue(name, 'an address as hexadecimal text', text);
  return Buffer.from(text, 'hex');
}

/** What a record says its address is: that of its family, or an IP address, whose text tells the family. */
export function parseAddress(name: string, text: string, family: number | undefined): IpBytes {
  if (family === undefined) return parseIp(name, text);
  return { family: integer('family', family, 0, 0xff), bytes: parseIpOf(family, name, text) as Buffer };
}

/** The text of an address. Of a family that is not AF_INET or AF_INET6 it is hexadecimal. */
export function formatIp(family: number, bytes: Buffer): string {
  if (family !== AF_INET && family !== AF_INET6) return bytes.toString('hex');
  const size = family === AF_INET ? 4 : 16;
  if (bytes.length !== size) throw malformed(`an IP address has ${bytes.length} bytes, not ${size}`);
  return inetNtop(family, bytes);
}
