import { type BytesLike, type KnownKeys, knownKeys, native, OSError, wrongType } from '@bsd-sockets/core-native';
import { AlgSetAeadAssoclen, AlgSetIv, AlgSetOp } from './control-messages/alg';
import type { AncillaryDataLike } from './control-messages/cmsg';
import { takesCiphers } from './family-rules';

/** What {@link Socket.sendmsgAfalg} tells the cipher. */
export interface AfalgOptions {
  /** ALG_OP_ENCRYPT or ALG_OP_DECRYPT. */
  op: number;
  /** The initialization vector. */
  iv?: BytesLike | null;
  /** How many of the bytes are associated data, which an AEAD cipher authenticates only. */
  assoclen?: number | null;
  /** MSG_* constants, joined by `|`. */
  flags?: number;
}

const AFALG_OPTIONS: KnownKeys<AfalgOptions> = { op: true, iv: true, assoclen: true, flags: true };

/**
 * The control messages of a `sendmsgAfalg`.
 *
 * @param family - That of the socket.
 * @param others - The keys of options that the caller reads itself.
 */
export function afalgControl(family: number, options: AfalgOptions, others = {}): AncillaryDataLike[] {
  if (typeof options !== 'object' || options === null) throw wrongType('options', 'an object with `op`', options);
  knownKeys('options', options, { ...AFALG_OPTIONS, ...others });
  if (!takesCiphers(family)) {
    const hint = 'the socket is not of the family AF_ALG';
    throw new OSError(native.errnos.EOPNOTSUPP as number, { syscall: 'sendmsgAfalg', hint });
  }
  const { op, iv, assoclen } = options;
  const ancdata = [AlgSetOp.encode(op)];
  if (iv !== undefined && iv !== null) ancdata.push(AlgSetIv.encode(iv));
  if (assoclen !== undefined && assoclen !== null) ancdata.push(AlgSetAeadAssoclen.encode(assoclen));
  return ancdata;
}
