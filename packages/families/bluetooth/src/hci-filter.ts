import { integer, knownKeys, LITTLE_ENDIAN, structView, wrongType } from '@bsd-sockets/core-native';
import { codecs, type FixedCodec } from '@bsd-sockets/socket';

/** Which packets a HCI socket of HCI_CHANNEL_RAW receives: `struct hci_ufilter`. */
export interface HciFilter {
  /** A bit for each type of packets: see {@link hciTypeMask}. */
  typeMask: number;
  /** A bit for each event: see {@link hciEventMask}. */
  eventMask: bigint;
  /** Of the events that answer a command, only those that answer this one; 0 for all. */
  opcode: number;
}

/** What is taken for one: all answers by default. */
export interface HciFilterLike {
  typeMask: number;
  eventMask: bigint | number;
  opcode?: number | undefined;
}

// struct hci_ufilter, whose opcode is as in packets.
const TYPES = 0;
const EVENTS = 4;
const OPCODE = 12;
const SIZE = 16;

// The kernel looks at so many bits of a packet's type and of an event's code.
const TYPE_BITS = 31;
const EVENT_BITS = 63;
const VENDOR_BIT = 0;

/**
 * The mask of a HCI filter for types of packets.
 *
 * @param types - HCI_*_PKT constants, 0 to 255.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
 *
 * Source: bluetooth/hci_lib.h, hci_filter_set_ptype
 */
export function hciTypeMask(...types: number[]): number {
  const bits = types.map((type) => (integer('type', type, 0, 0xff) === 0xff ? VENDOR_BIT : type & TYPE_BITS));
  return bits.reduce((mask, bit) => mask | (1 << bit), 0) >>> 0;
}

/**
 * The mask of a HCI filter for events. Events whose codes differ by a multiple of 64 have one bit.
 *
 * @param events - Their codes, 0 to 255.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
 *
 * Source: bluetooth/hci_lib.h, hci_filter_set_event
 */
export function hciEventMask(...events: number[]): bigint {
  return events.reduce((mask, event) => mask | (1n << BigInt(integer('event', event, 0, 0xff) & EVENT_BITS)), 0n);
}

/** The codec of the option HCI_FILTER. */
export const hciFilter: FixedCodec<HciFilter, HciFilterLike> = {
  size: SIZE,
  alignment: 4,
  encode: (value, name) => {
    if (typeof value !== 'object' || value === null) {
      throw wrongType(name, 'an object { typeMask, eventMask, opcode? }', value);
    }
    knownKeys(name, value, { typeMask: true, eventMask: true, opcode: true });
    const filter = Buffer.alloc(SIZE);
    const view = structView(filter);
    view.setUint32(TYPES, integer(`${name}.typeMask`, value.typeMask, 0, 2 ** 32 - 1), LITTLE_ENDIAN);
    const events = codecs.uint64.decode(Buffer.from(codecs.uint64.encode(value.eventMask, `${name}.eventMask`)));
    view.setUint32(EVENTS, Number(events & 0xffffffffn), LITTLE_ENDIAN);
    view.setUint32(EVENTS + 4, Number(events >> 32n), LITTLE_ENDIAN);
    filter.writeUInt16LE(integer(`${name}.opcode`, value.opcode ?? 0, 0, 0xffff), OPCODE);
    return filter;
  },
  decode: (bytes) => {
    const filter = Buffer.concat([bytes], SIZE);
    const view = structView(filter);
    const events = [EVENTS + 4, EVENTS].map((offset) => BigInt(view.getUint32(offset, LITTLE_ENDIAN)));
    return {
      typeMask: view.getUint32(TYPES, LITTLE_ENDIAN),
      eventMask: (events[0]! << 32n) | events[1]!,
      opcode: filter.readUInt16LE(OPCODE),
    };
  },
};
