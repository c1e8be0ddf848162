import { type Abortable, type BytesLike, integer, isOptions, rejecting, wrongType } from '@bsd-sockets/core-native';
import type { AcceptedAddressOf, AddressOf } from '@bsd-sockets/resolver';
import { CMSG_LEN } from '../control-messages/cmsg';
import { ScmRights } from '../control-messages/rights';
import { descriptorsOf, MOST_FDS } from '../descriptor-passing';
import { rightsOf } from '../message';
import type { HasFileno } from '../pollfd';
import type { Socket } from './socket';

/** Refuses a socket of the other module too: its calls of the same names block. */
function forPromises(sock: Socket): void {
  if (typeof sock?.toDuplex !== 'function') throw wrongType('sock', 'a Socket of @bsd-sockets/socket/promises', sock);
}

/**
 * Sends descriptors over a unix socket, with bytes beside them: a stream takes no descriptors without a byte. The
 * receiver gets duplicates.
 *
 * @param sock - A unix socket.
 * @param buffers - The bytes, in any number of buffers up to IOV_MAX.
 * @param fds - Descriptors, or what has one: sockets, a `FileHandle` of node:fs/promises; Linux takes up to 253 in a message. They must stay open until the promise is settled.
 * @param flags - MSG_* constants, joined by `|`.
 * @param address - Where to, for a socket that is not connected.
 * @param options - `signal`: ends the wait.
 * @returns How many bytes were sent.
 * @throws As `sendmsg`; {@link OSError} EBADF for a descriptor that is not open.
 *
 * Source: Python's `socket.send_fds`; unix(7)
 */
export function sendFds<F extends number>(
  sock: Socket<F>,
  buffers: Iterable<BytesLike>,
  fds: Iterable<HasFileno>,
  flags?: number,
  address?: AcceptedAddressOf<F> | null,
  options?: Abortable,
): Promise<number>;
export function sendFds<F extends number>(
  sock: Socket<F>,
  buffers: Iterable<BytesLike>,
  fds: Iterable<HasFileno>,
  options?: Abortable,
): Promise<number>;
export function sendFds<F extends number>(
  sock: Socket<F>,
  buffers: Iterable<BytesLike>,
  fds: Iterable<HasFileno>,
  flags: any = 0,
  address?: AcceptedAddressOf<F> | null,
  options?: Abortable,
): Promise<number> {
  if (isOptions(flags) && address === undefined && options === undefined) {
    return sendFds(sock, buffers, fds, 0, null, flags);
  }
  return rejecting(() => {
    forPromises(sock);
    return sock.sendmsg(buffers, [ScmRights.encode(descriptorsOf(fds))], flags, address, options);
  });
}

/**
 * Receives bytes and descriptors from a unix socket. The descriptors are close-on-exec, and the caller's to close.
 *
 * @param sock - A unix socket.
 * @param bufsize - At most how many bytes.
 * @param maxfds - At most how many descriptors; more are closed by the kernel, which `flags` tell by MSG_CTRUNC.
 * @param flags - MSG_* constants, joined by `|`.
 * @param options - `signal`: ends the wait.
 * @throws As `recvmsg`.
 *
 * Source: Python's `socket.recv_fds`; unix(7)
 */
export function recvFds<F extends number>(
  sock: Socket<F>,
  bufsize: number,
  maxfds: number,
  flags?: number,
  options?: Abortable,
): Promise<[msg: Buffer, fds: number[], flags: number, addr: AddressOf<F> | undefined]>;
export function recvFds<F extends number>(
  sock: Socket<F>,
  bufsize: number,
  maxfds: number,
  options?: Abortable,
): Promise<[msg: Buffer, fds: number[], flags: number, addr: AddressOf<F> | undefined]>;
export function recvFds<F extends number>(
  sock: Socket<F>,
  bufsize: number,
  maxfds: number,
  flags: any = 0,
  options?: Abortable,
): Promise<[msg: Buffer, fds: number[], flags: number, addr: AddressOf<F> | undefined]> {
  if (isOptions(flags) && options === undefined) return recvFds(sock, bufsize, maxfds, 0, flags);
  return rejecting(() => {
    forPromises(sock);
    const ancbufsize = CMSG_LEN(4 * integer('maxfds', maxfds, 0, MOST_FDS));
    const received = sock.recvmsg(bufsize, ancbufsize, flags, options);
    return received.then(([msg, ancdata, msgFlags, address]) => [msg, rightsOf(ancdata), msgFlags, address]);
  });
}
