import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
// These have no types.
const { publicPackages } = await import(`${root}/scripts/release-check/packages.mjs`);
const refusals = await import(`${root}/scripts/release-check/refusals.mjs`);
const { addressProblems, changesetProblems, missingBinaries, platforms } = refusals;
const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-release-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('changesets', () => {
  const packages = [
    { name: '@bsd-sockets/old', version: '1.2.0' },
    { name: '@bsd-sockets/new', version: '0.0.0' },
  ];
  /** What is wrong with these changesets, each a step for `old`, `new` or both, and its text. */
  function problems(...changesets: { old?: string; new?: string; other?: string; text: string }[]) {
    const changes = mkdtempSync(join(folder, 'changes-'));
    changesets.forEach(({ text, ...steps }, index) => {
      const head = Object.entries(steps).map(([name, step]) => `'@bsd-sockets/${name}': ${step}\n`);
      writeFileSync(join(changes, `${index}.md`), `---\n${head.join('')}---\n\n${text}\n`);
    });
    return changesetProblems(changes, packages);
  }
  const first = { new: 'minor', text: 'The first release: frames of a bus.' };

  test('are one note for a first release, and whatever it is for another', () => {
    expect(problems(first)).toEqual([]);
    expect(problems(first, { old: 'patch', text: 'recv no longer loses bytes.' })).toEqual([]);
    expect(problems(first, { old: 'major', text: 'Rename send.' })).toEqual([]);
  });

  test.each(['recv no longer loses bytes.', 'It now waits.', 'Fix a leak.', 'Removes `talk`.', 'recv is faster.'])(
    'do not say of what was never released: %s',
    (text) => {
      expect(problems({ new: 'minor', text })).toEqual([
        expect.stringMatching(/^0\.md says ".*" of what was never released: @bsd-sockets\/new$/),
      ]);
    },
  );

  test('are neither two nor none for a first release', () => {
    expect(problems(first, first)).toEqual(['the first release of @bsd-sockets/new has 2 notes, not one 0.md 1.md']);
    expect(problems()).toEqual(['the first release of @bsd-sockets/new has 0 notes, not one']);
  });

  test('mend nothing in a first release, and name packages that there are', () => {
    expect(problems({ new: 'patch', text: 'Frames.' })).toEqual([
      '0.md has patch for the first release of @bsd-sockets/new, not minor',
    ]);
    expect(problems(first, { other: 'patch', text: 'Frames.' })).toEqual([
      '1.md names @bsd-sockets/other, which is no public package',
    ]);
  });

  test('of this repository are well', () => {
    expect(changesetProblems(join(root, '.changeset'), publicPackages())).toEqual([]);
  });
});

test('each binary that the page names must be there', () => {
  const named = platforms(readFileSync(join(root, 'docs/binaries.md'), 'utf8'));
  expect(named).toEqual(expect.arrayContaining(['linux-x64', 'linux-arm64', 'linux-x64-musl', 'darwin-arm64']));
  const package_ = join(folder, 'binaries');
  for (const platform of named) {
    mkdirSync(join(package_, 'prebuilds', platform), { recursive: true });
    writeFileSync(join(package_, 'prebuilds', platform, 'core_native.node'), '');
  }
  expect(missingBinaries(named, package_)).toEqual([]);
  rmSync(join(package_, 'prebuilds/linux-arm64/core_native.node'));
  expect(missingBinaries(named, package_)).toEqual(['linux-arm64']);
});

describe('addresses', { timeout: 60_000 }, () => {
  const repository = 'https://example.org/somebody/sockets';
  const directory = 'packages/families/rds';
  /** The manifest as pnpm packs it. */
  function packed(env: Record<string, string>) {
    const options = { cwd: join(root, directory), encoding: 'utf8' as const, env: { ...process.env, ...env } };
    const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const output = execFileSync('npx', ['-y', packageManager, 'pack', '--json', '--pack-destination', folder], options);
    return JSON.parse(execFileSync('tar', ['-xzOf', JSON.parse(output).filename, 'package/package.json'], options));
  }

  test('come from the environment into what is packed', () => {
    const manifest = packed({ BSD_SOCKETS_REPOSITORY: repository });
    expect(manifest).toMatchObject({
      repository: { type: 'git', url: `git+${repository}.git`, directory },
      homepage: `${repository}/tree/main/${directory}#readme`,
      bugs: `${repository}/issues`,
    });
    expect(addressProblems(manifest, { repository, directory, provenance: true })).toEqual([]);
    const elsewhere = addressProblems(manifest, {
      repository: 'https://example.org/other',
      directory,
      provenance: true,
    });
    expect(elsewhere).toHaveLength(3);
    expect(addressProblems(manifest, { repository, directory: 'packages/rds', provenance: true })).toEqual([
      'package.json has the folder packages/families/rds, not packages/rds',
    ]);
  });

  test('are refused to be missing under provenance only', () => {
    const manifest = packed({ BSD_SOCKETS_REPOSITORY: '' });
    expect(addressProblems(manifest, { repository: undefined, directory, provenance: false })).toEqual([]);
    expect(addressProblems(manifest, { repository: undefined, directory, provenance: true })).toEqual(
      ['repository', 'homepage', 'bugs'].map((field) => `package.json has no ${field}: set BSD_SOCKETS_REPOSITORY`),
    );
  });

  test('nothing is published with provenance and without an address, nor before there is a version', () => {
    const publish = (env: Record<string, string>) => {
      const options = { encoding: 'utf8' as const, env: { ...process.env, ...env } };
      const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/publish.mjs')], options);
      return [status, stderr.trim()];
    };
    expect(publish({ NPM_CONFIG_PROVENANCE: 'true', BSD_SOCKETS_REPOSITORY: '' })).toEqual([
      1,
      'Nothing is published: provenance needs BSD_SOCKETS_REPOSITORY.',
    ]);
    expect(publish({ NPM_CONFIG_PROVENANCE: '' })).toEqual([
      1,
      'Nothing is published: a package has no version yet: `changeset version` gives one.',
    ]);
  });
});

test('the workflow pins its actions by commit, and logs in with an npm that can', () => {
  const workflow = readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8');
  for (const [, action] of workflow.matchAll(/uses: (.*)/g)) expect(action).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  const release = workflow.slice(workflow.indexOf('\n  release:'));
  expect(release).toMatch(/node-version: 24 /);
  expect(release).toMatch(/id-token: write/);
  expect(release).toMatch(/run: git push --tags/);
  expect(workflow).not.toMatch(/TOKEN/);
});
