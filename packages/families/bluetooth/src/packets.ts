import {
  type BytesLike,
  bytes,
  FastBuffer,
  HCI_ACLDATA_PKT,
  HCI_COMMAND_PKT,
  HCI_EVENT_PKT,
  HCI_ISODATA_PKT,
  HCI_SCODATA_PKT,
  integer,
  type KnownKeys,
  knownKeys,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';

/** What the host tells the controller to do. */
export interface HciCommand {
  kind: 'command';
  /** See {@link hciOpcode}. */
  opcode: number;
  /** At most 255 bytes. */
  parameters: Buffer;
}

/** What the controller tells the host. */
export interface HciEvent {
  kind: 'event';
  /** The event's code, 0 to 255. */
  event: number;
  /** At most 255 bytes. */
  parameters: Buffer;
}

/** Data of a connection. */
export interface HciAclData {
  kind: 'acl';
  /** The connection, 0 to 4095. */
  handle: number;
  /** The packet boundary flag, 0 to 3. */
  boundary: number;
  /** The broadcast flag, 0 to 3. */
  broadcast: number;
  /** At most 65535 bytes. */
  data: Buffer;
}

/** Voice of a synchronous connection. */
export interface HciScoData {
  kind: 'sco';
  /** The connection, 0 to 4095. */
  handle: number;
  /** The packet status flag, 0 to 3. */
  status: number;
  /** At most 255 bytes. */
  data: Buffer;
}

/** Data of an isochronous stream. */
export interface HciIsoData {
  kind: 'iso';
  /** The stream, 0 to 4095. */
  handle: number;
  /** The packet boundary flag, 0 to 3. */
  boundary: number;
  /** Whether the data begin with a time stamp. */
  timestamp: boolean;
  /** At most 16383 bytes. */
  data: Buffer;
}

/** A packet of another type, such as a vendor's (HCI_VENDOR_PKT). */
export interface HciOtherPacket {
  kind: 'other';
  /** 0 to 255. */
  type: number;
  data: Buffer;
}

/** A packet between host and controller: `kind` tells which. */
export type HciPacket = HciCommand | HciEvent | HciAclData | HciScoData | HciIsoData | HciOtherPacket;

/** What is taken for one: bytes of any kind, none by default, as are flags. */
export type HciPacketLike =
  | { kind: 'command'; opcode: number; parameters?: BytesLike }
  | { kind: 'event'; event: number; parameters?: BytesLike }
  | { kind: 'acl'; handle: number; boundary?: number; broadcast?: number; data?: BytesLike }
  | { kind: 'sco'; handle: number; status?: number; data?: BytesLike }
  | { kind: 'iso'; handle: number; boundary?: number; timestamp?: boolean; data?: BytesLike }
  | { kind: 'other'; type: number; data?: BytesLike };

/** The fields of each kind. */
const FIELDS: { readonly [Kind in HciPacket['kind']]: KnownKeys<Extract<HciPacket, { kind: Kind }>> } = {
  command: { kind: true, opcode: true, parameters: true },
  event: { kind: true, event: true, parameters: true },
  acl: { kind: true, handle: true, boundary: true, broadcast: true, data: true },
  sco: { kind: true, handle: true, status: true, data: true },
  iso: { kind: true, handle: true, boundary: true, timestamp: true, data: true },
  other: { kind: true, type: true, data: true },
};

const OCF_BITS = 10;

/**
 * The number of a command, from the number of its group and its own in the group.
 *
 * @param ogf - The opcode group field, 0 to 63.
 * @param ocf - The opcode command field, 0 to 1023.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
 *
 * Source: Bluetooth Core Specification, volume 4, part E, 5.4.1
 */
export function hciOpcode(ogf: number, ocf: number): number {
  return (integer('ogf', ogf, 0, 2 ** 6 - 1) << OCF_BITS) | integer('ocf', ocf, 0, 2 ** OCF_BITS - 1);
}

/** The packet's type, as bytes on HCI sockets begin with it. */
function typed(name: string, type: number, ...parts: Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.of(integer(name, type, 0, 0xff)), ...parts]);
}

function uint16(value: number): Buffer {
  return Buffer.of(value & 0xff, value >> 8);
}

/** The bytes of a field, after their number in one byte. */
function counted(name: string, value: BytesLike | undefined): Buffer {
  const data = payload(name, value, 0xff);
  return Buffer.concat([Buffer.of(data.length), data]);
}

function payload(name: string, value: BytesLike | undefined, most: number): Uint8Array {
  const data = value === undefined ? Buffer.alloc(0) : bytes(name, value);
  if (data.length > most) throw wrongValue(name, `at most ${most} bytes`, value);
  return data;
}

/** The handle of a connection in 12 bits, and flags above it. */
function handleAndFlags(handle: number, flags: number): Buffer {
  return uint16(integer('handle', handle, 0, 0xfff) | (flags << 12));
}

