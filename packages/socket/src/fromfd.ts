import { int32 } from '@bsd-sockets/core-native';
import { duplicated } from './descriptor';
import { Socket } from './socket';

/**
 * Duplicates a descriptor and makes a socket of the duplicate. That it is a socket is not checked.
 *
 * @param fd - The descriptor, which stays open.
 * @param family - An AF_* constant.
 * @param type - A SOCK_* constant.
 * @param proto - The protocol number.
 * @throws {@link OSError}, such as EBADF.
 *
 * Source: Python's `socket.fromfd`
 */
export function fromfd<F extends number>(fd: number, family: F, type: number, proto = 0): Socket<F> {
  return duplicated(int32('fd', fd), (fileno) => new Socket<F>({ family, type, proto, fileno }));
}
