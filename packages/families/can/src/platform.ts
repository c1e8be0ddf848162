import { AF_CAN } from '@bsd-sockets/core-native';

/** Throws on a platform whose kernel has no CAN: the flags of frames are undefined there. */
export function needCan(name: string): void {
  if (AF_CAN !== undefined) return;
  const error = new Error(`${name}: ${process.platform} has no AF_CAN`);
  throw Object.assign(error, { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' });
}
