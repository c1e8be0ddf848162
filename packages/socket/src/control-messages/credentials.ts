import {
  int32,
  integer,
  knownKeys,
  LITTLE_ENDIAN,
  layout,
  SCM_CREDENTIALS,
  SCM_PIDFD,
  SOL_SOCKET,
  wrongType,
} from '@bsd-sockets/core-native';
import { registerControlMessage } from './control-message';

const { ucred } = layout;

/** Who sent a message: `struct ucred`. */
export interface Credentials {
  pid: number;
  uid: number;
  gid: number;
}

/**
 * The sender's process, user and group, for a socket with the option SO_PASSCRED. Without privileges one can send one's
 * only its own.
 *
 * Source: unix(7)
 */
export const ScmCredentials = registerControlMessage({
  name: 'SCM_CREDENTIALS',
  package: '@bsd-sockets/socket',
  level: SOL_SOCKET,
  type: SCM_CREDENTIALS,
  size: ucred.size,
  decode: (data): Credentials => ({
    pid: data.getInt32(ucred.pid.offset, LITTLE_ENDIAN),
    uid: data.getUint32(ucred.uid.offset, LITTLE_ENDIAN),
    gid: data.getUint32(ucred.gid.offset, LITTLE_ENDIAN),
  }),
  encode(value: Credentials) {
    if (typeof value !== 'object' || value === null) throw wrongType('credentials', '{ pid, uid, gid }', value);
    knownKeys('credentials', value, { pid: true, uid: true, gid: true });
    const data = new DataView(new ArrayBuffer(ucred.size));
    data.setInt32(ucred.pid.offset, int32('pid', value.pid), LITTLE_ENDIAN);
    data.setUint32(ucred.uid.offset, integer('uid', value.uid, 0, 0xffffffff), LITTLE_ENDIAN);
    data.setUint32(ucred.gid.offset, integer('gid', value.gid, 0, 0xffffffff), LITTLE_ENDIAN);
    return new Uint8Array(data.buffer);
  },
});

/**
 * A descriptor of the sender's process, for a socket with the option SO_PASSPIDFD. It is close-on-exec, and the caller's to
 * close.
 *
 * Source: pidfd_open(2); Linux, SCM_PIDFD of linux/socket.h
 */
export const ScmPidfd = registerControlMessage({
  name: 'SCM_PIDFD',
  package: '@bsd-sockets/socket',
  level: SOL_SOCKET,
  type: SCM_PIDFD,
  size: 4,
  decode: (data): number => data.getInt32(0, LITTLE_ENDIAN),
});
