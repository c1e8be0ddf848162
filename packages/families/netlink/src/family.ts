import * as core from '@bsd-sockets/core-native';
import { integer, newSockaddr, wrongType } from '@bsd-sockets/core-native';
import { registerFamily } from '@bsd-sockets/socket';
import { readUint32, writeUint32 } from './integers';

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
  writeUint32(sockaddr, integer('address: pid', address[0], 0, 2 ** 32 - 1), PID);
  writeUint32(sockaddr, integer('address: groups', address[1], 0, 2 ** 32 - 1), GROUPS);
  return sockaddr;
}

function decode(sockaddr: Uint8Array): NetlinkAddress {
  // What the kernel did not write counts as 0.
  const whole = Buffer.alloc(SIZE);
  whole.set(sockaddr.subarray(0, SIZE));
  return [readUint32(whole, PID), readUint32(whole, GROUPS)];
}

/** Messages between the kernel and programs: `[pid, groups]`. Source: netlink(7) */
export const AF_NETLINK = registerFamily<NetlinkAddress, NetlinkAddressLike>({
  number: core.AF_NETLINK,
  name: 'AF_NETLINK',
  package: '@bsd-sockets/netlink',
  encode,
  decode,
});
