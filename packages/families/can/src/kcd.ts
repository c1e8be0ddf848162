import { wrongType, wrongValue } from '@bsd-sockets/core-native';
import { parseXml, XmlElement } from '@rgrove/parse-xml';
import type { Signal } from './signals';

/** A signal of a {@link KcdMessage}, which `packSignals` and `unpackSignals` take. */
export interface KcdSignal extends Signal {
  readonly byteOrder: 'little' | 'big';
  readonly type: 'unsigned' | 'signed' | 'float';
  readonly factor: number;
  readonly offset: number;
  /** The unit of its value, such as `km/h`; empty if it has none. */
  readonly unit: string;
  /** The least and the largest value that it may have, if it is said. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** The value that it has at first; 0 if it is not said. */
  readonly initial: number;
  /** The number of the parameter in J1939, if it is said. */
  readonly spn: string | undefined;
  /** What single raw values mean. */
  readonly labels: Readonly<Record<number, string>>;
  /** The `id`s of the nodes that receive it. */
  readonly consumers: readonly string[];
}

/** A message of a {@link KcdBus}. */
export interface KcdMessage {
  readonly name: string;
  /** The identifier, of 11 bits or of 29. */
  readonly id: number;
  /** Whether the identifier has 29 bits. */
  readonly extended: boolean;
  /** How many bytes its data have; as many as its signals need where it is not said. */
  readonly length: number;
  /** After how many milliseconds it is sent again; 0 if it is not sent in a cycle. */
  readonly interval: number;
  /** Whether it is sent when something happens. */
  readonly triggered: boolean;
  /** The `id`s of the nodes that send it. */
  readonly producers: readonly string[];
  /** The names of those of its signals that tell which others are in a frame. */
  readonly multiplexors: readonly string[];
  /** Its signals: each multiplexor, the signals of its groups, and the others at the end. */
  readonly signals: readonly KcdSignal[];
}

/** A bus of a {@link KcdNetwork}. */
export interface KcdBus {
  readonly name: string;
  /** Bits a second; 500000 where it is not said. */
  readonly baudrate: number;
  readonly messages: readonly KcdMessage[];
}

/** A node of a {@link KcdNetwork}. */
export interface KcdNode {
  readonly id: string;
  readonly name: string;
}

/** What a KCD file describes. */
export interface KcdNetwork {
  readonly nodes: readonly KcdNode[];
  readonly buses: readonly KcdBus[];
}

const TYPES = { unsigned: 'unsigned', signed: 'signed', single: 'float', double: 'float' } as const;

function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child): child is XmlElement => child instanceof XmlElement && child.name === name);
}

function refused(element: XmlElement, attribute: string, expected: string): RangeError {
  const { name, attributes } = element;
  return wrongValue(`${name} ${attributes.name ?? ''}: ${attribute}`, expected, attributes[attribute]);
}

function textOf(element: XmlElement, attribute: string): string {
  const text = element.attributes[attribute];
  if (text === undefined) throw refused(element, attribute, 'a text');
  return text;
}

function numberOf<D>(element: XmlElement | undefined, attribute: string, byDefault: D): number | D {
  const text = element?.attributes[attribute];
  if (element === undefined || text === undefined) return byDefault;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) throw refused(element, attribute, 'a number');
  return number;
}

function choiceOf<T>(element: XmlElement | undefined, attribute: string, choices: Record<string, T>, byDefault: T): T {
  const text = element?.attributes[attribute];
  if (element === undefined || text === undefined) return byDefault;
  if (!Object.hasOwn(choices, text)) throw refused(element, attribute, Object.keys(choices).join(' or '));
  return choices[text] as T;
}

const BOOLEANS = { true: true, 1: true, false: false, 0: false };

/** The nodes that the elements of a name within refer to. */
function nodesOf(element: XmlElement, name: string): string[] {
  return childrenOf(element, name).flatMap((list) => childrenOf(list, 'NodeRef').map((node) => textOf(node, 'id')));
}

