export default {
  name: 'fd-pass',
  work: 'A descriptor is sent over a unix socketpair with one byte, its duplicate received and closed.',
  unit: 'descriptors',
  peers: {
    ours: { command: ['node', 'fd-pass.mjs'] },
    c: { source: 'fd-pass.c' },
    cpython: { command: ['python3', '-B', 'fd-pass.py'] },
    usocket: { command: ['node', 'fd-pass-usocket.mjs'] },
  },
  targets: { c: 1.5, cpython: 0.95 },
};
