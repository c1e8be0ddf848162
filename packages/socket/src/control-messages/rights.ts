import { int32, LITTLE_ENDIAN, SCM_RIGHTS, SOL_SOCKET } from '@bsd-sockets/core-native';
import { itemsOf } from '../iterable';
import type { AncillaryData } from './cmsg';
import { registerControlMessage } from './control-message';

/**
 * Descriptors that another process gets duplicates of. The receiver has to close them. Bytes at the end that are
 * no whole descriptor are left out.
 *
 * Source: unix(7)
 */
export const ScmRights = registerControlMessage({
  name: 'SCM_RIGHTS',
  package: '@bsd-sockets/socket',
  level: SOL_SOCKET,
  type: SCM_RIGHTS,
  decode: (data): number[] =>
    Array.from({ length: Math.floor(data.byteLength / 4) }, (_, index) => data.getInt32(4 * index, LITTLE_ENDIAN)),
  encode: (fds: Iterable<number>) =>
    new Uint8Array(
      Int32Array.from(itemsOf('fds', fds, 'descriptors'), (fd, index) => int32(`fds[${index}]`, fd)).buffer,
    ),
});

/** The descriptors of all control messages. */
export function rightsIn(ancdata: readonly AncillaryData[]): number[] {
  return ancdata.flatMap((message) => ScmRights.decode([message]) ?? []);
}
