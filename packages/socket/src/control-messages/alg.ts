import {
  ALG_SET_AEAD_ASSOCLEN,
  ALG_SET_IV,
  ALG_SET_OP,
  type BytesLike,
  bytes,
  FastBuffer,
  LITTLE_ENDIAN,
  SOL_ALG,
  structView,
} from '@bsd-sockets/core-native';
import { registerControlMessage } from './control-message';
import { integerOf } from './integer';

const IV = 4;

/** What an AF_ALG socket does: ALG_OP_ENCRYPT or ALG_OP_DECRYPT. Source: Linux, Documentation/crypto/userspace-if.rst */
export const AlgSetOp = registerControlMessage({
  name: 'ALG_SET_OP',
  package: '@bsd-sockets/socket',
  level: SOL_ALG,
  type: ALG_SET_OP,
  ...integerOf('op', 'Uint32', 0, 0xffffffff),
});

/** The initialization vector of an AF_ALG socket: `struct af_alg_iv`. Source: linux/if_alg.h */
export const AlgSetIv = registerControlMessage({
  name: 'ALG_SET_IV',
  package: '@bsd-sockets/socket',
  level: SOL_ALG,
  type: ALG_SET_IV,
  size: IV,
  decode(data): Buffer {
    const length = Math.min(data.getUint32(0, LITTLE_ENDIAN), data.byteLength - IV);
    return new FastBuffer(new Uint8Array(data.buffer, data.byteOffset + IV, length));
  },
  encode(iv: BytesLike) {
    const view = bytes('iv', iv);
    const data = new Uint8Array(IV + view.length);
    structView(data).setUint32(0, view.length, LITTLE_ENDIAN);
    data.set(view, IV);
    return data;
  },
});

/** The bytes of associated data of an AEAD cipher on an AF_ALG socket. Source: linux/if_alg.h */
export const AlgSetAeadAssoclen = registerControlMessage({
  name: 'ALG_SET_AEAD_ASSOCLEN',
  package: '@bsd-sockets/socket',
  level: SOL_ALG,
  type: ALG_SET_AEAD_ASSOCLEN,
  ...integerOf('assoclen', 'Uint32', 0, 0xffffffff),
});
