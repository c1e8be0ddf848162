import { EventEmitter } from 'node:events';
import { packSignals, unpackSignals } from '@bsd-sockets/can/signals';
import { callListener, wrongType, wrongValue } from '@bsd-sockets/core-native';
import type { Message as CanMessage, RawChannel } from './channel';
import type { BusDescription, MessageDescription, SignalDescription } from './network';

/** What has the fields of its description, and listeners. */
class Described {
  /** @internal */
  protected readonly events = new EventEmitter().setMaxListeners(0);

  /** @param description - The fields. */
  constructor(description: object) {
    Object.assign(this, description);
  }

  protected tell(event: string): void {
    callListener(() => this.events.emit(event, this));
  }
}

/** A signal of a {@link Message}, which has the fields of its description. */
export class Signal extends (Described as new (description: SignalDescription) => Described & SignalDescription) {
  /** In frames with which values of the multiplexor it is; empty for all. */
  readonly muxGroup: number[] = [];
  /** The value that has come last, or was set; undefined before. */
  value: number | undefined;

  /**
   * Has a function called with the signal each time that its value is another.
   *
   * @param listener - The function.
   * @returns The function.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  onChange<L extends (signal: Signal) => void>(listener: L): L {
    this.events.on('change', listener);
    return listener;
  }

  /**
   * Has a function called with the signal each time that its value comes or is set, before those of {@link onChange}.
   *
   * @param listener - The function.
   * @returns The function.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  onUpdate<L extends (signal: Signal) => void>(listener: L): L {
    this.events.on('update', listener);
    return listener;
  }

  /**
   * Has a function called no more.
   *
   * @param listener - The function that was given to {@link onChange}, {@link onUpdate} or both.
   */
  removeListener(listener: (signal: Signal) => void): void {
    this.events.off('change', listener).off('update', listener);
  }

  /**
   * Sets the value, and tells the listeners. {@link DatabaseService.send} sends it.
   *
   * @param newValue - The value.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  update(newValue: number | boolean): void {
    const value = Number(newValue);
    if (typeof newValue !== 'number' && typeof newValue !== 'boolean')
      throw wrongType('newValue', 'a number', newValue);
    const changed = value !== this.value;
    this.value = value;
    this.tell('update');
    if (changed) this.tell('change');
  }
}

/** A message of a bus, which has the fields of its description. */
export class Message extends (Described as new (
  description: object,
) => Described & Omit<MessageDescription, 'signals'>) {
  /** The bytes of its data. */
  readonly len: number;
  /** The signals by their names. */
  readonly signals: Record<string, Signal> = {};

  /** @param description - A message of {@link parseNetworkDescription}. */
  constructor({ signals, ...description }: MessageDescription) {
    super(description);
    this.len = description.length;
    for (const signal of signals) {
      this.signals[signal.name] ??= new Signal(signal);
      if (signal.mux !== undefined) this.signals[signal.name]!.muxGroup.push(signal.mux);
    }
  }

  /**
   * Has a function called with the message each time that it has come, after the listeners of its signals.
   *
   * @param listener - The function.
   * @returns The function.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  onMessageUpdate<L extends (message: Message) => void>(listener: L): L {
    this.events.on('update', listener);
    return listener;
  }

  /**
   * Has a function called no more.
   *
   * @param listener - The function.
   */
  removeListener(listener: (message: Message) => void): void {
    this.events.off('update', listener);
  }

  /** Tells the listeners that the message has come. */
  update(): void {
    this.tell('update');
  }
}

/** The signals of a bus, which come by a channel and are sent by it. */
export class DatabaseService {
  /** The messages by their names, and by their identifiers; of those of 29 bits with CAN_EFF_FLAG, as a negative number. */
  readonly messages: Record<string, Message> = {};
  private readonly channel: RawChannel;

  /**
   * Listens to a channel.
   *
   * @param channel - A channel to the bus; it has to be started.
   * @param bus - One of the `buses` of {@link parseNetworkDescription}.
   * @throws RangeError (`ERR_OUT_OF_RANGE`) for a signal that does not lie in the data of its message.
   */
  constructor(channel: RawChannel, bus: BusDescription) {
    this.channel = channel;
    for (const description of bus.messages) {
      const message = new Message(description);
      for (const signal of message.layout) unpackSignals(Buffer.alloc(message.len), [{ ...signal, mux: undefined }]);
      this.messages[message.name] = message;
      this.messages[keyOf(message)] = message;
    }
    channel.addListener('onMessage', this.onMessage, this);
  }

  /**
   * Takes the signals out of a message, as it does with those that the channel receives.
   *
   * @param msg - The message. What it has too little of counts as 0.
   */
  onMessage(msg: CanMessage): void {
    const message = this.messages[keyOf(msg)];
    if (message === undefined || msg.rtr || msg.err) return;
    const data = Buffer.concat([msg.data], Math.max(msg.data.length, message.len));
    const values = unpackSignals(data, message.layout);
    for (const [name, value] of Object.entries(values)) message.signals[name]?.update(value);
    message.update();
  }

  /**
   * Sends a message with the values of its signals; the bits of a signal without one are 0.
   *
   * @param msg_name - The name of the message. Behind a point it may have the value of its multiplexor as a hexadecimal number; 0 by
   *   default.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for a name that there is not; RangeError (`ERR_OUT_OF_RANGE`) that names the signal for a
   *   value that its bits do not hold.
   */
  send(msg_name: string): void {
    const [, name, group] = /^(.*?)(?:\.([0-9a-f]+))?$/is.exec(msg_name)!;
    const message = this.messages[msg_name] ?? this.messages[name!];
    if (message === undefined) throw wrongValue('msg_name', 'the name of a message', msg_name);
    const { id, ext, len, layout, mux, signals } = message;
    const data = Buffer.alloc(len);
    if (mux) packSignals(data, layout, { [mux.name]: Number.parseInt(group ?? '0', 16) });
    // Those that a frame with this multiplexor has.
    const names = Object.keys(mux ? unpackSignals(data, layout) : signals);
    packSignals(data, layout, Object.fromEntries(names.map((key) => [key, signals[key]?.value])));
    this.channel[len > 8 ? 'sendFD' : 'send']({ id, ext, rtr: false, data });
  }
}

function keyOf({ id, ext }: { id: number; ext?: boolean }): number {
  return ext ? id | (1 << 31) : id;
}
