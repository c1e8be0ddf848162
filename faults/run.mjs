// Attacks the library: errors that strace injects into each of its system calls, no descriptors left, and programs that
// starve, take memory away, re-enter, and close, abort and time out at random. Ends with `N passed, N failed`.
// usage: node faults/run.mjs [--write] [PART]...     `--write` puts what was tried into docs/faults.md;
//                                                    PARTs choose trials: a face, a call, an error, an operation, a program
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { faces, trialsOf } from './calls.mjs';
import { Injector } from './injection.mjs';
import { judge } from './judge.mjs';
import { page, tables } from './tables.mjs';

const PAGE = fileURLToPath(new URL('../docs/faults.md', import.meta.url));
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
/** In milliseconds: what takes longer, has died. */
const LONGEST = 400_000;

const args = process.argv.slice(2);
const write = args.includes('--write');
const parts = args.filter((arg) => arg !== '--write');

/** What was tried: its name, the number of tries, and what went wrong. */
const results = [];

function tell(result) {
  results.push(result);
  for (const wrong of result.wrong) console.log(`FAILED ${result.name}: ${wrong}`);
}

function chosen(words) {
  return parts.every((part) => words.includes(part));
}

/** Injects errors into the calls of a face, one after the other. */
async function inject(face) {
  const injector = new Injector(face);
  try {
    for (const trial of trialsOf(face).filter((trial) => chosen(Object.values(trial).map(String)))) {
      const { call, error, operation, timeout, waiting, when } = trial;
      const circumstances = [face, timeout && 'with a timeout', waiting && 'waiting'].filter(Boolean).join(', ');
      const name = `${error} of ${call}, call ${when} of ${operation} (${circumstances})`;
      tell({ name, tried: 1, trial, wrong: await judge(injector, trial) });
    }
  } finally {
    await injector.end();
  }
}

/** Runs a program, which says in a line of JSON what came of each of its trials. */
async function runProgram(file, args = []) {
  const child = spawn(process.execPath, ['--expose-gc', file, ...args], {
    cwd: FOLDER,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LONGEST,
    killSignal: 'SIGKILL',
  });
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  for (const line of (await text(child.stdout)).split('\n').filter(Boolean))
    tell({ ...JSON.parse(line), program: file });
  const status = await exited;
  if (status !== 0) tell({ name: file, tried: 0, wrong: [`it ended with ${status}`] });
}

const programs = readdirSync(new URL('programs', import.meta.url)).filter((file) => file !== 'trial.mjs');

/** The longest first, for they run side by side. */
const jobs = [
  ...faces.map((face) => ({ name: face, run: () => inject(face), injects: true })),
  ...programs.map((file) => ({ name: file, run: () => runProgram(`programs/${file}`) })),
  ...['blocking', 'promises'].map((face) => ({
    name: 'descriptors.mjs',
    run: () => runProgram('descriptors.mjs', [face]),
  })),
].filter(({ name, injects }) => injects || chosen([name]));

const start = performance.now();
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      await job.run().catch((error) => tell({ name: job.name, tried: 0, wrong: [error.message] }));
    }
  }),
);

console.log(`\n${tables(results)}\n`);
if (parts.length === 0) {
  const said = readFileSync(PAGE, 'utf8');
  const right = page(said, results);
  if (write) writeFileSync(PAGE, right);
  else if (said !== right)
    tell({ name: 'docs/faults.md', tried: 1, wrong: ['says otherwise: node faults/run.mjs --write'] });
}
console.log(`It took ${Math.round((performance.now() - start) / 1000)} s.`);
const failed = results.filter(({ wrong }) => wrong.length > 0).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
