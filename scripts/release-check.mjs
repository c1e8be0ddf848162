// Packs all public packages as for a release, publishes them to a registry on loopback, and installs and runs them from
// there as users do:
//   node scripts/release-check.mjs [--no-lab] [--this-machine] [PACKAGE…]
// after `binaries` and a build. Only these packages are installed, as `can vsock`; with --this-machine the binaries of other
// platforms may be missing. Ends with a table, and with 1 if anything is wrong.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { compile, consume, consumers, MANAGERS, TOOLS } from './release-check/consumers.mjs';
import { timeToFirstEcho, vsockWithoutCompiler } from './release-check/new-user.mjs';
import { override } from './release-check/overrides.mjs';
import { pack, publicPackages, publish, root } from './release-check/packages.mjs';
import { endAll, inTwos, run } from './release-check/processes.mjs';
import {
  addressProblems,
  changesetProblems,
  missingBinaries,
  platforms,
  repositoryOf,
  wantsProvenance,
} from './release-check/refusals.mjs';
import { startRegistry } from './release-check/registry.mjs';
import { files, problems } from './release-check/tarball.mjs';

const {
  positionals: wanted,
  values: { lab: useLab, 'this-machine': thisMachine },
} = parseArgs({
  options: { lab: { type: 'boolean', default: true }, 'this-machine': { type: 'boolean', default: false } },
  allowNegative: true,
  allowPositionals: true,
});

