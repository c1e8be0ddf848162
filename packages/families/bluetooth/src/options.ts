import { SOL_BLUETOOTH, SOL_HCI, SOL_L2CAP, SOL_RFCOMM, SOL_SCO, wrongType } from '@bsd-sockets/core-native';
import { codecs, defineOptions, type FixedCodec, type OptionTable, struct } from '@bsd-sockets/socket';
import { hciFilter } from './hci-filter';
import { isoQos } from './iso-qos';

const { boolean, bytes, readOnly, uint8, uint16, uint32 } = codecs;

/** How safe a connection must be, or is. */
export interface BtSecurity {
  /** A BT_SECURITY_* constant. */
  level: number;
  /** Bytes of the encryption's key; 0 if it is not known, or set. */
  keySize: number;
}

/** What is taken for it. */
export interface BtSecurityLike {
  level: number;
  keySize?: number | undefined;
}

/** How a L2CAP channel of BR/EDR should be configured. To change a part, spread what was read. */
export interface L2capOptions {
  /** The most bytes of a packet that is sent. */
  omtu: number;
  /** The most bytes of a packet that is received. */
  imtu: number;
  /** Milliseconds after which a packet is given up; 65535 for never. */
  flushTo: number;
  /** A L2CAP_MODE_* constant. */
  mode: number;
  /** L2CAP_FCS_NONE or L2CAP_FCS_CRC16. */
  fcs: number;
  /** How often a packet is sent. */
  maxTx: number;
  /** Packets that may be sent ahead. */
  txwinSize: number;
}

/** The connection below a socket. */
export interface BtConninfo {
  /** Its handle, as in packets. */
  hciHandle: number;
  /** The peer's class of device: 3 bytes. */
  devClass: Buffer;
}

const flag8: FixedCodec<boolean> = {
  ...uint8,
  encode: (value, name) => {
    if (typeof value !== 'boolean') throw wrongType(name, 'true or false', value);
    return uint8.encode(value ? 1 : 0, name);
  },
  decode: (value) => uint8.decode(value) !== 0,
};

const security: FixedCodec<BtSecurity, BtSecurityLike> = (() => {
  const raw = struct<BtSecurity>({ level: uint8, keySize: uint8 });
  return {
    ...raw,
    encode: (value: BtSecurityLike, name: string) =>
      raw.encode(typeof value === 'object' && value !== null ? { ...value, keySize: value.keySize ?? 0 } : value, name),
  };
})();

const l2capOptions = struct<L2capOptions>({
  omtu: uint16,
  imtu: uint16,
  flushTo: uint16,
  mode: uint8,
  fcs: uint8,
  maxTx: uint8,
  txwinSize: uint16,
});

const conninfo = readOnly(struct<BtConninfo>({ hciHandle: uint16, devClass: { ...bytes(3), alignment: 1 } }));

const common = {
  /** A BT_CHANNEL_POLICY_* constant. Kernels from 6.9 on read it only. */
  BT_CHANNEL_POLICY: uint32,
  /** Accept connections at the first read (L2CAP, RFCOMM, SCO, ISO); before bind no more than L2CAP takes it. */
  BT_DEFER_SETUP: boolean,
  /** Whether packets may be given up after a time (L2CAP). */
  BT_FLUSHABLE: boolean,
  /** What a broadcast announces of its streams: at most 248 bytes (ISO). */
  BT_ISO_BASE: bytes(248),
  /** How data pass in a stream (ISO). */
  BT_ISO_QOS: isoQos,
  /** A BT_MODE_* constant (L2CAP, where the module parameter enable_ecred is set). */
  BT_MODE: uint8,
  /** BT_PHY_* constants, joined by `|`, of a connected socket (L2CAP, SCO). Read-only. */
  BT_PHY: readOnly(uint32),
  /** Receive each packet's status, as a control message (SCO, ISO). */
  BT_PKT_STATUS: boolean,
  /** Whether to leave low power modes for each packet (L2CAP). */
  BT_POWER: flag8,
  /** The most bytes of a packet that is received (L2CAP of Low Energy; read-only for SCO and HCI_CHANNEL_RAW). */
  BT_RCVMTU: uint16,
  /** How safe a connection must be (L2CAP, RFCOMM). */
  BT_SECURITY: security,
  /** The most bytes of a packet that is sent (L2CAP of Low Energy; read-only for SCO and HCI_CHANNEL_RAW). */
  BT_SNDMTU: uint16,
  /** A BT_VOICE_* constant (SCO). */
  BT_VOICE: uint16,
};

const l2cap = {
  /** The connection below. Read-only. */
  L2CAP_CONNINFO: conninfo,
  /** L2CAP_LM_* constants, joined by `|`; BT_SECURITY is newer. */
  L2CAP_LM: uint32,
  /** The configuration of a BR/EDR channel. */
  L2CAP_OPTIONS: l2capOptions,
};

const rfcomm = {
  /** The connection below. Read-only. */
  RFCOMM_CONNINFO: conninfo,
  /** RFCOMM_LM_* constants, joined by `|`; BT_SECURITY is newer. */
  RFCOMM_LM: uint32,
};

const sco = {
  /** The connection below. Read-only. */
  SCO_CONNINFO: conninfo,
  /** The most bytes of a packet. Read-only. */
  SCO_OPTIONS: readOnly(uint16),
};

const hci = {
  /** Receive each packet's direction, as a control message. */
  HCI_DATA_DIR: boolean,
  /** Which packets to receive: none, until it is set. */
  HCI_FILTER: hciFilter,
  /** Receive each packet's time, as a control message. */
  HCI_TIME_STAMP: boolean,
};

/**
 * The options of Bluetooth sockets, for `getOption` and `setOption`.
 *
 * Source: Linux, net/bluetooth; bluetooth/bluetooth.h
 */
export const bluetoothOptions: OptionTable<typeof common & typeof l2cap & typeof rfcomm & typeof sco & typeof hci> = {
  ...defineOptions(SOL_BLUETOOTH, common),
  ...defineOptions(SOL_L2CAP, l2cap),
  ...defineOptions(SOL_RFCOMM, rfcomm),
  ...defineOptions(SOL_SCO, sco),
  ...defineOptions(SOL_HCI, hci),
};