/**
 * The bytes of a packet, as HCI sockets of HCI_CHANNEL_RAW and HCI_CHANNEL_USER send and receive them.
 *
 * @param packet - The packet.
 * @throws TypeError or RangeError that names the wrong field.
 *
 * Source: Bluetooth Core Specification, volume 4, part A, 2, and part E, 5.4
 */
export function encodeHciPacket(packet: HciPacketLike): Buffer {
  const fields = FIELDS[packet?.kind];
  if (fields !== undefined) knownKeys<object>('packet', packet, fields);
  switch (packet?.kind) {
    case 'command':
      return typed(
        'HCI_COMMAND_PKT',
        HCI_COMMAND_PKT,
        uint16(integer('opcode', packet.opcode, 0, 0xffff)),
        counted('parameters', packet.parameters),
      );
    case 'event':
      return typed(
        'HCI_EVENT_PKT',
        HCI_EVENT_PKT,
        Buffer.of(integer('event', packet.event, 0, 0xff)),
        counted('parameters', packet.parameters),
      );
    case 'acl': {
      const { boundary = 0, broadcast = 0 } = packet;
      const flags = integer('boundary', boundary, 0, 3) | (integer('broadcast', broadcast, 0, 3) << 2);
      const data = payload('data', packet.data, 0xffff);
      return typed('HCI_ACLDATA_PKT', HCI_ACLDATA_PKT, handleAndFlags(packet.handle, flags), uint16(data.length), data);
    }
    case 'sco': {
      const flags = integer('status', packet.status ?? 0, 0, 3);
      return typed(
        'HCI_SCODATA_PKT',
        HCI_SCODATA_PKT,
        handleAndFlags(packet.handle, flags),
        counted('data', packet.data),
      );
    }
    case 'iso': {
      const { boundary = 0, timestamp = false } = packet;
      if (typeof timestamp !== 'boolean') throw wrongType('timestamp', 'true or false', timestamp);
      const flags = integer('boundary', boundary, 0, 3) | (timestamp ? 4 : 0);
      const data = payload('data', packet.data, 0x3fff);
      return typed('HCI_ISODATA_PKT', HCI_ISODATA_PKT, handleAndFlags(packet.handle, flags), uint16(data.length), data);
    }
    case 'other':
      return typed('type', packet.type, payload('data', packet.data, Number.POSITIVE_INFINITY));
    default:
      throw wrongType('packet', "a packet with kind 'command', 'event', 'acl', 'sco', 'iso' or 'other'", packet);
  }
}

/**
 * The packet in the bytes that a HCI socket of HCI_CHANNEL_RAW or HCI_CHANNEL_USER received.
 *
 * @param data - The whole packet. The result has a copy of it.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) for what is no bytes; RangeError (`ERR_INVALID_ARG_VALUE`) if the packet is
 *   not as long as it says.
 *
 * Source: Bluetooth Core Specification, volume 4, part A, 2, and part E, 5.4
 */
export function decodeHciPacket(data: BytesLike): HciPacket {
  // Without the constants every type would be another one.
  integer('HCI_COMMAND_PKT', HCI_COMMAND_PKT, 0, 0xff);
  const packet = new FastBuffer(bytes('data', data));
  if (packet.length === 0) throw wrongValue('data', 'a packet of at least 1 byte', data);
  const [type] = packet as unknown as [number];
  const body = packet.subarray(1);
  /** What follows a header that ends with its length: at `offset`, of `size` bytes. */
  const rest = (offset: number, size: number, mask: number) => {
    const header = offset + size;
    const length = body.length < header ? 0 : body.readUIntLE(offset, size) & mask;
    if (body.length !== header + length) {
      throw wrongValue('data', `a packet of ${1 + header + length} bytes by its header`, data);
    }
    return body.subarray(header);
  };
  switch (type) {
    case HCI_COMMAND_PKT: {
      const parameters = rest(2, 1, 0xff);
      return { kind: 'command', opcode: body.readUInt16LE(), parameters };
    }
    case HCI_EVENT_PKT: {
      const parameters = rest(1, 1, 0xff);
      return { kind: 'event', event: body.readUInt8(), parameters };
    }
    case HCI_ACLDATA_PKT: {
      const payload = rest(2, 2, 0xffff);
      const word = body.readUInt16LE();
      return { kind: 'acl', handle: word & 0xfff, boundary: (word >> 12) & 3, broadcast: word >> 14, data: payload };
    }
    case HCI_SCODATA_PKT: {
      const payload = rest(2, 1, 0xff);
      const word = body.readUInt16LE();
      return { kind: 'sco', handle: word & 0xfff, status: (word >> 12) & 3, data: payload };
    }
    case HCI_ISODATA_PKT: {
      const payload = rest(2, 2, 0x3fff);
      const word = body.readUInt16LE();
      const timestamp = (word & 0x4000) !== 0;
      return { kind: 'iso', handle: word & 0xfff, boundary: (word >> 12) & 3, timestamp, data: payload };
    }
    default:
      return { kind: 'other', type, data: body };
  }
}
