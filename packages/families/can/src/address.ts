import * as core from '@bsd-sockets/core-native';
import {
  CAN_ISOTP,
  CAN_J1939,
  integer,
  LITTLE_ENDIAN,
  newSockaddr,
  structView,
  wrongType,
} from '@bsd-sockets/core-native';
import {
  type AddressFamily,
  codecs,
  ifIndextoname,
  ifNametoindex,
  registerFamily,
  type SocketInfo,
} from '@bsd-sockets/socket';
import { canidOf } from './can-id';

/** Of CAN_RAW and CAN_BCM: an interface such as `vcan0`; `''` for all of them, or for one that is gone. */
export type CanInterfaceAddress = [ifname: string];

/** Of CAN_ISOTP: an interface, and the identifiers to receive and to send with (see `encodeCanId`). */
export type CanIsotpAddress = [ifname: string, rxAddr: number, txAddr: number];

/** Of CAN_J1939: an interface, a NAME of 64 bits, a parameter group number, and an address of 8 bits. */
export type CanJ1939Address = [ifname: string, name: bigint, pgn: number, addr: number];

/** An address of AF_CAN: the socket's protocol tells which. */
export type CanAddress = CanInterfaceAddress | CanIsotpAddress | CanJ1939Address;

/** What is taken for one: the interface's name as text or bytes, and a NAME as a number too. */
export type CanAddressLike =
  | readonly [ifname: string | Uint8Array]
  | readonly [ifname: string | Uint8Array, rxAddr: number, txAddr: number]
  | readonly [ifname: string | Uint8Array, name: bigint | number, pgn: number, addr: number];

// struct sockaddr_can. Source: linux/can.h
const IFINDEX = 4;
const RX_ID = 8;
const TX_ID = 12;
const NAME = 8;
const PGN = 16;
const ADDR = 20;
const SIZE = 24;

function interfaceIndex(name: unknown): number {
  if (typeof name !== 'string' && !ArrayBuffer.isView(name)) {
    throw wrongType('address[0]', "an interface's name as a string or bytes", name);
  }
  // Index 0 stands for all interfaces.
  const empty = typeof name === 'string' ? name === '' : name.byteLength === 0;
  return empty ? 0 : ifNametoindex(name as string | Uint8Array);
}

function interfaceName(ifindex: number): string {
  if (ifindex === 0) return '';
  try {
    return ifIndextoname(ifindex);
  } catch {
    // The interface is gone by now.
    return '';
  }
}

function fields(address: unknown, shape: string, length: number): readonly unknown[] {
  if (!Array.isArray(address) || address.length !== length) throw wrongType('address', `${shape} for AF_CAN`, address);
  return address;
}

function encode(address: CanAddressLike, { proto }: SocketInfo): Buffer {
  const sockaddr = newSockaddr(core.AF_CAN, SIZE);
  const view = structView(sockaddr);
  const set = (name: unknown) => view.setInt32(IFINDEX, interfaceIndex(name), LITTLE_ENDIAN);
  if (proto === CAN_ISOTP) {
    const [name, rxAddr, txAddr] = fields(address, '[interface, rxAddr, txAddr]', 3);
    set(name);
    view.setUint32(RX_ID, canidOf('address[1]', rxAddr), LITTLE_ENDIAN);
    view.setUint32(TX_ID, canidOf('address[2]', txAddr), LITTLE_ENDIAN);
  } else if (proto === CAN_J1939) {
    const [name, j1939Name, pgn, addr] = fields(address, '[interface, name, pgn, addr]', 4);
    set(name);
    sockaddr.set(codecs.uint64.encode(j1939Name as bigint | number, 'address[1]'), NAME);
    view.setUint32(PGN, integer('address[2]', pgn, 0, 0xffffffff), LITTLE_ENDIAN);
    view.setUint8(ADDR, integer('address[3]', addr, 0, 0xff));
  } else {
    const [name] = fields(address, '[interface]', 1);
    set(name);
  }
  return sockaddr;
}

function decode(sockaddr: Uint8Array, { proto }: SocketInfo): CanAddress {
  // The kernel leaves out what a protocol has no use for.
  const view = structView(sockaddr, SIZE);
  const name = interfaceName(view.getUint32(IFINDEX, LITTLE_ENDIAN));
  if (proto === CAN_ISOTP) return [name, view.getUint32(RX_ID, LITTLE_ENDIAN), view.getUint32(TX_ID, LITTLE_ENDIAN)];
  if (proto === CAN_J1939) {
    const j1939Name = view.getBigUint64(NAME, LITTLE_ENDIAN);
    return [name, j1939Name, view.getUint32(PGN, LITTLE_ENDIAN), view.getUint8(ADDR)];
  }
  return [name];
}

/**
 * CAN: `[interface]` with the protocols CAN_RAW and CAN_BCM, `[interface, rxAddr, txAddr]` with CAN_ISOTP,
 * `[interface, name, pgn, addr]` with CAN_J1939. `undefined` on a platform that does not have it, which `new Socket` refuses.
 *
 * Source: Linux, Documentation/networking/can.rst; Python's `socket`, socket families
 */
export const AF_CAN: AddressFamily<CanAddress, CanAddressLike> = registerFamily({
  number: core.AF_CAN,
  name: 'AF_CAN',
  package: '@bsd-sockets/can',
  encode,
  decode,
});
