export { type Abortable, AbortError } from '@bsd-sockets/core-native';
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
} from '@bsd-sockets/resolver/promises';
export * from '../shared-names';
export { HttpAgent, HttpsAgent } from '../streams/agent';
export {
  type ConnectDuplexOptions,
  connectDuplex,
  type Dialled,
  type DialledAddress,
  type DialledBy,
} from '../streams/connect-duplex';
export { type Dial, type DuplexSocket, SocketDuplex, type SocketDuplexOptions } from '../streams/duplex';
export { type FeedOptions, feed } from '../streams/feed';
export type { NodeAddress } from '../streams/node-address';
export type { BinaryFile } from './binary-file';
export { setBusyPoll } from './busy-poll';
export { type ConnectionOptions, type CreateConnectionOptions, createConnection } from './create-connection';
export { createServer } from './create-server';
export { recvFds, sendFds } from './descriptor-passing';
export { fromfd } from './fromfd';
export { fromshare } from './fromshare';
export type { ChunksOptions, DatagramSender, DatagramsOptions, IterationOptions } from './iteration';
export type { FileOf } from './makefile';
export { Poll, poll } from './poll';
export { select } from './select';
export { DefaultSelector } from './selector';
export { type AcceptedConnection, Socket, Socket as SocketType } from './socket';
export type { SocketFile } from './socket-file';
export { socketpair } from './socketpair';
export type { TextFile } from './text-file';
