export { htonl, htons, ntohl, ntohs } from '@bsd-sockets/socket';
export { type ChecksumPart, createChecksum, writeChecksum } from './checksum';
export { AddressFamily, Protocol, SocketLevel, SocketOption } from './constants';
export {
  type AfterCallback,
  type BeforeCallback,
  createSocket,
  Socket,
  type SocketEvents,
  type SocketOptions,
} from './socket';
