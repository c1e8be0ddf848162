import * as core from '@bsd-sockets/core-native';
import {
  AF_INET,
  type Family,
  familyOf,
  type InetAddress,
  type InetAddressLike,
  registerFamily,
} from '@bsd-sockets/socket';

/**
 * The family itself, which has the addresses of IPv4: the kernel wants AF_INET in the `struct sockaddr_in`. It encodes and
 * decodes on every platform. Source: FreeBSD, divert(4)
 */
export const divertFamily: Family<InetAddress, InetAddressLike> = {
  ...familyOf(AF_INET),
  number: core.AF_DIVERT as number,
  name: 'AF_DIVERT',
  package: '@bsd-sockets/divert',
};

/** Packets that the firewall of FreeBSD diverts: `[host, port]`. FreeBSD only. Source: FreeBSD, divert(4) */
export const AF_DIVERT = registerFamily(divertFamily);

/** The same number. */
export const PF_DIVERT = AF_DIVERT;
