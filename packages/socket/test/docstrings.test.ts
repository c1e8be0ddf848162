import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../../scripts/docstrings.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'docstrings-'));
afterAll(() => rmSync(folder, { recursive: true }));

// The TypeScript compiler is no part of what the sanitizers test, and slow under them.
const env = { ...process.env, LD_PRELOAD: '' };

function problems(...files: string[]): string[] {
  const { stdout, stderr } = spawnSync(process.execPath, [script, ...files], { encoding: 'utf8', env });
  expect(stderr).toBe('');
  return stdout.split('\n').slice(0, -1);
}

test('every exported name has a docstring, and each of its parameters a place in it', { timeout: 120_000 }, () => {
  expect(problems()).toEqual([]);
});

test('what has none is found', { timeout: 120_000 }, () => {
  const file = join(folder, 'index.d.ts');
  writeFileSync(
    file,
    `
declare function bare(first: number, second: number): void;
/** Does it. @param first - The one. */
declare function half(first: number): void;
declare function half(first: number, second: number): void;
/** A class. */
declare class Thing {
  #private;
  private hidden: number;
  protected open(path: string): void;
  /** A property. */
  readonly size: number;
  shut(): void;
  /** Makes it. */
  constructor(size: number);
  /** @internal */
  constructor(handle: object);
}
declare const value: number;
/** A type. */
type Kind = 'a' | 'b';
export { bare, half, Thing as Renamed, value, type Kind };
`,
  );
  expect(problems(file).sort()).toEqual([
    'Renamed.__constructor says nothing of size',
    'Renamed.shut has no docstring',
    'bare has no docstring',
    'bare says nothing of first',
    'bare says nothing of second',
    'half says nothing of second',
    'value has no docstring',
  ]);
});
