export {
  type AddrInfo,
  type GetaddrinfoOptions,
  getaddrinfo,
  getfqdn,
  gethostbyaddr,
  gethostbyname,
  gethostbynameEx,
  getnameinfo,
  getprotobyname,
  getservbyname,
  getservbyport,
  type HostEntry,
} from '@bsd-sockets/resolver';
export { type CreateConnectionOptions, createConnection } from './create-connection';
export { createServer } from './create-server';
export { recvFds, sendFds } from './descriptor-passing';
export type { BufferedReader } from './files/buffered-reader';
export type { BufferedRWPair } from './files/buffered-rw-pair';
export type { BufferedWriter } from './files/buffered-writer';
export type { FileOf } from './files/makefile';
export { type FileSocket, SocketIO } from './files/socket-io';
export type { TextIOWrapper } from './files/text-io-wrapper';
export { fromfd } from './fromfd';
export { fromshare } from './fromshare';
export { Poll, poll } from './poll';
export { select } from './select';
export { DefaultSelector, type RegisterOptions } from './selector';
export * from './shared-names';
export { type SignalInterrupt, siginterrupt } from './siginterrupt';
export { Socket, Socket as SocketType } from './socket';
export { socketpair } from './socketpair';
