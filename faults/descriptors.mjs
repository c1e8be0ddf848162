// What makes descriptors does it in a process that may have no more of them: EMFILE, as the kernel says it. Each maker runs
// with none free, then with one, and so on until it succeeds.
// usage: node descriptors.mjs blocking|promises     prints a line of JSON for each maker
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import * as blocking from '@bsd-sockets/socket';
import { Bench, countDescriptors } from './bench.mjs';

const { AF_INET, AF_UNIX, CMSG_LEN, MSG_CTRUNC } = blocking;
const [, , face] = process.argv;

/** The most descriptors of this process: enough for what Node opens itself. */
const LIMIT = 64;

/** Takes all descriptors but some, and gives them back. */
class Filling {
  #taken = [];

  constructor(free) {
    for (;;) {
      try {
        this.#taken.push(openSync('/dev/null'));
      } catch (error) {
        if (error.code !== 'EMFILE') throw error;
        break;
      }
    }
    for (let count = 0; count < free; count++) closeSync(this.#taken.pop());
  }

  end() {
    for (const fd of this.#taken) closeSync(fd);
  }
}

const LOOPBACK = ['127.0.0.1', 0];

/** What makes `most` descriptors: functions of a bench that return what does it, which returns sockets and the like. */
const makers = {
  socket: {
    most: 1,
    begin:
      ({ face }) =>
      () => [new face.Socket(AF_INET)],
  },
  socketpair: {
    most: 2,
    begin:
      ({ face }) =>
      () =>
        face.socketpair(),
  },
  createServer: {
    most: 1,
    begin:
      ({ face }) =>
      async () => [await face.createServer(LOOPBACK)],
  },
  createConnection: {
    most: 1,
    begin: ({ face, listener }) => {
      const address = listener().getsockname();
      return async () => [await face.createConnection(address)];
    },
  },
  accept: {
    most: 1,
    begin: ({ keep, listener }) => {
      const server = listener();
      keep(new blocking.Socket()).connect(server.getsockname());
      return async () => [(await server.accept())[0]];
    },
  },
  dup: {
    most: 1,
    begin: ({ socketpair }) => {
      const [near] = socketpair(AF_UNIX);
      return () => [near.dup()];
    },
  },
  fromfd: {
    most: 1,
    begin: ({ face, socketpair }) => {
      const [near] = socketpair(AF_UNIX);
      return () => [face.fromfd(near.fileno(), AF_UNIX, near.type)];
    },
  },
  hasDualstackIpv6: {
    most: 1,
    begin:
      ({ face }) =>
      () =>
        face.hasDualstackIpv6() ? [] : refused(),
    code: 'none',
  },
  sendfile: {
    most: 1,
    begin: ({ file, socketpair }) => {
      const path = file('0123456789');
      const [near] = socketpair(AF_UNIX);
      return async () => void (await near.sendfile(path)) ?? [];
    },
  },
  ifNameindex: {
    most: 1,
    begin:
      ({ face }) =>
      () =>
        void face.ifNameindex() ?? [],
  },
};

/** What can be told of too few descriptors by a result only. */
function refused() {
  throw Object.assign(new Error('there is none'), { code: 'none' });
}

function open(bench) {
  return (sockets) => {
    for (const socket of sockets) bench.keep(socket);
  };
}

/** How many descriptors more there are than before, once files are closed, which the thread pool does. */
async function countLeaked(before) {
  for (let turns = 0; countDescriptors() !== before && turns < 100; turns++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return countDescriptors() - before;
}

/** Runs a maker with so many free descriptors: what is wrong. */
async function tryMaker({ most, begin, code = 'EMFILE' }, free) {
  const bench = new Bench(face);
  const before = countDescriptors();
  const make = begin(bench);
  const filling = new Filling(free);
  const outcome = await (async () => make())().then(open(bench), (error) => error);
  filling.end();
  const wrong = [];
  if (free < most && outcome?.code !== code) wrong.push(`${outcome?.code ?? 'no error'} with ${free} free`);
  if (free >= most && outcome) wrong.push(`${outcome} with ${free} free`);
  // Whatever failed for want of descriptors does it now.
  if (outcome) open(bench)(await make());
  bench.close();
  const leaked = await countLeaked(before);
  if (leaked !== 0) wrong.push(`${leaked} descriptors more than before, with ${free} free`);
  return wrong;
}

/** Receives three descriptors with room for fewer: the kernel says so by a flag, and those that came are the caller's. */
async function receiveRights(free) {
  const bench = new Bench(face);
  const before = countDescriptors();
  const [near, far] = bench.socketpair(AF_UNIX);
  const files = [bench.open(), bench.open(), bench.open()];
  blocking.sendFds(far, [Buffer.from('x')], files);
  const filling = new Filling(free);
  const [data, fds, flags] = await bench.face.recvFds(near, 10, 3);
  filling.end();
  for (const fd of fds) blocking.close(fd);
  // A message that could not be received whole is gone, and the next one comes.
  blocking.sendFds(far, [Buffer.from('y')], files);
  const [, ancdata] = await near.recvmsg(10, CMSG_LEN(12));
  for (const fd of new Int32Array(ancdata[0][2].buffer, ancdata[0][2].byteOffset, 3)) blocking.close(fd);
  bench.close();
  const wrong = [];
  if (`${data}` !== 'x' || fds.length !== Math.min(free, 3)) wrong.push(`${fds.length} of 3 with ${free} free`);
  if (Boolean(flags & MSG_CTRUNC) !== free < 3) wrong.push(`flags ${flags} with ${free} free`);
  const leaked = countDescriptors() - before;
  if (leaked !== 0) wrong.push(`${leaked} descriptors more than before, with ${free} free`);
  return wrong;
}

/** The first wait of an environment opens its set of descriptors, and fails if it cannot; the next one tries again. */
async function firstWait() {
  const bench = new Bench(face);
  const [near, far] = bench.socketpair(AF_UNIX);
  const before = countDescriptors();
  const filling = new Filling(0);
  const outcome = await near.recv(10).catch((error) => error.code);
  filling.end();
  const received = near.recv(10);
  far.send(Buffer.from('x'));
  const wrong = [];
  if (outcome !== 'EMFILE') wrong.push(`${outcome} at the first wait`);
  if (`${await received}` !== 'x') wrong.push('the second wait finds nothing');
  // The set itself stays.
  if (countDescriptors() - before !== 1) wrong.push(`${countDescriptors() - before} descriptors more than before`);
  bench.close();
  return wrong;
}

function report(name, tried, wrong) {
  console.log(JSON.stringify({ name: `${name} (${face})`, tried, wrong }));
}

/** Runs something with each number of free descriptors that is too small, and with one that is enough. */
async function tryAll(name, most, run) {
  const wrong = [];
  for (let free = 0; free <= most; free++) wrong.push(...(await run(free)));
  report(name, most + 1, wrong);
}

execFileSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${LIMIT}`]);
if (face === 'promises') report('first wait', 1, await firstWait());
for (const [name, maker] of Object.entries(makers)) await tryAll(name, maker.most, (free) => tryMaker(maker, free));
await tryAll('recvFds', 3, receiveRights);
