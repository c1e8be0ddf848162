import { type ListenOptions, Socket as NetSocket, Server } from 'node:net';
import { setImmediate } from 'node:timers';
import { closeOnFailure, OSError, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { AF_UNIX, Socket as Calls, createServer as createUnixServer, SOCK_STREAM } from '@bsd-sockets/socket';
import { Socket } from '@bsd-sockets/socket/promises';

/** As many connections as Node lets wait, where the kernel's own limit is not lower. */
const BACKLOG = 511;

function checkName(name: unknown): string {
  if (typeof name !== 'string') throw wrongType('name', 'an abstract name, as a string', name);
  if (name[0] !== '\0') throw wrongValue('name', 'an abstract name, which begins with NUL', name);
  return name;
}

/** A server of `node:net`, whose `listen` takes an abstract name. */
export class AbstractSocketServer extends Server {
  /**
   * Listens at an abstract name. Emits `listening`, or `error` if that fails.
   *
   * @param name - The name, with its leading NUL.
   * @param callback - For the event `listening`.
   * @throws Error (`ERR_SERVER_ALREADY_LISTEN`) before it is closed.
   *
   * Source: the README of abstract-socket 2.1.1
   */
  override listen(name: string, callback?: () => void): this;
  override listen(...args: any[]): this;
  override listen(name: unknown, ...rest: any[]): this {
    // So it is given the descriptor, or throws since it listens already.
    if (this.listening || (typeof name === 'object' && name !== null))
      return super.listen(name as ListenOptions, ...rest);
    const callback = rest.at(-1);
    if (typeof callback === 'function') this.once('listening', callback);
    try {
      const socket = Socket.from(createUnixServer(checkName(name), { family: AF_UNIX, backlog: BACKLOG }));
      // It emits the error, too.
      socket.toNetServer(this).catch(() => {});
    } catch (error) {
      const told = error instanceof OSError ? new OSError(error.errno!, { syscall: 'listen', address: name }) : error;
      setImmediate(() => this.emit('error', told));
    }
    return this;
  }
}

/**
 * Makes a server.
 *
 * @param connectionListener - For the event `connection`, of which it gets the `net.Socket`.
 *
 * Source: the README of abstract-socket 2.1.1
 */
export function createServer(connectionListener?: (socket: NetSocket) => void): AbstractSocketServer {
  return new AbstractSocketServer(connectionListener);
}

/**
 * Connects to an abstract name.
 *
 * @param name - The name, with its leading NUL.
 * @param connectListener - For the event `connect`, of which it gets the `net.Socket`, too.
 * @returns The connection; it emits `connect`, or `error` if there is none.
 *
 * Source: the README of abstract-socket 2.1.1
 */
export function connect(name: string, connectListener?: (socket: NetSocket) => void): NetSocket {
  let stream: NetSocket;
  try {
    stream = closeOnFailure(new Calls(AF_UNIX, SOCK_STREAM), (socket) => {
      socket.settimeout(0);
      socket.connect(checkName(name));
      return Socket.from(socket).toNetSocket();
    });
  } catch (error) {
    return new NetSocket().destroy(error as Error);
  }
  if (typeof connectListener === 'function') stream.once('connect', () => connectListener(stream));
  setImmediate(() => {
    if (stream.destroyed) return;
    stream.emit('connect');
    stream.emit('ready');
  });
  return stream;
}

export { connect as createConnection };
