import {
  type BytesLike,
  bytes,
  FastBuffer,
  int32,
  integer,
  LITTLE_ENDIAN,
  layout,
  outOfRange,
  wrongType,
} from '@bsd-sockets/core-native';
import { itemsOf } from '../iterable';

/** A control message as it was received. */
export type AncillaryData = [cmsgLevel: number, cmsgType: number, cmsgData: Buffer];

/** What is taken for one. */
export type AncillaryDataLike = readonly [cmsgLevel: number, cmsgType: number, cmsgData: BytesLike];

// struct cmsghdr, which the data follow.
const { size: HEADER, alignment: ALIGNMENT, cmsg_len } = layout.cmsghdr;
const LEVEL = layout.cmsghdr.cmsg_level.offset;
const TYPE = layout.cmsghdr.cmsg_type.offset;
/** Where the two halves of the length lie, if it has 64 bits. */
const LONG = cmsg_len.size === 8;
const LOW_LENGTH = cmsg_len.offset + (LONG && !LITTLE_ENDIAN ? 4 : 0);
const HIGH_LENGTH = cmsg_len.offset + (LITTLE_ENDIAN ? 4 : 0);
/** The most bytes of control data that one call takes. */
export const MOST_CONTROL = 2 ** 31 - 1;

function align(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/**
 * The length of a control message without padding at its end: an `ancbufsize` with room for a single one.
 *
 * @param length - The bytes of its data, from 0 to 2,147,483,631.
 * @throws RangeError (`ERR_OUT_OF_RANGE`); TypeError (`ERR_INVALID_ARG_TYPE`).
 *
 * Source: cmsg(3)
 */
export function CMSG_LEN(length: number): number {
  return HEADER + integer('length', length, 0, MOST_CONTROL - HEADER);
}

/**
 * The length of a control message with its padding: the `ancbufsize` for several is the sum of theirs.
 *
 * @param length - The bytes of its data, from 0 to 2,147,483,623.
 * @throws RangeError (`ERR_OUT_OF_RANGE`); TypeError (`ERR_INVALID_ARG_TYPE`).
 *
 * Source: cmsg(3)
 */
export function CMSG_SPACE(length: number): number {
  return HEADER + align(integer('length', length, 0, MOST_CONTROL - HEADER - ALIGNMENT));
}

type CheckedMessage = readonly [level: number, type: number, data: Uint8Array];

/** Checks control messages that a caller hands in. */
export function checkAncillary(ancdata: Iterable<AncillaryDataLike>): CheckedMessage[] {
  const messages: CheckedMessage[] = [];
  for (const message of itemsOf('ancdata', ancdata, 'control messages')) {
    messages.push(checkMessage(message, messages.length));
  }
  return messages;
}

/** Checks one of them, of which it has the number. */
export function checkMessage(message: AncillaryDataLike, index: number): CheckedMessage {
  // Only a failure pays for names.
  if (isChecked(message)) return message;
  const name = `ancdata[${index}]`;
  if (!Array.isArray(message) || message.length !== 3) throw wrongType(name, '[level, type, data]', message);
  return [int32(`${name}[0]`, message[0]), int32(`${name}[1]`, message[1]), bytes(`${name}[2]`, message[2])];
}

function isChecked(message: AncillaryDataLike): message is CheckedMessage {
  if (!Array.isArray(message) || message.length !== 3) return false;
  const [level, type, data] = message;
  return level === (level | 0) && type === (type | 0) && data instanceof Uint8Array;
}

/** Control messages as sendmsg(2) takes them; null for none. */
export function encodeControl(ancdata: Iterable<AncillaryDataLike>): Buffer | null {
  const messages = checkAncillary(ancdata);
  if (messages.length === 0) return null;
  let size = 0;
  for (const [, , data] of messages) size += HEADER + align(data.length);
  if (size > MOST_CONTROL) throw outOfRange('ancdata', `at most ${MOST_CONTROL} bytes of control data`, size);
  const control = Buffer.allocUnsafe(size).fill(0);
  const view = viewOfMemory(control.buffer);
  let header = control.byteOffset;
  for (const [level, type, data] of messages) {
    view.setUint32(header + LOW_LENGTH, HEADER + data.length, LITTLE_ENDIAN);
    view.setInt32(header + LEVEL, level, LITTLE_ENDIAN);
    view.setInt32(header + TYPE, type, LITTLE_ENDIAN);
    control.set(data, header - control.byteOffset + HEADER);
    header += HEADER + align(data.length);
  }
  return control;
}

// Most of it lies in Node's pool, so that the view of the last memory serves again: making one takes longer than to write all
// the headers. The pool has some bytes more than `Buffer.poolSize`.
const VIEWED_MOST = 128 * 1024;
let lastView: DataView = new DataView(new ArrayBuffer(0));

function viewOfMemory(memory: ArrayBufferLike): DataView {
  if (lastView.buffer === memory) return lastView;
  const view = new DataView(memory);
  if (memory.byteLength <= VIEWED_MOST) lastView = view;
  return view;
}

/** Memory for control data, which begins as zeros. */
export class ControlMemory {
  readonly bytes: Buffer;
  readonly view: DataView;

  constructor(size: number) {
    this.bytes = Buffer.alloc(size);
    this.view = new DataView(this.bytes.buffer);
  }
}

/** Most data are so short that a loop takes the least time. */
function copyOf(bytes: Buffer, begin: number, end: number): Buffer {
  const copy = new FastBuffer(end - begin);
  for (let index = 0; index < copy.length; index++) copy[index] = bytes[begin + index]!;
  return copy;
}

/**
 * The control messages in what recvmsg(2) wrote. Of one that reaches beyond the end it gives the part that is inside;
 * what is no message ends the list.
 *
 * @param control - The memory.
 * @param begin - Where they begin in it.
 * @param end - Where they end.
 * @param warn - Whether a `RuntimeWarning` tells of both.
 * @returns Messages whose data are copies.
 */
export function decodeControl(control: ControlMemory, begin: number, end: number, warn: boolean): AncillaryData[] {
  const messages: AncillaryData[] = [];
  const { bytes, view } = control;
  let header = begin;
  while (end - header >= HEADER) {
    const low = view.getUint32(header + LOW_LENGTH, LITTLE_ENDIAN);
    const length = LONG ? view.getUint32(header + HIGH_LENGTH, LITTLE_ENDIAN) * 2 ** 32 + low : low;
    if (length >= HEADER) {
      const level = view.getInt32(header + LEVEL, LITTLE_ENDIAN);
      const type = view.getInt32(header + TYPE, LITTLE_ENDIAN);
      const data = header + HEADER;
      messages.push([level, type, copyOf(bytes, data, Math.min(header + length, end))]);
    }
    if (length < HEADER || header + length > end) {
      if (warn) process.emitWarning('received malformed or wrongly truncated control data', 'RuntimeWarning');
      break;
    }
    header += align(length);
  }
  return messages;
}
