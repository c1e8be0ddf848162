import type { EventEmitter } from 'node:events';
import type { Abortable } from '@bsd-sockets/core-native';
import { OSError } from '@bsd-sockets/core-native';
import type { Socket } from '../promises/socket';
import type { SocketDuplexOptions } from './duplex';

/** These pass when other connections end, and the next accept may succeed. */
const PASSING = new Set(['ECONNABORTED', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EPROTO', 'EPERM']);
const PAUSE = 50;

/**
 * Feeds a server of Node's with the connections of a listening socket of any family: an `http.Server`, `https.Server`,
 * `tls.Server`, `http2` server or `net.Server`, which need not (and cannot) listen itself. It gets each connection as a
 * {@link SocketDuplex} by its event `connection`, and `listening` before the first.
 *
 * @param server - The server. Its `close` ends what is idle, but not the listening socket.
 * @param listener - A listening stream or seqpacket socket. It stays the caller's to close, which ends the feeding.
 * @param options - As for {@link Socket.toDuplex}; `signal`: ends the feeding with an {@link AbortError}.
 * @returns A promise that is settled when the socket is closed.
 * @throws {@link OSError} if no connection can be accepted any more; {@link AbortError}.
 */
export async function feed<F extends number>(
  server: EventEmitter,
  listener: Socket<F>,
  options: SocketDuplexOptions & Abortable = {},
): Promise<void> {
  const { signal, ...settings } = options;
  // An HTTP server looks after its time-outs from then on.
  server.emit('listening');
  for (;;) {
    try {
      const [connection] = await listener.accept({ signal });
      try {
        server.emit('connection', connection.toDuplex(settings));
      } catch (error) {
        connection.close();
        // The peer has gone already.
        if (!(error instanceof OSError) || error.code !== 'ENOTCONN') throw error;
      }
    } catch (error) {
      if (listener.fileno() < 0) return;
      if (!(error instanceof OSError) || !PASSING.has(error.code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}
