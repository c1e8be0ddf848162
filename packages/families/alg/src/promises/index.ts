export {
  ALG_OP_DECRYPT,
  ALG_OP_ENCRYPT,
  ALG_OP_SIGN,
  ALG_OP_VERIFY,
  ALG_SET_AEAD_ASSOCLEN,
  ALG_SET_AEAD_AUTHSIZE,
  ALG_SET_IV,
  ALG_SET_KEY,
  ALG_SET_OP,
  ALG_SET_PUBKEY,
  AlgSetAeadAssoclen,
  AlgSetIv,
  AlgSetOp,
  SOL_ALG,
} from '@bsd-sockets/socket';
export type { AeadOptions } from '../aead';
export { AF_ALG, type AlgAddress, type AlgAddressLike } from '../family';
export { Aead } from './aead';
export { Cipher } from './cipher';
export { Hash } from './hash';
export { Rng } from './rng';
