import { bytes } from '@bsd-sockets/core-native';
import { type BytesLike, codecs, struct } from '@bsd-sockets/socket';

/** What stands before each frame with the option PACKET_VNET_HDR: `struct virtio_net_hdr`. Source: linux/virtio_net.h */
export interface VnetHeader {
  /** 1: the checksum is to be computed; 2: it was checked. */
  flags: number;
  /** 0: one frame; 1: TCP over IPv4 to be cut into segments; 3: UDP; 4: TCP over IPv6; 5: UDP datagrams. */
  gsoType: number;
  /** The bytes of the headers of the frame. */
  headerLength: number;
  /** The bytes of a segment without headers. */
  gsoSize: number;
  /** Where the checksummed part begins. */
  checksumStart: number;
  /** Where the checksum goes, from there on. */
  checksumOffset: number;
}

const vnet = struct<VnetHeader>({
  flags: codecs.uint8,
  gsoType: codecs.uint8,
  headerLength: codecs.uint16,
  gsoSize: codecs.uint16,
  checksumStart: codecs.uint16,
  checksumOffset: codecs.uint16,
});

/**
 * The 10 bytes to send before a frame with the option PACKET_VNET_HDR.
 *
 * @param header - Its fields.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`) that names the field.
 *
 * Source: linux/virtio_net.h
 */
export function encodeVnetHeader(header: VnetHeader): Uint8Array {
  return vnet.encode(header, 'header');
}

/**
 * Reads what was received with the option PACKET_VNET_HDR.
 *
 * @param data - The bytes that were received.
 * @returns The header, and the frame that follows it: a view of the bytes. Undefined if they are fewer than a header has.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) if it is not bytes.
 *
 * Source: linux/virtio_net.h
 */
export function decodeVnetHeader(data: BytesLike): { header: VnetHeader; frame: Buffer } | undefined {
  const { buffer, byteOffset, length } = bytes('data', data);
  if (length < vnet.size) return undefined;
  return {
    header: vnet.decode(Buffer.from(buffer, byteOffset, vnet.size)),
    frame: Buffer.from(buffer, byteOffset + vnet.size, length - vnet.size),
  };
}
