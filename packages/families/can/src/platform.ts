import { AF_CAN, wrongType } from '@bsd-sockets/core-native';

/** Throws where the kernel has no CAN: the flags of frames are undefined there. */
export function needCan(name: string): void {
  if (AF_CAN === undefined) throw wrongType('AF_CAN', `a platform with CAN sockets for ${name}`, AF_CAN);
}
