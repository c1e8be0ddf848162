import { wrongType, wrongValue } from '@bsd-sockets/core-native';

/** A hardware address as text: two hexadecimal digits a byte, with colons between. */
export function formatLladdr(bytes: Buffer): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** The bytes of one; undefined for undefined. @throws TypeError or RangeError that names it. */
export function parseLladdr(name: string, text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== 'string') throw wrongType(name, 'a hardware address as text', text);
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(text))
    throw wrongValue(name, 'a hardware address such as 02:00:00:00:00:01', text);
  return Buffer.from(text.replaceAll(':', ''), 'hex');
}
