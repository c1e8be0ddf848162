import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Program } from './process';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' });

/** The programs of a page, and what it says that each prints. */
function programs(page: string): { code: string; output: string | undefined }[] {
  const blocks = readFileSync(join(root, page), 'utf8').matchAll(
    /^```js\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```$)?/gm,
  );
  return Array.from(blocks, ([, code, output]) => ({ code: code!, output }));
}

const documented = pages
  .trim()
  .split('\n')
  .filter((page) => programs(page).length > 0);

test('the pages have programs', () => {
  expect(documented).toContain('README.md');
});

describe.each(documented)('%s', (page) => {
  test.each(programs(page).map((program, index) => [index + 1, program] as const))('program %i', async (_, program) => {
    const lines = await new Program([process.execPath, '--input-type=module', '--eval', program.code]).finish();
    if (program.output !== undefined) expect(`${lines.join('\n')}\n`).toBe(program.output);
  });
});
