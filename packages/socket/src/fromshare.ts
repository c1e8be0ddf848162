import type { BytesLike } from '@bsd-sockets/core-native';
import { Socket } from './socket';
import { madeOfShared } from './windows-only';

/**
 * Makes a socket of what another process got from `Socket.share`. Only Windows can: see AF_UNIX and `SCM_RIGHTS` for
 * other platforms.
 *
 * @param info - The bytes from `Socket.share`.
 * @throws {@link OSError}, such as EINVAL for other bytes; Error (`ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`) on every other platform.
 *
 * Source: Python's `socket.fromshare`
 */
export function fromshare(info: BytesLike): Socket<number> {
  return madeOfShared(info, (options) => new Socket<number>(options));
}
