import { closeSync, openSync, readSync } from 'node:fs';
import { integer, native, natural, osError, SOCK_STREAM, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { check, type Handle } from './handle';

/** What `sendfile` sends: a descriptor, what has one (such as a `FileHandle`), or a path. */
export type SendfileSource = number | string | { readonly fd: number };

/** The most that sendfile(2) is asked for at once. */
const BLOCK = 2 ** 30;
/** The most that is read at once where sendfile(2) refuses. */
export const COPIED_BLOCK = 64 * 1024;

/** How sendfile(2) says that it cannot send this file, or to this socket. */
export const refusals: ReadonlySet<number> = new Set(
  ['EINVAL', 'ENOSYS', 'ENOTSOCK', 'EOPNOTSUPP', 'ESPIPE'].map((name) => -(native.errnos[name] as number)),
);

/** Sends at most so many bytes, from a position of the file: how many, 0 at its end. */
type SendBlock = (position: number, most: number) => number;

/** See `socket.sendfile`. */
export function sendfile(
  socket: { send(data: Uint8Array): number },
  handle: Handle,
  file: SendfileSource,
  offset: number,
  count: number | null,
): number {
  const most = checkSendfile(handle, offset, count);
  if (typeof file !== 'string') return send(socket, handle, descriptorOf(file), offset, most);
  const fd = fileCall('open', () => openSync(file, 'r'), file);
  try {
    return send(socket, handle, fd, offset, most);
  } finally {
    closeSync(fd);
  }
}

/** Checks what `sendfile` is given; returns the most bytes to send. */
export function checkSendfile(handle: Handle, offset: number, count: number | null | undefined): number {
  if (handle.type !== SOCK_STREAM) throw wrongValue('socket', 'a SOCK_STREAM socket for sendfile', handle.type);
  if (handle.timeout === 0)
    throw wrongValue('socket', 'a blocking socket, or one with a timeout, for sendfile', handle.timeout);
  integer('offset', offset, 0, Number.MAX_SAFE_INTEGER);
  return count === null || count === undefined ? Number.POSITIVE_INFINITY : positive('count', count);
}

function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value <= 0) throw wrongValue(name, 'an integer of at least 1', value);
  return integer(name, value, 1, Number.MAX_SAFE_INTEGER);
}

/** The descriptor of a file that is open already. */
export function descriptorOf(file: Exclude<SendfileSource, string>): number {
  const fd = typeof file === 'object' && file !== null ? file.fd : file;
  if (typeof fd !== 'number') throw wrongType('file', 'a descriptor, an object with an fd, or a path', file);
  // What a closed FileHandle has.
  if (fd === -1) throw wrongValue('file', 'an open file', file);
  return natural('file', fd);
}

function send(socket: { send(data: Uint8Array): number }, handle: Handle, fd: number, offset: number, count: number) {
  let sendBlock: SendBlock = (position, most) => native.sendfile(handle.fd, fd, position, most, handle.timeout);
  let sent = 0;
  let moved = false;
  try {
    while (sent < count) {
      const result = sendBlock(offset + sent, Math.min(count - sent, BLOCK));
      if (result === 0) break;
      if (result > 0) {
        sent += result;
      } else if (sent === 0 && refusals.has(result)) {
        sendBlock = copying(socket, fd, offset);
        moved = true;
      } else {
        check(result, 'sendfile');
      }
    }
    return sent;
  } finally {
    // What has no position (a pipe) refuses, and need not be told.
    if (sent > 0 || moved) native.seek(fd, offset + sent);
  }
}

/** In place of sendfile(2): reads the file from `offset` on, and sends what it has read. */
function copying(socket: { send(data: Uint8Array): number }, fd: number, offset: number): SendBlock {
  const positioned = native.seek(fd, offset);
  // A pipe can be sent from where it is.
  if (positioned < 0 && offset > 0) throw osError(positioned, { syscall: 'lseek' });
  const memory = Buffer.allocUnsafeSlow(COPIED_BLOCK);
  let rest = memory.subarray(0, 0);
  return (_position, most) => {
    if (rest.length === 0) {
      const size = Math.min(most, COPIED_BLOCK);
      rest = memory.subarray(
        0,
        fileCall('read', () => readSync(fd, memory, 0, size, null)),
      );
    }
    if (rest.length === 0) return 0;
    const sent = socket.send(rest);
    rest = rest.subarray(sent);
    return sent;
  };
}

/** A call of node:fs with an OSError in place of Node's own error. */
function fileCall(syscall: string, call: () => number, path?: string): number {
  try {
    return call();
  } catch (error) {
    throw fileError(error, syscall, path);
  }
}

/** The OSError in place of an error of node:fs. */
export function fileError(error: unknown, syscall: string, path?: string): unknown {
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code === undefined || errno === undefined) return error;
  // Node's number is libuv's own on Windows.
  const own = native.errnos[code];
  return osError(own === undefined ? errno : -own, { syscall, address: path });
}
