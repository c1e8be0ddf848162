import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const tracked = (...patterns: string[]) =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...patterns], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);

/** The texts in the tests that may be a title, with `.*` for what is filled in; not those that are little else. */
const titles = tracked(':(glob)packages/**/test/**/*.ts').flatMap((file) => {
  const literals = readFileSync(join(root, file), 'utf8').matchAll(/(['"`])((?:\\.|(?!\1)[^\n\\])+)\1/g);
  return Array.from(literals, ([, , text]) => text!.replace(/\\(.)/g, '$1').split(/%[sij]|\$\w+|\$\{[^}]*\}/)).filter(
    (parts) => parts.join('').length >= 12,
  );
});
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const patterns = titles.map((parts) => new RegExp(`^${parts.map(escaped).join('.*')}$`));

test.each(tracked('scripts/*-limits.tsv'))('each row of %s names a test that there is', (file) => {
  const [, ...rows] = readFileSync(join(root, file), 'utf8').trim().split('\n');
  expect(rows.length, basename(file)).toBeGreaterThan(0);
  const unknown = rows
    // The last part is the test's own name; those of a differential test stand in quotes.
    .map((row) => row.split('\t')[0]!.split(' > ').at(-1)!.replace(/^'|'$/g, ''))
    .filter((name) => !name.endsWith('*') && !patterns.some((pattern) => pattern.test(name)));
  expect(unknown).toEqual([]);
});
