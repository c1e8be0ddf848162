// Measures this project beside its peers: docs/performance.md says how, and what the figures mean.
import { writeFileSync } from 'node:fs';
import { loadCases } from './harness/cases.mjs';
import { stopEverythingAtExit } from './harness/cleanup.mjs';
import { measure } from './harness/measure.mjs';
import { readOptions, USAGE, UsageError } from './harness/options.mjs';
import { PeerError } from './harness/peer.mjs';
import { Table, verdict } from './harness/table.mjs';

async function main() {
  const known = await loadCases();
  const { cases, rounds, check, json, list, help } = readOptions(process.argv.slice(2), known);
  if (help) return console.log(USAGE);
  if (list) return cases.forEach(({ name, work }) => void console.log(`${name}: ${work}`));

  const table = new Table(cases);
  const all = [];
  const missed = [];
  for (const subject of cases) {
    const rows = await measure(subject, rounds, (line) => console.error(line));
    for (const row of rows) console.log(table.line(row, subject.targets[row.peer]));
    all.push(...rows);
    for (const [peer, target] of Object.entries(subject.targets)) {
      const row = rows.find((candidate) => candidate.peer === peer);
      if (verdict(row, target) !== 'met') missed.push(`${subject.name}, ${peer}: ${verdict(row, target)}`);
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
