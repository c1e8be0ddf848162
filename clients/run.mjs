// Runs real clients and servers over our sockets and over `node:net`, or an addon: docs/clients.md says what that shows.
// usage: node clients/run.mjs [--write] [--rounds N] [NAME…]     only the cases whose clients' names hold one of these
import { fork, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const program = fileURLToPath(new URL('harness/run-case.mjs', import.meta.url));
const labKernel = fileURLToPath(new URL('../lab/kernel.sh', import.meta.url));
const page = new URL('../docs/clients.md', import.meta.url);
/** Seconds that a case may take, rounds and all. */
const TIMEOUT = 120;

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean' }, rounds: { type: 'string' } },
  allowPositionals: true,
});

async function allCases() {
  const folder = new URL('cases/', import.meta.url);
  const files = readdirSync(folder).map((name) => new URL(name, folder).href);
  const lists = await Promise.all(
    files.map(async (file) => (await import(file)).cases.map((subject) => ({ ...subject, file }))),
  );
  return lists.flat().sort((a, b) => a.client.localeCompare(b.client, 'en'));
}

/** What a case measured, or why it failed. */
function resultOf({ file, client }) {
  const folder = mkdtempSync(join(tmpdir(), 'clients-'));
  const args = [file, client, folder, shared, ...(values.rounds === undefined ? [] : [values.rounds])];
  const child = fork(program, args, { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT * 1000);
  let errors = '';
  let result;
  child.stderr.on('data', (data) => {
    errors = (errors + data).slice(-4000);
  });
  child.on('message', (message) => {
    result = message;
  });
  return new Promise((resolve) => {
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
      if (status === 0 && result !== undefined) resolve(result);
      else if (signal === 'SIGKILL') resolve({ failure: `not done after ${TIMEOUT} s\n${errors}` });
      else resolve({ failure: errors || `ended with ${status ?? signal}` });
    });
  });
}

/** For what several cases need. */
const shared = mkdtempSync(join(tmpdir(), 'clients-'));
process.once('exit', () => rmSync(shared, { recursive: true, force: true, maxRetries: 10 }));

/** What the page says of a case, without its ratio. */
const rowOf = ({ client, does, addon, node = true }) =>
  `| ${client} | ${does} | ${addon ? `\`${addon}\`` : node ? '`node:net`' : '–'} |`;

const all = await allCases();
const isAsked = ({ client }) => positionals.length === 0 || positionals.some((name) => client.includes(name));
const cases = all.filter(isAsked);
// The first time its kernel is built, which takes longer than a case may. What is missing for that, each of them says again.
if (cases.some(({ inLab }) => inLab)) spawnSync(labKernel, { stdio: ['ignore', 'ignore', 'inherit'] });
const rows = [];
const count = { passed: 0, failed: 0 };
/** How much slower than its limit a client may be at its second try, on a machine that others use too. */
const SPARED = 1.5;

for (const subject of cases) {
  let result = await resultOf(subject);
  let spared = 1;
  // Another process may be luckier there, and with what its engine compiles.
  if (process.env.BSD_SOCKETS_RETRY && (result.failure !== undefined || result.ratio > result.limit)) {
    console.log(`Flaky: ${subject.client}: ${result.failure ?? result.ratio.toFixed(2)}`);
    result = await resultOf(subject);
    spared = SPARED;
  }
  const { ratio, rounds, failure } = result;
  const limit = result.limit * spared;
  const isSlow = ratio > limit;
  count[failure === undefined && !isSlow ? 'passed' : 'failed']++;
  const shown = ratio === undefined ? '–' : ratio.toFixed(2);
  const said = failure ?? (rounds === undefined ? 'done' : `${shown} in ${rounds} rounds`);
  console.log(`${subject.client}: ${said}${isSlow ? `, more than ${limit.toFixed(2)}` : ''}`);
  rows.push(`${rowOf(subject)} ${failure === undefined ? shown : 'failed'} |`);
}

const table = ['| client | what it does | beside | our time over that |', '|---|---|---|---|', ...rows].join('\n');
console.log(`\n${table}\n`);
const text = readFileSync(page, 'utf8');
if (values.write) {
  const [before, after] = text.split(/\| client \|[\s\S]*?\n\n/);
  writeFileSync(page, `${before}${table}\n\n${after}`);
} else {
  for (const subject of all.filter((subject) => !text.includes(rowOf(subject)))) {
    console.log(`docs/clients.md has no row that begins with ${rowOf(subject)}`);
    count.failed++;
  }
}
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed === 0 ? 0 : 1;
