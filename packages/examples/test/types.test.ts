import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');

test('each family types the addresses of its sockets, on both faces and in both module systems', {
  timeout: 120_000,
}, () => {
  const project = fileURLToPath(new URL('types', import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
