import { useWithoutAddon } from '@bsd-sockets/family-testkit';
import { expect, test } from 'vitest';

test('without Bluetooth the package imports, and its use gives one clear error', () => {
  const result = useWithoutAddon(import.meta.dirname, '@bsd-sockets/bluetooth', 'AF_BLUETOOTH', [
    'new Socket(family.AF_BLUETOOTH, 3, 1)',
    "family.encodeHciPacket({ kind: 'command', opcode: 1 })",
    'family.decodeHciPacket(Buffer.alloc(4))',
    'family.encodeHciMessage({ code: 1 })',
  ]);
  expect(result).toEqual({
    constant: 'undefined',
    messages: [expect.stringMatching(/[\\/]no[\\/]such[\\/]addon/)],
    stderr: '',
  });
});
