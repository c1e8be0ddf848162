import * as core from '@bsd-sockets/core-native';
import { integer, LITTLE_ENDIAN, newSockaddr, structView, wrongType } from '@bsd-sockets/core-native';
import { registerFamily } from '@bsd-sockets/socket';

/** A context, which is a virtual machine or its host, and a port in it: `[1, 1234]`. */
export type VsockAddress = [cid: number, port: number];

/** What is taken for one: VMADDR_CID_ANY for every context of this machine, VMADDR_PORT_ANY for a free port. */
export type VsockAddressLike = readonly [cid: number, port: number];

// struct sockaddr_vm. What it has besides is zero.
const SIZE = 16;
const PORT = 4;
const CID = 8;

const UINT32_MAX = 2 ** 32 - 1;

function encode(address: unknown): Uint8Array {
  if (!Array.isArray(address) || address.length !== 2) {
    throw wrongType('address', 'a pair [cid, port] for AF_VSOCK', address);
  }
  const sockaddr = newSockaddr(core.AF_VSOCK, SIZE);
  const view = structView(sockaddr);
  view.setUint32(CID, integer('cid', address[0], 0, UINT32_MAX), LITTLE_ENDIAN);
  view.setUint32(PORT, integer('port', address[1], 0, UINT32_MAX), LITTLE_ENDIAN);
  return sockaddr;
}

function decode(sockaddr: Uint8Array): VsockAddress {
  const view = structView(sockaddr, SIZE);
  return [view.getUint32(CID, LITTLE_ENDIAN), view.getUint32(PORT, LITTLE_ENDIAN)];
}

/** Virtual machines and their host: `[cid, port]`. Source: vsock(7) */
export const AF_VSOCK = registerFamily<VsockAddress, VsockAddressLike>({
  number: core.AF_VSOCK,
  name: 'AF_VSOCK',
  package: '@bsd-sockets/vsock',
  encode,
  decode,
});
