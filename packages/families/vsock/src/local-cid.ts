import { closeSync, openSync } from 'node:fs';
import {
  IOCTL_VM_SOCKETS_GET_LOCAL_CID,
  integer,
  LITTLE_ENDIAN,
  native,
  OSError,
  osError,
  structView,
} from '@bsd-sockets/core-native';

const DEVICE = '/dev/vsock';

/**
 * The context identifier of this machine, by which its host and other virtual machines reach it.
 *
 * @returns The identifier; VMADDR_CID_HOST on a host of virtual machines; VMADDR_CID_ANY, or on newer kernels
 *   VMADDR_CID_LOCAL, on a machine that reaches none but itself.
 * @throws {@link OSError}: ENOENT if the kernel has no virtual machine sockets, EACCES if /dev/vsock may not be read;
 *   TypeError (`ERR_INVALID_ARG_TYPE`) on a platform without them.
 *
 * Source: vsock(7)
 */
export function getLocalCid(): number {
  const request = integer('IOCTL_VM_SOCKETS_GET_LOCAL_CID', IOCTL_VM_SOCKETS_GET_LOCAL_CID, 0, 2 ** 32 - 1);
  const cid = Buffer.alloc(4);
  const fd = openDevice();
  try {
    const result = native.ioctl(fd, request, cid);
    if (result < 0) throw osError(result, { syscall: 'ioctl', address: DEVICE });
  } finally {
    closeSync(fd);
  }
  return structView(cid).getUint32(0, LITTLE_ENDIAN);
}

function openDevice(): number {
  try {
    return openSync(DEVICE, 'r');
  } catch (error) {
    // A program that handles the errors of this package need not know that a file is behind it.
    throw new OSError(-(error as { errno: number }).errno, { syscall: 'open', address: DEVICE });
  }
}
