// Publishes each version that the registry does not have yet, and tags it:
//   node scripts/publish.mjs      after `changeset version`, and a release:check that was all well
// With NPM_CONFIG_PROVENANCE=true it needs BSD_SOCKETS_REPOSITORY, and an npm that can log in as a trusted publisher.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack, publicPackages, publish, root } from './release-check/packages.mjs';
import { run } from './release-check/processes.mjs';
import { missingBinaries, platforms, repositoryOf, wantsProvenance } from './release-check/refusals.mjs';

const TRUSTED = '11.5.1';

const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-publish-'));
process.once('exit', () => rmSync(folder, { recursive: true }));

function refuse(reason) {
  console.error(`Nothing is published: ${reason}.`);
  process.exit(1);
}

if (wantsProvenance(process.env)) {
  if (!repositoryOf(process.env)) refuse('provenance needs BSD_SOCKETS_REPOSITORY');
  const version = execFileSync('npm', ['--version'], { encoding: 'utf8' }).trim();
  if (version.localeCompare(TRUSTED, 'en', { numeric: true }) < 0) {
    refuse(`npm ${version} cannot log in as a trusted publisher, ${TRUSTED} can`);
  }
}

const onRegistry = ({ name, version }) =>
  run('npm', ['view', `${name}@${version}`, 'version'], { cwd: root }).then(
    (found) => found.trim() === version,
    (error) => {
      if (error.message.includes('E404')) return false;
      throw error;
    },
  );
const packages = publicPackages();
if (packages.some(({ version }) => version === '0.0.0'))
  refuse('a package has no version yet: `changeset version` gives one');
const wanted = [];
for (const one of packages) if (!(await onRegistry(one))) wanted.push(one);
if (wanted.length === 0) refuse('the registry has every version');

await pack(wanted, folder, ['pnpm']);
const page = readFileSync(join(root, 'docs/binaries.md'), 'utf8');
const missing = missingBinaries(platforms(page), join(root, 'packages/core-native'));
if (missing.length > 0) refuse(`no binary for ${missing.join(', ')}: \`pnpm binaries\` builds them`);
for (const { name, version, tarball } of wanted) {
  await publish(join(folder, tarball), { cwd: root });
  console.log(`${name}@${version} is published`);
}
console.log(await run('pnpm', ['changeset', 'tag'], { cwd: root }));
