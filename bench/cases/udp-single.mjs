const cases = [
  {
    name: 'udp-send-64',
    work: 'One thread sends a datagram of 64 bytes over UDP loopback; nobody reads it.',
    targets: { c: 1.12, 'node-dgram': 0.75 },
  },
  {
    name: 'udp-recv-64',
    work: 'One thread receives a datagram of 64 bytes, which waits already, and its sender.',
    targets: { c: 1.12, 'node-dgram': 0.35 },
  },
  {
    name: 'pktinfo-64',
    work: 'One thread receives a datagram of 64 bytes, which waits already, with its IP_PKTINFO, and decodes that.',
    targets: { cpython: 0.8 },
  },
];

export default cases.map(({ name, work, targets }) => {
  const kind = name.replace(/^udp-|-64$/g, '');
  const peers = {
    ours: { command: ['node', 'udp-single.mjs', kind] },
    c: { source: 'udp-single.c', command: [kind] },
    cpython: { command: ['python3', '-B', 'udp-single.py', kind] },
  };
  if (kind !== 'pktinfo') peers['node-dgram'] = { command: ['node', 'udp-dgram.mjs', kind, '1'] };
  return { name, work, unit: 'datagrams', peers, targets };
});
