import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { without } from './capabilities';

// Where no other thread has the library it is loaded and unloaded with each worker.
test.skipIf(without('not under test:sanitize'))(
  'workers that are the only ones to load the addon leave nothing behind (not under test:sanitize)',
  { timeout: 120_000 },
  () => {
    const program = `
    const { Worker } = require('node:worker_threads');
    const { readFileSync } = require('node:fs');
    const load = 'require(' + JSON.stringify(process.argv[1]) + ')';
    const run = async (code, count) => {
      for (let index = 0; index < count; index++) {
        await new Promise((resolve) => new Worker(code, { eval: true }).on('exit', resolve));
      }
    };
    const heap = () => Number(/Rss:\\s+(\\d+)/.exec(readFileSync('/proc/self/smaps', 'utf8').split('[heap]')[1])[1]);
    (async () => {
      await run(load, 10);
      const before = heap();
      await run(load, 30);
      console.log((heap() - before) / 30);
    })();
  `;
    const library = createRequire(import.meta.url).resolve('@bsd-sockets/core-native');
    // One arena, so that the heap is all that is allocated.
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', program, library], {
      encoding: 'utf8',
      env: { ...process.env, MALLOC_ARENA_MAX: '1' },
    });
    expect(stderr).toBe('');
    expect(Number(stdout)).toBeLessThan(24); // KB for each
  },
);
