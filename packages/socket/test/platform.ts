// What is otherwise on Windows, where tests that run there meet it.
import { native } from '@bsd-sockets/core-native';
import { AF_INET, AF_UNIX, POLLIN, SOCK_DGRAM, SOCK_STREAM, Socket, socketpair } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';

export const onWindows = process.platform === 'win32';

/** What an error has that goes by this name, with the platform's number. */
export const errorOf = (code: string) => ({ code, errno: native.errnos[code] });

/** What a call fails with whose number is none of a socket: Winsock has an error of its own for it. */
export const noSocket = errorOf(onWindows ? 'ENOTSOCK' : 'EBADF');

/** What poll tells of what can be read: of Windows' two numbers in POLLIN the one of ordinary data. */
export const READABLE = onWindows ? 0x100 : POLLIN;

/** Two connected sockets, of AF_UNIX where there are pairs of it, or over the loopback. What has an end keeps no borders there. */
export function pair(type: number = SOCK_STREAM): [Socket<any>, Socket<any>] {
  if (!onWindows) return socketpair(AF_UNIX, type);
  if (type !== SOCK_DGRAM) return socketpair(AF_INET, type);
  const [one, other] = [new Socket(AF_INET, SOCK_DGRAM), new Socket(AF_INET, SOCK_DGRAM)];
  for (const socket of [one, other]) socket.bind(['127.0.0.1', 0]);
  one.connect(other.getsockname());
  other.connect(one.getsockname());
  return [one, other];
}

/** The family of such pairs, for servers and their clients on one machine. */
export const LOCAL: number = onWindows ? AF_INET : AF_UNIX;
/** An address in it that is free: the kernel finds it at the bind. */
export const FREE: any = onWindows ? ['127.0.0.1', 0] : '';

/** The same for the face of promises. */
export function promisePair(type: number = SOCK_STREAM): [promises.Socket<any>, promises.Socket<any>] {
  if (!onWindows) return promises.socketpair(AF_UNIX, type);
  const [one, other] = pair(type);
  return [promises.Socket.from(one), promises.Socket.from(other)];
}
