import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

// Without the addon every constant is undefined, as those of CAN are on a platform that lacks it.
test('without CAN the package imports, and its use gives one clear error', () => {
  const program = `
    const can = require('@bsd-sockets/can');
    const { Socket } = require('@bsd-sockets/socket');
    const uses = [
      () => new Socket(can.AF_CAN, 3, 1),
      () => can.encodeFrame({ id: 1 }),
      () => can.decodeFrame(Buffer.alloc(16)),
      () => can.encodeBcmMessage({ opcode: 1, id: 1 }),
      () => can.decodeBcmMessage(Buffer.alloc(56)),
      () => can.encodeCanId({ id: 1 }),
    ];
    const messages = uses.map((use) => {
      try {
        return use();
      } catch (error) {
        return error.message;
      }
    });
    console.log(can.AF_CAN, new Set(messages).size, messages[0].includes('/no/such/addon'));
  `;
  const env = { ...process.env, BSD_SOCKETS_ADDON: '/no/such/addon' };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: import.meta.dirname,
    env,
    encoding: 'utf8',
  });
  expect([stdout.trim(), stderr]).toEqual(['undefined 1 true', '']);
});
