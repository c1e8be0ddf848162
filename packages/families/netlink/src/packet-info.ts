import { NETLINK_LISTEN_ALL_NSID, NETLINK_PKTINFO, SOL_NETLINK } from '@bsd-sockets/core-native';
import { type ControlReader, registerControlMessage } from '@bsd-sockets/socket';
import { AF_NETLINK } from './family';
import { readInt32, readUint32 } from './integers';

/**
 * The multicast group that a message was sent to, 0 for none: a control message of sockets with the option
 * NETLINK_PKTINFO.
 *
 * Source: netlink(7)
 */
export const NetlinkPktinfo: ControlReader<'NETLINK_PKTINFO', number> = registerControlMessage({
  name: 'NETLINK_PKTINFO',
  level: SOL_NETLINK,
  type: NETLINK_PKTINFO,
  family: AF_NETLINK,
  package: '@bsd-sockets/netlink',
  size: 4,
  decode: (data) => readUint32(Buffer.from(data.buffer, data.byteOffset, data.byteLength), 0),
});

/**
 * The id here of the network namespace that a message comes from, if it is another: a control message of sockets with the
 * option NETLINK_LISTEN_ALL_NSID.
 *
 * Source: netlink(7)
 */
export const NetlinkNsid: ControlReader<'NETLINK_LISTEN_ALL_NSID', number> = registerControlMessage({
  name: 'NETLINK_LISTEN_ALL_NSID',
  level: SOL_NETLINK,
  type: NETLINK_LISTEN_ALL_NSID,
  family: AF_NETLINK,
  package: '@bsd-sockets/netlink',
  size: 4,
  decode: (data) => readInt32(Buffer.from(data.buffer, data.byteOffset, data.byteLength), 0),
});
