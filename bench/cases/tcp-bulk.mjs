const blocking = {
  name: 'tcp-bulk-blocking',
  work: 'A process sends 64 KiB over TCP loopback to another of its own kind, which receives 64 KiB at a time, blocking.',
  unit: 'times 64 KiB',
  peers: {
    ours: { command: ['node', 'tcp-bulk-blocking.mjs'] },
    c: { source: 'tcp-bulk-blocking.c' },
    cpython: { command: ['python3', '-B', 'tcp-bulk-blocking.py'] },
  },
  targets: {},
};

function bulk(name, kind, how, target) {
  return {
    name,
    work: `A process sends 64 KiB over TCP loopback to another, both on their event loops, ${how}.`,
    unit: 'times 64 KiB',
    peers: {
      ours: { command: ['node', 'tcp-bulk-async.mjs', kind] },
      'node-net': { command: ['node', 'tcp-bulk-async.mjs', 'node-net'] },
    },
    targets: { 'node-net': target },
  };
}

export default [
  blocking,
  bulk('tcp-bulk-async', 'recv', 'by sendall and recv', 1),
  bulk('tcp-bulk-async-into', 'recv-into', 'by sendall and recvInto', 0.6),
  bulk('tcp-bulk-duplex', 'duplex', 'through our Duplex', 1.05),
];
