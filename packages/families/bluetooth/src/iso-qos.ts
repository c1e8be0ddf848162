import { knownKeys, wrongType } from '@bsd-sockets/core-native';
import { codecs, type FixedCodec, struct } from '@bsd-sockets/socket';

const { bytes, uint8, uint16, uint32 } = codecs;

/** How data pass in one direction of an isochronous stream. */
export interface IsoIoQos {
  /** Microseconds from one unit of data to the next. */
  interval: number;
  /** Milliseconds. */
  latency: number;
  /** The most bytes of a unit; 0 for no data in this direction. */
  sdu: number;
  /** BT_ISO_PHY_* constants, joined by `|`. */
  phy: number;
  /** How often a packet is sent again. */
  rtn: number;
}

/** Of a stream between two devices. */
export interface IsoUnicastQos {
  /** The group of streams; BT_ISO_QOS_CIG_UNSET for any. */
  cig: number;
  /** The stream in its group; BT_ISO_QOS_CIS_UNSET for any. */
  cis: number;
  /** The sleep clock accuracy. */
  sca: number;
  packing: number;
  framing: number;
  in: IsoIoQos;
  out: IsoIoQos;
}

/** Of a stream from one device to all. */
export interface IsoBroadcastQos {
  /** The group of streams; BT_ISO_QOS_BIG_UNSET for any. */
  big: number;
  /** The stream in its group; BT_ISO_QOS_BIS_UNSET for any. */
  bis: number;
  syncFactor: number;
  packing: number;
  framing: number;
  in: IsoIoQos;
  out: IsoIoQos;
  /** 1 if the data are encrypted. */
  encryption: number;
  /** The key of the encryption: 16 bytes. */
  bcode: Buffer;
  options: number;
  skip: number;
  /** In units of 10 ms. */
  syncTimeout: number;
  syncCteType: number;
  mse: number;
  /** In units of 10 ms. */
  timeout: number;
}

const io = struct<IsoIoQos>({ interval: uint32, latency: uint16, sdu: uint16, phy: uint8, rtn: uint8 });

const unicast = struct<IsoUnicastQos>({
  cig: uint8,
  cis: uint8,
  sca: uint8,
  packing: uint8,
  framing: uint8,
  in: io,
  out: io,
});

const BCODE = 16;
const bcode: FixedCodec<Buffer> = {
  ...bytes(BCODE),
  alignment: 1,
  encode: (value, name) => {
    const key = bytes(BCODE).encode(value, name);
    if (key.length !== BCODE) throw wrongType(name, `${BCODE} bytes`, value);
    return key;
  },
};

const broadcast = struct<IsoBroadcastQos>({
  big: uint8,
  bis: uint8,
  syncFactor: uint8,
  packing: uint8,
  framing: uint8,
  in: io,
  out: io,
  encryption: uint8,
  bcode,
  options: uint8,
  skip: uint16,
  syncTimeout: uint16,
  syncCteType: uint8,
  mse: uint8,
  timeout: uint16,
});

/**
 * `struct bt_iso_qos`, a union: the kernel does not tell which of the two it means, so both are read. The one that counts is
 * `broadcast` for sockets whose peer is BDADDR_ANY, and `unicast` for others.
 */
export interface IsoQos {
  unicast: IsoUnicastQos;
  broadcast: IsoBroadcastQos;
}

/** What is taken for one: one of the two. */
export type IsoQosLike = { unicast: IsoUnicastQos } | { broadcast: IsoBroadcastQos };

/** The codec of the option BT_ISO_QOS. */
export const isoQos: FixedCodec<IsoQos, IsoQosLike> = {
  size: broadcast.size,
  alignment: 4,
  encode: (value, name) => {
    if (typeof value !== 'object' || value === null || 'unicast' in value === 'broadcast' in value) {
      throw wrongType(name, 'an object { unicast } or { broadcast }', value);
    }
    knownKeys<Partial<IsoQos>>(name, value, { unicast: true, broadcast: true });
    if ('broadcast' in value) return broadcast.encode(value.broadcast, `${name}.broadcast`);
    return Buffer.concat([unicast.encode(value.unicast, `${name}.unicast`)], broadcast.size);
  },
  decode: (value) => {
    const whole = Buffer.concat([value], broadcast.size);
    return { unicast: unicast.decode(whole), broadcast: broadcast.decode(whole) };
  },
};
