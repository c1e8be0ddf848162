// How cost grows with the connections of a server: bench/README.md says what is measured.
// Usage: node bench/growth.mjs [--json FILE] [CONNECTIONS...]
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { IP_BIND_ADDRESS_NO_PORT, IPPROTO_IP, Socket } from '@bsd-sockets/socket';
import { stopEverythingAtExit } from './harness/cleanup.mjs';
import { programOf } from './harness/compile.mjs';
import { PEERS } from './harness/peer.mjs';

const SERVERS = {
  ours: { command: [process.execPath, '--expose-gc', 'growth-server.mjs', 'ours'] },
  'node-net': { command: [process.execPath, '--expose-gc', 'growth-server.mjs', 'node-net'] },
  'c-epoll': { source: 'growth-server.c' },
};
const CONNECTIONS = [1, 10, 100, 1000, 10_000, 18_000];
/** Descriptors that a process has besides. */
const OTHERS = 100;
/** So many are busy while the others are idle, for so many rounds. */
const BUSY = 100;
const ROUNDS = 200;
const MESSAGE = Buffer.alloc(64, 'x');
/** So many clients have one address: it has 28,232 ports by default, and to find one of the second half takes long. */
const CLIENTS_OF_ADDRESS = 10_000;

/** A server, and what asks it by lines. */
function start({ command = [], source }) {
  const [program, ...args] = programOf({ command, source });
  const child = spawn(program, args, { cwd: PEERS, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => (await lines.next()).value;
  return {
    answer,
    ask(question) {
      child.stdin.write(`${question}\n`);
      return answer();
    },
    stop: () => child.stdin.end(),
  };
}

const now = () => performance.now();

function roundTrips(clients) {
  for (const client of clients) client.send(MESSAGE);
  for (const client of clients) client.recvExactly(MESSAGE.length);
}

/** Different ones, by chance. */
function some(clients, count) {
  const rest = [...clients];
  return Array.from({ length: Math.min(count, rest.length) }, () => {
    const index = Math.floor(Math.random() * rest.length);
    const [chosen] = rest.splice(index, 1);
    return chosen;
  });
}

async function measure(name, count) {
  const server = start(SERVERS[name]);
  const address = ['127.0.0.1', Number(await server.answer())];
  let delay = 0;
  const look = async () => {
    const [memory, late] = (await server.ask('look')).split(' ').map(Number);
    delay = Math.max(delay, late);
    return memory;
  };
  const connect = (index) => {
    const client = new Socket();
    client.settimeout(60);
    // The port is chosen by connect, which knows for which server it is free.
    client.setsockopt(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    client.bind([`127.0.0.${1 + Math.floor(index / CLIENTS_OF_ADDRESS)}`, 0]);
    client.connect(address);
    return client;
  };

  // What the first connection of all takes does not count.
  const first = connect(0);
  roundTrips([first]);
  first.close();
  await server.ask('count 0');
  await look();
  delay = 0;
  const before = await look();

  let begin = now();
  const clients = Array.from({ length: count }, (_, index) => connect(index));
  await server.ask(`count ${count}`);
  const accept = now() - begin;
  const idle = await look();

  roundTrips(clients);
  const received = await look();

  const busy = some(clients, BUSY);
  for (let round = 0; round < ROUNDS / 4; round++) roundTrips(busy);
  begin = now();
  for (let round = 0; round < ROUNDS; round++) roundTrips(busy);
  const echo = now() - begin;
  await look();

  begin = now();
  for (const client of clients) client.close();
  await server.ask('count 0');
  const gone = now() - begin;
  await look();
  server.stop();
  return {
    server: name,
    connections: count,
    acceptMicroseconds: (accept * 1000) / count,
    idleBytes: (idle - before) / count,
    receivedBytes: (received - before) / count,
    echoMicroseconds: (echo * 1000) / (ROUNDS * busy.length),
    delayMilliseconds: delay,
    goneMilliseconds: gone,
  };
}

stopEverythingAtExit();
const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const limit = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }));
const rows = [];
for (const count of positionals.length > 0 ? positionals.map(Number) : CONNECTIONS) {
  if (count + OTHERS > limit) {
    console.error(`${count} connections are left out: this process may have ${limit} descriptors`);
    continue;
  }
  for (const name of Object.keys(SERVERS)) rows.push(await measure(name, count));
}
const rounded = (value) => (typeof value === 'number' ? Number(value.toPrecision(3)) : value);
console.table(rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, rounded(value)]))));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
