import { AF_INET, AF_INET6 } from '@bsd-sockets/core-native';

/** An address as `net.Socket` and `net.Server` tell it; without what the address has no counterpart of. */
export interface NodeAddress {
  address?: string;
  /** `IPv4` or `IPv6`. */
  family?: string;
  port?: number;
}

/** The parts of an address of any family that Node has names for: a path, or the host and the port as a rule. */
export function nodeAddress(family: number, address: unknown): NodeAddress {
  if (!Array.isArray(address)) {
    const path = typeof address === 'string' || Buffer.isBuffer(address) ? `${address}` : '';
    return path === '' ? {} : { address: path };
  }
  const [host, port] = address;
  const named: NodeAddress = host === undefined ? {} : { address: `${host}` };
  if (family === AF_INET || family === AF_INET6) named.family = family === AF_INET ? 'IPv4' : 'IPv6';
  if (typeof port === 'number') named.port = port;
  return named;
}
