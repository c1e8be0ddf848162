import { wrongType, wrongValue } from '@bsd-sockets/core-native';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '@bsd-sockets/resolver';
import type { FixedCodec } from './codecs';

function address(
  kind: string,
  size: number,
  parse: (text: string) => Uint8Array | undefined,
  format: (bytes: Uint8Array) => string,
): FixedCodec<string> {
  return {
    size,
    alignment: 4,
    encode: (value, name) => {
      if (typeof value !== 'string') throw wrongType(name, `an ${kind} address`, value);
      const parsed = parse(value);
      if (!parsed) throw wrongValue(name, `an ${kind} address`, value);
      return parsed;
    },
    decode: (bytes) => format(bytes),
  };
}

/** `struct in_addr` as a dotted quad. Source: ip(7) */
export const inAddr = address('IPv4', 4, parseIpv4, formatIpv4);

/** `struct in6_addr` as text. Source: ipv6(7) */
export const in6Addr = address('IPv6', 16, parseIpv6, formatIpv6);
