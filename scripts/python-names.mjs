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

const platformNames = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' };

/** The platforms of a name, where they are not all three. */
function platforms(row) {
  const found = Object.keys(platformNames).filter((platform) => row[platform] !== '-' && row[platform] !== 'bsd');
  if (found.length === 0) return 'a BSD only';
  return found.length === 3 ? '' : found.map((platform) => platformNames[platform]).join(', ');
}

function namesTable(rows, explanations, write) {
  const lines = rows.map((row) => {
    const explained = explanations.find(same(row));
    const notes = [platforms(row), explained?.explanation].filter(Boolean).join('; ');
    return `| \`${row.name}\` | ${explained ? '' : `\`${write(row)}\``} | ${notes} |`;
  });
  return ['| Python | here | |', '|---|---|---|', ...lines].join('\n');
}

/** Text broken into lines that fit. */
function paragraph(words) {
  const lines = [''];
  for (const word of words) {
    const line = `${lines.at(-1)} ${word}`.trim();
    if (line.length <= 120) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  return lines.join('\n');
}

// Map.groupBy needs a newer Node.
function groupBy(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

function constantsSection(rows) {
  const byPlatforms = groupBy(rows, platforms);
  const list = (rows) => rows.map(({ name }, index) => `\`${name}\`${index < rows.length - 1 ? ',' : ''}`);
  return [...byPlatforms]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([where, rows]) => paragraph([...(where ? `${where}:`.split(' ') : []), ...list(rows)]))
    .join('\n\n');
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

\`@bsd-sockets/socket\` exports all of them, but where a cell is empty and the next one says why. Underscores become
camelCase; constants keep their names. A name says where it is available unless Linux, macOS and Windows all have it; on
other platforms a constant is \`undefined\`.

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
