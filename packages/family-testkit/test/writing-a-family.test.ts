import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));
const page = readFileSync(join(here, '../../../docs/writing-a-family.md'), 'utf8');

// Where packages are found from, as in an installation.
const folder = mkdtempSync(join(here, 'my-netlink-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The files of the page by name, and what it says that each prints. */
const files = new Map<string, string | undefined>();
for (const [, code, name, output] of page.matchAll(
  /^```mjs\n(\/\/ (\S+)\n[\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```$)?/gm,
)) {
  writeFileSync(join(folder, name!), code!);
  files.set(name!, output);
}
writeFileSync(join(folder, 'package.json'), /^```json\n([\s\S]*?)^```$/m.exec(page)![1]!);

function node(...args: string[]): string {
  // A test runner that finds itself under another one reports to that.
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
  return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env });
}

test('the page has the files of a package', () => {
  expect([...files.keys()]).toEqual(['index.js', 'program.js', 'index.test.js']);
});

test('its program prints what the page says', () => {
  expect(node('program.js')).toBe(files.get('program.js'));
});

test('its family passes the conformance suite', () => {
  const report = node('--test', '--test-reporter=tap', 'index.test.js');
  expect(report).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(report)?.[1])).toBeGreaterThan(20);
});
