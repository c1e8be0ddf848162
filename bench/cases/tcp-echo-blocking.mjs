export default {
  name: 'tcp-echo-blocking',
  work: 'A client sends 64 bytes over TCP loopback to an echo server, a process of its own kind, and receives them back.',
  unit: 'round trips',
  peers: {
    ours: { command: ['node', 'tcp-echo-blocking.mjs'] },
    c: { source: 'tcp-echo-blocking.c' },
    cpython: { command: ['python3', '-B', 'tcp-echo-blocking.py'] },
  },
  targets: { c: 1.04, cpython: 0.95 },
};
