import { int32, LITTLE_ENDIAN, SCM_RIGHTS, SOL_SOCKET, structView } from '@bsd-sockets/core-native';
import { itemsOf } from '../iterable';
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
  decode(data): number[] {
    const fds: number[] = [];
    for (let end = 4; end <= data.byteLength; end += 4) fds.push(data.getInt32(end - 4, LITTLE_ENDIAN));
    return fds;
  },
  encode(fds: Iterable<number>) {
    const items = itemsOf('fds', fds, 'descriptors');
    const data = Buffer.allocUnsafe(4 * items.length);
    const view = structView(data);
    for (const [index, fd] of items.entries()) {
      view.setInt32(4 * index, fd === (fd | 0) ? fd : int32(`fds[${index}]`, fd), LITTLE_ENDIAN);
    }
    return data;
  },
});
