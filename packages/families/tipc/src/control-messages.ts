import {
  FastBuffer,
  LITTLE_ENDIAN,
  SOL_TIPC,
  TIPC_DESTNAME,
  TIPC_ERRINFO,
  TIPC_RETDATA,
} from '@bsd-sockets/core-native';
import { registerControlMessage } from '@bsd-sockets/socket';

const shared = { package: '@bsd-sockets/tipc', level: SOL_TIPC };

/** Why a message came back. */
export interface TipcRejection {
  /** A TIPC_ERR_* constant, or TIPC_CONN_SHUTDOWN. */
  code: number;
  /** The bytes of the message, which {@link TipcRetdata} has. */
  length: number;
}

/** A message of this socket came back: `recvmsg` returns no data, and this. Source: linux/tipc.h */
export const TipcErrinfo = registerControlMessage({
  ...shared,
  name: 'TIPC_ERRINFO',
  type: TIPC_ERRINFO,
  size: 8,
  decode: (data): TipcRejection => ({
    code: data.getUint32(0, LITTLE_ENDIAN),
    length: data.getUint32(4, LITTLE_ENDIAN),
  }),
});

/** The bytes of the message that came back, beside {@link TipcErrinfo}. Source: linux/tipc.h */
export const TipcRetdata = registerControlMessage({
  ...shared,
  name: 'TIPC_RETDATA',
  type: TIPC_RETDATA,
  decode: (data): Buffer => new FastBuffer(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
});

/** The services that a message was sent to. */
export interface TipcServiceRange {
  type: number;
  lower: number;
  upper: number;
}

/** Which service, or range of them, a message was sent to; one to a socket comes without. Source: linux/tipc.h */
export const TipcDestname = registerControlMessage({
  ...shared,
  name: 'TIPC_DESTNAME',
  type: TIPC_DESTNAME,
  size: 12,
  decode: (data): TipcServiceRange => ({
    type: data.getUint32(0, LITTLE_ENDIAN),
    lower: data.getUint32(4, LITTLE_ENDIAN),
    upper: data.getUint32(8, LITTLE_ENDIAN),
  }),
});
