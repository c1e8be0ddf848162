import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

// Without the addon every constant is undefined, as those of RDS are on a platform that lacks it.
test('without RDS the package imports, and its use gives one clear error', () => {
  const program = `
    const rds = require('@bsd-sockets/rds');
    const { Socket } = require('@bsd-sockets/socket');
    const uses = [
      () => new Socket(rds.AF_RDS, 5),
      () => rds.RDS_CONG_MONITOR_MASK(1),
      () => new Socket().getOption(rds.rdsOptions.RDS_RECVERR),
      () => rds.getRdsInfo(new Socket(), rds.rdsInfo.RDS_INFO_COUNTERS),
    ];
    const messages = uses.map((use) => {
      try {
        return use();
      } catch (error) {
        return error.message;
      }
    });
    console.log(rds.AF_RDS, new Set(messages).size, messages[0].includes('/no/such/addon'));
  `;
  const env = { ...process.env, BSD_SOCKETS_ADDON: '/no/such/addon' };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: import.meta.dirname,
    env,
    encoding: 'utf8',
  });
  expect([stdout.trim(), stderr]).toEqual(['undefined 1 true', '']);
});
