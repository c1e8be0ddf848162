import { FastBuffer, structView, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { itemsOf } from '../iterable';
import { type AncillaryData, type AncillaryDataLike, checkAncillary, checkMessage } from './cmsg';

/** A row of the table of control messages that have a meaning here. */
export interface ControlDefinition<Name extends string = string, Value = unknown> {
  /** The constant's name, such as `IP_TTL`. */
  readonly name: Name;
  /** `cmsg_level`, such as IPPROTO_IP. */
  readonly level: number;
  /** `cmsg_type`, such as IP_TTL. */
  readonly type: number;
  /** `cmsg_type` of what is sent, where that is another one. */
  readonly sentType?: number;
  /** The address family, for a message whose numbers mean something else with other families (as those of HCI do). */
  readonly family?: number;
  /** The package that the row comes from. Another copy of the same package may register it again: the first one stays. */
  readonly package?: string;
  /** The bytes that the data must have at least for `decode`; 0 by default. */
  readonly size?: number;
  /** The value in the data, of `size` bytes or more. It never throws, and keeps no view of the data. */
  decode(data: DataView): Value;
}

/** A kind of control message that the kernel sends. */
export interface ControlReader<Name extends string = string, Value = unknown> {
  readonly name: Name;
  readonly level: number;
  readonly type: number;
  /**
   * The value of the first control message of this kind.
   *
   * @param ancdata - Control messages as `recvmsg` returns them.
   * @returns Undefined if there is none, or its data were cut short.
   */
  decode(ancdata: Iterable<AncillaryDataLike>): Value | undefined;
}

/** A kind of control message that the kernel takes, too. */
export interface ControlMessage<Name extends string = string, Value = unknown, Accepted = Value>
  extends ControlReader<Name, Value> {
  /**
   * A control message for `sendmsg`.
   *
   * @throws TypeError or RangeError that names the wrong part.
   */
  encode(value: Accepted): AncillaryData;
}

/** What `readControl` makes of one control message. */
export interface ControlRecord<Name extends string | undefined, Value> {
  /** The constant's name; undefined if nobody registered the message, or its data were cut short. */
  readonly name: Name;
  readonly level: number;
  readonly type: number;
  /** The message's value; its bytes if it has no name. */
  readonly value: Value;
}

// One table for all copies of this package in a process.
const key = Symbol.for('@bsd-sockets/control-messages');
const global = globalThis as { [key]?: Map<string, ControlDefinition> };
global[key] ??= new Map();
const definitions = global[key];

function placeOf(level: number, type: number, family?: number): string {
  return `${level}/${type}/${family ?? 'all'}`;
}

/** Views of short data by their length, except while one is read: making one takes longer than reading it. */
const views: (DataView | undefined)[] = [];
/** The most bytes of short data: the longest time stamps. */
const SHORT = 48;

function decodeData<Value>({ size = 0, decode }: ControlDefinition<string, Value>, data: Uint8Array) {
  const { length } = data;
  if (length < size) return undefined;
  if (length > SHORT) return decode(structView(data));
  const view = views[length] ?? new DataView(new ArrayBuffer(length));
  views[length] = undefined;
  for (let index = 0; index < length; index++) view.setUint8(index, data[index]!);
  const value = decode(view);
  views[length] = view;
  return value;
}

/**
 * Adds a kind of control message: `readControl` knows it from now on.
 *
 * @param definition - Its name, its numbers, and how to decode its data; with `encode`, also how to make them. A Buffer
 *   that this returns is the message's from then on; of another array it gets a copy.
 * @returns What encodes and decodes it; without `encode` if the definition has none.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) if the numbers belong to a different kind already.
 *
 * Source: cmsg(3)
 */
export function registerControlMessage<Name extends string, Value, Accepted>(
  definition: ControlDefinition<Name, Value> & { encode(value: Accepted): Uint8Array },
): ControlMessage<Name, Value, Accepted>;
export function registerControlMessage<Name extends string, Value>(
  definition: ControlDefinition<Name, Value>,
): ControlReader<Name, Value>;
export function registerControlMessage<Name extends string, Value>(
  definition: ControlDefinition<Name, Value> & { encode?(value: unknown): Uint8Array },
): ControlReader<Name, Value> {
  if (typeof definition?.decode !== 'function') {
    throw wrongType('definition', 'an object { name, level, type, decode }', definition);
  }
  const { name, level, type, sentType = type, family, encode } = definition;
  const place = placeOf(level, type, family);
  const present = definitions.get(place);
  const same = present?.package !== undefined && present.package === definition.package && present.name === name;
  if (present && present !== definition && !same) {
    throw wrongValue('definition', `numbers without a control message (${place} is ${present.name})`, name);
  }
  // A platform without the constants has nothing to look up.
  if (!present && level !== undefined && type !== undefined) definitions.set(place, definition);
  const reader: ControlReader<Name, Value> = {
    name,
    level,
    type,
    decode(ancdata) {
      let data: Uint8Array | undefined;
      let index = 0;
      // All are checked, and no list is made of them.
      for (const item of itemsOf('ancdata', ancdata, 'control messages')) {
        const message = checkMessage(item, index++);
        if (data === undefined && message[0] === level && message[1] === type) data = message[2];
      }
      return data && decodeData(definition, data);
    },
  };
  if (!encode) return reader;
  const encodeMessage = (value: unknown): AncillaryData => {
    const data = encode(value);
    return [level, sentType, Buffer.isBuffer(data) ? data : Buffer.from(data)];
  };
  return Object.assign(reader, { encode: encodeMessage });
}

/**
 * The records of all control messages, in their order, by the table of registered kinds.
 *
 * @param ancdata - Control messages as `recvmsg` returns them.
 * @param family - The socket's family, for kinds that only one family has.
 */
export function readRecords(
  ancdata: Iterable<AncillaryDataLike>,
  family?: number,
): ControlRecord<string | undefined, unknown>[] {
  return checkAncillary(ancdata).map(([level, type, data]) => {
    const definition = definitions.get(placeOf(level, type, family)) ?? definitions.get(placeOf(level, type));
    const value = definition && decodeData(definition, data);
    if (!definition || value === undefined) return { name: undefined, level, type, value: new FastBuffer(data) };
    return { name: definition.name, level, type, value };
  });
}
