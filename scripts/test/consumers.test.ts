import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../release-check/consumers');
const programs = readdirSync(folder).map((file) => join(folder, file));
const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');

test('what release:check runs with each package has no error of types', { timeout: 120_000 }, () => {
  const options =
    '--noEmit --allowJs --checkJs --strict --skipLibCheck --target es2022 --module node16 --types node'.split(' ');
  const { stdout, status } = spawnSync(process.execPath, [compiler, ...options, ...programs], { encoding: 'utf8' });
  expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
});
