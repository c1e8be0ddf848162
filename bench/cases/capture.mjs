function received(...program) {
  return { command: ['./capture.sh', 'capture-send.c', ...program] };
}

function capture(kind, how, others, targets = {}) {
  return {
    name: `capture-${kind}`,
    work: `Frames of 64 bytes flood a veth pair, and are received ${how}: processor time for each that came.`,
    unit: 'frames',
    peers: {
      ours: received(process.execPath, 'capture.mjs', kind),
      c: received('capture.c', kind),
      ...others,
    },
    targets,
  };
}

export default [
  capture('recv', 'by recv', { cpython: received('python3', '-B', 'capture.py') }),
  capture('ring', 'by the ring', {}),
  capture('ring-into', 'by the ring into a block, without an object for each', {}, { c: 3 }),
];
