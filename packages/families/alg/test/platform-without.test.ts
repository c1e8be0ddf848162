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
const folder = mkdtempSync(join(tmpdir(), 'without-alg-'));
const without = join(folder, 'addon.cjs');
writeFileSync(
  without,
  `const addon = require(${JSON.stringify(addon)});
  const kept = Object.entries(addon.constants).filter(([name]) => !/^(AF_ALG|ALG_|SOL_ALG)/.test(name));
  module.exports = { ...addon, constants: Object.fromEntries(kept) };`,
);
afterAll(() => rmSync(folder, { recursive: true }));

const PROGRAM = `
import { AF_ALG, ALG_SET_KEY, Aead, Cipher, Hash, Rng } from '@bsd-sockets/alg';
import * as promises from '@bsd-sockets/alg/promises';
import { Socket } from '@bsd-sockets/socket';
const key = Buffer.alloc(16);
const uses = [
  () => new Socket(AF_ALG),
  () => new Hash('sha256'),
  () => new Cipher('cbc(aes)', key),
  () => new Aead('gcm(aes)', key),
  () => new Rng(),
  () => new promises.Hash('sha256'),
];
const refusal = (use) => { try { use(); } catch (error) { return [error.code, error.message]; } };
console.log(JSON.stringify({ constants: [AF_ALG ?? null, ALG_SET_KEY ?? null], refusals: uses.map(refusal) }));
`;

test('on a platform without the family the package imports, and its use is one clear error', () => {
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    cwd: dirname(new URL(import.meta.url).pathname),
    encoding: 'utf8',
    env: { ...process.env, BSD_SOCKETS_ADDON: without },
  });
  const { constants, refusals } = JSON.parse(output);
  expect(constants).toEqual([null, null]);
  for (const [code, message] of refusals) {
    expect(code).toBe('ERR_INVALID_ARG_TYPE');
    expect(message).toMatch(new RegExp(`^family: .*a constant that ${process.platform} lacks is undefined`));
  }
  expect(refusals).toHaveLength(6);
});
