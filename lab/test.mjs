// Runs the suites that need the lab, those of each package in a guest of its own, and adds up their counts.
// usage: node lab/test.mjs [PART]...     only the test files whose path has one of the parts
// BSD_SOCKETS_SKIPPED names a file with the paths of those of which a run outside has skipped something: only they are run
// then, and those named *.lab.test.ts, which try what they find.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const parts = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: 0 };

/** Whether a file imports the testkit, by which tests say what they need: itself, or through a file beside it. */
function importsTestkit(file) {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'));
  return importedFiles.some(({ fileName }) => {
    if (!/^\.+\//.test(fileName)) return fileName === '@bsd-sockets/family-testkit';
    const path = `${join(dirname(file), fileName)}.ts`;
    return existsSync(path) && importsTestkit(path);
  });
}

/** The families' suites, and all others with tests that may need what only the lab has. */
function needsLab(file) {
  return /^(lab|packages\/families)\//.test(file) || importsTestkit(file);
}

function suites() {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.test.ts'], { encoding: 'utf8' });
  const { BSD_SOCKETS_SKIPPED: skips } = process.env;
  const skipped = skips === undefined ? undefined : new Set(readFileSync(skips, 'utf8').split('\n'));
  const isMissing = (file) => skipped === undefined || /^lab\/|\.lab\.test\.ts$/.test(file) || skipped.has(file);
  const isNamed = (file) => parts.length === 0 || parts.some((part) => file.includes(part));
  const wanted = (file) => isNamed(file) && isMissing(file) && needsLab(file);
  const byPackage = new Map();
  for (const file of files.trim().split('\n').filter(wanted)) {
    const name = file.slice(0, file.indexOf('/test/'));
    byPackage.set(name, [...(byPackage.get(name) ?? []), file]);
  }
  return byPackage;
}

async function runSuite(name, files) {
  const start = performance.now();
  // The guest has one processor: V8's compiler in the background would wait for it longer than for the interpreter.
  const vitest = `exec node --no-concurrent-recompilation node_modules/vitest/vitest.mjs run ${files.join(' ')} 2>&1`;
  // The lab's own tests start guests.
  const shell = name === 'lab' ? ['bash', '-c'] : ['lab/run.sh'];
  const guest = spawn(shell[0], [...shell.slice(1), vitest], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: name === 'lab' ? process.env : { LAB_TIMEOUT: '900', ...process.env },
  });
  const [output] = await Promise.all([text(guest.stdout), once(guest, 'close')]);
  console.log(`\nIn the lab: ${name}, ${Math.round((performance.now() - start) / 1000)} s\n${output.trimEnd()}`);
  const counts = output.match(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/m);
  // A guest that ends without a count, or badly in spite of it, has failed as a whole.
  const [, passed, failed, skipped] = (counts ?? ['', 0, 1, 0]).map((count) => Number(count ?? 0));
  totals.passed += passed;
  totals.failed += failed || (guest.exitCode === 0 ? 0 : 1);
  totals.skipped += skipped;
}

process.chdir(root);
try {
  const missing = execFileSync('lab/packages.sh', ['test'], { encoding: 'utf8' }).trim();
  if (missing) {
    console.error(`lab: some tests will not find their peers. Install, as root:`);
    console.error(`  apt-get install --no-install-recommends ${missing}`);
  }
  process.env.BSD_SOCKETS_LAB_KERNEL = execFileSync('lab/kernel.sh', {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  }).trim();
  const waiting = [...suites()];
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      for (let suite = waiting.shift(); suite; suite = waiting.shift()) await runSuite(...suite);
    }),
  );
} catch (error) {
  // What a script has said is on the screen already.
  if (error.status === undefined) console.error(error);
  totals.failed += 1;
}
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed > 0 ? 1 : 0;
