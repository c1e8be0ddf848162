import { fromfd as blockingFromfd } from '../fromfd';
import { Socket } from './socket';

/**
 * Duplicates a descriptor and makes a socket of the duplicate. That it is a socket is not checked. It becomes
 * non-blocking, and with it the descriptor that it is a duplicate of.
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
  return Socket.from(blockingFromfd(fd, family, type, proto));
}
