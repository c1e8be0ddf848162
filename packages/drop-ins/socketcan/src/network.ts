import { type PathOrFileDescriptor, readFileSync } from 'node:fs';
import { type KcdBus, type KcdMessage, type KcdSignal, parseKcd } from '@bsd-sockets/can/kcd';

/** How a signal is described. */
export type SignalDescription = ReturnType<typeof signalOf>;
/** How a message is described. */
export type MessageDescription = ReturnType<typeof messageOf>;
/** The messages of a bus. */
export type BusDescription = { messages: MessageDescription[] };
/** What {@link parseNetworkDescription} returns. */
export type NetworkDescription = ReturnType<typeof parseNetworkDescription>;

function signalOf(signal: KcdSignal) {
  const { start, length, byteOrder } = signal;
  const types = { unsigned: 'unsigned', signed: 'signed', float: length === 32 ? 'single' : 'double' } as const;
  return {
    ...signal,
    /** Where it begins; of a big-endian one counted from the most significant bit of each byte on. */
    bitOffset: byteOrder === 'big' ? start ^ 7 : start,
    bitLength: length,
    endianess: byteOrder,
    /** In frames with which value of the multiplexor it is; undefined for all. */
    mux: Object.values(signal.mux ?? {})[0] as number | undefined,
    slope: signal.factor,
    intercept: signal.offset,
    type: types[signal.type],
    defaultValue: signal.initial,
    minValue: signal.min,
    maxValue: signal.max,
  };
}

function messageOf(message: KcdMessage) {
  const isMultiplexor = ({ name }: KcdSignal) => message.multiplexors.includes(name);
  const mux = message.signals.find(isMultiplexor);
  return {
    ...message,
    ext: message.extended,
    muxed: mux !== undefined,
    mux: mux && { name: mux.name, offset: signalOf(mux).bitOffset, length: mux.length },
    signals: message.signals.filter((signal) => !isMultiplexor(signal)).map(signalOf),
    producers: message.producers.map((id) => ({ id })),
    /** Its signals, and what selects them, as `@bsd-sockets/can/signals` takes them. */
    layout: message.signals,
  };
}

/** What a node sends on a bus, and what it receives. */
function roleOf({ messages }: KcdBus, node: string) {
  return {
    produces: messages.filter(({ producers }) => producers.includes(node)).map(({ id }) => id),
    consumes: messages.flatMap(({ id, signals }) =>
      signals.filter(({ consumers }) => consumers.includes(node)).map(({ name }) => ({ id, signal_name: name })),
    ),
  };
}

/**
 * Reads the description of a network from a KCD file.
 *
 * @param file - The path of the file, or its descriptor.
 * @returns Its `buses` by their names, for {@link DatabaseService}, and its `nodes` by their numbers.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for a file of another kind, which names the place; an error of `node:fs`.
 */
export function parseNetworkDescription(file: PathOrFileDescriptor) {
  const { nodes, buses } = parseKcd(readFileSync(file, 'utf8'));
  const rolesOf = (node: string) => buses.map((bus) => [bus.name, roleOf(bus, node)] as const);
  const takesPart = ([, part]: ReturnType<typeof rolesOf>[number]) => part.produces.length + part.consumes.length > 0;
  return {
    nodes: Object.fromEntries(
      nodes.map((node) => [node.id, { ...node, buses: Object.fromEntries(rolesOf(node.id).filter(takesPart)) }]),
    ),
    buses: Object.fromEntries(buses.map(({ name, messages }) => [name, { messages: messages.map(messageOf) }])),
  };
}
