// Unpaced bursts of CAN frames, ours beside can-utils: how many of them `frames` and candump receive while cangen sends, and
// how fast `sendFrames` and cangen send. Rounds take turns, each program is a process of its own, and medians count.
// usage: lab/run.sh 'node bench/can-burst.mjs [ROUNDS]'     in the kernel lab: it makes a virtual bus
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROUNDS = Number(process.argv[2] ?? 9);
const COUNT = 20_000;
const BUS = 'vcan-burst';
const QUIET = '1'; // seconds without a frame, after which a receiver ends

const peer = fileURLToPath(new URL('peers/can-burst.mjs', import.meta.url));
const cangen = (count) => execFileSync('cangen', [BUS, '-g', '0', '-n', `${count}`, '-I', 'i', '-L', '8', '-D', 'i']);
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
/** Whether anybody receives all frames of the bus. */
const isReceived = () => new RegExp(`^ *${BUS} `, 'm').test(readFileSync('/proc/net/can/rcvlist_all', 'utf8'));

/** How many frames of a burst a receiver gets, which prints a line for each, or their number last. */
async function received(command, ...args) {
  const folder = mkdtempSync(join(tmpdir(), 'can-burst-'));
  const output = openSync(join(folder, 'output'), 'w');
  const child = spawn(command, args, { stdio: ['ignore', output, 'inherit'] });
  const ended = once(child, 'close');
  while (!isReceived()) await setTimeout(10);
  await setTimeout(300); // until it waits
  cangen(COUNT);
  await ended;
  closeSync(output);
  const lines = readFileSync(join(folder, 'output'), 'utf8').trimEnd().split('\n');
  rmSync(folder, { recursive: true });
  return command === 'candump' ? lines.length : Number(lines[0]);
}

/** Seconds of a call. */
function secondsOf(call) {
  const start = performance.now();
  call();
  return (performance.now() - start) / 1000;
}

const receiving = {
  // The shorter of its two texts, which costs less.
  candump: () => received('candump', '-L', '-T', `${Number(QUIET) * 1000}`, BUS),
  'frames, blocking': () => received(process.execPath, peer, 'receive', 'blocking', BUS, QUIET),
  'frames, promises': () => received(process.execPath, peer, 'receive', 'promises', BUS, QUIET),
};
const ours = (face) => Number(execFileSync(process.execPath, [peer, 'send', face, BUS, `${COUNT}`]));
const sending = {
  // Less what it takes to start.
  cangen: () => COUNT / (secondsOf(() => cangen(COUNT)) - secondsOf(() => cangen(1))),
  'sendFrames, blocking': () => ours('blocking'),
  'sendFrames, promises': () => ours('promises'),
};

async function measure(title, programs) {
  const results = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(programs)) results[name].push(await run());
  }
  const [yardstick] = Object.keys(programs);
  const whole = median(results[yardstick]);
  console.log(title);
  for (const [name, numbers] of Object.entries(results)) {
    const middle = median(numbers);
    const range = `${Math.round(numbers[0])} to ${Math.round(numbers.at(-1))}`;
    console.log(`  ${name}: ${Math.round(middle)} (${range}), ${(middle / whole).toFixed(2)} of ${yardstick}`);
  }
}

execFileSync('ip', ['link', 'add', 'dev', BUS, 'type', 'vcan']);
try {
  execFileSync('ip', ['link', 'set', 'up', BUS]);
  await measure(`received of a burst of ${COUNT} frames`, receiving);
  await measure('sent, frames a second', sending);
} finally {
  execFileSync('ip', ['link', 'del', BUS]);
}
