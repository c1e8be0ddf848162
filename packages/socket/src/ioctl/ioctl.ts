import {
  audit,
  type BytesLike,
  bytes as bytesOf,
  FastBuffer,
  integer,
  native,
  osError,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { filenoOf, type HasFileno } from '../pollfd';
import type { IoctlRequest } from './request';
import { requestName } from './requests';

/** What the addon has memory for: more than a request can tell of itself. */
const MOST_BYTES = 1 << 14;
const EFAULT = -(native.errnos.EFAULT as number);

function checked(result: number, name: string): number {
  if (result < 0) throw osError(result, { syscall: 'ioctl', hint: name });
  return result;
}

/**
 * Asks or tells a device or a socket something that has no call of its own. By its number a request takes what Python's
 * `fcntl.ioctl` does; a typed one of `requests` takes and answers values.
 *
 * ```ts
 * const { addr } = ioctl(socket, requests.SIOCGIFADDR, { name: 'eth0' });
 * ioctl(tun, TUNSETPERSIST, 1);
 * ```
 *
 * The kernel never writes behind the bytes: fewer than a request takes are refused. Most requests tell their size themselves;
 * for those about interfaces it is that of a `struct ifreq`, 40 bytes on 64-bit machines. Those of sockets, SIOC…, take bytes.
 * Whether any other request takes bytes or a number, nobody but its documentation tells: a number in place of an address makes
 * the kernel write there.
 *
 * @param fd - A socket, what else has a descriptor, or the descriptor itself.
 * @param request - SIOCGIFADDR, TUNSETIFF, …, or one of `requests`.
 * @param argument - A number, -2147483648 to 4294967295, by default 0; or at most 16384 bytes. Of a typed request: its value.
 * @param mutate - Whether the answer goes into the bytes that were given, as it does by default. With false it is returned.
 * @returns What ioctl(2) returns, which is 0 most often; with `mutate: false` the bytes that the kernel left; of a typed
 *   request its answer.
 * @throws {@link OSError}, such as ENOTTY for a request that the descriptor does not know, ENODEV for an interface that is
 *   missing, or EFAULT for a number where the request takes bytes; RangeError (`ERR_INVALID_ARG_VALUE`) for too few bytes;
 *   TypeError (`ERR_INVALID_ARG_TYPE`).
 *
 * Source: ioctl(2); Python's `fcntl.ioctl`
 */
export function ioctl(fd: HasFileno, request: number, argument?: number): number;
export function ioctl(fd: HasFileno, request: number, argument: BytesLike, mutate?: true): number;
export function ioctl(fd: HasFileno, request: number, argument: BytesLike, mutate: false): Buffer;
export function ioctl<Value>(fd: HasFileno, request: IoctlRequest<Value>): Value;
export function ioctl<Value, Accepted>(
  fd: HasFileno,
  request: IoctlRequest<Value, Accepted>,
  argument: Accepted,
): Value;
export function ioctl(
  fd: HasFileno,
  request: number | IoctlRequest<any, any>,
  argument: unknown = typeof request === 'number' ? 0 : undefined,
  mutate = true,
): unknown {
  const fileno = filenoOf('fd', fd);
  if (typeof request === 'object' && request !== null) return typed(fileno, request, argument);
  const number = requestNumber('request', request);
  if (typeof mutate !== 'boolean') throw wrongType('mutate', 'true or false', mutate);
  if (typeof argument === 'number') {
    integer('argument', argument, -(2 ** 31), 2 ** 32 - 1);
    audit('fcntl.ioctl', fileno, number, argument);
    const result = native.ioctlNumber(fileno, number, argument);
    return checked(result, `${requestName(number)}${result === EFAULT ? ', which takes bytes' : ''}`);
  }
  const given = bytesOf('argument', argument);
  // First, as in Python: a hook may take the memory away.
  audit('fcntl.ioctl', fileno, number, argument);
  const least = native.ioctlSize(number);
  if (given.length < least || given.length > MOST_BYTES) {
    const expected = `from ${least} to ${MOST_BYTES} bytes, as ${requestName(number)} takes`;
    throw wrongValue('argument', expected, given.length);
  }
  const memory = mutate ? given : new FastBuffer(given);
  const result = checked(native.ioctl(fileno, number, memory), requestName(number));
  return mutate ? result : memory;
}

function requestNumber(name: string, request: unknown): number {
  // C has it as an int too, where the highest bit is a sign.
  return integer(name, request, -(2 ** 31), 2 ** 32 - 1) >>> 0;
}

function typed(fileno: number, { name, request, codec }: IoctlRequest<any, any>, argument: unknown): unknown {
  const number = requestNumber(name, request);
  const encoded = codec.encode(argument, name);
  const memory = new FastBuffer(Math.max(encoded.length, native.ioctlSize(number)));
  memory.set(encoded);
  audit('fcntl.ioctl', fileno, number, argument);
  checked(native.ioctl(fileno, number, memory), name);
  return codec.decode(memory);
}
