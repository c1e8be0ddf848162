// Runs a program through the tools that users have, each in an empty project with the packed packages: in the way of
// docs/bundling.md, which ends well, and in the naive way, which ends well or says what to do.
//   node tools/run.mjs [SECTION…]     after a build; only the sections of the page whose names hold one of these
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endAll, inTwos, run } from '../scripts/release-check/processes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const textOf = (path) => readFileSync(join(root, path), 'utf8');
const wanted = process.argv.slice(2);
const { BSD_SOCKETS_RETRY: again } = process.env;

/** What the page has for a tool: the files that begin with a comment of their names, and the commands. */
function sections() {
  const parts = textOf('docs/bundling.md').split(/^## /m).slice(1);
  return new Map(
    parts.map((part) => {
      const blocks = [...part.matchAll(/^```(?:javascript|json|yaml)\n(?:\/\/|#) (\S+)\n([\s\S]*?)^```$/gm)];
      const commands = Array.from(part.matchAll(/^```sh\n([\s\S]*?)^```$/gm), ([, text]) => text).join('');
      return [part.slice(0, part.indexOf('\n')), { files: blocks.map(([, name, text]) => [name, text]), commands }];
    }),
  );
}

/** The same without what the page says of the packages: what somebody does who has not read it. */
function naive({ files, commands }) {
  return {
    files: files.map(([name, text]) => [name, text.replace(/^.*@bsd-sockets.*\n/gm, '')]),
    commands: commands.replace(/ '?(--\S*|-e )@bsd-sockets\S*/g, ''),
  };
}

const own = ['core-native', 'resolver', 'socket', 'can'];
const folder = mkdtempSync(join(tmpdir(), 'tools-'));
process.once('exit', () => {
  endAll();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const GLOBAL = 'global:';
const global = join(folder, 'global');
const tarballs = join(folder, 'tarballs');
const filter = own.flatMap((name) => ['--filter', `@bsd-sockets/${name}`]);
await run('npx', ['-y', 'pnpm@12.21.0', '-r', ...filter, 'pack', '--pack-destination', tarballs], { cwd: root });
const tarballOf = (name) =>
  join(
    tarballs,
    readdirSync(tarballs).find((file) => file.startsWith(`bsd-sockets-${name}-`)),
  );
const packed = own.map(tarballOf);

/** Installs the tools and the packages into an empty project. */
async function install(project, packages) {
  mkdirSync(project, { recursive: true });
  // Yarn does not take what is installed for what the packages need of each other.
  const resolutions = Object.fromEntries(own.map((name) => [`@bsd-sockets/${name}`, `file:${tarballOf(name)}`]));
  const manifest = { name: 'project', version: '1.0.0', private: true, resolutions };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(project, 'program.mjs'), textOf('tools/program.mjs'));
  const test = textOf('tools/waits.test.cjs');
  for (const name of ['one', 'two', 'three']) {
    writeFileSync(join(project, `${name}.test.js`), test);
    writeFileSync(join(project, `${name}.module.mjs`), test.replace('require(', 'await import('));
  }
  const options = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
  const npmInstall = (...args) => run('npm', ['install', ...options, ...args], { cwd: project });
  const isGlobal = (specification) => specification.startsWith(GLOBAL);
  const outside = packages.filter(isGlobal).map((specification) => specification.slice(GLOBAL.length));
  await npmInstall(...packed, ...packages.filter((specification) => !isGlobal(specification)));
  if (outside.length > 0) await npmInstall('--prefix', global, ...outside);
}

/** What went wrong, or nothing. */
async function failure(project, { files, commands }) {
  for (const [name, text] of files) {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), text);
  }
  const env = {
    ...process.env,
    // Of Bun the program alone is installed.
    PATH: [
      ...['.bin', '@oven/bun-linux-x64/bin'].map((path) => join(project, 'node_modules', path)),
      join(global, 'node_modules/.bin'),
      process.env.PATH,
    ].join(delimiter),
    CI: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  };
  // A user has none of these.
  delete env.NODE_PATH;
  delete env.BSD_SOCKETS_ADDON;
  // `npx` finds these programs too, and takes half a second for each.
  const script = `set -e; exec 2>&1\n${commands.replaceAll('npx ', '')}`;
  try {
    const said = await run('sh', ['-c', script], { cwd: project, env });
    return /the program works|Tests: +\d+ passed/.test(said) ? undefined : `it did not run the program:\n${said}`;
  } catch (error) {
    return error.message;
  }
}

const count = { passed: 0, failed: 0 };
const page = sections();
const rows = [];
const tools = textOf('tools/tools.tsv')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t'))
  .filter(([name]) => wanted.length === 0 || wanted.some((part) => name.includes(part)));

async function tryTool(name, packages) {
  const project = join(folder, name.replace(/\W/g, '-'));
  await install(project, packages);
  const documented = page.get(name);
  const reason = await failure(project, documented);
  const simple = naive(documented);
  // Where the page only says that nothing is needed, both are the same.
  const isSame = JSON.stringify(simple) === JSON.stringify(documented);
  const without = isSame ? reason : await failure(project, simple);
  if (without === undefined) return { naive: 'works', reason };
  if (without.includes('This code was bundled')) return { naive: 'says what to do', reason };
  return { naive: 'FAILED', reason: reason ?? without };
}

await inTwos(tools, async ([name, list]) => {
  const packages = list.split(' ');
  const began = performance.now();
  const once = () => tryTool(name, packages).catch((error) => ({ naive: '–', reason: error.message }));
  let result = await once();
  // A registry may be slow, and the machine busy.
  if (result.reason !== undefined && again) {
    console.log(`Flaky: ${name}: ${result.reason}`);
    result = await once();
  }
  const isFine = result.reason === undefined;
  count[isFine ? 'passed' : 'failed']++;
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`${isFine ? 'passed' : 'FAILED'} ${name} (${seconds} s)`);
  if (!isFine) console.log(result.reason);
  rows.push([name, packages[0].replace(/.+@/, ''), result.naive, isFine ? 'works' : 'FAILED']);
});

for (const name of page.keys()) {
  if (wanted.length > 0 || tools.some(([tool]) => tool === name)) continue;
  console.log(`FAILED ${name}: tools/tools.tsv does not have this section of docs/bundling.md`);
  count.failed++;
}
const table = [['tool', 'version', 'naive', 'documented'], ...rows.sort(([a], [b]) => (a < b ? -1 : 1))];
for (const row of table)
  console.log(
    row
      .map((cell) => cell.padEnd(29))
      .join('')
      .trimEnd(),
  );
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed === 0 ? 0 : 1);
