// Writes the declarations of the built package in the current folder, each with a map to its source, which is published
// too. An entry is a file in `src`; one deeper down gets a file of its own name in `dist`.
// Usage: node declarations.mjs ENTRY…     (index promises/index)
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const entries = process.argv.slice(2);
const base = fileURLToPath(new URL('../tsconfig.base.json', import.meta.url));
const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(base, ts.sys.readFile).config,
  ts.sys,
  dirname(base),
);
const program = ts.createProgram(
  entries.map((entry) => join('src', `${entry}.ts`)),
  {
    ...options,
    emitDeclarationOnly: true,
    declarationMap: true,
    sourceMap: false,
    rootDir: 'src',
    outDir: 'dist',
    // The types are checked once for all packages, by `pnpm typecheck`.
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
process.exitCode = problems.length > 0 ? 1 : 0;

for (const entry of entries.filter((entry) => entry.includes('/'))) {
  const name = basename(entry) === 'index' ? dirname(entry) : basename(entry);
  writeFileSync(`dist/${name}.d.ts`, `export * from './${entry}';\n`);
}
