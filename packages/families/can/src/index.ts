export {
  AF_CAN,
  type CanAddress,
  type CanAddressLike,
  type CanInterfaceAddress,
  type CanIsotpAddress,
  type CanJ1939Address,
} from './address';
export {
  type BcmFrameLike,
  type BcmMessage,
  type BcmMessageLike,
  decodeBcmMessage,
  encodeBcmMessage,
} from './broadcast-manager';
export { type CanId, type CanIdLike, decodeCanId, encodeCanId } from './can-id';
export * from './constants';
export {
  type J1939Stats,
  ScmCanRawErrqueue,
  ScmJ1939DestAddr,
  ScmJ1939DestName,
  ScmJ1939Errqueue,
  ScmJ1939Prio,
  ScmJ1939Stats,
} from './control-messages';
export type { ErrorFrame, ErrorFrameLike, ErrorReason } from './error-frame';
export {
  type CanFrame,
  type CanFrameLike,
  type ClassicFrame,
  type ClassicFrameLike,
  decodeFrame,
  encodeFrame,
  type FdFrame,
  type FdFrameLike,
} from './frame';
export { frames, sendFrames } from './frames';
export {
  type CanFilter,
  type CanFilterLike,
  type CanIsotpFcOptions,
  type CanIsotpLlOptions,
  type CanIsotpOptions,
  type CanRawVcidOptions,
  canOptions,
  type J1939Filter,
} from './options';
export type { XlFrame, XlFrameLike } from './xl-frame';
