// Prints the exported names of the built packages, and the members of exported classes, that have no docstring or a
// parameter in it, and ends with 1 if there are any:
//   node scripts/docstrings.mjs [DECLARATIONS…]
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ENTRIES = [
  'core-native/dist/index',
  'resolver/dist/index',
  'resolver/dist/promises',
  'socket/dist/index',
  'socket/dist/promises',
  'family-testkit/dist/index',
  'families/can/dist/kcd',
  'families/can/dist/signals',
  ...['families', 'drop-ins'].flatMap((folder) =>
    readdirSync(new URL(`../packages/${folder}`, import.meta.url)).map((name) => `${folder}/${name}/dist/index`),
  ),
];

function isDocumented(node) {
  // A variable's comment stands before its statement.
  const owner = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  return ts.getJSDocCommentsAndTags(owner).some((part) => ts.isJSDoc(part) && part.comment);
}

/** The parameters that no docstring of a function's overloads names; those of a private overload do not count. */
function missingParameters(declarations) {
  const functions = declarations.filter((node) => ts.isFunctionLike(node) && !isInternal(node));
  const tags = functions.map((node) => ts.getJSDocTags(node).filter(ts.isJSDocParameterTag));
  const documented = new Set(tags.flat().map((tag) => tag.name.getText()));
  // A parameter that is taken apart has no name of its own: its docstring's place tells.
  const nameOf = ({ name }, index) =>
    ts.isIdentifier(name) ? name.text : (tags.find((list) => list[index])?.[index].name.getText() ?? name.getText());
  const named = functions.flatMap((node) => node.parameters.map(nameOf));
  // Arguments that are a list with names have these documented, not the list.
  return [...new Set(named)].filter((name) => name !== 'args' && !documented.has(name));
}

function isInternal(node) {
  return ts.getJSDocTags(node).some((tag) => tag.tagName.text === 'internal');
}

/** The public members of a class, if there is one. */
function members(symbol) {
  return [...(symbol?.members?.values() ?? [])].filter((member) =>
    member.declarations?.some(
      (node) =>
        !ts.isTypeParameterDeclaration(node) &&
        !(node.name && ts.isPrivateIdentifier(node.name)) &&
        !(ts.getCombinedModifierFlags(node) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)),
    ),
  );
}

/** The class that a name stands for, or that a variable marked with `@class` constructs objects of. */
function classOf(symbol, checker) {
  if (symbol.flags & ts.SymbolFlags.Class) return symbol;
  const { valueDeclaration } = symbol;
  if (!valueDeclaration || !ts.getJSDocTags(valueDeclaration).some(({ tagName }) => tagName.text === 'class'))
    return undefined;
  return checker.getTypeOfSymbol(symbol).getConstructSignatures()[0]?.getReturnType().getSymbol();
}

function problemsOf(symbol, name, checker) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const declarations = target.declarations ?? [];
  const inherited = declarations.some((node) => ts.isConstructorDeclaration(node));
  // What `export * as` makes has no place for a docstring, and no more has what a class that is the module exports.
  if (target.flags & (ts.SymbolFlags.Module | ts.SymbolFlags.Prototype)) return [];
  if (declarations.length > 0 && declarations.every(isInternal)) return [];
  const problems = declarations.some(isDocumented) || inherited ? [] : [`${name} has no docstring`];
  problems.push(...missingParameters(declarations).map((parameter) => `${name} says nothing of ${parameter}`));
  for (const member of members(classOf(target, checker))) {
    problems.push(...problemsOf(member, `${name}.${member.name}`, checker));
  }
  return problems;
}

function problemsOfFiles(files) {
  const program = ts.createProgram(files, { module: ts.ModuleKind.Node16, target: ts.ScriptTarget.ES2022 });
  const checker = program.getTypeChecker();
  return files
    .flatMap((file) => checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file))))
    .flatMap((symbol) => problemsOf(symbol, symbol.name, checker));
}

const given = process.argv.slice(2);
const entries = ENTRIES.map((name) => fileURLToPath(new URL(`../packages/${name}.d.ts`, import.meta.url)));
const problems = new Set(problemsOfFiles(given.length > 0 ? given : entries));
for (const problem of problems) console.log(problem);
process.exitCode = problems.size > 0 ? 1 : 0;
