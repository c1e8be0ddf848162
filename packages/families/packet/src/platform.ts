import { AF_PACKET, native } from '@bsd-sockets/core-native';

/** Throws on a platform whose kernel has no packet sockets. */
export function needPacket(name: string): void {
  if (AF_PACKET !== undefined) return;
  // Without the addon there are no constants at all, and this says why.
  native.strerror(0);
  const error = new Error(`${name}: ${process.platform} has no AF_PACKET`);
  throw Object.assign(error, { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' });
}
