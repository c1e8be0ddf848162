function peer(kind) {
  return { command: ['node', 'unix-dgram.mjs', kind] };
}

const work =
  'A datagram of 64 bytes goes to another process of its own kind over unix sockets, and back; 8 are under way.';

export default [
  {
    name: 'unix-dgram-64',
    work,
    unit: 'round trips',
    peers: {
      ours: peer('ours'),
      c: { source: 'unix-dgram.c' },
      'unix-dgram': peer('unix-dgram'),
      'node-unix-socket': peer('node-unix-socket'),
    },
    targets: { 'unix-dgram': 0.6, 'node-unix-socket': 0.7 },
  },
  {
    name: 'unix-dgram-drop-in-64',
    work: `${work} Ours is what takes the place of unix-dgram.`,
    unit: 'round trips',
    peers: { ours: peer('drop-in'), 'unix-dgram': peer('unix-dgram') },
    targets: { 'unix-dgram': 0.8 },
  },
];
