// Installs a package in empty projects, with each package manager, and runs a program that uses it in each of the ways
// in which users load packages.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTwos, run } from './processes.mjs';

const SCOPE = '@bsd-sockets';
const require = createRequire(import.meta.url);
const workspaceTypes = dirname(dirname(require.resolve('@types/node/package.json')));
const tsc = require.resolve('typescript/bin/tsc');
const esbuild = join(dirname(require.resolve('esbuild/package.json')), 'bin/esbuild');

/** The managers that are tried besides npm, which comes with Node. */
export const TOOLS = ['pnpm@12.21.0', 'yarn@1.22.22', '@yarnpkg/cli-dist@4.18.1'];

/** What each manager is tried with: `strict` ones let a project load no more than it names. */
export const MANAGERS = {
  npm: { ways: ['esm', 'cjs', 'node16', 'bundler', 'esbuild'] },
  pnpm: { ways: ['esm', 'cjs'], strict: true },
  yarn1: { ways: ['esm', 'cjs'] },
  yarn4: { ways: ['esm', 'cjs'], strict: true },
};

const add = {
  npm: (names) => ['npm', 'install', '--no-audit', '--no-fund', ...names],
  pnpm: (names, bin) => [join(bin, 'pnpm'), 'add', ...names],
  yarn1: (names, bin) => [
    process.execPath,
    join(bin, '../yarn/bin/yarn.js'),
    'add',
    '--no-progress',
    '--mutex',
    'network',
    ...names,
  ],
  yarn4: (names, bin) => [process.execPath, join(bin, '../@yarnpkg/cli-dist/bin/yarn.js'), 'add', ...names],
};

/** Without node_modules, a program finds packages only with yarn's help. */
const node = {
  yarn4: (bin) => [process.execPath, join(bin, '../@yarnpkg/cli-dist/bin/yarn.js'), 'node'],
};

/** What gives the command by which a manager adds packages, and its arguments. */
export function installer(manager, bin) {
  return (names) => {
    const [command, ...args] = add[manager](names, bin);
    return [command, args];
  };
}

/** What gives the command that starts Node in a project of a manager, and its arguments. */
export function starter(manager, bin) {
  const [command, ...before] = node[manager]?.(bin) ?? [process.execPath];
  return (...args) => [command, [...before, ...args]];
}

/** The program of a package as a CommonJS module and, for its types, as one in TypeScript. */
function commonJs(program) {
  const [imports, body] = program.split(/\n\n(.*)/s);
  const main = `\nasync function main() {\n${body}}\nmain();\n`;
  const required = imports.replaceAll(
    /import (?:\* as )?(.+?) from ('.+?');/gs,
    (_, names, path) => `const ${names.replaceAll(' as ', ': ')} = require(${path});`,
  );
  return { javascript: required + main, typescript: imports + main };
}

const ways = {
  esm: (project, start) => run(...start('index.mjs'), project),
  cjs: (project, start) => run(...start('index.cjs'), project),
  // The addon is a file that core-native looks for beside itself: a bundle leaves that package where it is.
  esbuild: async (project) => {
    const external = `--external:${SCOPE}/core-native`;
    const options = ['--bundle', '--platform=node', '--log-level=warning', external, '--outfile=bundle.cjs'];
    // A format without `await` at the outermost level.
    await run(esbuild, ['index.cts', ...options], project);
    return run(process.execPath, ['bundle.cjs'], project);
  },
};

/** The names of the packages that npm has put into a project. */
function installed(folder) {
  const lock = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'));
  return Object.keys(lock.packages).map((path) => path.slice('node_modules/'.length));
}

/**
 * Tries one package with one manager.
 *
 * @param name - The package, without its scope.
 * @param manager - One of `MANAGERS`.
 * @param folder - The folder for the project.
 * @param surroundings - `env` for all programs, and `bin`, where the managers are.
 * @returns `passed`, by the names of the ways; `failures`, with what was said; `installs`, for npm.
 */
export async function consume(name, manager, folder, { env, bin }) {
  const { strict = false, ways: names } = MANAGERS[manager];
  const program = readFileSync(fileURLToPath(new URL(`consumers/${name}.mjs`, import.meta.url)), 'utf8');
  const { javascript, typescript: cts } = commonJs(program);
  mkdirSync(folder, { recursive: true });
  const write = (file, content) =>
    writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
  write('package.json', { name: `${name}-user`, version: '1.0.0', private: true });
  // An empty one makes yarn 4 take the folder for a project of its own.
  if (manager === 'yarn4') write('yarn.lock', '');
  write('index.mjs', program);
  write('index.cjs', javascript);
  write('index.mts', program);
  write('index.cts', cts);
  write('index.ts', program);

  const project = { cwd: folder, env };
  const passed = [];
  const failures = [];
  const attempt = async (way, call) => {
    try {
      await call();
      if (way) passed.push(way);
    } catch (error) {
      failures.push(`${name}, ${manager}, ${way ?? 'install'}: ${error.message}`);
    }
  };
  const install = (wanted) => run(...installer(manager, bin)(wanted), project);
  const start = starter(manager, bin);
  const own = `${SCOPE}/${name}`;
  await attempt(undefined, async () => {
    await install([own]);
    if (!strict) return;
    // The package loads by itself; then the project gets what its program names.
    const look = `if (Object.keys(require('${own}')).length < 2) process.exit(1)`;
    await run(...start('-e', look), project);
    const used = [...program.matchAll(/from '(@[\w-]+\/[\w-]+)/g)].map(([, path]) => path);
    if (used.some((path) => path !== own)) await install([...new Set(used)].filter((path) => path !== own));
  });
  if (failures.length > 0) return { passed, failures, installs: [] };
  const printed = new Set();
  for (const way of names.filter((name) => name in ways)) {
    await attempt(way, async () => {
      const output = await ways[way](project, start);
      printed.add(output);
      if (output.trim() === '') throw new Error('the program printed nothing');
      if (printed.size > 1) throw new Error(`the program printed something else:\n${[...printed].join('\n')}`);
    });
  }
  return { passed, failures, installs: manager === 'npm' ? installed(folder) : [] };
}

/** How TypeScript finds packages: the programs that it compiles, and its options. */
const resolutions = {
  node16: { include: ['*-npm/index.?ts'], module: 'node16', moduleResolution: 'node16' },
  bundler: { include: ['*-npm/index.ts'], module: 'esnext', moduleResolution: 'bundler' },
};

/**
 * Compiles the programs of all projects that npm has installed, those of a resolution at once: the types of Node, which
 * take most of the time, are read once.
 *
 * @param folder - The folder of the projects.
 * @returns For each resolution, the projects with errors, and the errors.
 */
export async function compile(folder, env) {
  const results = {};
  await inTwos(Object.entries(resolutions), async ([resolution, { include, ...options }]) => {
    const file = `tsconfig.${resolution}.json`;
    const compilerOptions = {
      ...options,
      target: 'ES2022',
      lib: ['ES2022'],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [workspaceTypes],
    };
    writeFileSync(join(folder, file), JSON.stringify({ compilerOptions, include }));
    const errors = await run(process.execPath, [tsc, '-p', file], { cwd: folder, env }).then(
      () => '',
      (error) => error.message,
    );
    const failed = [...errors.matchAll(/^([\w-]+)-npm\//gm)].map(([, name]) => name);
    results[resolution] = { errors, failed: new Set(failed) };
  });
  return results;
}

/** The packages that have a program here. */
export function consumers() {
  return readdirSync(new URL('consumers', import.meta.url)).map((file) => file.replace(/\.mjs$/, ''));
}
