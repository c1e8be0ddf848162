// Builds the TypeScript of the package in the current folder. Its exports name its entries: `./promises` is made from
// `src/promises/index.ts` or `src/promises.ts`. Where there is a `names.ts` beside, the entry is that and all constants.
// For each entry, as `index`, there are then in `dist`
//   bundle.mjs, bundle.js     what it is made of, as an ECMAScript module and as CommonJS; `shared` has what several need
//   index.js                  for `require`
//   index.mjs                 for `import` in Node: it exports what index.js does, so that a program which loads both has the
//                             same classes and the same registry
//   index-module.mjs          for bundlers, which know the condition "module": ECMAScript modules alone, so that they can leave
//                             out what a program does not use
//   index.d.ts, index.d.mts   the declarations
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const CORE = '@bsd-sockets/core-native';
const isCore = manifest.name === CORE;

const entries = Object.keys(manifest.exports)
  .filter((path) => path !== './package.json' && path !== './constants')
  .map((path) => {
    const name = path === '.' ? 'index' : path.slice('./'.length);
    const places = path === '.' ? ['index', 'names'] : [name, `${name}/index`, `${name}/names`];
    const sources = places.filter((place) => existsSync(`src/${place}.ts`));
    return {
      name,
      bundle: path === '.' ? 'bundle' : `${name}-bundle`,
      declared: sources[0],
      built: sources.at(-1),
      hasConstants: sources.at(-1).endsWith('names'),
    };
  });

/** Without the comments that declarations have, which would be a quarter of a bundle. The lines stay where they are. */
const withoutDocstrings = {
  name: 'without-docstrings',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      return {
        loader: 'ts',
        contents: text.replace(/^ *\/\*\*.*?\*\//gms, (comment) => comment.replace(/[^\n]/g, '')),
      };
    });
  },
};

/** One ECMAScript module for each entry, and one with what several share. */
async function bundles() {
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(entries.map(({ bundle, built }) => [bundle, `src/${built}.ts`])),
    bundle: true,
    packages: 'external',
    format: 'esm',
    splitting: true,
    chunkNames: 'shared',
    outExtension: { '.js': '.mjs' },
    outdir: 'dist',
    platform: 'node',
    target: 'node20',
    // The sources themselves are published, for the maps of the declarations too.
    sourcemap: 'linked',
    sourcesContent: false,
    plugins: [withoutDocstrings],
    write: false,
  });
  return outputFiles;
}

/**
 * Gives functions and classes the names that esbuild changes: `_Socket` in a class that names itself, `Socket2` of the second
 * in a bundle. esbuild's own `keepNames` would define the name of every closure whenever a call makes one. Within its body a
 * class goes by the name that it has there, which is also the one that the frames of a stack show.
 */
function withOwnNames(bundled) {
  const classes = [...bundled.matchAll(/^(?:var (\w+) = )?class (_([A-Z]\w*?)\d*) /gm)];
  // Not where something else of the module has the name: the body may mean that one.
  const imported = [...bundled.matchAll(/^import \{([^}]*)\}/gm)].flatMap(([, names]) => names.match(/\w+(?=,|\s*$)/g));
  const isTaken = ([, outer, , name]) =>
    outer !== name &&
    (imported.includes(name) || new RegExp(`^(var|let|const|class|function) ${name}\\b`, 'm').test(bundled));
  const kept = new Set(classes.filter(isTaken).map(([, , given]) => given));
  const code = classes
    .filter(([, , given]) => !kept.has(given))
    .reduce((text, [, , given, name]) => text.replace(new RegExp(`(?<![.\\w])${given}\\b`, 'g'), name), bundled);
  const exported = [...code.matchAll(/^ {2}((\w+?)\d+) as \2,?$/gm)]
    .filter(([, inner]) =>
      new RegExp(`^(var ${inner} = class|((async )?function\\*?|class) ${inner})\\b`, 'm').test(code),
    )
    .map(([, inner, name]) => [inner, name]);
  const apart = classes
    .filter(([, outer, given]) => outer !== undefined && kept.has(given))
    .map(([, outer, , name]) => [outer, name]);
  const definitions = [...new Map([...apart, ...exported])].map(
    ([inner, name]) => `Object.defineProperty(${inner}, 'name', { value: '${name}', configurable: true });\n`,
  );
  // Before the exports, which end the module.
  return code.replace(/^export \{$/m, `${definitions.join('')}export {`);
}

