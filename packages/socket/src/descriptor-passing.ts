import { type BytesLike, descriptors, integer, wrongType } from '@bsd-sockets/core-native';
import type { AcceptedAddressOf, AddressOf } from '@bsd-sockets/resolver';
import { CMSG_LEN, MOST_CONTROL } from './control-messages/cmsg';
import { ScmRights } from './control-messages/rights';
import { itemsOf } from './iterable';
import { rightsOf } from './message';
import { filenoOf, type HasFileno } from './pollfd';
import type { Socket } from './socket';

/** The most descriptors that there is room for in a message's control data. */
export const MOST_FDS = (MOST_CONTROL - CMSG_LEN(0) + 1) / 4 - 1;

/** The descriptors of what is sent. */
export function descriptorsOf(fds: Iterable<HasFileno>): number[] {
  const numbers: number[] = [];
  // By a loop: to map would leave holes out, which are no descriptors.
  for (const fd of itemsOf('fds', fds, 'descriptors')) numbers.push(filenoOf('fds', fd, numbers.length));
  return numbers;
}

/** Refuses a socket of the other module too: its calls of the same names return promises. */
function blocking(sock: Socket): void {
  if (typeof sock?.recvRights !== 'function') throw wrongType('sock', 'a Socket of @bsd-sockets/socket', sock);
}

/**
 * Sends descriptors over a unix socket, with bytes beside them: a stream takes no descriptors without a byte. The
 * receiver gets duplicates.
 *
 * @param sock - A unix socket.
 * @param buffers - The bytes, in any number of buffers up to IOV_MAX.
 * @param fds - Descriptors, or what has one: sockets, a `FileHandle` of node:fs/promises; Linux takes up to 253 in a message.
 * @param flags - MSG_* constants, joined by `|`.
 * @param address - Where to, for a socket that is not connected.
 * @returns How many bytes were sent.
 * @throws As `sendmsg`; {@link OSError} EBADF for a descriptor that is not open.
 *
 * Source: Python's `socket.send_fds`; unix(7)
 */
export function sendFds<F extends number>(
  sock: Socket<F>,
  buffers: Iterable<BytesLike>,
  fds: Iterable<HasFileno>,
  flags = 0,
  address?: AcceptedAddressOf<F> | null,
): number {
  blocking(sock);
  const numbers = descriptorsOf(fds);
  if (numbers.length <= descriptors.length) return sock.sendRights(buffers, numbers, flags, address);
  return sock.sendmsg(buffers, [ScmRights.encode(numbers)], flags, address);
}

/**
 * Receives bytes and descriptors from a unix socket. The descriptors are close-on-exec, and the caller's to close.
 *
 * @param sock - A unix socket.
 * @param bufsize - At most how many bytes.
 * @param maxfds - At most how many descriptors; more are closed by the kernel, which `flags` tell by MSG_CTRUNC.
 * @param flags - MSG_* constants, joined by `|`.
 * @throws As `recvmsg`.
 *
 * Source: Python's `socket.recv_fds`; unix(7)
 */
export function recvFds<F extends number>(
  sock: Socket<F>,
  bufsize: number,
  maxfds: number,
  flags = 0,
): [msg: Buffer, fds: number[], flags: number, addr: AddressOf<F> | undefined] {
  blocking(sock);
  if (integer('maxfds', maxfds, 0, MOST_FDS) <= descriptors.length) return sock.recvRights(bufsize, maxfds, flags);
  const ancbufsize = CMSG_LEN(4 * maxfds);
  const [msg, ancdata, msgFlags, address] = sock.recvmsg(bufsize, ancbufsize, flags);
  return [msg, rightsOf(ancdata), msgFlags, address];
}
