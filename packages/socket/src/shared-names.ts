// What both faces export: the same objects.
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
  gethostname,
  type Host,
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
export type { AfalgOptions } from './afalg';
export { BaseSelector, EVENT_READ, EVENT_WRITE, type SelectorEvents, type SelectorKey } from './base-selector';
export { BaseSocket } from './base-socket';
export type { SocketArguments, SocketOptions } from './constructor-arguments';
export * from './control-messages';
export { type CreateServerOptions, hasDualstackIpv6 } from './create-server';
export { getdefaulttimeout, setdefaulttimeout, type Timeout } from './default-timeout';
export { close, dup } from './descriptor';
export { AddressFamily, AddressInfo, flagNames, MsgFlag, SocketKind } from './enumerations';
export { AF_INET } from './families/inet';
export { AF_INET6 } from './families/inet6';
export { AF_UNIX } from './families/unix';
export type { UnixAddress, UnixAddressLike } from './families/unix-address';
export { type Family, familyOf, registerFamily, type SocketInfo } from './family';
export type { Buffering, FileMode, FileOptions } from './files/makefile';
export type { Errors } from './files/malformed';
export type { Newline } from './files/newlines';
export type { TextOptions } from './files/text-io-wrapper';
export { UnsupportedOperation } from './files/unsupported-operation';
export { hasIpv6 } from './has-ipv6';
export { IncompleteReadError } from './incomplete-read-error';
export * from './ioctl';
export { MessageBatch, type MessageToSend, type ReceivedMessage } from './message-batch';
export { options, type TypedOptions } from './options';
export type { FixedCodec } from './options/codecs';
export * as codecs from './options/codecs';
export type { GroupFilter, GroupReq, GroupSourceReq } from './options/group-options';
export type { IcmpFilter, IcmpFilterLike } from './options/icmp-options';
export type { IpMreqn, IpMreqSource, Ipv6Mreq } from './options/membership';
export type { MptcpInfo } from './options/mptcp-options';
export {
  type AcceptedOptionValue,
  defineOption,
  type Option,
  type OptionCodec,
  type OptionValue,
} from './options/option';
export type { SocketMemory, Ucred } from './options/socket-options';
export { type Fields, optional, type StructCodec, struct } from './options/struct';
export { type Table as OptionTable, table as defineOptions } from './options/table';
export type { TcpInfo } from './options/tcp-info';
export { timeval } from './options/timeval';
export { isPassingError } from './passing-error';
export { type Capability, probe } from './probe';
export { probeReport } from './probe-report';
export type { SendfileSource } from './sendfile';
export * from './well-known-addresses';
