// Turns constants.tsv, abi-bsd.tsv and errnos.txt into the tables of the addon (C++) and the constants of the package (TypeScript).

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const platformNames = { linux: 'Linux', darwin: 'macOS', win32: 'Windows', bsd: 'BSD' };
const columns = ['name', 'header', 'form', 'abi', 'platforms', 'since'];
const patterns = {
  name: /^[A-Za-z_]\w*$/,
  header: /^(-|[\w/]+\.h)$/,
  form: /^(macro|enum)$/,
  abi: /^(-|-?\d+|0x[\da-f]+)$/,
  platforms: /^(linux|darwin|win32|bsd)(,(linux|darwin|win32|bsd))*$/,
  since: /^(-|\d+\.\d+)$/,
};

function lines(file) {
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .map((text, index) => ({ text, place: `${file}:${index + 1}` }))
    .filter(({ text }) => text !== '' && !text.startsWith('#'));
}

function refuseDuplicates(entries) {
  const seen = new Set();
  for (const { name, place } of entries) {
    if (seen.has(name)) throw new Error(`${place}: ${name} is listed twice`);
    seen.add(name);
  }
  return entries;
}

function readConstants() {
  const [heading, ...rows] = lines('constants.tsv');
  if (heading.text !== columns.join('\t')) throw new Error(`${heading.place}: the columns are ${columns.join(', ')}`);
  const constants = rows.map(({ text, place }) => {
    const cells = text.split('\t');
    if (cells.length !== columns.length) throw new Error(`${place}: ${cells.length} columns, not ${columns.length}`);
    const row = Object.fromEntries(columns.map((column, index) => [column, cells[index]]));
    for (const column of columns) {
      if (!patterns[column].test(row[column])) throw new Error(`${place}: bad ${column} '${row[column]}'`);
    }
    if (row.form === 'enum' && row.header === '-') throw new Error(`${place}: an enumerator without a header`);
    if (row.form === 'macro' && row.since !== '-') throw new Error(`${place}: a macro needs no 'since'`);
    const platforms = row.platforms.split(',');
    const onLinux = platforms.includes('linux');
    if (onLinux !== (row.header !== '-' || row.abi !== '-')) {
      throw new Error(`${place}: a Linux name has a header or a number, and no other name has`);
    }
    return { ...row, place, platforms, onLinux };
  });
  return refuseDuplicates(constants);
}

/** The numbers of Windows for names of constants.tsv that are no macros there. */
function readWindowsNumbers(names) {
  const [, ...rows] = lines('win32-constants.tsv');
  return new Map(
    rows.map(({ text, place }) => {
      const [name, number, source] = text.split('\t');
      if (!names.has(name)) throw new Error(`${place}: constants.tsv has no '${name}'`);
      if (!patterns.abi.test(number) || !source) throw new Error(`${place}: a number and its source are expected`);
      return [name, number];
    }),
  );
}

function readErrnos() {
  const errnos = lines('errnos.txt').map(({ text, place }) => {
    if (!patterns.name.test(text)) throw new Error(`${place}: bad name '${text}'`);
    return { name: text, place };
  });
  return refuseDuplicates(errnos).map(({ name }) => name);
}

/** The `#elif`s of the names that abi-bsd.tsv has. */
function readBsdNumbers(known) {
  const [heading, ...rows] = lines('abi-bsd.tsv');
  if (heading.text !== 'name\tvalue\tmacro') throw new Error(`${heading.place}: the columns are name, value, macro`);
  const entries = rows.map(({ text, place }) => {
    const [name, value, macro, ...rest] = text.split('\t');
    if (rest.length > 0 || !/^(-|__\w+__)$/.test(macro)) throw new Error(`${place}: bad row '${text}'`);
    if (!/^(\d+|0x[\da-f]+)$/.test(value)) throw new Error(`${place}: bad value '${value}'`);
    if (!known.has(name)) throw new Error(`${place}: constants.tsv does not have ${name}`);
    return { name, value, macro, place };
  });
  return new Map(
    refuseDuplicates(entries).map(({ name, value, macro }) => {
      const systems = (macro === '-' ? ['__APPLE__', '__FreeBSD__'] : [macro]).map((system) => `defined(${system})`);
      return [name, [`#elif ${systems.join(' || ')}`, `{"${name}", ${value}, true},`]];
    }),
  );
}

