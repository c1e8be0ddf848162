// What a drop-in has to be named in, and how large all of them may be together.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const dropIns = readdirSync(join(root, 'packages/drop-ins'));
const MOST_LINES = 1500;

const FILES = ['LICENSE', 'README.md', 'package.json', 'src/index.ts', 'test'];

/** Whether a drop-in is named in each place that has to name it. */
const PLACES: Record<string, (name: string) => boolean> = {
  'package.json: devDependencies': (name) => `@bsd-sockets/${name}` in JSON.parse(text('package.json')).devDependencies,
  'pnpm-lock.yaml: run pnpm install': (name) => text('pnpm-lock.yaml').includes(`\n  packages/drop-ins/${name}:\n`),
  'README.md: the table of packages': (name) => text('README.md').includes(`](packages/drop-ins/${name})`),
  'docs/replacing-an-addon.md: the table': (name) =>
    text('docs/replacing-an-addon.md').includes(`](../packages/drop-ins/${name}/README.md) |`),
  '.changeset: the first release': (name) => text('.changeset/first-release.md').includes(`'@bsd-sockets/${name}': `),
  'scripts/release-check/consumers: its program': (name) =>
    existsSync(join(root, `scripts/release-check/consumers/${name}.mjs`)),
  'packages/examples/test/without-addon.test.ts: its first use': (name) =>
    new RegExp(`\\n  ['"]?${name}['"]?: \\[`).test(text('packages/examples/test/without-addon.test.ts')),
  'its README: the one line': (name) =>
    new RegExp(`\\{ "overrides": \\{ "[\\w@/-]+": "npm:@bsd-sockets/${name}@\\*"`).test(
      text(`packages/drop-ins/${name}/README.md`),
    ),
};

test.each(dropIns)('%s is in all places that name the drop-ins', (name) => {
  const missing = [
    ...FILES.filter((file) => !existsSync(join(root, 'packages/drop-ins', name, file))),
    ...Object.keys(PLACES).filter((place) => !PLACES[place]!(name)),
  ];
  expect(missing).toEqual([]);
});

test.each(dropIns)('the manifest of %s is like the others', (name) => {
  const { description, keywords, scripts, version, dependencies, sideEffects, exports, ...fields } = JSON.parse(
    text(`packages/drop-ins/${name}/package.json`),
  );
  expect(description).toMatch(/ for Node\.js/);
  expect(keywords).toContain('socket');
  const ours = Object.entries(dependencies).filter(([, as]) => as === 'workspace:^');
  expect(ours.every(([on]) => /^@bsd-sockets\//.test(on))).toBe(true);
  // What an optional part of ours needs, which the addon has in itself.
  expect(Object.keys(dependencies).length - ours.length).toBe(name === 'socketcan' ? 1 : 0);
  expect(fields).toEqual({
    name: `@bsd-sockets/${name}`,
    license: 'MIT',
    engines: { node: '>=20' },
    type: 'commonjs',
    main: './dist/index.js',
    module: './dist/index-module.mjs',
    types: './dist/index.d.ts',
    files: ['dist', 'src'],
    publishConfig: { access: 'public' },
  });
});

test(`the addons' interfaces take fewer than ${MOST_LINES} lines of code together`, () => {
  // What is more than an addon's interface, and how much is said in docstrings, does not count.
  const lines = dropIns
    .filter((name) => name !== 'sd-notify')
    .flatMap((name) => {
      const folder = `packages/drop-ins/${name}/src`;
      return readdirSync(join(root, folder)).flatMap((file) => text(`${folder}/${file}`).split('\n'));
    });
  expect(lines.filter((line) => !/^\s*(\/\*\*|\*|\/\/|$)/.test(line)).length).toBeLessThan(MOST_LINES);
});
