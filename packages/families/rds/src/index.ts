export { AF_RDS, type RdsAddress, type RdsAddressLike } from './address';
export { RDS_CONG_MONITOR_BIT, RDS_CONG_MONITOR_MASK } from './congestion';
export * from './constants';
export {
  RdsCmsgCongUpdate,
  RdsCmsgRdmaDest,
  RdsCmsgRdmaStatus,
  RdsCmsgRxpathLatency,
  RdsCmsgZcopyCompletion,
  RdsCmsgZcopyCookie,
  type RdsLatency,
  type RdsRdmaStatus,
} from './control-messages';
export {
  getRdsInfo,
  type RdsConnection,
  type RdsCounter,
  type RdsInfoTable,
  type RdsMessage,
  type RdsSocketInfo,
  rdsInfo,
} from './info';
export { rdsOptions } from './options';
