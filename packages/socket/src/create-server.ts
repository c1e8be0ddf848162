import {
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  type KnownKeys,
  OSError,
  optionsOf,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
  wrongValue,
} from '@bsd-sockets/core-native';
import type { AcceptedAddressOf } from '@bsd-sockets/resolver';
import { AF_INET } from './families/inet';
import { AF_INET6 } from './families/inet6';
import { Socket } from './socket';
import { onWindows } from './windows-only';

/** What {@link createServer} may be told. */
export interface CreateServerOptions<F extends number> {
  /** AF_INET (the default) or AF_INET6. */
  family?: F;
  /** How many connections may wait to be accepted. */
  backlog?: number | null;
  /** Set SO_REUSEPORT, so that several sockets may listen at one address. */
  reusePort?: boolean;
  /** Accept IPv4 connections too: only for AF_INET6. */
  dualstackIpv6?: boolean;
}

/** For both faces. */
export const CREATE_SERVER_OPTIONS: KnownKeys<CreateServerOptions<number>> = {
  family: true,
  backlog: true,
  reusePort: true,
  dualstackIpv6: true,
};

/**
 * Opens a TCP socket that listens at an address. The address may be one that a server has just left.
 *
 * @param address - `[host, port]`; `''` for all interfaces, 0 for any free port.
 * @param options - The family, the backlog, and who may share the port.
 * @returns The listening socket.
 * @throws {@link OSError}, such as EADDRINUSE; RangeError (`ERR_INVALID_ARG_VALUE`) if `dualstackIpv6` is asked for
 *   where it cannot be.
 *
 * Source: Python's `socket.create_server`
 */
export function createServer<F extends number = typeof AF_INET>(
  address: AcceptedAddressOf<F>,
  options?: CreateServerOptions<F> | null,
): Socket<F> {
  const given = optionsOf<CreateServerOptions<F>>(options, CREATE_SERVER_OPTIONS);
  const socket = openServer(given);
  try {
    socket.bind(address);
    socket.listen(given.backlog ?? undefined);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** The socket of a server, before it has an address. */
export function openServer<F extends number>(options: CreateServerOptions<F>): Socket<F> {
  const { family = AF_INET as number as F, reusePort = false, dualstackIpv6 = false } = options;
  if (reusePort && SO_REUSEPORT === undefined) throw wrongValue('reusePort', `false on ${process.platform}`, reusePort);
  if (dualstackIpv6 && (family as number) !== AF_INET6)
    throw wrongValue('dualstackIpv6', 'false for this family', true);
  if (dualstackIpv6 && !hasDualstackIpv6()) throw wrongValue('dualstackIpv6', 'false on this host', true);
  const socket = new Socket<F>(family, SOCK_STREAM);
  try {
    // On Windows the option lets anybody take the address, and one that was left is free without it.
    if (!onWindows) socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    if (reusePort) socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    if ((family as number) === AF_INET6) socket.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, dualstackIpv6 ? 0 : 1);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/**
 * Whether one TCP socket of this host can serve IPv4 and IPv6.
 *
 * Source: Python's `socket.has_dualstack_ipv6`
 */
export function hasDualstackIpv6(): boolean {
  try {
    using socket = new Socket(AF_INET6, SOCK_STREAM);
    socket.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0);
    return true;
  } catch (error) {
    if (error instanceof OSError) return false;
    throw error;
  }
}
