import { AF_INET, int32, SOCK_STREAM } from '@bsd-sockets/core-native';
import { AF_UNIX } from './families/unix';
import { closeHandle, type Handle, kernelNonblocking, type Nonblocking, openHandlePair } from './handle';
import { Socket } from './socket';
import { onWindows } from './windows-only';

/** What a pair is of by default: on Windows of the loopback. */
const PAIR_FAMILY = onWindows ? AF_INET : AF_UNIX;

/**
 * Two sockets that are connected to each other.
 *
 * @param family - An AF_* constant; AF_UNIX by default, on Windows AF_INET: a pair is connected over the loopback there.
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
  return openPair(family, type, proto, kernelNonblocking, (handle) => new Socket<F>(handle));
}

/** The pair of a face, whose sockets `make` makes of their handles. */
export function openPair<S>(
  family: number | undefined,
  type: number | undefined,
  proto: number | undefined,
  nonblocking: Nonblocking,
  make: (handle: Handle) => S,
): [S, S] {
  const [first, second] = openHandlePair(
    int32('family', family ?? PAIR_FAMILY),
    int32('type', type ?? SOCK_STREAM),
    int32('proto', proto ?? 0),
    nonblocking,
  );
  try {
    return [make(first), make(second)];
  } catch (error) {
    // An audit hook forbids one of them.
    closeHandle(first);
    closeHandle(second);
    throw error;
  }
}
