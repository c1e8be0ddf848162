import * as core from '@bsd-sockets/core-native';
import { newSockaddr, structBytes, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { type Family, registerFamily } from '@bsd-sockets/socket';

/** A virtual machine and a service on it, as UUIDs: `[vmId, serviceId]`. Hexadecimal digits come out in lower case. */
export type HypervAddress = [vmId: string, serviceId: string];

/** What is taken for one: HV_GUID_WILDCARD, HV_GUID_PARENT and the like for certain machines. */
export type HypervAddressLike = readonly [vmId: string, serviceId: string];

// SOCKADDR_HV of hvsocket.h.
const SIZE = 36;
const VM_ID = 4;
const SERVICE_ID = 20;

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

function encode(address: HypervAddressLike): Uint8Array {
  if (!Array.isArray(address) || address.length !== 2) {
    throw wrongType('address', 'a pair [vmId, serviceId] for AF_HYPERV', address);
  }
  const sockaddr = newSockaddr(core.AF_HYPERV ?? 0, SIZE);
  sockaddr.set(encodeGuid('vmId', address[0]), VM_ID);
  sockaddr.set(encodeGuid('serviceId', address[1]), SERVICE_ID);
  return sockaddr;
}

function decode(sockaddr: Uint8Array): HypervAddress {
  const whole = structBytes(sockaddr, SIZE);
  return [decodeGuid(whole.subarray(VM_ID, SERVICE_ID)), decodeGuid(whole.subarray(SERVICE_ID, SIZE))];
}

function encodeGuid(name: string, uuid: unknown): Buffer {
  if (typeof uuid !== 'string') throw wrongType(name, 'a UUID as a string', uuid);
  if (!UUID.test(uuid)) throw wrongValue(name, 'a UUID such as e0e16197-dd56-4a10-9195-5ee7a155a838', uuid);
  return swapped(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
}

function decodeGuid(guid: Uint8Array): string {
  const hex = swapped(Buffer.from(guid)).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Between the order of the text and that of a GUID, whose first three numbers begin with their low byte. */
function swapped(guid: Buffer): Buffer {
  guid.subarray(0, 4).reverse();
  guid.subarray(4, 6).reverse();
  guid.subarray(6, 8).reverse();
  return guid;
}

/**
 * The family itself. It encodes and decodes on every platform, with 0 as the family in the `SOCKADDR_HV` where there is
 * none. Source: Microsoft, hvsocket.h
 */
export const hypervFamily = {
  number: core.AF_HYPERV as number,
  name: 'AF_HYPERV',
  package: '@bsd-sockets/hyperv',
  encode,
  decode,
} satisfies Family<HypervAddress, HypervAddressLike>;

/** Virtual machines of Hyper-V and their host: `[vmId, serviceId]`. Windows only. Source: Microsoft, hvsocket.h */
export const AF_HYPERV = registerFamily<HypervAddress, HypervAddressLike>(hypervFamily);
