import { clearTimeout, setTimeout } from 'node:timers';
import {
  type Abortable,
  AbortError,
  type KnownKeys,
  knownKeys,
  OSError,
  optionsOf,
  outOfRange,
  refuse,
  SignalledWaits,
  SOCK_STREAM,
  signalOf,
  wrongType,
} from '@bsd-sockets/core-native';
import type { AddrInfo, Host, InetAddressLike, InternetFamily, Service } from '@bsd-sockets/resolver';
import { getaddrinfo } from '@bsd-sockets/resolver/promises';
import * as blocking from '../create-connection';
import type { Timeout } from '../default-timeout';
import { Socket } from './socket';

/** What {@link createConnection} takes besides Python's positional parameters. */
export interface ConnectionOptions extends Abortable, Pick<blocking.CreateConnectionOptions, 'allErrors'> {
  /** Try the addresses side by side, in the manner of RFC 8305. */
  happyEyeballs?: boolean | undefined;
  /** With `happyEyeballs`: the seconds after which the next address is tried too; 0.25 by default, at least 0.01. */
  attemptDelay?: number | undefined;
}

/** What {@link createConnection} takes in place of its optional positional parameters. */
export interface CreateConnectionOptions extends blocking.CreateConnectionOptions, ConnectionOptions {}

const CONNECTION_OPTIONS: KnownKeys<ConnectionOptions> = {
  allErrors: true,
  happyEyeballs: true,
  attemptDelay: true,
  signal: true,
};
const CREATE_CONNECTION_OPTIONS: KnownKeys<CreateConnectionOptions> = {
  ...CONNECTION_OPTIONS,
  timeout: true,
  sourceAddress: true,
};

/** One attempt to connect, which the signal ends. */
type Connect = (info: AddrInfo, signal: AbortSignal | undefined) => Promise<Socket<InternetFamily>>;

/**
 * Connects to a TCP service: looks up the addresses of the host, IPv4 and IPv6, and tries them in turn until one answers.
 * With `happyEyeballs` the families alternate, and the next address is tried too when the one before has failed or not
 * answered for `attemptDelay`; the first connection counts, and the other attempts are ended.
 *
 * @param address - `[host, port]`.
 * @param timeout - Seconds for each attempt; null for none; the default timeout if it is undefined. Or an object with
 *   this and the following.
 * @param sourceAddress - The address to connect from.
 * @param options - `allErrors`: reject with the errors of all attempts. `signal`: ends the lookup and all attempts.
 *   `happyEyeballs`, and `attemptDelay` in seconds, from 0.01 to 2147483.
 * @returns The connected socket.
 * @throws The error of the last address, or with `allErrors` an AggregateError of all; {@link GaiError};
 *   {@link AbortError}; TypeError or RangeError for a bad argument.
 *
 * Source: Python's `socket.create_connection`; RFC 8305, section 5
 */
export function createConnection(
  address: readonly [host: Host | null, port: Service],
  options?: CreateConnectionOptions,
): Promise<Socket<InternetFamily, Buffer>>;
export function createConnection(
  address: readonly [host: Host | null, port: Service],
  timeout?: Timeout,
  sourceAddress?: InetAddressLike | null,
  options?: ConnectionOptions,
): Promise<Socket<InternetFamily, Buffer>>;
export async function createConnection(
  address: readonly [host: Host | null, port: Service],
  timeout?: Timeout | CreateConnectionOptions,
  sourceAddress?: InetAddressLike | null,
  options?: ConnectionOptions | null,
): Promise<Socket<InternetFamily>> {
  try {
    if (typeof timeout === 'object' && timeout !== null) {
      knownKeys('options', timeout, CREATE_CONNECTION_OPTIONS);
      const { allErrors, happyEyeballs, attemptDelay, signal } = timeout;
      const others = { allErrors, happyEyeballs, attemptDelay, signal };
      return createConnection(address, timeout.timeout, timeout.sourceAddress, others);
    }
    const given = optionsOf<ConnectionOptions>(options, CONNECTION_OPTIONS);
    const [host, port] = blocking.hostAndPort(address);
    blocking.checkSource(sourceAddress);
    const delay = encodeDelay(given.attemptDelay);
    const signal = signalOf({ signal: given.signal });
    const found = await getaddrinfo(host, port, { type: SOCK_STREAM!, signal });
    // What is aborted by now will not say so again.
    signalOf({ signal });
    const connect: Connect = (info, signal) => connectTo(info, timeout, sourceAddress, signal);
    const result = given.happyEyeballs
      ? await connectSideBySide(alternating(found), delay, connect, signal)
      : await connectInTurn(found, connect, signal);
    if (result instanceof Socket) return result;
    throw blocking.failureOf(result, given.allErrors);
  } catch (error) {
    return refuse(error);
  }
}

