const faces = [
  { suffix: '', face: 'blocking' },
  { suffix: '-async', face: 'promises' },
];
const hosts = [
  {
    kind: 'numeric',
    host: '127.0.0.1',
    what: 'an address in digits',
    targets: { blocking: { cpython: 0.8, 'node-dns': 3 }, promises: { 'node-dns': 3 } },
  },
  {
    kind: 'hosts',
    host: 'localhost',
    what: 'a name that is in /etc/hosts',
    targets: { blocking: {}, promises: { 'node-dns': 1 } },
  },
];

export default hosts.flatMap(({ kind, host, what, targets }) =>
  faces.map(({ suffix, face }) => ({
    name: `getaddrinfo-${kind}${suffix}`,
    work: `getaddrinfo looks up ${what}, in the ${face === 'blocking' ? 'blocking face' : 'face with promises'}.`,
    unit: 'lookups',
    peers: {
      ours: { command: ['node', 'getaddrinfo.mjs', host, face] },
      c: { source: 'getaddrinfo.c', command: [host] },
      cpython: { command: ['python3', '-B', 'getaddrinfo.py', host] },
      'node-dns': { command: ['node', 'getaddrinfo.mjs', host, 'node-dns'] },
    },
    targets: targets[face],
  })),
);
