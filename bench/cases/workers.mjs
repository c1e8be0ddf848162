const CONNECTIONS = 100;

const served = (...server) => ({
  source: 'load.c',
  command: ['echo', `${CONNECTIONS}`, ...server],
});

/** What one thread does beside so many. */
const one = served(process.execPath, 'workers.mjs', 'reuse-port', '1');
const oneInC = served('reuse-port.c', '1');

function workers(kind, count, how) {
  return {
    name: `tcp-echo-${kind}-${count}`,
    work: `As tcp-echo-async-${CONNECTIONS}, by ${count === 1 ? 'one worker thread' : `${count} worker threads`} ${how}.`,
    unit: `round trips on ${CONNECTIONS} connections`,
    peers: {
      ours: served(process.execPath, 'workers.mjs', kind, `${count}`),
      cluster: served(process.execPath, 'workers.mjs', 'cluster', `${count}`),
      ...(kind === 'reuse-port' && { 'c-epoll': served('reuse-port.c', `${count}`) }),
      ...(count > 1 && { 'one-thread': one, 'c-one-thread': oneInC }),
    },
    targets: {},
  };
}

export default [
  ...[1, 2, 4].map((count) => workers('reuse-port', count, 'which listen at one port by SO_REUSEPORT')),
  workers('handed', 2, 'to which the main thread hands what it accepts'),
];
