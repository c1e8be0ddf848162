export { AlgSetAeadAssoclen, AlgSetIv, AlgSetOp } from './alg';
export { type AncillaryData, type AncillaryDataLike, CMSG_LEN, CMSG_SPACE } from './cmsg';
export {
  type ControlDefinition,
  type ControlMessage,
  type ControlReader,
  type ControlRecord,
  registerControlMessage,
} from './control-message';
export { type Credentials, ScmCredentials, ScmPidfd } from './credentials';
export { IpRecvdstaddr, IpRecvif, type ReceivingInterface } from './datagram-destination';
export { type ExtendedError, extendedError, IpRecverr, Ipv6Recverr } from './extended-error';
export { IpTos, IpTtl, Ipv6Hoplimit, Ipv6Tclass } from './ip-header';
export { IpOrigdstaddr, Ipv6Origdstaddr } from './original-destination';
export { IpPktinfo, Ipv6Pktinfo, type Packet6Info, type PacketInfo } from './packet-info';
export { readControl } from './read-control';
export { SoRxqOvfl } from './receive-queue-overflow';
export { ScmRights } from './rights';
export { ScmCreds, ScmCreds2, type SenderCredentials, type SocketCredentials } from './sender-credentials';
export { SoTimestamp, SoTimestamping, SoTimestampns, type Timestamps } from './timestamps';
export { UdpGro, UdpSegment } from './udp-segments';
