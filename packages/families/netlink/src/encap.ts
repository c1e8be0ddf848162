import { integer } from '@bsd-sockets/core-native';
import { type Attributes, type AttributeWriter, attributesOf } from './attributes';
import { recordOf } from './record';

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
  const { type, attributes } = recordOf('encap', encap, KEYS);
  attributesOf('encap: attributes', attributes);
  writer.uint16(typeOf, integer('encap: type', type, 0, 0xffff)).nested(dataOf, attributes);
}
