import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

// Without the addon every constant is undefined, as those of TIPC are on a platform that lacks it.
test('without TIPC the package imports, and its use gives one clear error', () => {
  const program = `
    const tipc = require('@bsd-sockets/tipc');
    const { Socket } = require('@bsd-sockets/socket');
    const uses = [
      () => new Socket(tipc.AF_TIPC, 4),
      () => tipc.encodeSubscription({ type: 1, lower: 1, upper: 1 }),
      () => tipc.encodeCancellation({ type: 1, lower: 1, upper: 1 }),
      () => tipc.decodeEvent(Buffer.alloc(48)),
      () => tipc.getNodeId({}, 1),
      () => tipc.getLinkName({}, 1, 1),
    ];
    const messages = uses.map((use) => {
      try {
        return use();
      } catch (error) {
        return error.message;
      }
    });
    console.log(tipc.AF_TIPC, new Set(messages).size, messages[0].includes('/no/such/addon'));
  `;
  const env = { ...process.env, BSD_SOCKETS_ADDON: '/no/such/addon' };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: import.meta.dirname,
    env,
    encoding: 'utf8',
  });
  expect([stdout.trim(), stderr]).toEqual(['undefined 1 true', '']);
});
