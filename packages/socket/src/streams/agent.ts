import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import { SOCK_STREAM } from '@bsd-sockets/core-native';
import type { AcceptedAddressOf } from '@bsd-sockets/resolver';
import { Socket } from '../promises/socket';
import type { SocketDuplex } from './duplex';

/** Whom an agent dials. */
export interface Dialled<F extends number> {
  /** An AF_* constant. */
  family: F;
  /** The server's address, in the form of the family. */
  address: AcceptedAddressOf<F>;
  /** SOCK_STREAM by default. */
  type?: number;
  /** 0, the family's usual protocol, by default. */
  proto?: number;
}

type Callback = (error: Error | null, stream: Duplex) => void;
// Where there is an error Node expects no stream, whatever its types say.
type Failure = (error: Error) => void;

async function dial<F extends number>(options: Dialled<F>): Promise<SocketDuplex<F>> {
  const { family, address, type = SOCK_STREAM, proto = 0 } = options;
  const socket = new Socket(family, type, proto);
  try {
    await socket.connect(address);
    return socket.toDuplex();
  } catch (error) {
    socket.close();
    throw error;
  }
}

/**
 * An `http.Agent` whose connections go to a socket of any family, whatever host the request names.
 *
 * @typeParam F - The address family.
 */
export class HttpAgent<F extends number> extends http.Agent {
  private readonly dialled: Dialled<F>;

  /**
   * Makes an agent.
   *
   * @param options - `family` and `address` of the server, and what `http.Agent` takes.
   */
  constructor(options: Dialled<F> & http.AgentOptions) {
    super(options);
    this.dialled = options;
  }

  /**
   * Opens a connection for a request; Node calls it.
   *
   * @param _options - Of the request.
   * @param done - Gets the stream, or the error.
   */
  override createConnection(_options: http.ClientRequestArgs, done?: Callback): undefined {
    dial(this.dialled).then((stream) => done?.(null, stream), done as Failure);
  }
}

/**
 * An `https.Agent` whose connections go to a socket of any family, whatever host the request names.
 *
 * @typeParam F - The address family.
 */
export class HttpsAgent<F extends number> extends https.Agent {
  private readonly dialled: Dialled<F>;

  /**
   * Makes an agent.
   *
   * @param options - `family` and `address` of the server, and what `https.Agent` takes.
   */
  constructor(options: Dialled<F> & https.AgentOptions) {
    super(options);
    this.dialled = options;
  }

  /**
   * Opens a connection for a request; Node calls it.
   *
   * @param options - Of the request.
   * @param done - Gets the stream, or the error.
   */
  override createConnection(options: https.RequestOptions, done?: Callback): undefined {
    const secure = (socket: SocketDuplex<F>) => {
      try {
        return super.createConnection({ ...options, socket } as https.RequestOptions) as Duplex;
      } catch (error) {
        socket.destroy();
        throw error;
      }
    };
    dial(this.dialled)
      .then(secure)
      .then((stream) => done?.(null, stream), done as Failure);
  }
}
