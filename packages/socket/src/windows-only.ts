import type { BytesLike } from '@bsd-sockets/core-native';
import type { Socket } from './socket';

/** The error of a function that other platforms lack: Node's own code for it. */
export function windowsOnly(name: string): Error {
  const error = new Error(`${name}: only Windows has it, and this is ${process.platform}`);
  return Object.assign(error, { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' });
}

/**
 * Makes a socket of what another process got from `Socket.share`. Only Windows can: see AF_UNIX and `SCM_RIGHTS` for
 * other platforms.
 *
 * @param info - The bytes from `Socket.share`.
 * @throws Error (`ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`) on every other platform.
 *
 * Source: Python's `socket.fromshare`
 */
export function fromshare(info: BytesLike): Socket<number>;
export function fromshare(): never {
  throw windowsOnly('fromshare');
}
