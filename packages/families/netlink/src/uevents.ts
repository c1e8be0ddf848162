import { fsdecode, NETLINK_KOBJECT_UEVENT } from '@bsd-sockets/core-native';
import type { NetlinkMessage } from './message';
import type { NetlinkEvents } from './request';

/** What happened to a device or another object of the kernel. */
export interface Uevent {
  kind: 'uevent';
  /** `add`, `remove`, `change`, `move`, `online`, `offline`, `bind` or `unbind`. */
  action: string;
  /** The path of the object in /sys, such as `/devices/virtual/net/lo`. */
  devpath: string;
  /** Such as `net`. */
  subsystem: string | undefined;
  /** The number of the event. */
  seqnum: number | undefined;
  /** All that the kernel tells, such as `INTERFACE` and `IFINDEX`. */
  properties: Record<string, string>;
  /** The id here of the network namespace that it comes from: see `NETLINK_LISTEN_ALL_NSID`. */
  nsid: number | undefined;
}

/**
 * The event in a message of NETLINK_KOBJECT_UEVENT, which is text.
 *
 * @param message - The message; undefined is returned for what is not the kernel's text, such as udev's own messages.
 *
 * Source: Linux, lib/kobject_uevent.c; udev(7)
 */
export function decodeUevent({ data, nsid }: NetlinkMessage): Uevent | undefined {
  const [head = '', ...lines] = fsdecode(data).split('\0');
  const at = head.indexOf('@');
  if (at <= 0) return undefined;
  const pairs = lines.filter((line) => line.includes('=')).map((line) => line.split(/=(.*)/s) as [string, string]);
  const properties = Object.fromEntries(pairs);
  const { SUBSYSTEM: subsystem, SEQNUM: seqnum } = properties;
  return {
    kind: 'uevent',
    action: head.slice(0, at),
    devpath: head.slice(at + 1),
    subsystem,
    seqnum: seqnum === undefined ? undefined : Number(seqnum),
    properties,
    nsid,
  };
}

/** What happens to devices, told by the kernel: for `watch` of a connection to NETLINK_KOBJECT_UEVENT. Source: udev(7) */
export const uevents: NetlinkEvents<Uevent> = {
  protocol: NETLINK_KOBJECT_UEVENT,
  groups: [1],
  decode: decodeUevent,
};
