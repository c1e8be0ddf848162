const peers = (source, addon) => ({
  ours: { command: ['node', source, `@bsd-sockets/${addon}`] },
  [addon]: { command: ['node', source, addon] },
});

/** In the kernel lab short rounds differ by a factor of two. */
const inLab = { slow: true };

export default [
  {
    name: 'socketcan-drop-in',
    work: 'A frame of 8 bytes goes over a virtual bus to another channel of the same process; 8 are under way.',
    unit: 'frames',
    peers: peers('socketcan.mjs', 'socketcan'),
    ...inLab,
    targets: { socketcan: 1 },
  },
  {
    name: 'raw-socket-drop-in',
    work: 'An ICMP echo of 64 bytes goes to 127.0.0.1, and the answer comes; 8 are under way.',
    unit: 'round trips',
    peers: peers('raw-socket.mjs', 'raw-socket'),
    targets: { 'raw-socket': 1 },
  },
  {
    name: 'bluetooth-hci-socket-drop-in',
    work: 'A command goes to an emulated controller, whose answer comes; 1 is under way.',
    unit: 'commands',
    peers: peers('bluetooth-hci-socket.mjs', 'bluetooth-hci-socket'),
    ...inLab,
    targets: { 'bluetooth-hci-socket': 1 },
  },
];
