// The process under test: one operation after the other, as the runner asks on standard input.
// usage: node subject.mjs blocking|worker|promises|fresh
// `worker` is the blocking face in a worker thread, `fresh` the promise face in an environment that has not waited yet.
import { readlinkSync, readSync, writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { OSError } from '@bsd-sockets/socket';
import { socketpair } from '@bsd-sockets/socket/promises';
import { Bench, countDescriptors } from './bench.mjs';
import { operations } from './operations.mjs';

/** Longer than an operation takes on a busy machine, in milliseconds. */
const LONGEST = 10_000;

/** What went wrong beside the operation: a promise that nobody awaited, a socket that nobody closed. */
const astray = [];
process.on('unhandledRejection', (error) => astray.push(`unhandled rejection: ${error?.message ?? error}`));
process.on('uncaughtException', (error) => astray.push(`uncaught exception: ${error?.stack ?? error}`));
process.on('warning', (warning) => astray.push(`warning: ${warning.message}`));

const buffer = Buffer.alloc(65536);

// Nothing but read(2) and write(2), which no test changes: the event loop would make other calls.
function hear() {
  const length = readSync(0, buffer);
  return length > 0 ? JSON.parse(buffer.toString('utf8', 0, length)) : undefined;
}

function say(message) {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

function told(error) {
  const { name, code, errno, syscall, message } = error;
  return { error: { name, code, errno, syscall, message, isOSError: error instanceof OSError } };
}

/** How an operation ends: its value, its error, or nothing for too long. */
async function ending(act) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, LONGEST, { hangs: true });
  });
  const value = async () => ({ value: await act() });
  const end = await Promise.race([value().catch(told), late]);
  clearTimeout(timer);
  return end;
}

const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function perform(face, { operation, timeout, waiting }) {
  astray.length = 0;
  const before = countDescriptors();
  const bench = new Bench(face, timeout);
  const { act, prepare, again = act, want } = operations[operation](bench);
  if (!waiting) await prepare?.();
  say({ ready: true });
  hear();
  const first = ending(act);
  if (waiting) {
    // It has to find nothing, and to wait, before its peer does its part.
    await turn();
    await turn();
    await prepare();
  }
  const result = await first;
  say({ result });
  hear();
  const second = result.error && again ? await ending(() => again(result.error)) : undefined;
  bench.close();
  const leaked = () => countDescriptors() - before;
  // Streams and files are closed in a later turn.
  for (let turns = 0; leaked() !== 0 && turns < 50; turns++) await later(2);
  say({ want, second, leaked: leaked(), astray });
}

async function serve(face) {
  // Opens the set of descriptors, which an environment opens once.
  if (face === 'promises') {
    const [near, far] = socketpair();
    const received = near.recv(1);
    await far.send(Buffer.alloc(1));
    await received;
    near.close();
    far.close();
  }
  say({ tid: Number(readlinkSync('/proc/thread-self').split('/').at(-1)) });
  for (let order = hear(); order; order = hear()) await perform(face, order);
}

const face = isMainThread ? process.argv[2] : workerData;
if (face === 'worker' && isMainThread) new Worker(new URL(import.meta.url), { workerData: face });
else await serve(face);
