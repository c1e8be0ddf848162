import { closeOnFailure } from '@bsd-sockets/core-native';
import { AF_INET, AF_INET6, close, options, SOCK_STREAM, Socket } from '@bsd-sockets/socket';

/**
 * Opens a TCP socket with SO_REUSEADDR and SO_REUSEPORT, and binds it: several servers may listen at one port then, and the
 * kernel shares the connections out. `server.listen({ fd })` of `node:net` takes it.
 *
 * @param port - The port; 0 for any that is free.
 * @param host - An address of IPv4 or IPv6.
 * @returns The descriptor, which is the caller's to close or to give to a server.
 * @throws An `OSError`, such as EADDRINUSE; TypeError or RangeError for a bad argument.
 *
 * Source: socket(7)
 */
export function createReuseportFd(port = 0, host = '0.0.0.0'): number {
  const isIpv6 = typeof host === 'string' && host.includes(':');
  return closeOnFailure(new Socket<any>(isIpv6 ? AF_INET6 : AF_INET, SOCK_STREAM), (socket) => {
    socket.setOption(options.SO_REUSEADDR, true);
    socket.setOption(options.SO_REUSEPORT, true);
    socket.bind([host, port]);
    return socket.detach();
  });
}

/**
 * Closes a descriptor that no server has taken.
 *
 * @param fd - The descriptor.
 * @throws An `OSError`: EBADF if it is not open.
 *
 * Source: close(2)
 */
export function closeFd(fd: number): void {
  close(fd);
}
