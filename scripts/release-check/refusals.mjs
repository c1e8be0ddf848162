// What a release is refused for before anything is packed, and what its manifests must say.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Words that compare with a release before. */
const COMPARES =
  /\b(?:no longer|any ?more|now|again|instead of|used to|previously|formerly|until|fix(?:e[sd])?|renames?d?|removes?d?|breaking|deprecat\w+|faster|slower)\b/i;

/**
 * What is wrong with the pending changesets. Before its first release, a package has one note of a first, minor version, which
 * compares with nothing: no user knows what was before.
 *
 * @param folder - `.changeset`.
 * @param packages - The public packages, with `name` and `version`.
 */
export function changesetProblems(folder, packages) {
  const changesets = readdirSync(folder)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => {
      const [, head, text] = readFileSync(join(folder, file), 'utf8').split(/^---\n/m);
      const steps = new Map(
        Array.from(head.matchAll(/^['"]?(@[\w/-]+)['"]?: (\w+)$/gm), ([, name, step]) => [name, step]),
      );
      return { file, steps, text };
    });
  const unreleased = packages.filter(({ version }) => version === '0.0.0');
  const problems = [];
  for (const { file, steps, text } of changesets) {
    for (const name of steps.keys()) {
      if (!packages.some((one) => one.name === name))
        problems.push(`${file} names ${name}, which is no public package`);
    }
    const first = unreleased.filter(({ name }) => steps.has(name));
    const [word] = text.match(COMPARES) ?? [];
    if (first.length > 0 && word) {
      problems.push(`${file} says "${word}" of what was never released: ${first.map(({ name }) => name).join(', ')}`);
    }
    for (const { name } of first) {
      if (steps.get(name) !== 'minor')
        problems.push(`${file} has ${steps.get(name)} for the first release of ${name}, not minor`);
    }
  }
  for (const { name } of unreleased) {
    const files = changesets.filter(({ steps }) => steps.has(name)).map(({ file }) => file);
    if (files.length !== 1) {
      problems.push(
        `the first release of ${name} has ${files.length} notes, not one${files.map((file) => ` ${file}`).join('')}`,
      );
    }
  }
  return problems;
}

/** The platforms of the binaries that a page names, in the column `folder` of its first table. */
export const platforms = (page) => Array.from(page.matchAll(/^\| [^|]+\| `([\w-]+)` \|/gm), ([, platform]) => platform);

/** Which of these platforms have no binary in an unpacked `@bsd-sockets/core-native`. */
export const missingBinaries = (platforms, folder) =>
  platforms.filter((platform) => !existsSync(join(folder, 'prebuilds', platform, 'core_native.node')));

/**
 * What is wrong with the addresses in a packed manifest. The provenance of a package names its repository, so the registry
 * refuses a manifest that has none or another.
 *
 * @param repository - The web address of the repository, or undefined.
 * @param directory - The package's folder in it.
 * @param provenance - Whether the release has provenance, which needs all of them.
 */
export function addressProblems(manifest, { repository, directory, provenance }) {
  const addresses = { repository: manifest.repository?.url, homepage: manifest.homepage, bugs: manifest.bugs };
  const problems = [];
  for (const [field, address] of Object.entries(addresses)) {
    if (address === undefined) {
      if (provenance || repository) problems.push(`package.json has no ${field}: set BSD_SOCKETS_REPOSITORY`);
    } else if (!repository || !address.replace(/^git\+/, '').startsWith(repository)) {
      problems.push(`package.json has the ${field} ${address}, which is not of BSD_SOCKETS_REPOSITORY`);
    }
  }
  if (manifest.repository && manifest.repository.directory !== directory) {
    problems.push(`package.json has the folder ${manifest.repository.directory}, not ${directory}`);
  }
  return problems;
}

/** The web address of the repository that the environment names. */
export const repositoryOf = (env) => env.BSD_SOCKETS_REPOSITORY;

/** Whether npm is told to publish with provenance. */
export const wantsProvenance = (env) => (env.NPM_CONFIG_PROVENANCE ?? env.npm_config_provenance) === 'true';
