// Runs one case in this process, its own: `node run-case.mjs FILE CLIENT FOLDER [ROUNDS]`. Writes the result to its parent.
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { USUAL } from './limits.mjs';
import { node, ours } from './ways.mjs';

/** Rounds that are measured at least; more follow for some milliseconds, and for more while the median is above the limit. */
const LEAST = 7;
const MOST = 31;
const USUAL_TIME = 3000;
const MOST_TIME = 30_000;
/** For how long, at least, the runs before only compile: ours has more to compile than Node's, whose own is part of it. */
const WARMING_TIME = 3000;

const [, , file, client, folder, asked] = process.argv;
const { cases } = await import(file);
const { prepare, node: besideNode = true, limit = USUAL } = cases.find((one) => one.client === client);

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const openDescriptors = () => readdirSync('/proc/self/fd').length;

/** Waits until as few descriptors are open as before: what a case leaves open is a mistake of the streams. */
async function noneLeft(before) {
  for (let tries = 0; openDescriptors() > before; tries++) {
    if (tries === 100) throw new Error(`left ${openDescriptors() - before} descriptors open`);
    await delay(20);
  }
}

/** The seconds that a run takes: those that it tells, or those that pass. */
async function timed(run, way) {
  const start = performance.now();
  return (await run(way)) ?? (performance.now() - start) / 1000;
}

async function measure(run) {
  const ratios = [];
  const start = performance.now();
  const isEnough = () => {
    if (asked !== undefined) return ratios.length >= Number(asked);
    if (ratios.length < LEAST) return false;
    return ratios.length >= MOST || performance.now() - start > (median(ratios) > limit ? MOST_TIME : USUAL_TIME);
  };
  while (!isEnough()) {
    const order = ratios.length % 2 === 0 ? [ours, node] : [node, ours];
    const seconds = {};
    for (const way of order) seconds[way.name] = await timed(run, way);
    ratios.push(seconds[ours.name] / seconds[node.name]);
  }
  return { ratio: median(ratios), rounds: ratios.length };
}

const deferred = [];
try {
  const run = await prepare({ folder, defer: (end) => deferred.push(end) });
  // The first runs compile, and open what stays open.
  const warm = performance.now() + WARMING_TIME;
  do {
    if (besideNode) await run(node);
    await run(ours);
  } while (besideNode && performance.now() < warm);
  await delay(50);
  const before = openDescriptors();
  let result = {};
  if (besideNode) result = await measure(run);
  else await run(ours);
  await noneLeft(before);
  process.send({ ...result, limit });
} finally {
  for (const end of deferred.reverse()) await end();
  process.disconnect();
}
