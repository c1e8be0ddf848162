import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const list = readFileSync(path('python-socket-names.tsv'), 'utf8');
const explanations = readFileSync(path('python-names-explained.tsv'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'names-'));
afterAll(() => rmSync(folder, { recursive: true }));

function check(listed: string, explained: string): string {
  const files = [join(folder, 'names.tsv'), join(folder, 'explained.tsv')] as const;
  writeFileSync(files[0], listed);
  writeFileSync(files[1], explained);
  return spawnSync(process.execPath, [path('../../../scripts/python-names.mjs'), '--check', ...files], {
    encoding: 'utf8',
  }).stdout;
}

test.skipIf(without('Linux'))(
  "every name of Python's socket module on Linux is exported or explained, and docs/python.md is up to date (Linux)",
  () => {
    expect(check(list, explanations)).toBe('');
  },
);

test('a name that is neither exported nor explained is found', () => {
  const added = ['constant\tAF_NOTHING', 'function\tdo_nothing', 'method\tdo_less', 'class\tNothing'];
  const rows = added.map((row) => `${row}\t3.12\t3.12\t3.12\n`).join('');
  expect(check(list + rows, explanations)).toBe(
    added.map((row) => `the ${row.replace('\t', ' ')} is neither exported nor explained\n`).join(''),
  );
});

test('names of other platforms need not be exported', () => {
  expect(check(`${list}constant\tAF_NOTHING\t-\t3.12\t-\n`, explanations)).toBe(
    'docs/python.md is out of date: run node scripts/python-names.mjs --write\n',
  );
});

test('the constants that the page promises for macOS are in its headers', () => {
  const measured = JSON.parse(readFileSync(path('../../core-native/test/platforms.json'), 'utf8'));
  const constants = list.split('\n').flatMap((line) => {
    const [kind, name, , macos] = line.split('\t');
    return kind === 'constant' && macos !== '-' && macos !== 'bsd' ? [name!] : [];
  });
  expect(constants.length).toBeGreaterThan(190);
  // That of macOS 15 is not in those of 12; the other is no constant of C.
  const missing = constants.filter((name) => !(name in measured['darwin-arm64'].constants));
  expect(missing).toEqual(['SO_BINDTODEVICE', 'has_ipv6']);
});

test('an explanation of a name that is exported, or in no list, is found', () => {
  const rows = 'method\taccept\tbecause\nmethod\tdo_less\tbecause\n';
  expect(check(list, explanations + rows)).toBe(
    'the explained method do_less is not in the list of names\nthe method accept is exported, so needs no explanation\n',
  );
});
