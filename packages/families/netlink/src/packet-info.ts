import { NETLINK_PKTINFO, SOL_NETLINK } from '@bsd-sockets/core-native';
import { type ControlReader, registerControlMessage } from '@bsd-sockets/socket';
import { AF_NETLINK } from './family';
import { readUint32 } from './integers';

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
