import { type Abortable, optionsOf, refuse } from '@bsd-sockets/core-native';
import type { AcceptedAddressOf } from '@bsd-sockets/resolver';
import { CREATE_SERVER_OPTIONS, type CreateServerOptions, openServer } from '../create-server';
import type { AF_INET } from '../families/inet';
import { type AcceptedConnection, Socket } from './socket';

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
  options?: (CreateServerOptions<F> & Abortable) | null,
): Promise<Socket<F, AcceptedConnection<F>>> {
  let socket: Socket<F, AcceptedConnection<F>> | undefined;
  try {
    const known = { ...CREATE_SERVER_OPTIONS, signal: true };
    const given = optionsOf<CreateServerOptions<F> & Abortable>(options, known);
    socket = Socket.from(openServer<F>(given));
    await socket.bind(address, { signal: given.signal });
    socket.listen(given.backlog ?? undefined);
    return socket;
  } catch (error) {
    socket?.close();
    return refuse(error);
  }
}
