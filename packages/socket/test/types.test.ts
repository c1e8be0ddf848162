import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');

test('programs of both module systems get the types of their addresses', { timeout: 120_000 }, () => {
  const project = fileURLToPath(new URL('types', import.meta.url));
  // The compiler is no part of what the sanitizers test, and slow under them.
  const env = { ...process.env, LD_PRELOAD: '' };
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8', env });
  expect(stdout).toBe('');
});
