import { BEFORE, figuresOf } from './cases.mjs';
import { programOf } from './compile.mjs';
import { LeftOut, Peer } from './peer.mjs';
import { quantile } from './quantile.mjs';

const OURS = 'ours';
/** Whose round lasts as long as this: the first that is there. */
const YARDSTICKS = ['c', 'c-epoll', OURS];
const ROUND_MS = 30;
/** A round may take so many times as long as what it counts. */
const MOST_UNCOUNTED = 4;
const NS_PER_MS = 1e6;
const WARM_UP_MS = { [OURS]: 1000, [BEFORE]: 1000 };
const WARM_UP_OTHERS_MS = 200;
/** Of a case that is `slow`: else a round would be a single operation, or differ much from the next. */
const SLOW = { round: 1500, warmUp: 5000 };

/**
 * Measures a case, all its peers in one run.
 *
 * @returns One row for each figure and each peer but ours: our time over its own, the median and the quartiles of all
 *   rounds.
 */
export async function measure(subject, rounds, report) {
  const peers = new Map();
  try {
    await start(subject, peers, report);
    if (!peers.has(OURS) || peers.size < 2) {
      report(`${subject.name}: nothing to compare`);
      return [];
    }
    const yardstick = peers.get(YARDSTICKS.find((name) => peers.has(name)));
    const usual = (name) => WARM_UP_MS[name] ?? WARM_UP_OTHERS_MS;
    const guess = await calibrate(yardstick, ROUND_MS);
    for (const [name, peer] of peers) await warmUp(peer, guess, subject.slow ? SLOW.warmUp : usual(name));
    const count = await calibrate(yardstick, subject.slow ? SLOW.round : ROUND_MS, guess);
    report(`${subject.name}: ${rounds} rounds of ${count} ${subject.unit}`);
    return await compare(subject, peers, rounds, count);
  } finally {
    await Promise.all([...peers.values()].map((peer) => peer.stop()));
    for (const peer of peers.values()) for (const note of peer.notes) report(note);
  }
}

/** Starts all peers that can run. Each has done one operation then, and so has reached its work. */
async function start(subject, peers, report) {
  for (const [name, command] of Object.entries(subject.peers)) {
    try {
      peers.set(name, await Peer.start(`${subject.name}, ${name}`, programOf(command), command.folder));
      await peers.get(name).run(1);
    } catch (error) {
      // Another checkout may not have what the program uses.
      if (!(error instanceof LeftOut || name === BEFORE)) throw error;
      peers.delete(name);
      report(`${subject.name}: ${name} is left out: ${error.message.split('\n', 1)[0]}`);
    }
  }
}

/** How many operations fill a round. */
async function calibrate(peer, milliseconds, guess = 1) {
  const round = milliseconds * NS_PER_MS;
  let count = guess;
  for (;;) {
    const begin = performance.now();
    const [counted] = await peer.run(count);
    const time = Math.max(counted, ((performance.now() - begin) * NS_PER_MS) / MOST_UNCOUNTED);
    const wanted = Math.max(Math.round((count * round) / time), 1);
    if (time > round / 4) return wanted;
    // What a short round says is not to be relied on.
    count = Math.max(Math.min(wanted, count * 20), count + 1);
  }
}

async function warmUp(peer, count, milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) await peer.run(count);
}

async function compare(subject, peers, rounds, count) {
  const answers = new Map([...peers.keys()].map((peer) => [peer, []]));
  const order = [...peers];
  for (let round = 0; round < rounds; round++) {
    for (const [peer, program] of order) answers.get(peer).push(await program.run(count));
    order.push(order.shift());
  }
  const ours = answers.get(OURS);
  answers.delete(OURS);
  return figuresOf(subject).flatMap(({ name }, figure) =>
    Array.from(answers, ([peer, theirs]) => {
      const ratios = ours.map((answer, round) => answer[figure] / theirs[round][figure]);
      const at = (part) => Number(quantile(ratios, part).toFixed(4));
      return { case: name, peer, ratio: at(0.5), low: at(0.25), high: at(0.75), rounds };
    }),
  );
}