function cConstant({ name, header, form, abi, since }) {
  // As a number, because systems without KERNEL_VERSION have to parse the condition too.
  const [major, minor] = since.split('.').map(Number);
  const version = ((major << 16) | (minor << 8)).toString(16).padStart(6, '0');
  const newEnough = since === '-' ? '' : ` && LINUX_VERSION_CODE >= 0x${version} /* ${since} */`;
  const condition =
    form === 'macro' ? `#ifdef ${name}` : `#if defined(__linux__) && __has_include(<${header}>)${newEnough}`;
  const fallback = abi === '-' ? [] : ['#elif defined(__linux__)', `{"${name}", ${abi}, true},`];
  const number = windowsNumbers.get(name);
  if (number !== undefined) fallback.push('#elif defined(_WIN32)', `{"${name}", ${number}, true},`);
  fallback.push(...(bsdNumbers.get(name) ?? []));
  return [condition, `{"${name}", ${name}, false},`, ...fallback, '#endif'];
}

/** Those of C, as on other platforms, though Winsock has its own: as in Python. */
const C_ERRNOS = new Set(['EINTR', 'EBADF', 'EACCES', 'EFAULT', 'EINVAL', 'EMFILE', 'ENAMETOOLONG', 'ENOTEMPTY']);

/** Winsock's number of an error that sockets have, where that is another than C's. */
function winsockErrno(name, errnos) {
  if (name === 'EAGAIN') return 'WSAEWOULDBLOCK';
  if (name === 'ENOTSUP') return 'WSAEOPNOTSUPP';
  return errnos.includes(`WSA${name}`) && !C_ERRNOS.has(name) ? `WSA${name}` : undefined;
}

function cErrno(name, _, errnos) {
  const winsock = winsockErrno(name, errnos);
  const first =
    winsock === undefined
      ? [`#ifdef ${name}`]
      : [`#ifdef ${winsock}`, `{"${name}", ${winsock}},`, `#elif defined(${name})`];
  return [...first, `{"${name}", ${name}},`, '#endif'];
}

function sentence({ header, platforms, onLinux }) {
  const names = platforms.map((platform) => platformNames[platform]);
  if (onLinux) return `${header === '-' ? '' : `${header}; `}${names.join(', ')}.`;
  return `${names.join(' and ')} only.`;
}

function tsConstant(constant) {
  const { name, onLinux } = constant;
  const type = onLinux ? 'number' : 'number | undefined';
  return [`/** ${sentence(constant)} */`, `export const ${name} = table.${name} as ${type};`];
}

function write(folder, file, text) {
  mkdirSync(join(root, folder, 'generated'), { recursive: true });
  const path = join(root, folder, 'generated', file);
  let before;
  try {
    before = readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  // An untouched file is not compiled again.
  if (before !== text) writeFileSync(path, text);
}

function generated(source) {
  return `// Generated from ${source} by scripts/generate-constants.mjs.`;
}

const constants = readConstants();
const windowsNumbers = readWindowsNumbers(new Set(constants.map(({ name }) => name)));
const bsdNumbers = readBsdNumbers(new Set(constants.map(({ name }) => name)));
const byName = [...constants].sort((a, b) => (a.name < b.name ? -1 : 1));

write('addon', 'constants.inc', `${[generated('constants.tsv'), ...constants.flatMap(cConstant)].join('\n')}\n`);
write('addon', 'errnos.inc', `${[generated('errnos.txt'), ...readErrnos().flatMap(cErrno)].join('\n')}\n`);
write(
  'src',
  'constants.ts',
  `${[
    generated('constants.tsv'),
    '',
    "import { native } from '../native';",
    '',
    'const table = native.constants;',
    '',
    ...byName.flatMap(tsConstant),
  ].join('\n')}\n`,
);
