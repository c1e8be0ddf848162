const TARGETS = {
  1: { 'node-net': 0.95 },
  100: { 'node-net': 0.72 },
  1000: {},
  10000: { 'node-net': 0.85 },
};
const PROCESSOR_TARGETS = { 100: { 'c-epoll': 1.2 }, 10000: { 'c-epoll': 1.1 } };
/** For how long, in seconds, the variant with busy polling looks for more. */
const BUSY = '50e-6';
/** What receives ask for. */
const USUAL = '4096';
/** By connections: the ratio to node:net with receives of 64 KiB. */
const LARGE_TARGETS = { 100: 0.77, 1000: 0.74 };

function served(connections, ...server) {
  return { source: 'load.c', command: ['echo', `${connections}`, ...server] };
}

function echo(connections) {
  const name = `tcp-echo-async-${connections}`;
  return {
    name,
    work: `On each of ${connections} TCP connections at once, 64 bytes go to an echo server on the event loop and back.`,
    unit: `round trips on ${connections} connections`,
    peers: {
      ours: served(connections, process.execPath, 'tcp-echo-async.mjs'),
      'node-net': served(connections, process.execPath, 'tcp-echo-node-net.mjs'),
      'c-epoll': served(connections),
      asyncio: served(connections, 'python3', '-B', 'tcp-echo-asyncio.py'),
    },
    targets: TARGETS[connections],
    also: [{ name: `${name}-cpu`, targets: PROCESSOR_TARGETS[connections] ?? {} }],
  };
}

const busy = {
  name: 'tcp-echo-async-1-busy',
  work: 'As tcp-echo-async-1, while our server busy-polls for 50 microseconds.',
  unit: 'round trips',
  peers: {
    ours: served(1, process.execPath, 'tcp-echo-async.mjs', USUAL, BUSY),
    'node-net': served(1, process.execPath, 'tcp-echo-node-net.mjs'),
    'c-epoll': served(1),
  },
  targets: { 'node-net': 0.4 },
  also: [{ name: 'tcp-echo-async-1-busy-cpu', targets: {} }],
};

/** The same, with receives that ask for more or less: what comes is 64 bytes all the same. */
function asking(connections, asked) {
  const name = `tcp-echo-async-${connections}-asked-${asked}`;
  return {
    name,
    work: `As tcp-echo-async-${connections}, while the receives of our server ask for ${asked} bytes.`,
    unit: `round trips on ${connections} connections`,
    peers: {
      ours: served(connections, process.execPath, 'tcp-echo-async.mjs', `${asked}`),
      'node-net': served(connections, process.execPath, 'tcp-echo-node-net.mjs'),
    },
    targets: asked === 65536 ? { 'node-net': LARGE_TARGETS[connections] } : {},
    also: [{ name: `${name}-cpu`, targets: {} }],
  };
}

const asked = [100, 1000].flatMap((connections) => [1024, 65536, 1048576].map((size) => asking(connections, size)));

export default [echo(1), busy, echo(100), echo(1000), echo(10000), ...asked];
