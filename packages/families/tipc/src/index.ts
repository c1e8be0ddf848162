export { AF_TIPC, type TipcAddress, type TipcAddressLike, type TipcMember } from './address';
export { getLinkName, getNodeId } from './cluster';
export * from './constants';
export {
  TipcDestname,
  TipcErrinfo,
  type TipcRejection,
  TipcRetdata,
  type TipcServiceRange,
} from './control-messages';
export { type TipcGroupRequest, tipcOptions } from './options';
export {
  decodeEvent,
  encodeCancellation,
  encodeSubscription,
  type TipcEvent,
  type TipcSubscription,
  type TipcSubscriptionLike,
} from './topology';
