import type { EventEmitter } from 'node:events';
import { Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers';
import {
  type Abortable,
  callListener,
  type KnownKeys,
  nodeModule,
  OSError,
  optionsOf,
  rejecting,
  wrongType,
} from '@bsd-sockets/core-native';
import { isPassingError } from '../passing-error';
import type { Socket } from '../promises/socket';
import { DUPLEX_OPTIONS, type SocketDuplex, type SocketDuplexOptions } from './duplex';
import { listenBy, serve } from './fed-server';
import { lendAddressesTo } from './wrapped-handle';

/** How {@link feed} makes streams, and what ends it. */
export type FeedOptions = Omit<SocketDuplexOptions, 'signal'> & Abortable;

const OPTIONS: KnownKeys<FeedOptions> = DUPLEX_OPTIONS;

const PAUSE = 50;

/** Bun's `https.Server` is no server of TLS, which it leaves to its own listening: it gets what TLS makes of a connection. */
function secured(server: EventEmitter, stream: SocketDuplex<any>): Duplex {
  const its = Object.fromEntries(
    Object.getOwnPropertySymbols(server).map((symbol) => [symbol.description, Reflect.get(server, symbol)]),
  );
  if (!its.tls) return stream;
  const { createSecureContext, TLSSocket } = nodeModule('node:tls');
  const settings = { ...its.options, isServer: true, secureContext: createSecureContext(its.options) };
  const secure = new TLSSocket(stream as never, settings);
  lendAddressesTo(secure);
  return secure.on('error', (error) => server.emit('tlsClientError', error, secure));
}

/**
 * Feeds a server of Node's with the connections of a listening socket of any family: an `http.Server`, `https.Server`,
 * `tls.Server`, `http2` server or `net.Server`, which need not (and cannot) listen itself. It gets each connection as a
 * {@link SocketDuplex} by its event `connection`, and `listening` before the first. A server may be fed from several sockets.
 * A connection of TCP for TLS or HTTP/2 is a `net.Socket`, whose handle they take for themselves.
 *
 * What the server was made with holds as after `listen`: `noDelay`, `keepAlive`, `allowHalfOpen`, `maxConnections` and so on.
 *
 * @param server - The server. Its `close` closes the listening socket, and calls back when the last connection has ended.
 * @param listener - A listening stream or seqpacket socket. To close it ends the feeding too.
 * @param options - As for {@link Socket.toDuplex}, over what the server says; a seqpacket socket carries bytes unless
 *   `objectMode` is true. `signal`: ends the feeding with an {@link AbortError}, and leaves the socket open.
 * @returns A promise that is settled when the socket is closed.
 * @throws {@link OSError} if no connection can be accepted any more; {@link AbortError}; Error
 *   (`ERR_SERVER_ALREADY_LISTEN`) for a server that listens itself; TypeError (`ERR_INVALID_ARG_TYPE`) for something else
 *   than a server, a socket of promises and options.
 */
export function feed<F extends number>(
  server: EventEmitter,
  listener: Socket<F>,
  options: FeedOptions = {},
): Promise<void> {
  return rejecting(() => {
    const { signal, ...settings } = { objectMode: false, ...optionsOf(options, OPTIONS) };
    if (typeof server?.emit !== 'function') throw wrongType('server', 'a server', server);
    // A socket that blocks would hold up everything.
    if (typeof listener?.toDuplex !== 'function')
      throw wrongType('listener', 'a listening socket of promises', listener);
    // An HTTP server looks after its timeouts from then on.
    if (!(server instanceof Server) || listenBy(server, listener)) callListener(() => server.emit('listening'));
    return serveAll(server, listener, settings, signal);
  });
}

/** Whether the peer of a connection has gone already: then macOS calls it a bad argument to ask for its name. */
function hasLostPeer({ code, syscall }: OSError): boolean {
  return code === 'ENOTCONN' || (code === 'EINVAL' && syscall === 'getpeername');
}

async function serveAll(
  server: EventEmitter,
  listener: Socket<any>,
  settings: SocketDuplexOptions,
  signal: AbortSignal | null | undefined,
): Promise<void> {
  for (;;) {
    try {
      const [connection] = await listener.accept({ signal });
      let stream: SocketDuplex | undefined;
      try {
        if (server instanceof Server) serve(server, connection, settings);
        else {
          stream = connection.toDuplex(settings);
          const told = secured(server, stream);
          callListener(() => server.emit('connection', told));
        }
      } catch (error) {
        stream?.destroy();
        connection.close();
        if (!(error instanceof OSError && hasLostPeer(error))) throw error;
      }
    } catch (error) {
      if (listener.fileno() < 0) return;
      if (!isPassingError(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}
