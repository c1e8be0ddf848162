import type { BytesLike } from '@bsd-sockets/core-native';
import { madeOfShared } from '../windows-only';
import { Socket } from './socket';

/**
 * Makes a socket of what another process got from `Socket.share`. Only Windows can: see `recvFds` for other platforms.
 *
 * @param info - The bytes from `Socket.share`.
 * @throws {@link OSError}, such as EINVAL for other bytes; Error (`ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`) on every other platform.
 *
 * Source: Python's `socket.fromshare`
 */
export function fromshare(info: BytesLike): Socket<number> {
  return madeOfShared(info, (options) => new Socket<number>(options));
}
