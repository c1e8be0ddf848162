import type { AF_UNIX } from '../families/unix';
import { openPair } from '../socketpair';
import { Socket } from './socket';

/**
 * Two sockets that are connected to each other.
 *
 * @param family - An AF_* constant; AF_UNIX by default.
 * @param type - A SOCK_* constant; SOCK_STREAM by default.
 * @param proto - The protocol number.
 * @throws {@link OSError}, such as EOPNOTSUPP for a family without pairs.
 *
 * Source: socketpair(2)
 */
export function socketpair<F extends number = typeof AF_UNIX>(
  family?: F,
  type?: number,
  proto?: number,
): [Socket<F>, Socket<F>] {
  // The loop must never block.
  return openPair(
    family,
    type,
    proto,
    () => true,
    (handle) => new Socket<F>(handle),
  );
}
