// What a family in this repository has to be named in: CONTRIBUTING.md, "Add a family".
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const families = readdirSync(join(root, 'packages/families'));
const manifest = (family: string) => JSON.parse(text(`packages/families/${family}/package.json`));

const changesets = readdirSync(join(root, '.changeset'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => text(`.changeset/${name}`))
  .join();

/** What a family's own folder has to have. */
const FILES = ['LICENSE', 'README.md', 'package.json', 'src/index.ts', 'test'];

/** Whether a family is named in each place that has to name it. */
const PLACES: Record<string, (family: string) => boolean> = {
  'package.json: devDependencies': (family) =>
    `@bsd-sockets/${family}` in JSON.parse(text('package.json')).devDependencies,
  'pnpm-lock.yaml: run pnpm install': (family) => text('pnpm-lock.yaml').includes(`\n  packages/families/${family}:\n`),
  'README.md: the table of packages': (family) => text('README.md').includes(`](packages/families/${family})`),
  'docs/addresses.md: the table': (family) =>
    text('docs/addresses.md').includes(`](../packages/families/${family}/README.md) |`),
  '.changeset: one that names a package without a version': (family) =>
    manifest(family).version !== '0.0.0' || changesets.includes(`'@bsd-sockets/${family}': `),
  'scripts/release-check/consumers: its program': (family) =>
    existsSync(join(root, `scripts/release-check/consumers/${family}.mjs`)),
  'packages/examples/test/types/blocking.mts: its addresses': (family) =>
    text('packages/examples/test/types/blocking.mts').includes(` from '@bsd-sockets/${family}';`),
  'packages/examples/test/types/promises.mts: its addresses': (family) =>
    text('packages/examples/test/types/promises.mts').includes(` from '@bsd-sockets/${family}';`),
  'packages/examples/test/without-addon.test.ts: its first use': (family) =>
    text('packages/examples/test/without-addon.test.ts').includes(`\n  ${family}: [`),
};

test.each(families)('%s is in all places that name the families', (family) => {
  const missing = [
    ...FILES.filter((file) => !existsSync(join(root, 'packages/families', family, file))).map(
      (file) => `packages/families/${family}/${file}`,
    ),
    ...Object.keys(PLACES).filter((place) => !PLACES[place]!(family)),
  ];
  expect(missing).toEqual([]);
});

test.each(families)('the manifest of %s is like the others', (family) => {
  // What differs by right, and what is more where there are promises.
  const { description, keywords, exports, scripts, typesVersions, version, devDependencies, ...others } =
    manifest(family);
  const { peerDependencies = {}, peerDependenciesMeta, ...fields } = others;
  expect(description).toMatch(/ for Node\.js/);
  expect(keywords).toContain('socket');
  expect(fields).toEqual({
    name: `@bsd-sockets/${family}`,
    license: 'MIT',
    engines: { node: '>=20' },
    type: 'commonjs',
    sideEffects: true,
    main: './dist/index.js',
    module: './dist/index-module.mjs',
    types: './dist/index.d.ts',
    // A folder for each other entry leads those to it who do not read `exports`.
    files: ['dist', 'src', ...Object.keys(exports).flatMap((path) => path.match(/(?<=^\.\/)\w+$/) ?? [])].sort(),
    publishConfig: { access: 'public' },
    dependencies: { '@bsd-sockets/core-native': 'workspace:^', '@bsd-sockets/socket': 'workspace:^' },
  });
  // What only one entry needs, its users install beside it.
  const optional = Object.fromEntries(Object.keys(peerDependencies).map((name) => [name, { optional: true }]));
  expect(peerDependenciesMeta ?? {}).toEqual(optional);
  expect(devDependencies).toEqual({ '@bsd-sockets/family-testkit': 'workspace:*', ...peerDependencies });
});
