import * as core from '@bsd-sockets/core-native';
import {
  type BytesLike,
  bytes,
  integer,
  knownKeys,
  LITTLE_ENDIAN,
  newSockaddr,
  structView,
  wrongType,
} from '@bsd-sockets/core-native';
import { type Family, registerFamily, type SocketInfo } from '@bsd-sockets/socket';
import { BDADDR_SIZE, bdaddrBytes, decodeBdaddr } from './bdaddr';

const {
  BDADDR_BREDR,
  BTPROTO_HCI,
  BTPROTO_ISO,
  BTPROTO_L2CAP,
  BTPROTO_RFCOMM,
  BTPROTO_SCO,
  FastBuffer,
  HCI_CHANNEL_RAW,
} = core;

/** A device and its protocol/service multiplexer (PSM). Of Bluetooth Low Energy, with the channel and the address type. */
export type L2capAddress =
  | [bdaddr: string, psm: number]
  | [bdaddr: string, psm: number, cid: number, bdaddrType: number];

/** What is taken for one: no channel (0) and BDADDR_BREDR by default. */
export type L2capAddressLike = readonly [bdaddr: string, psm: number, cid?: number, bdaddrType?: number];

/** A device and a channel of it, 1 to 30; 0 to bind to a free one. */
export type RfcommAddress = [bdaddr: string, channel: number];

/** What is taken for one. */
export type RfcommAddressLike = readonly [bdaddr: string, channel: number];

/** The number of an adapter of this host (HCI_DEV_NONE for none), or that and a HCI_CHANNEL_* constant. */
export type HciAddress = number | [device: number, channel: number];

/** What is taken for one: HCI_CHANNEL_RAW by default. */
export type HciAddressLike = number | readonly [device: number, channel?: number];

/** A device. */
export type ScoAddress = string;

/** What is taken for one: its text, or the bytes of its text. */
export type ScoAddressLike = string | BytesLike;

/** Whose broadcast to receive: the broadcaster, its advertising set, and which streams of the group. */
export interface IsoBroadcast {
  bdaddr: string;
  bdaddrType: number;
  /** The advertising set, 0 to 15; 255 for any. */
  sid: number;
  /** Indices of streams, 1 to 31. */
  bis: number[];
}

/** What is taken for one. */
export interface IsoBroadcastLike extends Omit<IsoBroadcast, 'bis'> {
  bis: readonly number[];
}

/** A device of Bluetooth Low Energy; a receiver of broadcasts has also whose broadcast that is. */
export type IsoAddress =
  | [bdaddr: string, bdaddrType: number]
  | [bdaddr: string, bdaddrType: number, broadcast: IsoBroadcast];

/** What is taken for one. */
export type IsoAddressLike = readonly [bdaddr: string, bdaddrType: number, broadcast?: IsoBroadcastLike];

/** An address of the socket's protocol; the bytes of the `struct sockaddr` for a protocol that is none of these. */
export type BluetoothAddress = L2capAddress | RfcommAddress | HciAddress | ScoAddress | IsoAddress | Buffer;

/** What is taken for one. */
export type BluetoothAddressLike =
  | L2capAddressLike
  | RfcommAddressLike
  | HciAddressLike
  | ScoAddressLike
  | IsoAddressLike;

type Codec = Pick<Family<BluetoothAddress, any>, 'encode' | 'decode'>;

function bdaddrAt(view: DataView, offset: number): string {
  return decodeBdaddr(new Uint8Array(view.buffer, view.byteOffset + offset, BDADDR_SIZE));
}

function tuple(address: unknown, least: number, most: number, form: string): unknown[] {
  if (!Array.isArray(address) || address.length < least || address.length > most) {
    throw wrongType('address', form, address);
  }
  return address;
}

// struct sockaddr_l2, whose numbers are those of packets: the low byte first on every machine.
const L2 = { psm: 2, bdaddr: 4, cid: 10, bdaddrType: 12, size: 14 };

