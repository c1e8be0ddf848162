import {
  InterruptedError,
  type KnownKeys,
  knownKeys,
  OSError,
  optionsOf,
  SOCK_STREAM,
  wrongType,
} from '@bsd-sockets/core-native';
import {
  type AddrInfo,
  getaddrinfo,
  type Host,
  type InetAddressLike,
  type InternetFamily,
  type Service,
} from '@bsd-sockets/resolver';
import type { Timeout } from './default-timeout';
import { Socket } from './socket';

/** What {@link createConnection} takes in place of its optional positional parameters. */
export interface CreateConnectionOptions {
  /** Seconds for each attempt; null for none; the default timeout if it is left out. */
  timeout?: Timeout;
  /** The address to connect from: `['', 0]` leaves it to the system. */
  sourceAddress?: InetAddressLike | null;
  /** Throw the errors of all attempts, as an AggregateError, in place of the last one. */
  allErrors?: boolean | undefined;
}

const CONNECTION_OPTIONS = { allErrors: true };
const CREATE_CONNECTION_OPTIONS: KnownKeys<CreateConnectionOptions> = {
  ...CONNECTION_OPTIONS,
  timeout: true,
  sourceAddress: true,
};

/**
 * Connects to a TCP service: tries the addresses of the host, IPv4 and IPv6, in turn until one answers.
 *
 * @param address - `[host, port]`.
 * @param timeout - Seconds for each attempt; null for none; the default timeout if it is undefined. Or an object with
 *   this and the following.
 * @param sourceAddress - The address to connect from.
 * @param options - `allErrors`: throw the errors of all attempts.
 * @returns The connected socket.
 * @throws The error of the last attempt, or with `allErrors` an AggregateError of all; {@link GaiError}.
 *
 * Source: Python's `socket.create_connection`
 */
export function createConnection(
  address: readonly [host: Host | null, port: Service],
  options?: CreateConnectionOptions,
): Socket<InternetFamily>;
export function createConnection(
  address: readonly [host: Host | null, port: Service],
  timeout?: Timeout,
  sourceAddress?: InetAddressLike | null,
  options?: Pick<CreateConnectionOptions, 'allErrors'> | null,
): Socket<InternetFamily>;
export function createConnection(
  address: readonly [host: Host | null, port: Service],
  timeout?: Timeout | CreateConnectionOptions,
  sourceAddress?: InetAddressLike | null,
  options?: Pick<CreateConnectionOptions, 'allErrors'> | null,
): Socket<InternetFamily> {
  if (typeof timeout === 'object' && timeout !== null) {
    knownKeys('options', timeout, CREATE_CONNECTION_OPTIONS);
    const { allErrors } = timeout;
    return createConnection(address, timeout.timeout, timeout.sourceAddress, { allErrors });
  }
  const { allErrors } = optionsOf(options, CONNECTION_OPTIONS);
  const [host, port] = hostAndPort(address);
  checkSource(sourceAddress);
  const errors: unknown[] = [];
  for (const info of getaddrinfo(host, port, 0, SOCK_STREAM)) {
    try {
      return connectTo(info, timeout, sourceAddress);
    } catch (error) {
      if (!(error instanceof OSError) || error instanceof InterruptedError) throw error;
      errors.push(error);
    }
  }
  throw failureOf(errors, allErrors);
}

/** The parts of an address, of which the name service says more. */
export function hostAndPort(address: unknown): [host: Host | null, port: Service] {
  if (!Array.isArray(address) || address.length !== 2) throw wrongType('address', 'a pair [host, port]', address);
  return address as [Host | null, Service];
}

/** By its name: what `bind` refuses is called `address`, as the server's is. */
export function checkSource(sourceAddress: unknown): void {
  if (sourceAddress && !(Array.isArray(sourceAddress) && sourceAddress.length > 1)) {
    throw wrongType('sourceAddress', 'a pair [host, port]', sourceAddress);
  }
}

/** What is thrown when no attempt has led to a connection. */
export function failureOf(errors: readonly unknown[], allErrors: boolean | undefined): unknown {
  return allErrors ? new AggregateError(errors, 'createConnection failed') : errors.at(-1);
}

function connectTo(
  [family, type, proto, , address]: AddrInfo,
  timeout: Timeout,
  sourceAddress: InetAddressLike | null | undefined,
): Socket<InternetFamily> {
  const socket = new Socket(family, type, proto);
  try {
    if (timeout !== undefined) socket.settimeout(timeout);
    if (sourceAddress) socket.bind(sourceAddress);
    socket.connect(address);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
