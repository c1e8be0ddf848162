import type { Socket as NetSocket, Server } from 'node:net';
import { callListener, nodeModule } from '@bsd-sockets/core-native';
import { isTcp } from '../family-rules';
import type { Socket } from '../promises/socket';
import { onWindows } from '../windows-only';
import type { SocketDuplex, SocketDuplexOptions } from './duplex';
import { type NodeAddress, nodeAddress } from './node-address';
import { lendAddresses } from './wrapped-handle';

/** What `net.Server` has for its own listening: nothing public tells it of connections that come from elsewhere. */
interface Internals {
  _handle: object | null;
  _connections: number;
  _pipeName?: string | undefined;
  _emitCloseIfDrained(): void;
  readonly allowHalfOpen?: boolean;
  readonly highWaterMark?: number;
  readonly keepAlive?: boolean;
  /** In seconds. */
  readonly keepAliveInitialDelay?: number;
  readonly noDelay?: boolean;
  readonly pauseOnConnect?: boolean;
}

const internalsOf = (server: Server) => server as unknown as Internals;

/** Stands for the handle of a server that does not listen itself: what Node asks of it goes to the sockets that do. */
class FedHandle {
  readonly listeners = new Set<Socket<any>>();
  /** A server at a path has none. */
  getsockname: ((out: NodeAddress) => number) | undefined;

  close(): void {
    for (const listener of this.listeners) listener.close();
  }

  ref(): void {
    for (const listener of this.listeners) listener.ref();
  }

  unref(): void {
    for (const listener of this.listeners) listener.unref();
  }
}

/**
 * Has a server listen by a socket that it does not know, so that `close`, `address`, `ref` and the like work as after
 * `listen`.
 *
 * @returns Whether it did not listen before.
 */
export function listenBy(server: Server, listener: Socket<any>): boolean {
  const internals = internalsOf(server);
  const { _handle } = internals;
  if (_handle instanceof FedHandle) {
    _handle.listeners.add(listener);
    return false;
  }
  if (_handle !== null) {
    const error = new Error('The server listens itself, and cannot be fed too');
    throw Object.assign(error, { code: 'ERR_SERVER_ALREADY_LISTEN' });
  }
  const handle = new FedHandle();
  handle.listeners.add(listener);
  const named = nodeAddress(listener.family, listener.getsockname());
  if (named.port === undefined) internals._pipeName = named.address;
  else handle.getsockname = (out) => Number(!Object.assign(out, named));
  internals._handle = handle;
  lendAddresses(server);
  return true;
}

/** Gives a server a connection, as if it had accepted it itself. */
export function serve(server: Server, connection: Socket<any>, options: SocketDuplexOptions): void {
  const internals = internalsOf(server);
  if (server.maxConnections != null && internals._connections >= server.maxConnections) {
    const local = nodeAddress(connection.family, connection.getsockname());
    const remote = nodeAddress(connection.family, connection.getpeername());
    connection.close();
    const dropped = {
      localAddress: local.address,
      localPort: local.port,
      localFamily: local.family,
      remoteAddress: remote.address,
      remotePort: remote.port,
      remoteFamily: remote.family,
    };
    callListener(() => server.emit('drop', dropped));
    return;
  }
  const stream = streamOf(server, connection, {
    allowHalfOpen: internals.allowHalfOpen,
    keepAlive: internals.keepAlive,
    keepAliveInitialDelay: (internals.keepAliveInitialDelay ?? 0) * 1000,
    noDelay: internals.noDelay,
    readableHighWaterMark: internals.highWaterMark,
    writableHighWaterMark: internals.highWaterMark,
    ...options,
  });
  if (internals.pauseOnConnect) stream.pause();
  internals._connections++;
  stream.once('close', () => {
    internals._connections--;
    internals._emitCloseIfDrained();
  });
  callListener(() => server.emit('connection', stream));
}

/**
 * TLS and HTTP/2 take the handle out of a `net.Socket` and leave JavaScript out, so theirs are such over TCP; over a stream
 * they take half as much time again, as on Windows, where Node takes no socket. Others are as fast over a stream, which also knows
 * the socket.
 */
function streamOf(
  server: Server,
  connection: Socket<any>,
  options: SocketDuplexOptions,
): SocketDuplex<any> | NetSocket {
  const takesHandle = !onWindows && (server instanceof nodeModule('node:tls').Server || 'updateSettings' in server);
  if (!takesHandle || !isTcp(connection)) return connection.toDuplex(options);
  const { allowHalfOpen = false, keepAlive, keepAliveInitialDelay, noDelay } = options;
  const stream = connection.toNetSocket({ allowHalfOpen });
  if (keepAlive) stream.setKeepAlive(true, keepAliveInitialDelay);
  return noDelay ? stream.setNoDelay() : stream;
}
