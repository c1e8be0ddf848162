import { integer, knownKeys, wrongType } from '@bsd-sockets/core-native';
import { Attributes, AttributeWriter } from './attributes';

/** What packets of a route are wrapped in. */
export interface Encap {
  /** A LWTUNNEL_ENCAP_* constant. */
  type: number;
  /** The attributes of the type, such as MPLS_IPTUNNEL_DST. */
  attributes: Attributes | AttributeWriter;
}

/** The types of the two attributes: RTA_ENCAP_TYPE and RTA_ENCAP, or those of a nexthop object. */
export type EncapTypes = readonly [type: number, data: number];

const KEYS = { type: true, attributes: true };

export function decodeEncap(attributes: Attributes, [typeOf, dataOf]: EncapTypes): Encap | undefined {
  const type = attributes.get(typeOf)?.uint16();
  const data = attributes.get(dataOf);
  return type === undefined || data === undefined ? undefined : { type, attributes: data.attributes() };
}

export function writeEncap(writer: AttributeWriter, [typeOf, dataOf]: EncapTypes, encap: Encap | undefined): void {
  if (encap === undefined) return;
  knownKeys('encap', encap, KEYS);
  const { type, attributes } = encap;
  if (!(attributes instanceof Attributes || attributes instanceof AttributeWriter)) {
    throw wrongType('encap: attributes', 'Attributes or an AttributeWriter', attributes);
  }
  writer.uint16(typeOf, integer('encap: type', type, 0, 0xffff)).nested(dataOf, attributes);
}
