import type { BytesLike } from '@bsd-sockets/core-native';
import { windowsOnly } from '../windows-only';
import type { Socket } from './socket';

/**
 * Makes a socket of what another process got from `Socket.share`. Only Windows can: see `recvFds` for other platforms.
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
