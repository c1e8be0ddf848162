// import [MODULE]: starts a Node that imports the module, and tells how long it took from start to end, the processor time of
// that, and the resident memory.
import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';

const ONCE = '--once';
const [, file, ...words] = process.argv;
const module = words.find((word) => word !== ONCE);

async function importOnce() {
  if (module !== undefined) await import(module);
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  console.log(`${(userCPUTime + systemCPUTime) * 1000} ${process.memoryUsage.rss()}`);
}

function start() {
  const begin = process.hrtime.bigint();
  const output = execFileSync(process.execPath, [file, ...words, ONCE], { encoding: 'utf8' });
  return [Number(process.hrtime.bigint() - begin), ...output.split(' ').map(Number)];
}

async function importAgainAndAgain() {
  let each;
  for await (const line of createInterface({ input: process.stdin })) {
    const count = Number(line.slice('run '.length));
    const starts = Array.from({ length: count }, start);
    const sums = starts.reduce((sums, answer) => sums.map((sum, index) => sum + answer[index]));
    each = sums.map((sum) => sum / count);
    console.log([sums[0], sums[1], Math.round(each[2])].join(' '));
  }
  const [time, processor, memory] = each;
  console.error(
    `note: the last starts with ${module ?? 'nothing'} took ${(time / 1e6).toFixed(1)} ms each, ` +
      `${(processor / 1e6).toFixed(1)} ms of the processor, and ${(memory / 2 ** 20).toFixed(1)} MiB`,
  );
}

if (words.includes(ONCE)) await importOnce();
else await importAgainAndAgain();
