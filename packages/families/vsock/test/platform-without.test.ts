import { runWithConstants } from '@bsd-sockets/family-testkit';
import { expect, test } from 'vitest';

const PROGRAM = `
import { AF_VSOCK, getLocalCid, VMADDR_CID_LOCAL, vsockOptions } from '@bsd-sockets/vsock';
import { Socket, SOCK_STREAM } from '@bsd-sockets/socket';
const socket = new Socket();
const uses = [
  () => new Socket(AF_VSOCK, SOCK_STREAM),
  getLocalCid,
  () => socket.getOption(vsockOptions.SO_VM_SOCKETS_BUFFER_SIZE),
];
const refusal = (use) => { try { use(); } catch (error) { return [error.code, error.message]; } };
console.log(JSON.stringify({ constants: [AF_VSOCK ?? null, VMADDR_CID_LOCAL ?? null], refusals: uses.map(refusal) }));
`;

test('on a platform without the family the package imports, and its use is one clear error', () => {
  const undefinedName = new RegExp(`a constant that ${process.platform} does not have`);
  const { constants, refusals } = runWithConstants(import.meta.dirname, PROGRAM, /VSOCK|VM_SOCKETS|VMADDR/);
  expect(constants).toEqual([null, null]);
  expect(refusals.map(([code]: [string]) => code)).toEqual(Array(3).fill('ERR_INVALID_ARG_TYPE'));
  for (const [, message] of refusals) expect(message).toMatch(undefinedName);
  expect(refusals.map(([, message]: [string, string]) => message.split(':')[0])).toEqual([
    'family',
    'IOCTL_VM_SOCKETS_GET_LOCAL_CID',
    'SO_VM_SOCKETS_BUFFER_SIZE',
  ]);
});
