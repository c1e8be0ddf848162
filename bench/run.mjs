// Measures this project beside its peers: bench/README.md says how, and what the figures mean.
import { writeFileSync } from 'node:fs';
import { figuresOf, loadCases, withBefore } from './harness/cases.mjs';
import { stopEverythingAtExit } from './harness/cleanup.mjs';
import { measure } from './harness/measure.mjs';
import { readOptions, USAGE, UsageError } from './harness/options.mjs';
import { PeerError } from './harness/peer.mjs';
import { Table, verdict } from './harness/table.mjs';

async function main() {
  const known = await loadCases();
  const { cases: chosen, before, rounds, check, json, list, help } = readOptions(process.argv.slice(2), known);
  const cases = before === undefined ? chosen : chosen.map((subject) => withBefore(subject, before));
  if (help) return console.log(USAGE);
  if (list) return cases.forEach(({ name, work }) => void console.log(`${name}: ${work}`));

  const table = new Table(cases);
  const all = [];
  const missed = [];
  for (const subject of cases) {
    const rows = await measure(subject, rounds, (line) => console.error(line));
    all.push(...rows);
    for (const { name, targets } of figuresOf(subject)) {
      const figures = rows.filter((row) => row.case === name);
      for (const row of figures) console.log(table.line(row, targets[row.peer]));
      for (const [peer, target] of Object.entries(targets)) {
        const judged = verdict(
          figures.find((row) => row.peer === peer),
          target,
        );
        if (judged !== 'met') missed.push(`${name}, ${peer}: ${judged}`);
      }
    }
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(all, null, 2)}\n`);
  if (check && missed.length > 0) {
    for (const line of missed) console.error(`target of ${line}`);
    process.exitCode = 1;
  }
}

stopEverythingAtExit();
try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof PeerError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
