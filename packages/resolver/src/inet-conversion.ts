import { constants } from 'node:os';
import { AF_INET, AF_INET6, type BytesLike, bytes, int32, OSError, wrongValue } from '@bsd-sockets/core-native';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6, parseNumbersAndDots } from './inet-text';
import { text } from './text';

const { EAFNOSUPPORT, EINVAL } = constants.errno;

// All here is plain TypeScript: the error says by itself what else the addon would be asked for.
function invalid(syscall: string, address: unknown, strerror: string): OSError {
  return new OSError(EINVAL, { code: 'EINVAL', syscall, address, strerror });
}

/**
 * The 4 bytes of an IPv4 address in text, as the C library reads it: one to four numbers with dots between them, each
 * decimal, octal (`0177`) or hexadecimal (`0x7f`). The last one fills all the bytes that are left (`127.1`); what follows
 * white space does not count.
 *
 * @param ipString - The text.
 * @returns 4 bytes, in network byte order.
 * @throws {@link OSError} (EINVAL) for other text.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) if it is no string; RangeError (`ERR_INVALID_ARG_VALUE`) if it has a NUL.
 *
 * Source: inet_aton(3); Python's `socket.inet_aton`
 */
export function inetAton(ipString: string): Buffer {
  const ip = parseNumbersAndDots(text('ipString', ipString));
  if (!ip) throw invalid('inet_aton', ipString, 'not an IPv4 address');
  return Buffer.from(ip.buffer);
}

/**
 * The dotted quad of an IPv4 address.
 *
 * @param packedIp - 4 bytes, in network byte order.
 * @throws {@link OSError} (EINVAL) for another number of bytes.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) if it is no bytes.
 *
 * Source: inet_ntoa(3); Python's `socket.inet_ntoa`
 */
export function inetNtoa(packedIp: BytesLike): string {
  const ip = bytes('packedIp', packedIp);
  if (ip.length !== 4) throw invalid('inet_ntoa', packedIp, 'an IPv4 address has 4 bytes');
  return formatIpv4(ip);
}

/**
 * The bytes of an address in text.
 *
 * @param addressFamily - AF_INET: a dotted quad of decimal numbers; or AF_INET6: without a zone such as `%eth0`.
 * @param ipString - The text.
 * @returns 4 or 16 bytes, in network byte order.
 * @throws {@link OSError}: EINVAL for other text, EAFNOSUPPORT for another family.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) if it is no string; RangeError (`ERR_INVALID_ARG_VALUE`) if it has a NUL.
 *
 * Source: inet_pton(3); Python's `socket.inet_pton`
 */
export function inetPton(addressFamily: number, ipString: string): Buffer {
  const family = int32('addressFamily', addressFamily);
  const address = text('ipString', ipString);
  if (family !== AF_INET && family !== AF_INET6) {
    const strerror = 'only addresses of AF_INET and AF_INET6 have a text';
    throw new OSError(EAFNOSUPPORT, { code: 'EAFNOSUPPORT', syscall: 'inet_pton', strerror });
  }
  const ip = family === AF_INET ? parseIpv4(address) : parseIpv6(address);
  if (!ip) throw invalid('inet_pton', ipString, `not an ${family === AF_INET ? 'IPv4' : 'IPv6'} address`);
  return Buffer.from(ip.buffer);
}

/**
 * The text of an address.
 *
 * @param addressFamily - AF_INET or AF_INET6.
 * @param packedIp - 4 or 16 bytes, in network byte order.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for another family, or another number of bytes.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) if it is no bytes.
 *
 * Source: inet_ntop(3); Python's `socket.inet_ntop`
 */
export function inetNtop(addressFamily: number, packedIp: BytesLike): string {
  const family = int32('addressFamily', addressFamily);
  const ip = bytes('packedIp', packedIp);
  if (family !== AF_INET && family !== AF_INET6) throw wrongValue('addressFamily', 'AF_INET or AF_INET6', family);
  const size = family === AF_INET ? 4 : 16;
  if (ip.length !== size) throw wrongValue('packedIp', `${size} bytes for this family`, packedIp);
  return family === AF_INET ? formatIpv4(ip) : formatIpv6(ip);
}
