// Of node:net's messages a second, at least 1.3 times as many at 100 and 1,000 connections, 1.1 at 10,000, 1 at 1.
const TARGETS = { 1: 1, 100: 1 / 1.3, 1000: 1 / 1.3, 10000: 1 / 1.1 };

export default Object.entries(TARGETS).map(([connections, target]) => {
  const served = (...server) => ({ source: 'tcp-echo-load.c', command: [connections, ...server] });
  return {
    name: `tcp-echo-async-${connections}`,
    work: `On each of ${connections} TCP connections at once, 64 bytes go to an echo server on the event loop and back.`,
    unit: `round trips on ${connections} connections`,
    peers: {
      ours: served(process.execPath, 'tcp-echo-async.mjs'),
      c: served(),
      'node-net': served(process.execPath, 'tcp-echo-node-net.mjs'),
    },
    targets: { 'node-net': target },
  };
});
