// A client of npm in an empty project, where a drop-in takes the place of an addon by npm's `overrides`; and a copy of it that has
// the addon itself.
import { strictEqual } from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { builtAddon } from '../../bench/peers/npm-addon.mjs';
import { barePath } from '../../scripts/release-check/bare-path.mjs';
import { pack, publicPackages } from '../../scripts/release-check/packages.mjs';
import { run } from '../../scripts/release-check/processes.mjs';

/** The name of an addon, whose forks have a scope, which the workspace has it by. */
const plainName = (addon) => addon.split('/').at(-1);

/** Our package in the place of an addon. */
const dropInOf = (addon) => `@bsd-sockets/${plainName(addon)}`;

/** The tarballs of our packages by their names; packed by whoever comes first of a run. */
async function tarballs(shared) {
  const all = publicPackages();
  const withDependencies = (one) => [
    one,
    ...all.filter(({ name }) => one.dependencies.includes(name)).flatMap(withDependencies),
  ];
  const packages = [...new Set(all.filter(({ folder }) => folder.includes('/drop-ins/')).flatMap(withDependencies))];
  const folder = join(shared, 'tarballs');
  if (!existsSync(folder)) {
    const unfinished = join(shared, `tarballs-${process.pid}`);
    await pack(packages, unfinished, ['npx', '-y', 'pnpm@12.21.0']);
    renameSync(unfinished, folder);
  }
  return new Map(packages.map(({ name, tarball }) => [name, join(folder, tarball)]));
}

/** Installs what a project depends on, with a drop-in in the place of an addon. */
async function install(project, { addon, install: dependencies, scripts = true }, shared, folder) {
  const packed = await tarballs(shared);
  const overrides = Object.fromEntries([...packed].map(([name, tarball]) => [name, `file:${tarball}`]));
  // What the project itself asks for, npm does not override: the client leaves the addon to it.
  const dropIn = dropInOf(addon);
  const asked = addon in dependencies ? { ...dependencies, [addon]: overrides[dropIn] } : dependencies;
  mkdirSync(project);
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      private: true,
      dependencies: asked,
      overrides: { ...overrides, [addon]: overrides[dropIn] },
    }),
  );
  const options = ['--no-audit', '--no-fund', '--prefer-offline', ...(scripts ? [] : ['--ignore-scripts'])];
  await run('npm', ['install', ...options], {
    cwd: project,
    env: { ...process.env, PATH: barePath(join(folder, 'bin')) },
  });
  const { name } = JSON.parse(readFileSync(join(project, 'node_modules', addon, 'package.json'), 'utf8'));
  strictEqual(name, dropIn);
}

/** The addon itself in the place of the drop-in; undefined where it cannot be built. */
function withAddon(project, copy, addon) {
  const place = join(copy, 'node_modules', addon);
  let folder;
  try {
    folder = builtAddon(plainName(addon)).folder;
  } catch (error) {
    console.log(`without ${addon}: ${error.message}`);
    return undefined;
  }
  cpSync(project, copy, { recursive: true });
  rmSync(place, { recursive: true });
  symlinkSync(folder, place);
  return copy;
}

/**
 * The ways of a case with the drop-in and with the addon.
 *
 * @param subject - A case: `addon`, and what to `install`, as in `dependencies` of a package.json. With `scripts: false` nothing is
 *   built, for it would build something of its own.
 * @param folder - The folder of the case.
 * @param shared - A folder for all cases of a run.
 * @returns `ours`, and `other` where the addon can be built: each has a `name`, and a `require` of its own.
 */
export async function dropInWays(subject, folder, shared) {
  const project = join(folder, 'drop-in');
  await install(project, subject, shared, folder);
  const copy = withAddon(project, join(folder, 'addon'), subject.addon);
  const way = (name, at) => ({ name, require: createRequire(join(at, 'package.json')) });
  return { ours: way('ours', project), other: copy && way(subject.addon, copy) };
}
