import { constants } from 'node:os';
import { audit, integer, native, OSError } from '@bsd-sockets/core-native';
import { ask, type Lookup, wait } from './lookup';
import { text } from './text';

function encode(name: string, value: unknown): Buffer {
  return Buffer.from(text(name, value));
}

/** Null stands for any protocol. */
function encodeProtocol(protocolname: unknown): Buffer | null {
  return protocolname === null || protocolname === undefined ? null : encode('protocolname', protocolname);
}

/** Always an OSError itself, as in Python: no file is missing. */
function failure(result: number, syscall: string, address: unknown, missing: string): OSError {
  const known = -result === constants.errno.ENOENT ? { code: 'ENOENT', strerror: missing } : undefined;
  return new OSError(-result, { syscall, address, ...known });
}

/**
 * The port of a service.
 *
 * @param servicename - Its name in the services database, such as `'http'`.
 * @param protocolname - `'tcp'` or `'udp'`; any protocol by default.
 * @returns A number from 0 to 65535.
 * @throws {@link OSError} (ENOENT) if there is no such service.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) for a bad argument.
 *
 * Source: getservbyname(3); Python's `socket.getservbyname`
 */
export function getservbyname(servicename: string, protocolname?: string | null): number {
  return wait(findPort(servicename, protocolname));
}

/** What {@link getservbyname} does. */
export function* findPort(servicename: string, protocolname?: string | null): Lookup<number> {
  const service = encode('servicename', servicename);
  const protocol = encodeProtocol(protocolname);
  audit('socket.getservbyname', servicename, protocolname);
  const port = yield* ask<number>((done) => native.getservbyname(service, protocol, done));
  if (port < 0) throw failure(port, 'getservbyname', servicename, 'no such service');
  return port;
}

/**
 * The name of the service at a port.
 *
 * @param port - From 0 to 65535.
 * @param protocolname - `'tcp'` or `'udp'`; any protocol by default.
 * @throws {@link OSError} (ENOENT) if the services database has none.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) for a bad
 *   argument.
 *
 * Source: getservbyport(3); Python's `socket.getservbyport`
 */
export function getservbyport(port: number, protocolname?: string | null): string {
  return wait(findService(port, protocolname));
}

/** What {@link getservbyport} does. */
export function* findService(port: number, protocolname?: string | null): Lookup<string> {
  integer('port', port, 0, 65535);
  const protocol = encodeProtocol(protocolname);
  audit('socket.getservbyport', port, protocolname);
  const name = yield* ask<string | number>((done) => native.getservbyport(port, protocol, done));
  if (typeof name === 'number') throw failure(name, 'getservbyport', port, 'no such service');
  return name;
}

/**
 * The number of a protocol: the third argument of `new Socket(family, type, proto)`.
 *
 * @param protocolname - Its name in the protocols database, such as `'icmp'`.
 * @throws {@link OSError} (ENOENT) if there is no such protocol.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) for a bad argument.
 *
 * Source: getprotobyname(3); Python's `socket.getprotobyname`
 */
export function getprotobyname(protocolname: string): number {
  return wait(findProtocol(protocolname));
}

/** What {@link getprotobyname} does. */
export function* findProtocol(protocolname: string): Lookup<number> {
  const name = encode('protocolname', protocolname);
  const proto = yield* ask<number>((done) => native.getprotobyname(name, done));
  if (proto < 0) throw failure(proto, 'getprotobyname', protocolname, 'no such protocol');
  return proto;
}
