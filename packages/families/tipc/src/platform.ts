import { AF_TIPC, wrongType } from '@bsd-sockets/core-native';

/** Throws where the platform has no TIPC: its constants are undefined there. */
export function needTipc(name: string): void {
  if (AF_TIPC === undefined) throw wrongType('AF_TIPC', `a platform with TIPC sockets for ${name}`, AF_TIPC);
}
