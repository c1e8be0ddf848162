export { decodeBdaddr, encodeBdaddr } from './bdaddr';
export * from './constants';
export { BtScmPktStatus, HciCmsgDir, HciCmsgTstamp } from './control-messages';
export {
  AF_BLUETOOTH,
  type BluetoothAddress,
  type BluetoothAddressLike,
  type HciAddress,
  type HciAddressLike,
  type IsoAddress,
  type IsoAddressLike,
  type IsoBroadcast,
  type IsoBroadcastLike,
  type L2capAddress,
  type L2capAddressLike,
  type RfcommAddress,
  type RfcommAddressLike,
  type ScoAddress,
  type ScoAddressLike,
} from './family';
export { type HciFilter, type HciFilterLike, hciEventMask, hciTypeMask } from './hci-filter';
export { HciLinks } from './hci-links';
export type { IsoBroadcastQos, IsoIoQos, IsoQos, IsoQosLike, IsoUnicastQos } from './iso-qos';
export { decodeHciMessage, encodeHciMessage, type HciMessage, type HciMessageLike } from './messages';
export { type BtConninfo, type BtSecurity, type BtSecurityLike, bluetoothOptions, type L2capOptions } from './options';
export {
  decodeHciPacket,
  encodeHciPacket,
  type HciAclData,
  type HciCommand,
  type HciEvent,
  type HciIsoData,
  type HciOtherPacket,
  type HciPacket,
  type HciPacketLike,
  type HciScoData,
  hciOpcode,
} from './packets';
export { bluetoothRequests, type HciDevice, type HciDeviceInfo } from './requests';
