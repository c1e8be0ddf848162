// What must hold of a package as it is packed: its files, its manifest, its maps.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join, relative } from 'node:path';

const ALLOWED = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/[\w/-]+\.(js|mjs|d\.ts|d\.mts|js\.map|d\.ts\.map)$/,
  /^src\/[\w/-]+\.ts$/,
  /^(promises|constants|kcd|signals)\/package\.json$/,
];
/** What single packages have besides. */
const ALLOWED_IN = {
  // The binaries, and what a build from source takes.
  'core-native': [
    /^prebuilds\/[\w-]+\/[\w.-]+\.node$/,
    /^CMakeLists\.txt$/,
    /^scripts\/build\.mjs$/,
    /^addon\/[\w/-]+\.(cc|h|inc)$/,
  ],
  socket: [/^bin\/[\w-]+\.js$/],
};
const REQUIRED = ['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.mjs', 'dist/index.d.ts'];
const FIELDS = ['description', 'keywords', 'license', 'engines', 'exports', 'sideEffects', 'type', 'types'];

/** The files of an unpacked package, as paths in it. */
export function files(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

function* manifestProblems(folder) {
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  const manifest = JSON.parse(text);
  for (const field of FIELDS) if (manifest[field] === undefined) yield `package.json has no ${field}`;
  for (const field of ['preinstall', 'install', 'postinstall']) {
    if (manifest.scripts?.[field]) yield `package.json has the script ${field}, which runs at each install`;
  }
  if (text.includes('workspace:')) yield 'package.json has a version that means this workspace';
}

/** Where the declarations of a file begin that have a name of their own: functions and classes at the outermost level. */
function* declarations(text) {
  for (const [line, code] of text.split('\n').entries()) {
    const match =
      /^((?:export )?(?:declare )?(?:async )?function\*? |(?:export )?declare (?:abstract )?class )(\w+)/.exec(code);
    if (match) yield { line, column: match[1].length, name: match[2] };
  }
}

/** Each map names sources that are there, and leads from a function to where that function is. */
function* mapProblems(folder, path) {
  const map = JSON.parse(readFileSync(join(folder, path), 'utf8'));
  for (const source of map.sources) {
    if (!existsSync(join(folder, dirname(path), source))) yield `${path} names ${source}, which is not there`;
  }
  const built = path.slice(0, -'.map'.length);
  const text = readFileSync(join(folder, built), 'utf8');
  if (!text.includes(`//# sourceMappingURL=${path.split('/').at(-1)}`)) yield `${built} does not name its map`;
  const sourceMap = new SourceMap(map);
  for (const { line, column, name } of declarations(text)) {
    const { originalSource, originalLine } = sourceMap.findEntry(line, column);
    // What esbuild adds has no source.
    if (name.startsWith('__')) continue;
    const source = originalSource && join(folder, dirname(path), originalSource);
    const code = source && existsSync(source) && readFileSync(source, 'utf8').split('\n')[originalLine];
    // Of two with one name in a bundle, the second has a number behind it.
    if (!code?.includes(name.replace(/\d+$/, ''))) yield `${path} leads from ${name} to ${source}:${originalLine + 1}`;
  }
}

/** All that is wrong with an unpacked package. */
export function problems(name, folder) {
  const present = files(folder);
  const allowed = [...ALLOWED, ...(ALLOWED_IN[name] ?? [])];
  const built = present.filter((path) => path.endsWith('.d.ts') && !present.includes(`${path}.map`));
  return [
    ...present
      .filter((path) => !allowed.some((pattern) => pattern.test(path)))
      .map((path) => `${path} does not belong`),
    ...REQUIRED.filter((path) => !present.includes(path)).map((path) => `${path} is not there`),
    // An entry that only exports another file again needs none.
    ...built
      .filter(
        (path) =>
          !/^(export \* from '[^']*';\n$|import bundle = require)/.test(readFileSync(join(folder, path), 'utf8')),
      )
      .map((path) => `${path} has no map`),
    ...manifestProblems(folder),
    ...present.filter((path) => path.endsWith('.map')).flatMap((path) => [...mapProblems(folder, path)]),
  ];
}
