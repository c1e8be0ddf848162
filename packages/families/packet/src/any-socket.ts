import { wrongType } from '@bsd-sockets/core-native';
import type { BaseSocket } from '@bsd-sockets/socket';

/** A socket of any family and of either module. */
export type AnySocket = Pick<BaseSocket<any>, 'fileno' | 'getOption' | 'setOption' | 'type'>;

/** The socket that was handed in, if it is one. By its method: another copy of the package has other classes. */
export function socketOf<S extends AnySocket>(socket: S): S {
  if (typeof socket?.setOption !== 'function') throw wrongType('socket', 'a socket', socket);
  return socket;
}