/** In milliseconds. */
function encodeDelay(attemptDelay: unknown = 0.25): number {
  const expected = 'seconds from 0.01 to 2147483';
  if (typeof attemptDelay !== 'number') throw wrongType('attemptDelay', expected, attemptDelay);
  if (!(attemptDelay >= 0.01 && attemptDelay <= 2147483)) throw outOfRange('attemptDelay', expected, attemptDelay);
  return attemptDelay * 1000;
}

async function connectTo(
  [family, type, proto, , address]: AddrInfo,
  timeout: Timeout,
  sourceAddress: InetAddressLike | null | undefined,
  signal: AbortSignal | undefined,
): Promise<Socket<InternetFamily>> {
  const socket = new Socket(family, type, proto);
  try {
    if (timeout !== undefined) socket.settimeout(timeout);
    if (sourceAddress) await socket.bind(sourceAddress, { signal });
    await socket.connect(address, { signal });
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** The first connection, or the errors of all addresses. */
async function connectInTurn(
  infos: readonly AddrInfo[],
  connect: Connect,
  signal: AbortSignal | undefined,
): Promise<Socket<InternetFamily> | unknown[]> {
  const errors: unknown[] = [];
  for (const info of infos) {
    try {
      return await connect(info, signal);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      errors.push(error);
    }
  }
  return errors;
}

/** The same with the attempts side by side. */
function connectSideBySide(
  infos: readonly AddrInfo[],
  delay: number,
  connect: Connect,
  signal: AbortSignal | undefined,
): Promise<Socket<InternetFamily> | unknown[]> {
  return new Promise((resolve, reject) => {
    // It ends the attempts that have not won.
    const attempts = new AbortController();
    const errors: unknown[] = [];
    let next = 0;
    let failed = 0;
    let timer: NodeJS.Timeout | undefined;

    const end = () => {
      clearTimeout(timer);
      if (signal !== undefined) SignalledWaits.remove(signal, wait);
      attempts.abort();
    };
    const wait = {
      abort: () => {
        end();
        reject(new AbortError(signal!.reason));
      },
    };
    const succeed = (socket: Socket<InternetFamily>) => {
      // Another one has won in the same turn of the loop.
      if (attempts.signal.aborted) return socket.close();
      end();
      resolve(socket);
    };
    const fail = (index: number, error: unknown) => {
      if (attempts.signal.aborted) return;
      if (!(error instanceof OSError)) {
        end();
        return reject(error);
      }
      errors[index] = error;
      failed++;
      if (next < infos.length) return begin();
      if (failed < infos.length) return;
      end();
      resolve(errors);
    };
    const begin = () => {
      clearTimeout(timer);
      const index = next++;
      connect(infos[index]!, attempts.signal).then(succeed, (error) => fail(index, error));
      if (next < infos.length) timer = setTimeout(begin, delay);
    };
    if (signal !== undefined) SignalledWaits.add(signal, wait);
    begin();
  });
}

/** The addresses with their families in turn, beginning with the family that the name service prefers. */
function alternating(infos: readonly AddrInfo[]): AddrInfo[] {
  const family = infos[0]?.[0];
  const preferred = infos.filter((info) => info[0] === family);
  const others = infos.filter((info) => info[0] !== family);
  const longest = Math.max(preferred.length, others.length);
  return Array.from({ length: longest }, (_, index) => [
    ...preferred.slice(index, index + 1),
    ...others.slice(index, index + 1),
  ]).flat();
}
