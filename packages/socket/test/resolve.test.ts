import { AbortError } from '@bsd-sockets/resolver/promises';
import { AF_INET, AF_INET6, type Family, familyOf, Socket } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';

const inet = familyOf(AF_INET);
const inet6 = familyOf(AF_INET6);
// What no type allows is tried as well.
type Case = [family: Family<any, any>, address: any];
const info = { family: AF_INET as number, type: 1, proto: 0, fileno: () => -1 };

function thrownBy(call: () => unknown): any {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('resolve', () => {
  test.each<Case>([
    [inet, ['127.0.0.1', 80]],
    [inet, ['', 80]],
    [inet, ['<broadcast>', 80]],
    [inet, [Buffer.from('127.0.0.1'), 80]],
    [inet6, ['::1', 80]],
    [inet6, ['', 80, 0, 0]],
    [inet6, ['fe80::1%lo', 80]],
  ])('of $name is no promise where encode does not wait: %j', ({ resolve }, address) => {
    expect(resolve!(address, info)).toBeUndefined();
  });

  test.each<Case>([
    [inet, 5],
    [inet, undefined],
    [inet, null],
    [inet, []],
    [inet, [5, 80]],
    [inet, ['::1', 80]],
    [inet6, ['<broadcast>', 80]],
    [inet6, [null, 80]],
    [inet6, ['127.0.0.1', 80]],
  ])('of $name leaves to encode what encode refuses: %j', ({ resolve, encode }, address) => {
    expect(resolve!(address, info)).toBeUndefined();
    expect(() => encode(address, info)).toThrow();
  });

  test.each<Case>([
    [inet, ['localhost', 80]],
    [inet, [Buffer.from('localhost'), 80]],
    [inet, ['127.1', 80]],
  ])('of $name comes to what encode comes to: %j', async ({ resolve, encode }, address) => {
    const resolved = await resolve!(address, info);
    expect(encode(resolved, info)).toEqual(encode(address, info));
    expect(resolve!(resolved, info)).toBeUndefined();
  });

  test.each<Case>([
    [inet, ['localhost', -1]],
    [inet, ['localhost', 'http']],
    [inet, [`${'x'.repeat(64)}.invalid`, 80]],
    [inet, ['nul\0', 80]],
    [inet6, [`${'x'.repeat(64)}.invalid`, 80]],
  ])('of $name fails as encode does: %j', async ({ resolve, encode }, address) => {
    const { message, code, name } = thrownBy(() => encode(address, info));
    await expect(resolve!(address, info)).rejects.toMatchObject({ message, code, name });
  });

  test('can be aborted', async () => {
    const controller = new AbortController();
    const resolved = inet.resolve!(['localhost', 80], info, controller.signal);
    controller.abort('enough');
    await expect(resolved).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: 'enough' });
    await expect(resolved).rejects.toBeInstanceOf(AbortError);
  });

  test('takes the socket that the address is for', async () => {
    using socket = new Socket(AF_INET);
    expect(await inet.resolve!(['localhost', 80], socket)).toEqual(['127.0.0.1', 80]);
  });
});
