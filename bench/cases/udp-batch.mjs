const cases = [
  {
    name: 'udp-batch-send-64',
    work: 'One thread sends 64 datagrams of 64 bytes in one call over UDP loopback; nobody reads them.',
    targets: { c: 1.08, 'node-dgram': 0.6 },
  },
  {
    name: 'udp-batch-recv-64',
    work: 'One thread receives 64 datagrams of 64 bytes, which wait already, with their senders, in one call.',
    targets: { c: 1.08, 'node-dgram': 0.22 },
  },
  {
    name: 'udp-gso-1200',
    work: 'One thread sends 64 datagrams of 1200 bytes over UDP loopback, as two buffers that the kernel cuts.',
    targets: { 'node-dgram': 0.2 },
  },
];

export default cases.map(({ name, work, targets }) => {
  const kind = name.split('-').at(-2);
  return {
    name,
    work,
    unit: 'times 64 datagrams',
    peers: {
      ours: { command: ['node', 'udp-batch.mjs', kind] },
      c: { source: 'udp-batch.c', command: [kind] },
      'node-dgram': { command: ['node', 'udp-dgram.mjs', kind, '64'] },
    },
    targets,
  };
});