const l2cap: Codec = {
  encode(address: unknown) {
    const [bdaddr, psm, cid = 0, bdaddrType = BDADDR_BREDR] = tuple(
      address,
      2,
      4,
      '[bdaddr, psm, cid?, bdaddrType?] for BTPROTO_L2CAP',
    );
    const sockaddr = newSockaddr(core.AF_BLUETOOTH, L2.size);
    sockaddr.set(bdaddrBytes('bdaddr', bdaddr), L2.bdaddr);
    sockaddr.writeUInt16LE(integer('psm', psm, 0, 0xffff), L2.psm);
    sockaddr.writeUInt16LE(integer('cid', cid, 0, 0xffff), L2.cid);
    sockaddr.writeUInt8(integer('bdaddrType', bdaddrType, 0, 0xff), L2.bdaddrType);
    return sockaddr;
  },
  decode(sockaddr): L2capAddress {
    const view = structView(sockaddr, L2.size);
    const bdaddr = bdaddrAt(view, L2.bdaddr);
    const psm = view.getUint16(L2.psm, true);
    const bdaddrType = view.getUint8(L2.bdaddrType);
    // As in Python: a program that knows no Low Energy finds the pair that it has always been.
    return bdaddrType === BDADDR_BREDR ? [bdaddr, psm] : [bdaddr, psm, view.getUint16(L2.cid, true), bdaddrType];
  },
};

// struct sockaddr_rc; that of Windows has 64 bits for the address, of which 48 count, and 32 for the channel.
const RC = core.layout.sockaddr_rc ?? { size: 10, rc_bdaddr: { offset: 2 }, rc_channel: { offset: 8, size: 1 } };
const CHANNEL_MOST = 2 ** (8 * RC.rc_channel.size) - 1;

const rfcomm: Codec = {
  encode(address: unknown) {
    const [bdaddr, channel] = tuple(address, 2, 2, 'a pair [bdaddr, channel] for BTPROTO_RFCOMM');
    const sockaddr = newSockaddr(core.AF_BLUETOOTH, RC.size);
    sockaddr.set(bdaddrBytes('bdaddr', bdaddr), RC.rc_bdaddr.offset);
    const { offset, size } = RC.rc_channel;
    sockaddr.writeUIntLE(integer('channel', channel, 0, CHANNEL_MOST), offset, size);
    return sockaddr;
  },
  decode(sockaddr): RfcommAddress {
    const view = structView(sockaddr, RC.size);
    const { offset, size } = RC.rc_channel;
    return [bdaddrAt(view, RC.rc_bdaddr.offset), size === 1 ? view.getUint8(offset) : view.getUint32(offset, true)];
  },
};

// struct sockaddr_hci
const HCI = { device: 2, channel: 4, size: 6 };

const hci: Codec = {
  encode(address: unknown) {
    const pair = typeof address === 'number' ? [address] : address;
    const [device, channel = HCI_CHANNEL_RAW] = tuple(pair, 1, 2, 'device or [device, channel?] for BTPROTO_HCI');
    const sockaddr = newSockaddr(core.AF_BLUETOOTH, HCI.size);
    const view = structView(sockaddr);
    view.setUint16(HCI.device, integer('device', device, 0, 0xffff), LITTLE_ENDIAN);
    view.setUint16(HCI.channel, integer('channel', channel, 0, 0xffff), LITTLE_ENDIAN);
    return sockaddr;
  },
  decode(sockaddr): HciAddress {
    const view = structView(sockaddr, HCI.size);
    const device = view.getUint16(HCI.device, LITTLE_ENDIAN);
    const channel = view.getUint16(HCI.channel, LITTLE_ENDIAN);
    return channel === HCI_CHANNEL_RAW ? device : [device, channel];
  },
};

// struct sockaddr_sco
const SCO = { bdaddr: 2, size: 8 };

const sco: Codec = {
  encode(address: unknown) {
    const text = typeof address === 'string' ? address : Buffer.from(bytes('address', address)).toString('latin1');
    const sockaddr = newSockaddr(core.AF_BLUETOOTH, SCO.size);
    sockaddr.set(bdaddrBytes('address', text), SCO.bdaddr);
    return sockaddr;
  },
  decode: (sockaddr): ScoAddress => bdaddrAt(structView(sockaddr, SCO.size), SCO.bdaddr),
};

// struct sockaddr_iso, which ends with a byte of padding. A struct sockaddr_iso_bc may follow: it lies over that byte.
const ISO = { bdaddr: 2, bdaddrType: 8, size: 10 };
const ISO_BC = { bdaddr: 9, bdaddrType: 15, sid: 16, numBis: 17, bis: 18, size: 50 };
const MOST_BIS = 31;