function signalOf(element: XmlElement, mux?: Signal['mux']): KcdSignal {
  const [value] = childrenOf(element, 'Value');
  const labels = childrenOf(element, 'LabelSet').flatMap((set) => childrenOf(set, 'Label'));
  const byteOrder = choiceOf(element, 'endianess', { little: 'little', big: 'big' } as const, 'little');
  const offset = numberOf(element, 'offset', undefined);
  if (offset === undefined) throw refused(element, 'offset', 'a number');
  return {
    name: textOf(element, 'name'),
    // KCD counts the bits of a big-endian signal from the most significant of each byte on.
    start: byteOrder === 'big' ? offset ^ 7 : offset,
    length: numberOf(element, 'length', 1),
    byteOrder,
    type: choiceOf(value, 'type', TYPES, 'unsigned'),
    factor: numberOf(value, 'slope', 1),
    offset: numberOf(value, 'intercept', 0),
    ...(mux && { mux }),
    unit: value?.attributes.unit ?? '',
    min: numberOf(value, 'min', undefined),
    max: numberOf(value, 'max', undefined),
    initial: numberOf(value, 'defaultValue', 0),
    spn: element.attributes.spn,
    labels: Object.fromEntries(labels.map((label) => [numberOf(label, 'value', 0), textOf(label, 'name')])),
    consumers: nodesOf(element, 'Consumer'),
  };
}

function multiplexedOf(element: XmlElement): KcdSignal[] {
  const multiplexor = signalOf(element);
  const groups = childrenOf(element, 'MuxGroup').flatMap((group) =>
    childrenOf(group, 'Signal').map((signal) => signalOf(signal, { [multiplexor.name]: numberOf(group, 'count', 0) })),
  );
  return [multiplexor, ...groups];
}

/** How many bytes signals need. */
function lengthOf(signals: readonly KcdSignal[]): number {
  const bits = signals.map(({ start, length, byteOrder }) => (byteOrder === 'big' ? start ^ 7 : start) + length);
  return Math.ceil(Math.max(0, ...bits) / 8);
}

function messageOf(element: XmlElement): KcdMessage {
  const id = textOf(element, 'id');
  if (!/^(0x)?[0-9a-f]+$/i.test(id)) throw refused(element, 'id', 'a hexadecimal number');
  const multiplexes = childrenOf(element, 'Multiplex');
  const signals = [
    ...multiplexes.flatMap(multiplexedOf),
    ...childrenOf(element, 'Signal').map((signal) => signalOf(signal)),
  ];
  const isAuto = (element.attributes.length ?? 'auto') === 'auto';
  return {
    name: textOf(element, 'name'),
    id: Number.parseInt(id, 16),
    extended: choiceOf(element, 'format', { standard: false, extended: true }, false),
    length: isAuto ? lengthOf(signals) : numberOf(element, 'length', 0),
    interval: numberOf(element, 'interval', 0),
    triggered: choiceOf(element, 'triggered', BOOLEANS, false),
    producers: nodesOf(element, 'Producer'),
    multiplexors: multiplexes.map((multiplex) => textOf(multiplex, 'name')),
    signals,
  };
}

function rootOf(text: string): XmlElement {
  try {
    const { root } = parseXml(text);
    if (root?.name === 'NetworkDefinition') return root;
  } catch (error) {
    const { message } = error as Error;
    throw Object.assign(new RangeError(`text: no XML: ${message}`, { cause: error }), {
      code: 'ERR_INVALID_ARG_VALUE',
    });
  }
  throw wrongValue('text', 'a NetworkDefinition in XML', text);
}

/**
 * Reads the description of a network in KCD, the format of Kayak.
 *
 * @param text - What a file of it has.
 * @returns Its nodes and buses. Ranges of labels, notes and variables are left out.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for what is no XML or no KCD, which names the place; TypeError
 *   (`ERR_INVALID_ARG_TYPE`).
 *
 * Source: the XML schema Definition.xsd of Kayak
 */
export function parseKcd(text: string): KcdNetwork {
  if (typeof text !== 'string') throw wrongType('text', 'the text of a KCD file', text);
  const root = rootOf(text);
  return {
    nodes: childrenOf(root, 'Node').map((node) => ({ id: textOf(node, 'id'), name: textOf(node, 'name') })),
    buses: childrenOf(root, 'Bus').map((bus) => ({
      name: textOf(bus, 'name'),
      baudrate: numberOf(bus, 'baudrate', 500_000),
      messages: childrenOf(bus, 'Message').map(messageOf),
    })),
  };
}
