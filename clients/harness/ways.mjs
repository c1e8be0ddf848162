// The two ways to a connection: our sockets and `node:net`. A case does the same with either.
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { AF_INET, AF_UNIX, connectDuplex, createServer, feed, HttpAgent } from '@bsd-sockets/socket/promises';

/**
 * @typedef {{ path: string } | { host: string, port: number }} Address
 *
 * @typedef {object} Way
 * @property {string} name
 * @property {(address: Address) => import('node:stream').Duplex} connect - A stream that connects by itself.
 * @property {(address: Address) => import('node:stream').Duplex} stream - One whose user calls its `connect`.
 * @property {(address: Address, options?: object) => http.Agent} agent - An agent whose requests go to an address.
 * @property {(server: net.Server, address: Address) => Promise<() => Promise<void>>} serve - Has a server take connections at
 *   an address; what it returns ends that.
 */

const isUnix = (address) => address.path !== undefined;

/** @type {Way} */
export const node = {
  name: 'node:net',
  connect: (address) => net.connect(address),
  stream: () => new net.Socket(),
  agent: (address, options) =>
    new http.Agent({ ...options, ...(isUnix(address) ? { socketPath: address.path } : address) }),
  async serve(server, address) {
    server.listen({ ...address, backlog: 511 });
    await once(server, 'listening');
    return async () => {
      server.close();
      server.closeAllConnections?.();
    };
  },
};

const dialled = (address) =>
  isUnix(address)
    ? { family: AF_UNIX, address: address.path }
    : { family: AF_INET, address: [address.host, address.port] };

/** @type {Way} */
export const ours = {
  name: 'ours',
  connect: (address, options) => connectDuplex({ ...options, ...dialled(address) }),
  stream: (address) => connectDuplex({ ...dialled(address), lazyConnect: true }),
  agent: (address, options) => new HttpAgent({ ...options, ...dialled(address) }),
  async serve(server, address) {
    const { family, address: sockaddr } = dialled(address);
    const listener = await createServer(sockaddr, { family, backlog: 511 });
    const fed = feed(server, listener);
    return async () => {
      listener.close();
      if (isUnix(address)) rmSync(address.path);
      await fed;
      server.close();
      server.closeAllConnections?.();
    };
  },
};
