// What the programs have in common: named trials, one after the other, each of which says in a line of JSON what went wrong.
import { readdirSync, readlinkSync } from 'node:fs';
import { socketpair } from '@bsd-sockets/socket/promises';
import { countDescriptors } from '../bench.mjs';

/** What this process has open, such as `5 socket:[1234]`. */
function descriptors() {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
    } catch {
      return [];
    }
  });
}

/** Longer than a trial takes on a busy machine, in milliseconds. */
const LONGEST = 60_000;

export const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let astray = [];
process.on('unhandledRejection', (error) => astray.push(`unhandled rejection: ${error?.message ?? error}`));
process.on('warning', (warning) => astray.push(`warning: ${warning.message}`));

/**
 * @param run - Does it; it is given `expect(right, told)`, and throws if something cannot even be tried.
 * @param tried - How many things it tries.
 */
export async function trial(name, run, tried = 1) {
  const wrong = [];
  const before = countDescriptors();
  const held = new Set(descriptors());
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, LONGEST, 'it hangs');
  });
  const ended = await Promise.race([
    run((right, told) => right || wrong.push(told)).catch((error) => `${error?.stack ?? error}`),
    late,
  ]);
  clearTimeout(timer);
  if (typeof ended === 'string') wrong.push(ended);
  for (let turns = 0; countDescriptors() !== before && turns < 50; turns++) await later(2);
  const leaked = countDescriptors() - before;
  if (leaked !== 0)
    wrong.push(`${leaked} descriptors more than before: ${descriptors().filter((one) => !held.has(one))}`);
  console.log(JSON.stringify({ name, tried, wrong: [...wrong, ...astray] }));
  astray = [];
}

// Opens the set of descriptors that a process opens once.
const [near, far] = socketpair();
const received = near.recv(1);
await far.send(Buffer.alloc(1));
await received;
near.close();
far.close();
