import type * as http from 'node:http';
import type * as https from 'node:https';
import type { TLSSocket } from 'node:tls';
import { knownKeys, nodeModule, wrongType } from '@bsd-sockets/core-native';
import { connectDuplex, type Dialled } from './connect-duplex';
import type { SocketDuplex } from './duplex';
import { lendAddressesTo } from './wrapped-handle';

/** What Node's agents hand to `net.connect` beside the address. */
interface ConnectOptions {
  allowHalfOpen?: boolean;
  keepAlive?: boolean;
  keepAliveInitialDelay?: number;
  noDelay?: boolean;
  signal?: AbortSignal;
}

/** A connection for a request, which connects by itself: so an agent can count it and end it meanwhile. */
function connectFor<F extends number>(dialled: Dialled<F>, options: ConnectOptions): SocketDuplex<F> {
  const { allowHalfOpen, keepAlive, keepAliveInitialDelay, noDelay, signal } = options;
  const settings = { allowHalfOpen, keepAlive, keepAliveInitialDelay, noDelay, signal };
  // HTTP is a protocol of bytes, of a seqpacket socket too.
  return connectDuplex<F>({ ...dialled, ...settings, objectMode: false });
}

/** What Node's agents read besides is Node's to judge. */
const AGENT_OPTIONS = {
  family: true,
  address: true,
  type: true,
  proto: true,
  dial: true,
  keepAlive: true,
  keepAliveMsecs: true,
  maxCachedSessions: true,
  maxFreeSockets: true,
  maxSockets: true,
  maxTotalSockets: true,
  rejectUnauthorized: true,
  scheduling: true,
  timeout: true,
};

/** The part of the options that tells whom to dial. */
function dialledOf<F extends number>(options: Dialled<F>): Dialled<F> {
  if (typeof options !== 'object' || options === null) throw wrongType('options', 'an object', options);
  if ('dial' in options) return { dial: options.dial };
  const { family, address, type, proto } = options;
  return { family, address, type, proto };
}

type Class = new (...args: never[]) => object;

/** What stands for a class of Node's until the first instance is made, and inherits from it then. */
function later<C extends Class>(load: () => C): C {
  function Base(...args: never[]): object {
    const base = load();
    Object.setPrototypeOf(Base, base);
    Object.setPrototypeOf(Base.prototype, base.prototype);
    return Reflect.construct(base, args, new.target!);
  }
  return Base as unknown as C;
}

const HttpBase: typeof http.Agent = /* @__PURE__ */ later(() => nodeModule('node:http').Agent);
const HttpsBase: typeof https.Agent = /* @__PURE__ */ later(() => nodeModule('node:https').Agent);

/**
 * An `http.Agent` whose connections go to a socket of any family, whatever host the request names.
 *
 * @typeParam F - The address family.
 */
export class HttpAgent<F extends number> extends HttpBase {
  private readonly dialled: Dialled<F>;

  /**
   * Makes an agent.
   *
   * @param options - `family` and `address` of the server, or `dial`; and what `http.Agent` takes.
   */
  constructor(options: Dialled<F> & http.AgentOptions) {
    knownKeys<object>('options', options, AGENT_OPTIONS, true);
    super(options);
    this.dialled = dialledOf<F>(options);
  }

  /**
   * Opens a connection for a request; Node calls it.
   *
   * @param options - Of the request and the agent.
   * @returns The stream, which connects by itself.
   */
  override createConnection(options: http.ClientRequestArgs): SocketDuplex<F> {
    const stream = connectFor(this.dialled, options as ConnectOptions);
    return options.timeout ? stream.setTimeout(options.timeout) : stream;
  }
}

/**
 * An `https.Agent` whose connections go to a socket of any family, whatever host the request names.
 *
 * @typeParam F - The address family.
 */
export class HttpsAgent<F extends number> extends HttpsBase {
  private readonly dialled: Dialled<F>;

  /**
   * Makes an agent.
   *
   * @param options - `family` and `address` of the server, or `dial`; and what `https.Agent` takes.
   */
  constructor(options: Dialled<F> & https.AgentOptions) {
    knownKeys<object>('options', options, AGENT_OPTIONS, true);
    super(options);
    this.dialled = dialledOf<F>(options);
  }

  /**
   * Opens a connection for a request; Node calls it.
   *
   * @param options - Of the request and the agent.
   * @returns The stream over TLS, which connects by itself.
   */
  override createConnection(options: https.RequestOptions): TLSSocket {
    const socket = connectFor(this.dialled, options as ConnectOptions);
    try {
      const secure = super.createConnection({ ...options, socket } as https.RequestOptions) as TLSSocket;
      lendAddressesTo(secure);
      return options.timeout ? secure.setTimeout(options.timeout) : secure;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }
}
