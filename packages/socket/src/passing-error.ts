import { OSError } from '@bsd-sockets/core-native';

const PASSING: ReadonlySet<string | undefined> = new Set([
  // There is room again when others let go of some.
  ...['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'],
  // The connection went before it was accepted, or a rule forbids it.
  ...['ECONNABORTED', 'EPERM', 'EPROTO'],
  // What the network answered to one connection, or to a datagram that was sent.
  ...['ECONNREFUSED', 'ECONNRESET', 'EHOSTDOWN', 'EHOSTUNREACH', 'EMSGSIZE', 'ENETDOWN', 'ENETUNREACH', 'ENONET'],
  'ENOPROTOOPT',
]);

/**
 * Tells whether an error of `accept`, or of a receive of datagrams, says nothing of the next: a server waits a moment and goes
 * on, as the iterations do. EMFILE, ENFILE, ENOBUFS and ENOMEM are such; ECONNABORTED, EPERM and EPROTO; and what the network
 * says of one peer, such as ECONNREFUSED or EHOSTUNREACH.
 *
 * @param error - What a call threw, or was rejected with.
 * @returns true for an {@link OSError} with one of these codes; false for everything else.
 *
 * Source: accept(2), udp(7)
 */
export function isPassingError(error: unknown): error is OSError {
  return error instanceof OSError && PASSING.has(error.code);
}
