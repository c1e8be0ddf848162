import { type Message as CanMessage, type ChannelEvents, RawChannel, type RxFilter } from './channel';

export { DatabaseService, Message, Signal } from './database';
export {
  type BusDescription,
  type MessageDescription,
  type NetworkDescription,
  parseNetworkDescription,
  type SignalDescription,
} from './network';
export { type CanMessage, type ChannelEvents, RawChannel, type RxFilter };

/** How {@link createRawChannelWithOptions} makes a channel. */
export interface ChannelOptions {
  /** Whether messages tell when they came; false by default. */
  timestamps?: boolean;
  /** The protocol; CAN_RAW by default. */
  protocol?: number;
  /** Whether `send` fails where it would have to wait; false by default. */
  non_block_send?: boolean;
}

/**
 * Makes a channel to a CAN bus.
 *
 * @param channel - The interface, such as `'can0'`.
 * @param timestamps - Whether messages tell when they came; false by default.
 * @param protocol - CAN_RAW by default.
 * @throws {@link OSError}, such as ENODEV if there is no such interface; TypeError (`ERR_INVALID_ARG_TYPE`).
 */
export function createRawChannel(channel: string, timestamps?: boolean, protocol?: number): RawChannel {
  return new RawChannel(channel, timestamps, protocol);
}

/**
 * Makes a channel to a CAN bus.
 *
 * @param channel - The interface, such as `'can0'`.
 * @param options - `timestamps`, `protocol`, `non_block_send`.
 * @throws As {@link createRawChannel}.
 */
export function createRawChannelWithOptions(channel: string, options: ChannelOptions = {}): RawChannel {
  return new RawChannel(channel, options.timestamps, options.protocol, options.non_block_send);
}
