import {
  AF_BLUETOOTH,
  BT_SCM_PKT_STATUS,
  HCI_CMSG_DIR,
  HCI_CMSG_TSTAMP,
  LITTLE_ENDIAN,
  SOL_BLUETOOTH,
  SOL_HCI,
} from '@bsd-sockets/core-native';
import { registerControlMessage } from '@bsd-sockets/socket';

const shared = { package: '@bsd-sockets/bluetooth', family: AF_BLUETOOTH };

/** The status of a packet of SCO or ISO: 0 for good data. Received with the option BT_PKT_STATUS. Source: Linux */
export const BtScmPktStatus = registerControlMessage({
  ...shared,
  name: 'BT_SCM_PKT_STATUS',
  level: SOL_BLUETOOTH,
  type: BT_SCM_PKT_STATUS,
  size: 1,
  decode: (data): number => data.getUint8(0),
});

/** Whether a packet came from the controller. Received with the option HCI_DATA_DIR. Source: bluetooth/hci.h */
export const HciCmsgDir = registerControlMessage({
  ...shared,
  name: 'HCI_CMSG_DIR',
  level: SOL_HCI,
  type: HCI_CMSG_DIR,
  size: 4,
  decode: (data): boolean => data.getInt32(0, LITTLE_ENDIAN) !== 0,
});

/** When a packet passed, in nanoseconds since 1970. Received with the option HCI_TIME_STAMP. Source: bluetooth/hci.h */
export const HciCmsgTstamp = registerControlMessage({
  ...shared,
  name: 'HCI_CMSG_TSTAMP',
  level: SOL_HCI,
  type: HCI_CMSG_TSTAMP,
  size: 16,
  decode: (data): bigint =>
    data.getBigInt64(0, LITTLE_ENDIAN) * 1_000_000_000n + data.getBigInt64(8, LITTLE_ENDIAN) * 1000n,
});