/** Lookups by promises. They come from a property of the resolver, which loads them when one is asked for: see `promisesOf`. */
const LATE = '@bsd-sockets/resolver/promises';

/**
 * The same module as CommonJS, line by line, so that one map serves both. What is imported becomes a variable, which V8 reads
 * faster than a property; what is exported a plain property, which loads faster than a getter; and a namespace stays what it is,
 * where esbuild would copy it. Each module is required once: for a package that another folder required before, Node searches
 * anew at every `require`.
 */
function asCommonJs(code) {
  const list = (names) => names.replace(/(\w+) as (\w+)/g, '$1: $2');
  const variables = new Map();
  const variableOf = (from) => {
    const known = variables.get(from);
    if (known !== undefined) return ['', known];
    const name = `module${variables.size}`;
    variables.set(from, name);
    return [`${name} = require("${from.replace(/^(\.\/.*)\.mjs$/, '$1.js')}"), `, name];
  };
  const late = Array.from(code.matchAll(/^import \* as (\w+) from "(.*)";$/gm)).filter(([, , from]) => from === LATE);
  return late
    .reduce((text, [, name]) => text.replace(new RegExp(`(?<![.\\w])${name}\\.`, 'g'), `${name}.promises.`), code)
    .replace(/^/, '"use strict"; ')
    .replace(/^((?:"use strict"; )?)import "(.*)";$/gm, '$1require("$2");')
    .replace(/^((?:"use strict"; )?)import (\* as )?(\{[^}]*\}|\w+) from "(.*)";$/gm, (_, strict, all, names, from) => {
      const isLate = from === LATE;
      const [definition, variable] = variableOf(isLate ? dirname(from) : from);
      return `${strict}var ${definition}${list(names)} = ${variable}${isLate && !all ? '.promises' : ''};`;
    })
    .replace(/^export (\{[^}]*\});$/m, (_, names) => `module.exports = ${names.replace(/(\w+) as (\w+)/g, '$2: $1')};`);
}

/** The names of all constants, also of those that this platform does not have. */
function constantNames() {
  const source = readFileSync(new URL('../packages/core-native/src/generated/constants.ts', import.meta.url), 'utf8');
  return Array.from(source.matchAll(/^export const (\w+)/gm), ([, name]) => name);
}

/** All constants, each in a statement that a bundler can leave out: the bare reading of a property may have effects. */
function constantsOf(table, imported, module) {
  const constant = (name) => `export const ${name} = /* @__PURE__ */ (() => ${table}.${name})();\n`;
  return `import ${imported} from '${module}';\n${constantNames().map(constant).join('')}`;
}

/** The list that Node reads the names of a CommonJS module from, for its ECMAScript modules. */
function nameList(names) {
  return `// What Node reads the names from, for an ECMAScript module that imports a CommonJS one which re-exports this.
0 && (module.exports = { ${names.join(', ')} });
`;
}

/**
 * A module of its own for the constants: a copy of the addon's table, so that a program which writes to it changes nothing here.
 * It has the names of other platforms too. By a loop: so many properties of a literal took twice as long.
 */
function writeConstants() {
  const names = constantNames();
  write(
    'constants.js',
    `'use strict';
const { constants } = require('./bundle.js').native;
module.exports = {};
for (const name of '${names.join(' ')}'.split(' ')) module.exports[name] = constants[name];
${nameList(["...require('./constants-names.js')"])}`,
  );
  // Apart, since V8 would read them with each load.
  write('constants-names.js', nameList(names));
  write('constants-module.mjs', constantsOf('native.constants', '{ native }', './bundle.mjs'));
  writeModule('constants', names);
}

function write(name, text) {
  writeFileSync(join('dist', name), text);
}

/**
 * The entry for `import` in Node. It names what it exports: Node would else look for the names in the text of the CommonJS
 * module, which took longer than to load it, and does so even for its default if that is re-exported at once. Bundlers follow a
 * `require`, but none of `createRequire`. rollup asks a package that it leaves external for a default, too.
 */
function writeModule(name, names, others = '') {
  write(
    `${name}-default.js`,
    `'use strict';
const exported = require('./${name}.js');
module.exports = exported;
`,
  );
  write(
    `${name}.mjs`,
    `import exported from './${name}-default.js';
${others}export default exported;
export const { ${names.join(', ')} } = exported;
`,
  );
  write(
    `${name}.d.mts`,
    `export * from './${name}.js';
export { default } from './${name}.js';
`,
  );
}

