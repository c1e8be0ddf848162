import type { Abortable } from '@bsd-sockets/core-native';
import type { AcceptedAddressOf, AF_INET } from '@bsd-sockets/resolver';
import { type CreateServerOptions, openServer } from '../create-server';
import { Socket } from './socket';

/**
 * Opens a TCP socket that listens at an address. The address may be one that a server has just left.
 *
 * @param address - `[host, port]`; `''` for all interfaces, 0 for any free port.
 * @param options - The family, the backlog, and who may share the port; `signal`: ends the wait for the name service.
 * @returns The listening socket.
 * @throws {@link OSError}, such as EADDRINUSE; {@link AbortError}; RangeError (`ERR_INVALID_ARG_VALUE`) if `dualstackIpv6`
 *   is asked for where it cannot be.
 *
 * Source: Python's `socket.create_server`
 */
export async function createServer<F extends number = typeof AF_INET>(
  address: AcceptedAddressOf<F>,
  options: CreateServerOptions<F> & Abortable = {},
): Promise<Socket<F>> {
  const socket = Socket.from(openServer<F>(options));
  try {
    await socket.bind(address, options);
    socket.listen(options.backlog ?? undefined);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
