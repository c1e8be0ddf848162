const cases = [
  {
    name: 'udp-send-64',
    work: 'One thread sends a datagram of 64 bytes over UDP loopback; nobody reads it.',
    targets: { c: 1.12, 'node-dgram': 0.75 },
  },
  {
    name: 'udp-recv-64',
    work: 'One thread receives a datagram of 64 bytes, which waits already, and its sender.',
    targets: { c: 1.15, 'node-dgram': 0.35 },
  },
  {
    name: 'pktinfo-64',
    work: 'One thread receives a datagram of 64 bytes, which waits already, with its IP_PKTINFO, and decodes that.',
    targets: { c: 1.35, cpython: 0.8 },
  },
];

/** What the receives of the others ask for. */
const USUAL = 64;

/** The same, with receives that ask for more. */
function asking({ name, work }, asked) {
  const ours = (size) => ({ command: ['node', 'udp-single.mjs', kindOf(name), `${size}`] });
  return {
    name: `${name}-asked-${asked}`,
    work: `${work} It asks for ${asked} bytes.`,
    unit: 'datagrams',
    peers: { ours: ours(asked), [`asked-${USUAL}`]: ours(USUAL) },
    targets: { [`asked-${USUAL}`]: 1.05 },
  };
}

const kindOf = (name) => name.replace(/^udp-|-64$/g, '');

const alone = cases.map(({ name, work, targets }) => {
  const kind = kindOf(name);
  const peers = {
    ours: { command: ['node', 'udp-single.mjs', kind] },
    c: { source: 'udp-single.c', command: [kind] },
    cpython: { command: ['python3', '-B', 'udp-single.py', kind] },
  };
  if (kind !== 'pktinfo') peers['node-dgram'] = { command: ['node', 'udp-dgram.mjs', kind, '1'] };
  return { name, work, unit: 'datagrams', peers, targets };
});

const receives = cases.filter(({ name }) => kindOf(name) !== 'send');
const asked = receives.flatMap((subject) => [1024, 4096, 65536, 1048576].map((size) => asking(subject, size)));

export default [...alone, ...asked];
