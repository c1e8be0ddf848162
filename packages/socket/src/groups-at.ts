import { LITTLE_ENDIAN } from '@bsd-sockets/core-native';

/** As many groups as there are, and not more than there is room for. */
export function groupsAt(data: DataView, begin: number, count: number): number[] {
  const length = Math.max(0, Math.min(count, Math.floor((data.byteLength - begin) / 4)));
  return Array.from({ length }, (_, index) => data.getUint32(begin + 4 * index, LITTLE_ENDIAN));
}
