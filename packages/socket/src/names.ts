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
export {
  type AcceptedAddressOf,
  type AddressOf,
  type AddrInfo,
  type GetaddrinfoOptions,
  getaddrinfo,
  getfqdn,
  gethostbyaddr,
  gethostbyname,
  gethostbynameEx,
  gethostname,
  getnameinfo,
  getprotobyname,
  getservbyname,
  getservbyport,
  type Host,
  type HostEntry,
  htonl,
  htons,
  type Inet6Address,
  type Inet6AddressLike,
  type InetAddress,
  type InetAddressLike,
  type InternetFamily,
  ifIndextoname,
  ifNameindex,
  ifNametoindex,
  inetAton,
  inetNtoa,
  inetNtop,
  inetPton,
  ntohl,
  ntohs,
  type Service,
  sethostname,
} from '@bsd-sockets/resolver';
export { BaseSocket, type SocketArguments, type SocketOptions } from './base-socket';
export * from './control-messages';
export { type CreateConnectionOptions, createConnection } from './create-connection';
export { type CreateServerOptions, createServer, hasDualstackIpv6 } from './create-server';
export { getdefaulttimeout, setdefaulttimeout, type Timeout } from './default-timeout';
export { recvFds, sendFds } from './descriptor-passing';
export { AddressFamily, AddressInfo, flagNames, MsgFlag, SocketKind } from './enumerations';
export { AF_INET } from './families/inet';
export { AF_INET6 } from './families/inet6';
export { AF_UNIX, type UnixAddress, type UnixAddressLike } from './families/unix';
export { type Family, familyOf, registerFamily, type SocketInfo } from './family';
export type { BufferedReader } from './files/buffered-reader';
export type { BufferedRWPair } from './files/buffered-rw-pair';
export type { BufferedWriter } from './files/buffered-writer';
export type { Buffering, FileMode, FileOf, FileOptions } from './files/makefile';
export type { Errors } from './files/malformed';
export type { Newline } from './files/newlines';
export { type FileSocket, SocketIO } from './files/socket-io';
export type { TextIOWrapper, TextOptions } from './files/text-io-wrapper';
export { UnsupportedOperation } from './files/unsupported-operation';
export { fromshare } from './fromshare';
export { hasIpv6 } from './has-ipv6';
export { MessageBatch, type MessageToSend, type ReceivedMessage } from './message-batch';
export { options } from './options';
export type { FixedCodec } from './options/codecs';
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
export { optional, struct } from './options/struct';
export { type Table as OptionTable, table as defineOptions } from './options/table';
export type { TcpInfo } from './options/tcp-info';
export { timeval } from './options/timeval';
export { Poll, poll } from './poll';
export { type Capability, probe } from './probe';
export { probeReport } from './probe-report';
export { select } from './select';
export type { SendfileSource } from './sendfile';
export { type AfalgOptions, close, dup, fromfd, Socket, Socket as SocketType } from './socket';
export { socketpair } from './socketpair';
export * from './well-known-addresses';
