// Compares the names of Python's socket module with the built @bsd-sockets/socket, and makes docs/python.md of it:
//   node scripts/python-names.mjs --write                      writes the page
//   node scripts/python-names.mjs --check [LIST EXPLANATIONS]  prints what is wrong, and ends with 1 if anything is
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const PAGE = path('docs/python.md');
const socket = createRequire(import.meta.url)('@bsd-sockets/socket');

/** The rows of a table below its heading, as objects. */
function readTable(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  const [heading, ...rows] = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));
  return rows.map((row) => Object.fromEntries(heading.map((column, index) => [column, row[index]])));
}

/** What Python's name is called here. */
function ourName({ kind, name }) {
  if (name === 'socket') return 'Socket';
  // Functions and methods, and the one constant that Python writes in small letters.
  const isCamelCase = kind === 'function' || kind === 'method' || name === name.toLowerCase();
  return isCamelCase ? name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()) : name;
}

function isExported(row) {
  const ours = ourName(row);
  return row.kind === 'method' ? ours in socket.Socket.prototype : socket[ours] !== undefined;
}

const onLinux = (row) => row.linux !== '-' && row.linux !== 'bsd';
const same = (row) => (other) => other.kind === row.kind && other.name === row.name;

function problems(names, explanations) {
  const missing = names.filter((row) => onLinux(row) && !isExported(row) && !explanations.some(same(row)));
  return [
    ...missing.map(({ kind, name }) => `the ${kind} ${name} is neither exported nor explained`),
    ...explanations
      .filter((row) => !names.some(same(row)))
      .map(({ kind, name }) => `the explained ${kind} ${name} is not in the list of names`),
    ...explanations
      .filter(isExported)
      .map(({ kind, name }) => `the ${kind} ${name} is exported, so needs no explanation`),
  ];
}

const PLATFORMS = ['linux', 'darwin', 'win32'];
const HEADING = 'Linux | macOS | Windows |';

/** The cells that say where Python has a name. */
function cells(row) {
  const text = { 3.12: 'yes', '-': '' };
  return PLATFORMS.map((platform) => text[row[platform]] ?? row[platform].replace('bsd', 'a BSD')).join(' | ');
}

function namesTable(rows, explanations, write) {
  const lines = rows.map((row) => {
    const explained = explanations.find(same(row));
    return `| \`${row.name}\` | ${explained?.explanation ?? `\`${write(row)}\``} | ${cells(row)} |`;
  });
  return [`| Python | here | ${HEADING}`, '|---|---|---|---|---|', ...lines].join('\n');
}

// Map.groupBy needs a newer Node.
function groupBy(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

/** A table of constants, those of the same platforms in one row. */
function constantsSection(rows) {
  const lines = [...groupBy(rows, cells)]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([where, rows]) => `| ${rows.map(({ name }) => `\`${name}\``).join(', ')} | ${where} |`);
  return [`| | ${HEADING}`, '|---|---|---|---|', ...lines].join('\n');
}

function page(names, explanations) {
  const ofKind = (kind) => names.filter((row) => row.kind === kind).sort((a, b) => (a.name < b.name ? -1 : 1));
  const isException = ({ name }) => socket[name]?.prototype instanceof Error;
  const constants = groupBy(
    ofKind('constant').filter((row) => ourName(row) === row.name),
    ({ name }) => name.split('_')[0],
  );
  const renamed = ofKind('constant').filter((row) => ourName(row) !== row.name);
  return `# Names of Python's socket module

<!-- Written by scripts/python-names.mjs. -->

\`@bsd-sockets/socket\` exports all of them, but for those that say why not. Underscores become camelCase; constants keep
their names. The columns say where Python has a name: \`yes\`, or since which version. Here a constant that a platform does not
have is \`undefined\`, and a function refuses. The constants of Windows are held against the addon for it, in Wine, those of macOS
against its headers.

## Classes

${namesTable(
  ofKind('class').filter((row) => !isException(row)),
  explanations,
  ourName,
)}

## Exceptions

${namesTable(
  [
    ...['error', 'timeout'].map((name) => ({ kind: 'class', name, linux: '3.12', darwin: '3.12', win32: '3.12' })),
    ...ofKind('class').filter(isException),
  ],
  explanations,
  ({ name }) => (socket[name].name === name ? name : `${socket[name].name}\`, \`${name}`),
)}

## Functions

${namesTable(ofKind('function'), explanations, (row) => `${ourName(row)}()`)}

## Methods and attributes of a socket

${namesTable(ofKind('method'), explanations, (row) => {
  const isFunction = typeof Object.getOwnPropertyDescriptor(ownerOf(ourName(row)), ourName(row)).value === 'function';
  return `socket.${ourName(row)}${isFunction ? '()' : ''}`;
})}

## Constants

${namesTable(renamed, explanations, ourName)}

${[...constants].map(([prefix, rows]) => `### ${rows.length > 1 ? `${prefix}_*` : rows[0].name}\n\n${constantsSection(rows)}`).join('\n\n')}
`;
}

/** The prototype that has a property of sockets as its own. */
function ownerOf(name) {
  let owner = socket.Socket.prototype;
  while (!Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  return owner;
}

const [
  mode,
  list = path('packages/socket/test/python-socket-names.tsv'),
  explained = path('packages/socket/test/python-names-explained.tsv'),
] = process.argv.slice(2);
const names = readTable(list);
const explanations = readTable(explained);

if (mode === '--write') writeFileSync(PAGE, page(names, explanations));
else if (mode === '--check') {
  const found = problems(names, explanations);
  if (found.length === 0 && readFileSync(PAGE, 'utf8') !== page(names, explanations)) {
    found.push('docs/python.md is out of date: run node scripts/python-names.mjs --write');
  }
  for (const problem of found) console.log(problem);
  process.exitCode = found.length > 0 ? 1 : 0;
} else {
  console.error('usage: python-names.mjs --write | --check [LIST EXPLANATIONS]');
  process.exitCode = 2;
}
