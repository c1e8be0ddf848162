import { useWithoutAddon } from '@bsd-sockets/family-testkit';
import { expect, test } from 'vitest';

test('without QIPCRTR the package imports, and its use gives one clear error', () => {
  const result = useWithoutAddon(import.meta.dirname, '@bsd-sockets/qipcrtr', 'AF_QIPCRTR', [
    'new Socket(family.AF_QIPCRTR, 2)',
    'family.encodeControlPacket({ cmd: 4 })',
    'family.decodeControlPacket(Buffer.alloc(20))',
  ]);
  expect(result).toEqual({
    constant: 'undefined',
    messages: [expect.stringMatching(/[\\/]no[\\/]such[\\/]addon/)],
    stderr: '',
  });
});
