import { LITTLE_ENDIAN, SCM_CREDS, SCM_CREDS2, SOL_SOCKET } from '@bsd-sockets/core-native';
import { groupsAt } from '../groups-at';
import { registerControlMessage } from './control-message';

/** Who sent a message: `struct cmsgcred`. */
export interface SenderCredentials {
  pid: number;
  /** The real user. */
  uid: number;
  /** The effective user. */
  euid: number;
  /** The real group. */
  gid: number;
  /** The groups, the effective one first: 16 at most. */
  groups: number[];
}

/** Who sent a message: `struct sockcred2`. */
export interface SocketCredentials extends SenderCredentials {
  /** The effective group. */
  egid: number;
}

const CMSGCRED_SIZE = 84;

/**
 * The sender's process, user and groups, which FreeBSD's kernel fills in: the sender has to send one, `ScmCreds.encode({})`. The
 * message that the option LOCAL_CREDS asks for has the same number and says something else; LOCAL_CREDS_PERSISTENT asks for
 * {@link ScmCreds2}. macOS has the name, and its kernel sends none: there LOCAL_PEERCRED tells.
 *
 * Source: FreeBSD, unix(4), struct cmsgcred of sys/socket.h
 */
export const ScmCreds = registerControlMessage({
  name: 'SCM_CREDS',
  package: '@bsd-sockets/socket',
  level: SOL_SOCKET,
  type: SCM_CREDS as number,
  size: CMSGCRED_SIZE,
  decode: (data): SenderCredentials => ({
    pid: data.getInt32(0, LITTLE_ENDIAN),
    uid: data.getUint32(4, LITTLE_ENDIAN),
    euid: data.getUint32(8, LITTLE_ENDIAN),
    gid: data.getUint32(12, LITTLE_ENDIAN),
    groups: groupsAt(data, 20, data.getInt16(16, LITTLE_ENDIAN)),
  }),
  encode: (_: Record<string, never>) => new Uint8Array(CMSGCRED_SIZE),
});

/**
 * The sender's process, users and groups, as they are when it sends; received with the option LOCAL_CREDS_PERSISTENT. FreeBSD 13 or
 * newer only.
 *
 * Source: FreeBSD, unix(4), struct sockcred2 of sys/socket.h
 */
export const ScmCreds2 = registerControlMessage({
  name: 'SCM_CREDS2',
  package: '@bsd-sockets/socket',
  level: SOL_SOCKET,
  type: SCM_CREDS2 as number,
  size: 28,
  decode: (data): SocketCredentials => ({
    pid: data.getInt32(4, LITTLE_ENDIAN),
    uid: data.getUint32(8, LITTLE_ENDIAN),
    euid: data.getUint32(12, LITTLE_ENDIAN),
    gid: data.getUint32(16, LITTLE_ENDIAN),
    egid: data.getUint32(20, LITTLE_ENDIAN),
    groups: groupsAt(data, 28, data.getInt32(24, LITTLE_ENDIAN)),
  }),
});
