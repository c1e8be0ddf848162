import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

// Without the addon every constant is undefined, as those of Bluetooth are on a platform that lacks it.
test('without Bluetooth the package imports, and its use gives one clear error', () => {
  const program = `
    const bluetooth = require('@bsd-sockets/bluetooth');
    const { Socket } = require('@bsd-sockets/socket');
    const uses = [
      () => new Socket(bluetooth.AF_BLUETOOTH, 3, 1),
      () => bluetooth.encodeHciPacket({ kind: 'command', opcode: 1 }),
      () => bluetooth.decodeHciPacket(Buffer.alloc(4)),
      () => bluetooth.encodeHciMessage({ code: 1 }),
    ];
    const messages = uses.map((use) => {
      try {
        return use();
      } catch (error) {
        return error.message;
      }
    });
    console.log(bluetooth.AF_BLUETOOTH, new Set(messages).size, messages[0].includes('/no/such/addon'));
  `;
  const env = { ...process.env, BSD_SOCKETS_ADDON: '/no/such/addon' };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: import.meta.dirname,
    env,
    encoding: 'utf8',
  });
  expect([stdout.trim(), stderr]).toEqual(['undefined 1 true', '']);
});
