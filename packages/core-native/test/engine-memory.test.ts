import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FORBID, forbiddingAddon, withoutForbidding } from './forbidding-addon';

test.skipIf(withoutForbidding)(`the addon does without memory that the engine forbids${withoutForbidding}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'engine-memory-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const forbidding = forbiddingAddon(folder);
  const require = createRequire(import.meta.url);
  const program = `
    ${FORBID}
    const { fillCall, native, Slot, slots, sockaddr } = require(process.argv[1]);
    const fd = native.socketpair(native.constants.AF_UNIX, native.constants.SOCK_DGRAM, 0, 0);
    const other = slots[Slot.secondFd];
    const memory = Buffer.alloc(100);
    for (let time = 0; time < 1000; time++) {
      for (const size of [10, 5000]) {
        fillCall(fd, 0, 0, size, 0, 0);
        native.send(Buffer.alloc(size, time));
        fillCall(other, 0, 0, memory.length, 0, 0);
        if (native.receive(memory) !== Math.min(size, 100) || memory[0] !== time % 256) throw new Error('other bytes');
      }
      if (time % 100 === 0) gc();
    }
    native.getsockname(fd);
    if (sockaddr[0] !== native.constants.AF_UNIX) throw new Error('no address');
    // Nobody can take it away.
    try { structuredClone(native.callBlock, { transfer: [native.callBlock] }); } catch {}
    console.log(native.callBlock.constructor.name, native.callBlock.byteLength > 0);
  `;
  const library = require.resolve('@bsd-sockets/core-native');
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', '-e', program, library], {
    encoding: 'utf8',
    env: { ...process.env, BSD_SOCKETS_ADDON: forbidding },
  });
  expect({ stdout, stderr, status }).toEqual({ stdout: 'SharedArrayBuffer true\n', stderr: '', status: 0 });
});
