import assert from 'node:assert/strict';
import { type AcceptedAddressOf, OSError, options, Socket, select } from '@bsd-sockets/socket';

/** Seconds after which a check gives up on a kernel that does not answer. */
export const LONG = 20;

/**
 * Two sockets that are connected to each other, by way of a server that listens at an address.
 *
 * @param family - The family's constant.
 * @param type - A SOCK_* constant.
 * @param proto - The protocol.
 * @param address - Where to listen; with a free port as a rule.
 * @param clientAddress - Where to bind the client; by default it is not bound, and gets what name the kernel gives it.
 * @param seconds - After how long it gives up.
 * @returns The client, and what the server accepted.
 * @throws {@link OSError}; AssertionError if `accept` and `getpeername` tell different addresses.
 */
export function connectedPair<F extends number>(
  family: F,
  type: number,
  proto: number,
  address: AcceptedAddressOf<F>,
  clientAddress?: AcceptedAddressOf<F>,
  seconds: number = LONG,
): [Socket<F>, Socket<F>] {
  using server = new Socket(family, type, proto);
  server.bind(address);
  server.listen();
  server.settimeout(seconds);
  const client = new Socket(family, type, proto);
  try {
    if (clientAddress !== undefined) client.bind(clientAddress);
    // In some families a connect waits for the accept, so this one must not.
    client.setblocking(false);
    const started = client.connectEx(server.getsockname() as AcceptedAddressOf<F>);
    const [accepted, from] = server.accept();
    try {
      select([], [client], [], seconds);
      const errno = client.getOption(options.SO_ERROR);
      if (errno !== 0) throw new OSError(errno, { syscall: 'connect', hint: `connectEx returned ${started}` });
      client.setblocking(true);
      assert.deepStrictEqual(from, accepted.getpeername(), 'accept and getpeername must agree');
      return [client, accepted];
    } catch (error) {
      accepted.close();
      throw error;
    }
  } catch (error) {
    client.close();
    throw error;
  }
}

/**
 * Two sockets that are bound, each to an address of its own.
 *
 * @param family - The family's constant.
 * @param type - A SOCK_* constant.
 * @param proto - The protocol.
 * @param first - Where to bind the first one.
 * @param second - Where to bind the second one; by default the same, with a free port as a rule.
 * @throws {@link OSError}
 */
export function boundPair<F extends number>(
  family: F,
  type: number,
  proto: number,
  first: AcceptedAddressOf<F>,
  second: AcceptedAddressOf<F> = first,
): [Socket<F>, Socket<F>] {
  const bound: Socket<F>[] = [];
  try {
    for (const address of [first, second]) {
      const socket = new Socket(family, type, proto);
      bound.push(socket);
      socket.bind(address);
    }
    return bound as [Socket<F>, Socket<F>];
  } catch (error) {
    for (const socket of bound) socket.close();
    throw error;
  }
}
