import { groupOptions, ipv6GroupOptions } from './group-options';
import { icmpv6Options, rawOptions } from './icmp-options';
import { ipOptions } from './ip-options';
import { ipv6Options } from './ipv6-options';
import { localOptions } from './local-options';
import { mptcpOptions } from './mptcp-options';
import { socketOptions } from './socket-options';
import { tcpOptions } from './tcp-options';
import { udpliteOptions, udpOptions } from './udp-options';

/** The type of {@link options}. */
export type TypedOptions = typeof socketOptions &
  typeof ipOptions &
  typeof ipv6Options &
  typeof tcpOptions &
  typeof udpOptions &
  typeof udpliteOptions &
  typeof localOptions &
  typeof groupOptions &
  typeof ipv6GroupOptions &
  typeof rawOptions &
  typeof icmpv6Options &
  typeof mptcpOptions;

/**
 * The typed socket options, under the names of their constants: what `getOption` and `setOption` take. The constants
 * themselves are plain numbers, as in Python, and do not tell their level: `TCP_NODELAY`, `SO_DEBUG` and `IP_TOS` are 1.
 *
 * Source: socket(7), unix(7), ip(7), ipv6(7), tcp(7), udp(7), udplite(7), raw(7), RFC 3678; of macOS and FreeBSD unix(4), ip(4), tcp(4)
 */
export const options: TypedOptions = {
  ...socketOptions,
  ...ipOptions,
  ...ipv6Options,
  ...tcpOptions,
  ...udpOptions,
  ...udpliteOptions,
  ...localOptions,
  ...groupOptions,
  ...ipv6GroupOptions,
  ...rawOptions,
  ...icmpv6Options,
  ...mptcpOptions,
};
