// Starts workers one after the other, and ends each while its sockets have traffic; prints how many sockets, pipes and threads
// are left of them: node|bun|deno ending-workers.cjs COUNT
const { readdirSync, readFileSync, readlinkSync } = require('node:fs');
const { setTimeout } = require('node:timers/promises');
const { Worker, isMainThread, parentPort } = require('node:worker_threads');
const promises = require('@bsd-sockets/socket/promises');

async function transfer([a, b]) {
  const bytes = Buffer.alloc(64);
  for (;;) {
    await a.sendall(bytes);
    await b.recv(64);
  }
}

const targetOf = (fd) => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
};
/** Deno 2.9 may keep the event loop of a worker that was ended: an eventfd, an epoll set, and a duplicate of one socket. */
const descriptors = () =>
  new Set(
    readdirSync('/proc/self/fd')
      .map(targetOf)
      .filter((target) => /^(socket|pipe):/.test(target)),
  ).size;
const threads = () => Number(/Threads:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);

async function startAndEnd(milliseconds) {
  const worker = new Worker(__filename);
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await setTimeout(milliseconds);
  await worker.terminate();
}

async function main() {
  const count = Number(process.argv[2]);
  // The first ones open what stays open; Deno says that a worker has ended before it closes what it had.
  for (let time = 0; time < 3; time++) await startAndEnd(time);
  await setTimeout(500);
  const before = [descriptors(), threads()];
  for (let time = 0; time < count; time++) await startAndEnd(time % 5);
  let left;
  // In an emulator a thread takes its time to end.
  for (let tries = 0; tries < 1000; tries++) {
    left = [descriptors() - before[0], threads() - before[1]];
    if (left.every((number) => number <= 0)) break;
    await setTimeout(20);
  }
  console.log(JSON.stringify(left.map((number) => Math.max(number, 0))));
}

if (isMainThread) {
  main();
} else {
  for (let pairs = 0; pairs < 5; pairs++) transfer(promises.socketpair());
  parentPort.postMessage('begun');
}
