import * as core from '@bsd-sockets/core-native';
import { integer, LITTLE_ENDIAN, newSockaddr, structView, wrongType } from '@bsd-sockets/core-native';
import { registerFamily } from '@bsd-sockets/socket';

/**
 * The port id of a socket, 0 for the kernel's, and a bit for each of its first 32 multicast groups: both from 0 to
 * 2³² - 1.
 */
export type NetlinkAddress = [pid: number, groups: number];

/** What is taken for one. In `bind` a port id of 0 asks for a free one. */
export type NetlinkAddressLike = readonly [pid: number, groups: number];

const PID = 4;
const GROUPS = 8;
const SIZE = 12;

function encode(address: NetlinkAddressLike): Buffer {
  if (!Array.isArray(address) || address.length !== 2) {
    throw wrongType('address', '[pid, groups] for AF_NETLINK', address);
  }
  const sockaddr = newSockaddr(core.AF_NETLINK, SIZE);
  const view = structView(sockaddr);
  view.setUint32(PID, integer('address: pid', address[0], 0, 2 ** 32 - 1), LITTLE_ENDIAN);
  view.setUint32(GROUPS, integer('address: groups', address[1], 0, 2 ** 32 - 1), LITTLE_ENDIAN);
  return sockaddr;
}

function decode(sockaddr: Uint8Array): NetlinkAddress {
  const view = structView(sockaddr, SIZE);
  return [view.getUint32(PID, LITTLE_ENDIAN), view.getUint32(GROUPS, LITTLE_ENDIAN)];
}

/** Messages between the kernel and programs: `[pid, groups]`. Source: netlink(7) */
export const AF_NETLINK = registerFamily<NetlinkAddress, NetlinkAddressLike>({
  number: core.AF_NETLINK,
  name: 'AF_NETLINK',
  package: '@bsd-sockets/netlink',
  encode,
  decode,
});
