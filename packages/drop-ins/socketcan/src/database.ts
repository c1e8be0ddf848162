import { packSignals, unpackSignals } from '@bsd-sockets/can/signals';
import { callListener, wrongType, wrongValue } from '@bsd-sockets/core-native';
import type { Message as CanMessage, RawChannel } from './channel';
import type { BusDescription, MessageDescription, SignalDescription } from './network';

/** The functions to call when something happens. */
class Listeners<T> extends Set<(subject: T) => void> {
  override add(listener: (subject: T) => void): this {
    if (typeof listener !== 'function') throw wrongType('listener', 'a function', listener);
    return super.add(listener);
  }

  tell(subject: T): void {
    for (const listener of this) callListener(() => listener(subject));
  }
}

/** What a description has, as fields of its own. */
class Described {
  constructor(description: object) {
    Object.assign(this, description);
  }
}

/** A signal of a {@link Message}, which has the fields of its description. */
export class Signal extends (Described as new (description: SignalDescription) => SignalDescription) {
  /** In frames with which values of the multiplexor it is; empty for all. */
  readonly muxGroup: number[] = [];
  /** The value that has come last, or was set; undefined before. */
  value: number | undefined;
  private readonly changes = new Listeners<Signal>();
  private readonly updates = new Listeners<Signal>();

  /**
   * Has a function called with the signal each time that its value is another.
   *
   * @param listener - The function.
   * @returns The function.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  onChange<L extends (signal: Signal) => void>(listener: L): L {
    this.changes.add(listener);
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
    this.updates.add(listener);
    return listener;
  }

  /**
   * Has a function called no more.
   *
   * @param listener - The function that was given to {@link onChange}, {@link onUpdate} or both.
   */
  removeListener(listener: (signal: Signal) => void): void {
    this.changes.delete(listener);
    this.updates.delete(listener);
  }

  /**
   * Sets the value, and tells the listeners. {@link DatabaseService.send} sends it.
   *
   * @param newValue - The value.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  update(newValue: number | boolean): void {
    const value = Number(newValue);
    if (typeof newValue !== 'number' && typeof newValue !== 'boolean') throw wrongType('newValue', 'a number', newValue);
    const changed = value !== this.value;
    this.value = value;
    this.updates.tell(this);
    if (changed) this.changes.tell(this);
  }
}

/** A message of a bus, and its signals. */
export class Message {
  readonly id: number;
  readonly name: string;
  /** Whether the identifier has 29 bits. */
  readonly ext: boolean;
  /** The bytes of its data. */
  readonly len: number;
  /** After how many milliseconds it is sent again; nothing here does so. */
  readonly interval: number;
  readonly muxed: boolean;
  /** Where the multiplexor lies. */
  readonly mux: MessageDescription['mux'];
  /** The signals by their names. */
  readonly signals: Record<string, Signal> = {};
  /** @internal */
  readonly layout: MessageDescription['layout'];
  private readonly updates = new Listeners<Message>();

  /** @param description - A message of {@link parseNetworkDescription}. */
  constructor(description: MessageDescription) {
    ({ id: this.id, name: this.name, ext: this.ext, length: this.len, interval: this.interval } = description);
    ({ muxed: this.muxed, mux: this.mux, layout: this.layout } = description);
    for (const signal of description.signals) {
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
    this.updates.add(listener);
    return listener;
  }

  /**
   * Has a function called no more.
   *
   * @param listener - The function.
   */
  removeListener(listener: (message: Message) => void): void {
    this.updates.delete(listener);
  }

  /** Tells the listeners that the message has come. */
  update(): void {
    this.updates.tell(this);
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
   * @throws RangeError for a signal that does not lie in the data of its message.
   */
  constructor(channel: RawChannel, bus: BusDescription) {
    this.channel = channel;
    for (const description of bus.messages) {
      const message = new Message(description);
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
    if (message === undefined) throw wrongValue('msg_name', Object.keys(this.messages).join(', '), msg_name);
    const { id, ext, len, layout, mux, signals } = message;
    const data = packSignals(Buffer.alloc(len), layout, mux ? { [mux.name]: Number.parseInt(group ?? '0', 16) } : {});
    // Those that a frame with this multiplexor has.
    const values = Object.keys(unpackSignals(data, layout)).map((key) => [key, signals[key]?.value]);
    packSignals(data, layout, Object.fromEntries(values));
    this.channel[len > 8 ? 'sendFD' : 'send']({ id, ext, rtr: false, data });
  }
}

function keyOf({ id, ext }: { id: number; ext?: boolean }): number {
  return ext ? id | (1 << 31) : id;
}