const folder = mkdtempSync(join(tmpdir(), 'release-check-'));
const inFolder = (...path) => join(folder, ...path);
// What ends it early must leave nothing behind either.
process.once('exit', () => {
  endAll();
  // What ends just now may still write.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const started = performance.now();
const found = [];
function report(name, list) {
  for (const problem of list) {
    found.push(`${name}: ${problem}`);
    console.error(`✗ ${name}: ${problem}`);
  }
}
async function attempt(name, call) {
  try {
    return await call();
  } catch (error) {
    report(name, [error.message]);
  }
}
const say = (text) => console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${text}`);

const packages = publicPackages().map((one) => ({
  ...one,
  tarball: inFolder('tarballs', one.tarball),
  unpacked: inFolder('unpacked', one.short),
}));
report('changesets', changesetProblems(join(root, '.changeset'), packages));
report(
  'consumers',
  packages.filter(({ short }) => !consumers().includes(short)).map(({ short }) => `${short} has no program`),
);

say('start a registry on loopback, and get the package managers through it');
mkdirSync(inFolder('registry'));
const registry = await startRegistry(inFolder('registry'));
const home = (name, npmrc = '') => {
  mkdirSync(inFolder('homes', name), { recursive: true });
  writeFileSync(inFolder('homes', name, '.npmrc'), npmrc);
  return inFolder('homes', name);
};
const environment = {
  PATH: process.env.PATH,
  HOME: home('user'),
  CI: '1',
  npm_config_registry: registry,
  npm_config_cache: inFolder('caches/npm'),
  npm_config_update_notifier: 'false',
  // The release is younger than what some managers take.
  pnpm_config_minimum_release_age: '0',
  pnpm_config_registry: registry,
  pnpm_config_store_dir: inFolder('caches/pnpm'),
  YARN_CACHE_FOLDER: inFolder('caches/yarn'),
  YARN_REGISTRY: registry,
  YARN_ENABLE_TELEMETRY: '0',
  YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  YARN_GLOBAL_FOLDER: inFolder('caches/yarn4'),
  // Left to itself, yarn looks at packages' "type" for whether Node needs its help with ECMAScript modules.
  YARN_PNP_ENABLE_ESM_LOADER: 'true',
  YARN_NPM_MINIMAL_AGE_GATE: '0',
  YARN_NPM_REGISTRY_SERVER: registry,
  YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
};
mkdirSync(inFolder('tools'));
await run('npm', ['install', '--no-audit', '--no-fund', ...TOOLS], { cwd: inFolder('tools'), env: environment });

const bin = inFolder('tools/node_modules/.bin');

say(`pack ${packages.length} packages`);
await pack(packages, inFolder('tarballs'), [join(bin, 'pnpm')]);

say('look into the tarballs: files, manifests, maps, publint, attw');
const programs = join(root, 'node_modules/.bin');
const provenance = wantsProvenance(process.env);
const repository = repositoryOf(process.env);
await inTwos(packages, async ({ folder, name, short, tarball, unpacked }) => {
  mkdirSync(unpacked, { recursive: true });
  const options = { cwd: unpacked, env: process.env };
  await run('tar', ['-xzf', tarball, '--strip-components=1'], options);
  report(name, problems(short, unpacked));
  const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
  report(name, addressProblems(manifest, { repository, directory: relative(root, folder), provenance }));
  await attempt(name, () => run(join(programs, 'publint'), ['run', tarball, '--strict'], options));
  await attempt(name, () => run(join(programs, 'attw'), [tarball, '--no-emoji'], options));
});
const missing = missingBinaries(
  platforms(readFileSync(join(root, 'docs/binaries.md'), 'utf8')),
  inFolder('unpacked/core-native'),
);
if (!thisMachine)
  report(
    'core-native',
    missing.map((platform) => `the binary for ${platform} is missing: see docs/binaries.md`),
  );

say('publish');
const publisher = home('publisher', `registry=${registry}\n//${new URL(registry).host}/:_authToken=nobody\n`);
// Provenance is what GitHub vouches for: there is none on a registry of one's own.
const env = { ...process.env, HOME: publisher, npm_config_registry: registry, npm_config_provenance: 'false' };
delete env.NPM_CONFIG_PROVENANCE;
await inTwos(packages, ({ tarball }) => publish(tarball, { cwd: publisher, env }));

say('measure what a new user waits for');
const steps = await attempt('first echo', () =>
  timeToFirstEcho(inFolder('hello'), { ...environment, HOME: home('new') }),
);

/** A package, and all that it depends on. */
const closure = (name) => {
  const { dependencies = [] } = packages.find((one) => one.name === name) ?? {};
  return [...new Set([name, ...dependencies.flatMap(closure)])].sort();
};

say('install each package by itself, and use it');
const tried = packages.filter(({ short }) => wanted.length === 0 || wanted.includes(short));
const results = new Map(tried.map(({ short }) => [short, {}]));
const surroundings = { env: environment, bin };
const jobs = tried.flatMap(({ short }) => Object.keys(MANAGERS).map((manager) => ({ short, manager })));
await inTwos(jobs, async ({ short, manager }) => {
  const result = await consume(short, manager, inFolder('projects', `${short}-${manager}`), surroundings);
  report('consumer', result.failures);
  results.get(short)[manager] = result;
  const expected = closure(`@bsd-sockets/${short}`);
  if (manager === 'npm' && `${result.installs.sort()}` !== `${expected}`) {
    report(short, [`npm installs ${result.installs.join(' ')}, not ${expected.join(' ')}`]);
  }
});

say('put a drop-in in the place of an addon, by the line for each manager');
await inTwos(Object.keys(MANAGERS), (manager) =>
  attempt(`${manager}'s override`, () => override(manager, inFolder('overrides', manager), surroundings)),
);

say('compile the programs in TypeScript');
for (const [resolution, { errors, failed }] of Object.entries(await compile(inFolder('projects'), environment))) {
  if (errors) report(resolution, [errors]);
  for (const [short, { npm }] of results) {
    if (!errors || (failed.size > 0 && !failed.has(short))) npm.passed.push(resolution);
  }
}

let lab = false;
if (useLab) {
  say('install @bsd-sockets/vsock without a compiler, and run its example in the kernel lab');
  await attempt('lab', async () => {
    await vsockWithoutCompiler(inFolder('lab'), { ...environment, HOME: home('lab') });
    lab = true;
  });
}

const kib = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
const unpackedSize = (folder) => files(folder).reduce((sum, path) => sum + statSync(join(folder, path)).size, 0);
const rows = tried.map(({ short, version, tarball, unpacked }) => {
  const result = results.get(short);
  const installs = result.npm.installs.map((name) => name.replace('@bsd-sockets/', ''));
  const passed = Object.entries(MANAGERS).map(([manager, { ways }]) =>
    ways.map((way) => (result[manager].passed.includes(way) ? way : `✗${way}`)).join(' '),
  );
  const sizes = [kib(statSync(tarball).size), kib(unpackedSize(unpacked))];
  return [short, version, ...sizes, `${installs.length}: ${installs.join(' ')}`, ...passed];
});
const table = [['package', 'version', 'tarball', 'unpacked', 'installs', ...Object.keys(MANAGERS)], ...rows];
const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
console.log();
for (const row of table)
  console.log(
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );

console.log();
if (steps) {
  const total = Object.values(steps).reduce((sum, seconds) => sum + seconds, 0);
  const parts = Object.entries(steps).map(([command, seconds]) => `${command} ${seconds.toFixed(1)} s`);
  console.log(`From npm init -y to the first echo: ${total.toFixed(1)} s (${parts.join(', ')})`);
}
const binaries = files(inFolder('unpacked/core-native')).filter((path) => path.endsWith('.node'));
console.log(`@bsd-sockets/core-native has the binaries ${binaries.join(', ')}`);
if (lab)
  console.log('@bsd-sockets/vsock, installed without a compiler, runs the example of its README in the kernel lab.');
const without = missing.length > 0 ? `, on this machine only: no binary for ${missing.join(', ')}` : '';
say(found.length === 0 ? `all well${without}` : `${found.length} problems:`);
for (const problem of found) console.log(`✗ ${problem.split('\n')[0]}`);
process.exit(found.length === 0 ? 0 : 1);
