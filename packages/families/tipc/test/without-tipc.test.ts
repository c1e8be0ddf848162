import { useWithoutAddon } from '@bsd-sockets/family-testkit';
import { expect, test } from 'vitest';

test('without TIPC the package imports, and its use gives one clear error', () => {
  const result = useWithoutAddon(import.meta.dirname, '@bsd-sockets/tipc', 'AF_TIPC', [
    'new Socket(family.AF_TIPC, 4)',
    'family.encodeSubscription({ type: 1, lower: 1, upper: 1 })',
    'family.encodeCancellation({ type: 1, lower: 1, upper: 1 })',
    'family.decodeEvent(Buffer.alloc(48))',
    'family.getNodeId({}, 1)',
    'family.getLinkName({}, 1, 1)',
  ]);
  expect(result).toEqual({
    constant: 'undefined',
    messages: [expect.stringMatching(/[\\/]no[\\/]such[\\/]addon/)],
    stderr: '',
  });
});
