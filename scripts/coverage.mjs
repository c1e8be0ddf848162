// Says which lines of TypeScript and C++ the tests run:
//   node scripts/coverage.mjs [FILE…]      only these test files, in place of all of the library
// after `build` and core-native's `build:coverage`, which counts in C++. Prints for each file the share of its lines that ran, and
// the numbers of the others.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const native = join(root, 'packages/core-native');
const objects = join(native, 'build/Coverage/CMakeFiles/core_native.dir/addon');
const counts = join(root, 'coverage');
const inObjects = (ending) =>
  readdirSync(objects, { recursive: true })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(objects, file));

/** By file, whether each of its lines ran. */
class Lines {
  #files = new Map();

  add(file, line, ran) {
    if (!this.#files.has(file)) this.#files.set(file, new Map());
    const lines = this.#files.get(file);
    lines.set(line, lines.get(line) || ran);
  }

  print(title) {
    console.log(`\n${title}:\n`);
    const all = { ran: 0, of: 0 };
    const row = ({ ran, of }, ...rest) =>
      console.log(`${((100 * ran) / of).toFixed(1).padStart(6)} %  ${rest.join('')}`);
    for (const [file, lines] of [...this.#files].sort()) {
      const missed = [...lines].flatMap(([line, ran]) => (ran ? [] : [line])).sort((a, b) => a - b);
      const own = { ran: lines.size - missed.length, of: lines.size };
      all.ran += own.ran;
      all.of += own.of;
      row(own, file.padEnd(56), missed.join(' '));
    }
    row(all, 'all');
  }
}

function test(files) {
  rmSync(counts, { recursive: true, force: true });
  for (const file of inObjects('.gcda')) rmSync(file);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const addon = join(native, 'build/Coverage/Release/core_native.node');
  const env = { ...process.env, BSD_SOCKETS_ADDON: addon, BSD_SOCKETS_LIMITS: 'coverage', NODE_V8_COVERAGE: counts };
  const which = files.length > 0 ? files : ['--project', 'library*'];
  return spawnSync(process.execPath, [vitest, 'run', ...which], { cwd: root, stdio: 'inherit', env }).status;
}

/** Which characters of each built file ran, in any process or worker. */
function charactersThatRan() {
  const scripts = new Map();
  for (const file of readdirSync(counts)) {
    for (const { url, functions } of JSON.parse(readFileSync(join(counts, file), 'utf8')).result) {
      if (!/\/packages\/.*\/dist\//.test(url) || !existsSync(`${fileURLToPath(url)}.map`)) continue;
      const text = scripts.get(url)?.text ?? readFileSync(fileURLToPath(url), 'utf8');
      const ran = new Uint8Array(text.length);
      // Outer ranges come before those in them.
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
      }
      const before = scripts.get(url)?.ran;
      scripts.set(url, { text, ran: before ? ran.map((value, index) => value | before[index]) : ran });
    }
  }
  return scripts;
}

/** The lines of TypeScript: a built line stands for that which its map leads to. */
function typescript() {
  const lines = new Lines();
  for (const [url, { text, ran }] of charactersThatRan()) {
    const path = fileURLToPath(url);
    const map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')));
    let offset = 0;
    for (const [index, line] of text.split('\n').entries()) {
      const column = line.search(/[^\s})\];,]/);
      const { originalSource, originalLine } = column < 0 ? {} : map.findEntry(index, column);
      const source = originalSource && relative(root, resolve(dirname(path), originalSource));
      if (source?.startsWith('packages/')) lines.add(source, originalLine + 1, ran[offset + column] === 1);
      offset += line.length + 1;
    }
  }
  return lines;
}

function cpp() {
  const lines = new Lines();
  for (const file of inObjects('.gcno')) {
    const options = { cwd: objects, encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'ignore'] };
    for (const source of JSON.parse(execFileSync('gcov', ['--json-format', '--stdout', file], options)).files) {
      const path = relative(root, resolve(root, source.file));
      if (!path.startsWith('packages/core-native/addon/')) continue;
      for (const { line_number: line, count } of source.lines) lines.add(path, line, count > 0);
    }
  }
  return lines;
}

const status = test(process.argv.slice(2));
typescript().print('TypeScript');
cpp().print('C++');
process.exit(status);
