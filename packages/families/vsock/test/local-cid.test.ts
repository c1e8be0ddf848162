import { execFileSync } from 'node:child_process';
import { getLocalCid } from '@bsd-sockets/vsock';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';

const PYTHON = `
import fcntl, socket, sys
cid = bytearray(4)
with open('/dev/vsock', 'rb') as device:
    fcntl.ioctl(device, socket.IOCTL_VM_SOCKETS_GET_LOCAL_CID, cid)
print(int.from_bytes(cid, sys.byteorder))
`;

describe.skipIf(without('/dev/vsock') || without('root'))('the local CID (/dev/vsock, root)', () => {
  test.skipIf(without('python3'))('is what CPython reads (python3)', () => {
    expect(getLocalCid()).toBe(Number(execFileSync('python3', ['-c', PYTHON], { encoding: 'utf8' })));
  });
});

test.skipIf(without('no /dev/vsock'))('without /dev/vsock the local CID is a plain error (no /dev/vsock)', () => {
  expect(getLocalCid).toThrow(
    expect.objectContaining({ name: 'FileNotFoundError', code: 'ENOENT', address: '/dev/vsock' }),
  );
});
