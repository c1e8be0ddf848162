import { native, OSError, osError } from '@bsd-sockets/core-native';
import {
  ALG_SET_KEY,
  type BytesLike,
  SO_RCVBUF,
  SO_SNDBUF,
  SOCK_SEQPACKET,
  SOL_ALG,
  SOL_SOCKET,
  Socket,
} from '@bsd-sockets/socket';
import { AF_ALG } from './family';

/** A socket of an algorithm, or of an operation with it. */
export type AlgSocket = Socket<typeof AF_ALG>;

/** The most bytes that one system call computes with, so that the event loop has its turn in between. */
export const PIECE = 2 ** 16;

/** What the kernel needs of a buffer besides the bytes of a message: it counts in pages, which have up to 64 KiB. */
const SPARE = 2 ** 17;

/**
 * Opens an algorithm of the kernel.
 *
 * @param type - `hash`, `skcipher`, `aead` or `rng`.
 * @param key - The key, or the seed of a generator; null for none.
 */
export function openAlgorithm(type: string, name: string, key: BytesLike | null): AlgSocket {
  const socket = new Socket(AF_ALG, SOCK_SEQPACKET);
  try {
    explain({ ENOENT: `this kernel has no ${type} '${name}'` }, () => socket.bind([type, name]));
    if (key !== null) setKey(socket, type === 'rng' ? 'seed' : 'key', name, key);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

function setKey(socket: AlgSocket, what: string, name: string, key: BytesLike): void {
  const hint = `'${name}' takes no ${what} of ${key.byteLength} bytes`;
  explain({ EINVAL: hint, ENOSYS: hint, ENOPROTOOPT: hint }, () => socket.setsockopt(SOL_ALG, ALG_SET_KEY, key));
}

/** A socket for an operation with an algorithm, or with a copy of another operation's state. It never waits. */
export function openOperation(algorithm: AlgSocket): AlgSocket {
  const [operation] = algorithm.accept();
  operation.setblocking(false);
  return operation;
}

/** Makes room for a message that the kernel must have as a whole. */
export function makeRoom(operation: AlgSocket, size: number): void {
  for (const [option, limit] of [
    [SO_SNDBUF, 'net.core.wmem_max'],
    [SO_RCVBUF, 'net.core.rmem_max'],
  ] as const) {
    const wanted = size + SPARE;
    if (operation.getsockopt(SOL_SOCKET, option) >= wanted) continue;
    // The kernel doubles it, and takes no more than its limit.
    operation.setsockopt(SOL_SOCKET, option, Math.min(wanted, 2 ** 30));
    const room = operation.getsockopt(SOL_SOCKET, option);
    if (room < wanted) {
      const hint = `the kernel must have all ${size} bytes at once, and ${limit} allows ${Math.max(room - SPARE, 0)}`;
      throw new OSError(native.errnos.EMSGSIZE as number, { syscall: 'send', hint });
    }
  }
}

/** Bytes in pieces of at most {@link PIECE}. */
export function* pieces(data: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < data.length; start += PIECE) yield data.subarray(start, start + PIECE);
}

/** Calls, and says of an errno by name what it means here. */
export function explain<T>(hints: Record<string, string>, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof OSError) || error.errno === undefined) throw error;
    const { errno, code = '', syscall, address } = error;
    if (hints[code] === undefined) throw error;
    throw osError(-errno, { syscall, address, hint: hints[code] });
  }
}

/**
 * Sends a message to a fresh operation as a whole, and receives what it makes of it.
 *
 * @param name - The algorithm, for errors.
 * @param size - Bytes of the result.
 */
export function transform(
  operation: AlgSocket,
  name: string,
  parts: Uint8Array[],
  options: { op: number; iv: Uint8Array; assoclen?: number },
  size: number,
): Buffer {
  const sum = parts.reduce((sum, { length }) => sum + length, 0);
  makeRoom(operation, Math.max(sum, size));
  const hint = `'${name}' takes no iv of ${options.iv.length} bytes`;
  const sent = explain({ EINVAL: hint }, () => operation.sendmsgAfalg(parts, options));
  // What is missing would be taken for the end.
  if (sent < sum) throw osError(-(native.errnos.EMSGSIZE as number), { syscall: 'sendmsg' });
  return explain(
    {
      EINVAL: `${sum} bytes are no message for '${name}'`,
      EBADMSG: 'this is not what was encrypted, or not with this key, iv and aad',
    },
    // Asked for no bytes, the kernel would not look at the message at all, nor at its tag.
    () => operation.recv(Math.max(size, 1)),
  );
}
