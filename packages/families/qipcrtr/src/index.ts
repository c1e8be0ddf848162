export {
  QRTR_NODE_BCAST,
  QRTR_PORT_CTRL,
  QRTR_TYPE_BYE,
  QRTR_TYPE_DATA,
  QRTR_TYPE_DEL_CLIENT,
  QRTR_TYPE_DEL_LOOKUP,
  QRTR_TYPE_DEL_SERVER,
  QRTR_TYPE_EXIT,
  QRTR_TYPE_HELLO,
  QRTR_TYPE_NEW_LOOKUP,
  QRTR_TYPE_NEW_SERVER,
  QRTR_TYPE_PING,
  QRTR_TYPE_RESUME_TX,
} from '@bsd-sockets/core-native';
export { AF_QIPCRTR, type QrtrAddress, type QrtrAddressLike } from './address';
export {
  decodeControlPacket,
  encodeControlPacket,
  type QrtrControlPacket,
  type QrtrControlPacketLike,
} from './control-packet';
