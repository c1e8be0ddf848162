import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { getLocalCid } from '@bsd-sockets/vsock';
import { describe, expect, test } from 'vitest';

const PYTHON = `
import fcntl, socket, sys
cid = bytearray(4)
with open('/dev/vsock', 'rb') as device:
    fcntl.ioctl(device, socket.IOCTL_VM_SOCKETS_GET_LOCAL_CID, cid)
print(int.from_bytes(cid, sys.byteorder))
`;

const hasPython = spawnSync('python3', ['--version']).status === 0;
const hasDevice = existsSync('/dev/vsock');
const isRoot = process.getuid?.() === 0;

describe.skipIf(!hasDevice || !isRoot)('the local CID (needs /dev/vsock and root)', () => {
  test.skipIf(!hasPython)('is what CPython reads (needs python3)', () => {
    expect(getLocalCid()).toBe(Number(execFileSync('python3', ['-c', PYTHON], { encoding: 'utf8' })));
  });
});

test.skipIf(hasDevice)('without /dev/vsock the local CID is a plain error', () => {
  expect(getLocalCid).toThrow(
    expect.objectContaining({ name: 'FileNotFoundError', code: 'ENOENT', address: '/dev/vsock' }),
  );
});
