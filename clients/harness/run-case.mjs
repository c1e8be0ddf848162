// Runs one case in this process, its own: `node run-case.mjs FILE CLIENT FOLDER SHARED [ROUNDS]`. Writes the result to its parent.
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { dropInWays } from './drop-ins.mjs';
import { BESIDE_ADDON, USUAL } from './limits.mjs';
import * as connections from './ways.mjs';

/** Rounds that are measured at least; more follow for some milliseconds, and for more while the median is above the limit. */
const LEAST = 7;
const MOST = 31;
const MOST_TIME = 30_000;
/**
 * For how long, at least, it is measured, and for how long the runs before only compile: ours has more to compile than Node's, whose
 * own is part of it. Beside an addon the client's own code is most of it.
 */
const USUAL_TIME = 3000;
const SHORT_TIME = 1000;

const [, , file, client, folder, shared, asked] = process.argv;
const { cases } = await import(file);
const subject = cases.find((one) => one.client === client);
const { prepare, addon, inLab = false, node = true, limit = addon === undefined ? USUAL : BESIDE_ADDON } = subject;
const usualTime = addon === undefined ? USUAL_TIME : SHORT_TIME;
const { ours, other } =
  addon === undefined
    ? { ours: connections.ours, other: node ? connections.node : undefined }
    : await dropInWays(subject, folder, shared);
/** In the lab, where time tells nothing, both ways only have to do the same. */
const isMeasured = other !== undefined && !inLab;

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
    return ratios.length >= MOST || performance.now() - start > (median(ratios) > limit ? MOST_TIME : usualTime);
  };
  while (!isEnough()) {
    const order = ratios.length % 2 === 0 ? [ours, other] : [other, ours];
    const seconds = {};
    for (const way of order) seconds[way.name] = await timed(run, way);
    ratios.push(seconds[ours.name] / seconds[other.name]);
  }
  return { ratio: median(ratios), rounds: ratios.length };
}

const deferred = [];
try {
  const run = await prepare({ folder, defer: (end) => deferred.push(end) });
  // The first runs compile, and open what stays open.
  const warm = performance.now() + usualTime;
  do {
    if (other) await run(other);
    await run(ours);
  } while (isMeasured && performance.now() < warm);
  await delay(50);
  const before = openDescriptors();
  let result = {};
  if (isMeasured) result = await measure(run);
  else if (!inLab) await run(ours);
  await noneLeft(before);
  process.send({ ...result, limit });
} finally {
  for (const end of deferred.reverse()) await end();
  process.disconnect();
}
