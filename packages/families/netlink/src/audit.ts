import {
  AUDIT_GET,
  AUDIT_GET_FEATURE,
  AUDIT_LIST_RULES,
  AUDIT_SIGNAL_INFO,
  AUDIT_TTY_GET,
  NETLINK_AUDIT,
} from '@bsd-sockets/core-native';
import type { NetlinkRequest } from './request';

const QUERIES = [AUDIT_GET, AUDIT_GET_FEATURE, AUDIT_LIST_RULES, AUDIT_SIGNAL_INFO, AUDIT_TTY_GET];

/** Whether a thread of the kernel answers a request, after it was acknowledged: as NETLINK_AUDIT does from Linux 4.13 on. */
export function answersLater({ protocol, type }: NetlinkRequest): boolean {
  return protocol === NETLINK_AUDIT && QUERIES.includes(type);
}
