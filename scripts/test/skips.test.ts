import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', ':(glob)**/test/**/*.ts'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && !file.startsWith('scripts/test/'));

/** The titles of a test and of what it stands in, from the call that skips it outwards. */
function titlesOf(skip: ts.Node): string {
  const titles: string[] = [];
  for (let node = skip; node.parent; node = node.parent) {
    if (node === skip || !ts.isCallExpression(node)) continue;
    const [title] = node.arguments;
    if (title && /\b(test|describe)\b/.test(node.expression.getText())) titles.push(title.getText());
  }
  return titles.join('\n');
}

/** Whether titles say what a part of a condition asks for: a capability's words, or the reason that a need has. */
function isSaid(part: ts.Expression, titles: string): boolean {
  if (ts.isBinaryExpression(part) && part.operatorToken.kind === ts.SyntaxKind.BarBarToken) {
    return isSaid(part.left, titles) && isSaid(part.right, titles);
  }
  const text = part.getText();
  const words = /^without\('(.+)'\)$/.exec(text)?.[1];
  if (words !== undefined) return [`(${words})`, `(${words},`, `, ${words})`].some((end) => titles.includes(end));
  const [, need, reason] = /^!(?:(\w+)\.)?available$|^(\w+)(?: !== '')?$/.exec(text) ?? [];
  const shown = Array.from(titles.matchAll(/\$\{([^}]*)\}/g), ([, expression]) => expression!).join(' ');
  if (reason !== undefined) return new RegExp(`\\b${reason}\\b`).test(shown);
  return /available$/.test(text) && new RegExp(need ? `\\b${need}(\\.reason|\\))` : '\\breason\\b').test(shown);
}

/** The skips of a file whose titles do not say by which capability. */
function wordless(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    const called = ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.expression.name;
    const condition = ts.isCallExpression(node) && node.arguments[0];
    if (called && condition && /^(skipIf|runIf)$/.test(called.text)) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      if (called.text === 'runIf' || !isSaid(condition, titlesOf(node))) found.push(`${file}:${line}`);
    } else if (called && called.text === 'skip' && /^(test|describe)\b/.test(node.getText())) {
      found.push(`${file} skips for ever`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test('each test that is skipped says by which capability', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap((file) => wordless(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: they are programs
describe('what is found:', () => {
  test.each([
    ['a platform', "test.skipIf(onWindows)('waits (signals)', () => {});"],
    ['a capability of other words', "test.skipIf(without('signals'))('waits (AF_UNIX)', () => {});"],
    ['a need without its reason', "test.skipIf(!can.available)('waits', () => {});"],
    ['one of two', "test.skipIf(without('root') || onWindows)('waits (root)', () => {});"],
    ['what only runs', "test.runIf(without('signals'))('waits (signals)', () => {});"],
    ['no condition', "test.skip('waits', () => {});"],
  ])('%s', (_, text) => expect(wordless('one.test.ts', text)).toHaveLength(1));

  test.each([
    ['a capability', "test.skipIf(without('signals')).each([1])('waits (signals)', () => {});"],
    ['a need', 'test.skipIf(!can.available)(`waits ${can.reason}`, () => {});'],
    ['a reason around it', "describe(`all ${missing}`, () => test.skipIf(missing)('waits', () => {}));"],
  ])('not %s', (_, text) => expect(wordless('one.test.ts', text)).toEqual([]));
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: they are programs
