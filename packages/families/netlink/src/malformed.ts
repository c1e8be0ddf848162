import { native, type OSError, osError } from '@bsd-sockets/core-native';

/** The error of bytes that are no netlink message: EBADMSG, with what is wrong with them. */
export function malformed(what: string): OSError {
  return osError(-(native.errnos.EBADMSG as number), { syscall: 'netlink', hint: what });
}

/** Refuses data that are shorter than the structure that they must begin with. */
export function requireSize(data: Uint8Array, size: number, structure: string): void {
  if (data.length < size) throw malformed(`${data.length} bytes are fewer than the ${size} of a ${structure}`);
}
