const TARGETS = {
  1: { 'node-net': 0.95 },
  100: { 'node-net': 0.72 },
  1000: {},
  10000: { 'node-net': 0.85 },
};
const PROCESSOR_TARGETS = { 100: { 'c-epoll': 1.2 }, 10000: { 'c-epoll': 1.1 } };
/** For how long, in seconds, the variant with busy polling looks for more. */
const BUSY = '50e-6';

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
    ours: served(1, process.execPath, 'tcp-echo-async.mjs', BUSY),
    'node-net': served(1, process.execPath, 'tcp-echo-node-net.mjs'),
    'c-epoll': served(1),
  },
  targets: { 'node-net': 0.4 },
  also: [{ name: 'tcp-echo-async-1-busy-cpu', targets: {} }],
};

export default [echo(1), busy, echo(100), echo(1000), echo(10000)];
