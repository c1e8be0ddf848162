import { bytes, wrongType, wrongValue } from '@bsd-sockets/core-native';
import type { BytesLike } from '@bsd-sockets/socket';

/**
 * The bytes of a hardware address.
 *
 * @param text - Two hexadecimal digits a byte, with `:` or `-` between them, such as `'02:00:00:00:00:01'`.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`); RangeError (`ERR_INVALID_ARG_VALUE`).
 *
 * Source: ip-link(8)
 */
export function parseHardwareAddress(text: string): Buffer {
  if (typeof text !== 'string') throw wrongType('text', 'a hardware address as a string', text);
  if (!/^[\da-f]{2}(?:(?::[\da-f]{2})*|(?:-[\da-f]{2})*)$/i.test(text)) {
    throw wrongValue('text', 'a hardware address such as 02:00:00:00:00:01', text);
  }
  return Buffer.from(text.replace(/[:-]/g, ''), 'hex');
}

/**
 * A hardware address as text, such as `'02:00:00:00:00:01'`.
 *
 * @param address - Its bytes.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`).
 *
 * Source: ip-link(8)
 */
export function formatHardwareAddress(address: BytesLike): string {
  return Array.from(bytes('address', address), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
