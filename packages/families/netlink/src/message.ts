import { type BytesLike, bytes, integer, type KnownKeys } from '@bsd-sockets/core-native';
import { readUint16, readUint32, writeUint16, writeUint32 } from './integers';
import { malformed } from './malformed';
import { recordOf } from './record';

/** A netlink message: the fields of `struct nlmsghdr`, and what follows it. */
export interface NetlinkMessage {
  /** NLMSG_DONE, RTM_NEWLINK, the number of a generic netlink family, …: 0 to 65535. */
  type: number;
  /** NLM_F_* constants, joined by `|`. */
  flags: number;
  /** The number of the request that this belongs to, as its sender chose it. */
  seq: number;
  /** The port id of the sender; in an answer that of the asker. */
  pid: number;
  /** All after the header, without the padding. */
  data: Buffer;
  /** The id here of the network namespace that it comes from, of a socket with `NETLINK_LISTEN_ALL_NSID`; undefined for its own. */
  nsid?: number | undefined;
}

/** What {@link encodeMessage} takes: only the type must be there. */
export interface NetlinkMessageLike {
  /** NLMSG_DONE, RTM_GETLINK, …: 0 to 65535. */
  type: number;
  /** NLM_F_* constants, joined by `|`; 0 by default. */
  flags?: number;
  /** 0 to 2³² - 1; 0 by default. */
  seq?: number;
  /** 0 to 2³² - 1; 0 by default. */
  pid?: number;
  /** All after the header; nothing by default. */
  data?: BytesLike;
}

const TYPE = 4;
const FLAGS = 6;
const SEQ = 8;
const PID = 12;
/** The bytes of `struct nlmsghdr`. */
export const HEADER_SIZE = 16;

const MESSAGE_KEYS: KnownKeys<NetlinkMessage> = {
  type: true,
  flags: true,
  seq: true,
  pid: true,
  data: true,
  nsid: true,
};

/** The next multiple of 4: messages and attributes begin at one. */
export function align(length: number): number {
  return (length + 3) & ~3;
}

/** Any bytes as a Buffer, without a copy. */
export function bufferOf(name: string, value: BytesLike): Buffer {
  const view = bytes(name, value);
  return Buffer.from(view.buffer, view.byteOffset, view.length);
}

/**
 * The bytes of a message, padded to a multiple of 4.
 *
 * @param message - The fields; the length is filled in.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`) that names the wrong field.
 *
 * Source: netlink(7)
 */
export function encodeMessage(message: NetlinkMessageLike): Buffer {
  const {
    type,
    flags = 0,
    seq = 0,
    pid = 0,
    data = Buffer.alloc(0),
  } = recordOf<NetlinkMessageLike>('message', message, MESSAGE_KEYS);
  const payload = bytes('message: data', data);
  const length = HEADER_SIZE + payload.length;
  const memory = Buffer.alloc(align(length));
  writeUint32(memory, length, 0);
  writeUint16(memory, integer('message: type', type, 0, 0xffff), TYPE);
  writeUint16(memory, integer('message: flags', flags, 0, 0xffff), FLAGS);
  writeUint32(memory, integer('message: seq', seq, 0, 2 ** 32 - 1), SEQ);
  writeUint32(memory, integer('message: pid', pid, 0, 2 ** 32 - 1), PID);
  memory.set(payload, HEADER_SIZE);
  return memory;
}

/**
 * The messages in a datagram.
 *
 * @param datagram - What a netlink socket received.
 * @returns The messages, whose data are views of the datagram.
 * @throws OSError (EBADMSG) for a length that is shorter than a header or goes past the end.
 *
 * Source: netlink(7), netlink(3)
 */
export function decodeMessages(datagram: BytesLike): NetlinkMessage[] {
  const memory = bufferOf('datagram', datagram);
  const messages: NetlinkMessage[] = [];
  let offset = 0;
  while (offset < memory.length) {
    const left = memory.length - offset;
    if (left < HEADER_SIZE) throw malformed(`${left} bytes at ${offset} are too few for a message's header`);
    const length = readUint32(memory, offset);
    if (length < HEADER_SIZE || length > left) {
      throw malformed(`the message at ${offset} says it has ${length} bytes, of ${left} that are left`);
    }
    messages.push({
      type: readUint16(memory, offset + TYPE),
      flags: readUint16(memory, offset + FLAGS),
      seq: readUint32(memory, offset + SEQ),
      pid: readUint32(memory, offset + PID),
      data: memory.subarray(offset + HEADER_SIZE, offset + length),
    });
    offset += align(length);
  }
  return messages;
}
