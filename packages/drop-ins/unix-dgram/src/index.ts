import { createSocket as createUdpSocket, type SocketType, type Socket as UdpSocket } from 'node:dgram';
import { Socket, type SocketEvents } from './socket';

export { type Callback, type RemoteInfo, type SendError, Socket, type SocketEvents } from './socket';

/**
 * Makes a socket.
 *
 * @param type - `unix_dgram`; or `udp4` or `udp6` for a socket of `node:dgram`.
 * @param listener - For the event `message`.
 * @throws TypeError (`ERR_INVALID_ARG_VALUE`) for another type; an error with `syscall` `socket` if there are no descriptors
 *   left.
 *
 * Source: the README of unix-dgram 2.0.7
 */
export function createSocket(type: 'unix_dgram', listener?: (...args: SocketEvents['message']) => void): Socket;
export function createSocket(type: SocketType, listener?: Parameters<typeof createUdpSocket>[1]): UdpSocket;
export function createSocket(type: string, listener?: (...args: any) => void): Socket | UdpSocket {
  if (type === 'udp4' || type === 'udp6') return createUdpSocket(type, listener);
  return new Socket(type, listener);
}
