import { type KnownKeys, knownKeys, SOCK_SEQPACKET, SOCK_STREAM, wrongType } from '@bsd-sockets/core-native';
import type { AcceptedAddressOf } from '@bsd-sockets/resolver';
import { Socket } from '../promises/socket';
import { type Dial, DUPLEX_OPTIONS, SocketDuplex, type SocketDuplexOptions } from './duplex';

/** Whom to connect to: an address of a family. */
export interface DialledAddress<F extends number> {
  /** An AF_* constant. */
  family: F;
  /** The address, in the form of the family. */
  address: AcceptedAddressOf<F>;
  /** SOCK_STREAM by default. */
  type?: number | undefined;
  /** 0, the family's usual protocol, by default. */
  proto?: number | undefined;
}

/** A way to connect of one's own. */
export interface DialledBy<F extends number> {
  /**
   * Opens a connected socket, as {@link createConnection} does; the signal is aborted when the stream is destroyed
   * meanwhile.
   */
  dial: Dial<F>;
}

/** Whom to connect to, or how. */
export type Dialled<F extends number> = DialledAddress<F> | DialledBy<F>;

/** What {@link connectDuplex} takes beside. */
export interface ConnectDuplexOptions extends SocketDuplexOptions {
  /** Connect when `connect` is called, and not at once. */
  lazyConnect?: boolean | undefined;
}

type Options<F extends number> = Partial<DialledAddress<F> & DialledBy<F>> & ConnectDuplexOptions;

const OPTIONS: KnownKeys<Options<number>> = {
  family: true,
  address: true,
  type: true,
  proto: true,
  dial: true,
  lazyConnect: true,
  ...DUPLEX_OPTIONS,
};

/** What opens the connections to somebody. */
export function dialTo<F extends number>(options: Partial<DialledAddress<F> & DialledBy<F>>): Dial<F> {
  const { dial, family, address, type = SOCK_STREAM, proto = 0 } = options;
  if (dial !== undefined) {
    if (typeof dial !== 'function') throw wrongType('dial', 'a function that opens a connection', dial);
    return dial;
  }
  if (family === undefined) throw wrongType('family', 'an AF_* constant, or `dial` in its place', family);
  return async (signal) => {
    const socket = new Socket(family, type, proto);
    try {
      await socket.connect(address as AcceptedAddressOf<F>, { signal });
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  };
}

/**
 * A stream that connects by itself, as `net.connect` makes one: it is returned at once, `connecting`, and emits `connect`,
 * or `error`. What is written meanwhile is sent then. `destroy` ends the lookup of a name and the attempt.
 *
 * @param options - `family`, `address`, `type` and `proto`: whom to connect to; or `dial`: what opens the connection.
 *   `lazyConnect`: connect when the `connect` of the stream is called, as some libraries do, and not at once. What
 *   {@link Socket.toDuplex} takes.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`) or RangeError for options of another shape. Errors of
 *   the connection are emitted.
 *
 * Source: Node's `net.connect`
 */
export function connectDuplex<F extends number>(options: Dialled<F> & ConnectDuplexOptions): SocketDuplex<F> {
  const given: Options<F> = options;
  if (typeof options !== 'object' || options === null) throw wrongType('options', 'an object', options);
  knownKeys('options', given, OPTIONS);
  const { family, address, type, proto, dial, lazyConnect = false, ...settings } = given;
  const objectMode = settings.objectMode ?? type === SOCK_SEQPACKET;
  const stream = new SocketDuplex<F>(dialTo(given), { ...settings, objectMode });
  return lazyConnect ? stream : stream.connect();
}
