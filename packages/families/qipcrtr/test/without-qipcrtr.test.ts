import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

// Without the addon every constant is undefined, as those of QIPCRTR are on a platform that lacks it.
test('without QIPCRTR the package imports, and its use gives one clear error', () => {
  const program = `
    const qipcrtr = require('@bsd-sockets/qipcrtr');
    const { Socket } = require('@bsd-sockets/socket');
    const uses = [
      () => new Socket(qipcrtr.AF_QIPCRTR, 2),
      () => qipcrtr.encodeControlPacket({ cmd: 4 }),
      () => qipcrtr.decodeControlPacket(Buffer.alloc(20)),
    ];
    const messages = uses.map((use) => {
      try {
        return use();
      } catch (error) {
        return error.message;
      }
    });
    console.log(qipcrtr.AF_QIPCRTR, new Set(messages).size, messages[0].includes('/no/such/addon'));
  `;
  const env = { ...process.env, BSD_SOCKETS_ADDON: '/no/such/addon' };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: import.meta.dirname,
    env,
    encoding: 'utf8',
  });
  expect([stdout.trim(), stderr]).toEqual(['undefined 1 true', '']);
});
