import { useWithoutAddon } from '@bsd-sockets/family-testkit';
import { expect, test } from 'vitest';

test('without RDS the package imports, and its use gives one clear error', () => {
  const result = useWithoutAddon(import.meta.dirname, '@bsd-sockets/rds', 'AF_RDS', [
    'new Socket(family.AF_RDS, 5)',
    'family.RDS_CONG_MONITOR_MASK(1)',
    'new Socket().getOption(family.rdsOptions.RDS_RECVERR)',
    'family.getRdsInfo(new Socket(), family.rdsInfo.RDS_INFO_COUNTERS)',
  ]);
  expect(result).toEqual({
    constant: 'undefined',
    messages: [expect.stringMatching(/[\\/]no[\\/]such[\\/]addon/)],
    stderr: '',
  });
});
