import { fsdecode, integer, native, osError } from '@bsd-sockets/core-native';
import { nameBytes } from './hostname';

/**
 * The network interfaces of this host.
 *
 * @returns A list of [index, name].
 * @throws {@link OSError} if the kernel does not tell.
 *
 * Source: if_nameindex(3); Python's `socket.if_nameindex`
 */
export function ifNameindex(): [index: number, name: string][] {
  const interfaces = native.ifNameindex();
  if (typeof interfaces === 'number') throw osError(interfaces, { syscall: 'if_nameindex' });
  return interfaces.map(([index, name]) => [index, fsdecode(name)]);
}

/**
 * The index of a network interface.
 *
 * @param ifName - Its name, or an alternative name, which may be longer than 15 bytes; as text or bytes.
 * @returns A number from 1 on.
 * @throws {@link OSError} (ENODEV) if there is none with this name.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) if it is no name.
 *
 * Source: if_nametoindex(3); Python's `socket.if_nametoindex`
 */
export function ifNametoindex(ifName: string | Uint8Array): number {
  const index = native.ifNametoindex(nameBytes('ifName', ifName));
  if (index < 0) throw osError(index, { syscall: 'if_nametoindex', address: ifName });
  return index;
}

/**
 * The name of a network interface.
 *
 * @param ifIndex - Its index, from 0 to 2^32 - 1.
 * @throws {@link OSError} (ENXIO) if there is none with this index.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`) if it is no index.
 *
 * Source: if_indextoname(3); Python's `socket.if_indextoname`
 */
export function ifIndextoname(ifIndex: number): string {
  const name = native.ifIndextoname(integer('ifIndex', ifIndex, 0, 0xffffffff));
  if (typeof name === 'number') throw osError(name, { syscall: 'if_indextoname', address: ifIndex });
  return fsdecode(name);
}
