import { AF_ALG, AF_INET, AF_INET6, AF_VSOCK, IPPROTO_TCP, SOCK_STREAM } from '@bsd-sockets/core-native';
import type { SocketInfo } from './family';

// What a socket does otherwise for a family, also where no package has registered it.

/** Whether a socket belongs to IPv4 or IPv6. */
export function isInternet(family: number): boolean {
  return family === AF_INET || family === AF_INET6;
}

/** Whether a socket speaks TCP. */
export function isTcp({ family, type, proto }: Pick<SocketInfo, 'family' | 'type' | 'proto'>): boolean {
  return isInternet(family) && type === SOCK_STREAM && (proto === 0 || proto === IPPROTO_TCP);
}

/** Whether the integers of options have 64 bits, as Python has them for AF_VSOCK. */
export function hasWideOptions(family: number): boolean {
  return AF_VSOCK !== undefined && family === AF_VSOCK;
}

/** Whether messages tell a cipher of the kernel what to do: those of AF_ALG. */
export function takesCiphers(family: number): boolean {
  return AF_ALG !== undefined && family === AF_ALG;
}
