import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const require = createRequire(import.meta.url);
const core = dirname(require.resolve('@bsd-sockets/core-native/package.json'));
const addon = process.env.BSD_SOCKETS_ADDON ?? join(core, 'build', 'Release', 'core_native.node');

// The addon as it is on a platform that has no such sockets: without their constants.
const folder = mkdtempSync(join(tmpdir(), 'without-vsock-'));
const without = join(folder, 'addon.cjs');
writeFileSync(
  without,
  `const addon = require(${JSON.stringify(addon)});
  const kept = Object.entries(addon.constants).filter(([name]) => !/VSOCK|VM_SOCKETS|VMADDR/.test(name));
  module.exports = { ...addon, constants: Object.fromEntries(kept) };`,
);
afterAll(() => rmSync(folder, { recursive: true }));

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
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    cwd: dirname(new URL(import.meta.url).pathname),
    encoding: 'utf8',
    env: { ...process.env, BSD_SOCKETS_ADDON: without },
  });
  const lacks = new RegExp(`a constant that ${process.platform} lacks is undefined`);
  const { constants, refusals } = JSON.parse(output);
  expect(constants).toEqual([null, null]);
  expect(refusals.map(([code]: [string]) => code)).toEqual(Array(3).fill('ERR_INVALID_ARG_TYPE'));
  for (const [, message] of refusals) expect(message).toMatch(lacks);
  expect(refusals.map(([, message]: [string, string]) => message.split(':')[0])).toEqual([
    'family',
    'IOCTL_VM_SOCKETS_GET_LOCAL_CID',
    'SO_VM_SOCKETS_BUFFER_SIZE',
  ]);
});
