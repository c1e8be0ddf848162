function peer(kind) {
  return { command: ['node', 'load.mjs', kind] };
}

export default {
  name: 'load',
  work: 'A fresh Node imports the module; after that, its resident memory, and that of one of 500 idle connected sockets.',
  unit: 'imports',
  peers: { ours: peer('ours'), 'node-net': peer('node-net'), 'node-dgram': peer('node-dgram') },
  targets: {},
  also: [
    { name: 'load-memory', targets: {} },
    { name: 'load-socket-memory', targets: {} },
  ],
};