const iso: Codec = {
  encode(address: unknown) {
    const form = '[bdaddr, bdaddrType, broadcast?] for BTPROTO_ISO';
    const [bdaddr, bdaddrType, broadcast] = tuple(address, 2, 3, form);
    const sockaddr = newSockaddr(core.AF_BLUETOOTH, broadcast === undefined ? ISO.size : ISO_BC.size);
    sockaddr.set(bdaddrBytes('bdaddr', bdaddr), ISO.bdaddr);
    sockaddr.writeUInt8(integer('bdaddrType', bdaddrType, 0, 0xff), ISO.bdaddrType);
    if (broadcast !== undefined) writeBroadcast(sockaddr, broadcast);
    return sockaddr;
  },
  decode(sockaddr): IsoAddress {
    const view = structView(sockaddr, ISO_BC.size);
    const bdaddr = bdaddrAt(view, ISO.bdaddr);
    const bdaddrType = view.getUint8(ISO.bdaddrType);
    if (sockaddr.length <= ISO.size) return [bdaddr, bdaddrType];
    const bis = Array.from({ length: Math.min(view.getUint8(ISO_BC.numBis), MOST_BIS) }, (_, index) =>
      view.getUint8(ISO_BC.bis + index),
    );
    const broadcast: IsoBroadcast = {
      bdaddr: bdaddrAt(view, ISO_BC.bdaddr),
      bdaddrType: view.getUint8(ISO_BC.bdaddrType),
      sid: view.getUint8(ISO_BC.sid),
      bis,
    };
    return [bdaddr, bdaddrType, broadcast];
  },
};

function writeBroadcast(sockaddr: Buffer, broadcast: unknown): void {
  if (typeof broadcast !== 'object' || broadcast === null) {
    throw wrongType('broadcast', 'an object { bdaddr, bdaddrType, sid, bis }', broadcast);
  }
  knownKeys<Partial<IsoBroadcast>>('broadcast', broadcast, { bdaddr: true, bdaddrType: true, sid: true, bis: true });
  const { bdaddr, bdaddrType, sid, bis } = broadcast as Partial<IsoBroadcast>;
  if (!Array.isArray(bis) || bis.length > MOST_BIS) {
    throw wrongType('broadcast.bis', `an array of at most ${MOST_BIS} indices`, bis);
  }
  sockaddr.set(bdaddrBytes('broadcast.bdaddr', bdaddr), ISO_BC.bdaddr);
  sockaddr.writeUInt8(integer('broadcast.bdaddrType', bdaddrType, 0, 0xff), ISO_BC.bdaddrType);
  sockaddr.writeUInt8(integer('broadcast.sid', sid, 0, 0xff), ISO_BC.sid);
  sockaddr.writeUInt8(bis.length, ISO_BC.numBis);
  for (const [index, stream] of bis.entries()) {
    sockaddr.writeUInt8(integer(`broadcast.bis[${index}]`, stream, 0, 0xff), ISO_BC.bis + index);
  }
}

// What another protocol's sockets have for addresses, if any, is for those that know it.
const raw: Codec = {
  encode: (address: unknown) => bytes('address', address),
  decode: (sockaddr) => new FastBuffer(sockaddr),
};

const codecs = new Map<number, Codec>([
  [BTPROTO_L2CAP, l2cap],
  [BTPROTO_RFCOMM, rfcomm],
  [BTPROTO_HCI, hci],
  [BTPROTO_SCO, sco],
  [BTPROTO_ISO, iso],
]);

function codecOf({ proto }: SocketInfo): Codec {
  return codecs.get(proto) ?? raw;
}

/**
 * Bluetooth: the form of an address depends on the protocol. BTPROTO_L2CAP `[bdaddr, psm, cid?, bdaddrType?]`, BTPROTO_RFCOMM
 * `[bdaddr, channel]`, BTPROTO_HCI `device` or `[device, channel?]`, BTPROTO_SCO `bdaddr`, BTPROTO_ISO
 * `[bdaddr, bdaddrType, broadcast?]`. Linux; on Windows BTPROTO_RFCOMM only.
 *
 * Source: Python's socket module (ISO: Linux, net/bluetooth/iso.h)
 */
export const AF_BLUETOOTH = registerFamily<BluetoothAddress, BluetoothAddressLike>({
  // FreeBSD has the family, with other structures and protocols.
  number: BTPROTO_RFCOMM === undefined ? BTPROTO_RFCOMM : core.AF_BLUETOOTH,
  name: 'AF_BLUETOOTH',
  package: '@bsd-sockets/bluetooth',
  encode: (address, socket) => codecOf(socket).encode(address, socket),
  decode: (sockaddr, socket) => codecOf(socket).decode(sockaddr, socket),
});
