import { int32, SOCK_STREAM } from '@bsd-sockets/core-native';
import { AF_UNIX } from '../families/unix';
import { socketpair as blockingPair } from '../socketpair';
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
  family: F = AF_UNIX as number as F,
  type: number = SOCK_STREAM,
  proto = 0,
): [Socket<F>, Socket<F>] {
  const [first, second] = blockingPair(family, int32('type', type), proto);
  try {
    return [Socket.from(first), Socket.from(second)];
  } catch (error) {
    // An audit hook forbids one of them.
    first.close();
    second.close();
    throw error;
  }
}
