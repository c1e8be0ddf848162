export {
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
export { AddressFamily, AddressInfo, flagNames, MsgFlag, SocketKind } from './enumerations';
export { AF_INET } from './families/inet';
export { AF_INET6 } from './families/inet6';
export { AF_UNIX, type UnixAddress, type UnixAddressLike } from './families/unix';
export { type Family, familyOf, registerFamily, type SocketInfo } from './family';
export { fromshare } from './fromshare';
export { hasIpv6 } from './has-ipv6';
export { type Capability, probe } from './probe';
export { close, fromfd, Socket, Socket as SocketType } from './socket';
export { socketpair } from './socketpair';
export * from './well-known-addresses';
