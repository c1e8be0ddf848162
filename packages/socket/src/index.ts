export {
  type AuditEvents,
  type AuditHook,
  type AuditMessage,
  addAuditHook,
  BlockingIOError,
  BrokenPipeError,
  type BytesLike,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileExistsError,
  FileNotFoundError,
  GaiError,
  GaiError as gaierror,
  HError,
  HError as herror,
  InterruptedError,
  IsADirectoryError,
  NotADirectoryError,
  newSockaddr,
  OSError,
  OSError as error,
  PermissionError,
  ProcessLookupError,
  TimeoutError,
  TimeoutError as timeout,
} from '@bsd-sockets/core-native';
export * from '@bsd-sockets/core-native/constants';
export {
  type AcceptedAddressOf,
  type AddressFamily,
  type AddressOf,
  type AddrInfo,
  type GetaddrinfoOptions,
  getaddrinfo,
  type Host,
  type Inet6Address,
  type Inet6AddressLike,
  type InetAddress,
  type InetAddressLike,
  type InternetFamily,
  type Service,
} from '@bsd-sockets/resolver';
export { BaseSocket, type SocketArguments, type SocketOptions } from './base-socket';
export { type CreateConnectionOptions, createConnection } from './create-connection';
export { type CreateServerOptions, createServer, hasDualstackIpv6 } from './create-server';
export { getdefaulttimeout, setdefaulttimeout, type Timeout } from './default-timeout';
export { AF_INET } from './families/inet';
export { AF_INET6 } from './families/inet6';
export { AF_UNIX, type UnixAddress, type UnixAddressLike } from './families/unix';
export { type Family, familyOf, registerFamily, type SocketInfo } from './family';
export { options } from './options';
export * as codecs from './options/codecs';
export type { IpMreqn, IpMreqSource, Ipv6Mreq } from './options/membership';
export {
  type AcceptedOptionValue,
  defineOption,
  type Option,
  type OptionCodec,
  type OptionValue,
} from './options/option';
export type { SocketMemory, Ucred } from './options/socket-options';
export { struct } from './options/struct';
export type { TcpInfo } from './options/tcp-info';
export { Poll, poll } from './poll';
export { type Capability, probe } from './probe';
export { select } from './select';
export { close, fromfd, Socket } from './socket';
export { socketpair } from './socketpair';
