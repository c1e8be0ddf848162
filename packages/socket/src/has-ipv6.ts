import { AF_INET6 } from '@bsd-sockets/core-native';

/**
 * Whether the platform has IPv6. That this host has an IPv6 address too is only known by trying: see `probe`.
 *
 * Source: Python's `socket.has_ipv6`
 */
export const hasIpv6: boolean = AF_INET6 !== undefined;
