import {
  AF_QIPCRTR,
  type BytesLike,
  bytes,
  integer,
  knownKeys,
  QRTR_TYPE_DEL_CLIENT,
  QRTR_TYPE_DEL_LOOKUP,
  QRTR_TYPE_DEL_SERVER,
  QRTR_TYPE_NEW_LOOKUP,
  QRTR_TYPE_NEW_SERVER,
  QRTR_TYPE_RESUME_TX,
  structView,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';

/** A record of the name service, or another packet to or from QRTR_PORT_CTRL: `struct qrtr_ctrl_pkt`. */
export interface QrtrControlPacket {
  /** QRTR_TYPE_NEW_SERVER, QRTR_TYPE_NEW_LOOKUP, … */
  cmd: number;
  /** The number of the service; undefined in a packet that is about none. */
  service: number | undefined;
  /** Which one of that service, and its version: QMI has the version in the low 8 bits. */
  instance: number | undefined;
  /** Where the server is, or the client that a packet is about. */
  node: number | undefined;
  /** Its port. */
  port: number | undefined;
}

/** What is taken for one: numbers from 0 to 4294967295, each of them 0 by default. */
export type QrtrControlPacketLike = { cmd: number } & { [Name in keyof QrtrControlPacket]?: number | undefined };

// All of it is little-endian: it goes to other processors.
const WORD = 4;
const SIZE = 5 * WORD;
const UINT32_MAX = 2 ** 32 - 1;

type Field = Exclude<keyof QrtrControlPacket, 'cmd'>;

/** The fields behind `cmd`, in their order. */
function fieldsOf(cmd: unknown): readonly Field[] {
  switch (cmd) {
    case QRTR_TYPE_NEW_SERVER:
    case QRTR_TYPE_DEL_SERVER:
    case QRTR_TYPE_NEW_LOOKUP:
    case QRTR_TYPE_DEL_LOOKUP:
      return ['service', 'instance', 'node', 'port'];
    case QRTR_TYPE_DEL_CLIENT:
    case QRTR_TYPE_RESUME_TX:
      return ['node', 'port'];
    default:
      return [];
  }
}

/** Throws where the platform has no such sockets: the commands are undefined there. */
function needQrtr(name: string): void {
  if (AF_QIPCRTR === undefined) throw wrongType('AF_QIPCRTR', `a platform with these sockets for ${name}`, AF_QIPCRTR);
}

/**
 * The bytes of a packet for the name service, which listens at the port QRTR_PORT_CTRL of the socket's own node.
 *
 * @param packet - `{ cmd: QRTR_TYPE_NEW_SERVER, service, instance }` offers a service at the sender's port,
 *   QRTR_TYPE_DEL_SERVER takes it back; QRTR_TYPE_NEW_LOOKUP asks for a service (0: for all) and for news of it until
 *   QRTR_TYPE_DEL_LOOKUP.
 * @returns 20 bytes.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) that names the
 *   field, also for a field that the command has no place for.
 *
 * Source: linux/qrtr.h
 */
export function encodeControlPacket(packet: QrtrControlPacketLike): Buffer {
  needQrtr('encodeControlPacket');
  if (typeof packet !== 'object' || packet === null) throw wrongType('packet', 'an object { cmd }', packet);
  knownKeys('packet', packet, { cmd: true, service: true, instance: true, node: true, port: true });
  const memory = Buffer.alloc(SIZE);
  memory.writeUInt32LE(integer('packet.cmd', packet.cmd, 0, UINT32_MAX));
  const fields = fieldsOf(packet.cmd);
  for (const name of ['service', 'instance', 'node', 'port'] as const) {
    const value = packet[name];
    if (value === undefined) continue;
    const place = fields.indexOf(name);
    if (place < 0) throw wrongValue(`packet.${name}`, `nothing, as cmd is ${packet.cmd}`, value);
    memory.writeUInt32LE(integer(`packet.${name}`, value, 0, UINT32_MAX), WORD * (1 + place));
  }
  return memory;
}

/**
 * The record in a packet that came from QRTR_PORT_CTRL.
 *
 * @param data - The packet. The list that answers a lookup ends with a QRTR_TYPE_NEW_SERVER of zeros.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for too few bytes; TypeError (`ERR_INVALID_ARG_TYPE`).
 *
 * Source: linux/qrtr.h
 */
export function decodeControlPacket(data: BytesLike): QrtrControlPacket {
  needQrtr('decodeControlPacket');
  const view = structView(bytes('data', data));
  const { byteLength } = view;
  if (byteLength < WORD) throw wrongValue('data', `a packet of at least ${WORD} bytes`, byteLength);
  const cmd = view.getUint32(0, true);
  const fields = fieldsOf(cmd);
  const size = WORD * (1 + fields.length);
  if (byteLength < size) throw wrongValue('data', `a packet of at least ${size} bytes for cmd ${cmd}`, byteLength);
  const read = (name: Field) => {
    const place = fields.indexOf(name);
    return place < 0 ? undefined : view.getUint32(WORD * (1 + place), true);
  };
  return { cmd, service: read('service'), instance: read('instance'), node: read('node'), port: read('port') };
}
