import { bytes, FastBuffer, integer, knownKeys, structView, wrongType, wrongValue } from '@bsd-sockets/core-native';
import type { BytesLike } from '@bsd-sockets/socket';

/** A tag between the addresses and the EtherType of a frame. Source: IEEE 802.1Q */
export interface VlanTag {
  /** The number of the virtual LAN, 0 to 4095. */
  id: number;
  /** 0 to 7. */
  priority: number;
  /** Whether the frame may be dropped before others. */
  dropEligible: boolean;
  /** ETH_P_8021Q (0x8100), or ETH_P_8021AD (0x88a8) for a service provider's tag. */
  tpid: number;
}

/** The header of an Ethernet frame. Source: IEEE 802.3, IEEE 802.1Q */
export interface EthernetHeader {
  /** The receiver's address, 6 bytes. */
  destination: Buffer;
  /** The sender's address, 6 bytes. */
  source: Buffer;
  /** The ETH_P_* number of what follows; up to 1500 it is the length of an IEEE 802.3 frame. */
  etherType: number;
  /** The tags, the outermost one first; none as a rule. The kernel takes the outermost one off (see `PacketAuxdata`). */
  tags: VlanTag[];
}

/** What {@link encodeEthernet} takes. */
export interface EthernetHeaderLike {
  /** The receiver's address, 6 bytes. */
  destination: BytesLike;
  /** The sender's address, 6 bytes. */
  source: BytesLike;
  /** 0 to 65535. */
  etherType: number;
  /** None by default. Of a tag only the `id` is needed: priority 0, not drop-eligible and ETH_P_8021Q are the defaults. */
  tags?: readonly (Pick<VlanTag, 'id'> & Partial<VlanTag>)[];
}

const ADDRESS_SIZE = 6;
const TAG_SIZE = 4;
const DOT1Q = 0x8100;
const TPIDS = new Set([DOT1Q, 0x88a8]);

function addressBytes(name: string, value: BytesLike): Uint8Array {
  const address = bytes(name, value);
  if (address.length !== ADDRESS_SIZE) throw wrongValue(name, `an address of ${ADDRESS_SIZE} bytes`, value);
  return address;
}

/** The 16 bits of a tag that follow its TPID. */
function tagControl(name: string, { id, priority = 0, dropEligible = false }: Partial<VlanTag>): number {
  if (typeof dropEligible !== 'boolean') throw wrongType(`${name}.dropEligible`, 'true or false', dropEligible);
  return (
    (integer(`${name}.priority`, priority, 0, 7) << 13) |
    (Number(dropEligible) << 12) |
    integer(`${name}.id`, id, 0, 0xfff)
  );
}

/**
 * The tag in 16 bits of tag control information, such as those of `PacketAuxdata`.
 *
 * @param tci - 0 to 65535.
 * @param tpid - ETH_P_8021Q or ETH_P_8021AD.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
 *
 * Source: IEEE 802.1Q
 */
export function decodeVlanTag(tci: number, tpid: number): VlanTag {
  integer('tci', tci, 0, 0xffff);
  integer('tpid', tpid, 0, 0xffff);
  return { id: tci & 0xfff, priority: tci >> 13, dropEligible: (tci & 0x1000) !== 0, tpid };
}

/**
 * The bytes of an Ethernet header: 14, and 4 for each tag.
 *
 * @param header - Its fields.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`) that names the
 *   field.
 *
 * Source: IEEE 802.3, IEEE 802.1Q
 */
export function encodeEthernet(header: EthernetHeaderLike): Buffer {
  if (typeof header !== 'object' || header === null) {
    throw wrongType('header', 'an object { destination, source, etherType, tags? }', header);
  }
  knownKeys('header', header, { destination: true, source: true, etherType: true, tags: true });
  const { destination, source, etherType, tags = [] } = header;
  if (!Array.isArray(tags)) throw wrongType('tags', 'an array of tags', tags);
  const encoded = Buffer.alloc(2 * ADDRESS_SIZE + tags.length * TAG_SIZE + 2);
  encoded.set(addressBytes('destination', destination));
  encoded.set(addressBytes('source', source), ADDRESS_SIZE);
  let offset = 2 * ADDRESS_SIZE;
  for (const [index, tag] of tags.entries()) {
    const name = `tags[${index}]`;
    if (typeof tag !== 'object' || tag === null) throw wrongType(name, 'an object { id, … }', tag);
    knownKeys<Partial<VlanTag>>(name, tag, { id: true, priority: true, dropEligible: true, tpid: true });
    const tpid: unknown = tag.tpid ?? DOT1Q;
    if (!TPIDS.has(tpid as number)) throw wrongValue(`${name}.tpid`, 'ETH_P_8021Q or ETH_P_8021AD', tpid);
    encoded.writeUInt16BE(tpid as number, offset);
    encoded.writeUInt16BE(tagControl(name, tag), offset + 2);
    offset += TAG_SIZE;
  }
  encoded.writeUInt16BE(integer('etherType', etherType, 0, 0xffff), offset);
  return encoded;
}

/**
 * Reads the header of an Ethernet frame.
 *
 * @param frame - A frame, or its beginning.
 * @returns The header, and the payload that follows it: a view of the frame. Undefined if the frame is too short to have a
 *   whole header.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) if it is not bytes.
 *
 * Source: IEEE 802.3, IEEE 802.1Q
 */
export function decodeEthernet(frame: BytesLike): { header: EthernetHeader; payload: Buffer } | undefined {
  const data = bytes('frame', frame);
  const view = structView(data);
  const tags: VlanTag[] = [];
  let offset = 2 * ADDRESS_SIZE;
  for (; offset + 2 <= data.length; offset += TAG_SIZE) {
    const etherType = view.getUint16(offset);
    if (!TPIDS.has(etherType)) {
      const destination = new FastBuffer(data.subarray(0, ADDRESS_SIZE));
      const source = new FastBuffer(data.subarray(ADDRESS_SIZE, 2 * ADDRESS_SIZE));
      const payload = Buffer.from(data.buffer, data.byteOffset + offset + 2, data.length - offset - 2);
      return { header: { destination, source, etherType, tags }, payload };
    }
    if (offset + TAG_SIZE > data.length) break;
    tags.push(decodeVlanTag(view.getUint16(offset + 2), etherType));
  }
  return undefined;
}
