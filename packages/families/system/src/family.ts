import * as core from '@bsd-sockets/core-native';
import { integer, LITTLE_ENDIAN, native, osError, structView, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { type Family, registerFamily, type SocketInfo } from '@bsd-sockets/socket';

/** A kernel control and a unit of it: `[id, unit]`. */
export type SystemAddress = [id: number, unit: number];

/** What is taken for one: unit 0 stands for a free one, and a control's name for its number with unit 0. */
export type SystemAddressLike = string | readonly [id: number, unit: number];

// struct sockaddr_ctl of sys/kern_control.h. What it has besides is zero.
const SIZE = 32;
const FAMILY = 1;
const SYSADDR = 2;
const ID = 4;
const UNIT = 8;
/** AF_SYS_CONTROL: the one kind of address of the family. */
const SYS_CONTROL = 2;

// struct ctl_info: the number, then the name with a NUL.
const INFO_SIZE = 100;
const INFO_NAME = 4;
const MOST_NAME = INFO_SIZE - INFO_NAME - 1;

const UINT32_MAX = 2 ** 32 - 1;

function encode(address: SystemAddressLike, socket: SocketInfo): Uint8Array {
  const [id, unit] = typeof address === 'string' ? [controlId(address, socket), 0] : pairOf(address);
  const sockaddr = Buffer.alloc(SIZE);
  sockaddr[0] = SIZE;
  sockaddr[FAMILY] = core.AF_SYSTEM ?? 0;
  const view = structView(sockaddr);
  view.setUint16(SYSADDR, SYS_CONTROL, LITTLE_ENDIAN);
  view.setUint32(ID, integer('id', id, 0, UINT32_MAX), LITTLE_ENDIAN);
  view.setUint32(UNIT, integer('unit', unit, 0, UINT32_MAX), LITTLE_ENDIAN);
  return sockaddr;
}

function decode(sockaddr: Uint8Array): SystemAddress {
  const view = structView(sockaddr, SIZE);
  return [view.getUint32(ID, LITTLE_ENDIAN), view.getUint32(UNIT, LITTLE_ENDIAN)];
}

function pairOf(address: unknown): [unknown, unknown] {
  if (Array.isArray(address) && address.length === 2) return [address[0], address[1]];
  throw wrongType('address', "a control's name or a pair [id, unit] for AF_SYSTEM", address);
}

/** The number of a control, which the kernel gave it when it was loaded. */
function controlId(name: string, socket: SocketInfo): number {
  if (name.includes('\0')) throw wrongValue('address', 'a name without NUL', name);
  const nameBytes = Buffer.from(name);
  if (nameBytes.length > MOST_NAME) throw wrongValue('address', `a name of at most ${MOST_NAME} bytes`, name);
  const request = integer('CTLIOCGINFO', core.CTLIOCGINFO, 0, UINT32_MAX);
  const info = Buffer.alloc(INFO_SIZE);
  info.set(nameBytes, INFO_NAME);
  const result = native.ioctl(socket.fileno(), request, info);
  if (result < 0) throw osError(result, { syscall: 'ioctl', address: name });
  return structView(info).getUint32(0, LITTLE_ENDIAN);
}

/**
 * The family itself. It encodes and decodes pairs on every platform, with 0 as the family in the `struct sockaddr_ctl` where
 * there is none; the number of a name is asked of the kernel, by the socket. Source: Apple, sys/kern_control.h
 */
export const systemFamily = {
  number: core.AF_SYSTEM as number,
  name: 'AF_SYSTEM',
  package: '@bsd-sockets/system',
  encode,
  decode,
} satisfies Family<SystemAddress, SystemAddressLike>;

/** Kernel controls of macOS: a name or `[id, unit]`. macOS only. Source: Apple, sys/kern_control.h */
export const AF_SYSTEM = registerFamily<SystemAddress, SystemAddressLike>(systemFamily);

/** The same number. */
export const PF_SYSTEM = AF_SYSTEM;
