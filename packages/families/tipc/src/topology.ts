import {
  type BytesLike,
  bytes,
  FastBuffer,
  TIPC_ADDR_ID,
  TIPC_SUB_CANCEL,
  TIPC_SUB_SERVICE,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { codecs, struct } from '@bsd-sockets/socket';
import type { TipcAddress } from './address';
import { milliseconds } from './milliseconds';
import { needTipc } from './platform';

const { uint32 } = codecs;

/** What to watch: `struct tipc_subscr`. Source: linux/tipc.h */
export interface TipcSubscription {
  /** The type of services; TIPC_NODE_STATE and TIPC_LINK_STATE watch the nodes and the links of the cluster. */
  type: number;
  /** The lowest instance. */
  lower: number;
  /** The highest instance. */
  upper: number;
  /** Seconds after which it ends with an event TIPC_SUBSCR_TIMEOUT; `Infinity` for never. */
  timeout: number;
  /** TIPC_SUB_PORTS for an event about each socket, or TIPC_SUB_SERVICE for the first one up and the last one down. */
  filter: number;
  /** 8 bytes that come back with each event. */
  userHandle: Buffer;
}

/** What is taken for one. */
export interface TipcSubscriptionLike {
  type: number;
  lower: number;
  upper: number;
  /** `Infinity` by default. */
  timeout?: number | undefined;
  /** TIPC_SUB_SERVICE by default. */
  filter?: number | undefined;
  /** At most 8 bytes; zeros follow. */
  userHandle?: BytesLike | undefined;
}

/** What has happened: `struct tipc_event`. Source: linux/tipc.h */
export interface TipcEvent {
  /** TIPC_PUBLISHED, TIPC_WITHDRAWN or TIPC_SUBSCR_TIMEOUT. */
  event: number;
  /** The lowest of the instances that the socket is bound to; it may lie below the subscription's. */
  foundLower: number;
  /** The highest of them; it may lie above. */
  foundUpper: number;
  /** The socket that it is about. */
  socket: TipcAddress;
  /** The subscription that it belongs to, as it was sent. */
  subscription: TipcSubscription;
}

const HANDLE = 8;

const userHandle = {
  ...codecs.bytes(HANDLE),
  alignment: 1,
  encode: (value: BytesLike, name: string) => {
    const handle = bytes(name, value);
    if (handle.length > HANDLE) throw wrongValue(name, `at most ${HANDLE} bytes`, handle.length);
    return handle;
  },
  decode: (memory: Buffer) => new FastBuffer(memory),
};

type Filled = { [Name in keyof TipcSubscriptionLike]-?: NonNullable<TipcSubscriptionLike[Name]> };

const subscription = struct<TipcSubscription, Filled>({
  type: uint32,
  lower: uint32,
  upper: uint32,
  timeout: milliseconds,
  filter: uint32,
  userHandle,
});

const eventHead = struct({ event: uint32, foundLower: uint32, foundUpper: uint32, ref: uint32, node: uint32 });

/**
 * The bytes that subscribe, for a SOCK_SEQPACKET socket that is connected to the topology server of the node:
 * `[TIPC_ADDR_NAME, TIPC_TOP_SRV, TIPC_TOP_SRV, 0]`.
 *
 * @param wanted - What to watch. With TIPC_SUB_CANCEL in `filter` it ends a subscription that is the same otherwise.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) that names the
 *   field.
 *
 * Source: linux/tipc.h; TIPC's programmer's guide, topology service
 */
export function encodeSubscription(wanted: TipcSubscriptionLike): Buffer {
  needTipc('encodeSubscription');
  const filled =
    typeof wanted !== 'object' || wanted === null
      ? wanted
      : {
          ...wanted,
          timeout: wanted.timeout ?? Number.POSITIVE_INFINITY,
          filter: wanted.filter ?? TIPC_SUB_SERVICE,
          userHandle: wanted.userHandle ?? Buffer.alloc(0),
        };
  return Buffer.from(subscription.encode(filled, 'subscription'));
}

/**
 * The bytes that end a subscription, over the same connection. No event tells of its end.
 *
 * @param wanted - The subscription as it was sent, or as an event tells it.
 * @throws As {@link encodeSubscription}.
 *
 * Source: linux/tipc.h; TIPC's programmer's guide, topology service
 */
export function encodeCancellation(wanted: TipcSubscriptionLike): Buffer {
  needTipc('encodeCancellation');
  if (typeof wanted !== 'object' || wanted === null) throw wrongType('subscription', 'an object', wanted);
  return encodeSubscription({ ...wanted, filter: (wanted.filter ?? TIPC_SUB_SERVICE) | TIPC_SUB_CANCEL });
}

/**
 * The event in the bytes that the topology server sent.
 *
 * @param data - A whole message of 48 bytes.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for bytes that are too few; TypeError (`ERR_INVALID_ARG_TYPE`).
 *
 * Source: linux/tipc.h
 */
export function decodeEvent(data: BytesLike): TipcEvent {
  needTipc('decodeEvent');
  const view = bytes('data', data);
  const memory = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  const size = eventHead.size + subscription.size;
  if (memory.length < size) throw wrongValue('data', `an event of ${size} bytes`, memory.length);
  const { event, foundLower, foundUpper, ref, node } = eventHead.decode(memory);
  return {
    event,
    foundLower,
    foundUpper,
    socket: [TIPC_ADDR_ID, node, ref, 0, 0],
    subscription: subscription.decode(memory.subarray(eventHead.size)),
  };
}