/** The packages that a file and those beside it require. */
function packagesOf(file) {
  const required = Array.from(
    readFileSync(join('dist', file), 'utf8').matchAll(/require\("(.*?)"\)/g),
    ([, name]) => name,
  );
  return required.flatMap((name) =>
    name.startsWith('./') ? packagesOf(name) : name.startsWith('node:') ? [] : [name],
  );
}

/**
 * The promise face as a property, as `node:fs` has `node:fs/promises`. It is loaded when it is asked for, where it requires no
 * package that was not required from its folder before: Node 20 and 22 may take another path to such a one, and load it twice.
 */
function promisesOf(entry, bundle) {
  const before = packagesOf(`${bundle}.js`);
  const isLate = packagesOf(`${entry.bundle}.js`).every((name) => before.includes(name));
  const face = `require('./${entry.bundle}.js')`;
  return isLate ? ` get promises() { return ${face}; } ` : ` promises: ${face} `;
}

/**
 * The entries. Constants are taken from core-native itself, which bundlers leave out, and in a bundle each by its name. They are
 * copied by a loop: to spread so many names takes more than twice as long.
 */
function writeEntry({ name, bundle, hasConstants }) {
  const constants = isCore ? './constants' : `${CORE}/constants`;
  const others = `require('${isCore ? `${constants}.js` : constants}')`;
  const exported = Object.keys(createRequire(join(process.cwd(), 'package.json'))(`./dist/${bundle}.js`));
  const other = name === 'index' && entries.find((entry) => entry.name === 'promises');
  const promises = other ? promisesOf(other, bundle) : '';
  const copied = `const constants = ${others};
for (const name in constants) exported[name] = constants[name];
`;
  write(
    `${name}.js`,
    `'use strict';
const exported = {${promises}};
${hasConstants ? copied : ''}module.exports = Object.assign(exported, require('./${bundle}.js'));
${nameList([...(hasConstants ? [`...${others}`] : []), ...exported])}`,
  );
  const bundled = isCore ? "export * from './constants-module.mjs';\n" : constantsOf('core', '* as core', CORE);
  write(`${name}-module.mjs`, `${hasConstants ? bundled : ''}export * from './${bundle}.mjs';\n`);
  const all = hasConstants ? `export * from '${isCore ? `${constants}.mjs` : constants}';\n` : '';
  writeModule(name, exported, all);
}

/** The declarations, each with a map to its source. The types are checked once for all packages, by `pnpm typecheck`. */
function writeDeclarations(sources) {
  const base = fileURLToPath(new URL('../tsconfig.base.json', import.meta.url));
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(base, ts.sys.readFile).config,
    ts.sys,
    dirname(base),
  );
  const program = ts.createProgram(
    sources.map((source) => join('src', `${source}.ts`)),
    {
      ...options,
      emitDeclarationOnly: true,
      declarationMap: true,
      sourceMap: false,
      rootDir: 'src',
      outDir: 'dist',
      noCheck: true,
    },
  );
  const problems = [
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getSyntacticDiagnostics(),
    ...program.emit().diagnostics,
  ];
  const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: process.cwd, getNewLine: () => '\n' };
  process.stderr.write(ts.formatDiagnostics(problems, host));
  if (problems.length > 0) process.exit(1);
}

rmSync('dist', { recursive: true, force: true });
writeDeclarations([...entries.map(({ declared }) => declared), ...(isCore ? ['generated/constants'] : [])]);
for (const { name, declared } of entries) {
  if (declared !== name) write(`${name}.d.ts`, `export * from './${declared}';\n`);
}
for (const { path, text } of await bundles()) {
  if (path.endsWith('.map')) {
    // Of both.
    writeFileSync(path.replace('.mjs.map', '.js.map'), text);
    continue;
  }
  const code = withOwnNames(text).replace('.mjs.map', '.js.map');
  writeFileSync(path, code);
  writeFileSync(path.replace('.mjs', '.js'), asCommonJs(code));
}
if (isCore) {
  writeConstants();
  write('constants.d.ts', "export * from './generated/constants';\n");
}
for (const entry of entries) writeEntry(entry);
