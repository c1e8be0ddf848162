import * as core from '@bsd-sockets/core-native';
import { integer, LITTLE_ENDIAN, newSockaddr, structView, wrongType } from '@bsd-sockets/core-native';
import { type AddressFamily, registerFamily } from '@bsd-sockets/socket';

/** A node, which is a processor of the machine, and a port in it: `[1, 16384]`. */
export type QrtrAddress = [node: number, port: number];

/** What is taken for one: port 0 for a free one; QRTR_NODE_BCAST and QRTR_PORT_CTRL have meanings of their own. */
export type QrtrAddressLike = readonly [node: number, port: number];

// struct sockaddr_qrtr. Source: linux/qrtr.h
const NODE = 4;
const PORT = 8;
const SIZE = 12;

const UINT32_MAX = 2 ** 32 - 1;

function encode(address: QrtrAddressLike): Buffer {
  if (!Array.isArray(address) || address.length !== 2) {
    throw wrongType('address', 'a pair [node, port] for AF_QIPCRTR', address);
  }
  const sockaddr = newSockaddr(core.AF_QIPCRTR, SIZE);
  const view = structView(sockaddr);
  view.setUint32(NODE, integer('node', address[0], 0, UINT32_MAX), LITTLE_ENDIAN);
  view.setUint32(PORT, integer('port', address[1], 0, UINT32_MAX), LITTLE_ENDIAN);
  return sockaddr;
}

function decode(sockaddr: Uint8Array): QrtrAddress {
  const view = structView(sockaddr, SIZE);
  return [view.getUint32(NODE, LITTLE_ENDIAN), view.getUint32(PORT, LITTLE_ENDIAN)];
}

/**
 * The router between the processors of a Qualcomm machine: `[node, port]`. `undefined` on a platform that does not have it, which
 * `new Socket` refuses.
 *
 * Source: linux/qrtr.h; Python's `socket`, socket families
 */
export const AF_QIPCRTR: AddressFamily<QrtrAddress, QrtrAddressLike> = registerFamily({
  number: core.AF_QIPCRTR,
  name: 'AF_QIPCRTR',
  package: '@bsd-sockets/qipcrtr',
  encode,
  decode,
});
