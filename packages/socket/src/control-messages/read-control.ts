import type { AlgSetAeadAssoclen, AlgSetIv, AlgSetOp } from './alg';
import type { AncillaryDataLike } from './cmsg';
import { type ControlReader, type ControlRecord, readRecords } from './control-message';
import type { ScmCredentials, ScmPidfd } from './credentials';
import type { IpRecvdstaddr, IpRecvif } from './datagram-destination';
import type { IpRecverr, Ipv6Recverr } from './extended-error';
import type { IpTos, IpTtl, Ipv6Hoplimit, Ipv6Tclass } from './ip-header';
import type { IpOrigdstaddr, Ipv6Origdstaddr } from './original-destination';
import type { IpPktinfo, Ipv6Pktinfo } from './packet-info';
import type { SoRxqOvfl } from './receive-queue-overflow';
import type { ScmRights } from './rights';
import type { ScmCreds, ScmCreds2 } from './sender-credentials';
import type { SoTimestamp, SoTimestamping, SoTimestampns } from './timestamps';
import type { UdpGro, UdpSegment } from './udp-segments';

type BuiltIn =
  | typeof AlgSetAeadAssoclen
  | typeof AlgSetIv
  | typeof AlgSetOp
  | typeof IpOrigdstaddr
  | typeof IpPktinfo
  | typeof IpRecvdstaddr
  | typeof IpRecverr
  | typeof IpRecvif
  | typeof IpTos
  | typeof IpTtl
  | typeof Ipv6Hoplimit
  | typeof Ipv6Origdstaddr
  | typeof Ipv6Pktinfo
  | typeof Ipv6Recverr
  | typeof Ipv6Tclass
  | typeof ScmCredentials
  | typeof ScmCreds
  | typeof ScmCreds2
  | typeof ScmPidfd
  | typeof ScmRights
  | typeof SoRxqOvfl
  | typeof SoTimestamp
  | typeof SoTimestamping
  | typeof SoTimestampns
  | typeof UdpGro
  | typeof UdpSegment;

type RecordOf<Kind> = Kind extends ControlReader<infer Name, infer Value> ? ControlRecord<Name, Value> : never;

/**
 * Reads all control messages, in their order: what it knows as a value, the rest as bytes.
 *
 * ```ts
 * for (const record of readControl(ancdata)) {
 *   if (record.name === 'IP_TTL') console.log(record.value);
 * }
 * ```
 *
 * @typeParam Registered - Kinds that other packages registered: `readControl<typeof CanTimestamp>(ancdata)`.
 * @param ancdata - Control messages as `recvmsg` returns them.
 * @param family - The socket's family. It counts where two families give the same numbers different meanings.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) for what is no list of control messages.
 *
 * Source: cmsg(3)
 */
export function readControl<Registered extends ControlReader = never>(
  ancdata: Iterable<AncillaryDataLike>,
  family?: number,
): (RecordOf<BuiltIn | Registered> | ControlRecord<undefined, Buffer>)[] {
  return readRecords(ancdata, family) as (RecordOf<BuiltIn | Registered> | ControlRecord<undefined, Buffer>)[];
}
