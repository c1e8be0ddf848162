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

function signalOf({ name, spn, start, length, byteOrder, labels, mux, unit, type, ...value }: KcdSignal) {
  const floatType = length === 32 ? ('single' as const) : ('double' as const);
  return {
    name,
    spn,
    /** Where it begins; of a big-endian one counted from the most significant bit of each byte on. */
    bitOffset: byteOrder === 'big' ? start ^ 7 : start,
    bitLength: length,
    endianess: byteOrder as 'little' | 'big',
    labels,
    /** In frames with which value of the multiplexor it is; undefined for all. */
    mux: Object.values(mux ?? {})[0] as number | undefined,
    slope: value.factor,
    intercept: value.offset,
    unit,
    type: type === 'float' ? floatType : (type as 'unsigned' | 'signed'),
    defaultValue: value.initial,
    minValue: value.min,
    maxValue: value.max,
  };
}

function messageOf({ name, id, extended, triggered, length, interval, producers, ...described }: KcdMessage) {
  const { multiplexors, signals } = described;
  const [mux] = signals.filter((signal) => multiplexors.includes(signal.name)).map(signalOf);
  return {
    name,
    id,
    ext: extended,
    triggered,
    length,
    interval,
    muxed: mux !== undefined,
    mux: mux && { name: mux.name, offset: mux.bitOffset, length: mux.bitLength },
    signals: signals.filter((signal) => !multiplexors.includes(signal.name)).map(signalOf),
    producers: producers.map((producer) => ({ id: producer })),
    /** Its signals, and what selects them, as `@bsd-sockets/can/signals` takes them. */
    layout: signals,
  };
}

/** What a node sends on a bus, and what it receives. */
function partOf({ messages }: KcdBus, node: string) {
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
  const partsOf = (node: string) => buses.map((bus) => [bus.name, partOf(bus, node)] as const);
  const takesPart = ([, part]: ReturnType<typeof partsOf>[number]) => part.produces.length + part.consumes.length > 0;
  return {
    nodes: Object.fromEntries(
      nodes.map((node) => [node.id, { ...node, buses: Object.fromEntries(partsOf(node.id).filter(takesPart)) }]),
    ),
    buses: Object.fromEntries(buses.map(({ name, messages }) => [name, { messages: messages.map(messageOf) }])),
  };
}
