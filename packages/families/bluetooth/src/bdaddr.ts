import { type BytesLike, bytes, wrongType, wrongValue } from '@bsd-sockets/core-native';

/** The bytes of a Bluetooth device address, the last one of its text first: `bdaddr_t`. */
export const BDADDR_SIZE = 6;

const TEXT = /^[\da-f]{1,2}(:[\da-f]{1,2}){5}$/i;

/** {@link encodeBdaddr} with the name of the argument. */
export function bdaddrBytes(name: string, value: unknown): Buffer {
  if (typeof value !== 'string') throw wrongType(name, "a Bluetooth address such as '12:23:34:45:56:67'", value);
  if (!TEXT.test(value)) throw wrongValue(name, "a Bluetooth address such as '12:23:34:45:56:67'", value);
  return Buffer.from(value.split(':', BDADDR_SIZE).map((byte) => Number.parseInt(byte, 16))).reverse();
}

/**
 * The 6 bytes of a Bluetooth address, as packets and the kernel's structures have them: the last one of the text first.
 *
 * @param bdaddr - The text, such as `'12:23:34:45:56:67'`; BDADDR_ANY and BDADDR_LOCAL are such texts.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`).
 *
 * Source: bluetooth/bluetooth.h, bacpy and str2ba
 */
export function encodeBdaddr(bdaddr: string): Buffer {
  return bdaddrBytes('bdaddr', bdaddr);
}

/**
 * The text of a Bluetooth address, in capital letters.
 *
 * @param data - Its 6 bytes, the last one of the text first.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`).
 *
 * Source: bluetooth/bluetooth.h, ba2str
 */
export function decodeBdaddr(data: BytesLike): string {
  const octets = bytes('data', data);
  if (octets.length !== BDADDR_SIZE) throw wrongValue('data', `${BDADDR_SIZE} bytes`, data);
  return Array.from(octets, (byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
    .reverse()
    .join(':');
}
