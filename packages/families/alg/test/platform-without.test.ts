import { runWithConstants } from '@bsd-sockets/family-testkit';
import { expect, test } from 'vitest';

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
  const { constants, refusals } = runWithConstants(import.meta.dirname, PROGRAM, /^(AF_ALG|ALG_|SOL_ALG)/);
  expect(constants).toEqual([null, null]);
  for (const [code, message] of refusals) {
    expect(code).toBe('ERR_INVALID_ARG_TYPE');
    expect(message).toMatch(new RegExp(`^family: .*a constant that ${process.platform} does not have`));
  }
  expect(refusals).toHaveLength(6);
});
