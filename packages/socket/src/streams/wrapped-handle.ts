import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { SocketDuplex } from './duplex';
import type { NodeAddress } from './node-address';

/** What Node makes of a stream that is none of its own, for TLS and HTTP/2, and asks for addresses and settings. */
interface WrappedHandle {
  getpeername?(out: NodeAddress): number;
  getsockname?(out: NodeAddress): number;
  setKeepAlive?(enable: boolean, seconds: number): void;
  setNoDelay?(noDelay: boolean): void;
}

type ErrorListener = (error: NodeJS.ErrnoException) => void;

/** A `TLSSocket`, or the socket of an HTTP/2 session, over a stream. */
interface Wrapper extends Pick<Duplex, 'destroyed' | 'writableEnded' | 'writableLength'> {
  /** Its handle; that of a TLSSocket has one underneath. */
  readonly _handle?: WrappedHandle & { _parent?: WrappedHandle; _parentWrap?: EventEmitter & { stream?: unknown } };
  readonly stream?: unknown;
  /** In Deno. */
  readonly ssl?: { _parent?: object };
}

/**
 * Has what wraps a stream tell the stream's addresses, and pass on its settings and errors, as it does over a `net.Socket`.
 */
export function lendAddressesTo(wrapper: unknown): void {
  const { _handle, stream } = wrapper as Wrapper;
  if (IS_OTHER) lendNames(wrapper as Wrapper);
  const below = stream ?? _handle?._parentWrap?.stream;
  const handle = stream === undefined ? _handle?._parent : _handle;
  if (!(below instanceof SocketDuplex) || handle === undefined) return;
  handle.getpeername = (out) => Number(!Object.assign(out, below.remote()));
  handle.getsockname = (out) => Number(!Object.assign(out, below.address()));
  handle.setNoDelay = (noDelay) => void below.setNoDelay(noDelay);
  handle.setKeepAlive = (enable, seconds) => void below.setKeepAlive(enable, seconds * 1000);
  if (stream === undefined) ignoreFarewell(wrapper as Wrapper, _handle!._parentWrap!);
}

const IS_OTHER = Boolean(process.versions.bun || process.versions.deno);
const NAMES = ['remoteAddress', 'remotePort', 'remoteFamily', 'localAddress', 'localPort', 'localFamily'] as const;

/** The TLSSockets of Bun and Deno ask no handle for addresses, and have the stream under a symbol. */
function lendNames(wrapper: Wrapper): void {
  const below = [wrapper, wrapper.ssl?._parent ?? {}]
    .flatMap((object) => Object.getOwnPropertySymbols(object).map((symbol) => Reflect.get(object, symbol)))
    .map((value) => (value instanceof SocketDuplex ? value : (value?.stream ?? value?.socket)))
    .find((value) => value instanceof SocketDuplex);
  if (below === undefined) return;
  for (const name of NAMES) Object.defineProperty(wrapper, name, { get: () => below[name], configurable: true });
}

/**
 * What TLS still sends when all is said, and whatever comes after its end, is no error of it over a `net.Socket`, whose handle
 * it has; of a stream it would be one that nobody listens for any more.
 *
 * @param between - What Node has put between the two, where nobody but Node listens.
 */
function ignoreFarewell(secure: Wrapper, between: EventEmitter): void {
  for (const listener of between.listeners('error') as ErrorListener[]) {
    between.removeListener('error', listener);
    between.on('error', (error: NodeJS.ErrnoException) => {
      const isSaid = error.code === 'EPIPE' && secure.writableEnded && secure.writableLength === 0;
      if (!isSaid && !secure.destroyed) listener(error);
    });
  }
}

/** The same for all that a server makes of its connections, before others hear of it. */
export function lendAddresses(server: EventEmitter): void {
  server.prependListener('secureConnection', lendAddressesTo);
  server.prependListener('session', ({ socket }: { socket: Wrapper }) => {
    // Over TLS it is done.
    if (!(socket.stream instanceof SocketDuplex)) return;
    lendAddressesTo(socket);
    // The session has asked for it when there was nobody yet to pass it on.
    socket.stream.setNoDelay();
  });
}
