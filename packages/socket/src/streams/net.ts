import { fstatSync } from 'node:fs';
import { type Server, Socket } from 'node:net';
import { AF_INET, AF_INET6, AF_UNIX, native, SOCK_STREAM, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { onWindows, unavailable } from '../windows-only';

/** A socket that can be given away. */
interface Detachable {
  readonly family: number;
  readonly type: number;
  detach(): number;
}

/** The descriptor of a kind of socket that Node knows; the object is closed by it. */
function detach(socket: Detachable): number {
  if (onWindows) throw unavailable('Node takes no socket on Windows that it has not opened: use toDuplex(), or feed()');
  if (socket.type !== SOCK_STREAM || ![AF_INET, AF_INET6, AF_UNIX].includes(socket.family)) {
    throw wrongValue('socket', 'a stream socket of AF_INET, AF_INET6 or AF_UNIX', socket);
  }
  return socket.detach();
}

/** What is open under a number; undefined for nothing. */
function fileOf(fd: number): string | undefined {
  try {
    const { dev, ino } = fstatSync(fd);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** A `net.Socket` over the connection of a socket. */
export function netSocket(socket: Detachable, allowHalfOpen: boolean): Socket {
  const fd = detach(socket);
  try {
    // The constructor of Bun's makes nothing of a descriptor, and its connect does.
    if (process.versions.bun !== undefined) return new Socket({ allowHalfOpen }).connect({ fd } as never);
    return new Socket({ fd, readable: true, writable: true, allowHalfOpen });
  } catch (error) {
    native.close(fd);
    throw error;
  }
}

/** Lets a server of Node's listen with a socket. */
export function netServer<S extends Server>(socket: Detachable, server: S): Promise<S> {
  if (typeof server?.listen !== 'function') throw wrongType('server', 'a server', server);
  const fd = detach(socket);
  return new Promise((resolve, reject) => {
    const file = fileOf(fd);
    const fail = (error: unknown) => {
      server.removeListener('listening', done);
      // A server that has taken the descriptor over closes it when it fails, and somebody may have the number again by now.
      if (fileOf(fd) === file) native.close(fd);
      reject(error);
    };
    const done = () => {
      server.removeListener('error', fail);
      resolve(server);
    };
    server.once('error', fail).once('listening', done);
    try {
      server.listen({ fd });
    } catch (error) {
      server.removeListener('error', fail);
      fail(error);
    }
  });
}
