import { useWithoutAddon } from '@bsd-sockets/family-testkit';
import { expect, test } from 'vitest';

test('without CAN the package imports, and its use gives one clear error', () => {
  const result = useWithoutAddon(import.meta.dirname, '@bsd-sockets/can', 'AF_CAN', [
    'new Socket(family.AF_CAN, 3, 1)',
    'family.encodeFrame({ id: 1 })',
    'family.decodeFrame(Buffer.alloc(16))',
    'family.encodeBcmMessage({ opcode: 1, id: 1 })',
    'family.decodeBcmMessage(Buffer.alloc(56))',
    'family.encodeCanId({ id: 1 })',
  ]);
  expect(result).toEqual({
    constant: 'undefined',
    messages: [expect.stringMatching(/[\\/]no[\\/]such[\\/]addon/)],
    stderr: '',
  });
});
