function served(...server) {
  return { source: 'accept-load.c', command: server };
}

export default {
  name: 'accept-rate',
  work: 'A server accepts a TCP connection and closes it; 32 are made at a time.',
  unit: 'connections',
  peers: {
    ours: served(process.execPath, 'accept.mjs'),
    c: served(),
    'node-net': served(process.execPath, 'accept-node-net.mjs'),
  },
  targets: { 'node-net': 0.95 },
  also: [{ name: 'accept-rate-cpu', targets: { 'node-net': 0.75, c: 1.3 } }],
};
