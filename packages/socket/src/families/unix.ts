import * as core from '@bsd-sockets/core-native';
import {
  bytes,
  FastBuffer,
  fsdecode,
  fsencode,
  newSockaddr,
  OSError,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { registerFamily } from '../family';
import type { UnixAddress, UnixAddressLike } from './unix-address';

const { offset: PATH, size: PATH_SIZE } = core.layout.sockaddr_un.sun_path;

interface Known {
  readonly path: string;
  readonly sockaddr: Buffer;
}

/** The last path each way: most sockets speak to a single other one, and to compare takes a fraction of the time. */
let encoded: Known | undefined;
let decoded: Known | undefined;

function encode(address: unknown): Buffer {
  // A copy, since the caller may write to it.
  if (encoded !== undefined && address === encoded.path) return new FastBuffer(encoded.sockaddr);
  const sockaddr = toSockaddr(address);
  if (typeof address === 'string') encoded = { path: address, sockaddr: new FastBuffer(sockaddr) };
  return sockaddr;
}

function toSockaddr(address: unknown): Buffer {
  if (typeof address !== 'string' && !ArrayBuffer.isView(address)) {
    throw wrongType('address', 'a path or abstract name, as a string or bytes, for AF_UNIX', address);
  }
  const path = typeof address === 'string' ? fsencode('address', address) : bytes('address', address);
  const isPath = path.length > 0 && path[0] !== 0;
  if (isPath && path.includes(0)) throw wrongValue('address', 'a path without NUL', address);
  // A path ends with a NUL; an abstract name ends where its length says.
  const size = isPath ? path.length + 1 : path.length;
  if (size > PATH_SIZE) {
    const most = isPath ? PATH_SIZE - 1 : PATH_SIZE;
    const hint = `an AF_UNIX ${isPath ? 'path' : 'name'} has at most ${most} bytes, this one has ${path.length}`;
    throw new OSError(core.native.errnos.ENAMETOOLONG as number, { address, hint });
  }
  const sockaddr = newSockaddr(core.AF_UNIX, PATH + size);
  sockaddr.set(path, PATH);
  return sockaddr;
}

function decode(sockaddr: Uint8Array): UnixAddress {
  const isAbstract = sockaddr.length > PATH && sockaddr[PATH] === 0;
  if (isAbstract) return new FastBuffer(sockaddr.subarray(PATH));
  if (decoded?.sockaddr.equals(sockaddr)) return decoded.path;
  const end = sockaddr.indexOf(0, PATH);
  const path = fsdecode(sockaddr.subarray(PATH, end < 0 ? sockaddr.length : end));
  decoded = { path, sockaddr: new FastBuffer(sockaddr) };
  return path;
}

/** Sockets of one machine: a path, or on Linux an abstract name. Source: unix(7) */
export const AF_UNIX = registerFamily<UnixAddress, UnixAddressLike>({
  number: core.AF_UNIX,
  name: 'AF_UNIX',
  package: '@bsd-sockets/socket',
  encode,
  decode,
});
