import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const node = fileURLToPath(new URL('../../windows/node.sh', import.meta.url));

/**
 * The processor for the server and for Wine's, which it asks some five times for each message: on two of them each waits for
 * the other to wake up, in one round and not in the next.
 */
const processor = readFileSync('/proc/self/status', 'utf8').match(/^Cpus_allowed_list:.*?(\d+)$/m)[1];

const served = (connections, file) => ({
  source: 'load.c',
  command: ['echo', `${connections}`, 'taskset', '-c', processor, 'sh', node, `bench/peers/${file}`],
});

/** At least this part of its messages in a second. */
const RATES = { 1: 0.85, 100: 1, 1000: 1 };

/** Both servers run in Wine, on one processor; the clients, which are Linux', reach them over the loopback that is the same for both. */
export default Object.entries(RATES).map(([connections, rate]) => ({
  name: `windows-echo-${connections}`,
  work: `As tcp-echo-async-${connections}, served by Windows' Node in Wine, on one processor.`,
  unit: `round trips on ${connections} connections`,
  peers: {
    ours: served(connections, 'tcp-echo-async.mjs'),
    'node-net': served(connections, 'tcp-echo-node-net.mjs'),
  },
  slow: true,
  targets: { 'node-net': 1 / rate },
}));
