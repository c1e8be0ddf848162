import {
  type BytesLike,
  bytes,
  FastBuffer,
  integer,
  knownKeys,
  MGMT_INDEX_NONE,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';

/** A message of the management interface, or of the monitor: a code, and which adapter it is about. */
export interface HciMessage {
  /** A MGMT_OP_*, MGMT_EV_* or HCI_MON_* constant. */
  code: number;
  /** The adapter; MGMT_INDEX_NONE for none. */
  index: number;
  /** At most 65535 bytes. */
  parameters: Buffer;
}

/** What is taken for one: no adapter and no parameters by default. */
export interface HciMessageLike {
  code: number;
  index?: number | undefined;
  parameters?: BytesLike | undefined;
}

// struct mgmt_hdr and struct hci_mon_hdr
const HEADER = 6;
const UINT16_MAX = 0xffff;

/**
 * The bytes of a message for a HCI socket of HCI_CHANNEL_CONTROL or HCI_CHANNEL_LOGGING.
 *
 * @param message - The message.
 * @throws TypeError or RangeError that names the wrong field.
 *
 * Source: BlueZ, doc/mgmt-api.txt; Linux, net/bluetooth/hci_mon.h
 */
export function encodeHciMessage(message: HciMessageLike): Buffer {
  if (typeof message !== 'object' || message === null) {
    throw wrongType('message', 'an object { code, index?, parameters? }', message);
  }
  knownKeys('message', message, { code: true, index: true, parameters: true });
  const { code, index = MGMT_INDEX_NONE, parameters = Buffer.alloc(0) } = message;
  const data = bytes('parameters', parameters);
  if (data.length > UINT16_MAX) throw wrongValue('parameters', `at most ${UINT16_MAX} bytes`, parameters);
  const header = Buffer.alloc(HEADER);
  header.writeUInt16LE(integer('code', code, 0, UINT16_MAX), 0);
  header.writeUInt16LE(integer('index', index, 0, UINT16_MAX), 2);
  header.writeUInt16LE(data.length, 4);
  return Buffer.concat([header, data]);
}

/**
 * The message in the bytes that a HCI socket of HCI_CHANNEL_CONTROL or HCI_CHANNEL_MONITOR received.
 *
 * @param data - The whole message. The result has a copy of it.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) for what is no bytes; RangeError (`ERR_INVALID_ARG_VALUE`) if the message is
 *   not as long as it says.
 *
 * Source: BlueZ, doc/mgmt-api.txt; Linux, net/bluetooth/hci_mon.h
 */
export function decodeHciMessage(data: BytesLike): HciMessage {
  const message = new FastBuffer(bytes('data', data));
  const length = message.length < HEADER ? 0 : message.readUInt16LE(4);
  if (message.length !== HEADER + length) throw wrongValue('data', `a message of ${HEADER + length} bytes`, data);
  return { code: message.readUInt16LE(0), index: message.readUInt16LE(2), parameters: message.subarray(HEADER) };
}
